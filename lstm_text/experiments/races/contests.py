"""実験で使う課題。再帰層の後に何を付け、何を損失とし、どう評価するかまで決めます。"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from lstm_text.device import generator, get_device
from lstm_text.experiments.races.contenders import build
from lstm_text.experiments.races.contest_data import (
    SYMBOLS,
    Pair,
    every_symbol,
    one_hot_tags,
    oscillation_windows,
    some_windows,
)
from lstm_text.experiments.races.many_seeds import ManySeeds, Measure, fit_together
from lstm_text.layers import RecurrentLayer
from lstm_text.models import EveryStep, LastState
from lstm_text.tasks import adding, first_symbol
from lstm_text.training import accuracy, tag_loss

TEST_SEED = 10_000  # 訓練データの種と重ならないもの
TEST_SIZE = 200


@dataclass(frozen=True)
class Contest:
    """1 つの課題。

    Parameters
    ----------
    input_size : int
    head : callable
        再帰層からモデルを作る関数。
    draw : callable
        ``(n, 系列長, 生成器)`` から、訓練に使う ``(入力, 目標)`` を作る関数。
    test : callable
        系列長から、評価に使う ``(入力, 目標)`` を作る関数。
    loss, score : callable
        ``(予測, 目標)`` から、損失と評価の数値を返す関数。

    Examples
    --------
    >>> RECALL.draw(4, 7, generator(0))[0].shape
    torch.Size([4, 7, 10])
    """

    input_size: int
    head: Callable[[RecurrentLayer], nn.Module]
    draw: Callable[[int, int, torch.Generator], Pair]
    test: Callable[[int], Pair]
    loss: Measure
    score: Measure


RECALL = Contest(
    SYMBOLS, lambda layer: LastState(layer, SYMBOLS), first_symbol, every_symbol,
    cross_entropy, accuracy,
)  # fmt: skip
"""最初の記号を最後に答える。評価は精度（10 通りの系列すべてで）。"""

ADDING = Contest(
    2, lambda layer: LastState(layer, 1), adding,
    lambda length: adding(TEST_SIZE, length, generator(TEST_SEED)),
    mse_loss, mse_loss,
)  # fmt: skip
"""加算問題。評価は平均二乗誤差。"""

TAGGING = Contest(
    SYMBOLS, lambda layer: EveryStep(layer, 2), one_hot_tags,
    lambda length: one_hot_tags(TEST_SIZE, length, generator(TEST_SEED)),
    tag_loss, accuracy,
)  # fmt: skip
"""次の記号が大きいかどうかのタグ付け。評価は精度（過去だけを見るなら 0.75 が上限）。"""

OSCILLATION = Contest(
    1, lambda layer: EveryStep(layer, 1), some_windows, oscillation_windows, mse_loss, mse_loss
)
"""減衰振動の 1 時刻先を、窓の全時刻で当てる。評価は訓練した窓の平均二乗誤差。"""

CONTESTS = {"recall": RECALL, "adding": ADDING, "tagging": TAGGING, "oscillation": OSCILLATION}


def compete(
    contest: Contest,
    model: str,
    seeds: Sequence[int],
    optimizer: Callable[..., torch.optim.Optimizer],
    *,
    length: int,
    hidden_size: int,
    batch_size: int,
    updates: int,
    clip: float | None = None,
    every: int = 100,
    num_layers: int = 1,
) -> list[dict]:
    """1 つの再帰層を、1 つの課題で、すべての種について訓練する。

    Parameters
    ----------
    contest : Contest
    model : str
        :data:`~lstm_text.experiments.races.contenders.CONTENDERS` にある名前。
    seeds : sequence of int
        初期値と訓練データの種。
    optimizer : callable
        重みから最適化を作る関数。
    length, hidden_size, batch_size, updates, every, num_layers : int
    clip : float, optional
        種ごとの勾配のノルムの上限。

    Returns
    -------
    list of dict
        :func:`~lstm_text.experiments.races.many_seeds.fit_together` の返すもの。

    Examples
    --------
    >>> def sgd(weights):
    ...     return torch.optim.SGD(weights, lr=0.1)
    >>> rows = compete(ADDING, "GRU", [0, 1], sgd, length=4, hidden_size=2, batch_size=4, updates=2)
    >>> len(rows), len(rows[0]["score"])
    (1, 2)
    """
    models = [
        build(contest.head, model, contest.input_size, hidden_size, length, seed, num_layers)
        for seed in seeds
    ]
    together = ManySeeds(models).to(get_device())
    return fit_together(
        together,
        seeds,
        lambda g: contest.draw(batch_size, length, g),
        contest.loss,
        optimizer(together.parameters()),
        updates=updates,
        clip=float("inf") if clip is None else clip,
        every=every,
        test=contest.test(length),
        score=contest.score,
    )


def adam(lr: float) -> Callable[..., torch.optim.Optimizer]:
    """学習率を決めた Adam を作る関数を返す。

    Parameters
    ----------
    lr : float

    Returns
    -------
    callable

    Examples
    --------
    >>> adam(1e-3)([nn.Parameter(torch.zeros(1))]).defaults["lr"]
    0.001
    """
    return lambda weights: torch.optim.Adam(weights, lr)


def sgd(lr: float) -> Callable[..., torch.optim.Optimizer]:
    """学習率を決めた SGD を作る関数を返す。

    Parameters
    ----------
    lr : float

    Returns
    -------
    callable

    Examples
    --------
    >>> sgd(1e-2)([nn.Parameter(torch.zeros(1))]).defaults["lr"]
    0.01
    """
    return lambda weights: torch.optim.SGD(weights, lr)


def updates_until(rows: list[dict], reached: Callable[[float], bool]) -> list[int | None]:
    """種ごとに、評価が初めて ``reached`` を満たした更新の回数を返す。

    Parameters
    ----------
    rows : list of dict
        :func:`compete` の返すもの。
    reached : callable
        評価の数値を受け取り、届いていれば真を返す関数。

    Returns
    -------
    list of int or None
        None は、最後まで届かなかった種。

    Examples
    --------
    >>> rows = [{"update": 100, "score": [0.5, 0.9]}, {"update": 200, "score": [0.6, 1.0]}]
    >>> updates_until(rows, lambda score: score > 0.8)
    [None, 100]
    """

    def first(seed: int) -> int | None:
        scores = ((row["update"], row["score"][seed]) for row in rows)
        return next((u for u, s in scores if s is not None and reached(s)), None)

    return [first(seed) for seed in range(len(rows[0]["score"]))]
