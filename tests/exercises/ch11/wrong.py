"""「BPTT を書いて、速くする」の誤答。"""

import math

import torch


def _gru(
    dh_new, r, z, n, m, h, w_hh, *,
    from_z=None, from_r=None, keep=None, straight=None, through=None, after=None,
):  # fmt: skip
    """1 時刻戻した GRU を、誤答が 1 か所ずつ取り替えられるように作る。"""
    dn = dh_new * (1 - z if keep is None else keep) * (1 - n**2)
    dz = dh_new * (h - n if from_z is None else from_z) * z * (1 - z)
    dr = dn * (m if from_r is None else from_r) * r * (1 - r)
    deltas = dict(r=dr, z=dz, n=dn, m=dn * (r if through is None else through))
    if after is not None:
        deltas |= after(deltas)
    delta_ih = torch.cat([deltas[name] for name in "rzn"], dim=1)
    delta_hh = torch.cat([deltas[name] for name in "rzm"], dim=1)
    dh = delta_hh @ w_hh + dh_new * (z if straight is None else straight)
    return delta_ih, delta_hh, dh


class gru_step_backward:
    def as_given(dh_new, r, z, n, m, h, w_hh):
        """ひな形のまま（誤りが 3 つとも残っている）"""
        args = (dh_new, r, z, n, m, h, w_hh)
        return _gru(*args, from_z=n - h, through=torch.ones_like(r), straight=0 * z)

    def update_sign(dh_new, r, z, n, m, h, w_hh):
        """更新ゲートの勾配の符号が逆（h - n でなく n - h を掛けている）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_z=n - h)

    def same_on_both_sides(dh_new, r, z, n, m, h, w_hh):
        """状態側の候補値の勾配に、r を掛けていない（入力側と同じにしている）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, through=torch.ones_like(r))

    def straight_path_missing(dh_new, r, z, n, m, h, w_hh):
        """前の隠れ状態の勾配に、z を通ってまっすぐ戻る分を足していない"""
        return _gru(dh_new, r, z, n, m, h, w_hh, straight=0 * z)

    def sign_and_side(dh_new, r, z, n, m, h, w_hh):
        """符号が逆で、状態側の候補値に r も掛けていない（まっすぐ戻る分だけを直した）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_z=n - h, through=torch.ones_like(r))

    def sign_and_straight(dh_new, r, z, n, m, h, w_hh):
        """符号が逆で、まっすぐ戻る分も足していない（状態側の r だけを直した）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_z=n - h, straight=0 * z)

    def side_and_straight(dh_new, r, z, n, m, h, w_hh):
        """状態側の候補値に r を掛けず、まっすぐ戻る分も足していない（符号だけを直した）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, through=torch.ones_like(r), straight=0 * z)

    def r_on_both_sides(dh_new, r, z, n, m, h, w_hh):
        """入力側の候補値の勾配にも、r を掛けている"""
        return _gru(dh_new, r, z, n, m, h, w_hh, after=lambda d: dict(n=d["m"]))

    def sides_swapped(*args):
        """入力側と状態側を、逆に返している"""
        delta_ih, delta_hh, dh = _gru(*args)
        return delta_hh, delta_ih, dh

    def input_side_to_h(dh_new, r, z, n, m, h, w_hh):
        """前の隠れ状態へ戻すとき、状態側でなく入力側の勾配に w_hh を掛けている"""
        delta_ih, delta_hh, _ = _gru(dh_new, r, z, n, m, h, w_hh)
        return delta_ih, delta_hh, delta_ih @ w_hh + z * dh_new

    def whole_dh_straight(dh_new, r, z, n, m, h, w_hh):
        """まっすぐ戻る分に、z を掛けていない"""
        return _gru(dh_new, r, z, n, m, h, w_hh, straight=torch.ones_like(z))

    def candidate_share_straight(dh_new, r, z, n, m, h, w_hh):
        """まっすぐ戻る分に、z でなく 1 - z を掛けている"""
        return _gru(dh_new, r, z, n, m, h, w_hh, straight=1 - z)

    def update_gates_swapped(dh_new, r, z, n, m, h, w_hh):
        """z と 1 - z が逆（候補値に z、まっすぐ戻る分に 1 - z）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, keep=z, straight=1 - z, from_z=n - h)

    def reset_sees_h(dh_new, r, z, n, m, h, w_hh):
        """リセットゲートの勾配に、m でなく前の隠れ状態を掛けている"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_r=h)

    def reset_times_r(dh_new, r, z, n, m, h, w_hh):
        """リセットゲートの勾配を、r を掛けた後の状態側の候補値から作っている"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_r=r * m)

    def update_from_h_only(dh_new, r, z, n, m, h, w_hh):
        """更新ゲートの勾配に、候補値を通る分が入っていない（h - n でなく h）"""
        return _gru(dh_new, r, z, n, m, h, w_hh, from_z=h)

    def order_zrn(*args):
        """delta を z、r、n の順に並べている"""
        deltas = [each.chunk(3, dim=1) for each in _gru(*args)[:2]]
        delta_ih, delta_hh = (torch.cat([z, r, n], dim=1) for r, z, n in deltas)
        return delta_ih, delta_hh, delta_hh @ args[-1] + args[2] * args[0]

    def w_hh_blocks_transposed(*args):
        """前の隠れ状態へ戻すとき、ゲートごとの重みを転置して掛けている"""
        delta_ih, delta_hh, _ = _gru(*args)
        pairs = zip(delta_hh.chunk(3, dim=1), args[-1].chunk(3), strict=True)
        return delta_ih, delta_hh, sum(p @ block.T for p, block in pairs) + args[2] * args[0]

    def clipped(*args):
        """勾配を -5 から 5 までに切り詰めている"""
        return tuple(each.clamp(-5, 5) for each in _gru(*args))


