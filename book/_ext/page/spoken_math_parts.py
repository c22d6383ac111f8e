"""数式の読みの、言葉のつなぎ方（式を読むのは spoken_math）。"""

import re
from typing import NamedTuple

from page.spoken_math_words import SIGNS

PLAIN, PHRASE, FUNCTION, OPERATOR, BOND, OPEN, CLOSE, PAUSE = range(8)


class Part(NamedTuple):
    """読む言葉と、その役目。"""

    words: str
    kind: int


COMMA = Part("、", PAUSE)


def say(parts, tight=False):
    """言葉を、間を置くところには「、」を、ほかには空白をはさんで並べる。"""
    said, before = "", Part("", OPEN)
    for part in parts:
        said += joint(before, part, tight) + part.words
        before = part
    return said.strip()


def joint(before, part, tight):
    if tight:
        return " "
    if part.kind == OPERATOR:
        return " " if before.kind in (OPERATOR, BOND, OPEN, PAUSE) else "、"
    if part.kind == BOND:
        return "、" if before.kind == PHRASE else " "
    new = part.kind in (PLAIN, PHRASE, FUNCTION)
    return "、" if new and before.kind in (PHRASE, CLOSE) else " "


def tidy(words):
    """重なった間を 1 つにし、両端の間を除く。"""
    words = re.sub(r"\s+", " ", words)
    words = re.sub(r" ?、[、 ]*", "、", words)
    return re.sub(r"、?。[、。 ]*", "。", words).strip("、。 ")


def is_short(parts):
    """終わりを言わなくても、まとまりが分かる長さか（符号のほかに印がなく、2 語まで）。"""
    if parts and parts[0].words in SIGNS:
        parts = parts[1:]
    return len(parts) <= 2 and all(
        part.kind in (PLAIN, PHRASE) and "、" not in part.words for part in parts
    )


def index(parts):
    """添え字。並べたものは「と」でつなぐ。"""
    return say([Part("と", PLAIN) if part == COMMA else part for part in parts], tight=True)


def rows_aloud(rows):
    """行ごとの読み。1 行だけなら、何行目とは言わない。

    数と「行」を離すと、合成音声は「クダリ」や「アルキ」と読む。
    """
    if len(rows) == 1:
        return rows[0]
    return "。".join(f"{number}行目、{row}" for number, row in enumerate(rows, 1))


def matrix(rows):
    """行列、縦ベクトル、横ベクトル。"""
    height, width = len(rows), len(rows[0])
    if height == 1:
        return f"横ベクトル、{'、'.join(rows[0])}、ベクトル終わり"
    lines = rows_aloud(["、".join(row) for row in rows])
    if width == 1:
        return f"縦ベクトル、{lines}。ベクトル終わり"
    return f"{height}行{width}列の行列、{lines}。行列終わり"
