"""「主張と検証」の別の正しい答え。"""

import itertools
import math
import statistics
from fractions import Fraction

import numpy as np


class success_interval:
    def quadratic(successes, n):
        """式 (p - q)² = z² q (1 - q) / n を満たす q を、2 次方程式として解く"""
        p, z2 = successes / n, 1.96**2
        a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
        root = math.sqrt(max(0.0, b * b - 4 * a * c))
        return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))

    def counts(successes, n):
        """割合でなく、回数のまま計算し、リストで返す"""
        z = 1.96
        failures = n - successes
        middle = (successes + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * (successes * failures / n + z * z / 4) ** 0.5
        return list(np.clip([middle - half, middle + half], 0, 1))


class sign_test:
    def enumerated(first, second):
        """あらゆる勝敗を並べて数える"""
        signs = [a > b for a, b in zip(first, second, strict=True) if a != b]
        seen = abs(2 * sum(signs) - len(signs))
        every = list(itertools.product((0, 1), repeat=len(signs)))
        return sum(abs(2 * sum(one) - len(signs)) >= seen for one in every) / len(every)

    def exact(first, second):
        """分数のまま、両側の確率を 1 つずつ足す"""
        gaps = [a - b for a, b in zip(first, second, strict=True)]
        wins, n = sum(g > 0 for g in gaps), sum(g != 0 for g in gaps)
        far = [k for k in range(n + 1) if abs(2 * k - n) >= abs(2 * wins - n)]
        return sum((Fraction(math.comb(n, k), 2**n) for k in far), Fraction(0))


class time_ratio:
    def with_numpy(pairs, warmup):
        """NumPy の配列にして、列どうしを割る"""
        a, b = np.array(pairs, dtype=float)[warmup:].T
        return np.median(a / b)

    def by_logarithm(pairs, warmup):
        """並べ替えて、中央を取り出す"""
        ratios = sorted(a / b for a, b in itertools.islice(pairs, warmup, None))
        half = len(ratios) // 2
        return statistics.fmean([ratios[half], ratios[-half - 1]])
