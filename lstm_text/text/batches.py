"""番号の列を、長さをそろえたミニバッチにする。"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

from lstm_text import IGNORE, PAD


class Batch(NamedTuple):
    """長さをそろえたミニバッチ。``ids, lengths, labels = batch`` と分けて使えます。

    Attributes
    ----------
    ids : Tensor of int64, (batch, time)
        番号。系列の後ろは ``PAD``。
    lengths : Tensor of int64, (batch,)
        系列の本当の長さ。
    labels : Tensor, (batch,) or (batch, time), or None
        正解。

    Examples
    --------
    >>> collate([[5, 6, 7], [8]]).lengths
    tensor([3, 1])
    """

    ids: Tensor
    lengths: Tensor
    labels: Tensor | None


def collate(
    sequences: Sequence[Sequence[int] | Tensor],
    labels: Sequence[float] | Sequence[Sequence[int]] | Tensor | None = None,
) -> Batch:
    """長さの違う系列を、``PAD`` を後ろに足して一つのテンソルにする。

    Parameters
    ----------
    sequences : sequence of (length,)
        番号の系列。長さはそれぞれ 1 以上。
    labels : (batch,) or sequence of (length,), optional
        系列ごとに一つの正解か、時刻ごとの正解。後者は ``IGNORE`` を足してそろえる。

    Returns
    -------
    Batch
        ``ids`` は (batch, time) の int64、``lengths`` は (batch,) の int64（CPU）、
        ``labels`` は (batch,) か (batch, time)。``labels`` を渡さなければ None。

    Raises
    ------
    ValueError
        系列が一つもないとき、長さ 0 の系列があるとき、正解の数が合わないとき。

    Examples
    --------
    >>> ids, lengths, labels = collate([[5, 6, 7], [8]], [1, 0])
    >>> ids
    tensor([[5, 6, 7],
            [8, 0, 0]])
    >>> lengths, labels
    (tensor([3, 1]), tensor([1, 0]))
    >>> collate([[5, 6], [8]], [[2, 3], [4]]).labels
    tensor([[   2,    3],
            [   4, -100]])
    """
    if len(sequences) == 0:
        raise ValueError("系列が一つもありません。1 個以上の系列が必要です。")
    for i, sequence in enumerate(sequences):
        if len(sequence) == 0:
            raise ValueError(
                f"sequences[{i}] の長さが 0 です。"
                "1 語以上の系列が必要です（空の文章は先に除いてください）。"
            )
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = _pad(sequences, PAD)
    if labels is None:
        return Batch(ids, lengths, None)
    if len(labels) != len(sequences):
        raise ValueError(f"系列は {len(sequences)} 個ですが、正解は {len(labels)} 個でした。")
    if torch.as_tensor(labels[0]).dim() == 0:
        return Batch(ids, lengths, torch.as_tensor(labels))
    for i, (sequence, label) in enumerate(zip(sequences, labels, strict=True)):
        if len(label) != len(sequence):
            raise ValueError(
                f"sequences[{i}] の長さは {len(sequence)} ですが、正解は {len(label)} 個でした。"
            )
    return Batch(ids, lengths, _pad(labels, IGNORE))


def _pad(sequences: Iterable[Sequence[int] | Tensor], value: int) -> Tensor:
    rows = [torch.as_tensor(sequence, dtype=torch.int64) for sequence in sequences]
    return pad_sequence(rows, batch_first=True, padding_value=value)


class LengthBuckets:
    """長さの近い系列を同じミニバッチに集める。

    毎回、全体を混ぜ、``pool`` 個のミニバッチの分ごとに長さの順に並べて切り分け、ミニバッチの順を
    また混ぜます。どの系列も 1 エポックにちょうど一度ずつ現れます。``DataLoader`` の
    ``batch_sampler`` としても、そのまま for 文でも使えます。

    Parameters
    ----------
    lengths : sequence of int
        系列の長さ。
    batch_size : int
        一つのミニバッチの系列の数（最後の一つは小さいことがある）。
    generator : torch.Generator
        並びを決める乱数。エポックごとに違う並びになる。
    pool : int
        何個のミニバッチの分をまとめて並べ替えるか。大きいほどパディングが減り、混ざり方は減る。

    Raises
    ------
    ValueError
        ``batch_size`` か ``pool`` が 1 より小さいとき、系列がないとき、長さ 0 の系列があるとき。

    Examples
    --------
    >>> buckets = LengthBuckets([9, 2, 8, 1, 7, 3], 2, torch.Generator().manual_seed(0))
    >>> len(buckets)
    3
    >>> sorted(sorted(batch) for batch in buckets)
    [[0, 2], [1, 3], [4, 5]]
    """

    def __init__(
        self,
        lengths: Sequence[int] | Tensor,
        batch_size: int,
        generator: torch.Generator,
        pool: int = 50,
    ) -> None:
        if batch_size < 1 or pool < 1:
            raise ValueError(
                f"batch_size と pool は 1 以上にしてください（{batch_size} と {pool} でした）。"
            )
        self.lengths = torch.as_tensor(lengths, dtype=torch.int64)
        if not len(self.lengths):
            raise ValueError("系列が一つもありません。1 個以上の系列が必要です。")
        if self.lengths.min() < 1:
            raise ValueError(
                f"lengths[{self.lengths.argmin()}] が 0 です。1 以上の長さが必要です。"
            )
        self.batch_size = batch_size
        self.generator = generator
        self.pool = pool

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.randperm(len(self.lengths), generator=self.generator)
        batches: list[list[int]] = []
        for pool in order.split(self.pool * self.batch_size):
            by_length = pool[self.lengths[pool].argsort(stable=True)]
            batches.extend(batch.tolist() for batch in by_length.split(self.batch_size))
        for i in torch.randperm(len(batches), generator=self.generator).tolist():
            yield batches[i]


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


def training_batches(reviews: Dataset, batch_size: int, generator: torch.Generator) -> DataLoader:
    """長さの近いレビューを集めた、エポックごとに順の変わるミニバッチ。

    Parameters
    ----------
    reviews : Dataset
        ``(番号の列, 正解)`` を返し、長さの並び ``lengths`` を持つもの。
    batch_size : int
    generator : torch.Generator

    Returns
    -------
    DataLoader
        ``(ids, lengths, labels)`` の組を返す。

    Examples
    --------
    >>> from lstm_text.imdb import EncodedReviews
    >>> from lstm_text.text import Vocabulary
    >>> texts = [["a"], ["a"] * 9, ["a"] * 2, ["a"] * 8]
    >>> reviews = EncodedReviews(texts, [1, 0, 1, 0], Vocabulary(["a"]), max_length=9)
    >>> loader = training_batches(reviews, 2, torch.Generator().manual_seed(0))
    >>> sorted(sorted(lengths.tolist()) for _, lengths, _ in loader)  # 近い長さどうし
    [[1, 2], [8, 9]]
    """
    buckets = LengthBuckets(reviews.lengths, batch_size, generator)
    return DataLoader(reviews, batch_sampler=buckets, collate_fn=collate_pairs)


def evaluation_batches(reviews: Dataset, batch_size: int = 256) -> DataLoader:
    """短い順に並べたミニバッチ。順番が結果に影響しない評価に使う。

    Parameters
    ----------
    reviews : Dataset
        :func:`training_batches` と同じ。
    batch_size : int

    Returns
    -------
    DataLoader
        ``(ids, lengths, labels)`` の組を返す。

    Examples
    --------
    >>> from lstm_text.imdb import EncodedReviews
    >>> from lstm_text.text import Vocabulary
    >>> reviews = EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9)
    >>> [ids.shape[1] for ids, _, _ in evaluation_batches(reviews, 1)]
    [1, 2]
    """
    order = by_length(reviews)
    chunks = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return DataLoader(reviews, batch_sampler=chunks, collate_fn=collate_pairs)


def by_length(reviews: Dataset) -> list[int]:
    """レビューの番号を、短い順に並べる（同じ長さなら番号の順）。

    Parameters
    ----------
    reviews : Dataset
        長さの並び ``lengths`` を持つもの。

    Returns
    -------
    list of int

    Examples
    --------
    >>> from lstm_text.imdb import EncodedReviews
    >>> from lstm_text.text import Vocabulary
    >>> by_length(EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9))
    [1, 0]
    """
    return sorted(range(len(reviews)), key=reviews.lengths.__getitem__)


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
