"""「双方向 RNN」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は 1 つの方向の隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=5.1`）。
"""

from fractions import Fraction  # noqa: F401

import torch  # noqa: F401


def bidirectional_rnn(x, h0, forward_weights, backward_weights):
    """練習 5.1: 双方向 RNN。

    x は (B, T, D)、h0 は (2, B, H)（順方向、逆方向の初期状態）。
    forward_weights と backward_weights は、それぞれ練習 1.1 と同じ組 (w_ih, w_hh, b_ih, b_hh)。
    output (B, T, 2H) と h_n (2, B, H) の組を返す。output の前半 H 個が順方向、後半 H 個が逆方向。
    output の時刻 t には、どちらの方向も x の時刻 t を読んだ直後の隠れ状態が入る。
    h_n は、それぞれの方向が最後に読んだ時刻の隠れ状態。
    """
    raise NotImplementedError


def last_states(output, lengths):
    """練習 5.2: 本当の最後の状態。

    output (B, T, 2H) は、長さを教えて計算した双方向 RNN の出力を、パディングした形に戻したもの
    （前半 H 個が順方向）。
    lengths (B,) は本当の長さ（int64、1 以上 T 以下）。パディングの所の値に意味はない。
    順方向と逆方向が、それぞれ最後に読んだ時刻の隠れ状態を、この順につなげた (B, 2H) を返す。
    """
    raise NotImplementedError


def reverse_sequences(x, lengths):
    """練習 5.3: 長さの違う系列を反転する。

    x (B, T, D) はパディングした系列、lengths (B,) は本当の長さ（int64、1 以上 T 以下）。
    どの系列も、初めの lengths[b] 時刻だけを逆順に並べ、パディングは元の場所に残した
    (B, T, D) を返す。
    """
    raise NotImplementedError


def best_one_way_accuracy(symbols):
    """練習 5.4: 過去だけから当てる上限。

    記号は 0 から symbols - 1 まで、一様で独立（symbols は 2 以上）。
    次の記号が今の記号より大きければタグは 1、そうでなければ 0。
    今の記号と過去の記号だけを見てタグを当てるときの、正答率の上限を Fraction か float で返す。
    """
    raise NotImplementedError
