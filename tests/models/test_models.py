"""models：本当の最終状態、パディングに左右されないこと、デバイス。"""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.testing import assert_close

from lstm_text import PAD, layers, models

D, H, V = 3, 4, 12
KINDS = [nn.RNN, nn.LSTM, nn.GRU, layers.RNN, layers.LSTM, layers.GRU, layers.ResetBeforeGRU]
POOLINGS = [models.LastStatePooling, models.MaxPooling, models.MeanPooling]
LENGTHS = torch.tensor([5, 2, 1, 4])


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def ids_with_padding(extra=0):
    ids = torch.randint(2, V, (4, 5), generator=torch.Generator().manual_seed(0))
    for n, length in enumerate(LENGTHS):
        ids[n, length:] = PAD
    return torch.cat([ids, torch.full((4, extra), PAD)], dim=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers_", [1, 2])
def test_run_gives_the_true_last_state(kind, bidirectional, layers_):
    recurrent = kind(D, H, layers_, batch_first=True, bidirectional=bidirectional)
    x = torch.randn(4, 5, D)
    output, last = models.run(recurrent, x, LENGTHS)
    for n, length in enumerate(LENGTHS):
        alone, _ = recurrent(x[n : n + 1, :length])
        assert_close(output[n, :length], alone[0], rtol=0, atol=1e-6)
        assert output[n, length:].abs().sum() == 0
        assert_close(last[n, :H], alone[0, -1, :H], rtol=0, atol=1e-6)
        if bidirectional:
            assert_close(last[n, H:], alone[0, 0, H:], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_run_equals_packing_in_outputs_and_gradients(kind, bidirectional, bias):
    recurrent = kind(D, H, 2, bias=bias, batch_first=True, bidirectional=bidirectional).double()
    x = torch.randn(4, 7, D, dtype=torch.float64, requires_grad=True)  # どの系列より 2 つ長い
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    want, _ = pad_packed_sequence(recurrent(packed)[0], batch_first=True, total_length=7)
    got, _ = models.run(recurrent, x, LENGTHS)
    assert_close(got, want, rtol=0, atol=1e-12)
    weight = torch.randn_like(want)
    inputs = [x, *recurrent.parameters()]
    expected = torch.autograd.grad((want * weight).sum(), inputs)
    gradients = torch.autograd.grad((got * weight).sum(), inputs)
    for gradient, other in zip(gradients, expected, strict=True):
        assert_close(gradient, other, rtol=0, atol=1e-12)


def test_run_drops_out_between_the_layers_only_in_training():
    recurrent = nn.LSTM(D, H, 2, batch_first=True, bidirectional=True, dropout=0.5)
    x = torch.randn(4, 5, D)
    first, second = (models.run(recurrent, x, LENGTHS)[0] for _ in range(2))
    assert not torch.equal(first, second)
    recurrent.eval()
    first, second = (models.run(recurrent, x, LENGTHS)[0] for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("kind", [nn.LSTM, layers.LSTM])
def test_adding_pads_does_not_change_a_logit(pooling, kind):
    recurrent = kind(D, H, 2, batch_first=True, bidirectional=True)
    model = models.SentimentClassifier(V, D, recurrent, pooling())
    short, long = model(ids_with_padding(), LENGTHS), model(ids_with_padding(7), LENGTHS)
    assert torch.equal(short, long)
    for n, length in enumerate(LENGTHS):
        alone = model(ids_with_padding()[n : n + 1, :length], LENGTHS[n : n + 1])
        assert_close(short[n], alone[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_by_a_slow_loop(pooling):
    output, last = torch.randn(4, 5, H), torch.randn(4, H)
    got = pooling()(output, last, LENGTHS)
    for n, length in enumerate(LENGTHS):
        inside = output[n, :length]
        want = {
            models.LastStatePooling: last[n],
            models.MaxPooling: torch.stack([max(inside[:, j]) for j in range(H)]),
            models.MeanPooling: sum(inside) / len(inside),
        }[pooling]
        assert_close(got[n], want)


def test_attention_weights_sum_to_one_inside():
    output = torch.randn(4, 5, 6)
    weights = models.AttentionPooling(6).weights(output, LENGTHS).squeeze(-1)
    assert_close(weights.sum(dim=1), torch.ones(4))
    inside = torch.arange(5) < LENGTHS[:, None]
    assert (weights[~inside] == 0).all() and (weights[inside] > 0).all()


def test_attention_of_equal_states_is_their_mean():
    output = torch.ones(4, 5, 6)
    assert_close(models.AttentionPooling(6)(output, output[:, 0], LENGTHS), torch.ones(4, 6))


def test_concat_is_last_max_mean():
    output, last = torch.randn(4, 5, 6), torch.randn(4, 6)
    got = models.ConcatPooling()(output, last, LENGTHS)
    for n, length in enumerate(LENGTHS):
        inside = output[n, :length]
        assert_close(got[n], torch.cat([last[n], inside.amax(dim=0), inside.mean(dim=0)]))


def test_padding_does_not_change_the_tags():
    recurrent = nn.GRU(D, H, batch_first=True, bidirectional=True)
    model = models.Tagger(V, D, recurrent, tags=6)
    short, long = model(ids_with_padding(), LENGTHS), model(ids_with_padding(3), LENGTHS)
    for n, length in enumerate(LENGTHS):
        assert torch.equal(short[n, :length], long[n, :length])


def test_pad_embedding_is_zero_and_stays_zero():
    recurrent = nn.LSTM(D, H, batch_first=True)
    model = models.SentimentClassifier(V, D, recurrent, models.MaxPooling())
    model(ids_with_padding(), LENGTHS).sum().backward()
    assert model.embedding.weight[PAD].abs().sum() == 0
    assert model.embedding.weight.grad[PAD].abs().sum() == 0


def test_character_model_reads_one_hot_vectors():
    recurrent = layers.LSTM(V, H, batch_first=True)
    model = models.CharacterModel(V, recurrent)
    ids = torch.randint(V, (2, 6))
    one_hot = torch.zeros(2, 6, V)
    for n in range(2):
        for t in range(6):
            one_hot[n, t, ids[n, t]] = 1
    _, (h_n, _) = recurrent(one_hot)
    assert_close(model(ids), model.predict.head(h_n[-1]))


def test_dropout_is_off_in_eval():
    recurrent = nn.LSTM(D, H, batch_first=True)
    model = models.SentimentClassifier(V, D, recurrent, models.MaxPooling(), dropout=0.5)
    ids = ids_with_padding()
    assert not torch.equal(model(ids, LENGTHS), model(ids, LENGTHS))
    model.eval()
    assert torch.equal(model(ids, LENGTHS), model(ids, LENGTHS))


def test_count_parameters_skips_frozen_ones():
    model = nn.LSTM(1, 40)
    assert models.count_parameters(model) == 4 * 40 * (1 + 40 + 2)
    model.bias_hh_l0.requires_grad_(False)
    assert models.count_parameters(model) == 6720


@pytest.mark.parametrize("kind", [nn.LSTM, layers.GRU])
def test_no_tensor_is_made_on_another_device(kind):
    with torch.device("meta"):
        recurrent = kind(D, H, batch_first=True, bidirectional=True)
        ids = torch.zeros(2, 5, dtype=torch.int64)
        built = [
            models.LastState(recurrent, 2)(torch.empty(2, 5, D)),
            models.EveryStep(recurrent, 2)(torch.empty(2, 5, D)),
            models.Tagger(V, D, recurrent, 3)(ids),
            models.CharacterModel(D, recurrent)(ids),
        ]
    assert all(result.is_meta for result in built)


def test_length_zero_is_told_in_japanese():
    with pytest.raises(ValueError, match="長さが 0"):
        models.run(nn.LSTM(D, H, batch_first=True), torch.zeros(2, 3, D), torch.tensor([3, 0]))


def test_time_first_layers_are_refused():
    with pytest.raises(ValueError, match="batch_first"):
        models.run(nn.LSTM(D, H), torch.zeros(2, 3, D))
