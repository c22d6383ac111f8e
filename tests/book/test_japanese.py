"""日本語のページのための Sphinx 拡張: 改行の扱いと、docstring の整え方。"""

import pytest
from docutils import nodes
from docutils.utils import new_document

from japanese import docstrings, lines


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
def test_join_only_between_full_width_characters(before, text, after, expected):
    assert lines.join(before, text, after) == expected


def test_join_finds_the_right_one_of_equal_nodes():
    document = new_document("test")
    document += nodes.paragraph()
    # MyST は、改行を一つずつ別の Text にする
    for part in ("前の", "\n", "word", "\n", "後の", "\n", "行"):
        document[0] += nodes.Text(part)
    lines.JoinLines(document).run()
    assert document.astext() == "前の\nword\n後の行"


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
