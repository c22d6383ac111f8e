"""MyST の原稿の囲み（``` と :::）を、Markdown の構文に従って見つける。"""

import re
from itertools import dropwhile, takewhile
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin

INFO = re.compile(r"(?:\{(?P<name>[^}]+)\})?\s*(?P<argument>.*)")
OPTION = re.compile(r"\s*:(?P<name>[\w-]+): *(?P<value>.*)")

parser = MarkdownIt("commonmark").use(colon_fence_plugin)


class Fence(NamedTuple):
    """1 つの囲み。name はディレクティブの名前で、ただのコードなら None。"""

    name: str | None
    argument: str
    first: int  # 始まりの印の行（最初の行は 0）
    end: int  # 終わりの印の次の行
    body: str

    def text(self):
        """中身から、先頭に並ぶ :名前: 値 を除いたもの。"""
        return "\n".join(dropwhile(OPTION.match, self.body.split("\n")))


def fences(text):
    """text の囲みを順に返す。囲みの中の囲みは、その body から探す。"""
    for token in parser.parse(text):
        if token.type in ("fence", "colon_fence"):
            info = INFO.fullmatch(token.info.strip())
            yield Fence(
                info["name"], info["argument"], *token.map, token.content.removesuffix("\n")
            )


def options(fence):
    """囲みの先頭に並ぶ :名前: 値。

    >>> options(next(fences(":::{figure} a.svg\\n:alt: 絵\\n\\n説明\\n:::")))
    {'alt': '絵'}
    """
    found = takewhile(bool, map(OPTION.fullmatch, fence.body.split("\n")))
    return {match["name"]: match["value"].strip("\"'") for match in found}
