"""「RNN とその限界」の練習。"""

import contextlib
from unittest import mock

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.compare import expect, same
from tests.exercises.engine.exercise import Exercise, Incorrect, Stage
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_split,
    cell_cases,
    layer_cases,
    normal,
    run_torch,
)


def torch_rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """nn.RNNCell による正解。"""
    cell = nn.RNNCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, h)


def torch_rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    """nn.RNN による正解。"""
    layer = nn.RNN(x.shape[2], h0.shape[1], batch_first=True)
    output, h_n = run_torch(layer, (w_ih, w_hh, b_ih, b_hh), x, h0[None], suffix="_l0")
    return output, h_n[0]


def check_rnn_step(f):
    """値と勾配が nn.RNNCell と一致する。"""
    agree(f, torch_rnn_step, cell_cases(gates=1, states=1), "h_new (B, H)")


def check_rnn_forward(f):
    """値と勾配が nn.RNN と一致し、系列を切って続けても変わらない。"""
    cases = layer_cases(gates=1, states=1)
    agree(f, torch_rnn_forward, cases, ("output (B, T, H)", "h_n (B, H)"))
    agree_when_split(f, cases[0], at=2, states=1)


def check_rnn_bptt(f):
    """自動微分を使わずに、自動微分と同じ勾配を得る。"""
    keys = ("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
    axes = ("(B, T, D)", "(B, H)", "(H, D)", "(H, H)", "(H,)", "(H,)")
    names = {key: f"{key} の勾配 {axis}" for key, axis in zip(keys, axes, strict=True)}
    rng = np.random.default_rng(13)
    for args in layer_cases(gates=1, states=1):
        grad_h_n = normal(rng, *args[1].shape)
        with without_autograd():
            got = f(*args, grad_h_n)
        leaves = [each.clone().requires_grad_() for each in args]
        _, h_n = torch_rnn_forward(*leaves)
        want = torch.autograd.grad((h_n * grad_h_n).sum(), leaves)
        expect(got, dict(zip(keys, want, strict=True)), names)


@contextlib.contextmanager
def without_autograd():
    """中で自動微分（逆向きも前向きも、torch.func も）を使ったら要修正とする。"""
    sentence = "自動微分を使っています。この問では、勾配の式を自分で書いてください。"

    def refuse(*_):
        raise Incorrect(Stage.RUN, sentence)

    backward = torch.autograd.graph.saved_tensors_hooks(refuse, refuse)
    forward = mock.patch.object(torch.autograd.forward_ad, "enter_dual_level", refuse)
    try:
        with backward, forward:
            yield
    except Incorrect as incorrect:
        if "saved tensor hooks" in incorrect.sentence:  # torch.func.vjp などの言い分
            refuse()
        raise


def check_state_jacobian(f):
    """本物の RNN を自動微分して求めた dh_T/dh_1 と一致する。T = 1 なら単位行列。"""
    rng = np.random.default_rng(14)
    for steps, size in ((5, 3), (2, 4), (1, 2)):
        w_hh = normal(rng, size, size)
        drive = normal(rng, steps - 1, size)

        def run(first, w_hh=w_hh, drive=drive):
            states = [first]
            for each in drive:
                states.append(torch.tanh(w_hh @ states[-1] + each))
            return torch.stack(states)

        first = torch.tanh(normal(rng, size))
        want = torch.autograd.functional.jacobian(lambda h, run=run: run(h)[-1], first)
        expect(f(w_hh, run(first)), want, "ヤコビ行列 (H, H)")


def check_clip_by_global_norm(f):
    """大きければちょうど max_norm に、小さければそのまま。PyTorch の 1e-6 はあってもよい。"""
    rng = np.random.default_rng(15)
    grads = [normal(rng, 3, 4), normal(rng, 5), normal(rng, 2, 1, 2)]
    zeros = [torch.zeros(2, 3), torch.zeros(4)]
    names = ("切った勾配", "切る前のノルム")
    for each, max_norm in ((grads, 1.5), (grads, 100.0), (grads[:1], 0.5), (zeros, 1.0)):
        norm = float(np.sqrt(sum((g.numpy() ** 2).sum() for g in each)))
        got = f(each, max_norm)
        if not same(got, (clipped(each, max_norm, norm + 1e-6), norm)):
            expect(got, (clipped(each, max_norm, norm), norm), names)


def clipped(grads, max_norm, norm):
    """ノルムが ``norm`` の勾配を、``max_norm`` に切ったもの。"""
    return [g * (max_norm / norm) if norm > max_norm else g for g in grads]


EXERCISES = (
    Exercise(
        id="1.1",
        name="rnn_step",
        title="RNN を 1 時刻進める",
        section="6 行の RNN",
        difficulty=1,
        minutes=10,
        hints=(
            "入力からの項と、前の隠れ状態からの項を足し、tanh に通します。",
            "x は (B, D)、w_ih は (H, D) なので、w_ih を転置して x @ w_ih.T と掛けます。",
            "足す項は 4 つです。x @ w_ih.T、b_ih、h @ w_hh.T、b_hh。",
        ),
        check=check_rnn_step,
    ),
    Exercise(
        id="1.2",
        name="rnn_forward",
        title="RNN で系列を端まで読む",
        section="セルと層を自分で書く",
        difficulty=1,
        minutes=15,
        hints=(
            "時刻 t の入力は x[:, t] です。練習 1.1 の rnn_step を T 回くり返します。",
            "毎回の隠れ状態をリストにためます。次の時刻へ渡すのは、今できた隠れ状態です。",
            "torch.stack(リスト, dim=1) で (B, T, H) になります。h_n は最後の隠れ状態です。",
        ),
        check=check_rnn_forward,
    ),
    Exercise(
        id="1.3",
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
        id="1.4",
        name="state_jacobian",
        title="隠れ状態のヤコビ行列",
        section="勾配はヤコビ行列の積になる",
        difficulty=2,
        minutes=20,
        hints=(
            "h_t = tanh(w_hh h_{t-1} + …) を h_{t-1} で微分すると、tanh の微分 × w_hh です。",
            "1 時刻ぶんは diag(1 - h_t**2) @ w_hh です。左から掛けた対角行列は、行を定数倍します。",
            "単位行列から始め、t = 2, …, T の順に、新しいものを左から掛けていきます。",
        ),
        check=check_state_jacobian,
    ),
    Exercise(
        id="1.5",
        name="clip_by_global_norm",
        title="全体のノルムでクリップする",
        section="爆発は、クリッピングで止まる",
        difficulty=1,
        minutes=10,
        hints=(
            "全体のノルムは、すべてのテンソルのすべての要素の二乗を足して、平方根を取ったものです。",
            "ノルムが max_norm より大きいときだけ、どのテンソルにも max_norm / ノルム を掛けます。",
            "ノルムが 0 のときに 0 で割らないように。返すノルムは切る前のものです。",
        ),
        check=check_clip_by_global_norm,
    ),
)
