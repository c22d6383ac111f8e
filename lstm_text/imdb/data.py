"""IMDb の実験のデータ：番号にした訓練、検証、テスト、評価のないレビュー。"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lstm_text import UNK
from lstm_text.datasets import Reviews, Source, load_imdb, load_imdb_unlabelled, split_validation
from lstm_text.datasets.find import Lacking
from lstm_text.device import generator
from lstm_text.imdb.corpus import EncodedTexts, load_or_encode
from lstm_text.imdb.labelled import Chunks, Labelled, joined
from lstm_text.text import Vocabulary


@dataclass(frozen=True)
class TextOptions:
    """文章の読み方。

    Examples
    --------
    >>> TextOptions(limit=-1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: vocab_size は 3 以上、max_length は 2 以上、read_length は 1 以上、limit は ...
    """

    vocab_size: int = field(default=30_000, metadata={"help": "語彙の大きさ"})
    max_length: int = field(default=400, metadata={"help": "訓練で読むトークンの数の上限"})
    read_length: int = field(default=1_000, metadata={"help": "評価で読むトークンの数の上限"})
    limit: int = field(default=0, metadata={"help": "各部分の件数の上限（0 ならすべて）"})

    def __post_init__(self):
        if self.vocab_size < 3 or self.max_length < 2 or self.read_length < 1 or self.limit < 0:
            raise ValueError(
                "vocab_size は 3 以上、max_length は 2 以上、read_length は 1 以上、"
                f"limit は 0 以上にしてください（{self}）。"
            )


@dataclass(frozen=True, eq=False)
class ImdbData:
    """番号にした IMDb。

    Attributes
    ----------
    vocabulary : Vocabulary
    frequencies : Tensor, (len(vocabulary),)
        訓練用と評価のないレビューでの、番号ごとの回数。
    train, validation, test : Labelled
        訓練用は ``max_length``、ほかは ``read_length`` まで。
    everything : Labelled
        訓練用と、評価のないレビュー（正解は -1）。仮想敵対的訓練が使う。
    pretraining : Chunks
        言語モデルが読む断片。検証とテストのレビューは入らない。
    held_out : Chunks
        言語モデルを検証する断片。検証用のレビューだけ。
    plain : list of EncodedTexts
        単語ベクトルを作る文章（訓練用と評価のないレビュー）。
    source : Source

    Examples
    --------
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> len(data.train), len(data.validation), len(data.test)
    (18, 2, 20)
    """

    vocabulary: Vocabulary
    frequencies: Tensor
    train: Labelled
    validation: Labelled
    test: Labelled
    everything: Labelled
    pretraining: Chunks
    held_out: Chunks
    plain: list[EncodedTexts]
    source: Source


def load_reviews(reading: TextOptions, validation: float, seed: int) -> ImdbData:
    """IMDb を読み、分け、番号にする（2 度目からは、番号にしたものを読むだけ）。

    語彙は、訓練用（検証用に分けるものを含まない）と評価のないレビューで数える。

    Parameters
    ----------
    reading : TextOptions
    validation : float
        訓練用のうち、検証用にする割合。
    seed : int
        検証用の選び方の種。

    Returns
    -------
    ImdbData

    Examples
    --------
    >>> load_reviews(TextOptions(limit=20), validation=0.1, seed=0).vocabulary.tokens[:2]
    ['<pad>', '<unk>']
    """
    imdb, unlabelled = load_imdb(), load_imdb_unlabelled()
    train, held_out = split_validation(_first(imdb.train, reading), validation, generator(seed))
    test = _first(imdb.test, reading)
    nothing = (-1,) * len(unlabelled.texts)
    rest = _first(Reviews(unlabelled.texts, nothing), reading)
    corpus = load_or_encode(
        {
            "train": train.texts,
            "validation": held_out.texts,
            "test": test.texts,
            "unlabelled": rest.texts,
        },
        ["train", "unlabelled"],
        reading.vocab_size,
    )
    part = corpus.parts
    plain = [part["train"], part["unlabelled"]]
    counts = sum(torch.bincount(texts.ids, minlength=len(corpus.vocabulary)) for texts in plain)
    counts[UNK] = counts[UNK].clamp_min(1)
    return ImdbData(
        vocabulary=corpus.vocabulary,
        frequencies=counts.float(),
        train=Labelled(part["train"], train.labels, reading.max_length),
        validation=Labelled(part["validation"], held_out.labels, reading.read_length),
        test=Labelled(part["test"], test.labels, reading.read_length),
        everything=Labelled(joined(plain), (*train.labels, *rest.labels), reading.max_length),
        pretraining=Chunks(plain, reading.max_length),
        held_out=Chunks([part["validation"]], reading.max_length),
        plain=plain,
        source=imdb.source,
    )


def load_labelled(reading: TextOptions, validation: float, seed: int) -> ImdbData:
    """評価のないレビューのない IMDb（1 つの表など）を読み、分け、番号にする。

    語彙は、訓練用だけで数える。:class:`ImdbData` の評価のないレビューは、どこにも入らない。

    Parameters
    ----------
    reading, validation, seed
        :func:`load_reviews` と同じ。

    Returns
    -------
    ImdbData

    Examples
    --------
    >>> data = load_labelled(TextOptions(limit=20), validation=0.1, seed=0)
    >>> len(data.train), len(data.everything), len(data.test)
    (18, 18, 20)
    """
    imdb = load_imdb()
    train, held_out = split_validation(_first(imdb.train, reading), validation, generator(seed))
    test = _first(imdb.test, reading)
    corpus = load_or_encode(
        {"train": train.texts, "validation": held_out.texts, "test": test.texts},
        ["train"],
        reading.vocab_size,
    )
    part = corpus.parts
    counts = torch.bincount(part["train"].ids, minlength=len(corpus.vocabulary))
    counts[UNK] = counts[UNK].clamp_min(1)
    labelled = Labelled(part["train"], train.labels, reading.max_length)
    return ImdbData(
        vocabulary=corpus.vocabulary,
        frequencies=counts.float(),
        train=labelled,
        validation=Labelled(part["validation"], held_out.labels, reading.read_length),
        test=Labelled(part["test"], test.labels, reading.read_length),
        everything=labelled,
        pretraining=Chunks([part["train"]], reading.max_length),
        held_out=Chunks([part["validation"]], reading.max_length),
        plain=[part["train"]],
        source=imdb.source,
    )


@contextmanager
def lacking_is_told(shown: bool) -> Iterator[None]:
    """データの一部がないという知らせを、コードの場所を付けずに、1 行で言う。

    Parameters
    ----------
    shown : bool
        偽なら、言わない（ほかのプロセスが言う）。

    Examples
    --------
    >>> with lacking_is_told(True):
    ...     warnings.warn(Lacking("評価のないレビューがありません。"), stacklevel=1)
    知らせ：評価のないレビューがありません。
    """
    usual = warnings.showwarning

    def show(message, category, *place, **named):
        if not issubclass(category, Lacking):
            usual(message, category, *place, **named)
        elif shown:
            print(f"知らせ：{message}", flush=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", Lacking)
        warnings.showwarning = show
        yield


def _first(reviews: Reviews, reading: TextOptions) -> Reviews:
    """上限の件数だけを、端から端まで等間隔に（否定と肯定が順に並んでいるので）選ぶ。"""
    n = len(reviews)
    if reading.limit in range(1, n):
        return reviews.select([i * n // reading.limit for i in range(reading.limit)])
    return reviews
