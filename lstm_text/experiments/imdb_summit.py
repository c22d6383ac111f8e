"""IMDb の頂上：評価のないレビューからも学ぶ LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。敵対的訓練（Miyato ら, 2017）も加えた先生たちが、評価のないレビューに
答えを付け、生徒がその答えからも学ぶ（Lee, 2013）。生徒も先生に加えて、もう 1 度くり返す。最後の
生徒は検証用のレビューからも学び、作りの違う NB-SVM と並んで答える。種は、言語モデルから変える。
それとは別に、ユニットを 2 倍にした言語モデルを 1 つだけ訓練し、先生と生徒を作り直して、みな並べる。
訓練は、どちらの登り方も、2 コアの CPU で 3 時間に収まる。止めても、失うのは 1 エポックまで。
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from lstm_text.corpora import Reviews
from lstm_text.datasets import load_imdb, load_imdb_films, split_validation
from lstm_text.dependencies import fingerprint
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.films import balancing_weights, votes
from lstm_text.lessons import VALIDATION, Lesson, load_data, load_reader
from lstm_text.lessons import Settings as Course
from lstm_text.memory import reuse_freed_memory
from lstm_text.processes import side_by_side
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import ImdbData
from lstm_text.rungs import (
    WordMix,
    climb_apart,
    climb_pretraining,
    climb_together,
    nbsvm_scores,
    run_folder,
)
from lstm_text.self_training import answers, unlabelled, with_answers, with_validation


def _large(course: Course, **plan) -> Course:
    """ユニットを 2 倍にし、訓練の進め方のいくつかを変えた設定。"""
    shape = replace(course.shape, hidden_size=2 * course.shape.hidden_size)
    return replace(course, shape=shape, plan=replace(course.plan, **plan))


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

LARGE_LANGUAGE = _large(LANGUAGE, batch_size=32, learning_rate=4e-3)
"""大きな言語モデルの設定。"""
LARGE_FINE = _large(FINE, learning_rate=3e-3)
"""大きな先生の設定。"""
LARGE_STUDY = _large(ADVERSARIAL, epochs=1, batch_size=64)
"""大きな生徒の設定。"""

PRETRAINING, LARGE = "言語モデルの事前学習", "大きな言語モデルの事前学習"
LANGUAGES = {PRETRAINING: LANGUAGE, LARGE: LARGE_LANGUAGE}
"""言語モデルの段と、その設定。大きなほうは 1 つだけ訓練し、どの種もそれから始める。"""
TEACHERS = "事前学習 ＋ 微調整", "事前学習 ＋ 敵対的訓練"
STUDENT, AGAIN = "自己訓練", "自己訓練をもう 1 度"
LARGE_TEACHER, LARGE_STUDENT = "大きな LSTM の微調整", "大きな LSTM の自己訓練"
TOGETHER = {
    "先生のアンサンブル": TEACHERS,
    "生徒のアンサンブル": (STUDENT,),
    "生徒 ＋ NB-SVM": (STUDENT,),
    "2 度めの生徒のアンサンブル": (AGAIN,),
    "2 度めの生徒 ＋ NB-SVM": (AGAIN,),
    "大きな先生のアンサンブル": (LARGE_TEACHER,),
    "大きな生徒のアンサンブル": (LARGE_STUDENT,),
    "大きな生徒 ＋ NB-SVM": (LARGE_STUDENT,),
    "大きな先生と生徒 ＋ NB-SVM": (LARGE_TEACHER, LARGE_STUDENT),
}
"""アンサンブルの段と、並べる分類器の段。"""
WITH_WORDS = {
    "生徒 ＋ NB-SVM": (STUDENT,),
    "2 度めの生徒 ＋ NB-SVM": (STUDENT,),
    "大きな生徒 ＋ NB-SVM": (LARGE_STUDENT,),
    "大きな先生と生徒 ＋ NB-SVM": (LARGE_TEACHER, LARGE_STUDENT),
}
"""NB-SVM も混ぜる段と、検証用の答えで混ぜ方を決める段（検証用のレビューから学んでいないもの）。"""

Seeds = tuple[int, ...]


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
    rungs: dict[str, Seeds] = {}
    for together, parts in TOGETHER.items():
        language = _language(parts[0])
        rungs[language] = tuple(dict.fromkeys(_language_seeds(language, settings.seeds)))
        rungs |= dict.fromkeys(parts, settings.seeds) | {together: settings.seeds[:1]}
    return [{"rung": rung, "seed": seed} for rung, seeds in rungs.items() for seed in seeds]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。それより下の途中の結果がなければ、それも作る。"""
    if not load_imdb_films():
        raise NotHere("映画の番号の付いた、本物の IMDb が必要です。")
    rung, seeds, data = unit["rung"], settings.seeds, load_data(FINE)
    k = seeds.index(unit["seed"])
    if rung in LANGUAGES:
        return languages(rung, seeds)[k]
    parts = TOGETHER.get(rung, (rung,))
    values = [each for part in parts for each in climbed(part, seeds)]
    each = _answers(parts, seeds)
    if rung in TOGETHER:
        about = {"parameters": sum(one["parameters"] for one in values)}
    else:
        about, each = values[k], each[k : k + 1]
    if rung in WITH_WORDS:
        each = [_with_words(each, _answers(WITH_WORDS[rung], seeds))]
    scores = climb_together(each, data)
    if AGAIN in parts:
        del scores["validation"]  # 学んだレビューなので、何も言わない
        return scores | about
    return scores | _validation_losses(each, data) | about


