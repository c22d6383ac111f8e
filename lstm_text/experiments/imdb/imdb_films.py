"""検証の精度は甘いか：検証用のレビューを、レビューごとに分けるか、映画ごとに分けるか

IMDb の訓練用には、同じ映画の感想がいくつも入っている。レビューごとに無作為に分けると、検証用の
映画のほとんどは、訓練用にもある。テスト用の映画は、訓練用と重ならない（1 本だけ例外がある）。
``映画だけ`` は、本文を読まず、訓練用にある同じ映画の感想の多数決で答える。``shared`` は、
検証用のうち、訓練用に同じ映画の感想があるものの割合。
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from lstm_text import UNK
from lstm_text.datasets import load_imdb, load_imdb_films
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.films import majority
from lstm_text.imdb import (
    NBSVM,
    Corpus,
    Labelled,
    Plan,
    Shape,
    Supervised,
    bag_of_pairs,
    bag_of_triples,
    build_classifier,
    load_or_encode,
    probabilities,
    train,
)
from lstm_text.text import tokenize, training_batches

BY_REVIEW, BY_FILM = "レビューごと", "映画ごと"
_SHAPE = Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0)
_PLAN = Plan(epochs=2, batch_size=32, learning_rate=4e-3)


@dataclass(frozen=True)
class Settings:
    """記録の設定。LSTM は、はしごの 1 段めと同じもの。

    Examples
    --------
    >>> [unit["split"] for unit in units(Settings())][:2]
    ['レビューごと', '映画ごと']
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    validation: float = 0.1
    vocab_size: int = 20_000
    max_length: int = 400
    read_length: int = 1_000
    shape: Shape = _SHAPE
    plan: Plan = _PLAN


def units(settings: Settings) -> list[dict]:
    """答え方と、検証用の分け方の組。"""
    return [{"model": model, "split": split} for model in MODELS for split in (BY_REVIEW, BY_FILM)]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、種ごとに分けて測る。"""
    films = load_imdb_films()
    if not films:
        raise NotHere("本物の IMDb が必要です。")
    each = []
    for seed in settings.seeds:
        parts = divide(films, unit["split"], settings.validation, seed)
        each.append(MODELS[unit["model"]](*parts, settings, seed))
    return {name: [one[name] for one in each] for name in each[0]}


def divide(
    films: Sequence[str], split: str, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """訓練用と検証用に分ける。

    Parameters
    ----------
    films : sequence of str
        レビューごとの、映画の番号。
    split : {"レビューごと", "映画ごと"}
        ``"映画ごと"`` なら、1 つの映画の感想は、どちらか一方だけに入る。
    fraction : float
        検証用にする、レビューか映画の割合。
    seed : int

    Returns
    -------
    train, validation : ndarray of int
        レビューの番号。

    Examples
    --------
    >>> train, validation = divide(["a", "a", "b", "b"], BY_FILM, 0.5, seed=0)
    >>> len(train), len(validation)
    (2, 2)
    """
    if split == BY_FILM:
        splitter = GroupShuffleSplit(1, test_size=fraction, random_state=seed)
        return next(splitter.split(films, groups=films))
    return next(ShuffleSplit(1, test_size=fraction, random_state=seed).split(films))


def film_alone(learned: np.ndarray, held_out: np.ndarray, settings: Settings, seed: int) -> dict:
    """本文を読まず、映画だけで検証用に答える。"""
    films, labels = np.array(load_imdb_films()), np.array(load_imdb().train.labels)
    votes = majority(films[learned], labels[learned], films[held_out])
    return {
        "validation": float(np.mean(votes == labels[held_out])),
        "shared": float(np.mean(np.isin(films[held_out], films[learned]))),
    }


def nbsvm(
    bag_of: Callable[[], CountVectorizer],
    learned: np.ndarray,
    held_out: np.ndarray,
    settings: Settings,
    seed: int,
) -> dict:
    """``bag_of`` の数える語や語の組で学ぶ NB-SVM で、検証用とテスト用に答える。"""
    (known, asked), imdb = _tokens(), load_imdb()
    labels = np.array(imdb.train.labels)
    bag, model = bag_of(), NBSVM()
    model.fit(bag.fit_transform(known[i] for i in learned), labels[learned])
    found = [model.predict(bag.transform(x)) for x in ([known[i] for i in held_out], asked)]
    return _accuracies(found, [labels[held_out], imdb.test.labels])


def lstm(learned: np.ndarray, held_out: np.ndarray, settings: Settings, seed: int) -> dict:
    """双方向 LSTM を訓練し、検証用とテスト用に答える。最後のエポックの重みを使う。"""
    imdb, corpus, plan = load_imdb(), _encoded(settings), replace(settings.plan, seed=seed)
    texts, labels = corpus.parts["train"], imdb.train.labels
    training = Labelled(texts, labels, settings.max_length, learned.tolist())
    asked = [
        Labelled(texts, labels, settings.read_length, held_out.tolist()),
        Labelled(corpus.parts["test"], imdb.test.labels, settings.read_length),
    ]
    counts = torch.bincount(texts.ids, minlength=len(corpus.vocabulary))
    counts[UNK] = counts[UNK].clamp_min(1)
    classifier = build_classifier(counts.float(), settings.shape, seed).to(get_device())
    with tempfile.TemporaryDirectory() as folder:
        train(
            classifier,
            Supervised(),
            lambda seed: training_batches(training, plan.batch_size, generator(seed)),
            lambda: {"score": 0.0},  # 検証用では、エポックも選ばない
            plan,
            Path(folder),
            about={},
        )
    with torch.no_grad():
        found = [(probabilities(classifier, part) > 0.5).numpy() for part in asked]
    return _accuracies(found, [part.labels for part in asked])


MODELS = {
    "映画だけ": film_alone,
    "NB-SVM": partial(nbsvm, bag_of_pairs),
    "3 語までの NB-SVM": partial(nbsvm, bag_of_triples),
    "LSTM": lstm,
}
"""答え方。``(訓練用の番号, 検証用の番号, 設定, 種)`` から精度を測る関数。"""


def _accuracies(found: Sequence[np.ndarray], labels: Sequence[Sequence[float]]) -> dict:
    pairs = zip(("validation", "test"), found, labels, strict=True)
    return {name: float(np.mean(answers == np.array(right))) for name, answers, right in pairs}


@cache
def _tokens() -> tuple[list[list[str]], list[list[str]]]:
    """訓練用とテスト用の語。分け方ごとに切り直すには重い。"""
    imdb = load_imdb()
    return tuple([tokenize(text) for text in part.texts] for part in (imdb.train, imdb.test))


def _encoded(settings: Settings) -> Corpus:
    """番号にした訓練用とテスト用。語彙は、検証用の本文も含めて数える（正解は使わない）。"""
    imdb = load_imdb()
    parts = {"train": imdb.train.texts, "test": imdb.test.texts}
    return load_or_encode(parts, ["train"], settings.vocab_size)
