"""「RNN とその限界」の練習。"""

import math
from numbers import Real

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.cases import expect_single
from tests.exercises.engine.compare import apart, expect, same
from tests.exercises.engine.counting import Products
from tests.exercises.engine.exercise import Exercise, Kind, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_saturated,
    agree_when_split,
    layer_cases,
    normal,
    run_torch,
)


def torch_rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    """nn.RNN による正解。"""
    layer = nn.RNN(x.shape[2], h0.shape[1], batch_first=True)
    output, h_n = run_torch(layer, (w_ih, w_hh, b_ih, b_hh), x, h0[None], suffix="_l0")
    return output, h_n[0]


def check_rnn_forward(f):
    """値と勾配が nn.RNN と一致し、系列を切って続けても変わらない。勾配は 450 時刻戻る。"""
    cases = [*layer_cases(gates=1, states=1), long_case()]
    names = ("output (B, T, H)", "h_n (B, H)")
    agree(f, torch_rnn_forward, cases, names)
    agree_when_saturated(f, torch_rnn_forward, cases[0], names)
    agree_when_split(f, cases[0], at=2, states=1)


def long_case():
    """勾配が消えも爆発もしない、長い系列。w_hh は直交行列で、入力は小さい。"""
    rng = np.random.default_rng(16)
    b, t, d, h = 2, 450, 3, 4
    w_hh = torch.linalg.qr(normal(rng, h, h)).Q
    biases = [0.001 * normal(rng, h) for _ in range(2)]
    return [0.003 * normal(rng, b, t, d), 0.1 * normal(rng, b, h), normal(rng, h, d), w_hh, *biases]


def torch_rnn_bptt(*args):
    """nn.RNN を自動微分した正解。"""
    *leaves, grad_h_n = [each.clone().requires_grad_() for each in args]
    _, h_n = torch_rnn_forward(*leaves)
    grads = torch.autograd.grad((h_n * grad_h_n.detach()).sum(), leaves)
    return dict(zip(("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh"), grads, strict=True))


def check_rnn_bptt(f):
    """自動微分を使わずに、自動微分と同じ勾配を得る。長い系列でも、大きな勾配でも。"""
    axes = {"x": "(B, T, D)", "h0": "(B, H)", "w_ih": "(H, D)", "w_hh": "(H, H)"}
    axes |= {"b_ih": "(H,)", "b_hh": "(H,)"}
    names = {key: f"{key} の勾配 {axis}" for key, axis in axes.items()}
    rng = np.random.default_rng(13)
    cases = [
        [*args, normal(rng, *args[1].shape)]
        for args in (*layer_cases(gates=1, states=1), long_case())
    ]
    *args, grad_h_n = cases[0]
    for each in (*cases, [*args, 1e4 * grad_h_n]):
        with without_autograd():
            got = f(*each)
        expect(got, torch_rnn_bptt(*each), names)
    expect_single(f, torch_rnn_bptt, cases[0], names)


def check_state_jacobians(f):
    """本物の RNN を自動微分して求めた dh_T/dh_t と、どの t でも一致する。積は T に比例する回数。"""
    rng = np.random.default_rng(14)
    orthogonal = torch.linalg.qr(normal(rng, 3, 3)).Q
    for steps, w_hh, scale in (
        (5, normal(rng, 3, 3), 1.0),
        (2, normal(rng, 4, 4), 1.0),
        (1, normal(rng, 2, 2), 1.0),
        (300, orthogonal, 0.003),
    ):
        drive = scale * normal(rng, steps, len(w_hh))

        def run(nudges, w_hh=w_hh, drive=drive):
            """状態を 1 つずつ ``nudges`` だけ動かしながら進めた、すべての状態。"""
            states = [torch.tanh(drive[0]) + nudges[0]]
            for each, nudge in zip(drive[1:], nudges[1:], strict=True):
                states.append(torch.tanh(w_hh @ states[-1] + each) + nudge)
            return torch.stack(states)

        still = torch.zeros_like(drive)
        jacobian = torch.autograd.functional.jacobian(lambda n, run=run: run(n)[-1], still)
        want = jacobian.transpose(0, 1)  # (h_T の成分, 時刻, h_t の成分) から
        hidden = run(still)
        with Products() as products:
            got = f(w_hh, hidden)
        expect(got, want, "ヤコビ行列 (T, H, H)")
        limit = 3 * steps
        require(
            products.elements <= limit * w_hh.numel(),
            f"値は合っていますが、T = {steps} のとき、行列の積が {limit} 回より多くなりました。"
            "1 つ後の時刻で求めた積を使えば、1 回掛け足すだけで済みます。",
        )
        expect_single(f, lambda *_, want=want: want, [w_hh, hidden], "ヤコビ行列 (T, H, H)")


