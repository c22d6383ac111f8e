"""「IMDb 感情分析」の章の実験を、初めから終わりまで

記録は、実データのない読者に本物の IMDb での数字を見せるためのものです。組み込みのコーパスしか
ないときは動かせません。
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lstm_text import UNK
from lstm_text.datasets import Imdb, load_imdb, split_validation
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.as_measured import NaiveClassifier, accuracy_by_length
from lstm_text.imdb import (
    NBSVM,
    EncodedReviews,
    bag_of_pairs,
    probabilities,
    tfidf_logistic_regression,
)
from lstm_text.models import MaxPooling, SentimentClassifier, count_parameters
from lstm_text.text import (
    Vocabulary,
    collate_pairs,
    evaluation_batches,
    padding_share,
    tokenize,
    training_batches,
)
from lstm_text.training import Checkpoint, History, binary_accuracy, fit


@dataclass(frozen=True)
class Settings:
    """章の実験の設定。

    Examples
    --------
    >>> units(Settings(seeds=(0, 1)))
    [{'seed': 0}, {'seed': 1}]
    """

    vocab_size: int = 20_000
    max_length: int = 400
    embedding_dim: int = 64
    embedding_scale: float = 0.1
    hidden_size: int = 32
    num_layers: int = 2
    dropout: float = 0.5
    batch_size: int = 64
    learning_rate: float = 4e-3
    clip: float = 1.0
    epochs: int = 3
    validation: float = 0.1
    seeds: tuple[int, ...] = (0,)


def build_model(settings: Settings, vocab_size: int, seed: int) -> SentimentClassifier:
    """章の主役、双方向 2 層の LSTM の分類器を作る。

    Parameters
    ----------
    settings : Settings
    vocab_size : int
        実際の語彙の大きさ。
    seed : int

    Returns
    -------
    SentimentClassifier

    Examples
    --------
    >>> build_model(Settings(), 100, seed=0).recurrent
    LSTM(64, 32, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True)
    """
    with seeded(seed):
        recurrent = nn.LSTM(
            settings.embedding_dim,
            settings.hidden_size,
            settings.num_layers,
            batch_first=True,
            dropout=settings.dropout if settings.num_layers > 1 else 0.0,
            bidirectional=True,
        )
        model = SentimentClassifier(
            vocab_size, settings.embedding_dim, recurrent, MaxPooling(), settings.dropout
        )
    model.embedding.weight.data.mul_(settings.embedding_scale)
    return model


def naive_tokens_per_second(reviews: EncodedReviews, vocab_size: int, seed: int) -> float:
    """素朴な訓練を 1 回だけ更新して、1 秒に読めるトークンの数を測る。

    レビューを切らず、長さをそろえず、64 件ずつ読む。非正規化数もそのまま計算する。

    Parameters
    ----------
    reviews : EncodedReviews
        切っていないレビュー。
    vocab_size : int
    seed : int

    Returns
    -------
    float
    """
    order = torch.randperm(len(reviews), generator=generator(seed))[:64]
    ids, lengths, labels = collate_pairs([reviews[i] for i in order.tolist()])
    with seeded(seed):
        model = NaiveClassifier(vocab_size)
        optimizer = torch.optim.Adam(model.parameters())
        torch.set_flush_denormal(False)
        start = time.perf_counter()
        nn.functional.binary_cross_entropy_with_logits(model(ids), labels).backward()
        optimizer.step()
        seconds = time.perf_counter() - start
        torch.set_flush_denormal(True)
    return int(lengths.sum()) / seconds


def units(settings: Settings) -> list[dict]:
    """測るもの：種ごとに、章のすべて。"""
    return [{"seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """本物の IMDb で、章のすべてを 1 つの種で動かす。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    return measure(imdb, settings, unit["seed"])


