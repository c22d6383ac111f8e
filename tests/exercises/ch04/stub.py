"""「GRU」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは PyTorch と同じ並びで、ゲートの順は r、z、n です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=4.1`）。
"""

from fractions import Fraction  # noqa: F401

import torch  # noqa: F401


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """練習 4.1: GRU を 1 時刻進める。

    x は (B, D)、h は (B, H)、w_ih は (3H, D)、w_hh は (3H, H)、b_ih と b_hh は (3H,)。
    PyTorch の定式化（リセットゲートは行列積の後、z は古い状態の割合）で、
    新しい隠れ状態 (B, H) を返す。
    """
    raise NotImplementedError


def gru_step_reset_before(x, h, w_ih, w_hh, b_ih, b_hh):
    """練習 4.2: リセットを先に掛ける GRU。

    引数は練習 4.1 と同じ。リセットゲートは行列積の前で h に掛け、z は新しい候補値の割合。
    n のバイアス b_hn には r を掛けない。新しい隠れ状態 (B, H) を返す。
    """
    raise NotImplementedError


def gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    """練習 4.3: GRU で系列を端まで読む。

    x は (B, T, D)、h0 は (B, H)。重みと定式化は練習 4.1 と同じ。
    すべての時刻の隠れ状態 output (B, T, H) と、最後の隠れ状態 h_n (B, H) の組を返す。
    """
    raise NotImplementedError


def parameter_ratio(input_size, hidden_size):
    """練習 4.4: パラメータの比。

    1 層で単方向の GRU と LSTM（バイアスあり）のパラメータ数を比べる。
    組 (GRU / LSTM, LSTM / GRU) を返す。どちらも Fraction か float。
    """
    raise NotImplementedError
