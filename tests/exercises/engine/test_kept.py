"""誤答の結果の控え: 中身の同じ呼び出しだけを、1 度で済ませる。"""

import random

import numpy as np
import pytest
import torch
from torch import nn

from tests.exercises import find
from tests.exercises.engine.kept import Kept, mark


def call():
    torch.manual_seed(0)
    layer = nn.LSTM(2, 3)
    layer.bias_hh_l0.data = layer.bias_ih_l0.data.clone()
    return torch.arange(6.0).reshape(2, 3), [layer, np.random.default_rng(1)], np.ones(2), 0.5


def draw(args):
    args[1][1].random()


def change_a_weight(args):
    args[1][0].bias_ih_l0.data[3] += 1e-7


def leave_a_gradient(args):
    args[1][0].bias_ih_l0.grad = torch.zeros(12)


CHANGES = [
    draw,
    change_a_weight,
    leave_a_gradient,
    lambda args: args[0].mul_(-1),  # 0 の符号も違う
    lambda args: args[0].requires_grad_(),
    lambda args: args[0].t_(),
    lambda args: args[1].append(None),
    lambda args: setattr(args[1][0], "bias_hh_l0", args[1][0].bias_ih_l0),
    lambda args: args[1][0].eval(),
    lambda args: args[1][0].weight_hh_l0.requires_grad_(False),
    lambda args: args[2].put(1, 2),
    lambda args: np.random.rand(),
    lambda args: random.random(),
]


@pytest.fixture(autouse=True)
def _seeded():
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    yield
    torch.set_rng_state(states[0])
    np.random.set_state(states[1])
    random.setstate(states[2])


@pytest.mark.parametrize("change", CHANGES)
def test_the_mark_changes_with_the_content(change):
    args = call()
    before = mark(args)
    assert before == mark(call()) is not None
    change(args)
    assert mark(args) not in (None, before)


@pytest.mark.parametrize(("argument", "runs"), [(2.0, 1), (lambda: None, 2)])
def test_an_equal_call_is_run_once(argument, runs):
    seen, kept = [], Kept()

    def wrong(x):
        seen.append(x)
        return 3.0

    for _ in range(2):
        result = kept(find("1.1"), wrong, (argument,))
        assert result[1] == ["小数", 3.0]
    assert len(seen) == runs
    kept(find("1.1"), wrong, (7.0,))
    assert len(seen) == runs + 1
