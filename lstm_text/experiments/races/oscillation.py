"""減衰振動の予測で、RNN・LSTM・GRU に差があるか

「時系列と生成」の章と同じ窓（幅 20）とバッチで、1 時刻先を窓の全時刻で当てます。
誤差は訓練した窓の平均二乗誤差、``persistence`` は「次も今と同じ」と答えたときの誤差です。
"""

from dataclasses import dataclass

from torch.nn.functional import mse_loss

from lstm_text.experiments.races.contest_data import oscillation_windows
from lstm_text.experiments.races.contests import OSCILLATION, adam, compete, sgd


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = ("RNN", "GRU", "LSTM")
    width: int = 20
    hidden_size: int = 40
    batch_size: int = 10
    updates: int = 3000
    sgd_lr: float = 1e-2
    adam_lr: float = 3e-3


def units(settings: Settings) -> list[dict]:
    """測るもの：モデルと最適化の組。"""
    return [{"model": m, "optimizer": o} for o in ("SGD", "Adam") for m in settings.models]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``error`` は更新の終わりの、種ごとの誤差。"""
    optimizers = {"SGD": sgd(settings.sgd_lr), "Adam": adam(settings.adam_lr)}
    curve = compete(
        OSCILLATION,
        unit["model"],
        settings.seeds,
        optimizers[unit["optimizer"]],
        length=settings.width,
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
        every=200,
    )
    persistence = mse_loss(*oscillation_windows(settings.width)).item()
    return {"error": curve[-1]["score"], "persistence": persistence, "curve": curve}
