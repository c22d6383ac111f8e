"""「LSTM」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは PyTorch と同じ並びで、ゲートの順は i、f、g、o です。
確かめるには、プロジェクトの一番上で `make check`（一問だけなら `make check EX=2.1`）。
"""

import torch  # noqa: F401


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """演習 2.1: LSTM を 1 時刻だけ進める。

    x は (B, D)、h と c は (B, H)、w_ih は (4H, D)、w_hh は (4H, H)、b_ih と b_hh は (4H,)。
    新しい隠れ状態とセル状態の組 (h_new, c_new) を返す。どちらも (B, H)。
    """
    raise NotImplementedError
