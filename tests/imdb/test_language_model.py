"""language_model：答えがもれないこと、ソフトマックスの和が 1 になること、重みが移ること。"""

import importlib.util

import pytest
import torch

from lstm_text import PAD
from lstm_text.device import precision
from lstm_text.imdb import (
    EncodedTexts,
    LanguageModel,
    NextWord,
    Shape,
    bits_per_word,
    build_classifier,
    transfer,
    word2vec,
)
from lstm_text.text import Vocabulary
from tests.bfloat16 import needs_bfloat16

SIZE = 40
IDS = torch.tensor([[2, 3, 4, 5, 6], [7, 8, PAD, PAD, PAD], [9, 10, 11, PAD, PAD]])
LENGTHS = torch.tensor([5, 2, 3])


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LanguageModel(build_classifier(torch.ones(SIZE), Shape(8, 4), seed=0)).eval()


def test_every_neighbour_is_predicted_once(model):
    (forward, ahead), (backward, behind) = model.contexts(IDS, LENGTHS)
    assert sorted(ahead.tolist()) == [3, 4, 5, 6, 8, 10, 11]
    assert sorted(behind.tolist()) == [2, 3, 4, 5, 7, 9, 10]
    assert len(forward) == len(backward) == 7
    assert NextWord().count(IDS, LENGTHS, None) == 14


@pytest.mark.parametrize("position", range(5))
def test_the_answer_never_leaks(model, position):
    """ある語を変えても、その語を当てる状態（左だけ、右だけを読んだもの）は変わらない。"""
    changed = IDS.clone()
    changed[0, position] = 30
    for direction in (0, 1):
        states, targets = model.contexts(IDS, LENGTHS)[direction]
        moved, new_targets = model.contexts(changed, LENGTHS)[direction]
        same = (targets == new_targets).logical_not()
        assert torch.equal(states[same], moved[same])


def test_probabilities_of_all_words_sum_to_one(model):
    states = torch.randn(3, 4)
    assert torch.allclose(
        model.softmax.log_prob(model.project(states)).exp().sum(dim=1), torch.ones(3), atol=1e-5
    )


def test_loss_is_the_negative_log_probability(model):
    expected = 0.0
    for states, targets in model.contexts(IDS, LENGTHS):
        scores = model.softmax.log_prob(model.project(states))
        expected -= scores[torch.arange(len(targets)), targets].sum()
    (loss,) = NextWord().losses(model, IDS, LENGTHS, None)
    assert torch.allclose(loss, expected, atol=1e-4)
    bits = bits_per_word(model, [(IDS, LENGTHS, torch.zeros(3))])
    assert bits == pytest.approx(expected.item() / 14 / torch.tensor(2.0).log().item(), rel=1e-5)


def test_large_vocabulary_uses_clusters():
    model = LanguageModel(build_classifier(torch.ones(6_000), Shape(8, 4), seed=0))
    assert model.softmax.cutoffs == [1_000, 5_000, 6_000]
    (loss,) = NextWord().losses(model, 1_000 * IDS.clamp_max(5), LENGTHS, None)
    loss.backward()
    assert loss.isfinite()


@needs_bfloat16
def test_bfloat16_gradients_are_close_to_float32():
    ids = torch.randint(2, 6_000, (4, 20), generator=torch.Generator().manual_seed(0))
    gradients = []
    for name in ("float32", "bfloat16"):
        shape = Shape(8, 4, locked_dropout=0.0)
        torch.manual_seed(0)
        model = LanguageModel(build_classifier(torch.ones(6_000), shape, seed=0))
        with precision(name, torch.device("cpu")):
            (loss,) = NextWord().losses(model, ids, torch.full((4,), 20), None)
            loss.backward()
        assert loss.dtype == torch.float32
        gradients.append(model.recurrent.weight_ih_l0.grad.flatten())
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99
    assert not torch.equal(*gradients)


def test_it_learns_an_alternating_language(model):
    model.train()
    ids = torch.tensor([[2, 3] * 10, [3, 2] * 10])
    lengths = torch.tensor([20, 20])
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    model.locked_dropout.rate = 0.0
    before = bits_per_word(model, [(ids, lengths, None)])
    for _ in range(60):
        optimizer.zero_grad()
        (loss,) = NextWord().losses(model, ids, lengths, None)
        (loss / 76).backward()
        optimizer.step()
    assert bits_per_word(model, [(ids, lengths, None)]) < 0.3 < before


def test_transfer_moves_the_words_and_the_lstm_only(model):
    other = build_classifier(torch.ones(SIZE), Shape(8, 4), seed=1)
    head = other.head.weight.clone()
    transfer(model.state_dict(), other)
    assert torch.equal(other.words.weight, model.words.weight)
    assert torch.equal(other.recurrent.weight_hh_l0_reverse, model.recurrent.weight_hh_l0_reverse)
    assert torch.equal(other.head.weight, head)


def test_wrong_shapes_are_told(model):
    with pytest.raises(ValueError, match=r"words\.weight には形 \(41, 8\) が必要ですが、\(40, 8\)"):
        transfer(model.state_dict(), build_classifier(torch.ones(SIZE + 1), Shape(8, 4), seed=0))
    with pytest.raises(ValueError, match="1 層にしてください（2 層でした）"):
        LanguageModel(build_classifier(torch.ones(9), Shape(8, 4, num_layers=2), seed=0))


@pytest.mark.skipif(importlib.util.find_spec("gensim") is None, reason="gensim がない")
def test_word2vec_puts_words_of_the_same_place_together():
    generator = torch.Generator().manual_seed(0)
    fruit, verb = [2, 3], [4, 5]  # 同じ所に現れる 2 語ずつ
    sentences = []
    for _ in range(2_000):
        i, j = torch.randint(0, 2, (2,), generator=generator).tolist()
        sentences.append([6, fruit[i], 7, 8, verb[j], 9])
    texts = EncodedTexts(torch.tensor(sentences).flatten(), torch.arange(0, 12_001, 6))
    vocabulary = Vocabulary(map(str, range(10)))
    first, second = (word2vec([texts], vocabulary, 8, epochs=10) for _ in range(2))
    assert torch.equal(first, second) and first.shape == (12, 8)
    assert (first[[PAD, 1, 10, 11]] == 0).all()
    cosine = torch.cosine_similarity
    assert cosine(first[2], first[3], dim=0) > cosine(first[2], first[4], dim=0)
    assert cosine(first[4], first[5], dim=0) > cosine(first[4], first[3], dim=0)


def test_without_gensim_the_way_out_is_told(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ModuleNotFoundError, match=r"gensim が必要です（pip install -e "):
        word2vec([], Vocabulary([]), 8)
