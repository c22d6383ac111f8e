"""番号にした文章から、訓練が読む単位を取り出す。"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset

from lstm_text import UNK
from lstm_text.imdb.corpus import EncodedTexts


class Labelled(Dataset):
    """正解のついた、番号の列。長い文章は先頭だけを使い、空の文章は UNK 1 つとする。

    Parameters
    ----------
    texts : EncodedTexts
    labels : sequence of float
        文章ごとの正解。ないものは -1。
    max_length : int
        使うトークンの数の上限。
    members : sequence of int, optional
        使う文章の番号。省くとすべて。

    Raises
    ------
    ValueError
        正解の数が合わないとき、``max_length`` が 1 より小さいとき。

    Examples
    --------
    >>> texts = EncodedTexts(torch.tensor([5, 6, 7], dtype=torch.int32), torch.tensor([0, 2, 2, 3]))
    >>> reviews = Labelled(texts, [1, 0, 1], max_length=1)
    >>> [reviews[i] for i in range(3)]
    [(tensor([5]), 1.0), (tensor([1]), 0.0), (tensor([7]), 1.0)]
    """

    def __init__(
        self,
        texts: EncodedTexts,
        labels: Sequence[float],
        max_length: int,
        members: Sequence[int] | None = None,
    ):
        if len(labels) != len(texts):
            raise ValueError(f"文章は {len(texts)} 件ですが、正解は {len(labels)} 件でした。")
        if max_length < 1:
            raise ValueError(f"max_length には 1 以上の整数が必要ですが、{max_length} でした。")
        self.texts, self.max_length = texts, max_length
        self.members = list(range(len(texts)) if members is None else members)
        self.labels = [float(labels[i]) for i in self.members]
        self.lengths = texts.lengths[self.members].clamp(1, max_length).tolist()

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, i: int) -> tuple[Tensor, float]:
        ids = self.texts[self.members[i]][: self.max_length].long()
        return (ids if len(ids) else torch.tensor([UNK])), self.labels[i]


class Chunks(Dataset):
    """文章を、決まった長さまでの断片に切ったもの。言語モデルが読む。

    Parameters
    ----------
    parts : sequence of EncodedTexts
    length : int
        断片の長さの上限。最後の断片は短く、2 トークンより短いものは捨てる。

    Examples
    --------
    >>> texts = EncodedTexts(torch.arange(5, dtype=torch.int32), torch.tensor([0, 4, 5]))
    >>> chunks = Chunks([texts], length=3)
    >>> [chunks[i] for i in range(len(chunks))], chunks.lengths
    ([(tensor([0, 1, 2]), 0.0)], [3])
    """

    def __init__(self, parts: Sequence[EncodedTexts], length: int):
        self.parts, self.pieces = parts, []
        for p, part in enumerate(parts):
            for start, end in zip(part.starts[:-1].tolist(), part.starts[1:].tolist(), strict=True):
                for first in range(start, end - 1, length):
                    self.pieces.append((p, first, min(first + length, end)))
        self.lengths = [end - start for _, start, end in self.pieces]

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitem__(self, i: int) -> tuple[Tensor, float]:
        part, start, end = self.pieces[i]
        return self.parts[part].ids[start:end].long(), 0.0


def joined(parts: list[EncodedTexts]) -> EncodedTexts:
    """文章の集まりを 1 つにつなぐ。

    Parameters
    ----------
    parts : list of EncodedTexts

    Returns
    -------
    EncodedTexts

    Examples
    --------
    >>> one = EncodedTexts(torch.tensor([5, 6]), torch.tensor([0, 2]))
    >>> joined([one, one]).starts
    tensor([0, 2, 4])
    """
    lengths = torch.cat([part.lengths for part in parts])
    starts = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
    return EncodedTexts(torch.cat([part.ids for part in parts]), starts)
