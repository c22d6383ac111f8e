"""検証の精度は甘いか：検証用のレビューを、レビューごとに分けるか、映画ごとに分けるか

IMDb の訓練用には、同じ映画の感想がいくつも入っている。レビューごとに無作為に分けると、検証用の
映画のほとんどは、訓練用にもある。テスト用の映画は、訓練用と重ならない。``film`` は、本文を読まず、
訓練用にある同じ映画の感想の多数決だけで検証用に答えた精度。``shared`` は、検証用のうち、訓練用に
同じ映画の感想があるものの割合。``validation`` と ``test`` は NB-SVM の精度。
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from lstm_text.baselines import NBSVM, bag_of_pairs
from lstm_text.datasets import load_imdb, load_imdb_films
from lstm_text.experiments import NotHere
from lstm_text.text import tokenize

BY_REVIEW, BY_FILM = "レビューごと", "映画ごと"


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> Settings().validation
    0.1
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    validation: float = 0.1


def units(settings: Settings) -> list[dict]:
    """分け方。"""
    return [{"split": BY_REVIEW}, {"split": BY_FILM}]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの分け方で、種ごとに分けて測る。"""
    films = load_imdb_films()
    if not films:
        raise NotHere("本物の IMDb が必要です。")
    each = [measure(films, unit["split"], settings.validation, seed) for seed in settings.seeds]
    return {name: [one[name] for one in each] for name in each[0]}


def measure(films: Sequence[str], split: str, fraction: float, seed: int) -> dict[str, float]:
    """分けて、NB-SVM と、映画だけの多数決の精度を測る。"""
    (train, test), imdb = _tokens(), load_imdb()
    labels = np.array(imdb.train.labels)
    learned, held_out = divide(films, split, fraction, seed)
    bag, model = bag_of_pairs(), NBSVM()
    model.fit(bag.fit_transform(train[i] for i in learned), labels[learned])

    def accuracy(texts, answers) -> float:
        return float(np.mean(model.predict(bag.transform(texts)) == np.asarray(answers)))

    names = np.array(films)
    votes = majority(names[learned], labels[learned], names[held_out])
    return {
        "validation": accuracy((train[i] for i in held_out), labels[held_out]),
        "test": accuracy(test, imdb.test.labels),
        "film": float(np.mean(votes == labels[held_out])),
        "shared": float(np.mean(np.isin(names[held_out], names[learned]))),
    }


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


def majority(films: Sequence[str], labels: Sequence[int], asked: Sequence[str]) -> np.ndarray:
    """同じ映画の感想の多数決。同数か、1 つもなければ、全体の多いほう（同数なら肯定）。

    Parameters
    ----------
    films : sequence of str
        正解を知っているレビューの、映画の番号。
    labels : sequence of int
        その正解（0 か 1）。
    asked : sequence of str
        答えるレビューの、映画の番号。

    Returns
    -------
    ndarray of int, (len(asked),)

    Examples
    --------
    >>> majority(["a", "a", "a", "b"], [0, 0, 1, 1], ["a", "b", "c"])
    array([0, 1, 1])
    """
    balance: dict[str, int] = defaultdict(int)
    for film, label in zip(films, labels, strict=True):
        balance[film] += 1 if label else -1
    overall = sum(balance.values())
    return np.array([int((balance.get(film) or overall) >= 0) for film in asked])


@cache
def _tokens() -> tuple[list[list[str]], list[list[str]]]:
    """訓練用とテスト用の語。分け方ごとに切り直すには重い。"""
    imdb = load_imdb()
    return tuple([tokenize(text) for text in part.texts] for part in (imdb.train, imdb.test))
