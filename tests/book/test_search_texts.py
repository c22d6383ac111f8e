"""検索が探す文: 数式は文字だけで読め、TeX の命令が残らない。図、表、式の番号が付く。"""

import re

from docutils import nodes

from japanese.search_texts import blocks, plain, readable
from tests.book.test_spoken_math import FORMULAS

FUNCTIONS = {"cos", "exp", "log", "max", "min", "tanh"}  # 名前のまま読むもの


def left(tex):
    """数式を文字にしても残る、TeX の命令。"""
    commands = {*re.findall(r"\\([A-Za-z]+)", tex), *re.findall(r"\\begin\{(\w+)", tex)}
    shown = plain(tex)
    words = {*re.findall(r"[A-Za-z]+", shown), *re.findall(r"[\\{}&]", shown)}
    return words & ((commands - FUNCTIONS) | set("\\{}&"))


def test_no_command_is_left_in_a_formula():
    assert left(r"a \nosuch b") == {"nosuch"}
    assert {tex: left(tex) for tex in FORMULAS if left(tex)} == {}


def test_pictures_are_not_text():
    title = nodes.title(
        "", "", nodes.raw("", "<svg><path/></svg>", format="html"), nodes.Text("題")
    )
    assert readable(title) == "題"


def test_numbers_are_written_before_captions_and_equations():
    figure = nodes.figure("", nodes.caption("", "つながり"), ids=["fig-a"])
    section = nodes.section("", figure, nodes.math_block("", r"a \times b", ids=["eq-a"]))
    numbers = {"fig-a": "図 2.4", "eq-a": "式 (2.1)"}
    assert [*blocks(section, numbers)] == ["図 2.4 つながり", "式 (2.1) a × b"]


def test_tables_and_pictures_made_by_cells_are_text():
    table = "<table><tr><th>語</th><th></th></tr><tr><td>word2vec</td><td>0.9</td></tr></table>"
    made = [
        nodes.raw("", table, format="html"),
        nodes.raw(
            "",
            '<div><svg id="a" aria-label="点は 93.4 &amp; 上"><path/></svg></div>',
            format="html",
        ),
        nodes.raw(
            "", "<svg aria-hidden='true'><path/></svg><button aria-label='押す'>", format="html"
        ),
        nodes.raw("", r"\newline", format="latex"),
        nodes.image("", uri="a.png", alt="写真"),
    ]
    texts = [*blocks(nodes.section("", *made), {})]
    assert texts == ["語", "word2vec | 0.9", "点は 93.4 & 上", "写真"]


def test_a_word_across_emphasis_is_one_text():
    paragraph = nodes.paragraph("", "", nodes.strong("", "忘却ゲート"), nodes.Text("という部品"))
    assert [*blocks(nodes.section("", paragraph), {})] == ["忘却ゲートという部品"]
