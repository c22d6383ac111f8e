"""長い系列を区切り、状態を渡しながら訓練すると何が変わるか

区切りの境目で、状態の値は渡しますが、勾配は切ります（stateful な訓練）。``recall`` は最初の記号を
最後に答える課題の精度、``adding`` は加算問題の平均二乗誤差です。
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.races.contest_data import every_symbol
from lstm_text.init import forget_gate_bias_
from lstm_text.tasks import adding, first_symbol
from lstm_text.training import accuracy


@dataclass(frozen=True)
class Settings:
    """記録の設定。忘却ゲートのバイアスは、区切らなければどの種も解ける値にしてある。"""

    seeds: tuple[int, ...] = tuple(range(20))
    length: int = 20
    pieces: tuple[int, ...] = (20, 5)  # 1 区切りの長さ
    hidden_size: int = 32
    recall_bias: float = 3.0
    recall_updates: int = 500
    recall_lr: float = 2e-3
    adding_bias: float = 1.0
    adding_updates: int = 600
    adding_lr: float = 1e-2


def forward_in_pieces(lstm: nn.LSTM, x: Tensor, piece: int) -> Tensor:
    """系列を長さ ``piece`` に区切り、状態を渡しながら読む。勾配は区切りで切る。

    Parameters
    ----------
    lstm : nn.LSTM
        ``batch_first=True`` のもの。
    x : Tensor, (batch, time, input)
    piece : int
        1 区切りの長さ。

    Returns
    -------
    Tensor, (batch, hidden)
        最後の時刻の隠れ状態。

    Examples
    --------
    >>> lstm, x = nn.LSTM(2, 3, batch_first=True), torch.ones(1, 6, 2)
    >>> torch.allclose(forward_in_pieces(lstm, x, 2), lstm(x)[0][:, -1])
    True
    """
    state = None
    for part in x.split(piece, dim=1):
        output, (h, c) = lstm(part, state)
        state = h.detach(), c.detach()
    return output[:, -1]


class CarriedState(nn.Module):
    """系列を区切って読み、最後の隠れ状態から答えるモデル。

    Parameters
    ----------
    lstm : nn.LSTM
    out_features : int
    piece : int
        1 区切りの長さ。

    Examples
    --------
    >>> CarriedState(nn.LSTM(2, 3, batch_first=True), 1, piece=2)(torch.ones(4, 6, 2)).shape
    torch.Size([4, 1])
    """

    def __init__(self, lstm: nn.LSTM, out_features: int, piece: int):
        super().__init__()
        self.lstm, self.piece = lstm, piece
        self.head = nn.Linear(lstm.hidden_size, out_features)

    def forward(self, x: Tensor) -> Tensor:
        """``(batch, time, input)`` から ``(batch, out_features)`` を計算する。"""
        return self.head(forward_in_pieces(self.lstm, x, self.piece))


def build(settings: Settings, inputs: int, outputs: int, bias: float, piece: int, seed: int):
    """種と忘却ゲートのバイアスで決まる :class:`CarriedState` を作る。"""
    with seeded(seed):
        lstm = nn.LSTM(inputs, settings.hidden_size, batch_first=True)
        model = CarriedState(lstm, outputs, piece)
    forget_gate_bias_(lstm, bias)
    return model.to(get_device())


def recall(settings: Settings, piece: int, seed: int) -> float:
    """最初の記号の課題を区切って訓練したあとの、10 通りの入力すべてでの精度。"""
    model, data = build(settings, 10, 10, settings.recall_bias, piece, seed), generator(seed)
    optimizer = torch.optim.Adam(model.parameters(), settings.recall_lr)
    device = get_device()
    for _ in range(settings.recall_updates):
        x, y = (a.to(device) for a in first_symbol(32, settings.length, data))
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()
        optimizer.step()
    x, y = (a.to(device) for a in every_symbol(settings.length))
    with torch.no_grad():
        return accuracy(model(x), y).item()


def add(settings: Settings, piece: int, seed: int) -> float:
    """加算問題を区切って訓練したあとの、新しい 2,000 本での平均二乗誤差。"""
    model, data = build(settings, 2, 1, settings.adding_bias, piece, seed), generator(seed)
    optimizer = torch.optim.Adam(model.parameters(), settings.adding_lr)
    device = get_device()
    for _ in range(settings.adding_updates):
        x, y = (a.to(device) for a in adding(64, settings.length, data))
        optimizer.zero_grad()
        mse_loss(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    x, y = (a.to(device) for a in adding(2000, settings.length, generator(10_000)))
    with torch.no_grad():
        return mse_loss(model(x), y).item()


def units(settings: Settings) -> list[dict]:
    """測るもの：課題と、1 区切りの長さの組。"""
    return [{"task": t, "piece": p} for t in ("recall", "adding") for p in settings.pieces]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、種ごとに訓練する。``score`` は種ごとの、精度か平均二乗誤差。"""
    measure = {"recall": recall, "adding": add}[unit["task"]]
    scores = [measure(settings, unit["piece"], seed) for seed in settings.seeds]
    return {"score": [float(f"{score:.6g}") for score in scores]}
