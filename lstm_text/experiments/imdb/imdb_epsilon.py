"""敵対的訓練の雑音は、どれだけ長くするか：検証用のレビューで選ぶ

``imdb_ladder`` の「＋ 敵対的訓練」の段を、雑音の長さ ε だけを変えて訓練する。計算は、``imdb_rungs``
と同じ float32。設定を選ぶための実験なので、テスト用のレビューには答えさせない。
"""

from dataclasses import dataclass, replace

from lstm_text.datasets import load_imdb
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.imdb_ladder import RUNGS
from lstm_text.experiments.imdb.steps import run_folder
from lstm_text.imdb import ImdbData, load_data, teach
from lstm_text.imdb import Settings as Course
from lstm_text.records import code_hash


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(epsilons=(1.0, 2.0)))
    [{'epsilon': 1.0, 'seed': 0}, {'epsilon': 2.0, 'seed': 0}]
    """

    seeds: tuple[int, ...] = (0,)
    epsilons: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 5.0)


def units(settings: Settings) -> list[dict]:
    """種と、雑音の長さの組。"""
    return [
        {"epsilon": epsilon, "seed": seed}
        for seed in settings.seeds
        for epsilon in settings.epsilons
    ]


def run(unit: dict, settings: Settings) -> dict:
    """その長さの雑音で訓練し、検証する。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    course = RUNGS["＋ 敵対的訓練"]
    plan = replace(course.plan, seed=unit["seed"], precision="float32")
    return validated(replace(course, plan=plan), unit["epsilon"], load_data(course))


def validated(course: Course, epsilon: float, data: ImdbData) -> dict:
    """訓練し、いちばん良かったエポックの検証の成績を返す。

    Parameters
    ----------
    course : Course
    epsilon : float
        雑音の長さ。
    data : ImdbData

    Returns
    -------
    dict
        検証の精度 ``validation`` と損失 ``loss``。``epochs`` は、エポックごとの数値。

    Examples
    --------
    >>> validated(RUNGS["＋ 敵対的訓練"], 1.0, data)  # doctest: +SKIP
    {'validation': 0.926, 'loss': 0.19, 'epochs': [...]}
    """
    course = replace(course, lesson=replace(course.lesson, epsilon=epsilon))
    folder = run_folder("epsilon", code_hash("lstm_text.imdb.learn"), course)
    rows = teach(course, folder, data, get_device())
    best = max(rows, key=lambda row: row["score"])
    return {"validation": best["val_accuracy"], "loss": best["val_loss"], "epochs": rows}
