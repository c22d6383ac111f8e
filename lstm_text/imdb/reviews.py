"""語彙で番号にしたレビュー。"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset

from lstm_text.text import Vocabulary


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
