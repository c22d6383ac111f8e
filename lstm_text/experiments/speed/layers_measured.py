"""速さを比べる層。"""

import torch
from torch import nn

from lstm_text import layers
from lstm_text.device import generator, seeded
from lstm_text.fast import bptt, compiled, compiler

LIBRARIES = {"torch.nn": nn, "手書き": bptt, "読みやすいセル": layers, "C": compiled}


def libraries() -> list[str]:
    """比べるものの名前。C は、コンパイラがなければ測らない。

    Returns
    -------
    list of str

    Examples
    --------
    >>> libraries()
    ['torch.nn', '手書き', '読みやすいセル', 'C']
    """
    return [name for name in LIBRARIES if name != "C" or compiler.available()]


def build(
    name: str, kind: str, size: tuple[int, int, int, int], seed: int = 0
) -> tuple[nn.Module, torch.Tensor]:
    """測る層と、入力を作る。

    Parameters
    ----------
    name : str
        ``LIBRARIES`` のどれか。
    kind : str
        ``"RNN"``、``"LSTM"``、``"GRU"`` のどれか。
    size : (int, int, int, int)
        batch、length、input、hidden。
    seed : int

    Returns
    -------
    layer : nn.Module
    x : Tensor, (length, batch, input)

    Examples
    --------
    >>> layer, x = build("手書き", "GRU", (2, 5, 3, 4))
    >>> layer, x.shape
    (GRU(3, 4), torch.Size([5, 2, 3]))
    """
    batch, length, features, hidden = size
    with seeded(seed):
        layer = getattr(LIBRARIES[name], kind)(features, hidden)
    return layer, torch.randn(length, batch, features, generator=generator(seed))
