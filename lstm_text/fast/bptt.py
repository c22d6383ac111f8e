"""BPTT を手で導いて書いた、速い層。

``RNN``、``LSTM``、``GRU`` の使い方は :mod:`lstm_text.layers` の同名の層（したがって ``torch.nn`` の
同名の層）と同じで、出力も勾配も一致します。違うのは、1 時刻ずつの計算を自動微分に記録させず、
逆伝播の式を ``torch.autograd.Function`` に書いたことです。式の導出は「BPTT を書いて、速くする」の
章にあります。

速さのための工夫は 4 つです。

- 時刻どうしで独立な計算は、時刻の束（chunk）ごとに 1 回で済ませる。入力側の積、重みの勾配、
  逆伝播で要る「各ゲートの傾き」がそうで、時刻ごとの繰り返しには、状態に依存するものだけを残す。
- 束の大きさは、CPU の手元のメモリ（キャッシュ）に収まるように選ぶ。逆伝播の作業場所は
  束 1 つぶんだけで、系列長によらない。
- ``tanh(a) = 2σ(2a) - 1``。sigmoid のほうが速い CPU で効く。
- 大きな行列積は、使えるなら oneDNN に頼む（``add_product_``）。

逆伝播をさらに微分するとき（``create_graph=True``）は、その場で書き換える計算が使えないので、
読みやすいほうのセルで計算し直します。
"""

import torch
from torch.autograd import Function

from lstm_text import layers
from lstm_text.cells import GRUCell, LSTMCell, RNNCell
from lstm_text.fast.products import (
    WeightGradients,
    add_product_,
    chunks,
    product,
    readable_backward,
    reverse,
    start_from,
    tanh_,
)