def _tied(a, c, change=None, forget=None, cell=None):
    """正しい Function を、誤答が部品ごとに取り替えられるように作る。

    change は δ と前のセル状態の勾配を、forget は順伝播の 1 - f を、cell は順伝播の c_new を替える。
    """

    class Tied(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, c):
            f, g, o = a.chunk(3, dim=1)
            f, g, o = f.sigmoid(), g.tanh(), o.sigmoid()
            c_new = f * c + (1 - f if forget is None else forget(f)) * g
            tanh_c = c_new.tanh() if cell is None else cell(c_new)
            ctx.save_for_backward(f, g, o, c, c_new, tanh_c)
            return o * tanh_c, c_new

        @staticmethod
        def backward(ctx, dh, dc):
            f, g, o, c, c_new, t = ctx.saved_tensors
            total = dc + dh * o * (1 - t**2)
            found = dict(
                f=total * (c - g) * f * (1 - f),
                g=total * (1 - f) * (1 - g**2),
                o=dh * t * o * (1 - o),
                c=total * f,
            )
            if change is not None:
                found |= change(f, g, o, c, c_new, t, dh, dc, total)
            return torch.cat([found["f"], found["g"], found["o"]], dim=1), found["c"]

    return Tied.apply(a, c)


def _with_total(a, c, change):
    """c_new へ届いた勾配を ``change`` に替えて、残りを正しく戻す。"""

    def swap(f, g, o, c, c_new, t, dh, dc, total):
        total = change(o, c_new, t, dh, dc)
        return dict(f=total * (c - g) * f * (1 - f), g=total * (1 - f) * (1 - g**2), c=total * f)

    return _tied(a, c, swap)


