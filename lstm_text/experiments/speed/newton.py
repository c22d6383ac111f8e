"""LSTM と GRU をニュートン法で解くと、何歩で済み、どれだけの時間がかかるか

歩数（``steps``）は、見当を 0 から始めて、方程式の左右の差が float64 の丸めの誤差ほどになるまでの、
種ごとの歩数です。``limit`` 歩で収束しなければ None にします。「全部」はヤコビ行列をそのまま、
「ユニットごと」はユニットどうしの結びつきを省いて使います。「倍率」は、状態のわずかなずれが
1 時刻に何倍になるかの、幾何平均です。入力は標準正規乱数で、訓練した重みでだけ、訓練した課題の
入力です。

時間（``cost``）は、順伝播と逆伝播の 1 回ぶんに CPU が使った時間で、float32、PyTorch の初期値です。
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from lstm_text import layers
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.sequences.scan_learning import build
from lstm_text.experiments.speed.speed import interleaved
from lstm_text.fast import newton
from lstm_text.fast.tangents import Steps, dense, per_unit
from lstm_text.layers import RecurrentLayer
from lstm_text.models import LastState
from lstm_text.tasks import first_symbol
from lstm_text.training import accuracy

SLOPES = {"全部": dense, "ユニットごと": per_unit}
DEFAULT, REMEMBERING, TRAINED = "PyTorch の初期値", "忘却のバイアス 3", "訓練した重み"
SCALES = {"N(0, 0.5²)": 0.5, "N(0, 1)": 1.0, "N(0, 2²)": 2.0}
SYMBOLS = 10
TEST_SEED = 10_000


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = ("LSTM", "GRU")
    weights: tuple[str, ...] = (DEFAULT, REMEMBERING, TRAINED, *SCALES)
    lengths: tuple[int, ...] = (10, 100, 1000)
    limit: int = 100
    hidden_size: int = 16
    trained_length: int = 50
    updates: int = 300
    batch_size: int = 16
    lr: float = 1e-2
    clip: float = 1.0
    cost_lengths: tuple[int, ...] = (100, 1000)
    cost_sizes: tuple[int, ...] = (16, 64)
    repeats: int = 2


def units(settings: Settings) -> list[dict]:
    """測るもの：歩数は再帰層と重みの組、時間は系列長と隠れ状態の次元の組。"""
    steps = [
        {"what": "steps", "model": model, "weights": weights}
        for model in settings.models
        for weights in settings.weights
    ]
    cost = [
        {"what": "cost", "hidden": hidden, "length": length}
        for hidden in settings.cost_sizes
        for length in settings.cost_lengths
    ]
    return steps + cost


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を測る。"""
    get_device("cpu")
    return MEASURES[unit["what"]](unit, settings)


def count_steps(unit: dict, settings: Settings) -> dict:
    """歩数と、ずれの倍率を、種ごとに。訓練した重みでは、精度も。"""
    trained = unit["weights"] == TRAINED
    values = {f"{name} T={t}": [] for name in SLOPES for t in settings.lengths}
    values |= {"倍率": []} | ({"精度": []} if trained else {})
    for seed in settings.seeds:
        model = weighted(unit["model"], unit["weights"], seed, settings)
        if trained:
            x, y = first_symbol(300, settings.trained_length, generator(TEST_SEED))
            with torch.no_grad():
                values["精度"].append(accuracy(model(x), y).item())
        layer, source = model.recurrent.double(), generator(TEST_SEED + seed)
        for length in settings.lengths:
            x = (
                first_symbol(1, length, source)[0].double()
                if trained
                else torch.randn(1, length, SYMBOLS, generator=source, dtype=torch.float64)
            ).transpose(0, 1)
            for name, slopes in SLOPES.items():
                taken = steps_taken(layer, x, slopes, settings.limit)
                values[f"{name} T={length}"].append(taken)
        values["倍率"].append(round(growth(layer, x), 4))
    return values


def weighted(name: str, weights: str, seed: int, settings: Settings) -> LastState:
    """その重みの再帰層に、線形の出力層を付けたもの。"""
    model = build(name, SYMBOLS, settings.hidden_size, 1, SYMBOLS, seed)
    if weights == TRAINED:
        train(model, seed, settings)
    elif weights in SCALES:
        source = generator(seed)
        for parameter in model.recurrent.parameters():
            nn.init.normal_(parameter, 0, SCALES[weights], generator=source)
    elif weights == DEFAULT:
        with seeded(seed):
            model.recurrent = LAYERS[name](SYMBOLS, settings.hidden_size, batch_first=True)
    return model


def train(model: LastState, seed: int, settings: Settings) -> None:
    """最初の記号の課題で訓練する。"""
    source = generator(seed)
    optimizer = torch.optim.Adam(model.parameters(), settings.lr)
    for _ in range(settings.updates):
        x, y = first_symbol(settings.batch_size, settings.trained_length, source)
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()


def weights_of(layer: RecurrentLayer, x: Tensor) -> tuple:
    """:func:`lstm_text.fast.newton.run` に渡す、セル、入力、0 の初期状態、重み。"""
    zeros = x.new_zeros(x.shape[1], layer.hidden_size)
    return layer.cell, x, (zeros,) * layer.cell.states, layer.weights(0, "")


@torch.no_grad()
def steps_taken(layer: RecurrentLayer, x: Tensor, slopes: newton.Slopes, limit: int) -> int | None:
    """収束までの歩数。``limit`` 歩で収束しなければ None。"""
    try:
        return newton.run(*weights_of(layer, x), slopes, limit)[1]
    except RuntimeError:
        return None


@torch.no_grad()
def growth(layer: RecurrentLayer, x: Tensor) -> float:
    """状態のわずかなずれが、1 時刻に何倍になるか（幾何平均）。"""
    cell, x, state, (w_ih, w_hh, b_ih, b_hh) = weights_of(layer, x)
    gates_x, previous = linear(x, w_ih, b_ih), []
    for gates in gates_x:
        previous.append(torch.stack(state, dim=-1))
        state = cell.step(gates, state, w_hh, b_hh)
    matrices = dense(Steps(cell, gates_x, w_hh, b_hh), torch.stack(previous))[:, 0, 0]
    shift, logs = torch.ones_like(matrices[0, 0]), 0.0
    for matrix in matrices:
        shift = matrix @ shift / shift.norm()
        logs += shift.norm().log().item()
    return math.exp(logs / len(matrices))


def measure_cost(unit: dict, settings: Settings) -> dict:
    """順伝播と逆伝播の 1 回ぶんに CPU が使った時間。"""
    hidden, seed = unit["hidden"], settings.seeds[0]
    with seeded(seed):
        theirs = nn.LSTM(SYMBOLS, hidden, batch_first=True)
    contenders = {"nn.LSTM": theirs}
    for name, layer in CONTENDERS.items():
        contenders[name] = layer(SYMBOLS, hidden, batch_first=True)
        contenders[name].load_state_dict(theirs.state_dict())
    x = torch.randn(1, unit["length"], SYMBOLS, generator=generator(seed))
    times = interleaved(contenders, x, settings.repeats)
    return {f"{name} CPU ms": round(min(each), 3) for name, each in times.items()}


MEASURES = {"steps": count_steps, "cost": measure_cost}
LAYERS = {"LSTM": layers.LSTM, "GRU": layers.GRU}
CONTENDERS = {
    "1 時刻ずつ": layers.LSTM,
    "ニュートン法（全部）": newton.LSTM,
    "ニュートン法（ユニットごと）": newton.QuasiLSTM,
}