def check_remember_sign(f):
    """返った重みの 1 ユニットが、最後の符号を守り、h_1 の小さな動きを h_50 まで伝える。"""
    got = f()
    got = got.tolist() if isinstance(got, torch.Tensor | np.ndarray) and got.ndim == 1 else got
    if not isinstance(got, tuple | list) or len(got) != 3:
        expect(got, (0.0, 0.0, 0.0), "(w, u, b)")
    w, u, b = (number(value, name) for value, name in zip(got, "wub", strict=True))
    for value, name in zip((w, u, b), "wub", strict=True):
        require(math.isfinite(value), f"{name} は有限の数のはずですが、{value} でした。")
    for x in sign_sequences():
        remember(w, u, b, x)
    for first in (1, -1):
        reach_the_end(w, u, b, first)


def sign_sequences():
    """-1、0、1 の列。どれも 0 でない数で始まる。"""
    rng = np.random.default_rng(14)
    for sign in (1, -1):
        yield [sign] + 1000 * [0]
        yield [sign, -sign] + 300 * [0]
        yield 30 * [sign] + [-sign] + 300 * [0] + 30 * [sign]  # 張り付いた所から、1 度で裏返る
        yield [sign] + 300 * [0] + [-sign] + 300 * [0] + [sign]
        yield 20 * [sign, -sign]
    for zeros in (0.0, 0.5, 0.9, 0.98):
        for _ in range(3):
            x = rng.choice([-1, 0, 1], 400, p=[(1 - zeros) / 2, zeros, (1 - zeros) / 2])
            yield [int(rng.choice([-1, 1])), *map(int, x)]


def remember(w, u, b, x):
    """どの時刻でも、h の符号が最後の 0 でない入力と同じで、大きさが 0.5 以上。"""
    h, last, since = 0.0, 0, 0
    for t, x_t in enumerate(x, 1):
        h = math.tanh(w * h + u * x_t + b)
        last, since = (x_t, t) if x_t else (last, since)
        wish, shown = "0.5 以上" if last > 0 else "-0.5 以下", apart(0.5 * last, h, 3)[1]
        when = f"てから、0 が {t - since} 回続いた" if t > since else "た"
        require(
            last * h >= 0.5 - 1e-12,  # nan も退ける
            f"時刻 {since} に {last:+d} が来{when}とき、h は {wish}のはずですが、"
            f"{shown} でした（{reason(last * h, t, since)}）。",
        )


def reason(kept, t, since):
    """覚えそこねたわけを見つける手がかり。"""
    if t == 1:
        return "h_0 = 0 なので、h_1 を決めるのは u と b だけです"
    if t == since:
        return "前の状態から来る w h に、u x が足りていません"
    if kept < 0:
        return "入力のないあいだに、符号が変わりました"
    return "入力のないあいだ、h は h = tanh(w h + b) となる値に近づきます"


def reach_the_end(w, u, b, first):
    """h_1 を動かしたときの h_50 の動きが、その 1e-9 倍より大きい。"""
    h, slope = math.tanh(u * first + b), 1.0
    for _ in range(49):
        h = math.tanh(w * h + b)
        slope *= w * (1 - h * h)
    require(
        abs(slope) > 1e-9,
        f"最後の符号は覚えていますが、x_1 = {first} のあと 0 が続くと、h_50 は、h_1 を動かした幅の"
        f" {slope:.2g} 倍しか動きません（1e-9 倍より大きいはず）。"
        f"h_50 は {h:.3g} で、1 時刻の倍率 w (1 - h**2) は {w * (1 - h * h):.2g} です。",
    )


# 分母に足してよい数。PyTorch は 1e-6 を足す。
EPSILONS = (0.0, 1e-12, 1e-8, 1e-7, 1e-6)


