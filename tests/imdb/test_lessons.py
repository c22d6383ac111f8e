"""lessons：短い文は訓練用だけに混ざり、ほかは何も変わらない。"""

from dataclasses import fields

import pytest
import torch

from lstm_text.datasets import Filler, OpinionWords, filled_negation_lessons, negation_lessons
from lstm_text.device import generator
from lstm_text.imdb import Settings, TextOptions, lessons, load_data, with_lessons
from lstm_text.text import tokenize, training_batches


@pytest.fixture(scope="module")
def data():
    return load_data(Settings(TextOptions(limit=40)))


WORDS = OpinionWords(("good", "fine", "fun"), ("bad", "dull", "slow"))


FILLER = Filler(("by the way",), ("street",))


@pytest.fixture(autouse=True)
def _few_words(monkeypatch):
    """組み込みのレビューからは、評価の語が集まらない。"""
    monkeypatch.setattr(lessons, "opinion_words", lambda token_lists, labels: WORDS)
    monkeypatch.setattr(lessons, "neutral_filler", lambda token_lists, labels: FILLER)
    monkeypatch.setattr(lessons, "ENOUGH", 3)


def rows(reviews, first=0):
    return [(*reviews[i][0].tolist(), reviews[i][1]) for i in range(first, len(reviews))]


@pytest.mark.parametrize("part", ["train", "everything"])
def test_lessons_stand_after_the_reviews(data, part):
    before, after = getattr(data, part), getattr(with_lessons(data, 12, seed=3), part)
    assert rows(after)[: len(before)] == rows(before)
    added = [
        negation_lessons(6, generator(3), WORDS),
        filled_negation_lessons(6, generator(3), WORDS, FILLER),
    ]
    assert rows(after, len(before)) == [
        (*data.vocabulary.encode(tokenize(text)), float(label))
        for each in added
        for text, label in zip(each.texts, each.labels, strict=True)
    ]


def test_nothing_else_changes(data):
    mixed = with_lessons(data, 12, seed=3)
    others = {f.name for f in fields(data)} - {"train", "everything"}
    assert all(getattr(mixed, name) is getattr(data, name) for name in others)
    assert with_lessons(data, 0, seed=3) is data


def test_the_seed_chooses_them(data):
    one, again, other = (rows(with_lessons(data, 12, seed).train) for seed in (3, 3, 4))
    assert one == again != other


def test_every_epoch_reads_each_of_them_once(data):
    mixed = with_lessons(data, 12, seed=3).train
    for seed in (0, 1):
        read = [
            (*ids[:length].tolist(), label)
            for batch in training_batches(mixed, 8, torch.Generator().manual_seed(seed))
            for ids, length, label in zip(
                batch.ids, batch.lengths, batch.labels.tolist(), strict=True
            )
        ]
        assert sorted(read) == sorted(rows(mixed))


def test_at_most_two_lessons_for_a_review(data):
    assert len(with_lessons(data, 10_000, seed=3).train) == 3 * len(data.train)
    assert len(with_lessons(data, 1, seed=3).train) == len(data.train) + 1


def test_too_few_words_mix_nothing(data, monkeypatch):
    monkeypatch.setattr(lessons, "ENOUGH", 4)
    assert with_lessons(data, 12, seed=3) is data


@pytest.mark.parametrize("name, found", [("opinion_words", WORDS), ("neutral_filler", FILLER)])
def test_the_words_are_counted_in_the_training_reviews(data, monkeypatch, name, found):
    def seen(token_lists, labels):
        assert token_lists == [
            [data.vocabulary.tokens[i] for i in data.train.texts[member].tolist()]
            for member in data.train.members
        ]
        assert labels == [int(label) for label in data.train.labels]
        return found

    monkeypatch.setattr(lessons, name, seen)
    assert len(with_lessons(data, 12, seed=3).train) == len(data.train) + 12
