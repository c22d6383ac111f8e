"""tied_gates：縛った LSTM の計算と、始まりの値。"""

from dataclasses import replace

import pytest
import torch
from torch import nn

from lstm_text import layers
from lstm_text.device import generator
from lstm_text.experiments import find
from lstm_text.experiments.races import tied_gates
from lstm_text.experiments.races.swapped import share_weights

TINY = replace(
    tied_gates.Settings(), seeds=(0, 1), length=3, hidden_size=4, batch_size=4, updates=4, every=2
)


def test_tied_gates_are_those_of_an_lstm_whose_input_rows_negate_the_forget_rows():
    """i の行を f の行の符号違いにした nn.LSTM と、出力も勾配も一致する。"""
    layer, oracle = layers.LSTM(3, 4).double(), nn.LSTM(3, 4).double()
    oracle.load_state_dict(layer.state_dict())
    with torch.no_grad():
        for weight in oracle.parameters():
            weight[:4] = -weight[4:8]
    layer = share_weights(layer, tied_gates.TiedLSTM)
    x = torch.randn(6, 2, 3, generator=generator(0), dtype=torch.float64, requires_grad=True)
    got, want = layer(x)[0], oracle(x)[0]
    slopes = [torch.autograd.grad(output.square().sum(), x)[0] for output in (got, want)]
    assert torch.allclose(got, want) and torch.allclose(*slopes)


@pytest.mark.parametrize("start", tied_gates.STARTS)
def test_every_start_keeps_the_same_share(start):
    """重みを 0 にすると、1 時刻で、どの始め方でも、前の状態の σ(3) が残る。"""
    kind = layers.GRU if start == "GRU" else layers.LSTM
    layer = tied_gates.started(kind(3, 4), start)
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
        layer.weight_hh_l0.zero_()
        pair = [layer(torch.zeros(1, 2, 3), _state(kind, value))[1] for value in (0.0, 1.0)]
    kept = pair[1] - pair[0] if kind is layers.GRU else pair[1][1] - pair[0][1]
    assert torch.allclose(kept, torch.full((1, 2, 4), torch.sigmoid(torch.tensor(3.0)).item()))


def _state(kind, value):
    state = torch.full((1, 2, 4), value)
    return state if kind is layers.GRU else (torch.zeros(1, 2, 4), state)


@pytest.mark.parametrize(
    ("start", "written"), [("f", None), ("f と i", -3.0), ("f と i と o", -3.0)]
)
def test_only_the_named_biases_are_set(start, written):
    layer, before = layers.LSTM(3, 4), layers.LSTM(3, 4)
    before.load_state_dict(layer.state_dict())
    tied_gates.started(layer, start)
    sums, old = ((each.bias_ih_l0 + each.bias_hh_l0).view(4, 4) for each in (layer, before))
    wanted = [written, 3.0, None, 3.0 if "o" in start else None]
    for new, default, value in zip(sums, old, wanted, strict=True):
        assert torch.allclose(new, default if value is None else torch.full((4,), value))
    assert torch.equal(layer.weight_hh_l0, before.weight_hh_l0)


@pytest.mark.parametrize("start", tied_gates.STARTS)
def test_a_run_tells_every_seed(start):
    values = find("tied_gates").run({"start": start}, TINY)
    assert len(values["accuracy"]) == len(values["updates"]) == 2
    assert len(values["curve"]) == 2 and values["curve"][-1] == values["accuracy"]


def test_the_input_rows_of_a_tied_lstm_never_move():
    """縛った LSTM の i の行には、勾配が流れない。"""
    layer = tied_gates.started(layers.LSTM(3, 4), "縛る")
    layer(torch.randn(6, 2, 3, generator=generator(1)))[0].square().sum().backward()
    for weight in layer.parameters():
        assert not weight.grad[:4].any() and weight.grad[4:].any()
