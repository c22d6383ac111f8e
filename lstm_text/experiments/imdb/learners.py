"""頂上の分類器：先生と生徒のつながりをたどり、まだなら訓練し、答えさせる。"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor

from lstm_text.device import get_device
from lstm_text.experiments.imdb.processes import in_processes
from lstm_text.experiments.imdb.steps import measure_pretraining, run_folder, train_only
from lstm_text.experiments.imdb.students import answers, unlabelled, with_answers, with_validation
from lstm_text.experiments.imdb.summit_recipes import (
    ADVERSARIAL,
    AGAIN,
    FINE,
    LANGUAGES,
    LARGE,
    LARGE_FINE,
    LARGE_STUDENT,
    LARGE_STUDY,
    LARGE_TEACHER,
    PRETRAINING,
    STUDENT,
    STUDY,
    STUDY_AGAIN,
    TEACHERS,
)
from lstm_text.imdb import ImdbData, load_classifier, load_data, reuse_freed_memory
from lstm_text.imdb import Settings as Course
from lstm_text.records import code_hash

Seeds = tuple[int, ...]


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
    def kind(self) -> str:
        """フォルダの名前の初めの語。"""
        return "student" if self.teachers else "reader"

    @property
    def folder(self) -> Path:
        """訓練の途中を置くフォルダ。先生が変われば、別のフォルダになる。"""
        code = [_code(), *(each.folder.name for each in self.teachers)]
        return run_folder(self.kind, " ".join(code), self.course)

    def learn(self) -> dict:
        """訓練する。先生は、もう答えていなければならない。"""
        return train_only(self.course, self.folder, self.reviews(), get_device())

    def answers(self, part: str) -> Tensor:
        """検証用、テスト用、評価のないレビューのどれかへの答え。答えてあれば、読むだけ。"""
        data = load_data(FINE)
        rest = unlabelled(data)
        reviews = {"validation": data.validation, "test": data.test, "unlabelled": rest}[part]
        classifier, _, _ = load_classifier(self.folder)
        return answers(classifier.to(get_device()), reviews, self.folder / f"{part}.safetensors")

    def labelled(self) -> ImdbData:
        """正解のあるレビュー。"""
        return load_data(FINE)

    def reviews(self) -> ImdbData:
        """学ぶレビュー。先生がいれば、その答えの平均を正解とした、評価のないレビューも。"""
        if not self.teachers:
            return self.labelled()
        each = torch.stack([teacher.answers("unlabelled") for teacher in self.teachers])
        return with_answers(self.labelled(), each.mean(0))


class Successor(Learner):
    """先生たちの後を継ぐ、最後の生徒。設定はもう選ばないので、検証用のレビューからも学ぶ。

    残すのは、学んだレビューでの精度がいちばん高いエポックの重み。ふつうは最後のエポックになる。

    Examples
    --------
    >>> Successor(FINE, (Learner(FINE),)).kind
    'successor'
    """

    @property
    def kind(self) -> str:
        """フォルダの名前の初めの語。"""
        return "successor"

    def learn(self) -> dict:
        """訓練する。検証の数値は、学んだレビューでのものなので、残さない。"""
        values = super().learn()
        rows = [{key: row[key] for key in ("epoch", "loss", "seconds")} for row in values["epochs"]]
        return values | {"epochs": rows}

    def labelled(self) -> ImdbData:
        """正解のあるレビュー。検証用のものも入る。"""
        return with_validation(super().labelled())


@dataclass(frozen=True)
class Stage:
    """分類器の段。

    Attributes
    ----------
    course : Course
        種と、初めの重みのほかの設定。
    start : str
        埋め込みと LSTM の初めの重みをもらう段。
    teachers : tuple of str
        評価のないレビューに答えを付ける段。
    kind : type
        :class:`Learner` か :class:`Successor`。

    Examples
    --------
    >>> Stage(FINE, PRETRAINING).teachers
    ()
    """

    course: Course
    start: str
    teachers: tuple[str, ...] = ()
    kind: type[Learner] = Learner


TUNED, HARDENED = TEACHERS

STAGES = {
    TUNED: Stage(FINE, PRETRAINING),
    HARDENED: Stage(ADVERSARIAL, PRETRAINING),
    STUDENT: Stage(STUDY, PRETRAINING, TEACHERS),
    AGAIN: Stage(STUDY_AGAIN, STUDENT, (*TEACHERS, STUDENT), Successor),
    LARGE_TEACHER: Stage(LARGE_FINE, LARGE),
    LARGE_STUDENT: Stage(LARGE_STUDY, LARGE, (LARGE_TEACHER,)),
}
"""分類器の段。"""


def learners(rung: str, seeds: Seeds) -> list[Learner]:
    """その段の分類器を、種の順に。

    Examples
    --------
    >>> [len(learners(rung, (0, 1))[0].teachers) for rung in STAGES]
    [0, 0, 4, 6, 0, 2]
    """
    stage = STAGES[rung]
    if stage.start in LANGUAGES:
        owners = language_seeds(stage.start, seeds)
        starts = [_language_folder(stage.start, seed) for seed in owners]
    else:
        starts = [each.folder for each in learners(stage.start, seeds)]
    taught_by = tuple(each for part in stage.teachers for each in learners(part, seeds))
    return [
        stage.kind(_with_seed(_starting(stage.course, start), seed), taught_by)
        for start, seed in zip(starts, seeds, strict=True)
    ]


def language_of(rung: str) -> str:
    """その段の分類器の、もとをたどると行き着く言語モデルの段。"""
    return rung if rung in LANGUAGES else language_of(STAGES[rung].start)


def language_seeds(language: str, seeds: Seeds) -> Seeds:
    """分類器の種ごとの、もとになる言語モデルの種。"""
    return seeds[:1] * len(seeds) if language == LARGE else seeds


def _starting(course: Course, folder: Path) -> Course:
    """そのフォルダの埋め込みと LSTM の重みから始める設定。"""
    return replace(course, lesson=replace(course.lesson, language_model=str(folder)))


def _with_seed(course: Course, seed: int) -> Course:
    return replace(course, plan=replace(course.plan, seed=seed))


def _language_folder(language: str, seed: int) -> Path:
    return run_folder("language", _code(), _with_seed(LANGUAGES[language], seed))


@cache
def _code() -> str:
    """訓練のコードのハッシュ。フォルダを言うたびに求めるには重い。"""
    return code_hash("lstm_text.imdb.learn")


@cache
def languages(rung: str, seeds: Seeds) -> list[dict]:
    """その段の言語モデルを、種ごとに訓練する。

    Examples
    --------
    >>> languages(PRETRAINING, ())
    []
    """
    owners = dict.fromkeys(language_seeds(rung, seeds))
    return _abreast([partial(_learn_language, rung, seed) for seed in owners])


@cache
def trained(rung: str, seeds: Seeds) -> list[dict]:
    """その段の分類器を、種ごとに訓練する。言語モデルと先生がまだなら、先に訓練する。

    Examples
    --------
    >>> trained(STUDENT, ())
    []
    """
    languages(language_of(rung), seeds)
    for part in STAGES[rung].teachers:
        trained(part, seeds)
    each = learners(rung, seeds)
    teachers = dict.fromkeys(teacher for one in each for teacher in one.teachers)
    _abreast([partial(teacher.answers, "unlabelled") for teacher in teachers])
    return _abreast([one.learn for one in each])


@cache
def answered(rung: str, seeds: Seeds) -> list[dict[str, Tensor]]:
    """その段の分類器の、検証用とテスト用のレビューへの答えを、種の順に。まだなら、訓練して答える。

    Examples
    --------
    >>> answered(STUDENT, ())
    []
    """
    trained(rung, seeds)
    each, parts = learners(rung, seeds), ("validation", "test")
    _abreast([partial(one.answers, part) for part in parts for one in each])
    return [{part: one.answers(part) for part in parts} for one in each]  # 残った答えを読む


def _abreast(jobs: Sequence[Callable]) -> list:
    """仕事をプロセスに分けて並べる。1 つだけなら、ここで、すべての CPU を使う。"""
    if len(jobs) > 1 and get_device().type == "cpu":
        return in_processes(jobs)
    reuse_freed_memory()
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        return [job() for job in jobs]  # GPU が 1 つなら、並べても取り合うだけ
    finally:
        torch.set_num_threads(before)


def _learn_language(rung: str, seed: int) -> dict:
    course = _with_seed(LANGUAGES[rung], seed)
    return measure_pretraining(course, _language_folder(rung, seed), load_data(FINE), get_device())
