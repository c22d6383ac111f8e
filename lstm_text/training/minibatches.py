"""テンソルの組をミニバッチに分ける。"""

import torch
from torch import Tensor
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    TensorDataset,
)


def batches(
    *tensors: Tensor, batch_size: int, generator: torch.Generator | None = None
) -> DataLoader:
    """テンソルの組を、先頭の次元でミニバッチに分ける。

    Parameters
    ----------
    *tensors : Tensor, (n, ...)
        入力と目標。最後のものが目標。
    batch_size : int
    generator : torch.Generator, optional
        渡すと、毎エポック並べ替える。省くと元の順。

    Returns
    -------
    DataLoader
        ``(入力, …, 目標)`` の組を返す。

    Examples
    --------
    >>> loader = batches(torch.arange(5.0), torch.arange(5), batch_size=2)
    >>> [len(y) for x, y in loader]
    [2, 2, 1]
    """
    dataset = TensorDataset(*tensors)
    if generator is None:
        order = SequentialSampler(dataset)
    else:
        order = RandomSampler(dataset, generator=generator)
    # batch_size=None：番号の列をまとめて 1 回で取り出す。1 件ずつ取り出して積むより速い
    return DataLoader(dataset, sampler=BatchSampler(order, batch_size, False), batch_size=None)
