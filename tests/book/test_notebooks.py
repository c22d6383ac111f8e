"""配るノート: コードは章と同じで、正しい形式で、文に組版の印が残らない。"""

import re

import nbformat
import pytest

from editions.fences import fences
from editions.notebook_text import readable
from editions.notebooks import convert
from run.chapter_source import codes
from run.guards import BOOK, TITLE
from tests.book.pages import NOTEBOOKS
from tests.book.small_book import CHAPTER, finish, start_build


class Plain:
    """Sphinx の結果の代わりに、決まった答えを返す。"""

    def title(self, target):
        return {"ch-a": "題"}.get(target, target)

    def number(self, target):
        return {"fig-a": "図 2.1", "ch-b": "第 2 章"}.get(target)

    def equation(self, label):
        return "3"

    def citation(self, keys):
        return f"著者 {keys}"

    def __init__(self, **values):
        self.values = {"count": "42", "no": "False", "yes": "True"} | values

    def value(self, name):
        return self.values.get(name)

    def reading_time(self, names):
        return "5 分"

    def included(self, fence):
        return f"# {fence.argument}\n"

    def exercise(self, number):
        return "lstm_step", "" if number == "9.9" else "def lstm_step():\n    return 0"


PAGE = Plain()


def made(name):
    return convert(NOTEBOOKS[name], "頭", "準備", PAGE)


def texts(notebook):
    """文のセルの、コードの囲みを除いた行。"""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            for fence in fences(cell.source):
                if not fence.name:
                    lines[fence.first : fence.end] = [""] * (fence.end - fence.first)
            yield from lines


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_the_chapters_and_cells_are_the_same_every_time(name):
    notebook = made(name)
    nbformat.validate(notebook)
    assert codes(notebook) == ["準備", *codes(NOTEBOOKS[name])]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook == made(name)


# Jupyter が読めない MyST の書き方。
LEFT = re.compile(
    r"^\s*[`:]{3,}\S|\{[\w:-]+\}`|^\([\w-]+\)=$|^\s*:[\w-]+:|^\+\+\+|^%|^\* -"
    r"|`~|<[\w./-]+>`|\*\*\.\./|^\*\*\*\*$"
)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_text_has_nothing_only_the_book_can_read(name):
    assert not [line for line in texts(made(name)) if LEFT.search(line)]


