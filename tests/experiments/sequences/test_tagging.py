"""tagging：語の分け方、当たりの数え方。"""

from dataclasses import replace

import pytest
import torch
from torch import nn

from lstm_text.datasets import Sentence, Source, Treebank, load_treebank
from lstm_text.device import seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.sequences.tagging import (
    Settings,
    TaggedBatches,
    known_words,
    run,
    tagging,
    units,
    word_groups,
)
from lstm_text.models import Tagger
from lstm_text.training import accuracy, evaluate

SOURCE = Source("builtin", "文", "作りもの", "例のため")


@pytest.fixture
def small(no_network):
    """組み込みのツリーバンクの一部。テストの品詞は、どれも訓練にある。"""
    whole = load_treebank("en_ewt")
    train = whole.train[:200]
    tags = {tag for s in train for tag in s.tags}
    return replace(whole, train=train, test=[s for s in whole.test if tags >= set(s.tags)][:30])


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)


def test_every_word_is_in_one_kind_and_one_tag(small):
    groups = word_groups(small, [])
    tags = {tag for s in small.test for tag in s.tags}
    kinds = [groups[name].int() for name in ("2 回以上", "1 回", "未知語") if name in groups]
    assert torch.stack(kinds).sum(dim=0).unique().tolist() == [1]
    assert torch.stack([groups[tag].int() for tag in tags]).sum(dim=0).unique().tolist() == [1]


def test_the_groups_are_those_of_a_slow_count():
    train = (Sentence(["a", "B", "a", "c"], list("XYXY")), Sentence(["d", "c"], list("XY")))
    test = (Sentence(["A", "a", "d"], list("XXY")), Sentence(["e", "c", "B"], list("YXY")))
    groups = word_groups(Treebank(train, (), test, SOURCE), ["a", "missing"])
    seen = [word for s in train for word in s.words]
    flat = [word for s in test for word in s.words]
    assert groups["2 回以上"].tolist() == [seen.count(word) > 1 for word in flat]
    assert groups["1 回"].tolist() == [seen.count(word) == 1 for word in flat]
    assert groups["未知語"].tolist() == [word not in seen for word in flat]
    assert groups["a"].tolist() == [word.lower() == "a" for word in flat]
    assert "missing" not in groups


@pytest.mark.parametrize("two_way", [False, True])
def test_the_hits_are_those_of_padded_batches(small, two_way, monkeypatch):
    kept = []

    class Kept(Tagger):
        def __init__(self, *args):
            super().__init__(*args)
            kept.append(self)

    monkeypatch.setattr("lstm_text.experiments.sequences.tagging.Tagger", Kept)
    hits = tagging(replace(Settings(), epochs=1, hidden_size=4), small, two_way, seed=0)
    vocabulary, tags = known_words(small), sorted({tag for s in small.train for tag in s.tags})
    test = TaggedBatches(small.test, vocabulary, tags, seed=0)
    assert len(hits) == sum(len(s.words) for s in small.test)
    told = evaluate(kept[-1], test, accuracy=accuracy)["accuracy"]
    assert hits.double().mean().item() == pytest.approx(told)


def test_both_ways_start_from_parameters_of_about_the_same_number():
    settings = Settings()

    def parameters(hidden, both):
        with seeded(0):
            model = Tagger(3, 64, nn.LSTM(64, hidden, batch_first=True, bidirectional=both), 17)
        return sum(p.numel() for p in model.tag.parameters())

    one, two = (
        parameters(settings.hidden_size, False),
        parameters(settings.hidden_size_two_way, True),
    )
    assert 0.9 * one < two <= one


def test_made_up_sentences_are_refused(no_network):
    (unit, *_) = units(Settings())
    with pytest.raises(NotHere, match="本物のツリーバンク"):
        run(unit, Settings(seeds=(0,)))
