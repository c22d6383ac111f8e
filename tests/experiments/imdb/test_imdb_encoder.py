"""imdb_encoder：選び方、端から端まで。"""

import numpy as np
import pytest
import torch

from lstm_text.datasets import Imdb, Reviews, Source
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_encoder, minilm
from lstm_text.experiments.imdb.imdb_encoder import Settings, choose, run
from lstm_text.records import unpack


class GoodAndBad:
    """「good」と「bad」の数を、ベクトルとするエンコーダ。"""

    conditions, max_tokens, parameters, versions = ("例",), 256, 7, {"例": "1.0"}

    def __init__(self, max_tokens):
        pass

    def __call__(self, texts):
        return torch.tensor([[text.count("good"), text.count("bad")] for text in texts]).float()

    def lengths(self, texts):
        return torch.tensor([len(text.split()) for text in texts])


def reviews(n, mistakes, seed):
    """``mistakes`` 件だけ、言うことと正解が逆のレビュー。初めに並ぶ。"""
    labels = torch.randint(0, 2, (n,), generator=generator(seed)).tolist()
    said = [1 - label if i < mistakes else label for i, label in enumerate(labels)]
    return Reviews(tuple(f"{i} " + ("good", "bad")[s == 0] for i, s in enumerate(said)), (*labels,))


@pytest.fixture
def real(monkeypatch, tmp_path):
    """本物の代わりの、小さな IMDb とエンコーダ。"""
    imdb = Imdb(reviews(100, 0, 0), reviews(40, 3, 1), Source("cache", "IMDb", ""))
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path))
    monkeypatch.setattr(imdb_encoder, "load_imdb", lambda: imdb)
    monkeypatch.setattr(imdb_encoder, "MiniLM", GoodAndBad)
    monkeypatch.setattr(imdb_encoder, "in_processes", lambda jobs: [job() for job in jobs])
    return imdb


def test_what_the_vectors_know_is_answered_review_by_review(real):
    values = run({"seed": 0}, Settings(timed=5))
    assert values["validation"] == 1.0 and values["test"] == 37 / 40
    assert unpack(values["right"], 40).tolist() == [False] * 3 + [True] * 37
    assert values["reviews"] == {"train": 90, "validation": 10, "test": 40}
    assert values["tokens"]["test"] == 80 and values["cut"]["test"] == 0
    assert (values["parameters"], values["trained"], values["features"]) == (7, 3, 2)
    assert 0 < values["one_review"]["median"] <= values["one_review"]["slowest"]


def test_the_strength_is_chosen_on_the_validation_reviews():
    random = np.random.default_rng(0)
    labels, held_out_labels = random.integers(0, 2, 60), random.integers(0, 2, 400)
    x, held_out = (
        np.c_[2 * y - 1 + random.normal(0, 2, len(y)), random.normal(size=(len(y), 40))]
        for y in (labels, held_out_labels)
    )
    strengths = (1e-3, 1.0, 1e3)
    model, accuracies = choose(x, labels, held_out, held_out_labels, strengths)
    assert model.score(held_out, held_out_labels) == max(accuracies) > min(accuracies)
    assert strengths.index(model.C) == accuracies.index(max(accuracies))


def test_neither_builtin_reviews_nor_a_missing_package_will_do(monkeypatch, real):
    builtin = Imdb(real.train, real.test, Source("builtin", "レビュー", ""))
    monkeypatch.setattr(imdb_encoder, "load_imdb", lambda: builtin)
    with pytest.raises(NotHere, match="本物の IMDb"):
        run({"seed": 0}, Settings())
    monkeypatch.setattr(imdb_encoder, "MiniLM", minilm.MiniLM)
    monkeypatch.setattr(minilm, "find_spec", lambda name: None)
    with pytest.raises(NotHere, match="文エンコーダのパッケージが必要です"):
        run({"seed": 0}, Settings())
