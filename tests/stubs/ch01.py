"""「RNN とその限界」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（一問だけなら `make check EX=1.1`）。
"""

import torch  # noqa: F401


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """演習 1.1: RNN を 1 時刻だけ進める。

    x は (B, D)、h は (B, H)、w_ih は (H, D)、w_hh は (H, H)、b_ih と b_hh は (H,)。
    新しい隠れ状態 (B, H) を返す。
    """
    raise NotImplementedError
