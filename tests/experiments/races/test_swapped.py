"""swapped、normalised：取り替えた層の計算、重み、始め方。"""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_text.device import generator, seeded
from lstm_text.experiments.races.contests import RECALL, adam, compete
from lstm_text.experiments.races.normalised import LayerNormLSTM, with_layer_norm
from lstm_text.experiments.races.swapped import (
    ReLURNN,
    from_identity,
    irnn,
    swapped,
    unchanged,
    with_relu,
)
from lstm_text.layers import LSTM, RNN


def normalised(values):
    """1 本のベクトルを、平均 0、標準偏差 1 にそろえる。"""
    return (values - values.mean()) / np.sqrt(values.var() + 1e-5)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_formula(layer, x):
    """Ba らの付録の式を、1 本の系列、1 時刻ずつ、NumPy で計算した h の列と、最後の c。"""
    w = {name.removesuffix("_l0"): p.detach().numpy() for name, p in layer.named_parameters()}
    h = c = np.zeros(layer.hidden_size)
    states = []
    for x_t in x.numpy():
        a = w["gain_hh"] * normalised(w["weight_hh"] @ h) + w["bias_hh"] + w["bias_ih"]
        i, f, g, o = np.split(a + w["gain_ih"] * normalised(w["weight_ih"] @ x_t), 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(w["gain_c"] * normalised(c) + w["shift_c"])
        states.append(h)
    return np.stack(states), c


@pytest.fixture
def random_layer():
    """層正規化の重みも、でたらめにした層。"""
    with seeded(0):
        layer = LayerNormLSTM(3, 4, batch_first=True).double()
        for parameter in layer.parameters():
            nn.init.normal_(parameter)
    return layer


def test_the_normalised_lstm_computes_the_formula(random_layer):
    x = torch.randn(2, 6, 3, generator=generator(0), dtype=torch.float64)
    output, (_, c) = random_layer(x)
    for k in range(2):
        states, last = by_formula(random_layer, x[k])
        assert output[k].detach().numpy() == pytest.approx(states, abs=1e-12)
        assert c[0, k].detach().numpy() == pytest.approx(last, abs=1e-12)


def test_the_gradients_of_the_normalised_lstm_are_those_of_differences(random_layer):
    x = torch.randn(1, 4, 3, generator=generator(1), dtype=torch.float64, requires_grad=True)
    names, weights = zip(*random_layer.named_parameters(), strict=True)

    def output(x, *weights):
        named = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(random_layer, named, (x,))[0]

    assert torch.autograd.gradcheck(output, (x, *weights))


def test_the_normalised_lstm_does_not_read_the_padding(random_layer):
    x = torch.randn(2, 6, 3, generator=generator(2), dtype=torch.float64)
    output, _ = random_layer(x, lengths=[6, 4])
    assert torch.allclose(output[1, :4], random_layer(x[1:, :4])[0][0])
    assert not output[1, 4:].any()


def test_relu_is_that_of_pytorch():
    theirs = nn.RNN(3, 4, nonlinearity="relu", batch_first=True)
    ours = ReLURNN(3, 4, batch_first=True)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 6, 3, generator=generator(0))
    for layer in (theirs, ours):
        layer(x)[0].square().sum().backward()
    assert torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    for name, weight in theirs.named_parameters():
        assert torch.allclose(getattr(ours, name).grad, weight.grad, atol=1e-5)


def test_only_the_named_weights_change():
    with seeded(0):
        layer = RNN(3, 4)
    before = {name: weight.clone() for name, weight in layer.named_parameters()}
    assert unchanged(layer) is layer
    start = irnn(layer)
    after = dict(start.named_parameters())
    assert torch.equal(after["weight_ih_l0"], before["weight_ih_l0"])
    assert torch.equal(after["weight_hh_l0"], torch.eye(4))
    assert not after["bias_ih_l0"].any() and not after["bias_hh_l0"].any()


def test_the_head_and_the_weights_are_those_of_the_model_not_swapped():
    """比べる 2 つの違いは、層正規化の計算だけ。"""
    models = []
    for contest in (RECALL, swapped(RECALL, with_layer_norm)):
        with seeded(0):
            models.append(contest.head(LSTM(10, 4, batch_first=True)))
    plain, other = (dict(model.named_parameters()) for model in models)
    assert all(torch.equal(other[name], weight) for name, weight in plain.items())
    added = {name.split(".")[1]: weight for name, weight in other.items() if name not in plain}
    assert {name: set(weight.tolist()) for name, weight in added.items()} == {
        "gain_ih_l0": {1.0}, "gain_hh_l0": {1.0}, "gain_c_l0": {1.0}, "shift_c_l0": {0.0}
    }  # fmt: skip


@pytest.mark.parametrize("change", [from_identity, with_relu, irnn])
def test_a_swapped_layer_learns(change):
    rows = compete(
        swapped(RECALL, change), "RNN", [0, 1], adam(1e-2),
        length=2, hidden_size=16, batch_size=32, updates=120,
    )  # fmt: skip
    assert min(rows[-1]["score"]) > 0.8


def test_a_normalised_lstm_learns_every_weight():
    before = dict(LayerNormLSTM(10, 8).named_parameters())
    models = []

    def keep(layer):
        models.append(with_layer_norm(layer))
        return models[-1]

    rows = compete(
        swapped(RECALL, keep), "LSTM", [0], adam(1e-2),
        length=3, hidden_size=8, batch_size=32, updates=60,
    )  # fmt: skip
    assert rows[-1]["score"][0] > 0.8 and set(dict(models[0].named_parameters())) == set(before)
