"""比べても何も言えない条件を、判定の前に、決めておいた規則で除きます。

両方が満点に近い条件（天井）と、両方が何も学んでいない条件（床）では、どんな工夫も差を作れません。
相手が良すぎて、満点をとっても勝ったと言えない条件（余地なし）は、主張を試していません。主張の言う
1 か所のほかにも違いのある条件（対照）では、差が何のものかわかりません。
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstm_text.records.intervals import rate_difference

REASONS = ("天井", "床", "余地なし", "対照")
"""条件を数えない理由。"""


@dataclass(frozen=True)
class SetAside:
    """支持にも反証にも数えない条件。

    Parameters
    ----------
    setting : str
        どの条件か。
    judgement : str
        「天井」「床」「余地なし」「対照」のどれか。
    reason : str
        なぜ数えないか。

    Raises
    ------
    ValueError
        ``judgement`` が天井、床、余地なし、対照のどれでもないとき。

    Examples
    --------
    >>> print(SetAside("T = 5", "天井", "どちらも満点"))
    天井　T = 5：どちらも満点
    """

    setting: str
    judgement: str
    reason: str

    def __post_init__(self):
        if self.judgement not in REASONS:
            known = "、".join(REASONS)
            raise ValueError(
                f"judgement には{known}のどれかが必要ですが、{self.judgement!r} でした。"
            )

    def __str__(self) -> str:
        return f"{self.judgement}　{self.setting}：{self.reason}"


@dataclass(frozen=True)
class Scale:
    """成績の物差し。何も学ばないときの値と、これ以上ない値。

    Parameters
    ----------
    worst : float
        何も学ばないときの値（あてずっぽうの精度、いつも同じ数を答えたときの誤差）。
    best : float
        これ以上ない値。誤差の比を見るときのように、天井がなければ ``-math.inf``。
    margin : float
        端からこの幅までを、端とみなす。

    Raises
    ------
    ValueError
        ``worst`` と ``best`` が等しいとき、``margin`` が負のとき。

    Examples
    --------
    >>> accuracy = Scale(worst=0.1, best=1.0, margin=0.2)
    >>> accuracy.end([1.0, 0.9], [0.8, 1.0]), accuracy.end([0.1, 0.3], [0.2, 0.1])
    ('天井', '床')
    >>> print(accuracy.end([0.1, 0.1], [0.1, 1.0]))
    None
    """

    worst: float
    best: float
    margin: float

    def __post_init__(self):
        if self.worst == self.best or self.margin < 0:
            raise ValueError(
                "worst と違う best と、0 以上の margin が必要ですが、"
                f"worst = {self.worst}、best = {self.best}、margin = {self.margin} でした。"
            )

    def end(self, *sides: Sequence[float]) -> str | None:
        """どの側も 9 割以上の種が良いほうの端なら「天井」、悪いほうの端なら「床」、ほかは None。"""
        for word, at_end in (("天井", self._at_best), ("床", self._at_worst)):
            if all(sum(map(at_end, side)) >= _MOST * len(side) - _ROUNDING for side in sides):
                return word
        return None

    def _at_best(self, value: float) -> bool:
        up = 1 if self.best > self.worst else -1
        return up * value >= up * self.best - self.margin - _ROUNDING

    def _at_worst(self, value: float) -> bool:
        up = 1 if self.best > self.worst else -1
        return up * value <= up * self.worst + self.margin + _ROUNDING

    def judged(self, finding: Any, *sides: Sequence[float]) -> Any:
        """どちらの端にもなければ ``finding`` を、端にあれば :class:`SetAside` を返す。

        Parameters
        ----------
        finding : Finding
            端になければ返すもの。
        *sides : sequence of float
            比べるそれぞれの側の、種ごとの値。

        Returns
        -------
        Finding or SetAside

        Examples
        --------
        >>> accuracy = Scale(worst=0.1, best=1.0, margin=0.2)
        >>> from lstm_text.records import Above
        >>> print(accuracy.judged(Above("T = 5", 0, 0, 0.2), [1.0, 1.0], [1.0, 1.0]))
        天井　T = 5：端にある種 2/2、2/2（満点は 1）
        """
        end = self.end(*sides)
        if end is None:
            return finding
        at_end = self._at_best if end == "天井" else self._at_worst
        seeds = "、".join(f"{sum(map(at_end, side))}/{len(side)}" for side in sides)
        told = f"満点は {self.best:.3g}" if end == "天井" else f"学ばなければ {self.worst:.3g}"
        return SetAside(finding.setting, end, f"端にある種 {seeds}（{told}）")


def with_room(finding: Any, rival: tuple[int, int], n: int) -> Any:
    """「成功が ``rival`` より多い」という条件に、勝つ余地があれば ``finding`` を返す。

    Parameters
    ----------
    finding : Above
        成功率の差の区間（:func:`~lstm_text.records.rate_difference`）についてのもの。
    rival : (int, int)
        相手の、成功の回数と、試した回数。
    n : int
        比べるほうの、試した回数。

    Returns
    -------
    Above or SetAside
        ``n`` 回とも成功しても「支持」にならないなら、:class:`SetAside`。

    Examples
    --------
    >>> from lstm_text.records import Above
    >>> print(with_room(Above("T = 20", -0.3, 0.3, 0.2), (7, 10), 10))
    余地なし　T = 20：相手は 7/10。全部成功しても、差の区間は -0.0376 からで、境目 0.2 を超えない
    >>> print(with_room(Above("T = 60", 0.5, 0.9, 0.2), (0, 10), 10))
    支持◎　T = 60：0.5〜0.9（境目 0.2 より大きいか）
    """
    low, high = rate_difference((n, n), rival)
    if replace(finding, low=low, high=high).judgement == "支持":
        return finding
    reason = (
        f"相手は {rival[0]}/{rival[1]}。全部成功しても、"
        f"差の区間は {low:.3g} からで、境目 {finding.threshold:.3g} を超えない"
    )
    return SetAside(finding.setting, "余地なし", reason)


_MOST = 0.9
"""端とみなす種の割合。種が多ければ、1 つや 2 つは、まぐれで端から離れる。"""

_ROUNDING = 1e-9
"""0.1 + 0.2 が 0.3 をわずかに超えるような、丸めの分。"""
