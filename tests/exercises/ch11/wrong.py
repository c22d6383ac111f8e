"""「BPTT を書いて、速くする」の誤答。"""

import math

import torch


def _rnn(delta, x, h, w_ih, w_hh):
    return dict(x=delta @ w_ih, h=delta @ w_hh, w_ih=delta.T @ x, w_hh=delta.T @ h, b=delta.sum(0))


class rnn_step_backward:
    def without_slope(dh_new, x, h, h_new, w_ih, w_hh):
        """tanh の微分 1 - h**2 を掛けていない"""
        return _rnn(dh_new, x, h, w_ih, w_hh)

    def slope_not_squared(dh_new, x, h, h_new, w_ih, w_hh):
        """tanh の微分を 1 - h としている（二乗を忘れている）"""
        return _rnn((1 - h_new) * dh_new, x, h, w_ih, w_hh)

    def slope_of_sigmoid(dh_new, x, h, h_new, w_ih, w_hh):
        """tanh の微分に、シグモイドの微分 h * (1 - h) を使っている"""
        return _rnn(h_new * (1 - h_new) * dh_new, x, h, w_ih, w_hh)

    def slope_at_previous(dh_new, x, h, h_new, w_ih, w_hh):
        """tanh の微分に、新しい隠れ状態でなく前の隠れ状態を使っている"""
        return _rnn((1 - h**2) * dh_new, x, h, w_ih, w_hh)

    def tanh_twice(dh_new, x, h, h_new, w_ih, w_hh):
        """h_new にもう一度 tanh を通してから二乗している"""
        return _rnn((1 - torch.tanh(h_new) ** 2) * dh_new, x, h, w_ih, w_hh)

    def w_hh_transposed(dh_new, x, h, h_new, w_ih, w_hh):
        """前の隠れ状態へ戻すとき、w_hh を転置して掛けている"""
        delta = (1 - h_new**2) * dh_new
        return _rnn(delta, x, h, w_ih, w_hh) | dict(h=delta @ w_hh.T)

    def new_state_in_w_hh(dh_new, x, h, h_new, w_ih, w_hh):
        """w_hh の勾配に、前の隠れ状態でなく新しい隠れ状態を掛けている"""
        return _rnn((1 - h_new**2) * dh_new, x, h_new, w_ih, w_hh)

    def w_hh_gradient_transposed(dh_new, x, h, h_new, w_ih, w_hh):
        """w_hh の勾配が転置されている"""
        delta = (1 - h_new**2) * dh_new
        return _rnn(delta, x, h, w_ih, w_hh) | dict(w_hh=h.T @ delta)

    def before_slope_to_h(dh_new, x, h, h_new, w_ih, w_hh):
        """前の隠れ状態へは、tanh の微分を掛ける前の勾配を渡している"""
        delta = (1 - h_new**2) * dh_new
        return _rnn(delta, x, h, w_ih, w_hh) | dict(h=dh_new @ w_hh)

    def mean_over_batch(dh_new, x, h, h_new, w_ih, w_hh):
        """重みとバイアスの勾配を、系列の和でなく平均にしている"""
        grads = _rnn((1 - h_new**2) * dh_new, x, h, w_ih, w_hh)
        return grads | {name: grads[name] / len(x) for name in ("w_ih", "w_hh", "b")}

    def bias_twice(dh_new, x, h, h_new, w_ih, w_hh):
        """バイアスが二つあるからと、勾配を 2 倍にしている"""
        grads = _rnn((1 - h_new**2) * dh_new, x, h, w_ih, w_hh)
        return grads | dict(b=2 * grads["b"])

    def clipped(dh_new, x, h, h_new, w_ih, w_hh):
        """勾配を -5 から 5 までに切り詰めている"""
        grads = _rnn((1 - h_new**2) * dh_new, x, h, w_ih, w_hh)
        return {name: grad.clamp(-5, 5) for name, grad in grads.items()}

    def slope_kept_positive(dh_new, x, h, h_new, w_ih, w_hh):
        """飽和したところの傾きが、0 にならないように底上げされている"""
        return _rnn((1 - h_new**2).clamp(min=1e-3) * dh_new, x, h, w_ih, w_hh)

    def always_float64(dh_new, x, h, h_new, w_ih, w_hh):
        """float64 に変えてから計算し、そのまま返している"""
        delta, *rest = (each.double() for each in ((1 - h_new**2) * dh_new, x, h, w_ih, w_hh))
        return _rnn(delta, *rest)

    def first_sequence_only(dh_new, x, h, h_new, w_ih, w_hh):
        """重みの勾配に、最初の系列の分しか入っていない"""
        delta = (1 - h_new**2) * dh_new
        first = _rnn(delta[:1], x[:1], h[:1], w_ih, w_hh)
        return first | dict(x=delta @ w_ih, h=delta @ w_hh)


