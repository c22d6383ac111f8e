"""「BPTT を書いて、速くする」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元、G は重みの段数です。
重みは PyTorch と同じ並びで、LSTM のゲートの順は i、f、g、o です。自動微分は使いません。
確かめるには、プロジェクトの一番上で `make check`（一問だけなら `make check EX=11.1`）。
"""

import torch  # noqa: F401


def rnn_step_backward(dh_new, x, h, h_new, w_ih, w_hh):
    """練習 11.1: RNN を 1 時刻戻す。

    x は (B, D)、h（前の隠れ状態）と h_new（順伝播で求めた新しい隠れ状態）は (B, H)。
    dh_new は h_new の勾配 (B, H)。w_ih は (H, D)、w_hh は (H, H)。
    勾配の辞書 dict(x=…, h=…, w_ih=…, w_hh=…, b=…) を返す。
    b は二つのバイアスに共通の勾配 (H,)、ほかの形は元の引数と同じ。
    """
    raise NotImplementedError


def lstm_step_backward(dh_new, dc_new, gates, c, c_new, w_hh):
    """練習 11.2: LSTM を 1 時刻戻す。

    gates は順伝播で求めた i、f、g、o を横に並べた (B, 4H)。シグモイドや tanh を通した後の値。
    c は前のセル状態、c_new は新しいセル状態で、どちらも (B, H)。
    dh_new は h_new の勾配、dc_new は後の時刻から c_new に届いた勾配で、どちらも (B, H)。
    w_hh は (4H, H)。
    組 (delta, dh, dc) を返す。delta はシグモイドや tanh に入る前の値の勾配 (B, 4H)、
    dh は前の隠れ状態の勾配、dc は前のセル状態の勾配で、どちらも (B, H)。
    """
    raise NotImplementedError


def weight_gradients(delta, x, hidden, h_0):
    """練習 11.3: 重みの勾配を 1 回の積で。

    delta は全時刻の勾配を並べた (B, T, GH)、x は (B, T, D)。
    hidden は h_1 から h_T を並べた (B, T, H)、h_0 は最初の隠れ状態 (B, H)。
    勾配の辞書 dict(w_ih=…, w_hh=…, b=…) を返す。形は (GH, D)、(GH, H)、(GH,)。
    """
    raise NotImplementedError
