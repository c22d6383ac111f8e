"""「並列に計算する再帰」の練習。"""

from functools import partial
from itertools import pairwise
from numbers import Integral

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.exercises.ch12 import cut_layers
from tests.exercises.engine.cases import expect_single, long_scans
from tests.exercises.engine.compare import expect, require_kind
from tests.exercises.engine.exercise import Exercise, Kind, Stage, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_split,
    normal,
)


def check_combine_softmax(f):
    """つないだ区間の組に一致し、走査に使えば、時刻ごとのソフトマックスになる。"""
    rng = np.random.default_rng(118)
    names = ("m (N,)", "d (N,)", "n (N, D)")
    cases = [
        [*summed(rng, count, 3, size, scale), *summed(rng, count, 2, size, scale)]
        for count, size, scale in ((5, 3, 1.0), (1, 2, 300.0), (4, 1, 1000.0), (3, 2, 1e-3))
    ]
    agree(partial(in_pairs, f), combined, cases, names)
    m, d, n, _, *later = cases[0]
    tied = [m, d, n, m, *later]  # 最大値が同じ
    expect(in_pairs(f, *tied), combined(*tied), names)
    for scale in (1.0, 1000.0):
        scores, values = scale * normal(rng, 11), normal(rng, 11, 3)
        _, d, n = running(f, (scores, torch.ones(11), values))
        want = [scores[: t + 1].softmax(0) @ values[: t + 1] for t in range(11)]
        expect(n / d.unsqueeze(-1), torch.stack(want), "走査で求めた重みつき平均 (T, D)")


def summed(rng, count, time, size, scale):
    """得点が ``scale`` 倍の乱数の、長さ ``time`` の区間の組 (m, d, n) を ``count`` 個。"""
    scores, values = scale * normal(rng, count, time), normal(rng, count, time, size)
    m = scores.amax(-1)
    weights = (scores - m.unsqueeze(-1)).exp()
    return m, weights.sum(-1), (weights.unsqueeze(-1) * values).sum(1)


def in_pairs(f, m1, d1, n1, m2, d2, n2):
    """引数を 2 つの組にした、解答の呼び出し。"""
    return f((m1, d1, n1), (m2, d2, n2))


def combined(m1, d1, n1, m2, d2, n2):
    """ソフトマックスの割合と、和の対数から求める。"""
    both = torch.stack([m1, m2])
    m = both.amax(0)
    share = both.softmax(0) * (both.logsumexp(0) - m).exp()
    first, second = share.unsqueeze(-1)
    return m, (share * torch.stack([d1, d2])).sum(0), first * n1 + second * n2


def running(f, parts):
    """幅を 2 倍ずつ広げ、先頭からそこまでをまとめた組。"""
    width = 1
    while width < len(parts[0]):
        new = f(tuple(each[:-width] for each in parts), tuple(each[width:] for each in parts))
        parts = [torch.cat([a[:width], b]) for a, b in zip(parts, new, strict=True)]
        width *= 2
    return parts


def check_reset_scan(f):
    """区切りごとに切った系列を展開した式と一致し、時刻の数だけは待たない。"""
    rng = np.random.default_rng(112)
    name = "h (T, B, H)"
    for time, batch, size in ((11, 3, 2), (8, 2, 4), (2, 2, 3), (1, 2, 2), (3, 1, 1), (17, 2, 2)):
        args = [normal(rng, *shape) for shape in ((time, batch, size),) * 2 + ((batch, size),)]
        for share in (0.0, 0.3, 1.0):
            start = torch.from_numpy(rng.random((time, batch)) < share)
            agree(partial(told_apart, f, start), partial(restarted, start), [args], name)
    for args in long_scans():
        start = torch.from_numpy(rng.random(args[0].shape[:2]) < 0.02)
        long = f"T = {len(args[0])} のときの {name}"
        if args[0].dtype == torch.float64:
            expect(f(*args, start), in_turn(*args, start), long)
        else:
            expect_single(f, in_turn, [*args, start], f"float32、{long}")
    time = 512
    a, b, h0 = normal(rng, time, 1, 1).sigmoid(), normal(rng, time, 1, 1), normal(rng, 1, 1)
    start = torch.zeros(time, 1, dtype=torch.bool)
    with Waits() as waited:
        h = f(*(each.requires_grad_() for each in (a, b, h0)), start)
    waits = max(chain(h), waited.until(h))
    require(
        waits < time,
        f"値は合っていますが、T = {time} で、前の結果を待つ演算が {waits} 段も続いています。"
        "時刻を 1 つずつ進まずに、互いに待たない計算をまとめてください。",
    )


