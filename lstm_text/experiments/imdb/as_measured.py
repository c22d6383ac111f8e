"""記録が、測ったときの形のまま使う部品。

同じ仕事をするものが、ほかにもある。記録は、測ったときのコードと一緒にしか確かめられないので、次に
その記録を測り直すときに 1 つにする。ほかでは使わない。
"""

import math

import torch
from torch import Tensor, nn

from lstm_text.imdb import LENGTH_EDGES


class NaiveClassifier(nn.Module):
    """いちばん長いレビューに合わせてパディングし、その最後まで読んで答える分類器。遅さを測る相手。

    Parameters
    ----------
    vocab_size, embedding_dim, hidden_size : int

    Examples
    --------
    >>> NaiveClassifier(9, 3, 2)(torch.tensor([[2, 3, 4], [5, 0, 0]])).shape
    torch.Size([2])
    """

    def __init__(self, vocab_size: int, embedding_dim: int = 100, hidden_size: int = 256):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.recurrent = nn.LSTM(
            embedding_dim, hidden_size, 2, batch_first=True, dropout=0.5, bidirectional=True
        )
        self.head = nn.Linear(2 * hidden_size, 1)

    def forward(self, ids: Tensor) -> Tensor:
        """番号 ``(batch, time)`` からロジット ``(batch,)`` を計算する。"""
        _, (h_n, _) = self.recurrent(self.embedding(ids))
        return self.head(torch.cat([h_n[-2], h_n[-1]], dim=-1)).squeeze(-1)


class PaddedToTheEnd(nn.Module):
    """:class:`NaiveClassifier` と同じもの。``bench_imdb`` の記録は、この形で測った。

    Examples
    --------
    >>> PaddedToTheEnd(9)(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2])
    """

    def __init__(self, vocab_size: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 100)
        self.recurrent = nn.LSTM(100, 256, 2, batch_first=True, dropout=0.5, bidirectional=True)
        self.head = nn.Linear(512, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` からロジット ``(batch,)``。長さは使わない。"""
        _, (h_n, _) = self.recurrent(self.embedding(ids))
        return self.head(torch.cat([h_n[-2], h_n[-1]], dim=-1)).squeeze(-1)


def accuracy_by_length(correct: Tensor, lengths: list[int]) -> list[dict]:
    """:func:`lstm_text.imdb.group_accuracy` の、長さの区間に限ったもの。

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
