"""判定の規則そのものを試す。本当の値がわかっている主張を作り、間違った判定の割合を数えます。

本当の値は、断りがなければ境目ちょうどです。境目ちょうどは、いちばん間違えやすい所です。「成立」も
「不成立」も、どちら側の言いすぎとしても間違いで、それぞれ 5 % を超えてはいけません。
"""

from collections import Counter
from collections.abc import Callable

import numpy as np

from lstm_text.records.answers import paired_by_seed, paired_difference
from lstm_text.records.intervals import mean_interval, median_interval, rate_difference
from lstm_text.records.verdicts import Above, Below, Finding, verdict

SEEDS, REVIEWS = 10, 2000


def solved_seeds(rng: np.random.Generator) -> Finding:
    """解けた種の割合の差。本当の差は、境目の 20 ポイント。"""
    low = rng.uniform(0, 0.8)
    rates = low + 0.2, low
    return Above("", *rate_difference(*((int(rng.binomial(SEEDS, p)), SEEDS) for p in rates)), 0.2)


def mean_gap(rng: np.random.Generator, beyond: float = 0.0) -> Finding:
    """種ごとの差の平均。両方に同じように効く種の当たり外れと、別々の揺れがある。

    本当の差は、境目の 1 ポイントより ``beyond`` だけ大きい。
    """
    shared = rng.normal(0, 5, SEEDS)
    first, second = (shared + shift + rng.normal(0, 2, SEEDS) for shift in (1 + beyond, 0))
    return Above("", *mean_interval((first - second).tolist()), 1.0)


def median_ratio(rng: np.random.Generator) -> Finding:
    """種ごとの比の中央値。比は、ときどき桁違いに飛び離れる。"""
    ratios = 0.5 * np.exp(rng.standard_t(1.5, SEEDS))
    return Below("", *median_interval(ratios.tolist()), 0.5)


def paired_answers(rng: np.random.Generator) -> Finding:
    """同じレビューに答えた 2 つのモデルの、正解率の差。片方だけが当てるレビューは少ない。"""
    kinds = rng.choice(4, REVIEWS, p=(0.86, 0.05, 0.04, 0.05))  # 両方、前だけ、後だけ、どちらも外す
    gap = paired_difference([np.isin(kinds, (0, 1))], [np.isin(kinds, (0, 2))])
    return Above("", gap.low, gap.high, 0.01)


def paired_seeds(rng: np.random.Generator) -> Finding:
    """種もレビューも組にした、正解率の差。種ごと、レビューごとに、効き方が違う。"""
    easy = rng.uniform(0.3, 0.7, REVIEWS)
    gains = 0.01 + rng.uniform(-0.1, 0.1, REVIEWS) + rng.normal(0, 0.01, (SEEDS, 1))
    first, second = (rng.random((SEEDS, REVIEWS)) < p for p in (easy + gains, easy))
    gap = paired_by_seed(list(first), list(second))
    return Above("", gap.low, gap.high, 0.01)


def mean_of_all_or_nothing(rng: np.random.Generator) -> Finding:
    """解けるか、まったく解けないかの精度を、平均して比べる。割合に直さない、悪い試し方。"""
    scores = np.where(rng.random(SEEDS) < 0.2 / 0.9, 1.0, 0.1)
    return Above("", *mean_interval((scores - 0.1).tolist()), 0.2)


def wrong_verdicts(
    draw: Callable[[np.random.Generator], Finding], rng: np.random.Generator, rows: int, claims: int
) -> dict[str, float]:
    """作った主張のうち、それぞれの判定になったものの割合。「保留」のほかは間違い。

    Parameters
    ----------
    draw : callable
        乱数の発生器から、本当の値が境目ちょうどの条件を 1 つ作る関数。
    rng : numpy.random.Generator
    rows : int
        1 つの主張の、条件の数。
    claims : int
        作る主張の数。

    Returns
    -------
    dict of str to float
        判定の語から、割合。

    Examples
    --------
    >>> found = wrong_verdicts(lambda rng: Above("", -1, 1, 0), np.random.default_rng(0), 3, 10)
    >>> found["保留"], found["成立"]
    (1.0, 0.0)
    """
    counts = Counter(verdict([draw(rng) for _ in range(rows)]) for _ in range(claims))
    return {word: counts[word] / claims for word in ("成立", "条件つき", "不成立", "保留")}
