"""IMDb の頂上：評価のないレビューで事前学習した LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。さらに敵対的訓練（Miyato ら, 2017）と、アンサンブルを重ねる。
全体で 2 コアの CPU で 3 時間に収める。止めても、失うのは 1 エポックまで。
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lstm_text.datasets import load_imdb
from lstm_text.dependencies import fingerprint
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb_ladder import RUNGS
from lstm_text.lessons import Lesson, load_data, teach
from lstm_text.lessons import Settings as Course
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import ImdbData
from lstm_text.rungs import (
    climb,
    climb_pretraining,
    climb_together,
    climb_with_words,
    pair_scores,
    run_folder,
)

LANGUAGE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, locked_dropout=0.1),
    plan=Plan(epochs=2, batch_size=32, learning_rate=2e-3, precision="bfloat16"),
)
"""事前学習の設定。"""
FINE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, pooling="attention", locked_dropout=0.3),
    plan=Plan(epochs=3, batch_size=32, learning_rate=1e-3, precision="bfloat16"),
)
"""微調整の設定。"""

PRETRAINING = "言語モデルの事前学習"
COURSES = {
    "事前学習 ＋ 微調整": FINE,
    "事前学習 ＋ 敵対的訓練": replace(FINE, lesson=Lesson("adversarial", epsilon=1.0)),
}
"""事前学習の後の段と、その設定。"""
FROM_LADDER = (RUNGS["注意"], RUNGS["＋ 敵対的訓練"])
"""はしごで登った段のうち、アンサンブルに加えるもの。"""
ENSEMBLE, WITH_WORDS = "アンサンブル", "アンサンブル ＋ NB-SVM"


@dataclass(frozen=True)
class Settings:
    """頂上の段の設定。種は微調整のもの。言語モデルは 1 つだけ訓練する。

    Examples
    --------
    >>> Settings().seeds
    (0, 1)
    """

    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。"""
    first = settings.seeds[0]
    trained = [{"rung": rung, "seed": seed} for seed in settings.seeds for rung in COURSES]
    together = [{"rung": rung, "seed": first} for rung in (ENSEMBLE, WITH_WORDS)]
    return [{"rung": PRETRAINING, "seed": first}, *trained, *together]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。前の段の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    device, data, code = get_device(), load_data(FINE), fingerprint("lstm_text.lessons")
    language = run_folder("language", code, LANGUAGE)
    values = climb_pretraining(LANGUAGE, language, data, device)
    if unit["rung"] == PRETRAINING:
        return values
    if unit["rung"] in COURSES:
        course = with_seed(after_pretraining(language, COURSES[unit["rung"]]), unit["seed"])
        return climb(course, run_folder("reader", code, course), data, device)
    folders = trained(members(language, settings.seeds), data, device)
    if unit["rung"] == ENSEMBLE:
        return climb_together(folders, data, device)
    return climb_with_words(folders, pair_scores(), data, device)


def members(language: Path, seeds: Iterable[int]) -> list[Course]:
    """アンサンブルに加えるモデルの設定。

    Parameters
    ----------
    language : Path
        言語モデルのフォルダ。
    seeds : iterable of int

    Returns
    -------
    list of Course
        種ごとに、はしごの段から取るもの、事前学習の後の段の順。

    Examples
    --------
    >>> [course.plan.seed for course in members(Path("language"), (0, 1))]
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    courses = [*FROM_LADDER, *(after_pretraining(language, each) for each in COURSES.values())]
    return [with_seed(course, seed) for seed in seeds for course in courses]


def trained(courses: Iterable[Course], data: ImdbData, device: torch.device) -> list[Path]:
    """設定ごとに、訓練の済んだモデルのフォルダ。まだなら、訓練する。

    Parameters
    ----------
    courses : iterable of Course
    data : ImdbData
    device : torch.device

    Returns
    -------
    list of Path

    Examples
    --------
    >>> trained([], None, torch.device("cpu"))
    []
    """
    folders = []
    for course in courses:
        folders.append(run_folder("reader", fingerprint("lstm_text.lessons"), course))
        teach(course, folders[-1], data, device)
    return folders


def after_pretraining(language: Path, course: Course) -> Course:
    """言語モデルの重みから始める設定。

    Examples
    --------
    >>> after_pretraining(Path("language"), FINE).lesson.language_model
    'language'
    """
    return replace(course, lesson=replace(course.lesson, language_model=str(language)))


def with_seed(course: Course, seed: int) -> Course:
    """種だけを変えた設定。

    Examples
    --------
    >>> with_seed(FINE, 7).plan.seed
    7
    """
    return replace(course, plan=replace(course.plan, seed=seed))