class tied_step:
    def input_path_missing(a, c):
        """f の勾配が普通の LSTM のまま（c だけを掛け、1 - f を通る分の -g がない）"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(f=total * c * f * (1 - f))
        )

    def input_path_added(a, c):
        """f の勾配に、1 - f を通る分を引かずに足している（c - g でなく c + g）"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(f=total * (c + g) * f * (1 - f))
        )

    def sign(a, c):
        """f の勾配の符号が逆（c - g でなく g - c）"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(f=total * (g - c) * f * (1 - f))
        )

    def new_cell_in_forget(a, c):
        """f の勾配に、前のセル状態でなく新しいセル状態を使っている"""
        return _tied(
            a, c,
            lambda f, g, o, c, c_new, t, dh, dc, total: dict(f=total * (c_new - g) * f * (1 - f)),
        )  # fmt: skip

    def forget_in_candidate(a, c):
        """g の勾配に、1 - f でなく f を掛けている"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(g=total * f * (1 - g**2))
        )

    def candidate_alone(a, c):
        """g の勾配に、1 - f を掛けていない"""
        return _tied(a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(g=total * (1 - g**2)))

    def candidate_as_sigmoid(a, c):
        """g の微分に、σ の微分 g * (1 - g) を使っている"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(g=total * (1 - f) * g * (1 - g))
        )

    def without_gate_slopes(a, c):
        """σ と tanh の微分を掛けていない（ゲートの値の勾配のまま）"""
        return _tied(
            a, c,
            lambda f, g, o, c, c_new, t, dh, dc, total: dict(
                f=total * (c - g), g=total * (1 - f), o=dh * t
            ),
        )  # fmt: skip

    def without_the_path_through_h(a, c):
        """h_new からセル状態へ来る勾配を足していない"""
        return _with_total(a, c, lambda o, c_new, t, dh, dc: dc)

    def without_dc(a, c):
        """届いたセル状態の勾配 dc_new を使っていない"""
        return _with_total(a, c, lambda o, c_new, t, dh, dc: dh * o * (1 - t**2))

    def without_tanh_slope(a, c):
        """h_new からセル状態へ戻るとき、tanh の微分を掛けていない"""
        return _with_total(a, c, lambda o, c_new, t, dh, dc: dc + dh * o)

    def slope_of_c_itself(a, c):
        """tanh(c_new) の微分を、1 - c_new**2 としている"""
        return _with_total(a, c, lambda o, c_new, t, dh, dc: dc + dh * o * (1 - c_new**2))

    def output_without_tanh(a, c):
        """o の勾配に、tanh を通さないセル状態を掛けている"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(o=dh * c_new * o * (1 - o))
        )

    def output_from_dc(a, c):
        """o の勾配を、dh_new でなく dc_new から作っている"""
        return _tied(
            a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(o=total * t * o * (1 - o))
        )

    def forget_not_applied(a, c):
        """前のセル状態の勾配に、f を掛けていない"""
        return _tied(a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(c=total))

    def dc_without_h(a, c):
        """前のセル状態の勾配に、h_new を通って来た分を足していない"""
        return _tied(a, c, lambda f, g, o, c, c_new, t, dh, dc, total: dict(c=dc * f))

    def order_gfo(a, c):
        """a を g、f、o の順と思っている（勾配も）"""
        g, f, o = a.chunk(3, dim=1)
        return _tied(torch.cat([f, g, o], dim=1), c)

    def order_fog(a, c):
        """a を f、o、g の順と思っている（勾配も）"""
        f, o, g = a.chunk(3, dim=1)
        return _tied(torch.cat([f, g, o], dim=1), c)

    def not_tied(a, c):
        """c_new で、g に 1 - f を掛けていない"""
        return _tied(a, c, forget=torch.ones_like)

    def tied_to_f(a, c):
        """入力ゲートを、1 - f でなく f に縛っている"""
        return _tied(a, c, forget=lambda f: f)

    def cell_as_it_is(a, c):
        """h_new で、c_new を tanh に通していない"""
        return _tied(a, c, cell=lambda c_new: c_new)

    def cell_first(a, c):
        """(c_new, h_new) の順に返している"""
        h_new, c_new = _tied(a, c)
        return c_new, h_new

    def clipped(a, c):
        """勾配を -5 から 5 までに切り詰めている"""

        def change(f, g, o, c, c_new, t, dh, dc, total):
            return {
                "f": (total * (c - g) * f * (1 - f)).clamp(-5, 5),
                "g": (total * (1 - f) * (1 - g**2)).clamp(-5, 5),
                "o": (dh * t * o * (1 - o)).clamp(-5, 5),
                "c": (total * f).clamp(-5, 5),
            }

        return _tied(a, c, change)


def _sums(delta, x, before):
    rows = delta.flatten(0, 1)
    return dict(w_ih=rows.T @ x.flatten(0, 1), w_hh=rows.T @ before.flatten(0, 1), b=rows.sum(0))


def _before(hidden, h_0):
    return torch.cat([h_0[None], hidden[:-1]])


def _seams(hidden, h_0, size, enter):
    """束の先頭に入る状態だけを ``enter(start)`` に取り替えた、全時刻の h_{t-1}。"""
    before = _before(hidden, h_0).clone()
    for start in range(size, len(hidden), size):
        before[start] = enter(start)
    return before


