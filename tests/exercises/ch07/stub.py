"""「IMDb 感情分析」の答え。raise の行を消して、あなたのコードを書いてください。

B は文の数、T はいちばん長い文の長さ、D は入力の次元、H は隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=7.1`）。
"""

from collections import Counter  # noqa: F401

import torch  # noqa: F401


def pad_batch(sequences, pad=0):
    """練習 7.1: 長さをそろえる。

    sequences は番号（int）のリストを B 個並べたリスト。長さはまちまちで、どれも 1 以上。
    短い文の後ろに番号 pad を足して長さをそろえた ids (B, T) と、元の長さ lengths (B,) の組を返す。
    どちらも int64 のテンソル。pad と同じ番号が、文の中にもあるかもしれない。
    """
    raise NotImplementedError


def build_vocabulary(token_lists, max_size):
    """練習 7.2: 語彙を作る。

    token_lists は文ごとのトークン（str）のリスト。トークンから番号への辞書を返す。
    "<pad>" が 0、"<unk>" が 1。2 からは、すべての文での出現回数が多い順に番号を付け、
    同じ回数なら文字コード順（sorted の順）にする。
    max_size（2 以上）は、"<pad>" と "<unk>" もふくめた、辞書の大きさの上限。
    """
    raise NotImplementedError


def length_buckets(lengths, batch_size):
    """練習 7.3: 長さの近いものを集める。

    lengths は文の長さ（int）のリスト。文の番号（0 から）を長さの短い順に並べ、
    batch_size 個ずつに区切って、番号のリストのリストを返す。
    どの番号もちょうど一度ずつ現れる。最後のミニバッチだけは、小さくてもよい。
    """
    raise NotImplementedError


def masked_mean(output, lengths):
    """練習 7.4: 系列の中だけの平均。

    output (B, T, H) は、パディングした系列についての再帰層の出力。
    lengths (B,) は本当の長さ（int64、1 以上 T 以下）。パディングの所の値に意味はない。
    本当の時刻だけについての、output の平均 (B, H) を返す。
    """
    raise NotImplementedError


def final_states(lstm, sequences):
    """練習 7.5: 本当の最終状態。

    lstm は、batch_first=True で作った単方向の nn.LSTM（何層でもよい）。
    sequences は系列 (T_b, D) を B 個並べたリスト。長さはまちまちで、どれも 1 以上。
    すべての系列をまとめて lstm を一度だけ呼び、いちばん上の層の最後の隠れ状態を、sequences の
    順に並べた (B, H) を返す。どの系列も、それだけを 0 の初期状態から読ませたときと同じになること。
    """
    raise NotImplementedError
