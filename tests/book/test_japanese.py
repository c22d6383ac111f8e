"""日本語のページのための Sphinx 拡張: 改行の扱いと、docstring の整え方。"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from japanese import docstrings, emphasis, lines
from tests.book.pages import PAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("before", "text", "after", "expected"),
    [
        ("", "一行目、\n二行目", "", "一行目、二行目"),
        ("、", "\n", "次", ""),
        ("。", "\n", "L", ""),
        ("L", "\n", "（", ""),
        ("は", "\n", "L", "\n"),
        ("", "two\nwords", "", "two\nwords"),
        ("", "語\nword", "", "語\nword"),
        ("々", "\n", "word", "\n"),
        ("々", "\n", "次", ""),
        ("Ａ", "\n", "word", "\n"),
    ],
)
def test_join_only_between_full_width_characters(before, text, after, expected):
    assert lines.join(before, text, after) == expected


@pytest.mark.parametrize(
    ("before", "text", "after", "expected"),
    [
        ("）", " です。", "", "です。"),
        ("0", " です。", "", " です。"),
        ("", "値は ", "（", "値は"),
        ("", "値は ", "3", "値は "),
        ("は", " ", "「", ""),
        ("は", " half の", "", " half の"),
        ("", "語 次", "", "語 次"),
        ("。", "語 次", "。", "語 次"),
    ],
)
def test_close_only_between_full_width_characters(before, text, after, expected):
    assert lines.close(before, text, after) == expected


def test_join_finds_the_right_one_of_equal_nodes():
    document = new_document("test")
    document += nodes.paragraph()
    # MyST は、改行を一つずつ別の Text にし、強調の前などに空の Text を置く
    for part in ("前の", "\n", "word", "\n", "後の", "\n", "", "行"):
        document[0] += nodes.Text(part)
    lines.JoinLines(document).run()
    assert document.astext() == "前の\nword\n後の行"


PARAGRAPHS = {
    "全角の\n文字": "全角の文字",
    "全角と\nhalf": "全角と half",
    "half\nと全角": "half と全角",
    "約物、\nhalf": "約物、half",
    "half\n（約物）": "half（約物）",
    "two\nwords": "two words",
    "次の\n**強調**": "次の強調",
    "**強調**\nの次": "強調の次",
    "**強調。**\nhalf": "強調。half",
    "**強調**\nhalf": "強調 half",
    "値は\n`half`\nです": "値は half です",
    "**強調（half）** です": "強調（half）です",
    "**強調 half** です": "強調 half です",
    "**強調**\n{doc}`題の <index>`\nhalf": "強調題の half",
    # 同じ改行がいくつもある段落で、取り除く改行を間違えない
    "全角の\nhalf と\n全角の\n文字": "全角の half と全角の文字",
    "**全角**の\nhalf、\n全角の\n`half` と\n全角": "全角の half、全角の half と全角",
}


@pytest.fixture(scope="module")
def small_page(tmp_path_factory):
    """本物の拡張で作った、PARAGRAPHS のページの段落。"""
    folder = tmp_path_factory.mktemp("lines")
    (folder / "book").mkdir()
    (folder / "book/index.md").write_text("# 題\n\n" + "\n\n".join(PARAGRAPHS), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", "-d", folder / "doctrees"]
    done = subprocess.run(
        [*command, folder / "book", folder / "html"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    soup = BeautifulSoup((folder / "html/index.html").read_text("utf-8"), "html.parser")
    return [p.get_text().replace("\n", " ") for p in soup.article.section.find_all("p")]


def test_lines_of_a_page_are_joined_once(small_page):
    assert small_page == list(PARAGRAPHS.values())


def test_literals_keep_their_lines():
    document = new_document("test")
    document += nodes.paragraph("", "", nodes.literal("", "一\n二"))
    document += nodes.literal_block("", "一\n二")
    lines.JoinLines(document).run()
    assert document.astext() == "一\n二\n\n一\n二"


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("状態", "、次", "x、"),
        ("形（", "）です。", "（x）"),
        ("", "", None),
        ("「（", "は", "「（x"),
        ("は", "と", None),
    ],
)
def test_a_formula_keeps_its_punctuation(before, after, kept):
    document = new_document("test")
    parts = [nodes.Text(before), nodes.math("", "x"), nodes.Text(after)]
    document += nodes.paragraph("", "", *[part for part in parts if part.astext()])
    lines.KeepWithFormula(document).run()
    found = [node.astext() for node in document.findall(nodes.inline)]
    assert found == ([kept] if kept else [])
    assert document.astext() == before + "x" + after
    assert all(child.parent is node for node in document.findall() for child in node.children)


def test_docstring_headings_and_markup():
    text = [
        ":Parameters:",
        ".. rubric:: Examples",
        "行列積の**後**に``r``が掛かる。",
        ">>> **後**に",
    ]
    docstrings.translate(None, "class", "name", None, None, text)
    assert text == [
        ":引数:",
        ".. rubric:: 例",
        r"行列積の\ **後**\ に\ ``r``\ が掛かる。",
        ">>> **後**に",
    ]


def unread_emphasis(text):
    """太字にならずに残る ``**`` を含む文。"""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StateInline, "scanDelims", emphasis.scan_delimiters)
        inside = re.sub(r"^:{3,}.*$", "", text, flags=re.MULTILINE)  # 囲みの中も読む
        parsed = MarkdownIt().use(dollarmath_plugin).use(myst_role_plugin).parse(inside)
    return [
        token.content
        for block in parsed
        for token in block.children or ()
        if token.type == "text" and "**" in token.content
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_emphasis_is_left_as_asterisks(page):
    assert not unread_emphasis(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "**忘却ゲート（forget gate）**は、`a**b` と $a^{**}$ です。",
        "正確な値になります。**$k$ 歩で、正確になる**のです。",
        "判定は、**{glue:text}`verdict`**でした。**「約物」**で、**`code`**も。",
    ],
)
def test_emphasis_needs_no_space(text):
    assert not unread_emphasis(text)


def test_an_unread_emphasis_is_found():
    assert unread_emphasis("閉じていない **太字")
    assert unread_emphasis("2 ** 3 と 4 ** 5")