def _lstm(dh_new, dc_new, gates, c, c_new, w_hh, swap=None):
    """正しい δ を、誤答が部品ごとに取り替えられるように作る。"""
    i, f, g, o = gates.chunk(4, dim=1)
    tanh_c = torch.tanh(c_new)
    total = dc_new + dh_new * o * (1 - tanh_c**2)
    deltas = dict(
        i=total * g * i * (1 - i),
        f=total * c * f * (1 - f),
        g=total * i * (1 - g**2),
        o=dh_new * tanh_c * o * (1 - o),
    )
    if swap is not None:
        deltas |= swap(i, f, g, o, tanh_c, total)
    delta = torch.cat([deltas[name] for name in "ifgo"], dim=1)
    return delta, delta @ w_hh, total * f


def _read_as(order, dh_new, dc_new, gates, c, c_new, w_hh):
    """ゲートの並びを ``order`` と思い込んだときの値。"""
    parts = dict(zip(order, gates.chunk(4, dim=1), strict=True))
    gates = torch.cat([parts[name] for name in "ifgo"], dim=1)
    delta, _, dc = _lstm(dh_new, dc_new, gates, c, c_new, w_hh)
    parts = dict(zip("ifgo", delta.chunk(4, dim=1), strict=True))
    delta = torch.cat([parts[name] for name in order], dim=1)
    return delta, delta @ w_hh, dc


