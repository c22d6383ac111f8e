"""「並列に計算する再帰」の練習。"""

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise, require
from tests.exercises.engine.recurrent import agree, agree_when_split, normal


def check_combine(f):
    """続けて行ったときの傾きと切片に一致する。"""
    rng = np.random.default_rng(111)
    shapes = ((3, 4), (5,), (1, 2, 3))
    cases = [[normal(rng, *shape) for _ in range(4)] for shape in shapes]
    agree(f, applied_in_turn, cases, ("a", "b"))


def applied_in_turn(a1, b1, a2, b2):
    """2 つの 1 次式を h = 0 と h = 1 に続けて行い、傾きと切片を読み取る。"""
    at_zero, at_one = (a2 * (a1 * h + b1) + b2 for h in (0.0, 1.0))
    return at_one - at_zero, at_zero


def check_doubling_scan(f):
    """どの T でも漸化式の展開と一致し、時刻の数だけの演算をしない。"""
    rng = np.random.default_rng(112)
    shapes = ((11, 3, 2), (8, 1, 4), (2, 2, 3), (1, 2, 2))
    cases = [
        [normal(rng, *shape), normal(rng, *shape), normal(rng, *shape[1:])] for shape in shapes
    ]
    agree(f, written_out, cases, "h (T, B, H)")
    time = 512
    a, b, h0 = normal(rng, time, 1, 1).sigmoid(), normal(rng, time, 1, 1), normal(rng, 1, 1)
    with Counter() as counter:
        f(a, b, h0)
    require(
        counter.operations < time,
        f"値は合っていますが、T = {time} で演算が {counter.operations} 回ありました。"
        "時刻を 1 つずつ進まずに、全時刻をまとめて計算してください。",
    )


class Counter(TorchFunctionMode):
    """この中で行われたテンソルの演算を数える。"""

    def __init__(self):
        super().__init__()
        self.operations = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.operations += 1
        return function(*args, **(kwargs or {}))


def written_out(a, b, h0):
    """漸化式を展開した、積の和。"""
    states = []
    for t in range(len(a)):
        terms = [a[k + 1 : t + 1].prod(0) * b[k] for k in range(t + 1)]
        states.append(a[: t + 1].prod(0) * h0 + sum(terms))
    return torch.stack(states)


def check_scan_backward(f):
    """展開した式を自動微分した勾配に一致する。"""
    rng = np.random.default_rng(113)
    for shape in ((5, 3, 2), (3, 1, 4), (1, 2, 2)):
        a, b, grad_h = (normal(rng, *shape) for _ in range(3))
        h0 = normal(rng, *shape[1:])
        leaves = [each.clone().requires_grad_() for each in (a, b, h0)]
        h = written_out(*leaves)
        want = torch.autograd.grad(h, leaves, grad_h)
        names = ("grad_a (T, B, H)", "grad_b (T, B, H)", "grad_h0 (B, H)")
        expect(f(a, h0, h.detach(), grad_h), want, names)


def check_mingru_forward(f):
    """展開した式と一致し、系列を切って続けても変わらない。"""
    rng = np.random.default_rng(114)
    cases = [
        [
            normal(rng, b, t, d),
            normal(rng, b, h).abs() + 0.1,
            *(normal(rng, h, d) for _ in range(2)),
            *(normal(rng, h) for _ in range(2)),
        ]
        for b, t, d, h in ((3, 5, 4, 2), (1, 1, 2, 3), (2, 6, 3, 5))
    ]
    agree(f, mingru_written_out, cases, ("output (B, T, H)", "h_n (B, H)"))
    agree_when_split(f, cases[0], at=2, states=1)


def mingru_written_out(x, h0, w_z, w_n, b_z, b_n):
    """係数を作り、展開した式に入れる。"""
    k = torch.einsum("btd,hd->tbh", x, w_z) + b_z
    v = torch.einsum("btd,hd->tbh", x, w_n) + b_n
    candidate = torch.where(v < 0, 1 / (1 + torch.exp(-v)), v + 0.5)
    h = written_out(1 / (1 + torch.exp(-k)), candidate / (1 + torch.exp(k)), h0)
    return h.transpose(0, 1), h[-1]


EXERCISES = (
    Exercise(
        id="12.1",
        name="combine",
        title="2 つの 1 次式をまとめる",
        section="1 次式をまとめる",
        difficulty=1,
        minutes=10,
        hints=(
            "a1 h + b1 を、2 つめの 1 次式の h に代入します。",
            "a2 (a1 h + b1) + b2 を展開し、h の係数と、残りに分けます。",
        ),
        check=check_combine,
    ),
    Exercise(
        id="12.2",
        name="doubling_scan",
        title="幅を 2 倍ずつ広げて漸化式を解く",
        section="幅を 2 倍ずつ広げる",
        difficulty=2,
        minutes=25,
        hints=(
            "幅 w の段では、どの時刻 t も、時刻 t - w の組とまとめます。t < w の組はそのままです。",
            "時刻 t - w の組は a[:-w]、時刻 t の組は a[w:] です。新しい a と b は、"
            "torch.cat([a[:w], …]) でつなぎます。b を作るときは、まとめる前の a を使います。",
            "w を 1、2、4、… と、T に届くまで 2 倍にします。最後に a * h0 + b を返します。",
        ),
        check=check_doubling_scan,
    ),
    Exercise(
        id="12.3",
        name="scan_backward",
        title="漸化式の逆伝播を手で書く",
        section="逆伝播も走査になる",
        difficulty=3,
        minutes=30,
        hints=(
            "h_t が損失に届く道は 2 つあります。直接の grad_h[t] と、次の時刻の状態 "
            "h_{t+1} = a_{t+1} h_t + b_{t+1} です。",
            "2 つを足したものを λ_t とすると λ_t = grad_h[t] + a_{t+1} λ_{t+1} で、最後の時刻では"
            "第 2 項がありません。後ろの時刻から求めます。",
            "grad_b は λ_t、grad_a は λ_t h_{t-1}（t = 1 では h0）、grad_h0 は a_1 λ_1 です。",
        ),
        check=check_scan_backward,
    ),
    Exercise(
        id="12.4",
        name="mingru_forward",
        title="候補値が正の minGRU",
        section="対数で解くときの落とし穴",
        difficulty=2,
        minutes=20,
        hints=(
            "z と v は、x @ w.T + b で全時刻を一度に計算できます。",
            "a = z、b = (1 - z) g(v) とすれば、漸化式 h_t = a_t h_{t-1} + b_t です。"
            "1 時刻ずつ解いても、練習 12.2 の関数で解いてもかまいません。",
            "h0 は、すでに状態です。g を通すのは候補値だけで、状態には通しません。",
        ),
        check=check_mingru_forward,
    ),
)
