"""数の問の解説が、正しい値と食い違っていないか。

正しい値は実行か記録から来るが、解説の途中の計算は、手で書いてある。解説にある数（glue したものも）
のどれか 1 つが、正しい答えとして受け付けられるか、書いてある桁までで正しい値に等しいこと。
ほかの数が正しいかどうかまでは、見分けられない。
"""

import re
from collections.abc import Callable

from exercises.question_content import read_number

GLUED = re.compile(r"\{glue:text\}`([^`:]+)[^`]*`")
FRACTION = re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}")
# 小数、桁を「,」で区切った数、分数。負の符号は、引き算の記号と見分けるために、数に付いたものだけ。
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?(?![\d/]|\.\d)")
HUNDREDTHS = ("%", "％", "ポイント")


def disagreement(
    explanation: str, value: float, within: float, unit: str, told: Callable[[str], str]
) -> list[str]:
    """食い違っていれば、それを述べる文。数のない解説は、食い違わない。

    Parameters
    ----------
    explanation : str
        解説の Markdown。
    value, within : float
        正しい値と、許す差。
    unit : str
        答えの単位。% かポイントなら、0.87 のような割合で書いた解説も、87 と比べる。
    told : callable
        glue の名前から、その書き表しを引く。

    Examples
    --------
    >>> disagreement("$2/3 = 0.667$ です。", 2 / 3, 0.0, "", str)
    []
    >>> disagreement("$0.75$ です。", 2 / 3, 0.01, "", str)
    ['解説の数（0.75）に、正しい値 0.6667 と合うものがありません。']
    """
    text = FRACTION.sub(r" \1/\2 ", GLUED.sub(lambda match: f" {told(match[1])} ", explanation))
    found = NUMBER.findall(text)
    scales = (1, 100) if unit in HUNDREDTHS else (1,)
    if not found or any(
        abs(scale * number - value) <= max(within, scale * half) + 1e-9 * max(1, abs(value))
        for number, half in map(printed, found)
        for scale in scales
    ):
        return []
    listed = "、".join(found)
    return [f"解説の数（{listed}）に、正しい値 {value:.4g} と合うものがありません。"]


def printed(text: str) -> tuple[float, float]:
    """書いてある数と、その桁に丸めたときの誤差の上限。整数と分数は、丸めていないとみなす。

    >>> printed("0.25"), printed("1,024"), printed("3/4")
    ((0.25, 0.005), (1024.0, 0.0), (0.75, 0.0))
    """
    _, point, decimals = text.partition(".")
    return read_number(text), 0.5 * 10.0 ** -len(decimals) if point else 0.0
