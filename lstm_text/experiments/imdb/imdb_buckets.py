"""IMDb で、長さの近いレビューを集めたミニバッチと、混ぜただけのミニバッチ

同じレビュー、同じ初期値、同じ更新の回数で、ミニバッチの組み方だけを変えます。組み方の違いは、何個の
ミニバッチの分を長さの順に並べてから切り分けるか（1 なら、混ぜるだけ）という 1 つの数です。
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lstm_text.datasets import Reviews
from lstm_text.device import generator
from lstm_text.experiments.imdb.few_reviews import (
    Recipe,
    classifier,
    divide,
    endless,
    imdb,
    right,
    train,
)
from lstm_text.records import pack
from lstm_text.text import LengthBuckets, padding_share


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Attributes
    ----------
    pools : tuple of (str, int)
        組み方の名前と、:class:`~lstm_text.text.LengthBuckets` の ``pool``。

    Examples
    --------
    >>> units(Settings(sizes=(8,)))
    [{'reviews': 8, 'batches': '混ぜる'}, {'reviews': 8, 'batches': '集める'}]
    """

    seeds: tuple[int, ...] = tuple(range(16))
    sizes: tuple[int, ...] = (1000, 4000)
    pools: tuple[tuple[str, int], ...] = (("混ぜる", 1), ("集める", 50))
    hidden_size: int = 32
    lr: float = 4e-3
    recipe: Recipe = field(default_factory=Recipe)


def units(settings: Settings) -> list[dict]:
    """測るもの：訓練用の数と、ミニバッチの組み方。"""
    return [{"reviews": n, "batches": name} for n in settings.sizes for name, _ in settings.pools]


def run(unit: dict, settings: Settings) -> dict:
    """種ごとに訓練し、テスト用のレビューに答えさせる。"""
    return compare(imdb().train, imdb().test, unit, settings)


def compare(learned: Reviews, asked: Reviews, unit: dict, settings: Settings) -> dict:
    """種ごとに訓練し、1 件ごとの当たり外れ、パディング、時間を返す。

    Parameters
    ----------
    learned, asked : Reviews
        訓練用とテスト用。
    unit : dict
        :func:`units` の 1 つ。
    settings : Settings

    Returns
    -------
    dict
        種ごとの ``accuracy``、``right``（:func:`~lstm_text.records.pack` で詰めたもの）、
        ``padding``（訓練で読んだミニバッチのうち、パディングの割合）、``training``（訓練に CPU を
        使った秒数）。
    """
    pool, recipe = dict(settings.pools)[unit["batches"]], settings.recipe
    values = {name: [] for name in ("accuracy", "right", "padding", "training")}
    for seed in settings.seeds:
        parts = divide(learned, asked, unit["reviews"], seed, recipe)
        model = classifier(len(parts.vocabulary), settings.hidden_size, seed, recipe)
        seconds = train(model, endless(parts.train, pool, seed, recipe), settings.lr, recipe)
        answers = right(model, parts.test)
        values["accuracy"].append(round(float(answers.mean()), 6))
        values["right"].append(pack(answers))
        values["padding"].append(padding(parts.train.lengths, pool, seed, recipe))
        values["training"].append(round(seconds, 2))
    return values


def padding(lengths: list[int], pool: int, seed: int, recipe: Recipe) -> float:
    """訓練で読むミニバッチのうち、パディングの占める割合。

    Parameters
    ----------
    lengths : list of int
        レビューの、切ったあとの長さ。
    pool, seed : int
    recipe : Recipe

    Returns
    -------
    float

    Examples
    --------
    >>> lengths, two = [1, 4] * 50, Recipe(batch_size=2, updates=50)
    >>> padding(lengths, 50, 0, two), padding(lengths, 1, 0, two) > 0.1
    (0.0, True)
    """
    batches = _batches(lengths, pool, seed, recipe)
    read = [next(batches) for _ in range(recipe.updates)]
    return round(padding_share([lengths[i] for i in batch] for batch in read), 4)


def _batches(lengths: list[int], pool: int, seed: int, recipe: Recipe) -> Iterator[list[int]]:
    """:func:`~lstm_text.experiments.imdb.few_reviews.endless` が読むものの、番号。"""
    buckets = LengthBuckets(lengths, recipe.batch_size, generator(seed), pool)
    while True:
        yield from buckets
