"""「双方向 RNN」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は 1 つの方向の隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=5.1`）。
"""

import torch

from lstm_text import IGNORE  # noqa: F401


def last_states(output, lengths):
    """練習 5.1: 本当の最後の状態。

    下のコードは、系列全体の要約のつもりで、最後の時刻の出力を取っている。
    output (B, T, 2H) は、長さを教えて計算した双方向 RNN の出力を、パディングした形に戻したもの
    （前半 H 個が順方向）。
    lengths (B,) は本当の長さ（int64、1 以上 T 以下）。パディングの所の値に意味はない。
    順方向と逆方向が、それぞれ最後に読んだ時刻の隠れ状態を、この順につなげた (B, 2H) を返す。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    return output[:, -1]


def backward_states(layer, x, lengths):
    """練習 5.2: 単方向の層で、逆方向の出力を作る。

    layer は 1 層の単方向の nn.RNN、nn.LSTM、nn.GRU のどれか（batch_first=True、バイアスあり）。
    出力は (B, T, H)。
    x (B, T, D) はパディングした系列、lengths (B,) は本当の長さ（int64、1 以上 T 以下）。
    パディングの所の値に意味はない。
    どの系列も、自分の最後の語から最初の語へ向かって layer に読ませる。その出力を、読んだ順では
    なく時刻の順に並べ、パディングの所を 0 とした (B, T, H) を返す。
    """
    raise NotImplementedError


def delay(x, tags, steps):
    """練習 5.3: 何語か遅れて答える。

    x (B, T, D) は系列、tags (B, T) は時刻ごとのタグ（int64）、steps は 0 以上の整数。
    単方向の RNN が、時刻 t + steps まで読んでから時刻 t のタグを答えるように、x の後ろに 0 を
    steps 時刻足し、tags を後ろへ steps 時刻ずらす。タグの空いた所は IGNORE（-100）とする。
    形が (B, T + steps, D) と (B, T + steps) の組を返す。
    """
    raise NotImplementedError


def best_window_accuracy(start, move, distance, seen):
    """練習 5.4: 何語か先まで見えるときの上限。

    K 種類の記号 0, …, K - 1 の列。時刻 t の記号が i になる確率は start[i]、
    i の次が j になる確率は、それより前の記号によらず move[i, j]（どの行も、足すと 1）。
    start は (K,)、move は (K, K) のテンソル。
    時刻 t のタグは、distance 時刻先の記号が時刻 t の記号より大きければ 1、そうでなければ 0。
    時刻 t + seen までの記号を見てタグを当てるときの、精度の上限を float で返す。
    distance は 1 以上、seen は 0 以上の整数（seen = 0 が単方向）。
    seen は distance より大きいこともある。
    """
    raise NotImplementedError


def cloze_states(lstm, x):
    """練習 5.5: 当てる語を読まない双方向。

    lstm は 1 層の双方向の nn.LSTM（batch_first=True）、x (B, T, D) は語のベクトルの列。
    時刻 t の語を、まわりの語から当てる。そのための状態を並べた (B, T, 2H) を返す。
    前半 H 個は x の時刻 t の手前までを読んだ順方向の状態、後半 H 個は時刻 t の次から後ろを読んだ
    逆方向の状態。読む語が 1 つもない端では 0 とする。
    下のコードは、時刻 t の語を、時刻 t - 1 の出力から当てようとしている。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    output, _ = lstm(x)
    nothing = torch.zeros_like(output[:, :1])
    return torch.cat([nothing, output[:, :-1]], dim=1)