class weight_gradients:
    def as_given(delta, x, hidden, h_0, size):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        whole, before = len(x) // size * size, _seams(hidden, h_0, size, lambda start: h_0)
        return _sums(delta[:whole], x[:whole], before[:whole])

    def one_product(delta, x, hidden, h_0, size):
        """size を使わず、全時刻を 1 回の積で足している"""
        return _sums(delta, x, _before(hidden, h_0))

    def seam_starts_from_h_0(delta, x, hidden, h_0, size):
        """どの束にも、前の束の最後の状態でなく h_0 が入っている"""
        return _sums(delta, x, _seams(hidden, h_0, size, lambda start: h_0))

    def ragged_end_dropped(delta, x, hidden, h_0, size):
        """size 時刻に足りない、終わりの束を足していない"""
        whole = len(x) // size * size
        return _sums(*(each[:whole] for each in (delta, x, _before(hidden, h_0))))

    def seam_starts_from_zero(delta, x, hidden, h_0, size):
        """2 つめからの束に、0 の状態が入っている（その時刻の w_hh の勾配が消える）"""
        return _sums(delta, x, _seams(hidden, h_0, size, lambda start: 0 * h_0))

    def seam_sees_new_state(delta, x, hidden, h_0, size):
        """束の先頭で、h_{t-1} でなく h_t を掛けている（継ぎ目の添字が 1 つ後ろ）"""
        return _sums(delta, x, _seams(hidden, h_0, size, lambda start: hidden[start]))

    def seam_sees_own_end(delta, x, hidden, h_0, size):
        """束の先頭に、その束自身の最後の状態が入っている（負の添字が後ろに回っている）"""
        end = lambda start: hidden[min(start + size, len(x)) - 1]  # noqa: E731
        return _sums(delta, x, _seams(hidden, h_0, size, end))

    def last_part_only(delta, x, hidden, h_0, size):
        """足さずに書き換えていて、終わりの束の分しか残っていない"""
        start = (len(x) - 1) // size * size
        return _sums(*(each[start:] for each in (delta, x, _before(hidden, h_0))))

    def first_part_only(delta, x, hidden, h_0, size):
        """初めの束の分しか足していない（繰り返しの中で return している）"""
        return _sums(*(each[:size] for each in (delta, x, _before(hidden, h_0))))

    def mean_over_parts(delta, x, hidden, h_0, size):
        """束の和でなく平均にしている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad / -(-len(x) // size) for name, grad in grads.items()}

    def new_state(delta, x, hidden, h_0, size):
        """w_hh の勾配に、h_{t-1} でなく h_t を掛けている"""
        return _sums(delta, x, hidden)

    def zeros_for_h_0(delta, x, hidden, h_0, size):
        """最初の時刻で、h_0 を 0 とみなしている"""
        return _sums(delta, x, _before(hidden, 0 * h_0))

    def mean_over_batch(delta, x, hidden, h_0, size):
        """系列の和でなく平均にしている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad / x.shape[1] for name, grad in grads.items()}

    def summed_before_product(delta, x, hidden, h_0, size):
        """時刻について足してから掛けている（積の和でなく、和の積）"""
        before = _before(hidden, h_0)
        return _sums(*(each.sum(0, keepdim=True) for each in (delta, x, before)))

    def orders_differ(delta, x, hidden, h_0, size):
        """delta は時刻、系列の順、相手は系列、時刻の順に積んでいる"""
        before = _before(hidden, h_0)
        return _sums(delta, x.transpose(0, 1), before.transpose(0, 1))

    def clipped(delta, x, hidden, h_0, size):
        """勾配を -5 から 5 までに切り詰めている"""
        grads = _sums(delta, x, _before(hidden, h_0))
        return {name: grad.clamp(-5, 5) for name, grad in grads.items()}

    def delta_clipped(delta, x, hidden, h_0, size):
        """掛ける前の delta を -5 から 5 までに切り詰めている"""
        return _sums(delta.clamp(-5, 5), x, _before(hidden, h_0))

    def last_state_wraps(delta, x, hidden, h_0, size):
        """最初の時刻の h_{t-1} が、最後の状態になっている（hidden[t-1] の t が 0）"""
        return _sums(delta, x, hidden.roll(1, dims=0))


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
