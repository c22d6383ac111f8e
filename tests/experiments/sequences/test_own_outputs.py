"""own_outputs：何を読むか、自由走行の誤差、種ごとの訓練。"""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from lstm_text.cells import LSTMCell, RNNCell
from lstm_text.device import generator, seeded
from lstm_text.experiments.races.many_seeds import ManySeeds
from lstm_text.experiments.sequences import own_outputs
from lstm_text.experiments.sequences.own_outputs import (
    Forecaster,
    Settings,
    chance,
    errors,
    long_curves,
    pieces,
    run,
    train,
    units,
    waves,
)
from lstm_text.tasks import damped_oscillation

TINY = Settings(
    seeds=(0, 5), points=30, context=5, continued=4, hidden_size=4, batch_size=3, updates=4
)


def alone(kind, seed, hidden=4):
    with seeded(seed):
        return Forecaster(kind(1, hidden))


def layer_of(model):
    """同じ重みの、PyTorch の層。"""
    kind = {RNNCell: nn.RNN, LSTMCell: nn.LSTM}[type(model.cell)]
    layer = kind(1, model.cell.hidden_size, batch_first=True)
    layer.load_state_dict({f"{name}_l0": w for name, w in model.cell.state_dict().items()})
    return layer


@pytest.mark.parametrize("kind", [RNNCell, LSTMCell])
def test_reading_the_real_values_is_an_ordinary_layer(kind):
    model, x = alone(kind, 0), torch.randn(3, 9, 1, generator=generator(0))
    output = model(x, torch.zeros_like(x, dtype=torch.bool))
    assert torch.allclose(output, model.head(layer_of(model)(x)[0]), atol=1e-6)


@pytest.mark.parametrize("kind", [RNNCell, LSTMCell])
def test_reading_its_own_outputs_is_a_free_run(kind):
    """値を 1 つずつ足しながら、初めから読み直す自由走行と同じ。"""
    model, x = alone(kind, 0), torch.randn(1, 9, 1, generator=generator(0))
    own = torch.zeros_like(x, dtype=torch.bool)
    own[:, 5:] = True
    output, read = model(x, own), x[:, :5]
    layer = layer_of(model)
    for t in range(5, 10):
        following = model.head(layer(read)[0][:, -1:])
        assert torch.allclose(output[:, t - 1], following[:, 0], atol=1e-6)
        read = torch.cat([read, following], dim=1)


def test_the_real_values_are_not_seen_where_its_own_are_read():
    model, x = alone(LSTMCell, 0), torch.randn(2, 9, 1, generator=generator(0))
    own = torch.zeros_like(x, dtype=torch.bool)
    own[:, 5:] = True
    assert torch.equal(model(x, own), model(torch.where(own, 1e9, x), own))


def test_the_errors_are_those_of_each_model_alone():
    models = [alone(LSTMCell, seed) for seed in (0, 5)]
    curves = waves(3, TINY.points, generator(0))
    own = torch.zeros_like(curves[:, :-1], dtype=torch.bool)
    own[:, TINY.context :] = True
    found = errors(ManySeeds(models), curves, own, TINY)
    for model, error in zip(models, found.tolist(), strict=True):
        forecast = model(curves[:, :-1, None], own[..., None])[..., 0]
        gaps = (forecast - curves[:, 1:])[:, TINY.context - 1 :]
        assert gaps.shape == (3, TINY.points - TINY.context)
        assert error == pytest.approx(gaps.square().mean().item(), rel=1e-4)


def test_the_training_is_that_of_a_model_alone():
    """教師強制なら、窓と重みの種だけで決まる、ふつうの訓練になる。"""
    settings = replace(TINY, clip=1e9)
    unit = {"series": "合成波", "model": "LSTM", "reading": "教師強制"}
    together = train(unit, settings)
    for k, seed in enumerate(settings.seeds):
        model, g = alone(LSTMCell, seed), generator(seed)
        optimizer = torch.optim.Adam(model.parameters(), settings.lr)
        for _ in range(settings.updates):
            curve = waves(settings.batch_size, 10, g)[..., None]
            x, y = curve[:, :-1], curve[:, 1:]
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x, torch.zeros_like(x, dtype=torch.bool)), y).backward()
            optimizer.step()
        for name, weight in together.state_of(k).items():
            assert torch.allclose(weight, model.state_dict()[name], atol=1e-5)


def test_the_three_readings_see_the_same_windows(monkeypatch):
    seen = {}

    def remember(*arguments):
        found = pieces(*arguments)
        seen.setdefault(reading, []).append(found)
        return found

    monkeypatch.setattr(own_outputs, "pieces", remember)
    for unit in units(replace(TINY, series=("減衰振動",), models=("RNN",))):
        reading = unit["reading"]
        train(unit, TINY)
    first, *others = seen.values()
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_what_is_read_follows_the_name():
    assert [chance("教師強制", p) for p in (0.0, 0.7)] == [0, 0]
    assert [chance("予定標本化", p) for p in (0.0, 0.7)] == [0, 0.7]
    assert [chance("自分の出力", p) for p in (0.0, 0.7)] == [1, 1]


def test_the_windows_of_the_oscillation_leave_out_its_end():
    curve = damped_oscillation(TINY.points)[1]
    found = pieces("減衰振動", 500, 10, TINY, generator(0))
    inside = curve.unfold(0, 10, 1)[: 27 - 10 + 1]
    assert {tuple(w) for w in found.tolist()} == {tuple(w) for w in inside.tolist()}


def test_the_waves_are_means_of_two_sines():
    """周期 25 と 35 の正弦波の平均は、それぞれの周期の差分を続けてとると消える。"""
    wave = waves(5, 200, generator(0)).double()
    for period in (25, 35):
        wave = wave[:, period:] - wave[:, :-period]
    assert wave.abs().max() < 1e-4 and waves(50, 200, generator(1)).abs().max() <= 1
    assert long_curves("合成波", Settings()).shape == (own_outputs.WAVES, 200)


def test_a_tiny_run_is_whole():
    for unit in units(TINY):
        values = run(unit, TINY)
        curves = long_curves(unit["series"], TINY)
        assert len(values["error"]) == len(values["one_step"]) == 2
        assert values["zero"] == pytest.approx(curves[:, 5:].square().mean().item(), rel=1e-4)
        assert all(math.isfinite(e) and e > 0 for e in values["error"])
