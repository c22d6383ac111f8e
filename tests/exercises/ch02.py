"""「LSTM」の演習。"""

from torch import nn

from tests.checking.exercise import Exercise
from tests.checking.recurrent import agree, cell_cases, run_torch


def torch_lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """nn.LSTMCell による正解。"""
    cell = nn.LSTMCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, (h, c))


def check_lstm_step(f):
    """値と勾配が nn.LSTMCell と一致する。"""
    agree(f, torch_lstm_step, cell_cases(gates=4, states=2), ("h_new (B, H)", "c_new (B, H)"))


EXERCISES = (
    Exercise(
        id="2.1",
        name="lstm_step",
        title="LSTM を 1 時刻だけ進める",
        section="六つの式",
        difficulty=2,
        minutes=20,
        hints=(
            "四つのゲートの中身は、x @ w_ih.T + b_ih + h @ w_hh.T + b_hh で一度に求められます。",
            "その結果 (B, 4H) を横に 4 等分すると、順に i、f、g、o です。g だけが tanh です。",
            "c_new = f * c + i * g、h_new = o * tanh(c_new)。h_new には新しいほうの c を使います。",
        ),
        check=check_lstm_step,
    ),
)
