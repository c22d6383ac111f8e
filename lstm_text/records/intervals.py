"""種や標本の揺れから、成功率、平均、中央値の 95 % 区間を求めます。

scipy.stats は読み込みが重いので、区間を求めるときに取り込みます。
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, stdev

CONFIDENCE = 0.95
"""区間の信頼係数。"""


@cache
def wilson(successes: int, n: int) -> tuple[float, float]:
    """成功率の 95 % 区間（Wilson の区間）。

    0 回や n 回の成功でも、幅が 0 になりません。

    Parameters
    ----------
    successes : int
        成功の回数。
    n : int
        試した回数。

    Returns
    -------
    low, high : float
        0 から 1 の割合。

    Raises
    ------
    ValueError
        回数が 0 と ``n`` の間にないとき、``n`` が 1 より小さいとき。

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(0, 10)], [round(x, 3) for x in wilson(7, 10)]
    ([0.0, 0.278], [0.397, 0.892])
    """
    from scipy.stats import binomtest

    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"0 以上 n 以下の成功の回数が必要ですが、n = {n}、{successes} 回でした。")
    low, high = binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(low), float(high)


def rate_difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """2 つの成功率の差（``first`` − ``second``）の 95 % 区間。

    Parameters
    ----------
    first, second : (int, int)
        成功の回数と、試した回数。

    Returns
    -------
    low, high : float

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions. Statistics in Medicine, 17, 方法 10。

    Examples
    --------
    >>> [round(x, 2) for x in rate_difference((10, 10), (0, 10))]
    [0.61, 1.0]
    >>> [round(x, 2) for x in rate_difference((5, 10), (5, 10))]
    [-0.37, 0.37]
    """
    p, q = first[0] / first[1], second[0] / second[1]
    (p_low, p_high), (q_low, q_high) = wilson(*first), wilson(*second)
    gap = p - q
    return gap - math.hypot(p - p_low, q_high - q), gap + math.hypot(p_high - p, q - q_low)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """平均の 95 % 区間（t 分布による）。種ごとの値や、種ごとの差を渡す。

    Parameters
    ----------
    values : sequence of float
        2 つ以上。

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        値が 2 つ未満のとき。

    Examples
    --------
    >>> [round(x, 2) for x in mean_interval([1.0, 2.0, 3.0])]
    [-0.48, 4.48]
    >>> mean_interval([10.0, 10.0, 10.0])
    (10.0, 10.0)
    """
    n = len(values)
    if n < 2:
        raise ValueError(f"区間を求めるには 2 つ以上の値が必要ですが、{n} 個でした。")
    half = _student(n - 1) * stdev(values) / math.sqrt(n)
    return fmean(values) - half, fmean(values) + half


@cache
def _student(freedom: int) -> float:
    """t 分布の、両側に 5 % を残す点。"""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, freedom))


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """中央値の 95 % 以上の区間。順番だけで決まるので、飛び離れた値に強い。

    小さいほうから k 番めと、大きいほうから k 番めの値を返します。k は、二項分布から決まる、
    信頼係数を保つ最大の整数です。値が 6 個未満では 95 % に届かないので、使えません。

    Parameters
    ----------
    values : sequence of float
        6 個以上。

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        値が 6 個未満のとき。

    Examples
    --------
    >>> median_interval([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])  # 10 個なら 2 番めと 9 番め
    (1, 6)
    """
    n = len(values)
    if n < 6:
        raise ValueError(f"中央値の区間には 6 個以上の値が必要ですが、{n} 個でした。")
    k = _rank(n)
    ordered = sorted(values)
    return ordered[k - 1], ordered[n - k]


@cache
def _rank(n: int) -> int:
    """中央値の区間の端が、端から何番めの値か。"""
    from scipy.stats import binom

    return int(binom.ppf((1 - CONFIDENCE) / 2, n, 0.5))