def told_apart(f, start, a, b, h0):
    """区切り ``start`` を決めた、解答の呼び出し。"""
    return f(a, b, h0, start)


def restarted(start, a, b, h0):
    """系列を 1 本ずつ区切りで切り、どの切れ端も展開した積の和で求めてつなぐ。"""
    rows = []
    for k in range(a.shape[1]):
        cuts = [0, *start[:, k].nonzero().flatten().tolist(), len(a)]
        parts, state = [], h0[k]
        for first, last in pairwise(cuts):
            if last > first:
                parts.append(written_out(a[first:last, k], b[first:last, k], state))
            state = torch.zeros_like(h0[k])
        rows.append(torch.cat(parts))
    return torch.stack(rows, dim=1)


def in_turn(a, b, h0, start):
    """1 時刻ずつ進み、区切りの前には状態を 0 に戻す。長い系列で使う。"""
    state, states = h0, []
    for a_t, b_t, reset in zip(a, b, start, strict=True):
        state = a_t * torch.where(reset.unsqueeze(-1), torch.zeros_like(state), state) + b_t
        states.append(state)
    return torch.stack(states)


def chain(tensor):
    """入力から ``tensor`` までの、前の結果を待つ演算の列のうち、最も長いものの長さ。"""
    lengths, stack = {None: 0}, [tensor.grad_fn]
    while stack:
        node = stack[-1]
        sources = [source for source, _ in node.next_functions]
        waiting = [source for source in sources if source not in lengths]
        if waiting:
            stack += waiting
        else:
            lengths[stack.pop()] = 1 + max((lengths[source] for source in sources), default=0)
    return lengths[tensor.grad_fn]


class Waits(TorchDispatchMode):
    """中で行った演算の、前の結果を待つ段数。

    計算グラフに残らない演算（torch.autograd.Function や torch.no_grad の中）も数える。
    段数は、値の置き場所ごとに覚える。同じ場所を見るだけの演算（view）は、段に数えない。
    """

    def __init__(self):
        super().__init__()
        self.stages = {}
        self.places = []  # 空いた場所が使い回されると、段数を取り違える

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # True だと、初めて走らせるときに torch._dynamo を読み込み、何秒もかかる

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        before = self._places((args, kwargs))
        result = function(*args, **(kwargs or {}))
        stage = 1 + max(map(self._stage, before), default=0)
        for place in self._places(result):
            if function._schema.is_mutable or all(place._cdata != each._cdata for each in before):
                self.stages[place._cdata] = stage
                self.places.append(place)
        return result

    def until(self, tensor):
        """``tensor`` までの段数。"""
        return self._stage(tensor.untyped_storage())

    def _stage(self, place):
        return self.stages.get(place._cdata, 0)

    @staticmethod
    def _places(values):
        leaves = tree_leaves(values)
        return [each.untyped_storage() for each in leaves if isinstance(each, torch.Tensor)]


def written_out(a, b, h0):
    """漸化式を展開した、積の和。"""
    states = []
    for t in range(len(a)):
        terms = [a[k + 1 : t + 1].prod(0) * b[k] for k in range(t + 1)]
        states.append(a[: t + 1].prod(0) * h0 + sum(terms))
    return torch.stack(states)


def solved(a, b, h0):
    """漸化式のとおり 1 時刻ずつ進む。長い系列で使う。"""
    states = [h0]
    for a_t, b_t in zip(a, b, strict=True):
        states.append(a_t * states[-1] + b_t)
    return torch.stack(states[1:])


