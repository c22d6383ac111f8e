"""「LSTM」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは PyTorch と同じ並びで、ゲートの順は i、f、g、o です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=2.1`）。
"""

import torch  # noqa: F401


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """練習 2.1: LSTM を 1 時刻進める。

    x は (B, D)、h と c は (B, H)、w_ih は (4H, D)、w_hh は (4H, H)、b_ih と b_hh は (4H,)。
    新しい隠れ状態とセル状態の組 (h_new, c_new) を返す。どちらも (B, H)。
    """
    raise NotImplementedError


def lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """練習 2.2: LSTM で系列を端まで読む。

    x は (B, T, D)、h0 と c0 は (B, H)。重みは練習 2.1 と同じ。
    すべての時刻の隠れ状態 output (B, T, H) と、最後の状態の組 (h_n, c_n) の組を返す。
    つまり (output, (h_n, c_n)) で、h_n と c_n は (B, H)。
    """
    raise NotImplementedError


def gate_trace(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """練習 2.3: ゲートを記録する。

    引数は練習 2.2 と同じ。
    キーが "i"、"f"、"g"、"o"、"c"、"h" の辞書を返す。値はどれも (B, T, H)。
    """
    raise NotImplementedError


def count_lstm_parameters(input_size, hidden_size, num_layers=1, bidirectional=False):
    """練習 2.4: パラメータを数える関数。

    同じ引数で作った nn.LSTM の、重みとバイアスの要素の総数（int）を、nn.LSTM を作らずに返す。
    """
    raise NotImplementedError


def set_forget_bias(lstm, value):
    """練習 2.5: 忘却ゲートのバイアスを設定する。

    lstm は nn.LSTM（何層でも、双方向でもよい）。
    どの層のどの方向でも、忘却ゲートに実際に足されるバイアス（2 つのバイアスの和）を value にする。
    ほかの重みは変えない。lstm を書き換え、何も返さない。
    """
    raise NotImplementedError


def chrono_bias(u, max_length):
    """練習 2.6: chrono 初期化のバイアス。

    u (H,) は 0 以上 1 未満の一様乱数、max_length は覚えておきたい最大の長さ（3 以上）。
    忘却ゲートのバイアス b_f = log(1 + u (max_length - 2)) と、入力ゲートのバイアス b_i = -b_f の
    組 (b_f, b_i) を返す。どちらも (H,)。
    """
    raise NotImplementedError
