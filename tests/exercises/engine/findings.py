"""探究の報告の形を確かめる。問いのよしあしは、読む人が決める。"""

import math
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
