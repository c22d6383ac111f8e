"""配るノート: コードは章と同じで、正しい形式で、文に組版の印が残らず、動く。"""

import re
import subprocess
import sys

import nbformat
import pytest

from editions.fences import fences
from editions.notebooks import convert, readable
from run.chapter_source import codes
from tests.book.pages import NOTEBOOKS


def made(name):
    return convert(NOTEBOOKS[name], "この本", "章", str, str)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_the_chapters(name):
    nbformat.validate(made(name))
    assert codes(made(name))[1:] == codes(NOTEBOOKS[name])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_text_has_no_leftover_directives_or_roles(name):
    for cell in made(name).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"^\s*[`:]{3,}\{|\{[\w:-]+\}`|^\([\w-]+\)=$", cell.source, re.M)


def test_readable_text():
    text = (
        "(ch-a)=\n# 題\n\n:::{admonition} 目標\n:class: tip\n- {term}`ゲート`\n:::\n\n"
        "```{math}\n:label: eq-a\nc = f\n```\n\n```bash\nmake html\n```\n\n"
        "````{solution} ex-1\n```{literalinclude} a.py\n```\n````\n\n{ref}`ch-a` を見る。"
        "{reading-time}`a` で読める。"
    )
    assert readable(text, {"ch-a": "題"}.get, {"a": "5 分"}.get) == (
        "# 題\n\n**目標**\n\n- ゲート\n\n$$\nc = f\n$$\n\n```bash\nmake html\n```\n\n"
        "「題」 を見る。5 分 で読める。"
    )


QUESTION = """::::{question} 2.1
:title: 左か右か
:kind: 予想
:choice: side
{ref}`ch-a` では、どちら？
+++
- 左 => 逆です。
- 右
+++
右です。
::::"""


def test_a_question_keeps_its_choices_and_folds_its_explanation():
    assert readable(QUESTION, {"ch-a": "題"}.get, str) == (
        "**問 2.1（予想）　左か右か**\n\n「題」 では、どちら？\n\n- 左\n- 右\n\n"
        "<details><summary>問 2.1 の答えと解説</summary>\n\n右です。\n\n</details>"
    )


def test_a_notebook_runs(tmp_path):
    """準備のセルと最初のセルが、リポジトリの外のフォルダからでも動く。"""
    cells = "\n".join(codes(made("04_gru"))[:2])
    done = subprocess.run(
        [sys.executable, "-c", cells], cwd=tmp_path, capture_output=True, text=True
    )
    assert "デバイス：" in done.stdout, done.stderr


def test_fences_inside_fences_and_lists():
    block = "  :::{note} 題\n  :class: tip\n  ```{math}\n  a\n  ```\n  :::\n"
    text = f"- 項\n\n{block}\n```bash\nls\n```\n"
    outer, code = fences(text)
    assert (outer.name, outer.argument, outer.first, outer.end) == ("note", "題", 2, 8)
    assert [inner.text() for inner in fences(outer.text())] == ["a"]
    assert (code.name, code.argument, code.body) == (None, "bash", "ls")
