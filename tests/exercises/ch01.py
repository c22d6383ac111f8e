"""「RNN とその限界」の演習。"""

from torch import nn

from tests.checking.exercise import Exercise
from tests.checking.recurrent import agree, cell_cases, run_torch


def torch_rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """nn.RNNCell による正解。"""
    cell = nn.RNNCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, h)


def check_rnn_step(f):
    """値と勾配が nn.RNNCell と一致する。"""
    agree(f, torch_rnn_step, cell_cases(gates=1, states=1), "h_new (B, H)")


EXERCISES = (
    Exercise(
        id="1.1",
        name="rnn_step",
        title="RNN を 1 時刻だけ進める",
        section="RNN の 1 時刻",
        difficulty=1,
        minutes=10,
        hints=(
            "入力からの項と、前の隠れ状態からの項を足し、tanh に通します。",
            "x は (B, D)、w_ih は (H, D) なので、w_ih を転置して x @ w_ih.T と掛けます。",
            "足す項は四つです。x @ w_ih.T、b_ih、h @ w_hh.T、b_hh。",
        ),
        check=check_rnn_step,
    ),
)
