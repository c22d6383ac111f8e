"""「時系列と生成」の答え。raise の行を消して、あなたのコードを書いてください。

n は窓の数、width は窓の幅、V は文字の種類の数です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=6.1`）。
"""

import torch  # noqa: F401


def make_windows(series, width):
    """練習 6.1: 系列を窓に切る。

    series (points,) は 1 つの時系列。points は width より大きい。
    1 つずつずらしながら、入力の窓と、それを 1 時刻先へずらした目標の窓を、取れるだけ取る。
    組 (inputs, targets) を返す。どちらも (n, width, 1) で、n = points - width。
    """
    raise NotImplementedError


def free_run(predict, start, steps):
    """練習 6.2: 自由走行で予測する。

    predict は、窓 (width,) を受け取り、その次の値（0 次元のテンソル）を返す関数。
    start (width,) は最初の窓、steps は 1 以上の整数。
    予測した値を窓の後ろに足し、いちばん古い値を捨てながら、steps 回予測する。
    予測した値だけを順に並べた (steps,) を返す。
    """
    raise NotImplementedError


def sample_index(logits, temperature, u):
    """練習 6.3: 温度を付けて文字を引く。

    logits (V,) は文字ごとのロジット、temperature は正の数、u は 0 以上 1 未満の数。
    文字の確率は softmax(logits / temperature)。
    確率を番号の順に足していき、和が初めて u より大きくなった文字の番号（int）を返す。
    ロジットは 1000 を超えることもある。
    """
    raise NotImplementedError


def one_hot_windows(text, width):
    """練習 6.4: 文章を one-hot の窓にする。

    text は width より長い文字列。一文字ずつずらしながら、幅 width の窓と、そのすぐ次の一文字の
    組を、取れるだけ取る。n = len(text) - width。
    組 (x, t, chars) を返す。chars は text に現れる文字を文字コード順に並べたリスト（長さ V）。
    x (n, width, V) は窓の文字、t (n, V) は次の文字の one-hot ベクトル。
    x と t はモデルに渡すので小数の型にする（float32 でも float64 でもよい）。
    """
    raise NotImplementedError
