"""はしごの段は、何を読めるようになるか：1 件ごとの当たり外れと、振る舞いの試験

``imdb_ladder`` の段を、同じ設定で、どの CPU でも訓練できる float32 で訓練し直し、
1 件ごとの当たり外れ、自信のあった答え、振る舞いの試験、本文に出てくる短い文への答えを残す。
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from lstm_text.datasets import Reviews, load_imdb
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.asked import ask
from lstm_text.experiments.imdb.imdb_contenders import BAGS, count_words, examine
from lstm_text.experiments.imdb.imdb_ladder import RUNGS
from lstm_text.experiments.imdb.minute import material
from lstm_text.experiments.imdb.steps import run_folder
from lstm_text.imdb import (
    load_classifier,
    load_data,
    probabilities,
    teach,
)
from lstm_text.records import code_hash, pack

NEURAL = tuple(rung for rung in RUNGS if rung != "パディングも読む LSTM")
"""長さを守る LSTM の段。"""

SURE = 0.4
"""確率が 0.5 からこれより離れていれば、自信のあった答えとみなす（9 割を超える確率）。"""


@dataclass(frozen=True)
class Settings:
    """尋ね方の設定。

    Examples
    --------
    >>> len(units(Settings())) == len(BAGS) + 2 * len(NEURAL)
    True
    """

    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。種によらない段は 1 度だけ測る。"""
    once = [{"rung": rung, "seed": settings.seeds[0]} for rung in BAGS]
    return once + [{"rung": rung, "seed": seed} for seed in settings.seeds for rung in NEURAL]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登り、尋ねる。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    if unit["rung"] in BAGS:
        return _count_words(*BAGS[unit["rung"]])
    course = RUNGS[unit["rung"]]
    course = replace(course, plan=replace(course.plan, seed=unit["seed"], precision="float32"))
    data, folder = (
        load_data(course),
        run_folder("reader", code_hash("lstm_text.imdb.learn"), course),
    )
    try:
        teach(course, folder, data, get_device())
    except FileNotFoundError as error:  # 単語ベクトルのファイルがない
        raise NotHere(str(error)) from error
    model = load_classifier(folder)[0].to(get_device())
    said = probabilities(model, data.test)
    right = (said > 0.5) == (torch.tensor(data.test.labels) > 0.5)
    return {
        "test": right.double().mean().item(),
        "right": pack(right.numpy()),
        "sure": pack(((said - 0.5).abs() > SURE).numpy()),
    } | ask(model, data.vocabulary, course.reading.read_length)


def _count_words(make_bag: Callable, make_model: Callable) -> dict:
    known = material()
    answer, _ = count_words(make_bag, make_model, known, Reviews((), ()))
    return examine(answer, known)
