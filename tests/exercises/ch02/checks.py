"""「LSTM」の練習。"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.exercises.engine.compare import expect, same
from tests.exercises.engine.exercise import Exercise, require
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_split,
    cell_cases,
    layer_cases,
    normal,
    run_torch,
)


def torch_lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """nn.LSTMCell による正解。"""
    cell = nn.LSTMCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, (h, c))


def torch_lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """nn.LSTM による正解。"""
    layer = nn.LSTM(x.shape[2], h0.shape[1], batch_first=True)
    weights = (w_ih, w_hh, b_ih, b_hh)
    output, (h_n, c_n) = run_torch(layer, weights, x, (h0[None], c0[None]), suffix="_l0")
    return output, (h_n[0], c_n[0])


def torch_gate_trace(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """nn.LSTMCell の状態と、1 つ前の状態から計算したゲート。"""
    activation = {"i": torch.sigmoid, "f": torch.sigmoid, "g": torch.tanh, "o": torch.sigmoid}
    trace = {key: [] for key in "ifgoch"}
    h, c = h0, c0
    for each in x.unbind(1):
        for k, gate in enumerate("ifgo"):
            rows = slice(k * h.shape[1], (k + 1) * h.shape[1])
            inner = F.linear(each, w_ih[rows], b_ih[rows]) + F.linear(h, w_hh[rows], b_hh[rows])
            trace[gate].append(activation[gate](inner))
        h, c = torch_lstm_step(each, h, c, w_ih, w_hh, b_ih, b_hh)
        trace["h"].append(h)
        trace["c"].append(c)
    return {key: torch.stack(values, 1) for key, values in trace.items()}


def check_lstm_step(f):
    """値と勾配が nn.LSTMCell と一致する。"""
    agree(f, torch_lstm_step, cell_cases(gates=4, states=2), ("h_new (B, H)", "c_new (B, H)"))


def check_lstm_forward(f):
    """値と勾配が nn.LSTM と一致し、系列を切って続けても変わらない。"""
    cases = layer_cases(gates=4, states=2)
    names = ("output (B, T, H)", ("h_n (B, H)", "c_n (B, H)"))
    agree(f, torch_lstm_forward, cases, names)
    agree_when_split(f, cases[0], at=2, states=2)


def check_gate_trace(f):
    """値と勾配が、nn.LSTMCell とそのゲートに一致する。"""
    names = {key: f"{key} (B, T, H)" for key in "ifgoch"}
    agree(f, torch_gate_trace, layer_cases(gates=4, states=2), names)


def check_count_lstm_parameters(f):
    """nn.LSTM の重みを数えた結果と一致する。省いた引数は 1 層、単方向。"""
    for args in ((3, 5, 3, True), (4, 7), (2, 1, 1, True), (6, 2, 4), (1, 40), (9, 9, 2, True)):
        lstm = torch_lstm(*args)
        want = sum(weight.numel() for weight in lstm.parameters())
        expect(f(*args), want, f"count_lstm_parameters{args}")


def torch_lstm(input_size, hidden_size, num_layers=1, bidirectional=False):
    """重みがすべて N(0, 1) の nn.LSTM。"""
    rng = np.random.default_rng(25)
    lstm = nn.LSTM(input_size, hidden_size, num_layers, bidirectional=bidirectional)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.copy_(normal(rng, *weight.shape))
    return lstm


def check_set_forget_bias(f):
    """どの層のどの方向でも、忘却ゲートの 2 つのバイアスの和が value になり、ほかは変わらない。"""
    for args, value in (((5, 3, 2, True), 1.5), ((2, 4), 1.0), ((4, 2, 3), -2.0)):
        lstm = torch_lstm(*args)
        parameters = dict(lstm.named_parameters())
        before = {name: weight.detach().clone() for name, weight in parameters.items()}
        f(lstm, value)
        after = dict(lstm.named_parameters())
        require(
            all(after.get(name) is parameters[name] for name in parameters),
            "重みが別のものに置き換わっています。今ある重みに書き込んでください。",
        )
        require(
            all(weight.requires_grad for weight in after.values()),
            "重みの requires_grad が False になり、訓練しても変わらなくなっています。",
        )
        forget = slice(lstm.hidden_size, 2 * lstm.hidden_size)
        for name in [name for name in after if name.startswith("bias_ih")]:
            other = name.replace("_ih_", "_hh_")
            total = (after[name] + after[other]).detach()[forget]
            expect(total, torch.full_like(total, value), f"忘却ゲートの {name} + {other}")
        for name, weight in after.items():
            if name.startswith("bias"):
                before[name][forget] = weight.detach()[forget]
            require(
                same(weight.detach(), before[name]),
                f"{name} の、忘却ゲートのバイアスでない所が変わっています。",
            )


def check_chrono_bias(f):
    """log(1 + u (T - 2)) と一致する。"""
    rng = np.random.default_rng(26)
    for size, max_length in ((6, 50), (1, 784), (4, 3)):
        u = torch.from_numpy(rng.random(size))
        want = torch.from_numpy(np.log1p(u.numpy() * (max_length - 2)))
        expect(f(u, max_length), (want, -want), ("b_f (H,)", "b_i (H,)"))


EXERCISES = (
    Exercise(
        id="2.1",
        name="lstm_step",
        title="LSTM を 1 時刻進める",
        section="1 枚で見る LSTM",
        difficulty=2,
        minutes=20,
        hints=(
            "4 つのゲートの中身は、x @ w_ih.T + b_ih + h @ w_hh.T + b_hh で一度に求められます。",
            "その結果 (B, 4H) を横に 4 等分すると、順に i、f、g、o です。g だけが tanh です。",
            "c_new = f * c + i * g、h_new = o * tanh(c_new)。h_new には新しいほうの c を使います。",
        ),
        check=check_lstm_step,
    ),
    Exercise(
        id="2.2",
        name="lstm_forward",
        title="LSTM で系列を端まで読む",
        section="自分で書いて、`nn.LSTM` と一致させる",
        difficulty=1,
        minutes=15,
        hints=(
            "練習 1.2 と同じくり返しです。違いは、次の時刻へ渡すものが h と c の 2 つあること。",
            "output に積むのは h だけです。c は最後のものだけを返します。",
            "戻り値は入れ子の組です。return output, (h, c)",
        ),
        check=check_lstm_forward,
    ),
    Exercise(
        id="2.3",
        name="gate_trace",
        title="ゲートを記録する",
        section="1 枚で見る LSTM",
        difficulty=2,
        minutes=20,
        hints=(
            "練習 2.2 のくり返しの中で、i、f、g、o、c、h の 6 つをそれぞれのリストに足します。",
            "ゲートはシグモイド（g は tanh）を通した後の値、c と h は更新した後の値です。",
            "最後に、どのリストも torch.stack(リスト, dim=1) で (B, T, H) にします。",
        ),
        check=check_gate_trace,
    ),
    Exercise(
        id="2.4",
        name="count_lstm_parameters",
        title="パラメータを数える関数",
        section="パラメータを数える",
        difficulty=2,
        minutes=15,
        hints=(
            "1 つの層の 1 つの方向は、重み 4H×入力 と 4H×H、バイアス 4H が 2 つです。",
            "2 層目からの入力は、下の層の出力です。その次元は、単方向なら H、双方向なら 2H です。",
            "双方向なら、どの層も方向が 2 つあるので、数は 2 倍です。",
        ),
        check=check_count_lstm_parameters,
    ),
    Exercise(
        id="2.5",
        name="set_forget_bias",
        title="忘却ゲートのバイアスを設定する",
        section="32 ユニットのバイアスが、勝ち負けを決めた",
        difficulty=2,
        minutes=20,
        hints=(
            "lstm.named_parameters() で、名前が bias_ih や bias_hh で始まるものを探します。",
            "どのバイアスも長さ 4H で、忘却ゲートは H 番目から 2H 番目の手前までです。",
            "2 つのバイアスは足されるので、片方を value、もう片方を 0 にします。"
            "書き込みは torch.no_grad() の中で。",
        ),
        check=check_set_forget_bias,
    ),
    Exercise(
        id="2.6",
        name="chrono_bias",
        title="chrono 初期化のバイアス",
        section="32 ユニットのバイアスが、勝ち負けを決めた",
        difficulty=1,
        minutes=10,
        hints=(
            "u は 0 から 1 なので、1 + u * (max_length - 2) は 1 から max_length - 1 に及びます。",
            "その自然対数が忘却ゲートの b_f、符号を変えたものが入力ゲートの b_i です。",
        ),
        check=check_chrono_bias,
    ),
)
