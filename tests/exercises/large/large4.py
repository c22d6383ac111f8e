"""大きな演習 4 の解答例：系列長と、覚えるまでの更新の回数

    python -m tests.exercises.large.record large4

長い系列の実験は時間がかかるので、先に測って記録に残します。
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from torch import nn

from lstm_text.device import generator
from lstm_text.init import chrono_, forget_gate_bias_
from lstm_text.models import LastState
from tests.exercises.large.large2 import every_sequence, extended, learn, recall_model


def lstm(length: int, seed: int) -> LastState:
    """PyTorch の初期値のままの LSTM。"""
    return recall_model(nn.LSTM, 32, seed)


def gru(length: int, seed: int) -> LastState:
    """PyTorch の初期値のままの GRU。"""
    return recall_model(nn.GRU, 32, seed)


def forgetting_less(length: int, seed: int) -> LastState:
    """忘却ゲートのバイアスを 1 にした LSTM。"""
    model = recall_model(nn.LSTM, 32, seed)
    forget_gate_bias_(model, 1.0)
    return model


def chrono(length: int, seed: int) -> LastState:
    """chrono 初期化をした LSTM。"""
    model = recall_model(nn.LSTM, 32, seed)
    chrono_(model, length, generator(seed))
    return model


MODELS = {"LSTM": lstm, "GRU": gru, "LSTM（f = 1）": forgetting_less, "LSTM（chrono）": chrono}


@dataclass
class Trial:
    """1 回の訓練の結果。``updates`` は覚えるまでの更新の回数で、打ち切ったときは None。

    ``accuracy`` は、ちょうど ``fixed`` 回更新したとき（先に覚えたなら、そのとき）の精度。
    """

    model: str
    length: int
    seed: int
    lr: float
    updates: int | None
    accuracy: float


def trial(name: str, length: int, seed: int, limit: int, fixed: int, lr: float = 1e-2) -> Trial:
    """1 つのモデルを、覚えるまで、または上限まで訓練する。"""
    curve = learn(MODELS[name](length, seed), *every_sequence(length), limit, lr)
    accuracy = extended(curve.accuracies, fixed + 1)[fixed]
    return Trial(name, length, seed, lr, curve.reached, accuracy)


def select(trials: Sequence[Trial], model: str, length: int, lr: float = 1e-2) -> list[Trial]:
    """条件に合う試行。"""
    return [t for t in trials if (t.model, t.length, t.lr) == (model, length, lr)]


def median_updates(trials: Sequence[Trial], limit: int) -> tuple[float, bool]:
    """更新の回数の中央値と、それが打ち切りか。打ち切りは上限より大きいものとして並べる。"""
    middle = median(limit + 1 if t.updates is None else t.updates for t in trials)
    return min(middle, limit), middle > limit


@dataclass(frozen=True)
class Settings:
    """記録の設定。学習率 1e-3 では、短い系列と 3 つのモデルだけを測る。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    lengths: tuple[int, ...] = (10, 50, 100, 200)
    slow_lengths: tuple[int, ...] = (10, 50)
    slow_models: tuple[str, ...] = ("LSTM", "GRU", "LSTM（chrono）")
    limit: int = 2000
    fixed: int = 500


def units(settings: Settings) -> list[dict]:
    """測るもの。"""
    return [{"task": "recall"}]


def run(unit: dict, settings: Settings) -> dict:
    """すべてのモデルと系列長を、種を変えて測る。"""
    plans = [(name, length, 1e-2) for length in settings.lengths for name in MODELS] + [
        (name, length, 1e-3) for length in settings.slow_lengths for name in settings.slow_models
    ]
    trials = [
        trial(name, length, seed, settings.limit, settings.fixed, lr)
        for name, length, lr in plans
        for seed in settings.seeds
    ]
    return {"trials": [asdict(each) for each in trials]}