class lstm_step_backward:
    def as_given(dh_new, dc_new, gates, c, c_new, w_hh):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        o = gates.chunk(4, dim=1)[3]
        extra = dh_new * o * torch.tanh(c_new) ** 2
        return _lstm(
            dh_new, dc_new + extra, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(f=dc * c_new * f * (1 - f)),
        )  # fmt: skip

    def without_the_path_through_h(dh_new, dc_new, gates, c, c_new, w_hh):
        """h_new からセル状態へ来る勾配を足していない"""
        i, f, g, o = gates.chunk(4, dim=1)
        deltas = [
            dc_new * g * i * (1 - i),
            dc_new * c * f * (1 - f),
            dc_new * i * (1 - g**2),
            dh_new * torch.tanh(c_new) * o * (1 - o),
        ]
        delta = torch.cat(deltas, dim=1)
        return delta, delta @ w_hh, dc_new * f

    def without_dc(dh_new, dc_new, *rest):
        """後の時刻から届いたセル状態の勾配 dc_new を使っていない"""
        return _lstm(dh_new, 0 * dc_new, *rest)

    def without_tanh_slope(dh_new, dc_new, gates, c, c_new, w_hh):
        """h からセル状態へ戻るとき、tanh の微分 1 - tanh(c)**2 を掛けていない"""
        o = gates.chunk(4, dim=1)[3]
        extra = dh_new * o * torch.tanh(c_new) ** 2
        return _lstm(dh_new, dc_new + extra, gates, c, c_new, w_hh)

    def slope_of_c_itself(dh_new, dc_new, gates, c, c_new, w_hh):
        """tanh(c) の微分を、tanh を通さずに 1 - c**2 としている"""
        o = gates.chunk(4, dim=1)[3]
        extra = dh_new * o * (torch.tanh(c_new) ** 2 - c_new**2)
        return _lstm(dh_new, dc_new + extra, gates, c, c_new, w_hh)

    def new_cell_in_forget(dh_new, dc_new, gates, c, c_new, w_hh):
        """忘却ゲートの勾配に、前のセル状態でなく新しいセル状態を掛けている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(f=dc * c_new * f * (1 - f)),
        )  # fmt: skip

    def old_cell_in_output(dh_new, dc_new, gates, c, c_new, w_hh):
        """出力ゲートの勾配に、新しいセル状態でなく前のセル状態の tanh を掛けている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(o=dh_new * torch.tanh(c) * o * (1 - o)),
        )  # fmt: skip

    def output_without_tanh(dh_new, dc_new, gates, c, c_new, w_hh):
        """出力ゲートの勾配に、tanh を通さないセル状態を掛けている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(o=dh_new * c_new * o * (1 - o)),
        )  # fmt: skip

    def candidate_as_sigmoid(dh_new, dc_new, gates, c, c_new, w_hh):
        """候補値 g の微分に、シグモイドの微分 g * (1 - g) を使っている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(g=dc * i * g * (1 - g)),
        )  # fmt: skip

    def gates_as_tanh(dh_new, dc_new, gates, c, c_new, w_hh):
        """入力、忘却、出力ゲートの微分に、tanh の微分を使っている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(
                i=dc * g * (1 - i**2), f=dc * c * (1 - f**2), o=dh_new * tanh_c * (1 - o**2)
            ),
        )  # fmt: skip

    def without_gate_slopes(dh_new, dc_new, gates, c, c_new, w_hh):
        """シグモイドと tanh の微分を掛けていない（ゲートの値の勾配のまま）"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(i=dc * g, f=dc * c, g=dc * i, o=dh_new * tanh_c),
        )  # fmt: skip

    def partners_swapped(dh_new, dc_new, gates, c, c_new, w_hh):
        """i の勾配に i、g の勾配に g を掛けている（掛ける相手が逆）"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(i=dc * i * i * (1 - i), g=dc * g * (1 - g**2)),
        )  # fmt: skip

    def output_from_dc(dh_new, dc_new, gates, c, c_new, w_hh):
        """出力ゲートの勾配を、dh でなく dc から作っている"""
        return _lstm(
            dh_new, dc_new, gates, c, c_new, w_hh,
            lambda i, f, g, o, tanh_c, dc: dict(o=dc * tanh_c * o * (1 - o)),
        )  # fmt: skip

    def order_ifog(*args):
        """delta を i, f, o, g の順に並べている"""
        delta, _, dc = _lstm(*args)
        i, f, g, o = delta.chunk(4, dim=1)
        delta = torch.cat([i, f, o, g], dim=1)
        return delta, delta @ args[-1], dc

    def order_fgio(*args):
        """ゲートを f, g, i, o の順と思っている（gates も delta も）"""
        return _read_as("fgio", *args)

    def order_igfo(*args):
        """ゲートを i, g, f, o の順と思っている（gates も delta も）"""
        return _read_as("igfo", *args)

    def hard_sigmoid(dh_new, dc_new, gates, c, c_new, w_hh):
        """ゲートの微分に、硬いシグモイドの傾き（端のほかは 1/6）を使っている"""

        def swap(i, f, g, o, tanh_c, dc):
            i, f, o = (((s > 0) & (s < 1)) / 6 for s in (i, f, o))
            return dict(i=dc * g * i, f=dc * c * f, o=dh_new * tanh_c * o)

        return _lstm(dh_new, dc_new, gates, c, c_new, w_hh, swap)

    def clipped(*args):
        """勾配を -5 から 5 までに切り詰めている"""
        return tuple(each.clamp(-5, 5) for each in _lstm(*args))

    def w_hh_blocks_transposed(*args):
        """前の隠れ状態へ戻すとき、ゲートごとの重みを転置して掛けている"""
        delta, _, dc = _lstm(*args)
        pairs = zip(delta.chunk(4, dim=1), args[-1].chunk(4), strict=True)
        return delta, sum(part @ block.T for part, block in pairs), dc

    def forget_not_applied(dh_new, dc_new, gates, c, c_new, w_hh):
        """前のセル状態へ渡すとき、忘却ゲートを掛けていない"""
        delta, dh, dc = _lstm(dh_new, dc_new, gates, c, c_new, w_hh)
        return delta, dh, dc / gates.chunk(4, dim=1)[1]

    def dc_without_h(dh_new, dc_new, gates, c, c_new, w_hh):
        """前のセル状態へ渡す dc に、h を通って来た分を足していない"""
        delta, dh, _ = _lstm(dh_new, dc_new, gates, c, c_new, w_hh)
        return delta, dh, dc_new * gates.chunk(4, dim=1)[1]

    def dh_added(dh_new, *rest):
        """前の隠れ状態の勾配に、dh_new をそのまま足している"""
        delta, dh, dc = _lstm(dh_new, *rest)
        return delta, dh + dh_new, dc


def _sums(delta, x, before):
    rows = delta.flatten(0, 1)
    return dict(w_ih=rows.T @ x.flatten(0, 1), w_hh=rows.T @ before.flatten(0, 1), b=rows.sum(0))


def _before(hidden, h_0):
    return torch.cat([h_0[:, None], hidden[:, :-1]], dim=1)


class weight_gradients:
    def new_state(delta, x, hidden, h_0):
        """w_hh の勾配に、h_{t-1} でなく h_t を掛けている"""
        return _sums(delta, x, hidden)

    def zeros_for_h_0(delta, x, hidden, h_0):
        """最初の時刻で、h_0 を 0 とみなしている"""
        return _sums(delta, x, _before(hidden, 0 * h_0))

    def last_step_only(delta, x, hidden, h_0):
        """最後の時刻の分しか足していない"""
        return _sums(delta[:, -1:], x[:, -1:], _before(hidden, h_0)[:, -1:])

    def mean_over_time(delta, x, hidden, h_0):
        """時刻の和でなく平均にしている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad / x.shape[1] for name, grad in grads.items()}

    def mean_over_batch(delta, x, hidden, h_0):
        """系列の和でなく平均にしている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad / len(x) for name, grad in grads.items()}

    def summed_before_product(delta, x, hidden, h_0):
        """時刻について足してから掛けている（積の和でなく、和の積）"""
        before = _before(hidden, h_0)
        return _sums(*(each.sum(1, keepdim=True) for each in (delta, x, before)))

    def orders_differ(delta, x, hidden, h_0):
        """delta は系列、時刻の順、相手は時刻、系列の順に積んでいる"""
        before = _before(hidden, h_0)
        return _sums(delta, x.transpose(0, 1), before.transpose(0, 1))

    def reversed_time(delta, x, hidden, h_0):
        """delta と相手の時刻が逆向きになっている"""
        return _sums(delta.flip(1), x, _before(hidden, h_0))

    def bias_of_first(delta, x, hidden, h_0):
        """バイアスの勾配を、系列について足していない（最初の系列だけ）"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return grads | dict(b=delta[0].sum(0))

    def last_eight_steps(delta, x, hidden, h_0):
        """最後の 8 時刻の分しか足していない"""
        before = _before(hidden, h_0)
        return _sums(*(each[:, -8:] for each in (delta, x, before)))

    def clipped(delta, x, hidden, h_0):
        """勾配を -5 から 5 までに切り詰めている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad.clamp(-5, 5) for name, grad in grads.items()}

    def last_state_wraps(delta, x, hidden, h_0):
        """最初の時刻の h_{t-1} が、最後の状態になっている（hidden[t-1] の t が 0）"""
        return _sums(delta, x, hidden.roll(1, dims=1))


def _most_held(time, every):
    starts = range(0, time, every)
    return max(k + 1 + min(every, time - start) for k, start in enumerate(starts))


class checkpoint_plan:
    def everything_kept(time):
        """間引いていない（どの状態も残している）"""
        return 1, time + 1

    def one_part(time):
        """区切りが 1 つしかない"""
        return time, time + 1

    def half(time):
        """k を T の半分にしている"""
        every = max(1, time // 2)
        return every, _most_held(time, every)

    def rounded_down(time):
        """k を √T の切り捨てにしている（T が平方数より 1 小さいとき、1 個多くなる）"""
        every = math.isqrt(time)
        return every, _most_held(time, every)

    def ragged_end_ignored(time):
        """個数を、どの区切りも k 時刻あるものとして数えている"""
        every = math.isqrt(time - 1) + 1
        return every, -(-time // every) + every

    def last_part_only(time):
        """個数を、いちばん後ろの区切りを戻すときだけで数えている"""
        every = math.isqrt(time - 1) + 1
        parts = -(-time // every)
        return every, parts + time - (parts - 1) * every

    def entering_state_forgotten(time):
        """個数に、その区切りに入る状態を数えていない"""
        every = math.isqrt(time - 1) + 1
        return every, _most_held(time, every) - 1


def _peephole(
    dh_new, dc_new, gates, c, c_new, peepholes, *,
    to_cell=1.0, to_before=(1.0, 1.0), seen=None, late=False,
):  # fmt: skip
    """のぞき穴の道を、誤答が 1 本ずつ取り替えられるように作る。"""
    i, f, g, o = gates.chunk(4, dim=1)
    p_i, p_f, p_o = peepholes
    tanh_c = torch.tanh(c_new)
    d_o = dh_new * tanh_c * o * (1 - o)
    straight = dc_new + dh_new * o * (1 - tanh_c**2)
    total = straight + to_cell * p_o * d_o
    into_gates = straight if late else total
    d_i, d_f = into_gates * g * i * (1 - i), into_gates * c * f * (1 - f)
    delta = torch.cat([d_i, d_f, into_gates * i * (1 - g**2), d_o], dim=1)
    dc = total * f + to_before[0] * p_i * d_i + to_before[1] * p_f * d_f
    cells = (c, c, c_new) if seen is None else seen
    dp = torch.stack([d * cell for d, cell in zip((d_i, d_f, d_o), cells, strict=True)])
    return delta, dc, dp.sum(dim=1)


class peephole_step_backward:
    def no_peepholes(dh_new, dc_new, gates, c, c_new, peepholes):
        """セル状態の勾配に、のぞき穴を通る分を 1 つも足していない"""
        return _peephole(
            dh_new, dc_new, gates, c, c_new, peepholes, to_cell=0.0, to_before=(0.0, 0.0)
        )

    def output_peephole_missing(*args):
        """新しいセル状態の勾配に、出力ゲートののぞき穴を通る分を足していない"""
        return _peephole(*args, to_cell=0.0)

    def input_peephole_missing(*args):
        """前のセル状態の勾配に、入力ゲートののぞき穴を通る分を足していない"""
        return _peephole(*args, to_before=(0.0, 1.0))

    def forget_peephole_missing(*args):
        """前のセル状態の勾配に、忘却ゲートののぞき穴を通る分を足していない"""
        return _peephole(*args, to_before=(1.0, 0.0))

    def output_peephole_late(*args):
        """出力ゲートののぞき穴を通る分を、i、f、g の勾配を作った後で足している"""
        return _peephole(*args, late=True)

    def output_sees_old_cell(dh_new, dc_new, gates, c, c_new, peepholes):
        """p_o の勾配に、新しいセル状態でなく前のセル状態を掛けている"""
        return _peephole(dh_new, dc_new, gates, c, c_new, peepholes, seen=(c, c, c))

    def all_see_new_cell(dh_new, dc_new, gates, c, c_new, peepholes):
        """p_i と p_f の勾配に、前のセル状態でなく新しいセル状態を掛けている"""
        return _peephole(dh_new, dc_new, gates, c, c_new, peepholes, seen=(c_new, c_new, c_new))

    def output_to_old_cell(dh_new, dc_new, gates, c, c_new, peepholes):
        """出力ゲートののぞき穴を通る分を、前のセル状態の勾配に足している"""
        delta, dc, dp = _peephole(dh_new, dc_new, gates, c, c_new, peepholes, to_cell=0.0)
        return delta, dc + peepholes[2] * delta.chunk(4, dim=1)[3], dp

    def order_iof(dh_new, dc_new, gates, c, c_new, peepholes):
        """peepholes を p_i、p_o、p_f の順と思っている"""
        delta, dc, dp = _peephole(dh_new, dc_new, gates, c, c_new, peepholes[[0, 2, 1]])
        return delta, dc, dp[[0, 2, 1]]

    def mean_over_batch(dh_new, *rest):
        """のぞき穴の勾配を、系列の和でなく平均にしている"""
        delta, dc, dp = _peephole(dh_new, *rest)
        return delta, dc, dp / len(dh_new)

    def gates_instead_of_deltas(dh_new, dc_new, gates, c, c_new, peepholes):
        """のぞき穴に、σ の微分を掛ける前の勾配を渡している"""
        i, f, g, o = gates.chunk(4, dim=1)
        tanh_c = torch.tanh(c_new)
        total = dc_new + dh_new * o * (1 - tanh_c**2) + peepholes[2] * dh_new * tanh_c
        d_i, d_f, d_o = total * g, total * c, dh_new * tanh_c
        delta = [d_i * i * (1 - i), d_f * f * (1 - f), total * i * (1 - g**2), d_o * o * (1 - o)]
        dc = total * f + peepholes[0] * d_i + peepholes[1] * d_f
        return torch.cat(delta, 1), dc, torch.stack([d_i * c, d_f * c, d_o * c_new]).sum(1)


def _truncated(
    sequences, weights, every, *,
    carry=False, early=False, reset=False, cut=True, running=False, shift=0, mean=False,
    every_time=1,
):  # fmt: skip
    """区切った BPTT を、誤答が 1 か所ずつ取り替えられるように作る。"""
    w_ih, w_hh, b = leaves = [each.clone().requires_grad_() for each in weights]
    total, read, h = 0.0, 0, torch.zeros_like(b)
    for x, y in sequences:
        h = h if carry else torch.zeros_like(b)
        for t in range(len(x)):
            h = torch.tanh(w_ih @ x[t] + w_hh @ h + b)
            read += 1
            ends = cut and ((read if running else t + 1) + shift) % every == 0
            if early and ends:
                h = h.detach()
            if (t + 1) % every_time == 0:
                total = total + ((h - y[t]) ** 2).sum() / (len(x) if mean else 1)
            if ends:
                h = torch.zeros_like(h) if reset else h.detach()
    return dict(zip(("w_ih", "w_hh", "b"), torch.autograd.grad(total, leaves), strict=True))


class truncated_gradients:
    def as_given(*args):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        return _truncated(*args, carry=True, early=True)

    def state_carried(*args):
        """前の系列の終わりの状態を、関係のない次の系列に渡している"""
        return _truncated(*args, carry=True)

    def cut_before_the_loss(*args):
        """損失を足す前に切っている（区切りの終わりの時刻の損失が、勾配に入らない）"""
        return _truncated(*args, early=True)

    def state_reset(*args):
        """区切りごとに、勾配だけでなく状態の値も 0 に戻している"""
        return _truncated(*args, reset=True)

    def never_cut(*args):
        """切っていない（系列の端まで戻している）"""
        return _truncated(*args, cut=False)

    def counted_across_sequences(*args):
        """時刻を、前の系列から続けて数えている（区切りが、系列の先頭から始まらない）"""
        return _truncated(*args, running=True)

    def one_step_off(*args):
        """区切りの境目が 1 時刻早い"""
        return _truncated(*args, shift=1)

    def cut_every_step(sequences, weights, every):
        """1 時刻ごとに切っている"""
        return _truncated(sequences, weights, 1)

    def mean_over_time(*args):
        """系列ごとに、損失の和でなく平均にしている"""
        return _truncated(*args, mean=True)

    def first_sequence_only(sequences, weights, every):
        """最初の系列しか読んでいない"""
        return _truncated(sequences[:1], weights, every)

    def ragged_end_dropped(sequences, weights, every):
        """every 時刻に足りない、終わりの区切りを捨てている"""
        whole = [(x[: len(x) // every * every], y) for x, y in sequences]
        if not any(len(x) for x, _ in whole):
            return {n: 0 * w for n, w in zip(("w_ih", "w_hh", "b"), weights, strict=True)}
        return _truncated(whole, weights, every)

    def loss_at_the_end_only(sequences, weights, every):
        """損失を、区切りの終わりの時刻でしか足していない"""
        if all(len(x) < every for x, _ in sequences):
            return {n: 0 * w for n, w in zip(("w_ih", "w_hh", "b"), weights, strict=True)}
        return _truncated(sequences, weights, every, every_time=every)

    def requires_grad_left(sequences, weights, every):
        """写しを作らず、渡された重みの requires_grad を True にしたままにしている"""
        for each in weights:
            each.requires_grad_()
        return _truncated(sequences, weights, every)

    def grad_left(sequences, weights, every):
        """写しを作らず、渡された重みの .grad にためている"""
        w_ih, w_hh, b = weights = [each.requires_grad_() for each in weights]
        for x, y in sequences:
            h = torch.zeros_like(b)
            for inputs, targets in zip(x.split(every), y.split(every), strict=True):
                loss, h = 0.0, h.detach()
                for each, target in zip(inputs, targets, strict=True):
                    h = torch.tanh(w_ih @ each + w_hh @ h + b)
                    loss = loss + ((h - target) ** 2).sum()
                loss.backward()
        return {n: w.grad.clone() for n, w in zip(("w_ih", "w_hh", "b"), weights, strict=True)}

    def always_float64(sequences, weights, every):
        """float64 に変えてから計算し、そのまま返している"""
        pairs = [(x.double(), y.double()) for x, y in sequences]
        return _truncated(pairs, [each.double() for each in weights], every)


class truncation_plan:
    def ordinary_blocks(reach, memory):
        """読んだ分だけを戻している（区切りの先頭の損失は、1 時刻も前へ届かない）"""
        return memory, memory

    def one_at_a_time(reach, memory):
        """1 時刻読むたびに戻している（届くが、手間が多すぎる）"""
        return (1, reach + 1) if reach < memory else None

    def reach_counts_itself(reach, memory):
        """損失のある時刻そのものも、さかのぼる数に入れている（1 時刻足りない）"""
        every = min(memory, memory - reach + 1)
        return (every, memory) if every >= 1 else None

    def one_too_careful(reach, memory):
        """必要より 1 時刻多くさかのぼっている"""
        every = memory - reach - 1
        return (every, memory) if every >= 1 else None

    def memory_for_the_past_only(reach, memory):
        """新しく読む分の状態を、memory に数えていない"""
        return (memory, memory + reach) if reach <= memory else None

    def swapped(reach, memory):
        """every と back が逆になっている"""
        return (memory, memory - reach) if reach < memory else None

    def half(reach, memory):
        """いつも半分ずつ重ねている"""
        every = memory // 2
        return (every, memory) if every >= 1 and memory - every >= reach else None

    def never_gives_up(reach, memory):
        """届かせようがないときも、None でなく組を返している"""
        return max(1, memory - reach), memory
