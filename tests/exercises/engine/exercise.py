"""練習の一問と、その答えを確かめた結果。"""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum


class Outcome(Enum):
    """確かめた結果は 3 つしかない。"""

    UNTOUCHED = "未着手"
    INCORRECT = "要修正"
    CORRECT = "合格"


class Kind(Enum):
    """練習の種類。読者が何をするか。

    予想と手計算は、ページの欄（{question}）で答える問の種類。ほかは、関数を書いて確かめる。
    """

    PREDICT = "予想"
    COMPUTE = "手計算"
    WRITE = "実装"
    MEND = "間違い探し"
    DESIGN = "設計"
    DERIVE = "導出"
    EXPLORE = "探究"


class Stage(IntEnum):
    """確かめる順。小さいものが先で、最初につまずいた所だけを知らせる。"""

    RUN = 0
    TYPE = 1
    SHAPE = 2
    ARGUMENTS = 3
    VALUE = 4
    GRADIENT = 5


class Incorrect(Exception):
    """答えが約束に合わない。文はそのまま読者に見せる。"""

    def __init__(self, stage: Stage, sentence: str):
        super().__init__(sentence)
        self.stage = stage
        self.sentence = sentence


class Untouched(Exception):
    """まだ書かれていない（ひな形の ``NotImplementedError`` のまま）。"""


def require(condition: bool, sentence: str, stage: Stage = Stage.VALUE) -> None:
    """``condition`` が成り立たなければ、``sentence`` を添えて要修正とする。"""
    if not condition:
        raise Incorrect(stage, sentence)


@dataclass(frozen=True)
class Exercise:
    """練習の一問。

    Parameters
    ----------
    id : str
        ``"2.1"``、``"10.1"``。章の番号と、章の中の番号。
    name : str
        読者が書く関数の名前。
    title : str
        何をする関数か。本の練習の見出しと同じ言葉。
    section : str
        つまずいたときに読む節の見出し。その章に、この見出しがあること。
    difficulty : int
        1（やさしい）から 3（むずかしい）。
    minutes : int
        かかる時間のめやす、分。
    hints : tuple of str
        段階をおったヒント。後のものほど答えに近い。
    check : callable
        関数を 1 つ受け取り、約束に合わなければ `Incorrect` を出す。
    kind : Kind
        何をする問か。
    """

    id: str
    name: str
    title: str
    section: str
    difficulty: int
    minutes: int
    hints: tuple[str, ...]
    check: Callable[[Callable], None]
    kind: Kind = Kind.WRITE

    @property
    def number(self) -> str:
        """この問のある章の番号。

        >>> Exercise("10.1", "", "", "", 1, 1, (), print).number
        '10'
        """
        return self.id.split(".")[0]

    @property
    def chapter(self) -> str:
        """この問のある章のフォルダの名前。読者のファイル名の幹でもある。

        >>> Exercise("2.1", "", "", "", 1, 1, (), print).chapter
        'ch02'
        """
        return f"ch{int(self.number):02d}"

    @property
    def patience(self) -> float:
        """解答の計算がこの秒数を超えたら、誤答と比べるためにもう一度は走らせない。"""
        return 1.0 if self.kind is Kind.EXPLORE else math.inf

    def part(self, kind: str):
        """章のモジュール ``kind`` にある、この問の関数（alternatives と wrong ではクラス）。"""
        module = importlib.import_module(f"tests.exercises.{self.chapter}.{kind}")
        return getattr(module, self.name)


@dataclass(frozen=True)
class Report:
    """一問を確かめた結果。

    Parameters
    ----------
    outcome : Outcome
    sentence : str
        読者への文。合格と未着手なら空でよい。
    mistakes : tuple of str
        同じ出力になる、名前のついた誤答。
    printed : str
        解答が印字したもの（初めの部分）。
    """

    outcome: Outcome
    sentence: str = ""
    mistakes: tuple[str, ...] = ()
    printed: str = ""
