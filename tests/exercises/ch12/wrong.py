"""「並列に計算する再帰」の誤答。"""

import math

import torch
import torch.nn.functional as F


def _times(a, h):
    return (a @ h.unsqueeze(-1)).squeeze(-1)


def _combined(p, q, shift=torch.maximum, rescale=None, returned=None):
    (m1, d1, n1), (m2, d2, n2) = p, q
    m = shift(m1, m2)
    w1, w2 = (torch.exp(m1 - m), torch.exp(m2 - m)) if rescale is None else rescale(m1, m2, m)
    n = w1.unsqueeze(-1) * n1 + w2.unsqueeze(-1) * n2
    return m if returned is None else returned(m), w1 * d1 + w2 * d2, n


class combine_softmax:
    def added(p, q):
        """d と n を、最大値にそろえずに足している"""
        return _combined(p, q, rescale=lambda m1, m2, m: (torch.ones_like(m), torch.ones_like(m)))

    def numerator_added(p, q):
        """n を、最大値にそろえずに足している"""
        return *_combined(p, q)[:2], p[2] + q[2]

    def denominator_added(p, q):
        """d を、最大値にそろえずに足している"""
        m, _, n = _combined(p, q)
        return m, p[1] + q[1], n

    def sign_reversed(p, q):
        """e のべきの符号が逆で、小さいほうを大きくしている"""
        return _combined(p, q, rescale=lambda m1, m2, m: (torch.exp(m - m1), torch.exp(m - m2)))

    def not_shifted(p, q):
        """d と n に e^m1 と e^m2 を掛けたままで、新しい最大値で割っていない"""
        return _combined(p, q, rescale=lambda m1, m2, m: (torch.exp(m1), torch.exp(m2)))

    def divided_later(p, q):
        """e^m1 と e^m2 を掛けてから e^m で割るので、大きな得点であふれている"""

        def rescale(m1, m2, m):
            return torch.exp(m1) / torch.exp(m), torch.exp(m2) / torch.exp(m)

        return _combined(p, q, rescale=rescale)

    def smaller(p, q):
        """大きいほうでなく、小さいほうの最大値にそろえている"""
        return _combined(p, q, shift=torch.minimum)

    def first_kept(p, q):
        """いつも、先の区間の最大値にそろえている"""
        return _combined(p, q, shift=lambda m1, m2: m1)

    def second_rescaled(p, q):
        """続く区間だけを縮め、先の区間の最大値が小さいときを忘れている"""

        def rescale(m1, m2, m):
            return torch.ones_like(m), torch.exp(m2 - m)

        return _combined(p, q, rescale=rescale)

    def swapped(p, q):
        """先の区間と続く区間に掛けるものが逆"""
        return _combined(p, q, rescale=lambda m1, m2, m: (torch.exp(m2 - m), torch.exp(m1 - m)))

    def averaged(p, q):
        """n に、和でなく重みつき平均を入れている"""
        m, d, n = _combined(p, q)
        return m, d, n / d.unsqueeze(-1)

    def log_of_sum(p, q):
        """m に、最大値でなく、和の対数を入れている"""
        m, d, n = _combined(p, q)
        return m + d.log(), torch.ones_like(d), n / d.unsqueeze(-1)

    def detached(p, q):
        """m の勾配を切っている"""
        return _combined(p, q, returned=torch.Tensor.detach)


def _double(a, b, widths, swapped=False):
    for width in widths:
        a1, b1, a2, b2 = a[:-width], b[:-width], a[width:], b[width:]
        new_b = a1 * b2 + b1 if swapped else a2 * b1 + b2
        a, b = torch.cat([a[:width], a1 * a2]), torch.cat([b[:width], new_b])
    return a, b


def _widths(time):
    return [2**k for k in range(math.ceil(math.log2(time)))]


def _reset(a, start):
    return a.masked_fill(start.unsqueeze(-1), 0.0)


