"""再帰の重みを直交行列や単位行列で始めると、RNN は長い依存を学べるか

最初の記号（``score`` は精度）と加算問題（``score`` は平均二乗誤差）を、再帰の重みの始め方だけを
変えて訓練します。「ReLU」は、tanh を ReLU に替え、バイアスを 0 で始めた RNN です。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import CONTESTS, adam, compete
from lstm_text.experiments.races.swapped import (
    from_identity,
    irnn,
    swapped,
    unchanged,
    with_relu,
)

STARTS = {
    "RNN": ("RNN", unchanged),
    "直交 RNN": ("直交 RNN", unchanged),
    "単位行列 RNN": ("RNN", from_identity),
    "ReLU": ("RNN", with_relu),
    "単位行列 ReLU": ("RNN", irnn),
}
"""もとになる層の名前と、その取り替え方。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。``contests`` は、課題、系列長、学習率、更新の回数。"""

    seeds: tuple[int, ...] = tuple(range(20))
    models: tuple[str, ...] = tuple(STARTS)
    contests: tuple[tuple[str, int, float, int], ...] = (
        ("recall", 20, 3e-3, 500), ("recall", 50, 3e-3, 500),
        ("adding", 10, 1e-2, 500), ("adding", 20, 1e-2, 300),
    )  # fmt: skip
    hidden_size: int = 32
    batch_size: int = 32
    clip: float = 1.0


def units(settings: Settings) -> list[dict]:
    """測るもの：課題と始め方の組。"""
    return [
        {"contest": contest, "length": length, "lr": lr, "updates": updates, "model": model}
        for contest, length, lr, updates in settings.contests
        for model in settings.models
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    layer, change = STARTS[unit["model"]]
    curve = compete(
        swapped(CONTESTS[unit["contest"]], change),
        layer,
        settings.seeds,
        adam(unit["lr"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
        clip=settings.clip,
    )
    return {"score": curve[-1]["score"], "curve": curve}
