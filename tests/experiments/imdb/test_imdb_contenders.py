"""imdb_contenders、imdb_rates：どの答え方も、同じ問いに、端から端まで答える。"""

from dataclasses import replace

import numpy as np
import pytest

from lstm_text.datasets import Imdb, OpinionWords, Reviews, Source
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import (
    imdb_contenders,
    imdb_far_lessons,
    imdb_lessons,
    imdb_rates,
    minute,
)
from lstm_text.experiments.imdb.imdb_contenders import BAGS, RATES
from lstm_text.experiments.imdb.minute import NETWORKS, prepare
from lstm_text.records import unpack

WORDS = OpinionWords(("superb", "lovely"), ("awful", "dreary"))


def reviews(n, seed):
    """評価を決める語が 1 つずつ入った、短いレビュー。"""
    random = np.random.default_rng(seed)
    words = {0: ("dull", "awful"), 1: ("lovely", "superb")}
    labels = tuple(int(label) for label in random.permutation(n) % 2)
    texts = (f"the {random.choice(words[y])} film number {random.integers(9)} ." for y in labels)
    return Reviews(tuple(texts), labels)


@pytest.fixture
def known(monkeypatch):
    imdb = Imdb(reviews(300, 0), reviews(60, 1), Source("cache", "IMDb", ""))
    material = prepare(imdb)
    small = {name: replace(net, passes=4.0) for name, net in NETWORKS.items()}
    for module in (imdb_contenders, imdb_rates):
        monkeypatch.setattr(module, "NETWORKS", small)
    for module in (imdb_contenders, imdb_rates, imdb_lessons, imdb_far_lessons):
        monkeypatch.setattr(module, "material", lambda: material)
    return material


@pytest.mark.parametrize("model", [*NETWORKS, *BAGS])
def test_every_contender_learns_and_answers_every_question(model, known):
    values = imdb_contenders.run({"model": model, "seed": 0}, imdb_contenders.Settings())
    assert values["test"] > 0.9
    assert unpack(values["right"], 60).mean() == values["test"]
    assert set(values["behaviour"]) > {"肯定文", "近い否定"}
    assert list(values["distance"]) == ["0", "1", "2", "4", "8", "16"]
    assert all(0 <= share <= 1 for share in values["behaviour"].values())
    assert values["milliseconds"] > 0


def test_lessons_are_mixed_in(known, monkeypatch):
    unit = {"model": "3 語までの NB-SVM", "seed": 0}
    without = imdb_contenders.run(unit, imdb_contenders.Settings())
    monkeypatch.setattr(imdb_lessons, "opinion_words", lambda *_: WORDS)
    mixed = imdb_lessons.run(unit, imdb_lessons.Settings(lessons=400))
    assert mixed["parameters"] > without["parameters"]
    assert (mixed["positive_words"], mixed["negative_words"]) == (2, 2)
    monkeypatch.setattr(imdb_far_lessons, "opinion_words", lambda *_: WORDS)
    further = imdb_far_lessons.run(unit, imdb_far_lessons.Settings(lessons=400))
    assert further["parameters"] > without["parameters"]


def test_each_network_has_its_rate_and_no_unit_is_asked_twice():
    assert set(RATES) == set(NETWORKS)
    for experiment in (imdb_contenders, imdb_lessons, imdb_far_lessons, imdb_rates):
        asked = experiment.units(experiment.Settings())
        assert len({str(unit) for unit in asked}) == len(asked)


def test_rates_never_read_the_test_reviews(known):
    object.__setattr__(known, "tokens", {k: v for k, v in known.tokens.items() if k != "test"})
    unit = {"model": "LSTM", "rate": 4e-3, "seed": 0}
    assert imdb_rates.run(unit, imdb_rates.Settings())["validation"] > 0.9


def test_the_builtin_reviews_are_not_enough(monkeypatch):
    imdb = Imdb(reviews(20, 0), reviews(20, 1), Source("builtin", "レビュー", "作りもの", "例"))
    monkeypatch.setattr(minute, "load_imdb", lambda: imdb)
    minute.material.cache_clear()
    with pytest.raises(NotHere, match="本物の IMDb が必要"):
        minute.material()
