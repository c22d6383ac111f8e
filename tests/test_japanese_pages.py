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
