"""「はしごを登る」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D と H は特徴の次元、K は先生の数、R は段の数です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=8.1`）。
"""

import math
from collections import Counter

import numpy as np  # noqa: F401
import torch  # noqa: F401


def two_pairs(n, gap):
    """練習 8.1: 同じ差、違う確かさ。

    n はレビューの数（1000 から 40000 までの 10 の倍数）、gap は 10 以上で、n の平方根の半分以下。
    2 つのモデルの当たり外れの組 (first, second) を、2 つ並べて返す。first も second も、
    n 件のレビューに当たったかどうかを表す、bool のテンソル (n,)。
    どちらの組でも、first はちょうど 9 割を当て、second よりちょうど gap 件多く当てる。
    練習 7.6 の p 値は、1 つめの組では 0.01 より小さく、2 つめの組では 0.2 より大きいこと。
    """
    raise NotImplementedError


def attention_slopes(scores, output, upstream):
    """練習 8.2: 注意機構の得点の勾配。

    scores (B, T) は時刻ごとの得点、output (B, T, H) は再帰層の出力。まとめた (B, H) は、得点の
    ソフトマックスを重みとする、output の和。パディングはない。upstream (B, H) は、まとめたものに
    ついての損失の勾配。得点についての損失の勾配 (B, T) を、自動微分を使わずに求めて返す。
    """
    raise NotImplementedError


def adversarial_noise(gradient, epsilon):
    """練習 8.3: 決まった長さの雑音。

    gradient (B, T, D) は、損失の、埋め込みの列についての勾配。epsilon は雑音の長さ（正の float）。
    系列ごとに、T × D 個の数を 1 本のベクトルとみて、勾配と同じ向きで、長さ（ノルム）がちょうど
    epsilon の雑音 (B, T, D) を返す。勾配がすべて 0 の系列では、雑音もすべて 0 とする。
    勾配は、2 乗すると 0 や inf になるほど、小さくても大きくてもよい。勾配の長さは、同じ型で表せる
    （inf にならない）。
    """
    raise NotImplementedError


def distillation_loss(student, teachers, temperature):
    """練習 8.4: 先生たちの答えから学ぶ損失。

    student (B,) は生徒のロジット、teachers (K, B) は K 人の先生のロジット、temperature は温度（正の
    float）。どのロジットも、まず temperature で割る。正解の代わりは、先生たちが肯定と答えた確率の
    平均 (B,) で、0 か 1 に丸めない。生徒の答えとの交差エントロピー（自然対数）の B 件の平均に、
    temperature の 2 乗を掛けて返す（0 次元のテンソル）。
    ロジットがどんなに大きくても正しく、勾配は生徒だけに流れて、先生には流れないこと。
    """
    raise NotImplementedError


def luck_of_the_best(right, rounds, rng):
    """練習 8.5: 最高点の甘さ。

    right (R, N) は、R 段のモデルの、検証用の N 件への当たり外れを並べた、NumPy の bool の配列。
    rng は np.random.Generator。N は 30 以上。
    次の 1 周を、rounds 周くり返す。
    1. rng.integers(N, size=N) を 1 度だけ呼び、N 件を、重なりを許して引き直す。
    2. 引き直した N 件（重なった分も数える）でいちばん当てた段を選ぶ。同じなら、番号の小さい段。
    3. 選んだ段の、引き直した N 件での精度から、1 度も引かれなかったレビューでの精度を引く。
    3 の差の、rounds 周の平均（float）を返す。
    """
    raise NotImplementedError


def leanings(texts, labels):
    """練習 8.6: 自分の 1 件を抜く。

    texts は訓練用のレビューのリストで、レビューはトークン（str）のリスト。labels は、それぞれの
    正解（1 が肯定、0 が否定）のリスト。レビューごとに、どのトークンもその語の偏り（float）に替えた
    リストを作り、texts の順に並べて返す。トークンのないレビューでは、空のリストとする。
    語の偏りは log((p + 1) / (n + 1))（自然対数）で、p と n は、その語を含む肯定と否定のレビューの数
    （1 件に何度現れても 1 件）。ただし、そのレビュー自身は数えない。
    下のコードには、誤りが 2 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    positive, negative = Counter(), Counter()
    for tokens, label in zip(texts, labels, strict=True):
        counts = positive if label == 1 else negative
        counts.update(tokens)
    return [
        [math.log((positive[token] + 1) / (negative[token] + 1)) for token in tokens]
        for tokens in texts
    ]
