"""imdb_encoder：選び方、端から端まで。"""

import numpy as np
import pytest
import torch

from lstm_text.datasets import (
    Imdb,
    Reviews,
    Source,
    behaviour_tests,
    negation_by_distance,
)
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_encoder, minilm
from lstm_text.experiments.imdb.imdb_encoder import Settings, choose, run
from lstm_text.experiments.imdb.minute import prepare
from lstm_text.records import unpack


class GoodAndBad:
    """「good」と「bad」と「not」の数を、ベクトルとするエンコーダ。"""

    conditions, max_tokens, parameters, versions = ("例",), 256, 7, {"例": "1.0"}

    def __init__(self, max_tokens):
        pass

    def __call__(self, texts):
        counts = [[text.lower().count(word) for word in ("good", "bad", "not")] for text in texts]
        return torch.tensor(counts).float()

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
    monkeypatch.setattr(imdb_encoder, "material", lambda: prepare(imdb))
    monkeypatch.setattr(imdb_encoder, "MiniLM", GoodAndBad)
    return imdb


def test_what_the_vectors_know_is_answered_review_by_review(real):
    values = run({"lessons": 0, "seed": 0}, Settings(timed=5))
    assert values["validation"] == 1.0 and values["test"] == 37 / 40
    assert unpack(values["right"], 40).tolist() == [False] * 3 + [True] * 37
    assert set(values["reading"]) == {"train", "validation", "test"}
    assert values["reading"]["test"] | {"seconds": 0, "cpu_seconds": 0} == {
        "seconds": 0, "cpu_seconds": 0, "tokens": 80, "cut": 0,
    }  # fmt: skip
    assert (values["parameters"], values["trained"]) == (7, 4)
    assert values["milliseconds"] > 0


def test_it_answers_what_the_other_readers_answer(real):
    """振る舞いの試験の種類も距離も、1 分の勝負と同じ。加えるだけの式は、打ち消しを裏返せない。"""
    values = run({"lessons": 0, "seed": 0}, Settings(timed=1))
    assert set(values["behaviour"]) == {str(kind) for kind in behaviour_tests()}
    assert set(values["distance"]) == {str(kind) for kind in negation_by_distance()}
    assert all(0 <= rate <= 1 for rate in values["behaviour"].values())


def test_the_short_sentences_are_learnt_beside_the_reviews(monkeypatch, real):
    """短い文の正解どおりに、「good」の重みが逆になる。"""
    against = Reviews(("good",) * 2_000 + ("bad",) * 2_000, (0,) * 2_000 + (1,) * 2_000)
    monkeypatch.setattr(imdb_encoder, "negation_lessons", lambda count, rng, words: against)
    values = run({"lessons": 4_000, "seed": 0}, Settings(timed=1))
    assert values["test"] == 3 / 40 and "lessons" in values["reading"]


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


def test_without_the_package_the_record_is_left_alone(monkeypatch, real):
    monkeypatch.setattr(imdb_encoder, "MiniLM", minilm.MiniLM)
    monkeypatch.setattr(minilm, "find_spec", lambda name: None)
    with pytest.raises(NotHere, match="文エンコーダのパッケージが必要です"):
        run({"lessons": 0, "seed": 0}, Settings())
