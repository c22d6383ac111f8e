"""newton：小さな設定で端から端まで。歩数は系列長を超えず、ずれの倍率は手で求めた値になる。"""

import math

import pytest
import torch
from torch import nn

from lstm_text import layers
from lstm_text.experiments.speed import newton
from lstm_text.fast.tangents import dense

TINY = newton.Settings(
    seeds=(0, 1), lengths=(3, 7), limit=7, hidden_size=3, trained_length=5, updates=3,
    cost_lengths=(4,), cost_sizes=(3,), repeats=1,
)  # fmt: skip


def test_every_unit_is_either_a_count_of_steps_or_a_cost():
    units = newton.units(TINY)
    assert len(units) == 2 * 6 + 1
    assert len({str(unit) for unit in units}) == len(units)


@pytest.mark.parametrize("weights", TINY.weights)
@pytest.mark.parametrize("model", TINY.models)
def test_no_more_steps_than_the_length_for_each_seed(model, weights):
    values = newton.run({"what": "steps", "model": model, "weights": weights}, TINY)
    for name in newton.SLOPES:
        for length in TINY.lengths:
            found = values[f"{name} T={length}"]
            assert len(found) == 2 and all(1 <= steps <= length for steps in found)
    assert all(rate > 0 for rate in values["倍率"])
    assert ("精度" in values) == (weights == newton.TRAINED)


def test_not_converging_within_the_limit_is_none():
    layer = layers.GRU(newton.SYMBOLS, 3).double()
    x = torch.randn(20, 1, newton.SYMBOLS, generator=torch.Generator().manual_seed(0)).double()
    assert newton.steps_taken(layer, x, dense, 1) is None
    assert newton.steps_taken(layer, x, dense, 20) <= 20


@pytest.mark.parametrize("keep", [-1.0, 2.0])
def test_growth_is_the_share_kept_when_the_gates_ignore_the_state(keep):
    layer = layers.GRU(newton.SYMBOLS, 3)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        layer.bias_ih_l0[3:6] = keep  # h' = σ(keep) h
    rate = newton.growth(layer, torch.zeros(9, 1, newton.SYMBOLS))
    # 初めのずれの長さも 1 に直すので、倍率はちょうど σ(keep)
    assert rate == pytest.approx(1 / (1 + math.exp(-keep)), rel=1e-5)


def test_weights_are_those_named():
    for scale_name, scale in newton.SCALES.items():
        model = newton.weighted("LSTM", scale_name, 0, newton.Settings(hidden_size=64))
        spread = torch.cat([p.flatten() for p in model.recurrent.parameters()]).std().item()
        assert spread == pytest.approx(scale, rel=0.05)
    default = newton.weighted("GRU", newton.DEFAULT, 0, newton.Settings(hidden_size=64))
    assert all(p.abs().max() <= 1 / 8 for p in default.recurrent.parameters())
    remembering = newton.weighted("LSTM", newton.REMEMBERING, 0, TINY).recurrent
    assert (remembering.bias_ih_l0 + remembering.bias_hh_l0)[3:6].tolist() == [3, 3, 3]


def test_training_learns_the_task():
    model = newton.weighted("LSTM", newton.TRAINED, 0, newton.Settings(trained_length=3))
    x, y = newton.first_symbol(50, 3, torch.Generator().manual_seed(1))
    assert newton.accuracy(model(x), y) > 0.9


def test_everyone_is_timed():
    values = newton.run({"what": "cost", "hidden": 3, "length": 4}, TINY)
    assert list(values) == [f"{name} CPU ms" for name in ("nn.LSTM", *newton.CONTENDERS)]
    assert all(value > 0 for value in values.values())
