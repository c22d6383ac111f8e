"""本のつくり: 目次、はじめにの表、各章の決まった部分。"""

import re

import pytest

from editions.fences import fences, options
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


def results(text):
    """予想の問と、その後に（地の文をはさまずに）続く、結果を見せるセル。"""
    question, end, lines = None, 0, text.split("\n")
    for fence in fences(text):
        if any(line.strip() for line in lines[end : fence.first]):
            question = None
        end = fence.end
        if fence.name == "question":
            question = fence.argument if options(fence).get("kind") == "予想" else None
        elif fence.name != "code-cell":
            question = None
        elif question and re.search(r"\b(print|show|show_\w+|display)\(", fence.text()):
            tags = options(fence).get("tags", "")
            if "remove-cell" not in tags and "describe(" not in fence.body:
                yield question, fence.first + 1, tags


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_prediction_comes_before_its_result(name):
    """結果は折りたたんでおく。問に答えると開く（_static/questions/box.js）。"""
    shown = [found[:2] for found in results(source(name)) if "hide-output" not in found[2]]
    assert not shown, "予想の問の答えが、すぐ下に見えています（問、行）"


def test_a_shown_result_is_found():
    asked = "::::{question} 1.1\n:kind: 予想\n問。\n::::\n\n"
    cell = "```{{code-cell}} python3\n{}print(1)\n```\n"
    hidden = cell.format(":tags: [remove-cell]\n")
    assert list(results(asked + hidden + cell.format(""))) == [("1.1", 10, "")]
    assert list(results(asked + "地の文。\n\n" + cell.format(""))) == []
