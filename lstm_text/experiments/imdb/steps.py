"""IMDb のはしごの 1 段：訓練し、検証し、最後に 1 度だけテストする。

訓練の途中の状態はキャッシュのフォルダに残るので、何時間もかかる段でも、止められて失うのは
1 エポックです。
"""

import hashlib
import json
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from lstm_text.datasets import cache_folder
from lstm_text.device import generator, seeded
from lstm_text.imdb import (
    LENGTH_EDGES,
    ImdbData,
    Settings,
    Supervised,
    calibration,
    calibration_error,
    count_negations,
    group_accuracy,
    load_classifier,
    pretrain,
    probabilities,
    teach,
    train,
)
from lstm_text.models import count_parameters
from lstm_text.text import training_batches


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
        コードのハッシュ。変われば、別のフォルダになる。
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


def measure(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """``Classifier`` の 1 段。

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
    >>> measure(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'validation': 0.912, 'test': 0.905, ...}
    """
    start = time.perf_counter()
    rows = teach(settings, folder, data, device)
    before_epochs = time.perf_counter() - start - sum(row["seconds"] for row in rows)
    classifier, _, _ = load_classifier(folder)
    return _summary(rows, classifier.to(device), data) | {"preparation": max(before_epochs, 0.0)}


def measure_padded(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """:class:`PaddedLSTM` の 1 段。

    Parameters
    ----------
    settings, folder, data, device
        :func:`measure` と同じ。

    Returns
    -------
    dict

    Examples
    --------
    >>> measure_padded(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
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


def measure_pretraining(
    settings: Settings, folder: Path, data: ImdbData, device: torch.device
) -> dict:
    """言語モデルの事前学習の 1 段。

    Parameters
    ----------
    settings, folder, data, device
        :func:`measure` と同じ。

    Returns
    -------
    dict

    Examples
    --------
    >>> measure_pretraining(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'epochs': [...], 'bits': 7.1, 'tokens_per_second': 9000.0}
    """
    rows = pretrain(settings, folder, data, device)
    return {
        "epochs": rows,
        "bits": min(row["val_bits"] for row in rows),
        "tokens_per_second": _rate(rows, sum(data.pretraining.lengths)),
    }


def train_only(settings: Settings, folder: Path, data: ImdbData, device: torch.device) -> dict:
    """訓練するところまで。

    採点は :func:`~lstm_text.experiments.imdb.ensemble.score_together` に任せる。

    Parameters
    ----------
    settings, folder, data, device
        :func:`measure` と同じ。

    Returns
    -------
    dict
        エポックごとの数値、パラメータの数、速さ。

    Examples
    --------
    >>> train_only(Settings(), Path("run"), data, torch.device("cpu"))  # doctest: +SKIP
    {'epochs': [...], 'parameters': 3101761, ...}
    """
    rows = teach(settings, folder, data, device)
    classifier, _, _ = load_classifier(folder)
    return {
        "epochs": rows,
        "parameters": count_parameters(classifier),
        "tokens_per_second": _rate(rows, sum(data.train.lengths)),
    }


def _answers(model: nn.Module, data: ImdbData) -> dict[str, Tensor]:
    return {
        "validation": probabilities(model, data.validation),
        "test": probabilities(model, data.test),
    }


def _summary(rows: list[dict], model: nn.Module, data: ImdbData) -> dict:
    return score(_answers(model, data), data) | {
        "epochs": rows,
        "parameters": count_parameters(model),
        "tokens_per_second": _rate(rows, sum(data.train.lengths)),
    }


def _rate(rows: list[dict], tokens: int) -> float:
    return len(rows) * tokens / sum(row["seconds"] for row in rows)


def _accuracy(model: nn.Module, reviews) -> float:
    labels = torch.tensor(reviews.labels)
    return ((probabilities(model, reviews) > 0.5) == (labels > 0.5)).double().mean().item()


def score(answers: dict[str, Tensor], data: ImdbData) -> dict:
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
