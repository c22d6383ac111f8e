"""IMDb で、訓練用のレビューの数と、隠れ状態の次元

訓練用のレビューの数ごとに、隠れ状態の次元だけを変えます。更新の回数は同じです。どの大きさにも同じ
学習率の並びを試し、検証用のレビューで精度の平均がいちばん高かったものを、テスト用のレビューに
答えさせます。
"""

from dataclasses import dataclass, field
from statistics import fmean

from lstm_text.datasets import Reviews
from lstm_text.experiments.imdb.few_reviews import (
    Recipe,
    classifier,
    divide,
    endless,
    imdb,
    right,
    train,
)
from lstm_text.models import count_parameters
from lstm_text.records import pack


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(sizes=(8,), hiddens=(2, 4)))
    [{'reviews': 8, 'hidden': 2}, {'reviews': 8, 'hidden': 4}]
    """

    seeds: tuple[int, ...] = tuple(range(16))
    sizes: tuple[int, ...] = (1000, 4000)
    hiddens: tuple[int, ...] = (16, 64, 128)
    rates: tuple[float, ...] = (2e-3, 6e-3)
    pool: int = 50
    recipe: Recipe = field(default_factory=lambda: Recipe(max_length=100, updates=200))


def units(settings: Settings) -> list[dict]:
    """測るもの：訓練用の数と、隠れ状態の次元。"""
    return [{"reviews": n, "hidden": h} for n in settings.sizes for h in settings.hiddens]


def run(unit: dict, settings: Settings) -> dict:
    """学習率を選び、種ごとにテスト用のレビューに答えさせる。"""
    return compare(imdb().train, imdb().test, unit, settings)


def compare(learned: Reviews, asked: Reviews, unit: dict, settings: Settings) -> dict:
    """学習率ごと、種ごとに訓練し、選んだ学習率の答えを返す。

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
        選んだ ``rate``、その種ごとの ``accuracy``、``right``（:func:`~lstm_text.records.pack` で
        詰めたもの）、訓練用のレビューでの精度 ``learned``、どの学習率も並べた検証の精度
        ``validation``、再帰層とモデル全体の重みの数 ``recurrent`` と ``parameters``。
    """
    recipe, each = settings.recipe, {rate: [] for rate in settings.rates}
    for seed in settings.seeds:
        parts = divide(learned, asked, unit["reviews"], seed, recipe)
        for rate in settings.rates:
            model = classifier(len(parts.vocabulary), unit["hidden"], seed, recipe)
            train(model, endless(parts.train, settings.pool, seed, recipe), rate, recipe)
            each[rate].append((float(right(model, parts.validation).mean()), model, parts))
    rate = max(settings.rates, key=lambda rate: fmean(score for score, _, _ in each[rate]))
    answers = [right(model, parts.test) for _, model, parts in each[rate]]
    learned_share = [float(right(model, parts.train).mean()) for _, model, parts in each[rate]]
    _, model, _ = each[rate][0]
    return {
        "rate": rate,
        "accuracy": [round(float(a.mean()), 6) for a in answers],
        "learned": [round(share, 4) for share in learned_share],
        "right": [pack(a) for a in answers],
        "validation": {str(r): [round(s, 4) for s, _, _ in scored] for r, scored in each.items()},
        "recurrent": count_parameters(model.recurrent),
        "parameters": count_parameters(model),
    }
