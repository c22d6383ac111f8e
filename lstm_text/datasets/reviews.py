"""評価のついたレビュー。"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Reviews:
    """レビューの本文と評価。

    Attributes
    ----------
    texts : tuple of str
        本文（HTML のタグを含むことがある）。
    labels : tuple of int
        評価。1 が肯定、0 が否定。

    Examples
    --------
    >>> reviews = Reviews(("Great!", "Dull.", "Lovely."), (1, 0, 1))
    >>> len(reviews), reviews.select([2, 0])
    (3, Reviews(texts=('Lovely.', 'Great!'), labels=(1, 1)))
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, indices: Sequence[int]) -> "Reviews":
        """指定した番号のレビューだけを、その順に取り出す。"""
        return Reviews(
            tuple(self.texts[i] for i in indices), tuple(self.labels[i] for i in indices)
        )


def split_validation(
    reviews: Reviews, fraction: float, generator: torch.Generator
) -> tuple[Reviews, Reviews]:
    """訓練用のレビューから、肯定と否定の割合を保って検証用を分ける。

    Parameters
    ----------
    reviews : Reviews
        訓練用のレビュー。
    fraction : float
        検証用にする割合。0 より大きく 1 より小さい。
    generator : torch.Generator

    Returns
    -------
    train : Reviews
    validation : Reviews
        どちらも、もとの順に並ぶ。

    Raises
    ------
    ValueError
        割合が範囲の外のとき。

    Examples
    --------
    >>> from lstm_text.datasets import builtin
    >>> reviews = builtin.reviews(10, torch.Generator().manual_seed(0))
    >>> train, validation = split_validation(reviews, 0.2, torch.Generator().manual_seed(0))
    >>> len(train), len(validation), sorted(validation.labels)
    (8, 2, [0, 1])
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction には 0 と 1 の間の数が必要ですが、{fraction} でした。")
    labels = torch.tensor(reviews.labels)
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    for label in (0, 1):
        members = (labels == label).nonzero().squeeze(1)
        chosen = torch.randperm(len(members), generator=generator)
        held_out[members[chosen[: round(fraction * len(members))]]] = True
    return (
        reviews.select((~held_out).nonzero().squeeze(1).tolist()),
        reviews.select(held_out.nonzero().squeeze(1).tolist()),
    )
