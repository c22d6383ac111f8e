"""いくつかの分類器の答えを 1 つにする：平均と、NB-SVM の点数を混ぜること。"""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from torch import Tensor

from lstm_text.datasets import load_imdb, split_validation
from lstm_text.device import generator
from lstm_text.experiments.imdb.steps import score
from lstm_text.imdb import NBSVM, VALIDATION, ImdbData, bag_of_triples
from lstm_text.text import tokenize


def score_together(each: list[dict[str, Tensor]], data: ImdbData) -> dict:
    """確率の平均（アンサンブル）の成績。1 つだけなら、そのモデルの成績。

    Parameters
    ----------
    each : list of dict
        モデルごとの、肯定の確率。キーは ``"validation"`` と ``"test"``。
    data : ImdbData

    Returns
    -------
    dict
        検証とテストの精度、長さ・否定・確信度ごとの精度。

    Examples
    --------
    >>> score_together([{"validation": p, "test": q}], data)  # doctest: +SKIP
    {'validation': 0.938, 'test': 0.936, ...}
    """
    return score(mean_answers(each), data)


class WordMix:
    """アンサンブルの答えに、NB-SVM の点数を混ぜる。

    平均の確率のロジットと点数からのロジスティック回帰。

    References
    ----------
    Mesnil, Mikolov, Ranzato & Bengio (2014), "Ensemble of Generative and Discriminative
    Techniques for Sentiment Analysis of Movie Reviews".

    Examples
    --------
    >>> p, scores = torch.full((4,), 0.5), torch.tensor([-2.0, -1.0, 1.0, 2.0])
    >>> mix = WordMix().fit(p, scores, [0, 0, 1, 1])
    >>> (mix.answers(p, scores) > 0.5).tolist()
    [False, False, True, True]
    """

    def fit(self, probability: Tensor, scores: Tensor, labels: Sequence[float]) -> "WordMix":
        """混ぜ方を決める。

        Parameters
        ----------
        probability : Tensor, (n,)
            アンサンブルの、肯定の確率。決めるのにも学ぶのにも使っていないレビューの。
        scores : Tensor, (n,)
            :func:`nbsvm_scores` の 1 つ。
        labels : sequence of float
            正解。

        Returns
        -------
        WordMix
        """
        self.regression_ = LogisticRegression().fit(self._columns(probability, scores), labels)
        return self

    def answers(self, probability: Tensor, scores: Tensor) -> Tensor:
        """混ぜた、肯定の確率 ``(n,)``。"""
        mixed = self.regression_.predict_proba(self._columns(probability, scores))
        return torch.from_numpy(mixed[:, 1]).float()

    def cross_validated(
        self, probability: Tensor, scores: Tensor, labels: Sequence[float]
    ) -> Tensor:
        """混ぜ方を決めるレビューへの、甘くない答え。

        どのレビューにも、それだけを除いて決めた混ぜ方で答える（1 つ抜き交差検証）。

        Parameters
        ----------
        probability, scores, labels
            :meth:`fit` と同じ。

        Returns
        -------
        Tensor of float32, (n,)
        """
        columns, model = self._columns(probability, scores), LogisticRegression()
        splits = LeaveOneOut()
        mixed = cross_val_predict(model, columns, labels, cv=splits, method="predict_proba")
        return torch.from_numpy(mixed[:, 1]).float()

    def _columns(self, probability: Tensor, scores: Tensor) -> np.ndarray:
        return torch.stack([probability.logit(eps=1e-6), scores], dim=1).numpy()


def nbsvm_scores() -> dict[str, Tensor]:
    """語と、2 語と 3 語の組を数える NB-SVM の点数（符号が答え）。

    検証用の切り分け方は :class:`lstm_text.imdb.ImdbData` と同じ。

    Returns
    -------
    dict of str to Tensor of float32, (n,)
        ``"validation"`` と ``"test"``。

    Examples
    --------
    >>> sorted(nbsvm_scores())
    ['test', 'validation']
    """
    imdb = load_imdb()
    train, validation = split_validation(imdb.train, VALIDATION, generator(0))
    bag, model = bag_of_triples(), NBSVM()
    model.fit(bag.fit_transform(map(tokenize, train.texts)), train.labels)
    return {
        name: torch.tensor(
            bag.transform(map(tokenize, part.texts)) @ model.weight_ + model.bias_
        ).float()
        for name, part in (("validation", validation), ("test", imdb.test))
    }


def mean_answers(each: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([answers[name] for answers in each]).mean(0) for name in each[0]}
