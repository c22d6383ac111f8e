"""種を替えて訓練したときの、正解率の揺れ。"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SeedSpread:
    """種 1 つの正解率の分散と、その見積もりの自由度。:func:`seed_spread` の戻り値。

    Attributes
    ----------
    variance : float
    freedom : int

    Examples
    --------
    >>> found = SeedSpread(variance=0.0004, freedom=9)
    >>> f"種 1 つの標準偏差は {found.variance**0.5:.2f}"
    '種 1 つの標準偏差は 0.02'
    """

    variance: float
    freedom: int


def seed_spread(models: Sequence[Sequence[np.ndarray]]) -> SeedSpread:
    """種の揺れを、いくつものモデルから合わせて見積もる。どのモデルでも同じ大きさだとみなす。

    種が 2 つや 3 つでは、モデルごとの揺れはほとんどわかりません。分散を、自由度の重みで平均します。

    Parameters
    ----------
    models : sequence of (sequence of ndarray of bool, each (n,))
        モデルごと、種ごとの当たり外れ。種が 1 つのモデルは数えない。

    Returns
    -------
    SeedSpread

    Raises
    ------
    ValueError
        種が 2 つ以上のモデルが 1 つもないとき。

    Examples
    --------
    >>> low, high = np.arange(10) < 4, np.arange(10) < 6
    >>> found = seed_spread([[low, high], [low, high], [high]])
    >>> round(found.variance, 3), found.freedom
    (0.02, 2)
    """
    scores = [[np.mean(answers) for answers in seeds] for seeds in models if len(seeds) > 1]
    if not scores:
        raise ValueError("種を 2 つ以上試したモデルが必要ですが、1 つもありませんでした。")
    freedom = sum(len(each) - 1 for each in scores)
    squares = sum(np.var(each, ddof=1) * (len(each) - 1) for each in scores)
    return SeedSpread(float(squares) / freedom, freedom)
