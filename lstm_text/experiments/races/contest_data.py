"""実験の課題のデータ。"""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from lstm_text.tasks import damped_oscillation, look_ahead_tags, windows

SYMBOLS = 10
Pair = tuple[Tensor, Tensor]


def every_symbol(length: int) -> Pair:
    """最初の記号を答える課題の、すべての系列（記号の数だけある）。

    Parameters
    ----------
    length : int

    Returns
    -------
    x : Tensor, (10, length, 10)
    y : Tensor of int64, (10,)

    Examples
    --------
    >>> x, y = every_symbol(5)
    >>> torch.equal(x[:, 0].argmax(dim=1), y), x[:, 1:].sum().item()
    (True, 0.0)
    """
    x = torch.zeros(SYMBOLS, length, SYMBOLS)
    x[:, 0] = torch.eye(SYMBOLS)
    return x, torch.arange(SYMBOLS)


def one_hot_tags(n: int, length: int, generator: torch.Generator) -> Pair:
    """先読みのタグ付けの課題を、入力を one-hot にして作る。

    Parameters
    ----------
    n, length : int
    generator : torch.Generator

    Returns
    -------
    x : Tensor, (n, length, 10)
    tags : Tensor of int64, (n, length)

    Examples
    --------
    >>> from lstm_text.device import generator
    >>> one_hot_tags(4, 7, generator(0))[0].sum(dim=-1).unique()
    tensor([1.])
    """
    x, tags = look_ahead_tags(n, length, generator, SYMBOLS)
    return one_hot(x, SYMBOLS).float(), tags


def oscillation_windows(length: int) -> Pair:
    """減衰振動を窓に切り、後ろの 1 割を除いたもの。

    Parameters
    ----------
    length : int
        窓の幅。

    Returns
    -------
    inputs, targets : Tensor, (n, length, 1)

    Examples
    --------
    >>> oscillation_windows(20)[0].shape
    torch.Size([162, 20, 1])
    """
    inputs, targets = windows(damped_oscillation()[1], length)
    kept = len(inputs) - len(inputs) // 10
    return inputs[:kept], targets[:kept]


def some_windows(n: int, length: int, generator: torch.Generator) -> Pair:
    """減衰振動の窓から、``n`` 個を重複なしで選ぶ。

    Parameters
    ----------
    n, length : int
    generator : torch.Generator

    Returns
    -------
    inputs, targets : Tensor, (n, length, 1)

    Examples
    --------
    >>> from lstm_text.device import generator
    >>> some_windows(10, 20, generator(0))[0].shape
    torch.Size([10, 20, 1])
    """
    inputs, targets = oscillation_windows(length)
    chosen = torch.randperm(len(inputs), generator=generator)[:n]
    return inputs[chosen], targets[chosen]
