"""layers：nn.RNN / nn.LSTM / nn.GRU と、出力も勾配も一致する。"""

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_text import layers
from tests.layer_checks import (
    LENGTHS,
    B,
    D,
    H,
    T,
    against_torch,
    flat,
    sample,
)

PAIRS = [(layers.RNN, nn.RNN), (layers.LSTM, nn.LSTM), (layers.GRU, nn.GRU)]
OURS = [ours for ours, _ in PAIRS] + [layers.ResetBeforeGRU]


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


class TestAgainstTorch(against_torch(PAIRS)):
    pass


@pytest.mark.parametrize("ours", OURS)
def test_what_lies_beyond_the_length_does_not_matter(ours):
    layer = ours(D, H, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(B, T, D)
    spoiled = x.clone()
    for n, length in enumerate(LENGTHS):
        spoiled[n, length:] = 1e6
    before = flat(*layer(x, lengths=LENGTHS))
    for m, r in zip(flat(*layer(spoiled, lengths=LENGTHS.tolist())), before, strict=True):
        assert torch.equal(m, r)
    for n, length in enumerate(LENGTHS):
        alone, _ = layer(x[n : n + 1, :length])
        assert_close(before[0][n, :length], alone[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("ours", OURS)
def test_a_sequence_in_two_halves(ours):
    layer = ours(D, H, num_layers=2)
    x, _, state = sample(layer)
    whole, last = layer(x, state)
    first, middle = layer(x[:2], state)
    second, end = layer(x[2:], middle)
    assert_close(torch.cat([first, second]), whole, rtol=0, atol=1e-12)
    for m, r in zip(flat(second, end), flat(second, last), strict=True):
        assert_close(m, r, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_same_seed_gives_torchs_initial_weights_and_names(ours, theirs):
    settings = {"num_layers": 2, "bidirectional": True}
    torch.manual_seed(3)
    a = ours(D, H, **settings).state_dict()
    torch.manual_seed(3)
    b = theirs(D, H, **settings).state_dict()
    assert list(a) == list(b)
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_dropout_lies_between_layers_and_only_in_training():
    layer = layers.LSTM(D, H, num_layers=2, dropout=0.5)
    single = layers.LSTM(D, H, num_layers=1, dropout=0.5)
    x = torch.randn(T, B, D)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    assert torch.equal(single(x)[0], single(x)[0])
    layer.eval()
    reference = nn.LSTM(D, H, num_layers=2)
    reference.load_state_dict(layer.state_dict())
    assert_close(layer(x)[0], reference(x)[0], rtol=0, atol=1e-12)


def test_dropout_one_silences_the_upper_layer():
    layer = layers.RNN(D, H, num_layers=2, dropout=1.0)
    a, b = layer(torch.randn(T, B, D))[0], layer(torch.randn(T, B, D))[0]
    assert torch.equal(a, b)


@pytest.mark.parametrize("ours", OURS)
def test_copies_and_functional_calls_use_their_own_weights(ours):
    layer = ours(D, H)
    x = torch.randn(T, B, D)
    twin = copy.deepcopy(layer)
    zeros = {name: torch.zeros_like(p) for name, p in layer.named_parameters()}
    silent, _ = torch.func.functional_call(layer, zeros, (x,))
    assert silent.abs().max() == 0
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    assert twin(x)[0].abs().max() == 0
    assert layer(x)[0].abs().max() > 0


@pytest.mark.parametrize("ours", OURS)
def test_no_tensor_is_made_on_another_device(ours):
    with torch.device("meta"):
        layer = ours(D, H, num_layers=2, bidirectional=True)
    x = torch.empty(T, B, D, device="meta")
    output, _ = layer(x, lengths=torch.full((B,), T))
    assert output.is_meta and output.shape == (T, B, 2 * H)


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (torch.zeros(T, B, D + 1, dtype=torch.float64), ValueError, "最後の次元は 3"),
        (torch.zeros(T, B, D, dtype=torch.float32), TypeError, "dtype"),
        (torch.zeros(0, B, D, dtype=torch.float64), ValueError, "長さ 0"),
        (torch.zeros(1, T, B, D, dtype=torch.float64), ValueError, "3 次元"),
        (torch.zeros((), dtype=torch.float64), ValueError, "形は"),
        ([[0.0] * D], TypeError, "list"),
    ],
)
def test_bad_input_is_told_in_japanese(ours, x, error, words):
    with pytest.raises(error, match=words):
        ours(D, H)(x)


@pytest.mark.parametrize(
    "lengths", [[0, 1, 1, 1], [T + 1, 1, 1, 1], [1, 1], [1.0, 1.0, 1.0, 1.0], [-1, 1, 1, 1]]
)
def test_bad_lengths(lengths):
    with pytest.raises(ValueError, match="必要ですが"):
        layers.LSTM(D, H)(torch.zeros(T, B, D), lengths=lengths)


@pytest.mark.parametrize("ours", [layers.RNN, layers.GRU])
def test_bad_state_shape(ours):
    with pytest.raises(ValueError, match=r"\(1, 4, 5\) が必要"):
        ours(D, H)(torch.zeros(T, B, D), torch.zeros(2, B, H))


@pytest.mark.parametrize("state", [torch.zeros(1, B, H), (torch.zeros(1, B, H),)])
def test_lstm_state_must_be_a_pair(state):
    with pytest.raises(TypeError, match="h_0, c_0"):
        layers.LSTM(D, H)(torch.zeros(T, B, D), state)


@pytest.mark.parametrize("settings", [{"num_layers": 0}, {"dropout": 1.5}, {"dropout": -0.1}])
def test_bad_settings(settings):
    with pytest.raises(ValueError, match="必要ですが"):
        layers.GRU(D, H, **settings)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA の使える GPU がありません")
@pytest.mark.parametrize("ours", OURS)
def test_the_gpu_gives_what_the_cpu_gives(ours):
    layer = ours(D, H, num_layers=2, bidirectional=True)
    x = torch.randn(T, B, D)
    on_cpu = flat(*layer(x, lengths=LENGTHS))
    on_gpu = flat(*layer.cuda()(x.cuda(), lengths=LENGTHS))
    for m, r in zip(on_gpu, on_cpu, strict=True):
        assert_close(m.cpu(), r, rtol=0, atol=1e-9)
