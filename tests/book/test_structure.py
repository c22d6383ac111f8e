"""本のつくり: 目次、はじめにの表、各章の決まった部分。"""

import re

import pytest

from editions.fences import fences
from tests.book.pages import BOOK

INDEX = (BOOK / "index.md").read_text(encoding="utf-8")
CHAPTERS, APPENDICES = (
    re.findall(r"^\w+$", fence.body, re.MULTILINE)
    for fence in fences(INDEX)
    if fence.name == "toctree"
)


def source(name):
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def label(name):
    return re.search(r"^\(([\w-]+)\)=\n# ", source(name), re.MULTILINE)[1]


def test_every_page_is_in_a_table_of_contents():
    pages = {path.stem for path in BOOK.glob("*.md")} - {"index"}
    assert sorted(CHAPTERS + APPENDICES) == sorted(pages)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_preface_tells_what_the_chapter_asks_and_how_long_it_takes(name):
    row = re.search(rf"\* - \{{ref\}}`{label(name)}`\n  - (.+)\n  - (.+)\n", INDEX)
    assert row, f"はじめにの表に {name} がありません"
    if name != "13_exercises":
        assert row[2] == f"{{reading-time}}`{name}`"


@pytest.mark.parametrize("name", [name for name in CHAPTERS if name != "13_exercises"])
def test_chapter_opens_with_goals_and_closes_with_reading(name):
    text = source(name)
    assert "{admonition} この章でできるようになること" in text
    assert f"**読む時間**：{{reading-time}}`{name}`" in text, "読む時間がありません"
    assert "**前提**" in text and "**難しさ**" in text
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[-2:] == ["まとめ", "さらに読むなら"]
