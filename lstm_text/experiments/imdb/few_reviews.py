"""少ないレビューで小さな分類器を訓練し、同じテスト用のレビューに 1 件ずつ答えさせる。"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from lstm_text.datasets import Imdb, Reviews, load_imdb
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.imdb import EncodedReviews, probabilities
from lstm_text.models import MeanPooling, SentimentClassifier
from lstm_text.text import LengthBuckets, Vocabulary, collate_pairs, tokenize


@dataclass(frozen=True)
class Recipe:
    """訓練のしかたと、分ける数。

    Attributes
    ----------
    most : int
        いちばん多い訓練用のレビューの数。検証用は、この後ろから選ぶ。
    validation, test : int
        検証用と、テスト用のレビューの数。

    Examples
    --------
    >>> Recipe(updates=10).updates
    10
    """

    most: int = 4000
    validation: int = 1000
    test: int = 5000
    vocab_size: int = 20_000
    max_length: int = 200
    embedding_dim: int = 50
    batch_size: int = 32
    updates: int = 300
    clip: float = 1.0


@dataclass(frozen=True)
class Parts:
    """番号にした、訓練、検証、テストのレビュー。

    Examples
    --------
    >>> few = Reviews(("A good film.", "Bad.") * 4, (1, 0) * 4)
    >>> parts = divide(few, few, 2, 0, Recipe(most=4, validation=2, test=3))
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (2, 2, 3)
    """

    train: EncodedReviews
    validation: EncodedReviews
    test: EncodedReviews
    vocabulary: Vocabulary


@cache
def imdb() -> Imdb:
    """本物の IMDb。

    Returns
    -------
    Imdb

    Raises
    ------
    NotHere
        組み込みのレビューしかないとき。
    """
    loaded = load_imdb()
    if loaded.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{loaded.source}")
    return loaded


def divide(train: Reviews, test: Reviews, n: int, seed: int, recipe: Recipe) -> Parts:
    """種ごとに違う訓練用と検証用、どの種でも同じテスト用のレビューを選び、番号にする。

    同じ種では、少ない訓練用は多い訓練用の一部で、検証用は同じものになる。語彙は、選んだ訓練用の
    レビューだけで作る。

    Parameters
    ----------
    train, test : Reviews
    n : int
        訓練用の数。``recipe.most`` 以下。
    seed : int
    recipe : Recipe

    Returns
    -------
    Parts

    Raises
    ------
    ValueError
        ``n`` が ``recipe.most`` より大きいとき。

    Examples
    --------
    >>> divide(Reviews((), ()), Reviews((), ()), 5, 0, Recipe(most=4))
    Traceback (most recent call last):
    ValueError: 訓練用は 4 件以下にしてください（5 件でした）。
    """
    if n > recipe.most:
        raise ValueError(f"訓練用は {recipe.most} 件以下にしてください（{n} 件でした）。")
    order = torch.randperm(len(train), generator=generator(seed)).tolist()
    held_out = order[recipe.most : recipe.most + recipe.validation]
    asked = torch.randperm(len(test), generator=generator(0))[: recipe.test].tolist()
    chosen = [(train, order[:n]), (train, held_out), (test, asked)]
    tokens = [[_tokens(side.texts[i]) for i in members] for side, members in chosen]
    labels = [[side.labels[i] for i in members] for side, members in chosen]
    vocabulary = Vocabulary.build(tokens[0], recipe.vocab_size)
    parts = [
        EncodedReviews(*part, vocabulary, recipe.max_length)
        for part in zip(tokens, labels, strict=True)
    ]
    return Parts(*parts, vocabulary)


@cache
def _tokens(text: str) -> list[str]:
    """同じレビューを、種ごとに分け直さない。"""
    return tokenize(text)


def classifier(vocab_size: int, hidden_size: int, seed: int, recipe: Recipe) -> nn.Module:
    """双方向 1 層の LSTM の出力を平均して答える分類器。

    Parameters
    ----------
    vocab_size : int
        実際の語彙の大きさ。
    hidden_size : int
        1 方向のユニットの数。
    seed : int
    recipe : Recipe

    Returns
    -------
    SentimentClassifier

    Examples
    --------
    >>> classifier(9, 4, 0, Recipe(embedding_dim=3)).recurrent
    LSTM(3, 4, batch_first=True, bidirectional=True)
    """
    width = recipe.embedding_dim
    with seeded(seed):
        recurrent = nn.LSTM(width, hidden_size, batch_first=True, bidirectional=True)
        model = SentimentClassifier(vocab_size, width, recurrent, MeanPooling())
    model.embedding.weight.data.mul_(0.1)
    return model.to(get_device())


def endless(reviews: EncodedReviews, pool: int, seed: int, recipe: Recipe) -> Iterator:
    """ミニバッチを、エポックを繰り返しながら、いつまでも返す。

    Parameters
    ----------
    reviews : EncodedReviews
    pool : int
        何個のミニバッチの分を、長さの順に並べてから切り分けるか。1 なら、混ぜるだけ。
    seed : int
        並びの種。
    recipe : Recipe

    Yields
    ------
    Batch

    Examples
    --------
    >>> vocabulary = Vocabulary(["a"])
    >>> reviews = EncodedReviews([["a"], ["a"] * 9] * 2, [1, 0] * 2, vocabulary, max_length=9)
    >>> batches = endless(reviews, 2, 0, Recipe(batch_size=2))
    >>> sorted(next(batches).lengths.tolist() for _ in range(4))  # 2 エポック
    [[1, 1], [1, 1], [9, 9], [9, 9]]
    """
    buckets = LengthBuckets(reviews.lengths, recipe.batch_size, generator(seed), pool)
    loader = DataLoader(reviews, batch_sampler=buckets, collate_fn=collate_pairs)
    while True:
        yield from loader


def train(model: nn.Module, batches: Iterable, lr: float, recipe: Recipe) -> float:
    """Adam で ``recipe.updates`` 回だけ更新する。

    Parameters
    ----------
    model : nn.Module
    batches : iterable of Batch
    lr : float
        学習率。
    recipe : Recipe

    Returns
    -------
    float
        CPU を使った秒数。
    """
    optimizer, device = torch.optim.Adam(model.parameters(), lr), get_device()
    model.train()
    start = time.process_time()
    for ids, lengths, labels in islice(batches, recipe.updates):
        optimizer.zero_grad()
        logits = model(ids.to(device), lengths)
        binary_cross_entropy_with_logits(logits, labels.to(device)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
    return time.process_time() - start


@torch.no_grad()
def right(model: nn.Module, reviews: EncodedReviews) -> np.ndarray:
    """1 件ごとに、当たりなら真。

    Parameters
    ----------
    model : nn.Module
    reviews : EncodedReviews

    Returns
    -------
    ndarray of bool, (len(reviews),)
    """
    return (probabilities(model, reviews) > 0.5).numpy() == np.array(reviews.labels, dtype=bool)
