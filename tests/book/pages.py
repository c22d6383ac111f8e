"""この本の原稿を、試験のために読む。"""

import functools
import re
from pathlib import Path

from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from editions.fences import fences
from exercises.question_content import HINT, ITEM
from run.chapter_source import read_source

BOOK = Path(__file__).parents[2] / "book"
PAGES = sorted(BOOK.glob("*.md"))

# 中身が本文でないディレクティブ
NOT_PROSE = ("answer", "code-cell", "math", "literalinclude", "raw", "toctree", "bibliography")


@functools.cache
def prose(text, skipped=NOT_PROSE):
    """コード、数式、役割の中身を除いた本文の行。行の数は変えない。"""
    # 改行だけを残して、$$ に挟まれた数式を消す
    text = re.sub(
        r"^\$\$.*?^\$\$", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )
    lines = [
        re.sub(r"\{[\w:-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|https?://\S+", "□", line)
        for line in without_code(text, skipped)
    ]
    return tuple("" if re.match(r"\s*:\w", line) else line for line in lines)


def without_code(text, skipped):
    """コードと skipped のディレクティブを空の行にした、text の行。囲みの印も消す。"""
    lines = text.split("\n")
    for fence in fences(text):
        inside = []
        if fence.name and fence.name not in skipped:
            # guard と question の引数は、題ではなく、条件の名前と番号
            title = "" if fence.name in ("guard", "question") else fence.argument
            body = told(fence.body) if fence.name == "question" else fence.body
            inside = [title, *without_code(body, skipped)]
        blank = [""] * (fence.end - fence.first - len(inside))
        lines[fence.first : fence.end] = [*inside, *blank]
    return lines


def told(question):
    """問の中身から、答えの条件と印を除いたもの。行の数は変えない。"""
    lines, block = question.split("\n"), 0
    for number, line in enumerate(lines):
        block += line.strip() == "+++"
        if line.strip() == "+++":
            lines[number] = ""
        elif block == 1 and not ITEM.match(line):
            lines[number] = HINT.sub(lambda hint: hint["text"], line)
        elif block == 1:
            lines[number] = line.replace("=>", "：")
    return "\n".join(lines)


def notebook(path):
    """原稿から読んだノート。ノートでないページなら None。"""
    syntax = MdParserConfig(enable_extensions={"colon_fence", "dollarmath", "deflist"})
    return read_source(path, syntax, NbParserConfig())[0]


NOTEBOOKS = {path.stem: made for path in PAGES if (made := notebook(path))}
