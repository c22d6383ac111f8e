"""探究の報告の形を確かめる。問いのよしあしは、読む人が決める。"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real

from .compare import require_kind
from .exercise import Incorrect, Stage, require

SAME = "どの種でも同じ"
"""種によらない結果を、見たうえで報告するときの断り。"""


def only_keys(report, keys: tuple[str, ...]) -> None:
    """``report`` が、``keys`` だけを全部持つ辞書であること。"""
    require_kind(isinstance(report, Mapping), report, "戻り値", "辞書（dict）")
    for key in keys:
        require(key in report, f"辞書にキー {key!r} がありません。", Stage.TYPE)
    for key in report:
        require(key in keys, f"辞書に余分なキー {key!r} があります。", Stage.TYPE)


def text(report: Mapping, key: str) -> str:
    """空でない文。"""
    require(isinstance(report[key], str), f"{key} は文字列で書いてください。", Stage.TYPE)
    sentence = report[key].strip()
    require(len(sentence) >= 5, f"{key} が短すぎます：{sentence!r}")
    return sentence


def without_names(answer: str, names, measured: Iterable = ()) -> str:
    """answer から、条件の名前と、その中の数を除いた文。全角と半角、空白の違いは見ない。

    名前の中の数は、「2 層 LSTM」の「2 層」のように、すぐ後の 1 字と一緒に除く。後に字がなければ、
    2 桁からを除く（「モデル 1」の 1 は、測った数かもしれない）。``measured`` を丸めた数は残す。

    >>> without_names("２層のほうが、5.5 秒遅い。", ["2 層 LSTM", "1 層 LSTM"])
    'のほうが、5.5 秒遅い。'
    >>> without_names("0.01 は 12 回早い。", ["学習率 0.01", "学習率 1"])
    ' は 12 回早い。'
    >>> without_names("差は 0.01 だった。", ["学習率 0.01", "学習率 1"], [0.0123])
    '差は 0.01 だった。'
    """
    told = unicodedata.normalize("NFKC", answer)
    narrow = ("".join(unicodedata.normalize("NFKC", str(name)).split()) for name in names)
    for name in sorted(narrow, key=len, reverse=True):
        inside = re.findall(r"\d(?:[.,]?\d)*[^\W\d_]|\d(?:[.,]?\d)+", name)
        for part in (name, *(each for each in inside if not is_measured(each, measured))):
            spaced = r"\s*".join(map(re.escape, part))
            told = re.sub(rf"(?<!\d)(?<!\d[.,]){spaced}(?![.,]?\d)", "", told)
    return told


NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?"
NUMBERED = r"主張|練習|(?<!質)問|図|表|式|第|学習率|境目(?:の|は|である)?|バージョン"
SOFTWARE = r"(?:Py)?[Tt]orch|Python|NumPy|CUDA|cuDNN|ONNX(?: Runtime)?|[Vv]er\.?|[Vv]ersion"
WHOLE = r"(?!\.?\d|\s*(?:%|秒|ミリ|倍))"  # 番号のすぐ後に、測った数の単位は付かない
REFERENCES = re.compile(
    rf"(?:{NUMBERED})\s*{NUMBER}"
    rf"|(?:{SOFTWARE})\s*{NUMBER}(?:\.\d+)*{WHOLE}"
    rf"|種\s*\d+{WHOLE}(?:\s*(?:から|と|、|,|〜|~|-)\s*\d+{WHOLE})*"
    rf"|{NUMBER}\s*(?:章|節|版)"
)


def without_references(told: str) -> str:
    """節や主張の番号、種の番号、版、学習率、境目のような、測った数でないものを除いた文。

    >>> without_references("9.3 節のとおり、PyTorch 2.1.0 で種 0 から 5 を測ると、3 種で 0.9。")
    'のとおり、 で を測ると、3 種で 0.9。'
    """
    return REFERENCES.sub("", told)


# 比を表す言葉が後に付けば、決めておいた数ではない。
RATIO = r"\s*(?:%|パーセント|ポイント|倍|割|分の)"


def numbers_told(told: str) -> list[tuple[str, str, str]]:
    """文の中の数と、その前の文、後の文。数の桁区切りは除く。

    >>> numbers_told("費用は 1,024 秒。")
    [('1024', '費用は ', ' 秒。')]
    """
    return [
        (found[0].replace(",", ""), told[: found.start()], told[found.end() :])
        for found in re.finditer(NUMBER, told)
    ]


def is_measured(written: str, measured: Iterable) -> bool:
    """書かれた数が、``measured`` のどれかか、それを四捨五入した数か。符号は見ない。

    >>> [is_measured(each, [-12.3, 0.0132]) for each in ("12", "0.01", "13", "0.02", "12 層")]
    [True, True, False, False, False]

    1 桁の整数では、ちょうどその数に限る。

    >>> is_measured("2", [1.8]), is_measured("2", [2.0])
    (False, True)
    """
    if not re.fullmatch(NUMBER, written):
        return False
    number = Decimal(written.replace(",", ""))
    place = number.as_tuple().exponent
    half = 0.0 if place >= 0 and number < 10 else 0.5 * 10.0**place
    return any(abs(abs(each) - float(number)) <= half * (1 + 1e-9) for each in measured)


def seeds_of(report: Mapping, least: int = 3) -> list:
    """``least`` 以上の、どれも違う種。"""
    seeds = numbers(report["seeds"], "seeds", Integral)
    require(
        len(set(seeds)) == len(seeds) >= least,
        f"seeds には、違う種が {least} 個以上要りますが、{seeds} でした。",
    )
    return seeds


def finite(row, name: str, count: int) -> list:
    """種の数 ``count`` だけある、有限の数。"""
    row = numbers(row, name, Real)
    require_count(row, name, count)
    bad = [each for each in row if not math.isfinite(each)]
    require(not bad, f"{name} に {bad[:1]} があります。比べられるのは、有限の数だけです。")
    return row


def finite_or_none(row, name: str, count: int) -> list:
    """種の数 ``count`` だけある、有限の数か、数にならなかった種の None。"""
    row = row.tolist() if hasattr(row, "tolist") else row
    if not isinstance(row, Sequence) or isinstance(row, str):
        return finite(row, name, count)
    require_count(row, name, count)
    kept = numbers([each for each in row if each is not None], name, Real)
    bad = [each for each in kept if not math.isfinite(each)]
    require(
        not bad,
        f"{name} に {bad[:1]} があります。数にならなかった種は None とし、いくつあったかを "
        "answer に書いてください。",
    )
    found = iter(kept)
    return [None if each is None else next(found) for each in row]


def require_count(row: Sequence, name: str, count: int) -> None:
    """結果が、種の数だけあること。"""
    require(len(row) == count, f"{name} の結果は {len(row)} 個ですが、種は {count} 個です。")


def require_varied(rows, told: str, key: str) -> None:
    """種によって違う結果があるか、どの種でも同じだったと ``key`` の文が断っていること。"""
    require(
        any(len(set(row)) > 1 for row in rows) or SAME in told,
        "種を変えても、どの結果も変わっていません。種が使われているかを確かめ、使われているなら、"
        f"{key} に「{SAME}」と書いてください。",
    )


def numbers(row, name: str, kind: type) -> list:
    """数の並びを、Python のリストにする。

    >>> import numpy as np
    >>> numbers(np.arange(3), "seeds", Integral)
    [0, 1, 2]
    """
    row = row.tolist() if hasattr(row, "tolist") else row
    if not isinstance(row, Sequence | range) or isinstance(row, str):
        raise Incorrect(Stage.TYPE, f"{name} は、数のリストにしてください。")
    row = [each.item() if hasattr(each, "item") else each for each in row]
    for each in row:
        if not isinstance(each, kind) or isinstance(each, bool):
            word = "整数" if kind is Integral else "数"
            raise Incorrect(Stage.TYPE, f"{name} に、{word}でないもの {each!r} があります。")
    return row
