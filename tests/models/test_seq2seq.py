"""seq2seq：注意の重み、パディング、教師強制の損失、書き出した答えを、遅いループで確かめる。"""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_text import PAD
from lstm_text.models import AttentiveSeq2Seq, Seq2Seq, attention_weights

V, E, H = 6, 3, 5
LENGTHS = torch.tensor([4, 1, 3])
SOURCE = torch.tensor([[1, 2, 3, 4], [5, PAD, PAD, PAD], [2, 2, 5, PAD]])
TARGET = torch.tensor([[4, 3], [5, PAD], [1, 2]])
KINDS = [Seq2Seq, AttentiveSeq2Seq]
exactly = {"rtol": 0, "atol": 1e-12}


def build(kind, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = kind(V, E, H).double()
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -1, 1)  # 答えが系列ごとに違うくらいに
    return model


def scores_by_hand(model, source, words):
    """1 本の系列を、パディングなしに、1 記号ずつ読み書きしたときの得点。"""
    x = model.embedding(source)
    outputs, state = [], (torch.zeros(1, H).double(), torch.zeros(1, H).double())
    for t in range(len(source)):
        output, state = one_step(model.encoder, x[t], state)
        outputs.append(output)
    scores = []
    for word in words:
        output, state = one_step(model.decoder, model.embedding(torch.tensor(word)), state)
        if isinstance(model, AttentiveSeq2Seq):
            powers = [math.exp(sum(output[0] * memory[0]).item()) for memory in outputs]
            context = sum(p / sum(powers) * m for p, m in zip(powers, outputs, strict=True))
            output = torch.tanh(model.combine(torch.cat([context, output], dim=1)))
        scores.append(model.head(output)[0])
    return torch.stack(scores)


def one_step(lstm, x, state):
    cell = nn.LSTMCell(E, H).double()
    weights = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({name: getattr(lstm, f"{name}_l0") for name in weights})
    h, c = cell(x[None], state)
    return h, (h, c)


def test_attention_weights_by_a_slow_loop():
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(3, 2, H, generator=generator).double()
    memory = torch.randn(3, 4, H, generator=generator).double()
    weights = attention_weights(query, memory, LENGTHS)
    assert weights.shape == (3, 2, 4)
    for n, length in enumerate(LENGTHS.tolist()):
        for k in range(2):
            products = [sum(q * m for q, m in zip(query[n, k], memory[n, t], strict=True))
                        for t in range(length)]  # fmt: skip
            powers = [math.exp(product) for product in products]
            want = [power / sum(powers) for power in powers] + [0.0] * (4 - length)
            assert weights[n, k].tolist() == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_teacher_forcing_equals_one_symbol_at_a_time(kind):
    model = build(kind)
    scores = model(SOURCE, LENGTHS, TARGET)
    assert scores.shape == (3, 3, V + 1)
    for n, length in enumerate(LENGTHS.tolist()):
        words = [V, *(word for word in TARGET[n].tolist() if word != PAD)]
        want = scores_by_hand(model, SOURCE[n, :length], words)
        assert_close(scores[n, : len(words)], want, **exactly)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_the_mean_over_the_symbols_and_the_ends(kind):
    model = build(kind)
    losses = []
    for n, length in enumerate(LENGTHS.tolist()):
        words = [word for word in TARGET[n].tolist() if word != PAD]
        scores = scores_by_hand(model, SOURCE[n, :length], [V, *words]).detach()
        for row, wanted in zip(scores, [*words, V], strict=True):
            losses.append(-math.log(row.exp()[wanted] / row.exp().sum()))
    assert len(losses) == 5 + 3
    loss = model.loss(SOURCE, LENGTHS, TARGET)
    assert loss.item() == pytest.approx(sum(losses) / len(losses), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_the_rest_of_the_batch_change_nothing(kind):
    model = build(kind)
    scores = model(SOURCE, LENGTHS, TARGET)
    wider = nn.functional.pad(SOURCE, (0, 3)), LENGTHS, nn.functional.pad(TARGET, (0, 2))
    assert_close(model(*wider)[:, :3], scores, **exactly)
    assert_close(model.loss(*wider), model.loss(SOURCE, LENGTHS, TARGET), **exactly)
    shuffle = torch.tensor([2, 0, 1])
    assert_close(model(SOURCE[shuffle], LENGTHS[shuffle], TARGET[shuffle]), scores[shuffle],
                 **exactly)  # fmt: skip
    noisy = torch.where(SOURCE == PAD, 3, SOURCE)  # 長さの外に、記号が残っていても
    assert_close(model(noisy, LENGTHS, TARGET), scores, **exactly)


@pytest.mark.parametrize("kind", KINDS)
def test_one_series_does_not_touch_the_others(kind):
    model = build(kind)
    before = model(SOURCE, LENGTHS, TARGET)
    other = SOURCE.clone()
    other[0] = torch.tensor([5, 5, 1, 1])
    after = model(other, LENGTHS, TARGET)
    assert_close(after[1:], before[1:], **exactly)
    assert (after[0] - before[0]).abs().max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_the_answer_is_the_best_symbol_at_each_step(kind, seed):
    model = build(kind, seed)
    with torch.no_grad():
        model.head.bias[V] = 1.0  # 途中で書き終わる系列が出るように
    longest = 7
    answers = model.answer(SOURCE, LENGTHS, longest)
    for n, length in enumerate(LENGTHS.tolist()):
        words = [V]
        while len(words) <= longest and (len(words) == 1 or words[-1] != V):
            words.append(scores_by_hand(model, SOURCE[n, :length], words)[-1].argmax().item())
        want = words[1:] + [PAD] * (longest - len(words[1:]))
        assert answers[n].tolist() == want


def test_some_answers_end_early_and_some_never():
    """上のテストが、両方の場合を通ること。"""
    answers = []
    for seed in range(4):
        model = build(Seq2Seq, seed)
        with torch.no_grad():
            model.head.bias[V] = 1.0
        answers += model.answer(SOURCE, LENGTHS, 7).tolist()
    assert any(V in answer[:-1] for answer in answers)
    assert any(V not in answer for answer in answers)


def test_the_weights_are_those_used_while_writing():
    model = build(AttentiveSeq2Seq)
    weights = model.weights(SOURCE, LENGTHS, TARGET)
    assert weights.shape == (3, 3, 4)
    assert_close(weights.sum(dim=-1), torch.ones(3, 3).double(), **exactly)
    state, memory, _ = model.encode(SOURCE, LENGTHS)
    inputs = torch.tensor([[V, 4, 3], [V, 5, PAD], [V, 1, 2]])
    output, _ = model.decoder(model.embedding(inputs), state)
    mixed = torch.tanh(model.combine(torch.cat([weights @ memory, output], dim=-1)))
    assert_close(model.head(mixed), model(SOURCE, LENGTHS, TARGET), **exactly)


def test_with_end():
    model = Seq2Seq(V, E, H)
    assert model.with_end(TARGET).tolist() == [[4, 3, V], [5, V, PAD], [1, 2, V]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_are_those_of_the_loss(kind):
    model = build(kind)

    def loss(*values):
        named = dict(zip(names, values, strict=True))
        return torch.func.functional_call(Loss(model), named, (SOURCE, LENGTHS, TARGET))

    names, parameters = zip(*Loss(model).named_parameters(), strict=True)
    assert torch.autograd.gradcheck(loss, parameters)


class Loss(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, *batch):
        return self.model.loss(*batch)
