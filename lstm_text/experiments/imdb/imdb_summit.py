"""IMDb の頂上：評価のないレビューからも学ぶ LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。敵対的訓練（Miyato ら, 2017）も加えた先生たちが、評価のないレビューに
答えを付け、生徒がその答えから学ぶ（Hinton ら, 2015）。生徒も先生に加え、もう 1 度くり返す。最後の
生徒は検証用のレビューからも学び、作りの違う NB-SVM と並んで答える。種は、言語モデルから変える。
それとは別に、ユニットを 2 倍にした言語モデルを 1 つだけ訓練し、先生と生徒を作り直して、みな並べる。
訓練は、どちらの登り方も、2 コアの CPU で 3 時間に収まる。止めても、失うのは 1 エポックまで。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from lstm_text.datasets import Reviews, load_imdb, load_imdb_films, split_validation
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.ensemble import WordMix, nbsvm_scores, score_together
from lstm_text.experiments.imdb.films import balancing_weights, votes
from lstm_text.experiments.imdb.learners import (
    Seeds,
    answered,
    language_of,
    language_seeds,
    languages,
    trained,
)
from lstm_text.experiments.imdb.summit_recipes import (
    AGAIN,
    FINE,
    LANGUAGES,
    LARGE_STUDENT,
    LARGE_TEACHER,
    STUDENT,
    TEACHERS,
)
from lstm_text.imdb import VALIDATION, ImdbData, load_data

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


@dataclass(frozen=True)
class Settings:
    """頂上の段の設定。種ごとに、言語モデルから訓練する。

    Examples
    --------
    >>> units(Settings(seeds=(0,)))[0]
    {'rung': '言語モデルの事前学習', 'seed': 0}
    """

    seeds: Seeds = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。低い段から順に。"""
    rungs: dict[str, Seeds] = {}
    for together, parts in TOGETHER.items():
        language = language_of(parts[0])
        rungs[language] = tuple(dict.fromkeys(language_seeds(language, settings.seeds)))
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
    values = [each for part in parts for each in trained(part, seeds)]
    each = _answers(parts, seeds)
    if rung in TOGETHER:
        about = {"parameters": sum(one["parameters"] for one in values)}
    else:
        about, each = values[k], each[k : k + 1]
    if rung in WITH_WORDS:
        each = [_with_words(each, _answers(WITH_WORDS[rung], seeds))]
    scores = score_together(each, data)
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
