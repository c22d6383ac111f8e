"""最初の記号を思い出せるか：系列長と再帰層ごとの成功率

第 1 時刻の記号を、T 時刻の後に答えます。入力は 10 通りしかないので、テストはその 10 通りです。
訓練のデータは更新のたびに作ります。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import RECALL, adam, compete


@dataclass(frozen=True)
class Settings:
    """記録の設定。``short_*`` は、よく見る設定（更新 100 回）を繰り返すもの。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = (
        "RNN", "直交 RNN", "GRU", "LSTM", "LSTM（b=1）", "LSTM（chrono）", "LSTM（b=3）"
    )  # fmt: skip
    lengths: tuple[int, ...] = (5, 10, 20, 50, 100)
    two_way_length: int = 20
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 1000
    lr: float = 3e-3
    short_models: tuple[str, ...] = ("RNN", "GRU", "LSTM", "双方向 LSTM")
    short_length: int = 50
    short_updates: int = 100
    short_lr: float = 1e-3


def units(settings: Settings) -> list[dict]:
    """測るもの：モデル・系列長・更新の回数・学習率の組。"""
    short = {"updates": settings.short_updates, "lr": settings.short_lr}
    long = {"updates": settings.updates, "lr": settings.lr}
    return [
        *({"model": m, "length": settings.short_length} | short for m in settings.short_models),
        *({"model": m, "length": t} | long for t in settings.lengths for m in settings.models),
        {"model": "双方向 LSTM", "length": settings.two_way_length} | long,
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``accuracy`` は更新の終わりの、種ごとの精度。"""
    curve = compete(
        RECALL,
        unit["model"],
        settings.seeds,
        adam(unit["lr"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
    )
    return {"accuracy": curve[-1]["score"], "curve": curve}
