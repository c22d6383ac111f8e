"""勾配のクリッピングは必要か：課題・再帰層・学習率ごとに、する場合としない場合

``score`` は更新の終わりの評価（思い出す課題では精度、加算問題では平均二乗誤差）、
``grad_norm`` は訓練中の、縮める前の勾配のノルムの最大値です。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import CONTESTS, adam, compete


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(60))
    contests: tuple[str, ...] = ("recall", "adding")
    models: tuple[str, ...] = ("RNN", "LSTM")
    lrs: tuple[float, ...] = (3e-3, 1e-2, 3e-2)
    clips: tuple[float | None, ...] = (None, 1.0)
    length: int = 20
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 500


def units(settings: Settings) -> list[dict]:
    """測るもの：課題・モデル・学習率・上限の組。"""
    return [
        {"contest": contest, "model": model, "lr": lr, "clip": clip}
        for contest in settings.contests
        for model in settings.models
        for lr in settings.lrs
        for clip in settings.clips
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    curve = compete(
        CONTESTS[unit["contest"]],
        unit["model"],
        settings.seeds,
        adam(unit["lr"]),
        length=settings.length,
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
        clip=unit["clip"],
    )
    norms = zip(*(row["grad_norm"] for row in curve), strict=True)
    largest = [None if None in each else max(each) for each in norms]
    return {"score": curve[-1]["score"], "grad_norm": largest, "curve": curve}
