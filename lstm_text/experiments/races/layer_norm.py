"""LSTM に層正規化を入れると、速く収束するか

最初の記号、加算問題、文章の次の 1 文字（``character``）を、同じ重みから始めた、ふつうの LSTM と、
層正規化を入れた LSTM で訓練します。``updates`` は、評価が初めて ``goal`` に届いた更新の回数です。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import adam, compete, updates_until
from lstm_text.experiments.races.next_character import TASKS
from lstm_text.experiments.races.normalised import with_layer_norm
from lstm_text.experiments.races.swapped import swapped, unchanged

LAYERS = {"LSTM": unchanged, "層正規化": with_layer_norm}


@dataclass(frozen=True)
class Settings:
    """記録の設定。``contests`` は、課題、系列長、更新の回数、届いたとみなす評価。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = ("LSTM", "層正規化")
    lrs: tuple[float, ...] = (3e-3, 1e-2, 3e-2)
    contests: tuple[tuple[str, int, int, float], ...] = (
        ("recall", 10, 200, 1.0),
        ("adding", 10, 300, 0.01),
        ("character", 20, 200, 3.8),
    )
    hidden_size: int = 32
    batch_size: int = 32
    clip: float = 1.0
    every: int = 2  # 届いた更新の回数を、1 割より細かく見分ける
    shown: int = 20  # 記録に残す曲線は、この回数ごと


def units(settings: Settings) -> list[dict]:
    """測るもの：課題、学習率、モデルの組。"""
    return [
        {"contest": contest, "length": length, "updates": updates, "goal": goal}
        | {"lr": lr, "model": model}
        for contest, length, updates, goal in settings.contests
        for lr in settings.lrs
        for model in settings.models
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    curve = compete(
        swapped(TASKS[unit["contest"]], LAYERS[unit["model"]]),
        "LSTM",
        settings.seeds,
        adam(unit["lr"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
        clip=settings.clip,
        every=settings.every,
    )
    larger_is_better = unit["contest"] == "recall"

    def reached(score: float) -> bool:
        return score >= unit["goal"] if larger_is_better else score <= unit["goal"]

    return {
        "score": curve[-1]["score"],
        "updates": updates_until(curve, reached),
        "curve": [row for row in curve if row["update"] % settings.shown == 0],
    }