class RNNFunction(Function):
    """単純 RNN の順伝播と、手で導いた逆伝播。

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
        bias = None if b_ih is None else b_ih + b_hh
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        h = hidden.unbind()
        for part in chunks(len(x), h_0.numel()):
            hidden[1:][part] = product(x[part], w_ih, bias)
            for t in range(part.start, part.stop):
                tanh_(add_product_(h[t + 1], h[t], w_hh))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden)
        return hidden[1:], h[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """式 δ_t = (1 - h_t²) ⊙ ∂L/∂h_t を、最後の時刻から順に。"""
        *inputs, hidden = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(RNNCell, inputs, (grad_hidden, grad_h_n))
        x, h_0, w_ih, w_hh, b_ih, _ = inputs
        sums, w_back = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), w_hh.t()
        dh = start_from(grad_h_n, h_0)
        for part in reversed(chunks(len(x), h_0.numel())):
            delta = 1 - hidden[1:][part].square()  # まずは傾き。繰り返しの中で δ になる
            for t, d in reversed(list(enumerate(delta.unbind(), start=part.start))):
                if grad_hidden is not None:
                    dh += grad_hidden[t]
                dh = product(d.mul_(dh), w_back)  # (11.2)
            sums.add(part, delta, delta, hidden[part])  # (11.3)、(11.4)
        return sums.x, dh, *sums.collected(with_bias=b_ih is not None)


class LSTMFunction(Function):
    """LSTM の順伝播と、手で導いた逆伝播。

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
        # g の行を 2 倍しておけば、3 つのゲートと候補値を 1 回の sigmoid で計算できる
        twice_g = w_hh.new_tensor([1, 1, 2, 1]).repeat_interleave(h_0.shape[1])
        scaled_ih, scaled_hh = twice_g[:, None] * w_ih, twice_g[:, None] * w_hh
        bias = None if b_ih is None else twice_g * (b_ih + b_hh)
        hidden, cells = (s.new_empty(len(x) + 1, *s.shape) for s in (h_0, c_0))
        hidden[0], cells[0] = h_0, c_0
        h, c, tanh_c, gates = hidden.unbind(), cells.unbind(), torch.empty_like(c_0), []
        for part in chunks(len(x), 4 * h_0.numel()):
            a = product(x[part], scaled_ih, bias)
            steps = zip(a, *(gate.unbind() for gate in a.chunk(4, dim=-1)), strict=True)
            for t, (ifgo, i, f, g, o) in enumerate(steps, start=part.start):
                add_product_(ifgo, h[t], scaled_hh).sigmoid_()  # (11.5) の i、f、o
                g.mul_(2).sub_(1)  # g = tanh(a) = 2σ(2a) - 1
                torch.mul(f, c[t], out=c[t + 1]).addcmul_(i, g)  # (11.5) の c_t
                torch.mul(o, tanh_(tanh_c.copy_(c[t + 1])), out=h[t + 1])  # (11.5) の h_t
            gates.append(a)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, c_0, w_ih, w_hh, b_ih, b_hh, hidden, cells, *gates)
        return hidden[1:], cells[1:], h[-1].clone(), c[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_cells, grad_h_n, grad_c_n):
        """時刻によらない傾きを束ごとに作り、繰り返しの中では dh と dc を掛けるだけにする。"""
        x, h_0, c_0, w_ih, w_hh, b_ih, b_hh, hidden, cells, *gates = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = (x, h_0, c_0, w_ih, w_hh, b_ih, b_hh)
            grads = (grad_hidden, grad_cells, grad_h_n, grad_c_n)
            return readable_backward(LSTMCell, inputs, grads)
        sums, w_back = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), w_hh.t()
        dh, dc = start_from(grad_h_n, h_0), start_from(grad_c_n, c_0)
        for part in reversed(chunks(len(x), 4 * h_0.numel())):
            a = gates.pop()
            i, f, g, o = a.chunk(4, dim=-1)
            tanh_c = tanh_(cells[1:][part].clone())
            delta = torch.addcmul(a, a, a, value=-1)  # σ' = σ - σ²
            d_i, d_f, d_g, d_o = delta.chunk(4, dim=-1)
            d_i.mul_(g)  # (11.7) の g i (1 - i)
            d_f.mul_(cells[part])  # (11.7) の c_{t-1} f (1 - f)
            torch.addcmul(i, torch.mul(i, g, out=d_g), g, value=-1, out=d_g)  # (11.7) の g
            d_o.mul_(tanh_c)  # (11.7) の tanh(c) o (1 - o)
            h_to_c = torch.addcmul(o, hidden[1:][part], tanh_c, value=-1)  # (11.6) の傾き
            d_ifg = delta[..., : 3 * h_0.shape[1]].unflatten(-1, (3, -1))
            steps = zip(delta, d_ifg, d_o, f, h_to_c, strict=True)
            for t, (d, ifg, o_, f_, slope) in reversed(list(enumerate(steps, start=part.start))):
                if grad_hidden is not None:
                    dh += grad_hidden[t]
                if grad_cells is not None:
                    dc += grad_cells[t]
                dc.addcmul_(dh, slope)  # (11.6) の dc_t
                ifg.mul_(dc[:, None])  # (11.7) の i、f、g
                o_.mul_(dh)  # (11.7) の o
                dc.mul_(f_)  # 前の時刻の (11.6) へ渡る f ⊙ dc
                dh = product(d, w_back)  # 前の時刻の (11.6) へ渡る W^T δ
            sums.add(part, delta, delta, hidden[part])
        return sums.x, dh, dc, *sums.collected(with_bias=b_ih is not None)


