"""日本語のページのための Sphinx 拡張: 改行の扱いと、docstring の整え方。"""

import sys
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"


@pytest.fixture
def lines(monkeypatch):
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    import japanese_lines

    yield japanese_lines
    del sys.modules["japanese_lines"]


@pytest.fixture
def docstrings(monkeypatch):
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    import japanese_docstrings

    yield japanese_docstrings
    del sys.modules["japanese_docstrings"]


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
    ],
)
def test_join_only_between_full_width_characters(lines, before, text, after, expected):
    assert lines.join(before, text, after) == expected


def test_join_finds_the_right_one_of_equal_nodes(lines):
    document = new_document("test")
    document += nodes.paragraph()
    # MyST は、改行を一つずつ別の Text にする
    for part in ("前の", "\n", "word", "\n", "後の", "\n", "行"):
        document[0] += nodes.Text(part)
    lines.JoinLines(document).run()
    assert document.astext() == "前の\nword\n後の行"


def test_literals_keep_their_lines(lines):
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
def test_a_formula_keeps_its_punctuation(lines, before, after, kept):
    document = new_document("test")
    parts = [nodes.Text(before), nodes.math("", "x"), nodes.Text(after)]
    document += nodes.paragraph("", "", *[part for part in parts if part.astext()])
    lines.KeepWithFormula(document).run()
    found = [node.astext() for node in document.findall(nodes.inline)]
    assert found == ([kept] if kept else [])
    assert document.astext() == before + "x" + after
    assert all(child.parent is node for node in document.findall() for child in node.children)


def test_docstring_headings_and_markup(docstrings):
    lines = [
        ":Parameters:",
        ".. rubric:: Examples",
        "行列積の**後**に``r``が掛かる。",
        ">>> **後**に",
    ]
    docstrings.translate(None, "class", "name", None, None, lines)
    assert lines == [
        ":引数:",
        ".. rubric:: 例",
        r"行列積の\ **後**\ に\ ``r``\ が掛かる。",
        ">>> **後**に",
    ]
