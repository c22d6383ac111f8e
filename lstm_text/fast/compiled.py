"""時刻の繰り返しを C で書いた RNN、LSTM、GRU。

:mod:`lstm_text.fast.bptt` の同名の層との違いは、順伝播と逆伝播の繰り返しを、同じ式の C の関数
（``recurrent.c``）に任せることだけです。呼び出しの手間がなくなるので、小さな層で差が出ます。使える
のは CPU の float32 だけで、C のコンパイラが要ります（:mod:`lstm_text.fast.compiler`）。
"""

import torch
from torch import Tensor

from lstm_text.cells import GRUCell, LSTMCell, RNNCell
from lstm_text.fast import bptt
from lstm_text.fast.compiler import address, library, packed
from lstm_text.fast.products import WeightGradients, chunks, product, readable_backward, start_from


class RNNFunction(bptt.RNNFunction):
    """単純 RNN の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, h_0, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(1, 1)
    >>> hidden, h_n = RNNFunction.apply(x, h_0, w, w, None, None)
    >>> hidden.shape, h_n.shape
    (torch.Size([3, 1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の隠れ状態 (time, batch, hidden) と、最後の隠れ状態 (batch, hidden)。"""
        _check("RNN", x, h_0, w_ih, w_hh)
        bias = None if b_ih is None else b_ih + b_hh
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        w = packed(w_hh.t())
        for part in chunks(len(x), h_0.numel()):
            hidden[1:][part] = product(x[part], w_ih, bias)
            steps = hidden[part.start : part.stop + 1]
            library().rnn_forward(len(steps) - 1, *h_0.shape, *map(address, (w, steps)))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden)
        return hidden[1:], hidden[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(RNNCell, inputs, (grad_hidden, grad_h_n))
        x, h_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden = None if grad_hidden is None else grad_hidden.contiguous()
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), packed(w_hh)
        dh = start_from(grad_h_n, h_0).contiguous()
        for part in reversed(chunks(len(x), h_0.numel())):
            h_new = hidden[1:][part]
            delta = torch.empty_like(h_new)
            grad = None if grad_hidden is None else grad_hidden[part]
            arrays = (h_new, w, grad, dh, delta)
            library().rnn_backward(len(h_new), *h_0.shape, *map(address, arrays))
            sums.add(part, delta, delta, hidden[part])
        return sums.x, dh, *sums.collected(with_bias=b_ih is not None)


class LSTMFunction(bptt.LSTMFunction):
    """LSTM の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, zeros, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(4, 1)
    >>> hidden, cells, h_n, c_n = LSTMFunction.apply(x, zeros, zeros, w, w, None, None)
    >>> hidden.shape, cells.shape, h_n.shape, c_n.shape
    (torch.Size([3, 1, 1]), torch.Size([3, 1, 1]), torch.Size([1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, c_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の h と c、最後の h と c。"""
        _check("LSTM", x, h_0, c_0, w_ih, w_hh)
        bias = None if b_ih is None else b_ih + b_hh
        gates = product(x, w_ih, bias).contiguous()
        hidden, cells = (s.new_empty(len(x) + 1, *s.shape) for s in (h_0, c_0))
        hidden[0], cells[0] = h_0, c_0
        arrays = (gates, packed(w_hh.t()), hidden, cells)
        library().lstm_forward(len(x), *h_0.shape, *map(address, arrays))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, c_0, w_ih, w_hh, b_ih, b_hh, hidden, cells, gates)
        return hidden[1:], cells[1:], hidden[-1].clone(), cells[-1].clone()

    @staticmethod
    def backward(ctx, *grads):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden, cells, gates = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(LSTMCell, inputs, grads)
        x, h_0, c_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden, grad_cells = (None if g is None else g.contiguous() for g in grads[:2])
        dh, dc = (start_from(g, s).contiguous() for g, s in zip(grads[2:], (h_0, c_0), strict=True))
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), packed(w_hh)
        for part in reversed(chunks(len(x), 4 * h_0.numel())):
            a, delta = gates[part], torch.empty_like(gates[part])
            here = [None if g is None else g[part] for g in (grad_hidden, grad_cells)]
            arrays = (a, cells[part], w, *here, dh, dc, delta)
            library().lstm_backward(len(a), *h_0.shape, *map(address, arrays))
            sums.add(part, delta, delta, hidden[part])
        return sums.x, dh, dc, *sums.collected(with_bias=b_ih is not None)


class GRUFunction(bptt.GRUFunction):
    """GRU の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, h_0, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(3, 1)
    >>> hidden, h_n = GRUFunction.apply(x, h_0, w, w, None, None)
    >>> hidden.shape, h_n.shape
    (torch.Size([3, 1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の隠れ状態 (time, batch, hidden) と、最後の隠れ状態 (batch, hidden)。"""
        _check("GRU", x, h_0, w_ih, w_hh)
        rz, n = slice(2 * h_0.shape[1]), slice(2 * h_0.shape[1], None)
        bias, b_n = b_ih, h_0.new_zeros(h_0.shape[1])
        if b_ih is not None:
            bias, b_n = torch.cat([b_ih[rz] + b_hh[rz], b_ih[n]]), b_hh[n].contiguous()
        gates = product(x, w_ih, bias).contiguous()
        m = h_0.new_empty(len(x), *h_0.shape)  # n の状態側の積。r を掛けてから足すので、別に置く
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        arrays = (gates, m, packed(w_hh[rz].t()), packed(w_hh[n].t()), b_n, hidden)
        library().gru_forward(len(x), *h_0.shape, *map(address, arrays))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden, gates, m)
        return hidden[1:], hidden[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden, gates, m = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(GRUCell, inputs, (grad_hidden, grad_h_n))
        x, h_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden = None if grad_hidden is None else grad_hidden.contiguous()
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), packed(w_hh)
        dh = start_from(grad_h_n, h_0).contiguous()
        for part in reversed(chunks(len(x), 6 * h_0.numel())):
            a, before = gates[part], hidden[part]
            delta_x, delta_h = torch.empty_like(a), torch.empty_like(a)
            grad = None if grad_hidden is None else grad_hidden[part]
            arrays = (a, m[part], before, w, grad, dh, delta_x, delta_h)
            library().gru_backward(len(a), *h_0.shape, *map(address, arrays))
            sums.add(part, delta_x, delta_h, before)
        return sums.x, dh, *sums.collected(with_bias=b_ih is not None)


def _check(name: str, *tensors: Tensor) -> None:
    for each in tensors:
        if each.dtype != torch.float32 or each.device.type != "cpu":
            raise TypeError(
                f"C で書いた {name} には CPU の float32 のテンソルが必要ですが、"
                f"{each.device} の {each.dtype} でした。"
                "ほかでは lstm_text.fast.bptt の層を使ってください。"
            )


class RNN(bptt.RNN):
    """単純 RNN の層。:class:`lstm_text.fast.bptt.RNN` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> output, h_n = RNN(3, 2)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 2]), torch.Size([1, 5, 2]))
    """

    function = RNNFunction


class LSTM(bptt.LSTM):
    """LSTM の層。:class:`lstm_text.fast.bptt.LSTM` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> theirs, x = torch.nn.LSTM(3, 2), torch.arange(12.0).reshape(4, 1, 3)
    >>> ours = LSTM(3, 2)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    True
    """

    function = LSTMFunction


class GRU(bptt.GRU):
    """GRU の層。:class:`lstm_text.fast.bptt.GRU` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> theirs, x = torch.nn.GRU(3, 2), torch.arange(12.0).reshape(4, 1, 3)
    >>> ours = GRU(3, 2)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    True
    """

    function = GRUFunction
