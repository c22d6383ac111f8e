"""大きな演習 2 の解答例：GRU と LSTM の収束を比べる

    python -m tests.exercises.large.record large2

加算問題での比較は、先に測って記録に残します。
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor, nn

from lstm_text import tasks
from lstm_text.device import generator, get_device, seeded
from lstm_text.models import LastState, count_parameters
from lstm_text.training import accuracy


def every_sequence(length: int, symbols: int = 10) -> tuple[Tensor, Tensor]:
    """最初の記号を答える課題の、あらゆる系列 ``(symbols, length, symbols)`` と正解。"""
    x = torch.zeros(symbols, length, symbols)
    y = torch.arange(symbols)
    x[y, 0, y] = 1
    return x, y


def recall_model(layer: type[nn.RNNBase], hidden_size: int, seed: int) -> LastState:
    """最初の記号を答えるモデル。"""
    with seeded(seed):
        return LastState(layer(10, hidden_size, batch_first=True), 10).to(get_device())


@dataclass
class Curve:
    """更新ごとの損失と精度。``reached`` は初めて全問正解した更新の回数で、届かなければ None。"""

    losses: list[float]
    accuracies: list[float]
    reached: int | None


def learn(model: nn.Module, x: Tensor, y: Tensor, limit: int, lr: float = 1e-2) -> Curve:
    """全問正解するまで、または ``limit`` 回まで、同じバッチで更新する。"""
    x, y = x.to(get_device()), y.to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    curve = Curve([], [], None)
    for update in range(limit + 1):
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        curve.losses.append(loss.item())
        curve.accuracies.append(accuracy(logits.detach(), y).item())
        if curve.accuracies[-1] == 1:
            curve.reached = update
            break
        if update < limit:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return curve


def equal_hidden_size(target: int, layer: type[nn.RNNBase], features: int, out: int) -> int:
    """パラメータの数が ``target`` にいちばん近くなる隠れ状態の次元。"""

    def difference(hidden_size: int) -> int:
        return abs(
            count_parameters(LastState(layer(features, hidden_size, batch_first=True), out))
            - target
        )

    return min(range(1, 129), key=difference)


def extended(values: Sequence[float], length: int) -> list[float]:
    """途中で止めた曲線を、最後の値のまま伸ばす。"""
    return [*values, *[values[-1]] * (length - len(values))]


def median_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """長さの違う曲線の、更新ごとの中央値。"""
    length = max(map(len, curves))
    return [median(values) for values in zip(*(extended(c, length) for c in curves), strict=True)]


def censored(values: Sequence[int | None], limit: int) -> str:
    """更新の回数の中央値と範囲。届かなかったもの（None）は数えて書き、平均には混ぜない。"""
    big = limit + 1

    def show(value: float) -> str:
        return f"{limit:,} 超" if value > limit else f"{value:,.0f}"

    ranks = sorted(big if value is None else value for value in values)
    reached = sum(value is not None for value in values)
    return (
        f"{show(median(ranks))}［{show(ranks[0])}、{show(ranks[-1])}］"
        f"{reached}/{len(values)} が到達"
    )


def seconds_per_100(
    makers: dict[str, Callable[[], nn.Module]], x: Tensor, y: Tensor, updates: int, repeats: int
) -> dict[str, float]:
    """更新 100 回あたりの秒数。モデルを交互に測り、中央値をとる。最初の 1 回は捨てる。"""
    times: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(repeats + 1):
        for name, make in makers.items():
            model = make()
            optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
            start = time.perf_counter()
            for _ in range(updates):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x), y).backward()
                optimizer.step()
            times[name].append(100 * (time.perf_counter() - start) / updates)
    return {name: median(values[1:]) for name, values in times.items()}


def learn_adding(
    layer: type[nn.RNNBase], hidden_size: int, length: int, seed: int, limit: int
) -> int | None:
    """加算問題の検証の損失が 0.01 を下回るまでの更新の回数。50 回ごとに調べる。"""
    data = generator(seed)
    check_x, check_y = (tensor.to(get_device()) for tensor in tasks.adding(500, length, data))
    with seeded(seed):
        model = LastState(layer(2, hidden_size, batch_first=True), 1).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for update in range(1, limit + 1):
        x, y = (tensor.to(get_device()) for tensor in tasks.adding(50, length, data))
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if update % 50 == 0:
            with torch.no_grad():
                if nn.functional.mse_loss(model(check_x), check_y) < 0.01:
                    return update
    return None


@dataclass(frozen=True)
class Settings:
    """加算問題での比較の設定。"""

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    length: int = 50
    hidden_size: int = 32
    limit: int = 2000


def units(settings: Settings) -> list[dict]:
    """測るもの。"""
    return [{"task": "adding"}]


def run(unit: dict, settings: Settings) -> dict:
    """加算問題で LSTM と GRU を比べる。次元が同じ GRU と、パラメータの数が同じ GRU の 2 つ。"""
    target = count_parameters(LastState(nn.LSTM(2, settings.hidden_size), 1))
    models = {
        "LSTM": (nn.LSTM, settings.hidden_size),
        "GRU（次元が同じ）": (nn.GRU, settings.hidden_size),
        "GRU（数が同じ）": (nn.GRU, equal_hidden_size(target, nn.GRU, 2, 1)),
    }
    return {
        name: {
            "hidden_size": hidden_size,
            "updates": [
                learn_adding(layer, hidden_size, settings.length, seed, settings.limit)
                for seed in settings.seeds
            ],
        }
        for name, (layer, hidden_size) in models.items()
    }
