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