KINDS = {
    "印": ("(ch-a)=\n# 題", "# 題"),
    "囲み": (":::{admonition} 目標\n:class: tip\n- {term}`ゲート`\n:::", "**目標**\n\n- ゲート"),
    "題のない囲み": ("```{note}\n文\n```", "文"),
    "式": ("```{math}\n:label: eq-a\nc = f\n```", "$$\nc = f\n\\tag{3}\n$$"),
    "番号のない式": ("```{math}\nc = f\n```", "$$\nc = f\n$$"),
    "コード": ("```bash\n{ref}`ch-a`\n```", "```bash\n{ref}`ch-a`\n```"),
    "載せるコード": ("```{literalinclude} a.py\n:pyobject: f\n```", "```python\n# a.py\n```"),
    "練習": (
        "```{exercise} 進める\n:label: ex-2-1\n\n直す。\n```",
        "**練習 2.1　進める**\n\n直す。",
    ),
    "答え": (
        "```{answer} 2.1\n```",
        "```python\ndef lstm_step():\n    return 0\n```\n\n"
        "書いた関数は、新しいセルで次のようにして確かめます。\n\n"
        '```python\nfrom tests.exercises import check\n\ncheck("2.1", lstm_step)\n```',
    ),
    "書く練習の答え": (
        "```{answer} 9.9\n```",
        "書いた関数は、新しいセルで次のようにして確かめます。\n\n"
        '```python\nfrom tests.exercises import check\n\ncheck("9.9", lstm_step)\n```',
    ),
    "大きな演習の解答": ("```{large-answer} 1\n```", ""),
    "目次": ("```{toctree}\na\n```", ""),
    "図": (
        "```{figure} a.svg\n:name: fig-a\n:alt: 矢印が 1 本。\n\n説明\n```",
        "**図 2.1**（絵は、本のページにあります）\n\n矢印が 1 本。\n\n説明",
    ),
    "表": (
        "```{list-table} 表\n:header-rows: 1\n\n* - a\n  - b\n"
        "* - {ref}`ch-a`\n  - $|x|$\n    続き\n```",
        "**表**\n\n| a | b |\n| --- | --- |\n| 「題」 | $\\|x\\|$ 続き |",
    ),
    "成り立った文": (":::{guard} yes\n:here: 別。\n{glue:text}`count` 回。\n:::", "42 回。"),
    "成り立たない文": (
        ":::{guard} yes no\n:here: {glue:text}`count` 回。\n文。\n:::",
        "文。\n\n**この実行では、違う結果になりました。** 上の文は、この本の基準の実行"
        "（CPU と、本物のデータ）で成り立ったことです。42 回。",
    ),
    "番号のない図": (
        "```{play} gates\n:alt: 棒。\n\n説明\n```",
        "**図**（絵は、本のページにあります）\n\n棒。\n\n説明",
    ),
    "番号での参照": ("{numref}`fig-a`、{numref}`ch-b`、{ref}`ch-a`", "図 2.1、第 2 章、「題」"),
    "参照": ("{ref}`ch-a`、{numref}`ch-a`、{doc}`ch-a`", "「題」、「題」、「題」"),
    "題のある参照": ("{ref}`ここ <ch-a>`、{ref}`記録<ch-a>`", "ここ、記録"),
    "練習への参照": ("{numref}`ex-2-1`", "練習 2.1"),
    "式への参照": ("{eq}`eq-a`", "式 (3)"),
    "文献": ("{cite:t}`a` と {cite:p}`a,b`", "著者 a と （著者 a,b）"),
    "測っていない値": ("{glue:text}`unknown`", "（測った値）"),
    "読む時間": ("{reading-time}`a`", "5 分"),
    "関数": ("{func}`~lstm_text.text.collate`、{class}`Adam`", "`collate`、`Adam`"),
    "ファイル": ("{download}`a.json <records/a.json>`", "a.json"),
    "入れ子": (
        "::::{dropdown} ヒント\n:::{guard} yes\n{term}`語`\n:::\n::::",
        "**ヒント**\n\n語",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_text_becomes_markdown(kind):
    written, expected = KINDS[kind]
    assert readable(written, PAGE) == expected


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
    assert readable(QUESTION, PAGE) == (
        "**問 2.1（予想）　左か右か**\n\n「題」 では、どちら？\n\n- 左\n- 右\n\n"
        "<details><summary>問 2.1 の答えと解説</summary>\n\n右です。\n\n</details>"
    )


@pytest.mark.parametrize(("side", "fits"), [("2", True), ("1", False)])
def test_an_answer_of_this_run_that_the_explanation_does_not_tell_is_told(side, fits):
    told = readable(QUESTION, Plain(side=side))
    note = f"**{TITLE}。** {BOOK}この実行での正しい答えは「左」です。"
    assert (f"右です。\n\n{note}\n\n</details>" in told) is not fits
    assert ("違う結果" in told) is not fits


SMALL = """
(sec-a)=
## 節

{ref}`sec-a` の {eq}`eq-a` は {cite:t}`hochreiter1997lstm` で、
{glue:text}`count` 回でした（{numref}`tbl-a`）。

```{list-table} 数
:name: tbl-a
:header-rows: 1

* - a
* - 1
```

```{math}
:label: eq-a
c = f
```

```{bibliography}
```
"""


def test_the_site_holds_notebooks_with_numbers_and_the_wheel_beside_them(tmp_path):
    """参照の題、式の番号、文献、測った値が、本と同じものになる。"""
    cell = 'from myst_nb import glue\nglue("count", 42, display=False)'
    (tmp_path / "book").mkdir()
    page = CHAPTER.format(title="小さな本", cell=cell) + SMALL
    (tmp_path / "book/index.md").write_text(page, encoding="utf-8")
    done = finish(start_build(tmp_path, "-D", "html_baseurl=https://book.invalid"))
    assert done.returncode == 0, done.stdout + done.stderr
    html = tmp_path / "build/html"
    notebook = nbformat.read(str(html / "notebooks/index.ipynb"), as_version=4)
    text = "\n".join(texts(notebook))
    assert "「節」 の 式 (1) は Hochreiter & Schmidhuber 1997 で、\n42 回でした（表 1）。" in text
    assert "\\tag{1}" in text
    (wheel,) = html.glob("notebooks/*.whl")
    assert f'href="notebooks/{wheel.name}"' in (html / "index.html").read_text(encoding="utf-8")
    assert "'https://book.invalid/notebooks/'" in codes(notebook)[0]
    assert f"(https://book.invalid/notebooks/{wheel.name})" in text


def test_fences_inside_fences_and_lists():
    block = "  :::{note} 題\n  :class: tip\n  ```{math}\n  a\n  ```\n  :::\n"
    text = f"- 項\n\n{block}\n```bash\nls\n```\n"
    outer, code = fences(text)
    assert (outer.name, outer.argument, outer.first, outer.end) == ("note", "題", 2, 8)
    assert [inner.text() for inner in fences(outer.text())] == ["a"]
    assert (code.name, code.argument, code.body) == (None, "bash", "ls")
