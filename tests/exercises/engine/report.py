"""結果を読者への文にする。"""

import sys
import unicodedata

from .exercise import Exercise, Outcome, Report

MARKS = {Outcome.CORRECT: "○", Outcome.INCORRECT: "×", Outcome.UNTOUCHED: "・"}


def heading(outcome: Outcome, id: str, name: str, title: str) -> str:
    """一問の結果の見出し。"""
    return f"{MARKS[outcome]} {id} {outcome.value}　{name}（{title}）"


def explanation(exercise: Exercise, report: Report, hint: int = 0) -> list[str]:
    """見出しに続く説明の行。"""
    found = []
    if report.outcome is Outcome.INCORRECT:
        if report.mistakes:
            names = "か".join(f"「{name}」" for name in report.mistakes)
            found.append(f"{names}という誤りと同じ結果です。")
        found += [report.sentence, f"読む所: {exercise.number} 章「{exercise.section}」"]
        if not hint:
            found.append(f"ヒント（{len(exercise.hints)} 段）: make check EX={exercise.id} HINT=1")
    elif report.sentence:
        found.append(report.sentence)
    if report.printed:
        printed = report.printed.splitlines()[:5]
        found += ["あなたのコードの印字:", *(f"| {line[:200]}" for line in printed)]
    found += [f"ヒント {i}: {each}" for i, each in enumerate(exercise.hints[:hint], start=1)]
    return [legible(line) for line in found]


def legible(text: str) -> str:
    r"""制御文字などを、見える形にした文。

    >>> print(legible("赤\x1b[31m"))
    赤\x1b[31m
    """
    return "".join(
        repr(each)[1:-1] if unicodedata.category(each) in ("Cc", "Cs") else each for each in text
    )


def say(text: str) -> None:
    """``text`` を印字する。端末の文字コードにない文字は、番号で書く。"""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
