"""IMDb の頂上：評価のないレビューからも学ぶ LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。敵対的訓練（Miyato ら, 2017）も加えた先生たちが、評価のないレビューに
答えを付け、生徒がその答えからも学ぶ（Lee, 2013）。種は、言語モデルから変える。2 コアの CPU なら
種ごとのプロセスを並べて 3 時間に収まる。止めても、失うのは 1 エポックまで。
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor

from lstm_text.datasets import load_imdb
from lstm_text.dependencies import fingerprint
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.lessons import Lesson, load_data, load_reader
from lstm_text.lessons import Settings as Course
from lstm_text.processes import side_by_side
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import ImdbData
from lstm_text.rungs import (
    climb_apart,
    climb_pretraining,
    climb_together,
    climb_with_words,
    pair_scores,
    run_folder,
)
from lstm_text.self_training import answers, with_answers

LANGUAGE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, locked_dropout=0.0),
    plan=Plan(epochs=3, batch_size=16, learning_rate=5e-3, precision="bfloat16"),
)
"""言語モデルの設定。"""
FINE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, pooling="attention", locked_dropout=0.3),
    plan=Plan(epochs=3, batch_size=32, learning_rate=4e-3, precision="bfloat16"),
)
"""微調整の設定。"""
ADVERSARIAL = replace(FINE, lesson=Lesson("adversarial", epsilon=1.0))
"""敵対的訓練の設定。"""
STUDY = replace(ADVERSARIAL, plan=replace(FINE.plan, epochs=2, batch_size=64))
"""生徒の設定。"""

PRETRAINING, STUDENT = "言語モデルの事前学習", "自己訓練"
TEACHERS = {"事前学習 ＋ 微調整": FINE, "事前学習 ＋ 敵対的訓練": ADVERSARIAL}
"""先生の段と、その設定。"""
TOGETHER, STUDENTS, EVERYONE = (
    "先生のアンサンブル",
    "生徒のアンサンブル",
    "生徒と先生 ＋ NB-SVM",
)

Climbed = tuple[dict, dict[str, Tensor]]
"""1 つのモデルの、訓練の数値と答え。"""


@dataclass(frozen=True)
class Settings:
    """頂上の段の設定。種ごとに、言語モデルから訓練する。

    Examples
    --------
    >>> Settings().seeds
    (0, 1)
    """

    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。低い段から順に。"""
    seeds, first = settings.seeds, settings.seeds[:1]
    rungs = [
        (PRETRAINING, seeds),
        *((rung, seeds) for rung in TEACHERS),
        (TOGETHER, first),
        (STUDENT, seeds),
        (STUDENTS, first),
        (EVERYONE, first),
    ]
    return [{"rung": rung, "seed": seed} for rung, each in rungs for seed in each]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。それより下の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    rung, seeds, data = unit["rung"], settings.seeds, load_data(FINE)
    k = seeds.index(unit["seed"])
    if rung == PRETRAINING:
        return languages(seeds)[k]
    if rung in TEACHERS:
        return _alone(teachers(rung, seeds)[k], data)
    every_teacher = [each for name in TEACHERS for each in teachers(name, seeds)]
    if rung == TOGETHER:
        return _together(every_teacher, data)
    if rung == STUDENT:
        return _alone(students(seeds)[k], data)
    if rung == STUDENTS:
        return _together(students(seeds), data)
    everyone = [*students(seeds), *every_teacher]
    mixed = climb_with_words([answers for _, answers in everyone], pair_scores(), data)
    return mixed | _size(everyone)


@cache
def languages(seeds: tuple[int, ...]) -> list[dict]:
    """種ごとに言語モデルを訓練する。

    Examples
    --------
    >>> languages(())
    []
    """
    return _abreast(_learn_language, seeds)


@cache
def teachers(rung: str, seeds: tuple[int, ...]) -> list[Climbed]:
    """種ごとに、その言語モデルから始めて、先生を訓練する。

    Examples
    --------
    >>> teachers("事前学習 ＋ 微調整", ())
    []
    """
    languages(seeds)
    return _abreast(_learn, (teacher(rung, seed) for seed in seeds))


@cache
def students(seeds: tuple[int, ...]) -> list[Climbed]:
    """先生たちに、評価のないレビューへ答えを付けさせ、種ごとに生徒を訓練する。

    Examples
    --------
    >>> students(())
    []
    """
    courses = tuple(teacher(rung, seed) for rung in TEACHERS for seed in seeds)
    for rung in TEACHERS:
        teachers(rung, seeds)
    _abreast(_answer, courses)
    return _abreast(partial(_study, courses), (student(seed) for seed in seeds))


def teacher(rung: str, seed: int) -> Course:
    """種ごとの、先生の設定。

    Examples
    --------
    >>> teacher("事前学習 ＋ 微調整", 1).plan.seed
    1
    """
    return _after_pretraining(TEACHERS[rung], seed)


def student(seed: int) -> Course:
    """種ごとの、生徒の設定。

    Examples
    --------
    >>> student(0).plan.epochs
    2
    """
    return _after_pretraining(STUDY, seed)


def _after_pretraining(course: Course, seed: int) -> Course:
    """同じ種の言語モデルの重みから始める設定。"""
    language = str(_folder("language", _with_seed(LANGUAGE, seed)))
    return _with_seed(replace(course, lesson=replace(course.lesson, language_model=language)), seed)


def _with_seed(course: Course, seed: int) -> Course:
    return replace(course, plan=replace(course.plan, seed=seed))


def _folder(kind: str, course: Course) -> Path:
    return run_folder(kind, fingerprint("lstm_text.lessons"), course)


def _abreast(job: Callable, each: Iterable) -> list:
    jobs = [partial(job, one) for one in each]
    # GPU が 1 つなら、並べても取り合うだけ
    return side_by_side(jobs) if get_device().type == "cpu" else [job() for job in jobs]


# 次の 4 つは、それぞれ別のプロセスで動く


def _learn_language(seed: int) -> dict:
    course = _with_seed(LANGUAGE, seed)
    return climb_pretraining(course, _folder("language", course), load_data(FINE), get_device())


def _learn(course: Course) -> Climbed:
    return climb_apart(course, _folder("reader", course), load_data(FINE), get_device())


def _answer(course: Course) -> None:
    _answers_of(course, load_data(FINE))


def _study(teaching: tuple[Course, ...], course: Course) -> Climbed:
    data = load_data(FINE)
    more = with_answers(data, torch.stack([_answers_of(each, data) for each in teaching]).mean(0))
    # 先生が変われば、生徒も別のフォルダで訓練する
    names = [_folder("reader", each).name for each in teaching]
    folder = run_folder("student", " ".join([fingerprint("lstm_text.lessons"), *names]), course)
    return climb_apart(course, folder, more, get_device())


def _answers_of(course: Course, data: ImdbData) -> Tensor:
    """評価のないレビューへの、1 人の先生の答え。答えてあれば、読むだけ。"""
    reader, _, _ = load_reader(_folder("reader", course))
    path = _folder("answers", course).with_suffix(".safetensors")
    return answers([reader.to(get_device())], data, path)


def _alone(one: Climbed, data: ImdbData) -> dict:
    values, answers = one
    return climb_together([answers], data) | values


def _together(each: list[Climbed], data: ImdbData) -> dict:
    return climb_together([answers for _, answers in each], data) | _size(each)


def _size(each: list[Climbed]) -> dict:
    return {"parameters": sum(values["parameters"] for values, _ in each)}
