"""同じレビューへの答えを、1 件ずつ組にして比べる。

どのモデルも同じテスト用のレビューに答えるので、難しいレビューはどのモデルにも難しく、正解率は
そろって上下します。差を 1 件ごとに取れば、この共通の揺れが消え、小さな差まで見分けられます。
scipy.stats は読み込みが重いので、使うときに取り込みます。
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_text.records.intervals import CONFIDENCE
from lstm_text.records.seeds import SeedSpread


def mcnemar(first: np.ndarray, second: np.ndarray) -> float:
    """McNemar の検定（正確な両側の p 値）。どちらか一方だけが当てたレビューで比べる。

    2 つのモデルの強さが同じなら、一方だけが当てたレビューは、どちらのものも同じ割合で現れます。
    その数を、表と裏が半々のコインと比べます。

    Parameters
    ----------
    first, second : ndarray of bool, (n,)
        同じ並びのレビューへの当たり外れ。

    Returns
    -------
    float
        p 値。一方だけが当てたレビューがなければ 1。

    Raises
    ------
    ValueError
        レビューの数が合わないとき。

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated
    proportions or percentages. Psychometrika, 12, 153-157.

    Examples
    --------
    >>> mcnemar(np.array([True] * 6), np.array([False] * 6))  # 6 回とも表：2 / 2**6
    0.03125
    >>> mcnemar(np.array([True, False]), np.array([False, True]))
    1.0
    """
    from scipy.stats import binomtest

    first, second = _sides([first], [second])
    only_first, only_second = int((first > second).sum()), int((first < second).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


@dataclass(frozen=True)
class PairedDifference:
    """2 つのモデルの正解率の差と、その 95 % 区間。:func:`paired_difference` の戻り値。

    Attributes
    ----------
    mean : float
        差（-1 から 1 の割合）。
    low, high : float
        区間の両端。

    Examples
    --------
    >>> PairedDifference(0.01, 0.004, 0.016).distinguishable
    True
    >>> PairedDifference(0.01, -0.002, 0.022).distinguishable
    False
    """

    mean: float
    low: float
    high: float

    @property
    def distinguishable(self) -> bool:
        """差があると言えるか。区間が 0 を含まないこと。"""
        return self.low > 0 or self.high < 0


def paired_difference(
    first: Sequence[np.ndarray],
    second: Sequence[np.ndarray],
    spread: SeedSpread | None = None,
) -> PairedDifference:
    """正解率の差（``first`` − ``second``）の 95 % 区間。レビューの選び方と、種の揺れを合わせる。

    種 s、レビュー i の当たり外れを、種の効果、レビューの効果、残りの和 ``μ + α_s + β_i + ε_si`` と
    みなします。レビュー n 件、種 k 通りの正解率の分散は ``σ_α²/k + σ_β²/n + σ_ε²/(k n)`` です。
    これを、次の 3 つから見積もります（S と E は、``first`` と ``second`` のそれぞれに）。

    ==========================  ================================================================
    量                          何か
    ==========================  ================================================================
    S = s²/k                    種ごとの正解率の分散 s² から。残りの揺れも含む
    C = var(d_i)/n              レビュー 1 件ごとの差 d_i の分散から。残りの揺れも含む
    E = (w - s²) / (k (n - 1))  残りの揺れ。w は、1 件の中での種による分散の平均
    ==========================  ================================================================

    残りの揺れは S と C の両方に入っているので 1 度だけ数え、差の分散を
    ``V = S₁ + S₂ + max(C - E₁ - E₂, 0)`` とします。種は数通りしかないので、区間は自由度
    ``V² / (S₁²/(k₁ - 1) + S₂²/(k₂ - 1))`` の t 分布によります。

    どちらかの種が 1 通りなら、種の揺れはわかりません。そのときは ``V = C``、自由度 ``n - 1`` とし、
    区間は、訓練し終えたこのモデルどうしの差についてのものになります。

    ``spread`` を渡せば、S には、その分散を種の数で割ったものを、自由度には、その自由度を使います。
    種が 1 つの側は、種によらないモデル（数えるだけのものなど）とみなします。

    Parameters
    ----------
    first, second : sequence of ndarray of bool, each (n,)
        種ごとの、同じ並びのレビューへの当たり外れ。種の数は違ってもよい。
    spread : SeedSpread, optional

    Returns
    -------
    PairedDifference

    Raises
    ------
    ValueError
        種が 1 つもないとき、レビューの数が合わないとき、2 件に満たないとき。
        ``spread`` を渡したのに、どちらの種も 1 つのとき。

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin, 2, 110-114. Hillis, S. L. (2007). A comparison of denominator degrees of
    freedom methods for multiple observer ROC analysis. Statistics in Medicine, 26, 596-619
    （読影者と症例を、種とレビューに置き換えた、同じ形の分散と自由度）。

    Examples
    --------
    >>> weak = np.array([True] * 80 + [False] * 20)
    >>> strong = np.array([True] * 90 + [False] * 10)
    >>> found = paired_difference([strong], [weak])
    >>> round(found.mean, 2), round(found.low, 2), round(found.high, 2)
    (0.1, 0.04, 0.16)
    >>> other = paired_difference([strong, weak], [weak, weak])  # 種を替えると、差が消えた
    >>> round(other.mean, 2), other.distinguishable
    (0.05, False)
    """
    first, second = _sides(first, second)
    n = first.shape[1]
    if n < 2:
        raise ValueError(_TOO_FEW.format(n))
    each = first.mean(axis=0) - second.mean(axis=0)
    mean, variance, freedom = float(each.mean()), float(each.var(ddof=1)) / n, n - 1
    if spread:
        tried = [side for side in (first, second) if len(side) > 1]
        if not tried:
            raise ValueError("種の揺れを使うには、種を 2 つ以上試した側が必要です。")
        seeds = sum(spread.variance / len(side) for side in tried)
        rest = sum(_seeds_and_rest(side)[1] for side in tried)
        variance = seeds + max(variance - rest, 0)
        freedom = variance**2 / seeds**2 * spread.freedom if seeds else n - 1
    elif min(len(first), len(second)) > 1:
        seeds, rest = zip(_seeds_and_rest(first), _seeds_and_rest(second), strict=True)
        variance = sum(seeds) + max(variance - sum(rest), 0)
        rough = sum(s**2 / (len(side) - 1) for s, side in zip(seeds, (first, second), strict=True))
        freedom = variance**2 / rough if rough else n - 1
    return _interval(mean, variance, freedom)


def paired_by_seed(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> PairedDifference:
    """種も組にした、正解率の差（``first`` − ``second``）の 95 % 区間。

    同じ種の 2 つが、同じ訓練データや同じ初期値から始まっているときに使います。どちらにも同じように
    効く種の当たり外れが、差をとると消えるので、:func:`paired_difference` より狭くなります。

    種 s、レビュー i の**差** ``d_si`` を、種の効果、レビューの効果、残りの和とみなします。求め方は
    :func:`paired_difference` と同じで、2 つの側の代わりに、差の 1 つだけを使います。分散は
    ``V = S + max(C - E, 0)``、自由度は ``V² / (S²/(k - 1))`` です。S は、本当は E より小さくなら
    ないので、たまたま小さく出たら E とします（そうしないと、種が 3 つのとき、区間が狭すぎます）。

    Parameters
    ----------
    first, second : sequence of ndarray of bool, each (n,)
        種ごとの、同じ並びのレビューへの当たり外れ。種の並びもそろえる。

    Returns
    -------
    PairedDifference

    Raises
    ------
    ValueError
        種の数が違うか 2 つに満たないとき、レビューの数が合わないとき、2 件に満たないとき。

    Examples
    --------
    >>> weak = np.array([True] * 80 + [False] * 20)
    >>> strong = np.array([True] * 90 + [False] * 10)
    >>> found = paired_by_seed([strong, weak], [weak, np.roll(weak, 10)])
    >>> round(found.mean, 2)
    0.05
    """
    first, second = _sides(first, second)
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(
            f"同じ数の、2 つ以上の種の答えが必要ですが、{len(first)} と {len(second)} でした。"
        )
    gaps = first.astype(int) - second
    n = gaps.shape[1]
    if n < 2:
        raise ValueError(_TOO_FEW.format(n))
    seeds, rest = _seeds_and_rest(gaps)
    seeds = max(seeds, rest)
    variance = seeds + max(float(gaps.mean(axis=0).var(ddof=1)) / n - rest, 0)
    freedom = variance**2 / seeds**2 * (len(gaps) - 1) if seeds else n - 1
    return _interval(float(gaps.mean()), variance, freedom)


_TOO_FEW = "区間を求めるには 2 件以上のレビューが必要ですが、{} 件でした。"


def _interval(mean: float, variance: float, freedom: float) -> PairedDifference:
    from scipy.stats import t

    half = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(variance)
    return PairedDifference(mean, mean - half, mean + half)


def _seeds_and_rest(side: np.ndarray) -> tuple[float, float]:
    """種の揺れ S と、レビューの揺れにも数えられている残り E。"""
    k, n = side.shape
    between, within = side.mean(axis=1).var(ddof=1), side.var(axis=0, ddof=1).mean()
    return float(between / k), float((within - between) / (k * (n - 1)))


def _sides(
    first: Sequence[np.ndarray], second: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """種ごとの答えを (種, レビュー) に積む。"""
    sizes = sorted({np.shape(answers) for answers in (*first, *second)})
    if not (len(first) and len(second)):
        raise ValueError(
            f"どちらにも 1 つ以上の種の答えが必要ですが、{len(first)} と {len(second)} でした。"
        )
    if len(sizes) != 1 or len(sizes[0]) != 1:
        raise ValueError(
            f"同じ数のレビューへの答えを 1 列に並べる必要がありますが、形は {sizes} でした。"
        )
    return np.stack([*first]).astype(bool), np.stack([*second]).astype(bool)
