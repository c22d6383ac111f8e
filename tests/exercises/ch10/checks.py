"""「主張と検証」の練習。"""

import itertools
import math

import numpy as np

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise

COUNTS = ((7, 10), (0, 10), (10, 10), (1, 3), (0, 1), (1, 1), (17, 40), (3, 500))


def check_success_interval(f):
    """区間の端が、正規近似の検定で棄却されるかどうかの境目と一致する。"""
    got = [f(successes, n) for successes, n in COUNTS]
    names = [f"success_interval({successes}, {n}) " for successes, n in COUNTS]
    expect(got, [accepted(successes, n) for successes, n in COUNTS], names)


def accepted(successes, n):
    """|p - q| ≤ z √(q(1-q)/n) を満たす q の、いちばん小さいものと大きいもの。2 分法で探す。"""
    p = successes / n

    def edge(inside, outside):
        if abs(p - outside) <= 1.96 * math.sqrt(outside * (1 - outside) / n):
            return outside
        for _ in range(200):
            middle = (inside + outside) / 2
            near = abs(p - middle) <= 1.96 * math.sqrt(middle * (1 - middle) / n)
            inside, outside = (middle, outside) if near else (inside, middle)
        return inside

    return edge(p, 0.0), edge(p, 1.0)


SCORES = (
    # 引き分けが 2 つ、勝ちが 6 つ、負けが 2 つ
    (
        [5.0, 7.0, 6.0, 9.0, 4.0, 8.0, 3.0, 6.5, 2.0, 7.5],
        [4.0, 7.0, 5.0, 8.5, 6.0, 7.0, 1.0, 6.5, 3.0, 7.0],
    ),
    ([0.2, 0.4, 0.9, 0.1, 0.5], [0.3, 0.5, 0.8, 0.6, 0.7]),
    ([0.9] * 8, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    ([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]),
    ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    ([0.1], [0.2]),
    ([], []),
)


def check_sign_test(f):
    """ありうる勝敗をすべて並べて数えたものと一致する。"""
    got = [f(first, second) for first, second in SCORES]
    names = [f"{k} 番目の例の確率 " for k in range(1, len(SCORES) + 1)]
    expect(got, [counted(first, second) for first, second in SCORES], names)


def counted(first, second):
    """勝敗の並び 2^n 通りのうち、実際と同じか、それより偏ったものの割合。"""
    signs = [np.sign(a - b) for a, b in zip(first, second, strict=True) if a != b]
    every = itertools.product((-1, 1), repeat=len(signs))
    return float(np.mean([abs(sum(one)) >= abs(sum(signs)) for one in every]))


def check_time_ratio(f):
    """並べ替えて中央を取り出したものと一致する。"""
    rng = np.random.default_rng(93)
    cases = []
    for n, warmup in ((9, 2), (12, 3), (10, 0), (4, 3), (7, 6), (8, 2)):
        pairs = [tuple(map(float, pair)) for pair in rng.uniform(1, 9, (n, 2))]
        pairs[0] = (900.0, 0.5)  # 準備の入った、はじめの 1 回
        pairs[-1] = (70.0, 3.0)  # ほかのプログラムに待たされた 1 回
        cases.append((pairs, warmup))
    got = [f(pairs, warmup) for pairs, warmup in cases]
    names = [f"{len(pairs)} 組、warmup = {warmup} の比 " for pairs, warmup in cases]
    expect(got, [middle(pairs, warmup) for pairs, warmup in cases], names)


def middle(pairs, warmup):
    """大きいほうと小さいほうから同じ数ずつ、1 つか 2 つになるまで除く。"""
    ratios = sorted(a / b for k, (a, b) in enumerate(pairs) if k >= warmup)
    while len(ratios) > 2:
        ratios = ratios[1:-1]
    return sum(ratios) / len(ratios)


EXERCISES = (
    Exercise(
        id="10.1",
        name="success_interval",
        title="成功率の区間",
        section="公平な試し方",
        difficulty=1,
        minutes=10,
        hints=(
            "p = successes / n とし、括弧の中の中心 p + z²/(2n) と、± の後ろを別々に計算します。",
            "両方とも、1 + z²/n で割ります。最後に max(0.0, …) と min(1.0, …) で切りそろえます。",
        ),
        check=check_success_interval,
    ),
    Exercise(
        id="10.2",
        name="sign_test",
        title="種ごとの差を検定する",
        section="公平な試し方",
        difficulty=2,
        minutes=20,
        hints=(
            "勝った種の数 w と負けた種の数 l だけが要ります。n = w + l です。",
            "五分五分なら、n 個のうち k 個勝つ確率は math.comb(n, k) / 2**n です。",
            "max(w, l) 個以上勝つ確率を足し、反対側も同じだけあるので 2 倍します。"
            "ちょうど五分五分のときは 1 を超えるので、1 で抑えます。",
        ),
        check=check_sign_test,
    ),
    Exercise(
        id="10.3",
        name="time_ratio",
        title="交互に測った時間の比",
        section="公平な試し方",
        difficulty=1,
        minutes=5,
        hints=(
            "捨ててから、組ごとに a / b を計算します。時間の中央値どうしを割るのではありません。",
            "中央値は statistics.median で求まります。",
        ),
        check=check_time_ratio,
    ),
)
