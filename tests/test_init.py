"""init：自作の層でも torch.nn でも、狙った重みだけが変わる。"""

import math

import pytest
import torch
from torch import nn

from lstm_text import cells, init, layers
from lstm_text.device import generator

D, H = 3, 4
LSTMS = [
    lambda: layers.LSTM(D, H, num_layers=2, bidirectional=True),
    lambda: nn.LSTM(D, H, num_layers=2, bidirectional=True),
    lambda: cells.LSTMCell(D, H),
    lambda: nn.LSTMCell(D, H),
    lambda: nn.Sequential(nn.LSTM(D, H)),
]


def before_and_after(module, change):
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    change(module)
    return before, dict(module.named_parameters())


def effective_bias(module):
    parameters = dict(module.named_parameters())
    return [
        p + parameters[name.replace("bias_ih", "bias_hh")]
        for name, p in parameters.items()
        if "bias_ih" in name
    ]


@pytest.mark.parametrize("make", LSTMS)
@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_forget_bias_is_the_sum_and_nothing_else_changes(make, value):
    module = make()
    before, after = before_and_after(module, lambda m: init.forget_gate_bias_(m, value))
    for bias in effective_bias(module):
        assert torch.equal(bias[H : 2 * H], torch.full((H,), value))
    for name, old in before.items():
        if "bias" in name:
            assert torch.equal(after[name][:H], old[:H])
            assert torch.equal(after[name][2 * H :], old[2 * H :])
        else:
            assert torch.equal(after[name], old)


@pytest.mark.parametrize("make", LSTMS)
def test_chrono(make):
    module = make()
    before, after = before_and_after(module, lambda m: init.chrono_(m, 50, generator(0)))
    for bias in effective_bias(module):
        forget = bias[H : 2 * H]
        assert torch.equal(bias[:H], -forget)
        assert ((forget >= 0) & (forget <= math.log(49))).all()
    for name, old in before.items():
        kept = slice(2 * H, None) if "bias" in name else slice(None)
        assert torch.equal(after[name][kept], old[kept])


def test_chrono_spreads_like_log_uniform():
    cell = cells.LSTMCell(1, 4000)
    init.chrono_(cell, 100, generator(0))
    span = torch.exp((cell.bias_ih + cell.bias_hh)[4000:8000])
    # U(1, 99) の平均は 50、平均の標準誤差は 98/√12/√4000 = 0.45。5σ の幅で確かめる
    assert abs(span.mean().item() - 50) < 5 * 0.45


@pytest.mark.parametrize(
    "module",
    [layers.GRU(D, H, num_layers=2), nn.GRU(D, H), nn.RNN(D, H), cells.RNNCell(D, H)]
    + [make() for make in LSTMS],
)
def test_orthogonal_per_gate(module):
    before, after = before_and_after(module, lambda m: init.orthogonal_(m, generator(0)))
    for name, new in after.items():
        if "weight_hh" in name:
            for block in new.split(H):
                torch.testing.assert_close(block @ block.T, torch.eye(H), atol=1e-6, rtol=0)
            assert not torch.equal(new[:H], before[name][:H])
        else:
            assert torch.equal(new, before[name])


@pytest.mark.parametrize(
    "module", [nn.GRU(D, H), nn.RNN(D, H), nn.Linear(2, 2), nn.LSTM(D, H, bias=False)]
)
def test_not_an_lstm_with_biases(module):
    with pytest.raises(TypeError, match="LSTM"):
        init.forget_gate_bias_(module)


def test_bad_arguments():
    with pytest.raises(ValueError, match="3 以上"):
        init.chrono_(nn.LSTM(D, H), 2, generator(0))
    with pytest.raises(TypeError, match="weight_hh"):
        init.orthogonal_(nn.Linear(2, 2), generator(0))