def _answers(parts: Sequence[str], seeds: Seeds) -> list[dict[str, Tensor]]:
    return [one for part in parts for one in answered(part, seeds)]


def _validation_losses(each: list[dict[str, Tensor]], data: ImdbData) -> dict[str, float]:
    """検証用のレビューでの、確率の平均の損失。ふつうの平均と、映画の評判が役に立たない平均。"""
    mean = torch.stack([one["validation"] for one in each]).mean(0)
    labels = mean.new_tensor(data.validation.labels)
    return {
        "validation_loss": binary_cross_entropy(mean, labels).item(),
        "balanced_loss": binary_cross_entropy(mean, labels, _film_weights()).item(),
    }


@cache
def _film_weights() -> Tensor:
    """検証用のレビューの重み。映画の評判は、訓練用のレビューで数える。"""
    films = Reviews(load_imdb_films(), load_imdb().train.labels)  # 本文の代わりに、映画の番号
    train, validation = split_validation(films, VALIDATION, generator(0))
    return balancing_weights(votes(train.texts, train.labels, validation.texts), validation.labels)


def _with_words(
    each: list[dict[str, Tensor]], deciding: list[dict[str, Tensor]]
) -> dict[str, Tensor]:
    """分類器の平均に、NB-SVM の点数を混ぜる。混ぜ方は、``deciding`` の検証用の答えで決める。

    検証用のレビューへの答えは、``deciding`` のもので、混ぜ方を交差検証で決める。
    """
    validation = torch.stack([one["validation"] for one in deciding]).mean(0)
    scores = nbsvm_scores()
    known = validation, scores["validation"], load_data(FINE).validation.labels
    mix, mean = WordMix(), torch.stack([one["test"] for one in each]).mean(0)
    return {
        "validation": mix.cross_validated(*known),
        "test": mix.fit(*known).answers(mean, scores["test"]),
    }


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
        return climb_apart(self.course, self.folder, self.reviews(), get_device())

    def answers(self, part: str) -> Tensor:
        """検証用、テスト用、評価のないレビューのどれかへの答え。答えてあれば、読むだけ。"""
        data = load_data(FINE)
        rest = unlabelled(data)
        reviews = {"validation": data.validation, "test": data.test, "unlabelled": rest}[part]
        reader, _, _ = load_reader(self.folder)
        return answers(reader.to(get_device()), reviews, self.folder / f"{part}.safetensors")

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
        owners = _language_seeds(stage.start, seeds)
        starts = [_language_folder(stage.start, seed) for seed in owners]
    else:
        starts = [each.folder for each in learners(stage.start, seeds)]
    taught_by = tuple(each for part in stage.teachers for each in learners(part, seeds))
    return [
        stage.kind(_with_seed(_starting(stage.course, start), seed), taught_by)
        for start, seed in zip(starts, seeds, strict=True)
    ]


def _language(rung: str) -> str:
    """その段の分類器の、もとをたどると行き着く言語モデルの段。"""
    return rung if rung in LANGUAGES else _language(STAGES[rung].start)


def _language_seeds(language: str, seeds: Seeds) -> Seeds:
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
    """訓練のコードの指紋。フォルダを言うたびに求めるには重い。"""
    return fingerprint("lstm_text.lessons")


@cache
def languages(rung: str, seeds: Seeds) -> list[dict]:
    """その段の言語モデルを、種ごとに訓練する。

    Examples
    --------
    >>> languages(PRETRAINING, ())
    []
    """
    owners = dict.fromkeys(_language_seeds(rung, seeds))
    return _abreast([partial(_learn_language, rung, seed) for seed in owners])


@cache
def climbed(rung: str, seeds: Seeds) -> list[dict]:
    """その段の分類器を、種ごとに訓練する。言語モデルと先生がまだなら、先に訓練する。

    Examples
    --------
    >>> climbed(STUDENT, ())
    []
    """
    languages(_language(rung), seeds)
    for part in STAGES[rung].teachers:
        climbed(part, seeds)
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
    climbed(rung, seeds)
    each, parts = learners(rung, seeds), ("validation", "test")
    _abreast([partial(one.answers, part) for part in parts for one in each])
    return [{part: one.answers(part) for part in parts} for one in each]  # 残った答えを読む


def _abreast(jobs: Sequence[Callable]) -> list:
    """仕事をプロセスに分けて並べる。1 つだけなら、ここで、すべての CPU を使う。"""
    if len(jobs) > 1 and get_device().type == "cpu":
        return side_by_side(jobs)
    reuse_freed_memory()
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        return [job() for job in jobs]  # GPU が 1 つなら、並べても取り合うだけ
    finally:
        torch.set_num_threads(before)


def _learn_language(rung: str, seed: int) -> dict:
    course = _with_seed(LANGUAGES[rung], seed)
    return climb_pretraining(course, _language_folder(rung, seed), load_data(FINE), get_device())
