"""練習の答えを確かめる。

ノートブックでは、プロジェクトの一番上の階層で次のようにする。

    from tests.exercises import check
    check("2.1", lstm_step)
"""

import importlib
import re
from collections.abc import Callable
from pathlib import Path

from tests.checking.examine import examine
from tests.checking.exercise import Exercise
from tests.checking.report import explanation, heading

EXERCISES: tuple[Exercise, ...] = tuple(
    exercise
    for path in sorted(Path(__file__).parent.glob("ch??.py"))
    for exercise in importlib.import_module(f"{__name__}.{path.stem}").EXERCISES
)


def find(id: str) -> Exercise:
    """番号 ``"2.1"`` の練習。

    Raises
    ------
    ValueError
        その番号の練習がないとき。
    """
    for exercise in EXERCISES:
        if exercise.id == str(id):  # check(2.3, f) でもよい
            return exercise
    known = "、".join(exercise.id for exercise in EXERCISES)
    raise ValueError(f"練習 {id} はありません。あるのは {known} です。")


def select(keyword: str) -> list[Exercise]:
    """``-k`` で選ばれた練習。番号 ``2.1``、章 ``2``、関数名の一部を、空白や ``or`` で並べる。

    Raises
    ------
    ValueError
        どの練習にも当たらない言葉があるとき。
    """
    chosen = []
    for word in re.split(r"[\s,、]+(?:or[\s,、]+)?", keyword.strip()) if keyword.strip() else []:
        hits = [e for e in EXERCISES if word in (e.id, e.number) or word in e.name]
        if not hits:
            raise ValueError(f"「{word}」に当たる練習はありません。-k 2.1 のように番号で選びます。")
        chosen += hits
    return [e for e in EXERCISES if e in chosen] if chosen else list(EXERCISES)


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
    exercise = find(id)
    report = examine(exercise, f)
    print(heading(report.outcome, exercise.id, exercise.name, exercise.title))
    for line in explanation(exercise, report, hint):
        print(f"    {line}")