def check_scan_backward(f):
    """自動微分を使わずに、漸化式を自動微分した勾配を得る。"""
    rng = np.random.default_rng(113)
    names = ("grad_a (T, B, H, H)", "grad_b (T, B, H)", "grad_h0 (B, H)")
    for time, batch, size, scale in (
        (5, 3, 2, 1),
        (3, 1, 4, 1),
        (1, 2, 2, 1),
        (4, 3, 1, 1),
        (3, 2, 3, 1e5),
        (200, 1, 2, 1),
    ):
        a = torch.linalg.qr(normal(rng, time, batch, size, size))[0] * 1.005
        if time == 5:
            a[2] = normal(rng, batch, size, size) * 30
        b, grad_h, h0 = (normal(rng, *shape) for shape in (a.shape[:3], a.shape[:3], a.shape[1:3]))
        grad_h = scale * grad_h
        leaves = [each.clone().requires_grad_() for each in (a, b, h0)]
        state, states = leaves[2], []
        for a_t, b_t in zip(*leaves[:2], strict=True):
            state = (a_t * state.unsqueeze(-2)).sum(-1) + b_t
            states.append(state)
        h = torch.stack(states)
        want = torch.autograd.grad(h, leaves, grad_h)
        with without_autograd():
            got = f(a, h0, h.detach(), grad_h)
        expect(got, want, names)
    with without_autograd():
        got = f(*(each.detach().float() for each in (a, h0, h, grad_h)))
    expect(got, [each.float() for each in want], names)


def check_same_when_cut(f):
    """正しい層では None、誤りのある層では、最も小さい切れ目を返す。"""
    cases = list(cut_layers.cases())
    found = [f(layer, x) for _, layer, x, _ in cases]  # 先に全部を呼ぶと、誤りを見分けられる
    for got in found:
        number = isinstance(got, Integral) and not isinstance(got, bool)
        require_kind(got is None or number, got, "戻り値", "整数（int）か None ")
    sentence = "誤りのある層でも、戻り値はどれも None です。return を忘れていませんか。"
    require(set(found) != {None}, sentence, Stage.TYPE)
    for (what, _, _, want), got in zip(cases, found, strict=True):
        if want is None:
            sentence = f"{what}では、どこで切っても差は 1e-9 を超えません。{got!r} が返りました。"
            require(got is None, sentence)
        require(
            got == want,
            f"{what}では、食い違う切れ目のうち最も小さいものは {want} のはずですが、"
            f"{got!r} が返りました。",
        )


def candidate(v):
    """候補値に通す g。"""
    return torch.where(v < 0, 1 / (1 + torch.exp(-v)), v + 0.5)


def check_minlstm_forward(f):
    """割り算で書いた式と一致し、系列を切って続けても変わらない。"""
    rng = np.random.default_rng(115)
    names = ("output (B, T, H)", "h_n (B, H)")
    cases = [
        [
            normal(rng, b, t, d),
            normal(rng, b, h).abs() + 0.1,
            normal(rng, 3 * h, d),
            normal(rng, 3 * h),
        ]
        for b, t, d, h in ((3, 5, 4, 2), (1, 1, 2, 3), (2, 20, 3, 5))
    ]
    agree(f, minlstm_written_out, cases, names)
    agree_when_split(f, cases[0], at=2, states=1)
    x, h0, w, b = cases[0]
    for args in ((x, h0 * 1e3, 5 * w, b), (x, h0 * 1e-6, w / 100, b)):
        expect(f(*args), minlstm_written_out(*args), names)
    long = [normal(rng, 2, 300, 4), cases[0][1][:2], *cases[0][2:]]
    expect(f(*long), minlstm_written_out(*long), names)
    long_names = tuple(f"float32、T = 300 のときの {name}" for name in names)
    expect_single(f, minlstm_written_out, long, long_names)


def minlstm_written_out(x, h0, w, b):
    """ゲートを割り算で作り、漸化式のとおり進む。"""
    a = torch.einsum("btd,gd->tbg", x, w) + b
    i, f, v = a.chunk(3, dim=-1)
    i, f = 1 / (1 + torch.exp(-i)), 1 / (1 + torch.exp(-f))
    h = solved(f / (f + i), i * candidate(v) / (f + i), h0)
    return h.transpose(0, 1), h[-1]


def check_scan_costs(f):
    """実際に組をまとめて数えた段数と回数に一致する。"""
    for time in (1, 2, 6, 3, 4, 5, 7, 8, 9, 12, 31, 32, 33, 100, 1000, 1024, 1025):
        names = [
            [f"T = {time} のときの{way}の{what}" for what in ("段数", "回数")]
            for way in ("倍々", "木")
        ]
        expect(f(time), (counted(time, doubling), counted(time, tree)), names)