def check_clip_by_global_norm(f):
    """大きければちょうど max_norm に、小さければそのまま。境目のすぐ上、ちょうど、すぐ下でも。"""
    rng = np.random.default_rng(15)
    grads = [normal(rng, 3, 4), normal(rng, 5), normal(rng, 2, 1, 2)]
    zeros = [torch.zeros(2, 3), torch.zeros(4)]
    unit = [grad / global_norm(grads) for grad in grads]
    cases = [(grads, 1.5), (grads, 100.0), (grads[:1], 0.5), (zeros, 1.0)]
    # ノルムと max_norm。二乗してから比べると、間違える組を含む。
    pairs = [(2.0, 3.0), (0.5, 0.4), (2.002, 2.0), (2.0, 2.0), (1.998, 2.0), (1e60, 1.5)]
    cases += [([size * grad for grad in unit], max_norm) for size, max_norm in pairs]
    for each, max_norm in cases:
        norm = global_norm(each)
        got = f(each, max_norm)
        if not any(same(got, (clipped(each, max_norm, norm + e), norm)) for e in EPSILONS):
            shown = f"ノルム {norm:.5g}、max_norm {max_norm:g} のときの"
            want = clipped(each, max_norm, norm), norm
            expect(got, want, (f"{shown}切った勾配", f"{shown}切る前のノルム"))
    want = clipped(grads, 1.5, global_norm(grads))
    expect_single(lambda *args: f(*args)[0], lambda *_: want, [grads, 1.5], "切った勾配")


def global_norm(grads):
    """すべてのテンソルのすべての要素の二乗の和の、平方根。"""
    return float(np.sqrt(sum((grad.numpy() ** 2).sum() for grad in grads)))


def clipped(grads, max_norm, norm):
    """ノルムが ``norm`` の勾配を、``max_norm`` に切ったもの。"""
    return [g * (max_norm / norm) if norm > max_norm else g for g in grads]


def check_largest_learning_rate(f):
    """返した学習率のすぐ下では損失が減り、すぐ上では増える。勾配降下法を実際に走らせる。"""
    rng = np.random.default_rng(17)
    for b, t, w, dtype in (
        (4, 6, 0.9, torch.float64),
        (3, 5, -0.7, torch.float32),
        (1, 1, 0.5, torch.float64),
        (2, 8, 1.0, torch.float64),
        (5, 4, 0.0, torch.float64),
        (3, 40, 1.1, torch.float64),
        (2, 200, 0.99, torch.float64),
    ):
        x = normal(rng, b, t).to(dtype)
        shown = f"x の形が ({b}, {t})、w = {w} のとき、"
        rate = number(f(x, w), "学習率の上限")
        require(0 < rate < np.inf, f"{shown}学習率は正の数のはずですが、{rate:g} でした。")
        loss, target, worst = last_step_loss(x.double(), w)
        for factor in (0.995, 1.005):
            theta = target + worst
            for _ in range(UPDATES):
                theta = theta - factor * rate * torch.autograd.functional.jacobian(loss, theta)
            before, after = loss(target + worst).item(), loss(theta).item()
            first, last = apart(before, after, 3)
            asked, came = ("減る", "増え") if factor < 1 else ("増える", "減り")
            require(
                (after < before) == (factor < 1),
                f"{shown}返した {rate:.5g} の {factor} 倍の学習率では損失が{asked}はずですが、"
                f"{UPDATES} 回の更新で {first} から {last} に{came}ました。",
            )


# 境目から 0.5 % ずれた学習率で、増えるか減るかを見分けるのに足りる回数。
UPDATES = 6


def number(value, name):
    """実数か、0 次元のテンソルや配列を float にする。"""
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0:
        value = value.item()
    expect(value, float(value) if isinstance(value, Real) else 0.0, name)
    return float(value)


def last_step_loss(x, w):
    """底を決めた損失と、その底 (u, b) と、いちばん曲がり方の大きい向き。"""
    target = torch.tensor([0.4, -0.3])

    def last(theta):
        h = torch.zeros(len(x))
        for x_t in x.unbind(1):
            h = w * h + theta[0] * x_t + theta[1]
        return h

    y = last(target)

    def loss(theta):
        return (last(theta) - y).square().mean()

    hessian = torch.autograd.functional.hessian(loss, target)
    return loss, target, torch.linalg.eigh(hessian).eigenvectors[:, -1]


