"""LSTM と GRU の全時刻の状態を、ニュートン法と走査で求める。

``LSTM`` と ``GRU`` の使い方は :mod:`lstm_text.layers` の同名の層（したがって ``torch.nn`` の
同名の層）と同じで、出力も勾配も一致します。違うのは、時刻を順にたどらないことです。全時刻の状態を
``s_t = F(s_{t-1}, x_t)`` という連立方程式の解とみなし、見当を置いては、``F`` をその接線に取り替えた
1 次の漸化式を走査で解いて、見当を直します。``k`` 歩で初めの ``k`` 時刻が正確になるので、系列長の
歩数で必ず終わります。たいていは、ずっと少ない歩数で済みます。

傾きには、ヤコビ行列をそのまま使う ``dense`` と、ユニットどうしの結びつきを省く ``per_unit`` が
あります。どちらでも、たどり着く答えは同じです。``QuasiLSTM`` と ``QuasiGRU`` は、後のほうを
使います。

References
----------
Lim, Y. H. et al. (2024). Parallelizing non-linear sequential models over the sequence length. ICLR.
Gonzalez, X. et al. (2024). Towards scalable and stable parallelization of nonlinear RNNs. NeurIPS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.func import vjp
from torch.nn.functional import linear

from lstm_text import layers
from lstm_text.cells import Cell, GRUCell, LSTMCell
from lstm_text.fast.bptt import HandDerived
from lstm_text.fast.tangents import Slopes, Steps, dense, per_unit, scan_matrices, times


def guesses(
    step: Callable[[Tensor], Tensor],
    slopes: Callable[[Tensor], Tensor],
    start: Tensor,
    guess: Tensor,
) -> Iterator[tuple[Tensor, Tensor]]:
    """見当と、それを 1 歩進めた値の組を、1 歩直すごとに返す。終わりはない。

    Parameters
    ----------
    step : callable
        全時刻の 1 つ前の状態から、全時刻の状態を計算する関数。
    slopes : callable
        同じものから、全時刻の傾きを計算する関数。
    start : Tensor, (...)
        初期状態。
    guess : Tensor, (time, ...)
        初めの見当。

    Yields
    ------
    tuple of Tensor
        見当と、``step`` の値。等しければ、見当は解である。

    Examples
    --------
    >>> found = guesses(lambda s: s / 2, lambda s: torch.full((3, 1, 1), 0.5),
    ...                 torch.ones(1), torch.zeros(3, 1))
    >>> _ = next(found)
    >>> next(found)[0].flatten()
    tensor([0.5000, 0.2500, 0.1250])
    """
    while True:
        previous = torch.cat([start.unsqueeze(0), guess[:-1]])
        value = step(previous)
        yield guess, value
        a = slopes(previous)[1:]
        # 新しい見当を value + change とおくと、change_t = a_t (change_{t-1} + gap_{t-1})。
        # gap が 0 の間は change も 0 なので、正確になった時刻は、丸めの誤差もなくそのまま残る
        gap = (value - guess)[:-1].reshape(a.shape[:-1])
        change = scan_matrices(a, times(a, gap)).reshape(guess[1:].shape)
        change = torch.cat([torch.zeros_like(guess[:1]), change])
        # あふれた所では接線を使わず、1 歩進めた値で済ませる
        guess = torch.where(change.isfinite(), value + change, value)


def solve(
    step: Callable[[Tensor], Tensor],
    slopes: Callable[[Tensor], Tensor],
    start: Tensor,
    guess: Tensor,
    limit: int,
) -> tuple[Tensor, int]:
    """方程式 ``s_t = step(s_{t-1})`` を全時刻いっしょに解き、解と、かかった歩数を返す。

    Parameters
    ----------
    step, slopes, start, guess
        :func:`guesses` と同じ。
    limit : int
        歩数の上限。

    Returns
    -------
    tuple of Tensor and int

    Raises
    ------
    RuntimeError
        上限の歩数で収束しないとき。

    Examples
    --------
    >>> solve(lambda s: s / 2, lambda s: torch.full((3, 1, 1), 0.5),
    ...       torch.ones(1), torch.zeros(3, 1), 3)[1]
    1
    """
    tolerance = torch.finfo(guess.dtype).eps ** 0.75
    for count, (found, value) in zip(
        range(limit + 1), guesses(step, slopes, start, guess), strict=False
    ):
        gap = (value - found).abs().max()
        if gap <= tolerance * value.abs().max():
            return found, count
    raise RuntimeError(
        f"{limit} 歩のうちに収束する必要がありますが、方程式の左右の差は {gap:.1e} のままでした。"
        "上限 limit を系列長まで増やせば、有限の入力と重みなら、必ず収束します。"
    )


def run(
    cell: type[Cell],
    x: Tensor,
    state: tuple[Tensor, ...],
    weights: tuple[Tensor, Tensor, Tensor | None, Tensor | None],
    slopes: Slopes = dense,
    limit: int | None = None,
) -> tuple[tuple[Tensor, ...], int]:
    """1 つのセルの全時刻の状態を、ニュートン法で求める。

    Parameters
    ----------
    cell : type of Cell
    x : Tensor, (time, batch, input)
    state : tuple of Tensor, それぞれ (batch, hidden)
    weights : tuple, ``(weight_ih, weight_hh, bias_ih, bias_hh)``
    slopes : callable
        :func:`~lstm_text.fast.tangents.dense` か :func:`~lstm_text.fast.tangents.per_unit`。
    limit : int, optional
        歩数の上限。省くと、必ず終わる系列長。

    Returns
    -------
    states : tuple of Tensor, それぞれ (time, batch, hidden)
        全時刻の状態。LSTM では ``(h, c)``。
    steps : int
        順伝播にかかった歩数。

    Raises
    ------
    RuntimeError
        上限の歩数で収束しないとき。勾配をさらに微分しようとしたとき。

    Examples
    --------
    >>> zeros, w = torch.zeros(1, 1), torch.ones(1, 1)
    >>> (h,), steps = run(layers.RNNCell, torch.ones(4, 1, 1), (zeros,), (w, w, None, None))
    >>> h.flatten()
    tensor([0.7616, 0.9427, 0.9597, 0.9611])
    """
    w_ih, w_hh, b_ih, b_hh = weights
    limit = len(x) if limit is None else limit
    steps = Steps(cell, linear(x, w_ih, b_ih), w_hh, b_hh)
    fixed = steps.detach()
    start = torch.stack(state, dim=-1)
    with torch.no_grad():
        guess = x.new_zeros(len(x), *start.shape)
        found, count = solve(fixed, partial(slopes, fixed), start, guess, limit)
    # 解のまわりの 1 歩だけを自動微分に記録させる。時刻をまたぐ勾配は、逆伝播のときに足す
    states = steps(torch.cat([start.unsqueeze(0), found[:-1]]))
    if states.requires_grad:
        previous = torch.cat([start.detach().unsqueeze(0), found[:-1]])
        states.register_hook(partial(total_gradient, fixed, slopes, previous))
    return states.unbind(-1), count


def total_gradient(steps: Steps, slopes: Slopes, previous: Tensor, grad: Tensor) -> Tensor:
    """全時刻の状態についての勾配に、後の時刻を通って来る分を足す（陰関数の微分）。

    時刻 ``t`` を通って 1 つ前へ戻る分を ``m_t`` とすると、``m_t = J_t^T (grad_t + m_{t+1})``。
    これも、時刻を逆にたどる同じ形の方程式なので、順伝播と同じ傾きと走査で解ける。

    Parameters
    ----------
    steps : Steps
    slopes : callable
    previous : Tensor, (time, batch, hidden, states)
        全時刻の 1 つ前の状態（解）。
    grad : Tensor, (time, batch, hidden, states)
        後の時刻を通らない勾配。

    Returns
    -------
    Tensor, (time, batch, hidden, states)

    Examples
    --------
    >>> steps = Steps(layers.RNNCell, torch.zeros(3, 1, 1), torch.full((1, 1), 0.5), None)
    >>> previous, grad = torch.zeros(3, 1, 1, 1), torch.ones(3, 1, 1, 1)
    >>> with torch.no_grad():
    ...     total_gradient(steps, dense, previous, grad).flatten()
    tensor([1.7500, 1.5000, 1.0000])
    """
    if torch.is_grad_enabled():
        raise RuntimeError(
            "ニュートン法の層で計算できるのは 1 階の微分までです。"
            "勾配をさらに微分する（create_graph=True）には、lstm_text.layers の層が必要です。"
        )
    _, pull = vjp(steps, previous)
    a, grad = slopes(steps, previous).mT.flip(0), grad.flip(0)

    def step(later: Tensor) -> Tensor:
        return pull((grad + later).flip(0))[0].flip(0)

    zeros = torch.zeros_like(grad)
    later, _ = solve(step, lambda _: a, zeros[0], zeros, len(grad))
    return (grad + torch.cat([zeros[:1], later[:-1]])).flip(0)


@dataclass(frozen=True)
class ByNewton:
    """:func:`run` を、``torch.autograd.Function`` と同じ呼び方で使う。

    Examples
    --------
    >>> zeros, w = torch.zeros(1, 1), torch.ones(1, 1)
    >>> hidden, h_n = ByNewton(layers.RNNCell).apply(torch.ones(4, 1, 1), zeros, w, w, None, None)
    >>> hidden.shape, h_n.shape
    (torch.Size([4, 1, 1]), torch.Size([1, 1]))
    """

    cell: type[Cell]
    slopes: Slopes = dense

    def apply(self, x: Tensor, *inputs: Tensor | None) -> tuple[Tensor, ...]:
        """全時刻の状態と、最後の状態。"""
        n = self.cell.states
        states, _ = run(self.cell, x, inputs[:n], inputs[n:], self.slopes)
        return *states, *(each[-1] for each in states)


class LSTM(HandDerived, layers.LSTM):
    """LSTM の層。:class:`lstm_text.layers.LSTM` と同じ答えを、ニュートン法で求める。

    Examples
    --------
    >>> theirs, x = torch.nn.LSTM(3, 2), torch.arange(12.0).reshape(4, 1, 3)
    >>> ours = LSTM(3, 2)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    True
    """

    function = ByNewton(LSTMCell)


class GRU(HandDerived, layers.GRU):
    """GRU の層。:class:`lstm_text.layers.GRU` と同じ答えを、ニュートン法で求める。

    Examples
    --------
    >>> GRU(3, 2, bidirectional=True)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 4])
    """

    function = ByNewton(GRUCell)


class QuasiLSTM(LSTM):
    """:class:`LSTM` の、傾きを :func:`~lstm_text.fast.tangents.per_unit` にした層。

    Examples
    --------
    >>> QuasiLSTM(3, 64)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 64])
    """

    function = ByNewton(LSTMCell, per_unit)


class QuasiGRU(GRU):
    """:class:`GRU` の、傾きを :func:`~lstm_text.fast.tangents.per_unit` にした層。

    Examples
    --------
    >>> QuasiGRU(3, 64)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 64])
    """

    function = ByNewton(GRUCell, per_unit)