def counted(time, solve):
    """``solve`` に時刻の組をまとめさせ、段数と回数を数える。

    組は (初めの時刻, 終わりの時刻)。続いた 2 つだけがまとまり、終われば、どれも先頭から始まる。
    """
    stages = []

    def stage(pairs):
        assert all(earlier[1] + 1 == later[0] for earlier, later in pairs)
        if pairs:
            stages.append(len(pairs))
        return [(earlier[0], later[1]) for earlier, later in pairs]

    assert solve([(t, t) for t in range(time)], stage) == [(0, t) for t in range(time)]
    return len(stages), sum(stages)


def doubling(spans, stage):
    """幅を 2 倍ずつ広げる。"""
    width = 1
    while width < len(spans):
        spans = spans[:width] + stage(list(zip(spans, spans[width:], strict=False)))
        width *= 2
    return spans


def tree(spans, stage):
    """隣どうしをまとめた半分を解き、空いた所を埋める。"""
    if len(spans) == 1:
        return spans
    pairs = stage(list(zip(spans[::2], spans[1::2], strict=False)))
    answers = tree(pairs, stage)
    filled = stage(list(zip(answers, spans[2::2], strict=False)))
    whole = [spans[0]] * len(spans)
    whole[1::2], whole[2::2] = answers, filled
    return whole


def check_newton_step(f):
    """ヤコビ行列を自動微分で作って解いたものと一致し、k 回めで k 時刻めまで正確になる。"""
    rng = np.random.default_rng(117)
    for time, size, scale in ((5, 3, 1.0), (1, 2, 1.0), (4, 1, 1.0), (6, 2, 0.01), (3, 2, 4.0)):
        h, u = normal(rng, time, size), scale * normal(rng, time, size)
        w, h0 = scale * normal(rng, size, size), normal(rng, size)
        expect(f(h, u, w, h0), by_jacobian(h, u, w, h0), "新しい見当 (T, H)")
    time = 6
    u, w, h0 = normal(rng, time, 2), normal(rng, 2, 2), normal(rng, 2)
    true, h = rnn(u, w, h0), torch.zeros(time, 2)
    for k in range(1, time + 1):
        h = torch.as_tensor(f(h, u, w, h0))
        expect(
            h[:k], true[:k], f"見当を 0 から始めて {k} 回繰り返したときの、初めの {k} 時刻 (T, H)"
        )
    u, w = normal(rng, 300, 2), torch.tensor([[0.5, -0.6], [0.7, 0.4]])
    expect_single(f, by_jacobian, [h, u[:6], w, h0], "新しい見当 (T, H)")
    true = rnn(u, w, h0)
    expect(f(true, u, w, h0), true, "正しい状態を見当として渡したとき (T, H)")
    h = true + 0.1 * normal(rng, 300, 2)
    for _ in range(6):
        h = torch.as_tensor(f(h, u, w, h0))
    expect(h, true, "T = 300 の正しい状態の近くから始めて 6 回繰り返したとき (T, H)")


def rnn(u, w, h0):
    """単純 RNN を 1 時刻ずつ進める。"""
    states = [h0]
    for u_t in u:
        states.append(torch.tanh(w @ states[-1] + u_t))
    return torch.stack(states[1:])


def by_jacobian(h, u, w, h0):
    """全時刻の残差を自動微分したヤコビ行列で、ニュートン法を 1 回行う。"""

    def residual(h):
        before = torch.cat([h0.unsqueeze(0), h[:-1]])
        return h - torch.tanh(before @ w.T + u)

    matrix = torch.autograd.functional.jacobian(residual, h).reshape(h.numel(), h.numel())
    return h - torch.linalg.solve(matrix, residual(h).flatten()).reshape(h.shape)


