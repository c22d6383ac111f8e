"""練習の答えを確かめる。

ノートブックでは、プロジェクトの一番上の階層で次のようにする。

    from tests.exercises import check
    check("2.1", flip_unit)

一つの章の練習は、一つのフォルダ（ch01 から）にまとまる。

| モジュール | 中身 |
| --- | --- |
| stub | 読者が書き込むひな形。`make answers` が answers/ch01.py などに写す |
| checks | 問（題、ヒント、確かめ方） |
| solution | 解答。本に載るのも、テストが走らせるのも、このファイルそのもの |
| alternatives | 解答とは別の、正しい答え。どれも合格しなければならない |
| wrong | 名前のついた誤答。読者の答えと結果が同じなら、その名前（docstring の一行目）を知らせる |

engine は答え合わせの仕組み、large は大きな演習の解答。
"""

import importlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

from .engine.exercise import Exercise
from .engine.report import explanation, heading, say


@cache
def every_exercise() -> tuple[Exercise, ...]:
    """すべての練習を、番号の順に。

    torch が要るので、初めて呼ばれたときに読み込む。engine の answers は torch を読み込まない。
    """
    return tuple(
        exercise
        for path in sorted(Path(__file__).parent.glob("ch??/checks.py"))
        for exercise in importlib.import_module(f"{__name__}.{path.parent.name}.checks").EXERCISES
    )


def find(id: str) -> Exercise:
    """番号 ``"2.1"`` の練習。

    Raises
    ------
    ValueError
        その番号の練習がないとき。
    """
    for exercise in every_exercise():
        if exercise.id == _narrow(str(id)):  # check(2.3, f) でもよい
            return exercise
    known = "、".join(exercise.id for exercise in every_exercise())
    raise ValueError(f"練習 {id} はありません。あるのは {known} です。")


def select(keyword: str) -> list[Exercise]:
    """``-k`` で選ばれた練習。番号 ``2.1``、章 ``2``、関数名の一部を、空白や ``or`` で並べる。

    Raises
    ------
    ValueError
        どの練習にも当たらない言葉があるとき。
    """
    exercises = every_exercise()
    keyword = _narrow(keyword)
    chosen = []
    for word in re.split(r"[\s,、]+(?:or[\s,、]+)?", keyword) if keyword else []:
        hits = [e for e in exercises if word in (e.id, e.number) or word in e.name]
        if not hits:
            raise ValueError(f"「{word}」に当たる練習はありません。-k 2.1 のように番号で選びます。")
        chosen += hits
    return [e for e in exercises if e in chosen] if chosen else list(exercises)


def _narrow(text: str) -> str:
    """全角の数字や記号を半角にして、前後の空白と読点を除く。"""
    return unicodedata.normalize("NFKC", text).strip(" \t\n,、")


def check(id: str, f: Callable, hint: int = 0) -> None:
    """練習 ``id`` の答え ``f`` を確かめて、結果を印字する。

    Parameters
    ----------
    id : str
        練習の番号。``"2.1"``
    f : callable
        あなたの関数。
    hint : int
        この段までのヒントも印字する。
    """
    from .engine.examine import examine  # torch を読み込む

    exercise = find(id)
    report = examine(exercise, f)
    say(heading(report.outcome, exercise.id, exercise.name, exercise.title))
    for line in explanation(exercise, report, hint):
        say(f"    {line}")
