"""「BPTT を書いて、速くする」の練習。"""

import numpy as np
import torch
from torch import nn

from tests.exercises.ch01.checks import without_autograd
from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise
from tests.exercises.engine.recurrent import normal, run_torch, weights

RNN_NAMES = {
    "x": "x の勾配 (B, D)",
    "h": "h の勾配 (B, H)",
    "w_ih": "w_ih の勾配 (H, D)",
    "w_hh": "w_hh の勾配 (H, H)",
    "b": "b の勾配 (H,)",
}


def check_rnn_step_backward(f):
    """自動微分を使わずに、nn.RNNCell を自動微分したのと同じ勾配を得る。"""
    rng = np.random.default_rng(101)
    for batch, d, size in ((4, 5, 3), (1, 2, 6)):
        x, h, dh = normal(rng, batch, d), normal(rng, batch, size), normal(rng, batch, size)
        w_ih, w_hh, b_ih, b_hh = weights(rng, d, size, gates=1)
        leaves = [each.clone().requires_grad_() for each in (x, h, w_ih, w_hh, b_ih)]
        cell = nn.RNNCell(d, size)
        h_new = run_torch(cell, (*leaves[2:], b_hh), leaves[0], leaves[1])
        want = torch.autograd.grad((h_new * dh).sum(), leaves)
        with without_autograd():
            got = f(dh, x, h, h_new.detach(), w_ih, w_hh)
        expect(got, dict(zip(RNN_NAMES, want, strict=True)), RNN_NAMES)


def check_lstm_step_backward(f):
    """自動微分を使わずに、LSTM を自動微分したのと同じ勾配を得る。"""
    rng = np.random.default_rng(102)
    for batch, size in ((4, 3), (1, 5)):
        inner, w_hh = normal(rng, batch, 4 * size), normal(rng, 4 * size, size)
        h, c, dh, dc = (normal(rng, batch, size) for _ in range(4))
        # バイアスに相当する項を葉にすると、その勾配が delta になる
        h_leaf, c_leaf = h.clone().requires_grad_(), c.clone().requires_grad_()
        extra = torch.zeros_like(inner).requires_grad_()
        eye = torch.eye(4 * size)
        zeros = torch.zeros(4 * size)
        h_new, c_new = run_torch(
            nn.LSTMCell(4 * size, size), (eye, w_hh, zeros, zeros), inner + extra, (h_leaf, c_leaf)
        )
        want = torch.autograd.grad((h_new * dh + c_new * dc).sum(), (extra, h_leaf, c_leaf))
        a = (inner + h @ w_hh.T).chunk(4, dim=1)
        gates = torch.cat([a[0].sigmoid(), a[1].sigmoid(), a[2].tanh(), a[3].sigmoid()], dim=1)
        with without_autograd():
            got = f(dh, dc, gates, c, c_new.detach(), w_hh)
        expect(got, want, ("delta (B, 4H)", "dh (B, H)", "dc (B, H)"))


def check_weight_gradients(f):
    """時刻と系列を一つずつ、外積で足したものと一致する。"""
    rng = np.random.default_rng(103)
    names = {"w_ih": "w_ih の勾配 (GH, D)", "w_hh": "w_hh の勾配 (GH, H)", "b": "b の勾配 (GH,)"}
    for batch, steps, d, size, gates in ((3, 4, 2, 5, 4), (1, 6, 3, 2, 1), (2, 1, 4, 3, 3)):
        delta, x = normal(rng, batch, steps, gates * size), normal(rng, batch, steps, d)
        hidden, h_0 = normal(rng, batch, steps, size), normal(rng, batch, size)
        w_ih, w_hh = np.zeros((gates * size, d)), np.zeros((gates * size, size))
        b = np.zeros(gates * size)
        for k in range(batch):
            h = h_0[k].numpy()
            for t in range(steps):
                w_ih += np.outer(delta[k, t], x[k, t])
                w_hh += np.outer(delta[k, t], h)
                b += delta[k, t].numpy()
                h = hidden[k, t].numpy()
        want = {
            name: torch.from_numpy(each) for name, each in zip(names, (w_ih, w_hh, b), strict=True)
        }
        expect(f(delta, x, hidden, h_0), want, names)


EXERCISES = (
    Exercise(
        id="11.1",
        name="rnn_step_backward",
        title="RNN を 1 時刻戻す",
        section="RNN の逆伝播",
        difficulty=1,
        minutes=15,
        hints=(
            "まず、tanh の中身の勾配 delta を求めます。tanh の微分は 1 - tanh² で、"
            "tanh の値は h_new としてもう手元にあります。",
            "delta = (1 - h_new**2) * dh_new。x へは delta @ w_ih、h へは delta @ w_hh です。",
            "重みの勾配は delta.T @ x と delta.T @ h です。行列積が系列についての和も引き受けます。"
            "バイアスの勾配は delta を系列について足したものです。",
        ),
        check=check_rnn_step_backward,
    ),
    Exercise(
        id="11.2",
        name="lstm_step_backward",
        title="LSTM を 1 時刻戻す",
        section="LSTM の逆伝播",
        difficulty=3,
        minutes=30,
        hints=(
            "初めに、セル状態に来る勾配の合計を作ります。dc_new に、h_new を通って来る分 "
            "dh_new * o * (1 - tanh(c_new)**2) を足します。",
            "その合計に、i へは g、f へは c、g へは i を掛けます。o だけは dh_new から来て、"
            "tanh(c_new) を掛けます。",
            "最後に、i、f、o には s * (1 - s)、g には 1 - g**2 を掛けて、i、f、g、o の順に"
            "並べます。"
            "dh は delta @ w_hh、dc は合計に f を掛けたものです。",
        ),
        check=check_lstm_step_backward,
    ),
    Exercise(
        id="11.3",
        name="weight_gradients",
        title="重みの勾配を 1 回の積で",
        section="RNN の逆伝播",
        difficulty=2,
        minutes=15,
        hints=(
            "時刻 t の delta と組になるのは、その時刻に入ってきた h_{t-1} です。"
            "h_0 を先頭に付け、hidden の最後の時刻を外すと、時刻がそろいます。",
            "flatten(0, 1) で、(B, T, …) を (BT, …) に積みます。delta も相手も同じ順に積めば、"
            "行列積が系列と時刻の両方について足してくれます。",
            "w_ih は delta.flatten(0, 1).T @ x.flatten(0, 1) です。"
            "バイアスは行について足すだけです。",
        ),
        check=check_weight_gradients,
    ),
)
