"""時間を決めた訓練：読む層と、レビューを何回読むか。"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import nn

from lstm_text import UNK
from lstm_text.datasets import Imdb, Reviews, load_imdb, split_validation
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.fast import MinGRU
from lstm_text.imdb import (
    AttentionClassifier,
    Convolution,
    EncodedReviews,
    Recurrent,
    SmallTransformer,
    train_updates,
)
from lstm_text.text import Vocabulary, tokenize, training_batches

VOCABULARY, MAX_LENGTH, EMBEDDING, BATCH, VALIDATION = 20_000, 400, 64, 32, 0.1
"""語彙の大きさ、訓練で読む長さの上限、埋め込みの次元、ミニバッチの件数、検証用の割合。"""


@dataclass(frozen=True)
class Network:
    """読む層と、それが 1 分の予算で読める回数。

    Attributes
    ----------
    encoder : callable
        埋め込みの次元から、読む層を作る。
    passes : float
        訓練用のレビューを何回読むか。1 スレッドで CPU 時間 120 秒（2 コアで 1 分）になるように、
        前もって 1 回だけ測って決めた。
    read_length : int
        答えるときに読むトークンの数の上限。

    Examples
    --------
    >>> NETWORKS["LSTM"].encoder(64).features
    64
    """

    encoder: Callable[[int], nn.Module]
    passes: float
    read_length: int = 1_000


def _both(layer: type[nn.Module], size: int) -> Recurrent:
    return Recurrent(layer(size, size // 2, batch_first=True, bidirectional=True))


def _forwards(layer: type[nn.Module], size: int) -> Recurrent:
    return Recurrent(layer(size, size, batch_first=True))


NETWORKS = {
    "RNN": Network(partial(_both, nn.RNN), 2.0),
    "LSTM": Network(partial(_both, nn.LSTM), 2.25),
    "GRU": Network(partial(_both, nn.GRU), 0.9),
    "minGRU": Network(partial(_both, MinGRU), 2.8),
    "LSTM（単方向）": Network(partial(_forwards, nn.LSTM), 2.0),
    "畳み込み": Network(partial(Convolution, features=64), 2.7),
    "Transformer": Network(SmallTransformer, 0.46, read_length=MAX_LENGTH),
}
"""名前から、読む層へ。断りのないものは両方向から読み、どれも時刻ごとの特徴は 64 個。"""


@dataclass(frozen=True)
class Material:
    """訓練と検証に使うもの。

    Attributes
    ----------
    imdb : Imdb
    train, validation : Reviews
    tokens : dict of str to list of list of str
        ``train``、``validation``、``test`` のトークン。
    vocabulary : Vocabulary

    Examples
    --------
    >>> material().vocabulary.tokens[:2]  # doctest: +SKIP
    ['<pad>', '<unk>']
    """

    imdb: Imdb
    train: Reviews
    validation: Reviews
    tokens: dict[str, list[list[str]]]
    vocabulary: Vocabulary


@cache
def material() -> Material:
    """本物の IMDb を読み、分け、切り分け、語彙を作る。

    Returns
    -------
    Material

    Raises
    ------
    NotHere
        本物の IMDb がないとき。

    Examples
    --------
    >>> len(material().train)  # doctest: +SKIP
    22500
    """
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    return prepare(imdb)


def prepare(imdb: Imdb) -> Material:
    """訓練用から検証用を分け、切り分け、訓練用の語だけから語彙を作る。

    Parameters
    ----------
    imdb : Imdb

    Returns
    -------
    Material

    Examples
    --------
    >>> from lstm_text.datasets import Source
    >>> reviews = Reviews(("Great.", "Bad.") * 10, (1, 0) * 10)
    >>> imdb = Imdb(reviews, reviews, Source("builtin", "レビュー", "作りもの", "例のため"))
    >>> len(prepare(imdb).train), prepare(imdb).vocabulary.tokens[2:]
    (18, ['.', 'bad', 'great'])
    """
    train, validation = split_validation(imdb.train, VALIDATION, generator(0))
    parts = {"train": train, "validation": validation, "test": imdb.test}
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    vocabulary = Vocabulary.build(tokens["train"], VOCABULARY)
    return Material(imdb, train, validation, tokens, vocabulary)


@dataclass(frozen=True)
class Trained:
    """訓練の済んだ分類器と、訓練のようす。

    Attributes
    ----------
    model : AttentionClassifier
    facts : dict
        更新の回数、終わりの 100 回の損失の平均、訓練の秒数と CPU 時間。

    Examples
    --------
    >>> teach(NETWORKS["RNN"], 2.0, 4e-3, 0, material()).facts["updates"]  # doctest: +SKIP
    1408
    """

    model: AttentionClassifier
    facts: dict


def teach(
    network: Network,
    passes: float,
    rate: float,
    seed: int,
    material: Material,
    lessons: Reviews = Reviews((), ()),  # noqa: B008 （変わらない値）
) -> Trained:
    """読む層を 1 つ訓練する。

    Parameters
    ----------
    network : Network
    passes : float
        訓練用のレビューを何回読むか。
    rate : float
        いちばん大きいときの学習率。
    seed : int
    material : Material
    lessons : Reviews
        訓練に混ぜる短い文。

    Returns
    -------
    Trained
    """
    members = EncodedReviews(
        material.tokens["train"] + [tokenize(text) for text in lessons.texts],
        material.train.labels + lessons.labels,
        material.vocabulary,
        MAX_LENGTH,
    )
    counts = torch.bincount(torch.cat(members.ids), minlength=len(material.vocabulary))
    counts[UNK] = counts[UNK].clamp_min(1)
    with seeded(seed):
        model = AttentionClassifier(counts.float(), EMBEDDING, network.encoder(EMBEDDING))
    model.to(get_device())
    batches = training_batches(members, BATCH, generator(seed))
    updates = max(1, round(passes * len(batches)))
    start, cpu_start = time.perf_counter(), time.process_time()
    losses = train_updates(model, batches, updates, rate, seed=seed)
    facts = {
        "updates": updates,
        "loss": statistics.fmean(losses[-100:]),
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu_start,
    }
    return Trained(model, facts)


def encoded(
    token_lists: Sequence[Sequence[str]], vocabulary: Vocabulary, read_length: int
) -> EncodedReviews:
    """正解を伏せて、番号にする。"""
    return EncodedReviews(token_lists, [0] * len(token_lists), vocabulary, read_length)