class GRUFunction(Function):
    """GRU の順伝播と、手で導いた逆伝播。

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
        size = h_0.shape[1]
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        h, gates, candidates = hidden.unbind(), [], []
        for part in chunks(len(x), 4 * h_0.numel()):
            a = product(x[part], w_ih, b_ih)
            n = a[..., 2 * size :].clone()  # 候補値の入力側。r を掛けない
            a[..., 2 * size :] = 0
            if b_hh is not None:
                a += b_hh
            rz, (r, z, n_h) = a[..., : 2 * size], a.chunk(3, dim=-1)
            steps = zip(a, rz, r, z, n_h, n, strict=True)
            for t, (rzn, rz_t, r_t, z_t, n_h_t, n_t) in enumerate(steps, start=part.start):
                add_product_(rzn, h[t], w_hh)
                rz_t.sigmoid_()
                tanh_(n_t.addcmul_(r_t, n_h_t))
                torch.lerp(n_t, h[t], z_t, out=h[t + 1])
            gates.append(a)
            candidates.append(n)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden, *gates, *candidates)
        return hidden[1:], h[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """δ は dh に、順伝播だけで決まる傾きを掛けたもの。繰り返しの中では、積を 2 つとるだけ。"""
        x, h_0, w_ih, w_hh, b_ih, b_hh, hidden, *saved = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = (x, h_0, w_ih, w_hh, b_ih, b_hh)
            return readable_backward(GRUCell, inputs, (grad_hidden, grad_h_n))
        size = h_0.shape[1]
        gates, candidates = saved[: len(saved) // 2], saved[len(saved) // 2 :]
        sums = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0])
        dh = start_from(grad_h_n, h_0)
        w_back = torch.cat([w_hh[2 * size :], w_hh[: 2 * size]]).t()
        for part in reversed(chunks(len(x), 4 * h_0.numel())):
            n, (r, z, n_h) = candidates.pop(), gates.pop().chunk(3, dim=-1)
            delta = n.new_empty(*n.shape[:2], 4, size)  # 状態側の n、r、z、入力側の n
            d_nh, d_r, d_z, d_n = delta.unbind(dim=2)
            torch.mul(1 - z, 1 - n * n, out=d_n)
            torch.mul(d_n, r, out=d_nh)
            torch.mul(d_n, n_h, out=d_r).mul_(r * (1 - r))
            torch.mul(hidden[part] - n, z * (1 - z), out=d_z)
            flat = delta.flatten(2)
            nrz, rzn = flat[..., : 3 * size], flat[..., size:]
            steps = zip(delta, nrz, z, strict=True)
            for t, (d, nrz_t, z_t) in reversed(list(enumerate(steps, start=part.start))):
                if grad_hidden is not None:
                    dh += grad_hidden[t]
                d.mul_(dh[:, None])
                dh = add_product_(dh.mul_(z_t), nrz_t, w_back)
            sums.add(part, rzn, nrz, hidden[part])
        # 状態側は n、r、z の順に足したので、r、z、n に戻す
        w_hh_, b_hh_ = (torch.roll(each, 2 * size, 0) for each in (sums.w_hh, sums.b_hh))
        return (
            sums.x,
            dh,
            sums.w_ih,
            w_hh_,
            *((sums.b_ih, b_hh_) if b_ih is not None else (None, None)),
        )


class HandDerived:
    """:mod:`lstm_text.layers` の層の、1 方向ぶんの計算を ``function`` に取り替える。

    逆向きは、系列を前後逆にして順向きに回します。長さの違う系列は、終わったあとも回し続け、
    本当の最後の時刻の状態を取り出します。どちらも自動微分に任せられるので、手で導くのは
    「そろった長さの系列を、順向きに」だけで済みます。

    Examples
    --------
    >>> LSTM(3, 2, bidirectional=True)
    LSTM(3, 2, bidirectional=True)
    """

    function: type[Function]

    def _run_over_time(self, x, state, weights, valid, backward):
        if backward:
            x = reverse(x, valid)
        results = self.function.apply(x, *state, *weights)
        states, last = results[: len(state)], results[len(state) :]
        output = states[0]
        if valid is not None:
            end = (valid.sum(0, keepdim=True) - 1).expand(-1, -1, self.hidden_size)
            last = tuple(each.gather(0, end)[0] for each in states)
            output = output * valid
        return (reverse(output, valid) if backward else output), last


class RNN(HandDerived, layers.RNN):
    """単純 RNN の層。:class:`lstm_text.layers.RNN` の速い版。

    Examples
    --------
    >>> output, h_n = RNN(3, 2)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 2]), torch.Size([1, 5, 2]))
    """

    function = RNNFunction


class LSTM(HandDerived, layers.LSTM):
    """LSTM の層。:class:`lstm_text.layers.LSTM` の速い版。

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


class GRU(HandDerived, layers.GRU):
    """GRU の層。:class:`lstm_text.layers.GRU` の速い版。

    Examples
    --------
    >>> output, h_n = GRU(3, 2, num_layers=2)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 2]), torch.Size([2, 5, 2]))
    """

    function = GRUFunction