class reset_scan:
    def one_by_one(a, b, h0, start):
        """時刻を 1 つずつ進んでいる"""
        h, states = h0, []
        for a_t, b_t in zip(_reset(a, start), b, strict=True):
            h = a_t * h + b_t
            states.append(h)
        return torch.stack(states)

    def start_ignored(a, b, h0, start):
        """区切りを見ていない"""
        a, b = _double(a, b, _widths(len(a)))
        return a * h0 + b

    def input_dropped(a, b, h0, start):
        """区切りの時刻の b まで消している"""
        a, b = _double(_reset(a, start), _reset(b, start), _widths(len(a)))
        return a * h0 + b

    def one_late(a, b, h0, start):
        """区切りの時刻の次の時刻で忘れている"""
        late = torch.cat([torch.zeros_like(start[:1]), start[:-1]])
        a, b = _double(_reset(a, late), b, _widths(len(a)))
        return a * h0 + b

    def others_forgotten(a, b, h0, start):
        """区切りでない時刻で忘れている（真と偽が逆）"""
        a, b = _double(_reset(a, ~start), b, _widths(len(a)))
        return a * h0 + b

    def whole_batch_forgotten(a, b, h0, start):
        """どれか 1 本の区切りで、全部の系列が忘れている"""
        every = start.any(dim=1, keepdim=True).expand_as(start)
        a, b = _double(_reset(a, every), b, _widths(len(a)))
        return a * h0 + b

    def back_to_start(a, b, h0, start):
        """区切りの後を、0 でなく h0 から始めている"""
        b = b + torch.where(start.unsqueeze(-1), a * h0, torch.zeros_like(a))
        a, b = _double(_reset(a, start), b, _widths(len(a)))
        return a * h0 + b

    def only_state_forgotten(a, b, h0, start):
        """忘れたのは h0 だけで、区切りの前の b が残っている"""
        before, b = _double(a, b, _widths(len(a)))
        return before * (start.cumsum(0) == 0).unsqueeze(-1) * h0 + b

    def state_kept(a, b, h0, start):
        """区切りの前の b は忘れたが、h0 が残っている"""
        before, _ = _double(a, b, _widths(len(a)))
        return before * h0 + _double(_reset(a, start), b, _widths(len(a)))[1]

    def result_cleared(a, b, h0, start):
        """解いた後で、区切りの時刻の状態を 0 にしている"""
        a, b = _double(a, b, _widths(len(a)))
        return _reset(a * h0 + b, start)

    def first_start_only(a, b, h0, start):
        """初めの区切りでしか忘れていない"""
        first = start & (start.cumsum(0) == 1)
        a, b = _double(_reset(a, first), b, _widths(len(a)))
        return a * h0 + b

    def order_swapped(a, b, h0, start):
        """先に行うものと後に行うものを逆にまとめている"""
        a, b = _double(_reset(a, start), b, _widths(len(a)), swapped=True)
        return a * h0 + b

    def one_round_short(a, b, h0, start):
        """段の数を切り捨てている（T が 2 のべきでないと、先頭に届かない）"""
        widths = [2**k for k in range(int(math.log2(len(a))))]
        a, b = _double(_reset(a, start), b, widths)
        return a * h0 + b

    def state_ignored(a, b, h0, start):
        """初期状態を使っていない"""
        return _double(_reset(a, start), b, _widths(len(a)))[1]

    def divided_by_products(a, b, h0, start):
        """a の累積の積で割っている（区切りでは積が 0 になり、割れない）"""
        products = _reset(a, start).cumprod(0)
        return products * (h0 + (b / products).cumsum(0))

    def divided_by_clamped(a, b, h0, start):
        """累積の積で割るとき、0 にならないように小さな数で止めている"""
        products = _reset(a, start).cumprod(0)
        safe = torch.where(products.abs() < 1e-12, 1e-12, products)
        return products * h0 + products * (b / safe).cumsum(0)

    def logs_of_decay(a, b, h0, start):
        """a の対数をとっている（0 や負の a では計算できない）"""
        total = _reset(a, start).log().cumsum(0)
        return total.exp() * (h0 + (b * (-total).exp()).cumsum(0))

    def cut_every_eight(a, b, h0, start):
        """8 時刻ごとに勾配を切っている"""
        a, state, parts = _reset(a, start), h0, []
        for k in range(0, len(a), 8):
            p, q = _double(a[k : k + 8], b[k : k + 8], _widths(len(a[k : k + 8])))
            parts.append(p * state + q)
            state = parts[-1][-1].detach()
        return torch.cat(parts)


