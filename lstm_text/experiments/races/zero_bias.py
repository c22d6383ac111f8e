"""忘却ゲートのバイアスをちょうど 0 にして始めた LSTM は、最初の記号を思い出せるか

``recall`` の「LSTM」は PyTorch の初期値のままで、忘却ゲートのバイアスの和は 0 のまわりの小さな
乱数です。ここでは、その和をちょうど 0 にします。ほかの設定は ``recall`` と同じです。
"""

from dataclasses import dataclass, replace

from torch import nn

from lstm_text.experiments.races.contests import RECALL, adam, compete
from lstm_text.init import forget_gate_bias_
from lstm_text.layers import RecurrentLayer


def _from_zero(layer: RecurrentLayer) -> nn.Module:
    forget_gate_bias_(layer, 0.0)
    return RECALL.head(layer)


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    lengths: tuple[int, ...] = (5, 10, 20, 50, 100)
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 1000
    lr: float = 3e-3


def units(settings: Settings) -> list[dict]:
    """測るもの：系列長。"""
    return [{"length": length} for length in settings.lengths]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの系列長を、すべての種で訓練する。``accuracy`` は更新の終わりの、種ごとの精度。"""
    curve = compete(
        replace(RECALL, head=_from_zero),
        "LSTM",
        settings.seeds,
        adam(settings.lr),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
    )
    return {"accuracy": curve[-1]["score"], "curve": curve}
