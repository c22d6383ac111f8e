"""「主張と検証」の答え。raise の行を消して、あなたのコードを書いてください。

確かめるには、プロジェクトの一番上で `make check`（一問だけなら `make check EX=10.1`）。
"""

import math  # noqa: F401
import statistics  # noqa: F401


def success_interval(successes, n):
    """練習 10.1: 成功率の区間。

    n 回（1 以上）のうち successes 回成功したときの、成功率の Wilson の区間。
    下端と上端の組 (low, high) を float で返す。z = 1.96 とする。
    計算上 0 より小さくなったら 0、1 より大きくなったら 1 に直す。
    """
    raise NotImplementedError


def sign_test(first, second):
    """練習 10.2: 種ごとの差を検定する。

    first と second は、2 つのモデルの種ごとの成績（float）のリスト。長さは同じで、種の順も同じ。
    成績が等しい種は除く。残りの n 個の種で、勝ち負けが 1 つずつ五分五分に決まるとしたとき、
    実際と同じか、それよりも五分五分から離れた勝敗になる確率（両側）を float で返す。
    n = 0 なら 1.0 を返す。
    """
    raise NotImplementedError


def time_ratio(pairs, warmup):
    """練習 10.3: 交互に測った時間の比。

    pairs は、2 つの層を交互に測った時間の組 (a, b) を、測った順に並べたリスト。時間は正の float。
    はじめの warmup 組（0 以上、組の数より小さい）を捨て、
    残りの組ごとの比 a / b の中央値を float で返す。偶数個なら、中央の 2 つの平均。
    """
    raise NotImplementedError