EXERCISES = (
    Exercise(
        id="12.1",
        name="combine_softmax",
        title="注意も走査で",
        section="幅を 2 倍ずつ広げる",
        difficulty=3,
        minutes=30,
        hints=(
            "つないだ区間の最大値 m は、m1 と m2 の大きいほうです。",
            "d1 は e^(s_k - m1) の和です。e^(s_k - m) の和に直すには、何を掛ければよいでしょうか。",
            "e^(s_k - m) = e^(m1 - m) × e^(s_k - m1) です。d1 と n1 に e^(m1 - m)、d2 と n2 に "
            "e^(m2 - m) を掛けて足します。どちらも 1 以下です。",
        ),
        check=check_combine_softmax,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="12.2",
        name="reset_scan",
        title="区切りのある走査",
        section="幅を 2 倍ずつ広げる",
        difficulty=1,
        minutes=10,
        hints=(
            "時刻 t で前の状態を忘れる 1 次式は、a h + b の形で、どう書けるでしょうか。",
            "h_{t-1} が何であっても h_t = b_t になるのは、a_t が 0 のときです。",
            "start が真の所で a を 0 にしてから、いつもの走査で解きます。"
            "a の形は (T, B, H)、start は (T, B) です。",
        ),
        check=check_reset_scan,
    ),
    Exercise(
        id="12.3",
        name="scan_backward",
        title="行列の漸化式の逆伝播",
        section="逆伝播も走査になる",
        difficulty=3,
        minutes=30,
        hints=(
            "h_t が損失に届く道は 2 つあります。直接の grad_h[t] と、次の時刻の状態 "
            "h_{t+1} = a_{t+1} h_t + b_{t+1} です。",
            "2 つを足したものを λ_t とすると、後ろの時刻から来る分は、a_{t+1} を転置して λ_{t+1} に"
            "掛けたものです。最後の時刻では、この項がありません。",
            "grad_b は λ_t、grad_a は λ_t と h_{t-1}（t = 1 では h0）の外積です。"
            "grad_h0 は、a_1 を転置して λ_1 に掛けたものです。",
        ),
        check=check_scan_backward,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="12.4",
        name="same_when_cut",
        title="切っても同じかを試す",
        section="切っても同じか",
        difficulty=2,
        minutes=15,
        hints=(
            "切らずに 1 度読み、次に、切れ目 t を 1 から T - 1 まで動かします。",
            "x[:t] を読んで得た state を、そのまま layer(x[t:], state) に渡し、"
            "2 つの output をつなぎます。",
            "差の絶対値の最大を見ます。nan と比べると、> も < も偽になります。"
            "「1e-9 以下でないとき」と書けば、nan も見つかります。",
        ),
        check=check_same_when_cut,
    ),
    Exercise(
        id="12.5",
        name="minlstm_forward",
        title="対数で解く minLSTM",
        section="対数で解く",
        difficulty=2,
        minutes=20,
        hints=(
            "誤りは 2 つあります。1 つはゲートの割合に、もう 1 つは初期状態にあります。",
            "f / (f + i) = 1 / (1 + i / f) なので、difference は log i - log f のはずです。"
            "softplus(x) は log(1 + exp(x)) で、シグモイドの対数は -softplus(-x) です。",
            "log_g は、候補値 g(v) の対数です。h0 はすでに状態なので、h0.log() を使います。",
        ),
        check=check_minlstm_forward,
        kind=Kind.MEND,
    ),
    Exercise(
        id="12.6",
        name="scan_costs",
        title="走査の段数と回数",
        section="幅を 2 倍ずつ広げる",
        difficulty=2,
        minutes=25,
        hints=(
            "倍々では、幅 w の段に T - w 回まとめます。w は 1、2、4、… で、T より小さいものです。",
            "木では、まず T // 2 回、次に T // 2 個の問題、最後に (T - 1) // 2 回です。"
            "T = 1 なら 0 段 0 回です。",
            "木の段数は、半分の問題の段数に 2 を足したものです。"
            "ただし T = 2 では、埋める所がないので 1 段です。",
        ),
        check=check_scan_costs,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="12.7",
        name="newton_step",
        title="RNN をニュートン法で解く",
        section="全時刻をいっしょに解く",
        difficulty=3,
        minutes=40,
        hints=(
            "見当 h_{t-1} での tanh の値を p_t とします。h_{t-1} が d だけ動けば、tanh は、"
            "1 次までなら (1 - p_t**2) * (w @ d) だけ動きます。",
            "新しい見当を k とすると、k_t = p_t + (1 - p_t**2) * (w @ (k_{t-1} - h_{t-1})) です。"
            "右辺の k は 1 つ前の時刻なので、前から順に解けます。",
            "時刻 1 では、1 つ前は見当も新しい見当も h0 なので、k_1 は p_1 になります。",
        ),
        check=check_newton_step,
        kind=Kind.DERIVE,
    ),
)
