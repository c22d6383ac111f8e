"""探究の報告の形を確かめる。問いのよしあしは、読む人が決める。"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
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


def without_names(answer: str, names) -> str:
    """answer から、条件の名前と、その中の数を除いた文。全角と半角、空白の違いは見ない。

    名前の中の数は、「2 層 LSTM」の「2 層」のように、すぐ後の 1 字と一緒に除く。後に字がなければ、
    2 桁からを除く（「モデル 1」の 1 は、測った数かもしれない）。

    >>> without_names("２層のほうが、5.5 秒遅い。", ["2 層 LSTM", "1 層 LSTM"])
    'のほうが、5.5 秒遅い。'
    >>> without_names("0.01 は 12 回早い。", ["学習率 0.01", "学習率 1"])
    ' は 12 回早い。'
    """
    told = unicodedata.normalize("NFKC", answer)
    narrow = ("".join(unicodedata.normalize("NFKC", str(name)).split()) for name in names)
    for name in sorted(narrow, key=len, reverse=True):
        for part in (name, *re.findall(r"\d(?:[.,]?\d)*[^\W\d_]|\d(?:[.,]?\d)+", name)):
            spaced = r"\s*".join(map(re.escape, part))
            told = re.sub(rf"(?<!\d)(?<!\d[.,]){spaced}(?![.,]?\d)", "", told)
    return told


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
