"""決めた回数だけ重みを直す、短い訓練。"""

from collections.abc import Iterable, Iterator
from itertools import islice

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.lr_scheduler import LambdaLR

from lstm_text.device import seeded
from lstm_text.text import Batch


def train_updates(
    model: nn.Module,
    batches: Iterable[Batch],
    updates: int,
    learning_rate: float = 4e-3,
    clip: float = 1.0,
    seed: int = 0,
) -> list[float]:
    """``updates`` 回だけ重みを直し、直すたびの損失を返す。

    学習率は、初めの 5 % の更新で 0 から上げ、あとはまっすぐ下げて、最後の更新で 0 に近づけます。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。終わると評価の状態になる。
    batches : iterable of Batch
        ミニバッチ。終わりまで読んだら、また初めから読む。
    updates : int
    learning_rate : float
        いちばん大きいときの学習率。
    clip : float
        勾配のノルムの上限。
    seed : int
        ドロップアウトの種。

    Returns
    -------
    list of float
        ``updates`` 個の損失。

    Raises
    ------
    ValueError
        ``updates`` が 1 より小さいとき、ミニバッチが 1 つもないとき。

    Examples
    --------
    >>> from lstm_text.imdb import AttentionClassifier, Recurrent
    >>> from lstm_text.text import collate
    >>> model = AttentionClassifier(torch.ones(9), 4, Recurrent(nn.LSTM(4, 3, batch_first=True)))
    >>> batch = collate([[2, 3], [4]], [1.0, 0.0])
    >>> losses = train_updates(model, [batch], updates=50, learning_rate=0.05)
    >>> len(losses), losses[-1] < losses[0]
    (50, True)
    """
    if updates < 1:
        raise ValueError(f"updates には 1 以上の整数が必要ですが、{updates} でした。")
    device = next(model.parameters()).device
    optimizer = torch.optim.Adam(model.parameters(), learning_rate, betas=(0.9, 0.98))
    schedule = LambdaLR(
        optimizer, lambda done: min((done + 1) / (0.05 * updates), 1 - done / updates)
    )
    model.train()
    losses = []
    with seeded(seed):
        for ids, lengths, labels in islice(_over_and_over(batches), updates):
            logits = model(ids.to(device), lengths)
            loss = binary_cross_entropy_with_logits(logits, labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    model.eval()
    return losses


def _over_and_over(batches: Iterable[Batch]) -> Iterator[Batch]:
    while True:
        empty = True
        for batch in batches:
            empty = False
            yield batch
        if empty:
            raise ValueError("ミニバッチが 1 つもありません。")
