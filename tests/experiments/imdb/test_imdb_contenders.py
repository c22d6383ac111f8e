"""imdb_contenders、imdb_rates：どの答え方も、同じ問いに、端から端まで答える。"""

from dataclasses import replace

import numpy as np
import pytest

from lstm_text.datasets import Imdb, Reviews, Source
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_contenders, imdb_rates, minute
from lstm_text.experiments.imdb.imdb_contenders import BAGS, BUDGET, RATES, TAUGHT
from lstm_text.experiments.imdb.minute import NETWORKS, prepare
from lstm_text.records import unpack


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
    small = {name: replace(net, passes=6.0) for name, net in NETWORKS.items()}
    for module in (imdb_contenders, imdb_rates):
        monkeypatch.setattr(module, "material", lambda: material)
        monkeypatch.setattr(module, "NETWORKS", small)
    return material


@pytest.mark.parametrize("model", [*NETWORKS, *BAGS])
def test_every_contender_learns_and_answers_every_question(model, known):
    unit = {"model": model, "budget": BUDGET, "lessons": 0, "seed": 0}
    values = imdb_contenders.run(unit, imdb_contenders.Settings())
    assert values["test"] > 0.9
    assert unpack(values["right"], 60).mean() == values["test"]
    assert set(values["behaviour"]) > {"肯定文", "近い否定"}
    assert list(values["distance"]) == ["0", "1", "2", "4", "8", "16"]
    assert all(0 <= share <= 1 for share in values["behaviour"].values())
    assert values["milliseconds"] > 0


def test_lessons_are_mixed_in(known):
    model = "3 語までの NB-SVM"
    found = [
        imdb_contenders.run(
            {"model": model, "budget": "", "lessons": n, "seed": 0}, imdb_contenders.Settings()
        )
        for n in (0, 400)
    ]
    assert found[1]["parameters"] > found[0]["parameters"]
    assert found[1]["behaviour"]["近い否定"] != found[0]["behaviour"]["近い否定"]


def test_each_network_has_its_rate_and_only_the_chosen_get_lessons():
    assert set(RATES) == set(NETWORKS)
    settings = imdb_contenders.Settings()
    asked = imdb_contenders.units(settings)
    assert len({str(unit) for unit in asked}) == len(asked)
    assert {unit["model"] for unit in asked if unit["lessons"]} == set(TAUGHT)


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
