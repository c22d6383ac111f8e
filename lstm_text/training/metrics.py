"""損失と精度。"""

from collections.abc import Callable

from torch import Tensor, nn

from lstm_text import IGNORE

Metric = Callable[[Tensor, Tensor], Tensor]


def accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """多クラスの精度。目標が :data:`lstm_text.IGNORE` の位置は数えない。

    Parameters
    ----------
    logits : Tensor, (..., classes)
    target : Tensor of int64, (...)

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> import torch
    >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([0, 0]))
    tensor(0.5000)
    """
    counted = target != IGNORE
    return (logits.argmax(dim=-1) == target)[counted].float().mean()


def binary_accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """2 クラスの精度。ロジットが正なら 1 と答えたとみなす。

    Parameters
    ----------
    logits : Tensor, (n,)
    target : Tensor, (n,)
        0 か 1。

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> import torch
    >>> binary_accuracy(torch.tensor([1.5, -0.5]), torch.tensor([1.0, 1.0]))
    tensor(0.5000)
    """
    return ((logits > 0) == (target > 0.5)).float().mean()


def tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """全時刻の交差エントロピーの平均。:data:`lstm_text.IGNORE` の位置は数えない。

    Parameters
    ----------
    logits : Tensor, (batch, time, tags)
    tags : Tensor of int64, (batch, time)

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> import torch
    >>> tag_loss(torch.zeros(1, 2, 4), torch.tensor([[3, IGNORE]]))  # log 4
    tensor(1.3863)
    """
    return nn.functional.cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORE)
