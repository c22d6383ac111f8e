"""主張の判定。条件ごとの区間を、あらかじめ決めた境目と比べ、1 つの語にまとめます。

主張はどれも「ある量が、境目より大きい（小さい、境目以内だ）」という形に直してから判定します。
scipy.stats は読み込みが重いので、使うときに取り込みます。
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from lstm_text.records.fairness import SetAside
from lstm_text.records.intervals import CONFIDENCE


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
    >>> print(Above("T = 60", 0.4, 0.6, threshold=0.1))  # 確かな行
    支持◎　T = 60：0.4〜0.6（境目 0.1 より大きいか）
    """

    setting: str
    low: float
    high: float
    threshold: float

    QUESTION = ""
    SIDES = ("順", "逆")

    @property
    def judgement(self) -> str:
        """区間がすべて主張の側なら「支持」、すべて反対側なら「反証」、またげば「保留」。"""
        return "支持" if self._supports() else "反証" if self._refutes() else "保留"

    @property
    def firm(self) -> bool:
        """区間の幅を 2 倍にしても、同じ側にあるか。"""
        half = (self.high - self.low) / 2
        wide = replace(self, low=self.low - half, high=self.high + half)
        return wide.judgement == self.judgement != "保留"

    @property
    def resolution(self) -> float:
        """本当の値が境目からこれだけ離れていれば、同じ試し方で 8 割は「保留」にならない。

        区間の半分の幅は、標準誤差の 1.96 倍です。8 割の場合に境目をまたがないためには、さらに
        0.84 倍だけ離れていなければなりません。
        """
        return (self.high - self.low) / 2 * (1.96 + 0.84) / 1.96

    @property
    def direction(self) -> str:
        """差が主張の言う向きにあれば「順」、反対なら「逆」、区間が 0 をまたげば「±」。

        向きを言わない主張（:class:`Within`）では、差の符号のとおりに「上」「下」。
        """
        return self.SIDES[0] if self.low > 0 else self.SIDES[1] if self.high < 0 else "±"

    def told(self, value: float) -> str:
        """量の書き方。"""
        return f"{value:.3g}"

    def __str__(self) -> str:
        low, high, bound = map(self.told, (self.low, self.high, self.threshold))
        seen = f"。見えるのは境目から {self.told(self.resolution)} 以上"
        return (
            f"{self.judgement}{'◎' * self.firm}　{self.setting}："
            f"{low}〜{high}（境目 {bound} {self.QUESTION}）{seen * (self.judgement == '保留')}"
        )


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
    SIDES = ("逆", "順")

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
    SIDES = ("上", "下")

    def _supports(self) -> bool:
        return -self.threshold <= self.low and self.high <= self.threshold

    def _refutes(self) -> bool:
        return self.low > self.threshold or self.high < -self.threshold


class _Ratio:
    """量が比のとき。区間と境目は log2 で持ち、倍率で書く。"""

    def told(self, value: float) -> str:
        return f"{2**value:.3g} 倍"


class RatioAbove(_Ratio, Above):
    """「比は境目より大きい」という主張についてのもの。

    Examples
    --------
    >>> print(RatioAbove("", 0.0, 3.0, threshold=1.0))
    保留　：1 倍〜8 倍（境目 2 倍 より大きいか）。見えるのは境目から 4.42 倍 以上
    """


class RatioBelow(_Ratio, Below):
    """「比は境目より小さい」という主張についてのもの。

    Examples
    --------
    >>> print(RatioBelow("", -3.0, -2.0, threshold=-1.0))
    支持◎　：0.125 倍〜0.25 倍（境目 0.5 倍 より小さいか）
    """


class RatioWithin(_Ratio, Within):
    """「比は境目の倍率以内で、ないのと同じ」という主張についてのもの。

    Examples
    --------
    >>> print(RatioWithin("", -0.5, 0.5, threshold=1.0))
    支持◎　：0.707 倍〜1.41 倍（境目 2 倍 以内か）
    """


@cache
def beyond_chance(rows: int) -> int:
    """「支持」（または「反証」）がこの数だけ並べば、偶然とは言えない。

    本当の値がどの行でも境目ちょうどなら、95 % の区間は、1 つの行で 2.5 % の確率で主張の側に外れ
    ます。互いに関係のない ``rows`` 個の行のうち、外れる行がこの数に届く確率は、4 % 以下です。
    5 % との差は、1 つでも足りるほど確かな行（:attr:`Finding.firm`）が偶然に現れる分です。

    Parameters
    ----------
    rows : int
        比べた行の数。

    Returns
    -------
    int

    Examples
    --------
    >>> [beyond_chance(rows) for rows in (1, 2, 12, 15)]
    [1, 2, 2, 3]
    """
    from scipy.stats import binom

    outside = (1 - CONFIDENCE) / 2
    return next(n for n in range(1, rows + 2) if binom.sf(n - 1, rows, outside) <= _BY_COUNT)


_BY_COUNT = 0.04
"""弱い行が並んで間違えることを許す割合。"""


def verdict(findings: Iterable[Finding | SetAside]) -> str:
    """条件ごとの判断を、1 つの語にまとめる。

    比べても何も言えない条件（:class:`~lstm_text.records.SetAside`）は、数えません。残りのすべてで
    支持されれば「成立」。そうでなければ、偶然と言えない支持があれば「条件つき」、それがなく、偶然と
    言えない反証があれば「不成立」、どちらもなければ「保留」です。数える条件が 1 つもなければ
    「判定なし」です。偶然と言えないのは、確かな行（:attr:`Finding.firm`）が 1 つでもあるか、数が
    :func:`beyond_chance` に届くときです。

    Parameters
    ----------
    findings : iterable of Finding or SetAside

    Returns
    -------
    str

    Examples
    --------
    >>> yes, no, unsure = Above("", 3, 4, 0), Above("", -4, -3, 0), Above("", -1, 1, 0)
    >>> verdict([yes, yes]), verdict([yes, no]), verdict([yes, unsure]), verdict([no, unsure])
    ('成立', '条件つき', '条件つき', '不成立')
    >>> barely = Above("", 0.1, 2, 0)
    >>> verdict([barely]), verdict([barely, no, no]), verdict([barely, unsure, unsure])
    ('成立', '不成立', '保留')
    >>> verdict([unsure]), verdict([yes, SetAside("", "天井", "")]), verdict([])
    ('保留', '成立', '判定なし')
    """
    counted = [finding for finding in findings if not isinstance(finding, SetAside)]
    support = [finding for finding in counted if finding.judgement == "支持"]
    against = [finding for finding in counted if finding.judgement == "反証"]
    if not counted:
        return "判定なし"
    if len(support) == len(counted):
        return "成立"
    enough = beyond_chance(len(counted))
    for word, rows in (("条件つき", support), ("不成立", against)):
        if len(rows) >= enough or any(row.firm for row in rows):
            return word
    return "保留"
