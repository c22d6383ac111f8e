"""「並列に計算する再帰」の誤答。"""

import math

import torch


class combine:
    def order_swapped(a1, b1, a2, b2):
        """先に行うものと後に行うものが逆"""
        return a1 * a2, a1 * b2 + b1

    def offsets_added(a1, b1, a2, b2):
        """b1 に a2 を掛けずに、b をただ足している"""
        return a1 * a2, b1 + b2

    def factors_added(a1, b1, a2, b2):
        """a を掛けずに足している"""
        return a1 + a2, a2 * b1 + b2

    def both_scaled(a1, b1, a2, b2):
        """a2 を b2 にも掛けている"""
        return a1 * a2, a2 * (b1 + b2)

    def first_factor(a1, b1, a2, b2):
        """b1 に a2 でなく a1 を掛けている"""
        return a1 * a2, a1 * b1 + b2


def _double(a, b, widths, update_a=True, swapped=False, new_a_first=False):
    for width in widths:
        a1, b1, a2, b2 = a[:-width], b[:-width], a[width:], b[width:]
        scale = a1 if swapped else a2 * a1 if new_a_first else a2
        new_b = scale * b2 + b1 if swapped else scale * b1 + b2
        b = torch.cat([b[:width], new_b])
        if update_a:
            a = torch.cat([a[:width], a1 * a2])
    return a, b


def _widths(time):
    return [2**k for k in range(math.ceil(math.log2(time)))]


class doubling_scan:
    def one_by_one(a, b, h0):
        """時刻を 1 つずつ進んでいる"""
        h, states = h0, []
        for a_t, b_t in zip(a, b, strict=True):
            h = a_t * h + b_t
            states.append(h)
        return torch.stack(states)

    def width_fixed(a, b, h0):
        """幅を広げず、いつも 1 つ前とまとめている"""
        a, b = _double(a, b, [1 for _ in _widths(len(a))])
        return a * h0 + b

    def factor_forgotten(a, b, h0):
        """b だけをまとめて、a を元のままにしている"""
        a, b = _double(a, b, _widths(len(a)), update_a=False)
        return a * h0 + b

    def order_swapped(a, b, h0):
        """先に行うものと後に行うものを逆にまとめている"""
        a, b = _double(a, b, _widths(len(a)), swapped=True)
        return a * h0 + b

    def new_factor_used(a, b, h0):
        """まとめた後の a で b を計算している"""
        a, b = _double(a, b, _widths(len(a)), new_a_first=True)
        return a * h0 + b

    def one_round_short(a, b, h0):
        """T が 2 のべきでないとき、最後の段が足りない"""
        a, b = _double(a, b, [2**k for k in range(int(math.log2(len(a))))])
        return a * h0 + b

    def state_ignored(a, b, h0):
        """初期状態を使っていない"""
        return _double(a, b, _widths(len(a)))[1]

    def state_added(a, b, h0):
        """初期状態に a を掛けずに、どの時刻にも足している"""
        return _double(a, b, _widths(len(a)))[1] + h0

    def state_once(a, b, h0):
        """初期状態に、まとめる前の a を掛けている"""
        return a * h0 + _double(a, b, _widths(len(a)))[1]


def _backward(a, h0, h, grad_h, following=None, before=None, reverse=True):
    following = torch.cat([a[1:], torch.zeros_like(a[:1])]) if following is None else following
    before = torch.cat([h0.unsqueeze(0), h[:-1]]) if before is None else before
    total, totals = torch.zeros_like(h0), [None] * len(a)
    for t in reversed(range(len(a))) if reverse else range(len(a)):
        total = totals[t] = grad_h[t] + following[t] * total
    total = torch.stack(totals)
    return total * before, total, total[0] * a[0]


class scan_backward:
    def same_time_factor(a, h0, h, grad_h):
        """後の時刻からの勾配に、a_{t+1} でなく a_t を掛けている"""
        return _backward(a, h0, h, grad_h, following=a)

    def state_after(a, h0, h, grad_h):
        """a の勾配に、h_{t-1} でなく h_t を掛けている"""
        return _backward(a, h0, h, grad_h, before=h)

    def start_as_zero(a, h0, h, grad_h):
        """a_1 の勾配で、初期状態を 0 とみなしている"""
        before = torch.cat([torch.zeros_like(h0).unsqueeze(0), h[:-1]])
        return _backward(a, h0, h, grad_h, before=before)

    def future_ignored(a, h0, h, grad_h):
        """後の時刻を通って戻る勾配を忘れている"""
        return _backward(a, h0, h, grad_h, following=torch.zeros_like(a))

    def forwards(a, h0, h, grad_h):
        """時刻を前から後ろへたどっている"""
        return _backward(a, h0, h, grad_h, following=a, reverse=False)

    def factor_missing_for_start(a, h0, h, grad_h):
        """h0 の勾配に a_1 を掛けていない"""
        grad_a, grad_b, _ = _backward(a, h0, h, grad_h)
        return grad_a, grad_b, grad_b[0].clone()

    def last_only(a, h0, h, grad_h):
        """最後の時刻の勾配しか使っていない"""
        last = torch.cat([torch.zeros_like(grad_h[:-1]), grad_h[-1:]])
        return _backward(a, h0, h, last)


def _g(v):
    return torch.where(v >= 0, v + 0.5, torch.sigmoid(v))


def _mingru(x, h, w_z, w_n, b_z, b_n, candidate=_g, new_share=False, squash=None):
    output = []
    for x_t in x.unbind(1):
        z = torch.sigmoid(x_t @ w_z.T + b_z)
        n = candidate(x_t @ w_n.T + b_n)
        h = (1 - z) * h + z * n if new_share else z * h + (1 - z) * n
        h = h if squash is None else squash(h)
        output.append(h)
    return torch.stack(output, 1), h


class mingru_forward:
    def state_through_g(x, h0, *weights):
        """受け取った状態にも g を通している（log h0 でなく log g(h0) を使った）"""
        return _mingru(x, _g(h0), *weights)

    def state_ignored(x, h0, *weights):
        """受け取った状態を使わず、0 から始めている"""
        return _mingru(x, torch.zeros_like(h0), *weights)

    def new_share(x, h0, *weights):
        """z を、古い状態でなく新しい候補値の割合としている"""
        return _mingru(x, h0, *weights, new_share=True)

    def plain_candidate(x, h0, *weights):
        """候補値に g を通していない"""
        return _mingru(x, h0, *weights, candidate=lambda v: v)

    def tanh_candidate(x, h0, *weights):
        """候補値に、g でなく GRU の tanh を通している"""
        return _mingru(x, h0, *weights, candidate=torch.tanh)

    def half_added_always(x, h0, *weights):
        """v が負のときも、v + 0.5 としている"""
        return _mingru(x, h0, *weights, candidate=lambda v: v + 0.5)

    def half_missing(x, h0, *weights):
        """v が 0 以上のときに 0.5 を足していない"""
        return _mingru(x, h0, *weights, candidate=lambda v: torch.where(v >= 0, v, v.sigmoid()))

    def state_through_g_every_step(x, h0, *weights):
        """毎時刻、新しい状態に g を通している"""
        return _mingru(x, h0, *weights, squash=_g)

    def backwards(x, h0, *weights):
        """系列を後ろから読んでいる"""
        output, h = _mingru(x.flip(1), h0, *weights)
        return output.flip(1), h
