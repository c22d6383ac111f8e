"""この本の原稿を、試験のために読む。"""

import re
from pathlib import Path

from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from editions.fences import fences
from run.chapter_source import read_source

BOOK = Path(__file__).parents[2] / "book"
PAGES = sorted(BOOK.glob("*.md"))

# 中身が本文でないディレクティブ
NOT_PROSE = ("answer", "code-cell", "math", "literalinclude", "raw", "toctree", "bibliography")


def prose(text, skipped=NOT_PROSE):
    """コード、数式、役割の中身を除いた本文。行の数は変えない。"""
    # 改行だけを残して、$$ に挟まれた数式を消す
    text = re.sub(
        r"^\$\$.*?^\$\$", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )
    lines = [
        re.sub(r"\{[\w:-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|https?://\S+", "□", line)
        for line in without_code(text, skipped)
    ]
    return ["" if re.match(r"\s*:\w", line) else line for line in lines]


def without_code(text, skipped):
    """コードと skipped のディレクティブを空の行にした、text の行。囲みの印も消す。"""
    lines = text.split("\n")
    for fence in fences(text):
        inside = []
        if fence.name and fence.name not in skipped:
            title = "" if fence.name == "guard" else fence.argument  # guard の引数は条件の名前
            inside = [title, *without_code(fence.body, skipped)]
        blank = [""] * (fence.end - fence.first - len(inside))
        lines[fence.first : fence.end] = [*inside, *blank]
    return lines


def notebook(path):
    """原稿から読んだノート。ノートでないページなら None。"""
    syntax = MdParserConfig(enable_extensions={"colon_fence", "dollarmath", "deflist"})
    return read_source(path, syntax, NbParserConfig())[0]


NOTEBOOKS = {path.stem: made for path in PAGES if (made := notebook(path))}
