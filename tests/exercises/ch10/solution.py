"""「主張と検証」の解答。"""

import math
import statistics


def success_interval(successes, n):
    p, z = successes / n, 1.96
    center = p + z**2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return max(0.0, (center - half) / scale), min(1.0, (center + half) / scale)


def sign_test(first, second):
    wins = sum(a > b for a, b in zip(first, second, strict=True))
    losses = sum(a < b for a, b in zip(first, second, strict=True))
    n = wins + losses
    tail = sum(math.comb(n, k) for k in range(max(wins, losses), n + 1)) / 2**n
    return min(1.0, 2 * tail)


def time_ratio(pairs, warmup):
    return statistics.median(a / b for a, b in pairs[warmup:])
