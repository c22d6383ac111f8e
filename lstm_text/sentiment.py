"""レビューを訓練と予測の形にする: 番号にする、ミニバッチにする、1 つの文章の評価を当てる。"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from lstm_text.text import UNK, Batch, LengthBuckets, Vocabulary, collate, tokenize

LENGTH_EDGES = (0, 100, 200, 400, 800)
"""レビューの長さの区間の、左の端（語の数）。"""


class EncodedReviews(Dataset):
    """番号の列にしたレビューと、その正解。

    Parameters
    ----------
    token_lists : sequence of sequence of str
        レビューごとのトークン。
    labels : sequence of int
        1 が肯定、0 が否定。
    vocabulary : Vocabulary
    max_length : int
        これより長いレビューは、先頭からこの数のトークンだけを使う。

    Attributes
    ----------
    lengths : list of int
        レビューごとの、切ったあとの長さ。

    Raises
    ------
    ValueError
        正解の数が合わないとき、``max_length`` が 1 より小さいとき、空のレビューがあるとき。

    Examples
    --------
    >>> vocabulary = Vocabulary(["good", "film"])
    >>> reviews = EncodedReviews([["good", "film"], ["bad"]], [1, 0], vocabulary, max_length=400)
    >>> reviews[0]
    (tensor([2, 3]), 1.0)
    >>> len(reviews), reviews.lengths
    (2, [2, 1])
    """

    def __init__(
        self,
        token_lists: Sequence[Sequence[str]],
        labels: Sequence[int],
        vocabulary: Vocabulary,
        max_length: int,
    ):
        if len(token_lists) != len(labels):
            raise ValueError(
                f"レビューは {len(token_lists)} 件ですが、正解は {len(labels)} 件でした。"
            )
        if max_length < 1:
            raise ValueError(f"max_length には 1 以上の整数が必要ですが、{max_length} でした。")
        self.ids = [torch.tensor(vocabulary.encode(tokens[:max_length])) for tokens in token_lists]
        self.labels = [float(label) for label in labels]
        self.lengths = [len(ids) for ids in self.ids]
        if 0 in self.lengths:
            raise ValueError(
                f"{self.lengths.index(0)} 番のレビューにトークンがありません。"
                "空のレビューは先に除いてください。"
            )

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> tuple[Tensor, float]:
        return self.ids[i], self.labels[i]


def collate_pairs(pairs: Sequence[tuple[Tensor, float]]) -> Batch:
    """``(番号の列, 正解)`` の組を、長さをそろえたミニバッチにする。``DataLoader`` に渡す。

    Parameters
    ----------
    pairs : sequence of (Tensor, float)

    Returns
    -------
    Batch

    Examples
    --------
    >>> collate_pairs([(torch.tensor([5, 6]), 1.0), (torch.tensor([7]), 0.0)]).ids
    tensor([[5, 6],
            [7, 0]])
    """
    sequences, labels = zip(*pairs, strict=True)
    return collate(sequences, labels)


def training_batches(
    reviews: EncodedReviews, batch_size: int, generator: torch.Generator
) -> DataLoader:
    """長さの近いレビューを集めた、エポックごとに順の変わるミニバッチ。

    Parameters
    ----------
    reviews : EncodedReviews
    batch_size : int
    generator : torch.Generator

    Returns
    -------
    DataLoader
        ``(ids, lengths, labels)`` の組を返す。

    Examples
    --------
    >>> reviews = EncodedReviews([["a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9)
    >>> [len(ids) for ids, _, _ in training_batches(reviews, 1, torch.Generator())]
    [1, 1]
    """
    buckets = LengthBuckets(reviews.lengths, batch_size, generator)
    return DataLoader(reviews, batch_sampler=buckets, collate_fn=collate_pairs)


def evaluation_batches(reviews: EncodedReviews, batch_size: int = 256) -> DataLoader:
    """短い順に並べたミニバッチ。順番が結果に影響しない評価に使う。

    Parameters
    ----------
    reviews : EncodedReviews
    batch_size : int

    Returns
    -------
    DataLoader
        ``(ids, lengths, labels)`` の組を返す。

    Examples
    --------
    >>> reviews = EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9)
    >>> [ids.shape[1] for ids, _, _ in evaluation_batches(reviews, 1)]
    [1, 2]
    """
    order = by_length(reviews)
    chunks = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return DataLoader(reviews, batch_sampler=chunks, collate_fn=collate_pairs)


def by_length(reviews: EncodedReviews) -> list[int]:
    """レビューの番号を、短い順に並べる（同じ長さなら番号の順）。

    Parameters
    ----------
    reviews : EncodedReviews

    Returns
    -------
    list of int

    Examples
    --------
    >>> by_length(EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9))
    [1, 0]
    """
    return sorted(range(len(reviews)), key=reviews.lengths.__getitem__)


@torch.no_grad()
def probabilities(model: nn.Module, reviews: EncodedReviews) -> Tensor:
    """すべてのレビューについて、肯定である確率を求める。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。
    reviews : EncodedReviews

    Returns
    -------
    Tensor, (len(reviews),)
        レビューの番号の順。CPU に置く。

    Examples
    --------
    >>> from lstm_text.models import MaxPooling, SentimentClassifier
    >>> model = SentimentClassifier(3, 2, nn.LSTM(2, 2, batch_first=True), MaxPooling())
    >>> reviews = EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9)
    >>> probabilities(model, reviews).shape
    torch.Size([2])
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    logits = [model(ids.to(device), lengths) for ids, lengths, _ in evaluation_batches(reviews)]
    model.train(was_training)
    result = torch.empty(len(reviews))
    result[by_length(reviews)] = torch.cat(logits).sigmoid().cpu()
    return result