def measure(imdb: Imdb, settings: Settings, seed: int) -> dict:
    """章の実験をひととおり動かし、数字を返す。

    Parameters
    ----------
    imdb : Imdb
    settings : Settings
    seed : int

    Returns
    -------
    dict
        JSON にできる値だけからなる。
    """
    device = get_device()
    seconds: dict[str, float] = {}
    train, validation = split_validation(imdb.train, settings.validation, generator(seed))
    splits = {"train": train, "validation": validation, "test": imdb.test}
    with _timed(seconds, "tokenize"):
        tokens = {name: [tokenize(text) for text in part.texts] for name, part in splits.items()}
    with _timed(seconds, "encode"):
        vocabulary = Vocabulary.build(tokens["train"], settings.vocab_size)
        encoded = {
            name: EncodedReviews(tokens[name], part.labels, vocabulary, settings.max_length)
            for name, part in splits.items()
        }

    model = build_model(settings, len(vocabulary), seed).to(device)
    with _timed(seconds, "train"):
        history, best = _train(model, encoded["train"], encoded["validation"], settings, seed)
    with _timed(seconds, "test"):
        probability = probabilities(model, encoded["test"])
    target = torch.tensor(imdb.test.labels)
    correct = (probability > 0.5) == (target == 1)
    lengths = encoded["train"].lengths
    order = torch.randperm(len(lengths), generator=generator(seed)).tolist()
    size = settings.batch_size
    return {
        "data": {
            "name": imdb.source.name,
            "train": len(train),
            "validation": len(validation),
            "test": len(imdb.test),
            "in_both": len(set(imdb.train.texts) & set(imdb.test.texts)),
            "tokens": sum(map(len, tokens["train"])),
            "coverage": 1
            - sum(ids.count(UNK) for ids in map(vocabulary.encode, tokens["validation"]))
            / sum(map(len, tokens["validation"])),
        },
        "seconds": seconds,
        "tokens_per_second": sum(lengths) / (sum(history["seconds"]) / len(history.rows)),
        "parameters": count_parameters(model),
        "naive_tokens_per_second": naive_tokens_per_second(
            EncodedReviews(tokens["train"], train.labels, vocabulary, max_length=10**6),
            len(vocabulary),
            seed,
        ),
        "padding": {
            "random": padding_share(
                [[lengths[i] for i in order[k : k + size]] for k in range(0, len(order), size)]
            ),
            "buckets": padding_share(
                ids_lengths.tolist()
                for _, ids_lengths, _ in training_batches(encoded["train"], size, generator(seed))
            ),
        },
        "epochs": history.rows,
        "best_epoch": best,
        "test": {
            "accuracy": correct.double().mean().item(),
            "confidence": torch.maximum(probability, 1 - probability).double().mean().item(),
            "by_length": accuracy_by_length(correct, list(map(len, tokens["test"]))),
        },
        "baselines": _baselines(tokens, splits),
    }


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def _train(
    model: nn.Module,
    train: EncodedReviews,
    validation: EncodedReviews,
    settings: Settings,
    seed: int,
) -> tuple[History, int]:
    optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder) / "best.pt", score=lambda row: row["val_accuracy"])
        history = fit(
            model,
            training_batches(train, settings.batch_size, generator(seed)),
            nn.functional.binary_cross_entropy_with_logits,
            optimizer,
            epochs=settings.epochs,
            validation=evaluation_batches(validation),
            metric=binary_accuracy,
            clip=settings.clip,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs),
            checkpoint=checkpoint,
            seed=seed,
        )
        checkpoint.restore(model)
        return history, int(checkpoint.best_row["epoch"])


def _baselines(tokens: dict[str, list], splits: dict) -> list[dict]:
    start = time.perf_counter()
    bag = bag_of_pairs()
    x, x_test = bag.fit_transform(tokens["train"]), bag.transform(tokens["test"])
    target = np.array(splits["test"].labels)
    words = [i for i, name in enumerate(bag.get_feature_names_out()) if " " not in name]
    counting = time.perf_counter() - start
    rows = []
    for name, model, columns in [
        ("TF-IDF（語）+ ロジスティック回帰", tfidf_logistic_regression(), words),
        ("NB-SVM（語と 2 語の組）", NBSVM(), slice(None)),
    ]:
        start = time.perf_counter()
        model.fit(x[:, columns], splits["train"].labels)
        accuracy = float((model.predict(x_test[:, columns]) == target).mean())
        elapsed = time.perf_counter() - start
        rows.append({"name": name, "accuracy": accuracy, "seconds": counting + elapsed})
    return rows
