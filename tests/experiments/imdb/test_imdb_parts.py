"""imdb_parts、imdb_knobs、imdb_leanings：変えるのは 1 か所だけで、どれも同じレビューに答える。"""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from lstm_text.datasets import Imdb, Reviews, Source
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_knobs, imdb_leanings, imdb_parts
from lstm_text.experiments.imdb.imdb_contenders import BAGS
from lstm_text.experiments.imdb.imdb_leanings import RECIPES, NoLeanings
from lstm_text.experiments.imdb.minute import prepare
from lstm_text.imdb.arguments import DEFAULTS
from lstm_text.records import unpack
from lstm_text.text import Vocabulary, tokenize


def reviews(n, seed):
    """評価を決める語が 1 つずつ入った、短いレビュー。"""
    random = np.random.default_rng(seed)
    words = {0: ("dull", "awful"), 1: ("lovely", "superb")}
    labels = tuple(int(label) for label in random.permutation(n) % 2)
    texts = (f"the {random.choice(words[y])} film number {random.integers(9)} ." for y in labels)
    return Reviews(tuple(texts), labels)


TINY = imdb_parts.Settings(
    seeds=(0, 1), few=40, few_test=30, many=80, many_test=50, many_seeds=1, embedding_dim=6,
    hidden_size=4, lr=2e-2, epochs=4,
)  # fmt: skip


@pytest.fixture
def parts(monkeypatch):
    halves = {"train": reviews(100, 0), "test": reviews(60, 1)}
    tokens = {name: [tokenize(text) for text in half.texts] for name, half in halves.items()}
    labels = {name: half.labels for name, half in halves.items()}
    monkeypatch.setattr(imdb_parts, "texts", lambda: (tokens, labels))


@pytest.mark.parametrize("model", ["出発点", "平均", *BAGS])
def test_each_seed_answers_every_test_review(parts, model):
    values = imdb_parts.run({"reviews": 40, "model": model}, TINY)
    assert len(values["accuracy"]) == len(values["right"]) == 2
    for accuracy, packed in zip(values["accuracy"], values["right"], strict=True):
        assert unpack(packed, 30).mean() == pytest.approx(accuracy, abs=1e-6)
    assert values["mean"] == pytest.approx(sum(values["accuracy"]) / 2)


def test_more_reviews_have_fewer_seeds_and_more_tests(parts):
    values = imdb_parts.run({"reviews": 80, "model": "出発点"}, TINY)
    assert len(values["accuracy"]) == 1
    assert unpack(values["right"][0], 50).mean() == pytest.approx(values["mean"], abs=1e-6)


def test_the_few_are_among_the_many_and_the_tests_are_the_same_for_every_seed(parts):
    few, many = (imdb_parts.chosen(TINY.size(n), seed=1) for n in (40, 80))
    assert few["train"] == tuple(part[:40] for part in many["train"])
    again = imdb_parts.chosen(TINY.size(40), seed=0)
    assert again["test"] == few["test"] and again["train"] != few["train"]


def weights_of(variant):
    vocabulary = Vocabulary(["good", "bad", "film"])
    model = imdb_parts.build(TINY, variant, vocabulary, seed=0)
    return {name: value for name, value in model.state_dict().items() if "pool" not in name}


@pytest.mark.parametrize("variant", ["ドロップアウト", "スケジューラ"])
def test_a_variant_starts_from_the_same_weights(variant):
    base, changed = weights_of("出発点"), weights_of(variant)
    assert base.keys() == changed.keys()
    assert all(torch.equal(base[name], changed[name]) for name in base)


def test_the_knobs_turn_one_thing_each_away_from_the_command():
    usual = asdict(imdb_knobs.BASE)
    theirs = asdict(DEFAULTS["train"])
    assert all(usual[part] == theirs[part] for part in usual)
    for knob, courses in imdb_knobs.KNOBS.items():
        for course in courses.values():
            turned = [
                (part, name)
                for part, values in asdict(course).items()
                for name, value in values.items()
                if value != usual[part][name]
            ]
            assert len(turned) == (knob != "既定")


def test_knobs_and_leanings_need_the_real_reviews(monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    for experiment in (imdb_knobs, imdb_leanings):
        settings = experiment.Settings()
        units = experiment.units(settings)
        assert len({str(unit) for unit in units}) == len(units)
        with pytest.raises(NotHere, match="本物の IMDb が必要です"):
            experiment.run(units[0], settings)


@pytest.fixture
def known(monkeypatch):
    material = prepare(Imdb(reviews(300, 0), reviews(60, 1), Source("cache", "IMDb", "")))
    small = {name: replace(recipe, passes=8.0) for name, recipe in RECIPES.items()}
    monkeypatch.setattr(imdb_leanings, "RECIPES", small)
    monkeypatch.setattr(imdb_leanings, "material", lambda: material)
    return material


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_learns_and_answers(recipe, known):
    values = imdb_leanings.run({"recipe": recipe, "seed": 0}, imdb_leanings.Settings())
    assert values["test"] > 0.9
    assert unpack(values["right"], 60).mean() == values["test"]
    assert values["updates"] == 8 * 5 and values["phrases"] > 10
    assert set(values["behaviour"]) > {"肯定文", "近い否定"}


def test_hiding_the_leanings_changes_nothing_else(known):
    models = [
        imdb_leanings.teach(replace(RECIPES[name], passes=0.2), 0, known)[0]
        for name in ("強く", "偏りなし")
    ]
    shapes = [[p.shape for p in model.parameters()] for model in models]
    assert shapes[0] == shapes[1]
    assert [type(model.leanings) for model in models] == [imdb_leanings.Leanings, NoLeanings]
    ids = torch.tensor([known.vocabulary.encode(["superb", "film"])])
    assert models[0].leanings(ids).any() and not models[1].leanings(ids).any()


def test_the_labels_are_given_only_where_oneself_is_removed(known, monkeypatch):
    given = []

    def watched(self, ids, labels=None):
        given.append(labels is not None)
        return torch.zeros(*ids.shape, self.longest)

    monkeypatch.setattr(imdb_leanings.Leanings, "__call__", watched)
    for name in ("強く", "自分の 1 件も数える"):
        given.clear()
        imdb_leanings.teach(replace(RECIPES[name], passes=1.0), 0, known)
        assert set(given) == {name == "強く"}
