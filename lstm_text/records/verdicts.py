"""主張の判定。区間を求め、あらかじめ決めた境目と比べ、1 つの語にまとめます。

主張はどれも「ある量が、境目より大きい（小さい、境目以内だ）」という形に直してから判定します。
scipy.stats は読み込みが重いので、区間を求めるときに取り込みます。
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

CONFIDENCE = 0.95
"""区間の信頼係数。"""


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
    from scipy.stats import t

    n = len(values)
    if n < 2:
        raise ValueError(f"区間を求めるには 2 つ以上の値が必要ですが、{n} 個でした。")
    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * stdev(values) / math.sqrt(n)
    return fmean(values) - half, fmean(values) + half


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
    from scipy.stats import binom

    n = len(values)
    if n < 6:
        raise ValueError(f"中央値の区間には 6 個以上の値が必要ですが、{n} 個でした。")
    k = int(binom.ppf((1 - CONFIDENCE) / 2, n, 0.5))
    ordered = sorted(values)
    return ordered[k - 1], ordered[n - k]


@dataclass(frozen=True)
class Finding:
    """1 つの条件で測ったこと。主張を支えるかどうかは、主張の形ごとの子クラスが決める。

    Parameters
    ----------
    setting : str
        どの条件で測ったか。
    low, high : float
        量の 95 % 区間。ちょうど計算できる量なら、2 つは等しい。
    threshold : float
        測る前に決めた境目。

    Examples
    --------
    >>> print(Above("T = 20", 0.2, 0.6, threshold=0.1))
    支持　T = 20：0.2〜0.6（境目 0.1 より大きいか）
    """

    setting: str
    low: float
    high: float
    threshold: float

    QUESTION = ""

    @property
    def judgement(self) -> str:
        """区間がすべて主張の側なら「支持」、すべて反対側なら「反証」、またげば「保留」。"""
        return "支持" if self._supports() else "反証" if self._refutes() else "保留"

    def __str__(self) -> str:
        numbers = f"{self.low:.3g}〜{self.high:.3g}（境目 {self.threshold:.3g} {self.QUESTION}）"
        return f"{self.judgement}　{self.setting}：{numbers}"


class Above(Finding):
    """「量は境目より大きい」という主張についてのもの。

    Examples
    --------
    >>> Above("", 0.2, 0.6, 0.1).judgement, Above("", -0.3, 0.1, 0.1).judgement
    ('支持', '反証')
    >>> Above("", -0.3, 0.3, 0.1).judgement
    '保留'
    """

    QUESTION = "より大きいか"

    def _supports(self) -> bool:
        return self.low > self.threshold

    def _refutes(self) -> bool:
        return self.high <= self.threshold


class Below(Finding):
    """「量は境目より小さい」という主張についてのもの。

    Examples
    --------
    >>> Below("", 0.2, 0.6, 0.1).judgement, Below("", -0.3, 0.05, 0.1).judgement
    ('反証', '支持')
    """

    QUESTION = "より小さいか"

    def _supports(self) -> bool:
        return self.high < self.threshold

    def _refutes(self) -> bool:
        return self.low >= self.threshold


class Within(Finding):
    """「量の大きさは境目以内で、ないのと同じ」という主張についてのもの。

    Examples
    --------
    >>> Within("", -0.05, 0.02, 0.1).judgement, Within("", 0.2, 0.6, 0.1).judgement
    ('支持', '反証')
    >>> Within("", -0.3, 0.3, 0.1).judgement
    '保留'
    """

    QUESTION = "以内か"

    def _supports(self) -> bool:
        return -self.threshold <= self.low and self.high <= self.threshold

    def _refutes(self) -> bool:
        return self.low > self.threshold or self.high < -self.threshold


def verdict(findings: Iterable[Finding]) -> str:
    """条件ごとの判断を、1 つの語にまとめる。

    すべての条件で支持されれば「成立」、支持される条件とされない条件があれば「条件つき」、
    支持する条件がなく、反証が 1 つでもあれば「不成立」、すべて保留なら「保留」、条件が 1 つも
    なければ「未測定」です。

    Parameters
    ----------
    findings : iterable of Finding

    Returns
    -------
    str

    Examples
    --------
    >>> yes, no, unsure = Above("", 1, 2, 0), Above("", -2, -1, 0), Above("", -1, 1, 0)
    >>> verdict([yes, yes]), verdict([yes, no]), verdict([yes, unsure]), verdict([no, unsure])
    ('成立', '条件つき', '条件つき', '不成立')
    >>> verdict([unsure]), verdict([])
    ('保留', '未測定')
    """
    judgements = [finding.judgement for finding in findings]
    if not judgements:
        return "未測定"
    if "支持" in judgements:
        return "成立" if set(judgements) == {"支持"} else "条件つき"
    return "不成立" if "反証" in judgements else "保留"
