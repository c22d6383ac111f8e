"""加算問題をどこまで解けるか：系列長と再帰層ごとの平均二乗誤差

いつも 1 と答えたときの誤差は 1/6 です。``updates`` は、テストの誤差が初めて ``solved`` を下回った
更新の回数で、最後まで下回らなければ空（None）になります。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import ADDING, adam, compete, updates_until


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = ("RNN", "GRU", "LSTM")
    lengths: tuple[int, ...] = (10, 30, 60)
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 1000
    lr: float = 1e-2
    clip: float = 1.0
    solved: float = 0.01


def units(settings: Settings) -> list[dict]:
    """測るもの：モデルと系列長の組。"""
    return [{"model": m, "length": t} for t in settings.lengths for m in settings.models]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``error`` は更新の終わりの、種ごとの誤差。"""
    curve = compete(
        ADDING,
        unit["model"],
        settings.seeds,
        adam(settings.lr),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
        clip=settings.clip,
    )
    return {
        "error": curve[-1]["score"],
        "updates": updates_until(curve, lambda error: error < settings.solved),
        "curve": curve,
    }
