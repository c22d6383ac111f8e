"""比べても何も言えない条件を、判定の前に、決めておいた規則で除きます。

両方が満点に近い条件（天井）と、両方が何も学んでいない条件（床）では、どんな工夫も差を作れません。
主張の言う 1 か所のほかにも違いのある条件（対照）では、差が何のものかわかりません。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SetAside:
    """支持にも反証にも数えない条件。

    Parameters
    ----------
    setting : str
        どの条件か。
    judgement : str
        「天井」「床」「対照」のどれか。
    reason : str
        なぜ数えないか。

    Raises
    ------
    ValueError
        ``judgement`` が 3 つのどれでもないとき。

    Examples
    --------
    >>> print(SetAside("T = 5", "天井", "どちらも満点"))
    天井　T = 5：どちらも満点
    """

    setting: str
    judgement: str
    reason: str

    def __post_init__(self):
        if self.judgement not in ("天井", "床", "対照"):
            raise ValueError(
                f"judgement には天井、床、対照のどれかが必要ですが、{self.judgement!r} でした。"
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
        """すべての値が良いほうの端にあれば「天井」、悪いほうの端にあれば「床」、なければ None。"""
        up = 1 if self.best > self.worst else -1
        values = [up * value for side in sides for value in side]
        if min(values) >= up * self.best - self.margin - _ROUNDING:
            return "天井"
        return "床" if max(values) <= up * self.worst + self.margin + _ROUNDING else None

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
        天井　T = 5：どの種も 1〜1（満点は 1）
        """
        end = self.end(*sides)
        if end is None:
            return finding
        values = [value for side in sides for value in side]
        told = f"満点は {self.best:.3g}" if end == "天井" else f"学ばなければ {self.worst:.3g}"
        reason = f"どの種も {min(values):.3g}〜{max(values):.3g}（{told}）"
        return SetAside(finding.setting, end, reason)


_ROUNDING = 1e-9
"""0.1 + 0.2 が 0.3 をわずかに超えるような、丸めの分。"""
