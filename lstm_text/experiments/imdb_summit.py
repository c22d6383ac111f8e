"""IMDb の頂上：評価のないレビューからも学ぶ LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。敵対的訓練（Miyato ら, 2017）も加えた先生たちが、評価のないレビューに
答えを付け、生徒がその答えからも学ぶ（Lee, 2013）。生徒も先生に加えて、もう 1 度くり返す。種は、
言語モデルから変える。2 コアの CPU なら、種ごとのプロセスを並べて 3 時間に収まる。止めても、
失うのは 1 エポックまで。
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
STUDY_AGAIN = replace(STUDY, lesson=Lesson("adversarial", epsilon=3.0))
"""2 度めの生徒の設定。"""

PRETRAINING = "言語モデルの事前学習"
TEACHERS = {"事前学習 ＋ 微調整": FINE, "事前学習 ＋ 敵対的訓練": ADVERSARIAL}
"""先生の段と、その設定。"""
STUDENT, AGAIN = "自己訓練", "自己訓練をもう 1 度"
TOGETHER = {
    "先生のアンサンブル": (*TEACHERS,),
    "生徒のアンサンブル": (STUDENT,),
    "2 度めの生徒のアンサンブル": (AGAIN,),
}
"""アンサンブルの段と、並べる分類器の段。"""
EVERYONE = "生徒と先生 ＋ NB-SVM"

Seeds = tuple[int, ...]
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

    seeds: Seeds = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。低い段から順に。"""
    seeds, first = settings.seeds, settings.seeds[:1]
    rungs = [(PRETRAINING, seeds)]
    for together, parts in TOGETHER.items():
        rungs += [*((rung, seeds) for rung in parts), (together, first)]
    rungs.append((EVERYONE, first))
    return [{"rung": rung, "seed": seed} for rung, each in rungs for seed in each]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。それより下の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    rung, seeds, data = unit["rung"], settings.seeds, load_data(FINE)
    k = seeds.index(unit["seed"])
    if rung == PRETRAINING:
        return languages(seeds)[k]
    if rung not in (*TOGETHER, EVERYONE):
        values, probability = climbed(rung, seeds)[k]
        return climb_together([probability], data) | values
    parts = TOGETHER.get(rung, [part for parts in TOGETHER.values() for part in parts])
    members = [each for part in parts for each in climbed(part, seeds)]
    each = [probability for _, probability in members]
    size = {"parameters": sum(values["parameters"] for values, _ in members)}
    if rung == EVERYONE:
        return climb_with_words(each, pair_scores(), data) | size
    return climb_together(each, data) | size


@dataclass(frozen=True)
class Learner:
    """1 つの分類器：訓練の設定と、評価のないレビューに答えを付ける先生たち。

    Attributes
    ----------
    course : Course
    teachers : tuple of Learner
        いなければ空で、正解のあるレビューだけで学ぶ。

    Examples
    --------
    >>> teacher = Learner(FINE)
    >>> Learner(FINE, (teacher,)).folder == teacher.folder
    False
    """

    course: Course
    teachers: tuple["Learner", ...] = ()

    @property
    def folder(self) -> Path:
        """訓練の途中を置くフォルダ。先生が変われば、別のフォルダになる。"""
        code = [fingerprint("lstm_text.lessons"), *(each.folder.name for each in self.teachers)]
        kind = "student" if self.teachers else "reader"
        return run_folder(kind, " ".join(code), self.course)

    def learn(self) -> Climbed:
        """訓練する。先生は、もう答えを付けていなければならない。"""
        return climb_apart(self.course, self.folder, self._data(), get_device())

    def answers(self) -> Tensor:
        """評価のないレビューへの答え。答えてあれば、読むだけ。"""
        reader, _, _ = load_reader(self.folder)
        path = self.folder / "answers.safetensors"
        return answers([reader.to(get_device())], load_data(FINE), path)

    def _data(self) -> ImdbData:
        data = load_data(FINE)
        if not self.teachers:
            return data
        return with_answers(data, torch.stack([each.answers() for each in self.teachers]).mean(0))


def learners(rung: str, seeds: Seeds) -> list[Learner]:
    """その段の分類器を、種の順に。

    Examples
    --------
    >>> [len(learners(rung, (0, 1))[0].teachers) for rung in (*TEACHERS, STUDENT, AGAIN)]
    [0, 0, 4, 6]
    """
    course = {**TEACHERS, STUDENT: STUDY, AGAIN: STUDY_AGAIN}[rung]
    if rung == AGAIN:  # 1 度めの生徒の重みから始める
        starts = [each.folder for each in learners(STUDENT, seeds)]
    else:
        starts = [_language_folder(seed) for seed in seeds]
    taught_by = tuple(each for part in _teaching(rung) for each in learners(part, seeds))
    return [
        Learner(_with_seed(_starting(course, start), seed), taught_by)
        for start, seed in zip(starts, seeds, strict=True)
    ]


def _teaching(rung: str) -> tuple[str, ...]:
    """その段の先生になる段。"""
    return {STUDENT: (*TEACHERS,), AGAIN: (*TEACHERS, STUDENT)}.get(rung, ())


def _starting(course: Course, folder: Path) -> Course:
    """そのフォルダの埋め込みと LSTM の重みから始める設定。"""
    return replace(course, lesson=replace(course.lesson, language_model=str(folder)))


def _with_seed(course: Course, seed: int) -> Course:
    return replace(course, plan=replace(course.plan, seed=seed))


def _language_folder(seed: int) -> Path:
    return run_folder("language", fingerprint("lstm_text.lessons"), _with_seed(LANGUAGE, seed))


@cache
def languages(seeds: Seeds) -> list[dict]:
    """種ごとに言語モデルを訓練する。

    Examples
    --------
    >>> languages(())
    []
    """
    return _abreast(partial(_learn_language, seed) for seed in seeds)


@cache
def climbed(rung: str, seeds: Seeds) -> list[Climbed]:
    """その段の分類器を、種ごとに訓練する。言語モデルと先生がまだなら、先に訓練する。

    Examples
    --------
    >>> climbed(STUDENT, ())
    []
    """
    languages(seeds)
    for part in _teaching(rung):
        climbed(part, seeds)
    each = learners(rung, seeds)
    _abreast(teacher.answers for teacher in dict.fromkeys(t for one in each for t in one.teachers))
    return _abreast(one.learn for one in each)


def _abreast(jobs: Iterable[Callable]) -> list:
    jobs = list(jobs)
    # GPU が 1 つなら、並べても取り合うだけ
    return side_by_side(jobs) if get_device().type == "cpu" else [job() for job in jobs]


def _learn_language(seed: int) -> dict:
    course = _with_seed(LANGUAGE, seed)
    return climb_pretraining(course, _language_folder(seed), load_data(FINE), get_device())