def accuracy_by_length(correct: Tensor, lengths: list[int]) -> list[dict]:
    """レビューの長さの区間ごとの、件数、精度、標準誤差。

    Parameters
    ----------
    correct : Tensor of bool, (n,)
    lengths : list of int
        切る前の長さ。

    Returns
    -------
    list of dict
        キーは ``from``、``to``（最後の区間は None）、``count``、``accuracy``、``error``。

    Examples
    --------
    >>> for row in accuracy_by_length(torch.tensor([True, False, True]), [50, 150, 900]):
    ...     print(row)
    {'from': 0, 'to': 100, 'count': 1, 'accuracy': 1.0, 'error': 0.0}
    {'from': 100, 'to': 200, 'count': 1, 'accuracy': 0.0, 'error': 0.0}
    {'from': 800, 'to': None, 'count': 1, 'accuracy': 1.0, 'error': 0.0}
    """
    lengths = torch.tensor(lengths)
    rows = []
    for low, high in zip(LENGTH_EDGES, (*LENGTH_EDGES[1:], None), strict=True):
        inside = (lengths >= low) & (lengths < (high or math.inf))
        count = int(inside.sum())
        if count:
            p = correct[inside].double().mean().item()
            error = math.sqrt(p * (1 - p) / count)
            rows.append({"from": low, "to": high, "count": count, "accuracy": p, "error": error})
    return rows


def padding_share(batches: Iterable[Iterable[int]]) -> float:
    """ミニバッチ全体のうち、パディングの占める割合。

    Parameters
    ----------
    batches : iterable of iterable of int
        ミニバッチごとの、系列の長さ。

    Returns
    -------
    float

    Examples
    --------
    >>> padding_share([[4, 2]])
    0.25
    """
    batches = [list(lengths) for lengths in batches]
    cells = sum(len(lengths) * max(lengths) for lengths in batches)
    return 1 - sum(map(sum, batches)) / cells


@dataclass(frozen=True)
class Prediction:
    """1 つの文章についての予測。

    Attributes
    ----------
    probability : float
        肯定である確率。
    unknown : float
        語彙になかったトークンの割合。1 なら、モデルは何も読めていない。

    Examples
    --------
    >>> prediction = Prediction(probability=0.9, unknown=0.25)
    >>> print(prediction)
    肯定（確信度 90.0%、語彙にない語 25%）
    """

    probability: float
    unknown: float

    @property
    def label(self) -> str:
        """「肯定」か「否定」。"""
        return "肯定" if self.probability > 0.5 else "否定"

    @property
    def confidence(self) -> float:
        """答えたほうの確率。0.5 から 1。"""
        return max(self.probability, 1 - self.probability)

    def __str__(self) -> str:
        return (
            f"{self.label}（確信度 {100 * self.confidence:.1f}%、"
            f"語彙にない語 {100 * self.unknown:.0f}%）"
        )


@torch.no_grad()
def predict(
    model: nn.Module, vocabulary: Vocabulary, text: str, max_length: int = 400
) -> Prediction:
    """1 つの文章が、肯定か否定かを当てる。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。
    vocabulary : Vocabulary
        モデルを訓練したときの語彙。
    text : str
        英語の文章。HTML が混じっていてもよい。
    max_length : int
        これより長い文章は、先頭からこの数のトークンだけを使う。

    Returns
    -------
    Prediction

    Raises
    ------
    ValueError
        文章に語が一つもないとき。
    TypeError
        文章が文字列でないとき。

    Examples
    --------
    >>> from lstm_text.models import MaxPooling, SentimentClassifier
    >>> model = SentimentClassifier(3, 2, nn.LSTM(2, 2, batch_first=True), MaxPooling())
    >>> predict(model, Vocabulary(["good"]), "Good grief!").unknown
    0.6666666666666666
    """
    if not isinstance(text, str):
        raise TypeError(f"文章には文字列が必要ですが、{type(text).__name__} でした。")
    tokens = tokenize(text)[:max_length]
    if not tokens:
        raise ValueError(f"語を 1 つ以上含む文章が必要ですが、{text[:20]!r} でした。")
    ids = vocabulary.encode(tokens)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    logit = model(torch.tensor([ids], device=device), torch.tensor([len(ids)]))
    model.train(was_training)
    return Prediction(logit.sigmoid().item(), ids.count(UNK) / len(ids))
