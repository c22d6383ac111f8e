"""「GRU」の練習。"""

from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_split,
    cell_cases,
    layer_cases,
    run_torch,
)


def torch_gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """nn.GRUCell による正解。"""
    cell = nn.GRUCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, h)


def torch_gru_step_reset_before(x, h, w_ih, w_hh, b_ih, b_hh):
    """候補値を、状態が r * h の nn.RNNCell とみなした正解。"""
    r_weights, z_weights, n_weights = zip(
        *(weight.chunk(3) for weight in (w_ih, w_hh, b_ih, b_hh)), strict=True
    )
    r, z = (
        torch.sigmoid(F.linear(x, w_i, b_i) + F.linear(h, w_h, b_h))
        for w_i, w_h, b_i, b_h in (r_weights, z_weights)
    )
    n = run_torch(nn.RNNCell(x.shape[1], h.shape[1]), n_weights, x, r * h)
    return torch.lerp(h, n, z)


def torch_gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    """nn.GRU による正解。"""
    layer = nn.GRU(x.shape[2], h0.shape[1], batch_first=True)
    output, h_n = run_torch(layer, (w_ih, w_hh, b_ih, b_hh), x, h0[None], suffix="_l0")
    return output, h_n[0]


def check_gru_step(f):
    """値と勾配が nn.GRUCell と一致する。"""
    agree(f, torch_gru_step, cell_cases(gates=3, states=1), "h_new (B, H)")


def check_gru_step_reset_before(f):
    """値と勾配が、nn.RNNCell から組み立てたものと一致する。"""
    agree(f, torch_gru_step_reset_before, cell_cases(gates=3, states=1), "h_new (B, H)")


def check_gru_forward(f):
    """値と勾配が nn.GRU と一致し、系列を切って続けても変わらない。"""
    cases = layer_cases(gates=3, states=1)
    agree(f, torch_gru_forward, cases, ("output (B, T, H)", "h_n (B, H)"))
    agree_when_split(f, cases[0], at=2, states=1)


def check_parameter_ratio(f):
    """nn.GRU と nn.LSTM の重みを数えた比と一致する。"""
    for sizes in ((3, 5), (40, 1), (1, 7), (10, 20)):
        gru, lstm = (
            sum(weight.numel() for weight in layer(*sizes).parameters())
            for layer in (nn.GRU, nn.LSTM)
        )
        want = Fraction(gru, lstm), Fraction(lstm, gru)
        expect(f(*sizes), want, ("GRU / LSTM", "LSTM / GRU"))


EXERCISES = (
    Exercise(
        id="4.1",
        name="gru_step",
        title="GRU を 1 時刻進める",
        section="4 本の式",
        difficulty=2,
        minutes=20,
        hints=(
            "入力の側 x @ w_ih.T + b_ih と、状態の側 h @ w_hh.T + b_hh を、足さずに別々に求めます。"
            "どちらも (B, 3H) です。",
            "どちらも横に 3 等分すると、順に r、z、n のぶんです。"
            "r と z は、2 つの側を足してシグモイドを通します。",
            "n は、状態の側に r を掛けてから入力の側を足し、tanh を通します。"
            "b_hn も状態の側なので、r が掛かります。",
            "最後は (1 - z) * n + z * h です。z が 1 に近いほど、古い状態が残ります。",
        ),
        check=check_gru_step,
    ),
    Exercise(
        id="4.2",
        name="gru_step_reset_before",
        title="リセットを先に掛ける GRU",
        section="もう 1 つの GRU",
        difficulty=2,
        minutes=15,
        hints=(
            "r と z の求め方は練習 4.1 と同じです。違うのは、n の中身と、最後の混ぜ方です。",
            "n の状態の側は、r がわかってからでないと計算できません。"
            "w_hh と b_hh を縦に 3 等分し、3 段めだけを後で使います。",
            "n = tanh(入力の側 + (r * h) @ w_hn.T + b_hn)、混ぜ方は (1 - z) * h + z * n です。",
        ),
        check=check_gru_step_reset_before,
    ),
    Exercise(
        id="4.3",
        name="gru_forward",
        title="GRU で系列を端まで読む",
        section="コードにする",
        difficulty=1,
        minutes=10,
        hints=(
            "練習 4.1 の gru_step を、t = 0 から T - 1 まで、x[:, t] について呼びます。",
            "次の時刻へ渡す状態は h の 1 つだけです。毎回の h をリストにためます。",
            "torch.stack(リスト, dim=1) が output、最後の h が h_n です。",
        ),
        check=check_gru_forward,
    ),
    Exercise(
        id="4.4",
        name="parameter_ratio",
        title="パラメータの比",
        section="パラメータは 25 % 少ないのか、33 % 少ないのか",
        difficulty=1,
        minutes=10,
        hints=(
            "GRU の重みは 3 段、LSTM の重みは 4 段です。"
            "1 段の大きさは、どちらも D * H + H * H + 2 * H です。",
            "返すのは割合そのもので、「何 % 少ないか」ではありません。GRU / LSTM は 1 より小さく、"
            "LSTM / GRU は 1 より大きくなります。",
        ),
        check=check_parameter_ratio,
    ),
)
