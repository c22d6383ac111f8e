"""「はしごを登る」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D と H は特徴の次元、K は先生の数です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=8.1`）。
"""

import torch  # noqa: F401


def attention_mean(scores, output, lengths):
    """練習 8.1: 得点の重みでまとめる。

    scores (B, T) は時刻ごとの得点、output (B, T, H) は再帰層の出力。
    lengths (B,) は本当の長さ（int64、1 以上 T 以下）。
    本当の時刻だけの得点をソフトマックスで重みに直し、output の重みつきの和 (B, H) を返す。
    得点はいくらでも大きく、または小さくてよい。パディングの所には、scores にも output にも、
    どんな値でも（nan や inf でも）入っているかもしれない。
    """
    raise NotImplementedError


def adversarial_noise(gradient, epsilon):
    """練習 8.2: 決まった長さの雑音。

    gradient (B, T, D) は、損失の、埋め込みの列についての勾配。epsilon は雑音の長さ（正の float）。
    系列ごとに、T × D 個の数を 1 本のベクトルとみて、勾配と同じ向きで、長さ（ノルム）がちょうど
    epsilon の雑音 (B, T, D) を返す。勾配がすべて 0 の系列では、雑音もすべて 0 とする。
    勾配はいくらでも小さく、または大きくてよい。2 乗すると 0 や inf になる数でも、向きは決まる。
    """
    raise NotImplementedError


def distillation_loss(student, teachers):
    """練習 8.3: 先生たちの答えから学ぶ損失。

    student (B,) は生徒のロジット、teachers (K, B) は K 人の先生のロジット。
    正解の代わりは、先生たちが肯定と答えた確率の平均 (B,)。0 か 1 に丸めない。
    生徒の答えとの交差エントロピー（自然対数）の、B 件の平均を返す（0 次元のテンソル）。
    ロジットがどんなに大きくても正しく、勾配は生徒だけに流れて、先生には流れないこと。
    """
    raise NotImplementedError
