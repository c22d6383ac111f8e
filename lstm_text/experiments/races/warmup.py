"""学習率のウォームアップは必要か：課題、学習率ごとに、する場合としない場合

ウォームアップは、初めの ``warmup`` 回の更新で、学習率を 0 から直線で上げます。``score`` は更新の
終わりの評価（最初の記号では精度、加算問題では平均二乗誤差、次の 1 文字では交差エントロピー）です。
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.optim.lr_scheduler import LambdaLR

from lstm_text.experiments.races.contests import compete
from lstm_text.experiments.races.next_character import TASKS


@dataclass(frozen=True)
class Settings:
    """記録の設定。``contests`` は、課題、モデル、系列長、更新の回数。"""

    seeds: tuple[int, ...] = tuple(range(20))
    contests: tuple[tuple[str, str, int, int], ...] = (
        ("recall", "LSTM（b=3）", 20, 300),
        ("adding", "LSTM", 10, 300),
        ("character", "LSTM", 20, 150),
    )
    lrs: tuple[float, ...] = (1e-2, 3e-2, 1e-1)
    warmups: tuple[int, ...] = (0, 100)
    hidden_size: int = 32
    batch_size: int = 32


def warmed_adam(lr: float, warmup: int) -> Callable[..., torch.optim.Optimizer]:
    """学習率を、初めの ``warmup`` 回の更新で 0 から ``lr`` まで直線で上げる Adam を作る関数を返す。

    Parameters
    ----------
    lr : float
    warmup : int
        0 なら、初めから ``lr``。

    Returns
    -------
    callable

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.zeros(1))
    >>> optimizer, rates = warmed_adam(0.1, 4)([weight]), []
    >>> for _ in range(5):
    ...     rates.append(round(optimizer.param_groups[0]["lr"], 3))
    ...     weight.sum().backward()
    ...     optimizer.step()
    >>> rates
    [0.025, 0.05, 0.075, 0.1, 0.1]
    """

    def make(weights) -> torch.optim.Optimizer:
        optimizer = torch.optim.Adam(weights, lr)
        rates = LambdaLR(optimizer, lambda done: min(1.0, (done + 1) / max(warmup, 1)))
        optimizer.register_step_post_hook(lambda *_: rates.step())
        return optimizer

    return make


def units(settings: Settings) -> list[dict]:
    """測るもの：課題、学習率、ウォームアップの組。"""
    return [
        {"contest": contest, "model": model, "length": length, "updates": updates}
        | {"lr": lr, "warmup": warmup}
        for contest, model, length, updates in settings.contests
        for lr in settings.lrs
        for warmup in settings.warmups
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    curve = compete(
        TASKS[unit["contest"]],
        unit["model"],
        settings.seeds,
        warmed_adam(unit["lr"], unit["warmup"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
    )
    return {"score": curve[-1]["score"], "curve": curve}