def _backward(a, h0, h, grad_h, following=None, before=None, transposed=True, every=None):
    following = torch.cat([a[1:], torch.zeros_like(a[:1])]) if following is None else following
    before = torch.cat([h0.unsqueeze(0), h[:-1]]) if before is None else before
    total, totals = torch.zeros_like(h0), [None] * len(a)
    for t in reversed(range(len(a))):
        if every is not None and (t + 1) % every == 0:
            total = torch.zeros_like(h0)
        factor = following[t].mT if transposed else following[t]
        total = totals[t] = grad_h[t] + _times(factor, total)
    total = torch.stack(totals)
    return total.unsqueeze(-1) * before.unsqueeze(-2), total, _times(a[0].mT, total[0])


class scan_backward:
    def not_transposed(a, h0, h, grad_h):
        """後の時刻からの勾配に、a を転置せずに掛けている"""
        grad_a, grad_b, _ = _backward(a, h0, h, grad_h, transposed=False)
        return grad_a, grad_b, _times(a[0], grad_b[0])

    def not_transposed_at_start(a, h0, h, grad_h):
        """h0 へ戻るときだけ、a_1 を転置していない"""
        grad_a, grad_b, _ = _backward(a, h0, h, grad_h)
        return grad_a, grad_b, _times(a[0], grad_b[0])

    def outer_product_transposed(a, h0, h, grad_h):
        """a の勾配の外積が、転置されている"""
        grad_a, grad_b, grad_h0 = _backward(a, h0, h, grad_h)
        return grad_a.mT, grad_b, grad_h0

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

    def last_state_wraps(a, h0, h, grad_h):
        """時刻 1 の h_{t-1} が、最後の状態になっている（h[t-1] の t が 0）"""
        return _backward(a, h0, h, grad_h, before=h.roll(1, 0))

    def future_ignored(a, h0, h, grad_h):
        """後の時刻を通って戻る勾配を忘れている"""
        return _backward(a, h0, h, grad_h, following=torch.zeros_like(a))

    def factor_missing_for_start(a, h0, h, grad_h):
        """h0 の勾配に a_1 を掛けていない"""
        grad_a, grad_b, _ = _backward(a, h0, h, grad_h)
        return grad_a, grad_b, grad_b[0].clone()

    def last_only(a, h0, h, grad_h):
        """最後の時刻の勾配しか使っていない"""
        last = torch.cat([torch.zeros_like(grad_h[:-1]), grad_h[-1:]])
        return _backward(a, h0, h, last)

    def cut_every_eight(a, h0, h, grad_h):
        """8 時刻ごとに勾配を切っている"""
        return _backward(a, h0, h, grad_h, every=8)

    def grad_h_clipped(a, h0, h, grad_h):
        """受け取った grad_h を -5 から 5 までに切り詰めている"""
        return _backward(a, h0, h, grad_h.clamp(-5, 5))

    def clipped(a, h0, h, grad_h):
        """勾配を -5 から 5 までに切り詰めている"""
        return tuple(each.clamp(-5, 5) for each in _backward(a, h0, h, grad_h))


def _joined(layer, x, cut, carried=True):
    first, state = layer(x[:cut])
    second, _ = layer(x[cut:], state) if carried else layer(x[cut:])
    return torch.cat([first, second])


def _first_cut(layer, x, differs, cuts=None, carried=True):
    whole, _ = layer(x)
    for cut in range(1, len(x)) if cuts is None else cuts:
        if differs(_joined(layer, x, cut, carried), whole):
            return cut
    return None


def _far(joined, whole):
    return not (joined - whole).abs().max() <= 1e-9


