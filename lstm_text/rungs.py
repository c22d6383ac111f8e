"""IMDb のはしごの 1 段を登る：訓練し、検証し、最後に 1 度だけテストする。

訓練の途中の状態はキャッシュのフォルダに残るので、何時間もかかる段でも、止められて失うのは
1 エポックです。
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from torch import Tensor, nn

from lstm_text.adversarial import Supervised
from lstm_text.baselines import NBSVM, bag_of_triples
from lstm_text.datasets import cache_folder, load_imdb, split_validation
from lstm_text.device import generator, seeded
from lstm_text.explain import calibration, calibration_error, count_negations, group_accuracy
from lstm_text.lessons import VALIDATION, Settings, load_reader, pretrain, teach
from lstm_text.models import count_parameters
from lstm_text.resumable import train
from lstm_text.reviews import ImdbData
from lstm_text.sentiment import LENGTH_EDGES, probabilities, training_batches
from lstm_text.text import tokenize


class PaddedLSTM(nn.Module):
    """長さを見ない、素朴な分類器：決まった長さまでパディングし、その最後の時刻から答える。

    Parameters
    ----------
    vocab_size, embedding_dim, hidden_size : int
    width : int
        いつもこの長さにそろえる（長いものは切る）。

    Examples
    --------
    >>> PaddedLSTM(9, 3, 2, 5)(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2])
    """

    def __init__(self, vocab_size: int, embedding_dim: int, hidden_size: int, width: int):
        super().__init__()
        self.width = width
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.recurrent = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` からロジット ``(batch,)``。長さは使わない。"""
        ids = nn.functional.pad(ids[:, : self.width], (0, max(0, self.width - ids.shape[1])))
        output, _ = self.recurrent(self.embedding(ids))
        return self.head(output[:, -1]).squeeze(-1)


def run_folder(kind: str, code: str, settings: Settings) -> Path:
    """その設定とコードの訓練の途中を置くフォルダ。

    Parameters
    ----------
    kind : str
    code : str
        コードの指紋。変われば、別のフォルダになる。
    settings : Settings

    Returns
    -------
    Path

    Examples
    --------
    >>> run_folder("reader", "0", Settings()).parent.name
    'runs'
    """
    key = json.dumps([code, asdict(settings)]).encode()
    return cache_folder() / "runs" / f"{kind}-{hashlib.sha256(key).hexdigest()[:16]}"


def climb(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """``Reader`` の 1 段。

    Parameters
    ----------
    settings : Settings
    folder : Path
    data : ImdbData
    device : torch.device

    Returns
    -------
    dict
        検証とテストの精度、エポックごとの数値、パラメータの数、速さ。

    Examples
    --------
    >>> climb(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'validation': 0.912, 'test': 0.905, ...}
    """
    start = time.perf_counter()
    rows = teach(settings, folder, data, device)
    before_epochs = time.perf_counter() - start - sum(row["seconds"] for row in rows)
    reader, _, _ = load_reader(folder)
    return _summary(rows, reader.to(device), data) | {"preparation": max(before_epochs, 0.0)}


def climb_padded(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """:class:`PaddedLSTM` の 1 段。

    Parameters
    ----------
    settings, folder, data, device
        :func:`climb` と同じ。

    Returns
    -------
    dict

    Examples
    --------
    >>> climb_padded(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'validation': 0.512, 'test': 0.508, ...}
    """
    plan, shape = settings.plan, settings.shape
    with seeded(plan.seed):
        model = PaddedLSTM(
            len(data.vocabulary),
            shape.embedding_dim,
            shape.hidden_size,
            settings.reading.max_length,
        ).to(device)

    def validate() -> dict[str, float]:
        accuracy = _accuracy(model, data.validation)
        return {"val_accuracy": accuracy, "score": accuracy}

    rows = train(
        model,
        Supervised(),
        lambda seed: training_batches(data.train, plan.batch_size, generator(seed)),
        validate,
        plan,
        folder,
        asdict(settings),
    )
    return _summary(rows, model, data)


def climb_pretraining(
    settings: Settings, folder: Path, data: ImdbData, device: torch.device
) -> dict:
    """言語モデルの事前学習の 1 段。

    Parameters
    ----------
    settings, folder, data, device
        :func:`climb` と同じ。

    Returns
    -------
    dict

    Examples
    --------
    >>> climb_pretraining(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'epochs': [...], 'bits': 7.1, 'tokens_per_second': 9000.0}
    """
    rows = pretrain(settings, folder, data, device)
    return {
        "epochs": rows,
        "bits": min(row["val_bits"] for row in rows),
        "tokens_per_second": _rate(rows, sum(data.pretraining.lengths)),
    }


def climb_apart(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """訓練するところまで。採点は :func:`climb_together` に任せる。

    Parameters
    ----------
    settings, folder, data, device
        :func:`climb` と同じ。

    Returns
    -------
    dict
        エポックごとの数値、パラメータの数、速さ。

    Examples
    --------
    >>> climb_apart(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'epochs': [...], 'parameters': 3101761, ...}
    """
    rows = teach(settings, folder, data, device)
    reader, _, _ = load_reader(folder)
    return {
        "epochs": rows,
        "parameters": count_parameters(reader),
        "tokens_per_second": _rate(rows, sum(data.train.lengths)),
    }


def climb_together(each: list[dict[str, Tensor]], data: ImdbData) -> dict:
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
    >>> climb_together([{"validation": p, "test": q}], data)  # doctest: +SKIP
    {'validation': 0.938, 'test': 0.936, ...}
    """
    return _test(_mean(each), data)


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

    検証用の切り分け方は :class:`lstm_text.reviews.ImdbData` と同じ。

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


def _answers(model: nn.Module, data: ImdbData) -> dict[str, Tensor]:
    return {
        "validation": probabilities(model, data.validation),
        "test": probabilities(model, data.test),
    }


def _mean(each: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([answers[name] for answers in each]).mean(0) for name in each[0]}


def _summary(rows: list[dict], model: nn.Module, data: ImdbData) -> dict:
    return _test(_answers(model, data), data) | {
        "epochs": rows,
        "parameters": count_parameters(model),
        "tokens_per_second": _rate(rows, sum(data.train.lengths)),
    }


def _rate(rows: list[dict], tokens: int) -> float:
    return len(rows) * tokens / sum(row["seconds"] for row in rows)


def _accuracy(model: nn.Module, reviews) -> float:
    labels = torch.tensor(reviews.labels)
    return ((probabilities(model, reviews) > 0.5) == (labels > 0.5)).double().mean().item()


def _test(answers: dict[str, Tensor], data: ImdbData) -> dict:
    validation, test = answers["validation"], answers["test"]
    labels = torch.tensor(data.test.labels)
    right = (validation > 0.5) == (torch.tensor(data.validation.labels) > 0.5)
    correct = (test > 0.5) == (labels > 0.5)
    lengths = data.test.texts.lengths
    negations = torch.tensor([count_negations(ids, data.vocabulary) for ids in data.test.texts])
    rows = calibration(test, labels)
    return {
        "validation": right.double().mean().item(),
        "test": correct.double().mean().item(),
        "by_length": group_accuracy(correct, lengths, LENGTH_EDGES),
        "by_negation": group_accuracy(
            correct, 100 * negations / lengths.clamp_min(1), (0, 1, 2, 3)
        ),
        "calibration": rows,
        "calibration_error": calibration_error(rows),
    }
