"""教師強制だけで訓練すると、自分の出力を読み続けるときに崩れるか

訓練で読むものだけが違う 3 つを比べます。「教師強制」は、いつも本物の値を読みます。「自分の出力」
は、初めの ``context`` 点のあと、いつも自分の出力を読みます。「予定標本化」は、自分の出力を読む
確率を、訓練のあいだに 0 から 1 まで上げます。自分の出力を読むときは、勾配もそこを通します。
``error`` は、初めの ``context`` 点だけを渡し、終わりまで自分の出力を読ませた自由走行の平均二乗誤差
です。``one_step`` は、いつも本物を読ませたときの、``zero`` は、いつも 0 と答えたときの誤差です。
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from lstm_text.cells import Cell, LSTMCell, RNNCell
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.races.many_seeds import ManySeeds, clip_gradients_, numbers
from lstm_text.tasks import damped_oscillation

CELLS = {"RNN": RNNCell, "LSTM": LSTMCell}
TEST_SEED = 10_000
WAVES = 20  # 試験に使う合成波の数


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(20))
    series: tuple[str, ...] = ("減衰振動", "合成波")
    models: tuple[str, ...] = ("RNN", "LSTM")
    readings: tuple[str, ...] = ("教師強制", "予定標本化", "自分の出力")
    points: int = 200
    context: int = 20
    continued: int = 20  # 訓練の窓で、context のあとに続く点
    hidden_size: int = 32
    batch_size: int = 16
    updates: int = 1000
    lr: float = 5e-3
    clip: float = 1.0


class Forecaster(nn.Module):
    """1 時刻ずつ次の値を当て、指示された時刻では、本物の代わりに自分の出力を読むモデル。

    Parameters
    ----------
    cell : Cell
        入力が 1 次元のもの。

    Examples
    --------
    >>> x, own = torch.ones(4, 6, 1), torch.zeros(4, 6, 1, dtype=torch.bool)
    >>> Forecaster(LSTMCell(1, 3))(x, own).shape
    torch.Size([4, 6, 1])
    """

    def __init__(self, cell: Cell):
        super().__init__()
        self.cell, self.head = cell, nn.Linear(cell.hidden_size, 1)

    def forward(self, x: Tensor, own: Tensor) -> Tensor:
        """全時刻で、次の値を当てる。

        Parameters
        ----------
        x : Tensor, (batch, time, 1)
            本物の値。
        own : Tensor of bool, (batch, time, 1)
            本物の値の代わりに、1 つ前の自分の出力を読む時刻。初めの時刻は偽であること。

        Returns
        -------
        Tensor, (batch, time, 1)
        """
        cell = self.cell
        state = tuple(x.new_zeros(len(x), cell.hidden_size) for _ in range(cell.states))
        outputs = [x[:, 0]]
        for real, ours in zip(x.unbind(1), own.unbind(1), strict=True):
            read = torch.where(ours, outputs[-1], real)
            gates_x = linear(read, cell.weight_ih, cell.bias_ih)
            state = cell.step(gates_x, state, cell.weight_hh, cell.bias_hh)
            outputs.append(self.head(state[0]))
        return torch.stack(outputs[1:], dim=1)


def waves(n: int, points: int, generator: torch.Generator) -> Tensor:
    """周期の違う 2 つの正弦波の平均。2 つの位相は、一様に選ぶ。

    Parameters
    ----------
    n, points : int
    generator : torch.Generator

    Returns
    -------
    Tensor, (n, points)

    Examples
    --------
    2 つの周期の公倍数だけずらすと、元に戻ります。

    >>> wave = waves(1, 176, torch.Generator().manual_seed(0))[0]
    >>> torch.allclose(wave[0], wave[175], atol=1e-4)
    True
    """
    time = torch.arange(points)
    phases = 2 * math.pi * torch.rand(2, n, 1, generator=generator)
    fast, slow = (torch.sin(2 * math.pi * time / period + phase)
                  for period, phase in zip((25, 35), phases, strict=True))  # fmt: skip
    return (fast + slow) / 2


def pieces(series: str, n: int, length: int, settings: Settings, g: torch.Generator) -> Tensor:
    """訓練の窓を ``n`` 個。減衰振動では、1 本の曲線の、終わりの 1 割を除いた所から選ぶ。"""
    if series == "合成波":
        return waves(n, length, g)
    curve = damped_oscillation(settings.points)[1]
    kept = len(curve) - len(curve) // 10
    starts = torch.randint(kept - length + 1, (n, 1), generator=g)
    return curve[starts + torch.arange(length)]


def long_curves(series: str, settings: Settings) -> Tensor:
    """自由走行を試す曲線。``(曲線の数, points)``。"""
    if series == "合成波":
        return waves(WAVES, settings.points, generator(TEST_SEED))
    return damped_oscillation(settings.points)[1][None]


def chance(reading: str, progress: float) -> float:
    """訓練が ``progress``（0 から 1）まで進んだとき、自分の出力を読む確率。"""
    return {"教師強制": 0.0, "予定標本化": progress, "自分の出力": 1.0}[reading]


def units(settings: Settings) -> list[dict]:
    """測るもの：曲線、モデル、訓練で読むものの組。"""
    return [
        {"series": series, "model": model, "reading": reading}
        for series in settings.series
        for model in settings.models
        for reading in settings.readings
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    together = train(unit, settings)
    curves = long_curves(unit["series"], settings)
    own = torch.zeros_like(curves[:, :-1], dtype=torch.bool)
    one_step = errors(together, curves, own, settings)
    own[:, settings.context :] = True
    return {
        "error": numbers(errors(together, curves, own, settings)),
        "one_step": numbers(one_step),
        "zero": float(f"{curves[:, settings.context :].square().mean().item():.6g}"),
    }


def train(unit: dict, settings: Settings) -> ManySeeds:
    """種だけが違うモデルを並べて訓練する。どの読み方でも、同じ種は、同じ窓を同じ順に読む。"""
    models = []
    for seed in settings.seeds:
        with seeded(seed):
            models.append(Forecaster(CELLS[unit["model"]](1, settings.hidden_size)))
    device = get_device()
    together = ManySeeds(models).to(device)
    optimizer = torch.optim.Adam(together.parameters(), settings.lr)
    windows = [generator(seed) for seed in settings.seeds]
    tosses = [generator(1000 + seed) for seed in settings.seeds]
    length = settings.context + settings.continued
    size = settings.batch_size
    for update in range(settings.updates):
        chosen = [pieces(unit["series"], size, length + 1, settings, g) for g in windows]
        curves = torch.stack(chosen).to(device)[..., None]
        p = chance(unit["reading"], update / settings.updates)
        own = torch.stack([torch.rand(size, length, 1, generator=g) < p for g in tosses])
        own[:, :, : settings.context] = False
        squares = (together(curves[:, :, :-1], own.to(device)) - curves[:, :, 1:]).square()
        optimizer.zero_grad()
        squares.flatten(1).mean(dim=1).sum().backward()
        clip_gradients_(together, settings.clip)
        optimizer.step()
    return together


@torch.no_grad()
def errors(together: ManySeeds, curves: Tensor, own: Tensor, settings: Settings) -> Tensor:
    """種ごとの、``context`` のあとの平均二乗誤差。``curves`` は ``(曲線の数, points)``。"""
    device, seeds = together.weights[0].device, len(together)
    x, own = (part.to(device)[None, ..., None].expand(seeds, -1, -1, 1)
              for part in (curves, own))  # fmt: skip
    gaps = together(x[:, :, :-1], own) - x[:, :, 1:]
    return gaps[:, :, settings.context - 1 :].square().flatten(1).mean(dim=1)