class same_when_cut:
    def middle_only(layer, x):
        """真ん中の切れ目しか試していない"""
        return _first_cut(layer, x, _far, [len(x) // 2] if len(x) > 1 else [])

    def a_few_cuts(layer, x):
        """切れ目を飛ばし、いくつかしか試していない"""
        return _first_cut(layer, x, _far, sorted({1, len(x) // 2, len(x) - 1} - {0, len(x)}))

    def last_cut_missed(layer, x):
        """残りが 1 時刻になる切れ目を試していない"""
        return _first_cut(layer, x, _far, range(1, len(x) - 1))

    def first_cut_missed(layer, x):
        """初めの 1 時刻だけを切る切れ目を試していない"""
        return _first_cut(layer, x, _far, range(2, len(x)))

    def from_the_end(layer, x):
        """食い違う切れ目のうち、最も大きいものを返している"""
        return _first_cut(layer, x, _far, reversed(range(1, len(x))))

    def state_not_passed(layer, x):
        """終わりの状態を渡さずに、続きを読んでいる"""
        return _first_cut(layer, x, _far, carried=False)

    def first_part_only(layer, x):
        """切る前の部分だけを比べている"""
        whole, _ = layer(x)
        cuts = (t for t in range(1, len(x)) if _far(layer(x[:t])[0], whole[:t]))
        return next(cuts, None)

    def second_part_only(layer, x):
        """続きの出力だけを比べ、切る前の部分を比べていない"""
        whole, _ = layer(x)
        cuts = (t for t in range(1, len(x)) if _far(_joined(layer, x, t)[t:], whole[t:]))
        return next(cuts, None)

    def just_after_the_cut(layer, x):
        """切った直後の 1 時刻しか比べていない"""
        whole, _ = layer(x)
        return next((t for t in range(1, len(x)) if _far(_joined(layer, x, t)[t], whole[t])), None)

    def last_output_only(layer, x):
        """最後の時刻の出力しか比べていない"""
        return _first_cut(layer, x, lambda joined, whole: _far(joined[-1], whole[-1]))

    def first_row_only(layer, x):
        """ミニバッチの 1 本めしか比べていない"""
        return _first_cut(layer, x, lambda joined, whole: _far(joined[:, 0], whole[:, 0]))

    def last_row_only(layer, x):
        """ミニバッチの最後の 1 本しか比べていない"""
        return _first_cut(layer, x, lambda joined, whole: _far(joined[:, -1], whole[:, -1]))

    def first_unit_only(layer, x):
        """出力の 1 つめの成分しか比べていない"""
        return _first_cut(layer, x, lambda joined, whole: _far(joined[..., 0], whole[..., 0]))

    def mean_of_gaps(layer, x):
        """差の最大でなく、平均を比べている"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).abs().mean() <= 1e-9)

    def norm_of_gaps(layer, x):
        """差の最大でなく、2 乗の和の平方根を比べている"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).norm() <= 1e-9)

    def too_strict(layer, x):
        """許す差が 1e-9 より小さい（1e-12 など）"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).abs().max() <= 1e-12)

    def slightly_loose(layer, x):
        """許す差が 1e-9 より大きい（1e-8 など）"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).abs().max() <= 1e-8)

    def relative(layer, x):
        """許す差を、出力の大きさに合わせて大きくしている（allclose の rtol など）"""
        return _first_cut(
            layer, x, lambda joined, whole: not torch.allclose(joined, whole, 1e-9, 1e-9)
        )

    def sum_of_gaps(layer, x):
        """差を足し合わせていて、正と負が打ち消し合っている"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).sum().abs() <= 1e-9)

    def sign_kept(layer, x):
        """差の絶対値をとっておらず、小さくなったときに気づかない"""
        return _first_cut(layer, x, lambda joined, whole: not (joined - whole).max() <= 1e-9)

    def sign_turned(layer, x):
        """差の絶対値をとっておらず、大きくなったときに気づかない"""
        return _first_cut(layer, x, lambda joined, whole: not (whole - joined).max() <= 1e-9)

    def nan_missed(layer, x):
        """差が nan のときに気づかない（nan > 1e-9 は偽）"""
        return _first_cut(layer, x, lambda joined, whole: (joined - whole).abs().max() > 1e-9)

    def nan_of_whole_missed(layer, x):
        """続けた出力の nan だけを調べ、切らない出力が nan のときに気づかない"""

        def differs(joined, whole):
            return joined.isnan().any() or (joined - whole).abs().max() > 1e-9

        return _first_cut(layer, x, differs)

    def equal_nan(layer, x):
        """どちらも nan なら同じとしている（equal_nan=True など）"""

        def differs(joined, whole):
            return not torch.allclose(joined, whole, rtol=0.0, atol=1e-9, equal_nan=True)

        return _first_cut(layer, x, differs)

    def exactly(layer, x):
        """丸めの誤差も許していない"""
        return _first_cut(layer, x, lambda joined, whole: not torch.equal(joined, whole))

    def default_allclose(layer, x):
        """許す差が大きすぎる（allclose の既定など）"""
        return _first_cut(layer, x, lambda joined, whole: not torch.allclose(joined, whole))

    def counted_from_zero(layer, x):
        """切れ目を 0 から数えている"""
        cut = _first_cut(layer, x, _far)
        return None if cut is None else cut - 1

    def zero_for_same(layer, x):
        """どこで切っても同じときに、None でなく 0 を返している"""
        return _first_cut(layer, x, _far) or 0

    def yes_or_no(layer, x):
        """切れ目でなく、同じかどうかを返している"""
        return _first_cut(layer, x, _far) is None


def _log_g(v):
    return torch.where(v >= 0, torch.log(F.relu(v) + 0.5), F.logsigmoid(v))


def _minlstm(x, log_h0, w, b, shares):
    i, f, v = (x @ w.T + b).chunk(3, dim=-1)
    log_keep, log_write = shares(F.logsigmoid(i), F.logsigmoid(f), i, f)
    total = log_keep.cumsum(1)
    terms = torch.cat([log_h0.unsqueeze(1), log_write + _log_g(v) - total], dim=1)
    output = (total + terms.logcumsumexp(1)[:, 1:]).exp()
    return output, output[:, -1]


def _shares(log_i, log_f, *_):
    return F.logsigmoid(log_f - log_i), F.logsigmoid(log_i - log_f)


def _signs_dropped(log_i, log_f, i, f):
    return F.logsigmoid(F.softplus(i) - F.softplus(f)), F.logsigmoid(F.softplus(f) - F.softplus(i))


class minlstm_forward:
    def as_given(x, h0, w, b):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        return _minlstm(x, _log_g(h0), w, b, _signs_dropped)

    def state_through_g(x, h0, w, b):
        """受け取った状態にも g を通している（log h0 でなく log g(h0) を使った）"""
        return _minlstm(x, _log_g(h0), w, b, _shares)

    def signs_dropped(x, h0, w, b):
        """σ の対数を -softplus(-x) でなく -softplus(x) としている（1 - σ の対数）"""
        return _minlstm(x, h0.log(), w, b, _signs_dropped)

    def shares_swapped(x, h0, w, b):
        """残す割合と書き込む割合が逆"""
        return _minlstm(x, h0.log(), w, b, lambda *logs: _shares(*logs)[::-1])

    def not_normalised(x, h0, w, b):
        """f と i を、足して 1 になるように割っていない"""
        return _minlstm(x, h0.log(), w, b, lambda log_i, log_f, *_: (log_f, log_i))

    def only_forget_normalised(x, h0, w, b):
        """忘却ゲートだけを割り、入力ゲートを割っていない"""
        return _minlstm(x, h0.log(), w, b, lambda log_i, *rest: (_shares(log_i, *rest)[0], log_i))

    def softmax_of_gates(x, h0, w, b):
        """シグモイドを通す前の i と f から割合を作っている"""
        return _minlstm(x, h0.log(), w, b, lambda log_i, log_f, i, f: _shares(i, f))

    def cut_every_eight(x, h0, w, b):
        """8 時刻ごとに勾配を切っている"""
        parts = []
        for part in x.split(8, dim=1):
            parts.append(_minlstm(part, h0.log(), w, b, _shares)[0])
            h0 = parts[-1][:, -1].detach()
        output = torch.cat(parts, 1)
        return output, output[:, -1]

    def state_ignored(x, h0, w, b):
        """受け取った状態を使わず、0 から始めている"""
        return _minlstm(x, torch.full_like(h0, -torch.inf), w, b, _shares)

    def state_as_log(x, h0, w, b):
        """受け取った状態の対数をとらずに、そのまま対数として使っている"""
        return _minlstm(x, h0, w, b, _shares)

    def order_fgi(x, h0, w, b):
        """重みの積み順を f, v, i と読んでいる"""
        swapped = [torch.cat([i, f, v]) for f, v, i in (w.chunk(3), b.chunk(3))]
        return _minlstm(x, h0.log(), *swapped, _shares)


class scan_costs:
    def rounded_down(time):
        """倍々の段数を切り捨てている"""
        rounds = time.bit_length() - 1
        return (rounds, rounds * time - (2**rounds - 1)), _tree(time)

    def full_rounds(time):
        """倍々のどの段でも、T 回まとめると数えている"""
        rounds = (time - 1).bit_length()
        return (rounds, rounds * time), _tree(time)

    def half_each_round(time):
        """倍々のどの段でも、T の半分の回数だけまとめると数えている"""
        rounds = (time - 1).bit_length()
        return (rounds, rounds * (time // 2)), _tree(time)

    def only_upwards(time):
        """木の、上るほうしか数えていない（空いた所を埋めていない）"""
        return _doubling(time), (time.bit_length() - 1, sum(time >> k for k in range(1, 64)))

    def waits_doubled(time):
        """木の段数を、いつも log2 T の 2 倍としている"""
        return _doubling(time), (2 * (time.bit_length() - 1), _tree(time)[1])

    def powers_of_two_only(time):
        """木の段数と回数を、T が 2 のべきのときの式で求めている"""
        rounds = (time - 1).bit_length()
        waits = max(2 * rounds - 1, 0)
        return _doubling(time), (waits, 2 * time - 2 - rounds)

    def one_by_one(time):
        """どちらも、1 時刻ずつまとめた段数と回数になっている"""
        return (time - 1, time - 1), (time - 1, time - 1)


def _doubling(time):
    rounds = (time - 1).bit_length()
    return rounds, rounds * time - (2**rounds - 1)


def _tree(time):
    waits = combines = 0
    while time > 1:
        combines += time - 1
        waits += 1 if time == 2 else 2
        time //= 2
    return waits, combines


def _newton(h, u, w, h0, slope=lambda p, w: (1 - p**2).unsqueeze(-1) * w):
    before = torch.cat([h0.unsqueeze(0), h[:-1]])
    value = torch.tanh(before @ w.T + u)
    new, states, slopes = h0, [], slope(value, w)
    for t in range(len(h)):
        new = value[t] + slopes[t] @ (new - before[t])
        states.append(new)
    return torch.stack(states)


class newton_step:
    def without_tangent(h, u, w, h0):
        """接線を使わず、見当での値をそのまま新しい見当にしている"""
        return torch.tanh(torch.cat([h0.unsqueeze(0), h[:-1]]) @ w.T + u)

    def one_time_only(h, u, w, h0):
        """接線に入れる変化が、1 つ前の時刻の、新しい見当でなく tanh の値との差になっている"""
        before = torch.cat([h0.unsqueeze(0), h[:-1]])
        value = torch.tanh(before @ w.T + u)
        moved = torch.cat([h0.unsqueeze(0), value[:-1]]) - before
        return value + (1 - value**2) * (moved @ w.T)

    def slope_missing(h, u, w, h0):
        """接線の傾きに、tanh の微分 1 - tanh**2 を掛けていない"""
        return _newton(h, u, w, h0, lambda p, w: w.expand(len(p), *w.shape))

    def slope_of_sigmoid(h, u, w, h0):
        """tanh の微分に、シグモイドの微分 p * (1 - p) を使っている"""
        return _newton(h, u, w, h0, lambda p, w: (p * (1 - p)).unsqueeze(-1) * w)

    def slope_on_columns(h, u, w, h0):
        """tanh の微分を、w の行でなく列に掛けている"""
        return _newton(h, u, w, h0, lambda p, w: (1 - p**2).unsqueeze(-2) * w)

    def transposed(h, u, w, h0):
        """接線の傾きで、w が転置されている"""
        return _newton(h, u, w, h0, lambda p, w: (1 - p**2).unsqueeze(-1) * w.T)

    def diagonal_only(h, u, w, h0):
        """接線の傾きの、対角成分しか使っていない"""
        return _newton(h, u, w, h0, lambda p, w: torch.diag_embed((1 - p**2) * w.diag()))

    def slope_at_guess(h, u, w, h0):
        """tanh の微分を、tanh の値でなく見当 h_t から作っている"""
        return _newton(h, u, w, h0, lambda p, w: (1 - h**2).unsqueeze(-1) * w)

    def start_as_zero(h, u, w, h0):
        """初期状態を 0 とみなしている"""
        return _newton(h, u, w, torch.zeros_like(h0))

    def step_subtracted(h, u, w, h0):
        """見当を引かずに、新しい状態に接線の傾きを掛けて足している"""
        before = torch.cat([h0.unsqueeze(0), h[:-1]])
        value = torch.tanh(before @ w.T + u)
        new, states = h0, []
        for t in range(len(h)):
            new = value[t] + (1 - value[t] ** 2) * (w @ new)
            states.append(new)
        return torch.stack(states)

    def exact_answer(h, u, w, h0):
        """見当を使わずに、RNN を 1 時刻ずつ解いている"""
        new, states = h0, []
        for u_t in u:
            new = torch.tanh(w @ new + u_t)
            states.append(new)
        return torch.stack(states)