EXERCISES = (
    Exercise(
        id="1.1",
        name="rnn_forward",
        title="RNN で系列を端まで読む",
        section="セルと層を自分で書く",
        difficulty=1,
        minutes=10,
        hints=(
            "値は合っているので、前向きの計算に誤りはありません。"
            "T = 2 のとき、h_2 から h_1 を通って x_1 まで勾配が戻れるかを、矢印でたどります。",
            "detach は、値を変えずに、そこから先へ勾配が戻らないようにします。"
            "前の隠れ状態から切れば、どの時刻の勾配も、その時刻の中で止まります。",
            "同じ系列の途中では切りません。切ってよいのは、一度逆伝播した系列の続きを、"
            "次の更新で読み始めるときだけです。",
        ),
        check=check_rnn_forward,
        kind=Kind.MEND,
    ),
    Exercise(
        id="1.2",
        name="rnn_bptt",
        title="BPTT を手で書く",
        section="時間をさかのぼる逆伝播",
        difficulty=3,
        minutes=45,
        hints=(
            "まず前向きに進めて、h_0 から h_T までをすべて残します。後ろ向きには t = T から 1 へ。",
            "a_t = w_ih x_t + b_ih + w_hh h_{t-1} + b_hh とすると h_t = tanh(a_t) です。"
            "a_t の勾配は、h_t の勾配に 1 - h_t**2 を掛けたものです。",
            "a_t の勾配を da (B, H) とすると、w_hh の勾配には da.T @ h_{t-1}、w_ih の勾配には"
            " da.T @ x_t、2 つのバイアスには da.sum(0) を、すべての時刻について足します。",
            "1 つ前の隠れ状態の勾配は da @ w_hh、入力の勾配は da @ w_ih です（転置しません）。",
        ),
        check=check_rnn_bptt,
    ),
    Exercise(
        id="1.3",
        name="state_jacobians",
        title="すべての時刻からのヤコビ行列",
        section="勾配はヤコビ行列の積になる",
        difficulty=2,
        minutes=20,
        hints=(
            "T = 3 の 3 つを書き出します。dh_3/dh_3 は単位行列、dh_3/dh_2 は 1 時刻ぶん、"
            "dh_3/dh_1 は 2 時刻ぶんの積です。隣どうしは、何が違うでしょうか。",
            "dh_T/dh_{t-1} は、dh_T/dh_t に dh_t/dh_{t-1} を右から掛けたものです。"
            "単位行列から始め、t = T, …, 2 の順に進みます。前から掛けると dh_t/dh_1 になります。",
            "dh_t/dh_{t-1} は diag(1 - h_t**2) @ w_hh です。"
            "h_t は、0 から数えると hidden[t - 1] です。"
            "求めた順は新しい時刻からなので、最後に逆順にして torch.stack します。",
        ),
        check=check_state_jacobians,
    ),
    Exercise(
        id="1.4",
        name="remember_sign",
        title="最後の知らせを覚える 1 ユニット",
        section="積は消えるか、爆発する",
        difficulty=2,
        minutes=25,
        hints=(
            "b = 0 として、3 つに分けます。0 が続いても縮まないこと、反対の符号の入力で"
            "裏返ること、h_1 の小さな動きが h_50 まで届くこと。",
            "0 が続くと、h は h = tanh(w h) となる値に近づきます。その値が 0.5 になる w は、"
            "math.atanh で求まります。裏返るには、u が w よりどれだけ大きければよいでしょうか。",
            "動きの倍率は、w * (1 - h**2) を時刻ごとに掛けたものです。w を大きくすると、"
            "h は 1 に近づき、1 - h**2 は w よりずっと速く小さくなります。"
            "w は、縮まない下限から 1 割も離せません。",
        ),
        check=check_remember_sign,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="1.5",
        name="clip_by_global_norm",
        title="全体のノルムでクリップする",
        section="大きすぎる勾配は、クリッピングで縮める",
        difficulty=1,
        minutes=10,
        hints=(
            "勾配が (3, 4)、max_norm が 1 のとき、このコードは何を返すでしょうか。"
            "元の勾配と、向きは同じでしょうか。",
            "ノルムが max_norm より大きいときだけ、max_norm をノルムで割った、同じ数を、"
            "どのテンソルにも掛けます。",
            "返すノルムは切る前のものです。ノルムが 0 のときに 0 で割らないように。",
        ),
        check=check_clip_by_global_norm,
        kind=Kind.MEND,
    ),
    Exercise(
        id="1.6",
        name="largest_learning_rate",
        title="発散しない学習率の上限",
        section="積は消えるか、爆発する",
        difficulty=3,
        minutes=40,
        hints=(
            "h_T を、u と x の式の積に、b と w だけの式の積を足した形に書きます。"
            "x_t は T - t 回 w を掛けられて h_T に届きます。b は毎時刻足されます。",
            "損失は u と b の 2 次式なので、曲がり方（ヘッセ行列）はどこでも同じです。"
            "h_T の u と b についての微分を並べたベクトルを s とすると、ヘッセ行列は"
            " 2 s s^T の系列についての平均です。",
            "固有値 λ の方向の誤差は、1 回の更新で 1 - 学習率 × λ 倍になります。"
            "この絶対値が 1 を超えないためには、学習率は 2 / λ までです。"
            "いちばん厳しいのは、どの λ でしょうか。",
            "固有値は torch.linalg.eigvalsh で求まります。小さい順に並びます。",
        ),
        check=check_largest_learning_rate,
        kind=Kind.DERIVE,
    ),
)
