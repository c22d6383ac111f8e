"""ニュートン法の 1 歩の部品：全時刻の 1 歩、その傾き、行列の漸化式の走査。"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.func import vjp, vmap
from torch.nn.functional import linear

from lstm_text.cells import Cell


def times(a: Tensor, b: Tensor) -> Tensor:
    """行列 ``a`` とベクトル ``b`` の積。

    Parameters
    ----------
    a : Tensor, (..., size, size)
    b : Tensor, (..., size)

    Returns
    -------
    Tensor, (..., size)

    Examples
    --------
    >>> times(torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([1.0, 1.0]))
    tensor([3., 1.])
    """
    return (a @ b.unsqueeze(-1)).squeeze(-1)


def scan_matrices(a: Tensor, b: Tensor) -> Tensor:
    """行列の漸化式 ``h_t = a_t h_{t-1} + b_t`` を、``h_0 = 0`` から幅を 2 倍ずつ広げて解く。

    Parameters
    ----------
    a : Tensor, (time, ..., size, size)
    b : Tensor, (time, ..., size)

    Returns
    -------
    Tensor, (time, ..., size)

    Examples
    --------
    >>> a, b = torch.full((3, 1, 1), 0.5), torch.ones(3, 1)
    >>> scan_matrices(a, b).flatten()
    tensor([1.0000, 1.5000, 1.7500])
    """
    width = 1
    while width < len(a):
        new_b = times(a[width:], b[:-width]) + b[width:]
        new_a = a[width:] @ a[:-width]
        a, b = torch.cat([a[:width], new_a]), torch.cat([b[:width], new_b])
        width *= 2
    return b


@dataclass(frozen=True)
class Steps:
    """全時刻の 1 歩 ``F`` を、いっせいに行う関数。

    状態は、ユニットごとに並べて ``(time, batch, hidden, states)`` と書く（``states`` は、LSTM では
    ``h`` と ``c`` の 2、RNN と GRU では 1）。

    Parameters
    ----------
    cell : type of Cell
    gates_x : Tensor, (time, batch, gates * hidden)
        入力側の計算の結果。
    w_hh : Tensor
    b_hh : Tensor or None

    Examples
    --------
    >>> from lstm_text.cells import RNNCell
    >>> steps = Steps(RNNCell, torch.zeros(3, 1, 2), torch.eye(2), torch.zeros(2))
    >>> steps(torch.zeros(3, 1, 2, 1)).shape
    torch.Size([3, 1, 2, 1])
    """

    cell: type[Cell]
    gates_x: Tensor
    w_hh: Tensor
    b_hh: Tensor | None

    def __call__(self, previous: Tensor) -> Tensor:
        """全時刻の 1 つ前の状態から、全時刻の状態を計算する。"""
        state = previous.flatten(0, 1).unbind(-1)
        gates_x = self.gates_x.flatten(0, 1)
        new = torch.stack(self.cell.step(gates_x, state, self.w_hh, self.b_hh), dim=-1)
        return new.unflatten(0, previous.shape[:2])

    def detach(self) -> "Steps":
        """値だけの写し。自動微分の記録につながらない。"""
        b_hh = None if self.b_hh is None else self.b_hh.detach()
        return Steps(self.cell, self.gates_x.detach(), self.w_hh.detach(), b_hh)


Slopes = Callable[[Steps, Tensor], Tensor]


def dense(steps: Steps, previous: Tensor) -> Tensor:
    """``F`` のヤコビ行列。ユニットどうしの結びつきを、すべて含む。

    Parameters
    ----------
    steps : Steps
    previous : Tensor, (time, batch, hidden, states)
        傾きを求める所。

    Returns
    -------
    Tensor, (time, batch, 1, hidden * states, hidden * states)

    Examples
    --------
    >>> from lstm_text.cells import RNNCell
    >>> steps = Steps(RNNCell, torch.zeros(1, 1, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), None)
    >>> dense(steps, torch.zeros(1, 1, 2, 1)).squeeze()  # tanh の傾きは、0 で 1
    tensor([[1., 2.],
            [3., 4.]])
    """
    size = previous[0, 0].numel()
    basis = torch.eye(size, dtype=previous.dtype, device=previous.device)
    directions = basis.view(size, 1, 1, *previous.shape[2:]).expand(-1, *previous.shape)
    _, pull = vjp(steps, previous)
    (rows,) = vmap(pull)(directions)
    return rows.flatten(-2).movedim(0, -2).unsqueeze(2)


def per_unit(steps: Steps, previous: Tensor) -> Tensor:
    """``F`` のヤコビ行列のうち、同じユニットの状態どうしの部分だけ。

    RNN と GRU では対角成分、LSTM ではユニットごとの ``h`` と ``c`` の 2 × 2 の行列になる。
    ``w_hh`` の対角成分だけを残し、ほかのユニットから来る和を止めておけば、全ユニットの傾きが、
    状態の数だけの逆伝播で求まる。

    Parameters
    ----------
    steps : Steps
    previous : Tensor, (time, batch, hidden, states)
        傾きを求める所。

    Returns
    -------
    Tensor, (time, batch, hidden, states, states)

    Examples
    --------
    >>> from lstm_text.cells import RNNCell
    >>> steps = Steps(RNNCell, torch.zeros(1, 1, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), None)
    >>> per_unit(steps, torch.zeros(1, 1, 2, 1)).flatten()
    tensor([1., 4.])
    """
    w = steps.w_hh.unflatten(0, (steps.cell.gates, -1))
    own = (w * torch.eye(w.shape[-1], dtype=w.dtype, device=w.device)).flatten(0, 1)
    from_others = linear(previous[..., 0].flatten(0, 1), steps.w_hh - own, steps.b_hh)
    apart = replace(steps, w_hh=own, b_hh=from_others)
    _, pull = vjp(apart, previous)
    basis = torch.eye(previous.shape[-1], dtype=w.dtype, device=w.device)
    rows = [pull(direction.expand_as(previous))[0] for direction in basis]
    return torch.stack(rows, dim=-2)
