"""「並列に計算する再帰」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
漸化式 h_t = a_t h_{t-1} + b_t では、時刻が先頭の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=12.1`）。
"""

import torch  # noqa: F401


def combine(a1, b1, a2, b2):
    """練習 12.1: 2 つの 1 次式をまとめる。

    引数はどれも同じ形のテンソル。先に h → a1 h + b1、続けて h → a2 h + b2 を行う。
    2 つを続けて行う 1 つの 1 次式 h → a h + b の組 (a, b) を返す。積は要素ごと。
    """
    raise NotImplementedError


def doubling_scan(a, b, h0):
    """練習 12.2: 幅を 2 倍ずつ広げて漸化式を解く。

    a と b は (T, B, H)、h0 は (B, H)。T は 2 のべきとは限らない。
    すべての時刻の状態 h_t = a_t h_{t-1} + b_t を (T, B, H) で返す。
    時刻を 1 つずつ進む繰り返しは使わない。
    """
    raise NotImplementedError


def scan_backward(a, h0, h, grad_h):
    """練習 12.3: 漸化式の逆伝播を手で書く。

    a は (T, B, H)、h0 は (B, H)、h は漸化式を解いた全時刻の状態 (T, B, H)。
    grad_h (T, B, H) は、損失の h についての勾配（後の時刻を通る分は含まない）。
    損失の a、b、h0 についての勾配の組 (grad_a, grad_b, grad_h0) を返す。
    形は (T, B, H)、(T, B, H)、(B, H)。自動微分は使わなくてよい。
    """
    raise NotImplementedError


def mingru_forward(x, h0, w_z, w_n, b_z, b_n):
    """練習 12.4: 候補値が正の minGRU。

    x は (B, T, D)、h0 は (B, H) でどの要素も正、w_z と w_n は (H, D)、b_z と b_n は (H,)。
    z_t = σ(w_z x_t + b_z)、v_t = w_n x_t + b_n、h_t = z_t h_{t-1} + (1 - z_t) g(v_t)。
    g(v) は、v が 0 以上なら v + 0.5、負なら σ(v)。
    すべての時刻の状態 output (B, T, H) と、最後の状態 h_n (B, H) の組を返す。
    """
    raise NotImplementedError
