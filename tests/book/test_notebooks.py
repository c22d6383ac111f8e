"""配るノート: コードは章と同じで、正しい形式で、文に組版の印が残らず、動く。"""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig

from editions.notebooks import convert, readable

ROOT = Path(__file__).parents[2]

SETTINGS = MdParserConfig(enable_extensions={"colon_fence", "dollarmath", "deflist"})


def source(path):
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), SETTINGS, NbParserConfig(), text)
    return reader and reader.read(text)


PAGES = [path for path in sorted((ROOT / "book").glob("*.md")) if source(path) is not None]


def notebook(path):
    return convert(source(path), "この本", "章", str)


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_code_is_the_chapters(path):
    made = notebook(path)
    nbformat.validate(made)
    assert code(made)[1:] == code(source(path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_text_has_no_leftover_directives_or_roles(path):
    for cell in notebook(path).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"^\s*[`:]{3,}\{|\{[\w:-]+\}`|^\([\w-]+\)=$", cell.source, re.M)


def test_readable_text():
    text = (
        "(ch-a)=\n# 題\n\n:::{admonition} 目標\n:class: tip\n- {term}`ゲート`\n:::\n\n"
        "```{math}\n:label: eq-a\nc = f\n```\n\n```bash\nmake html\n```\n\n"
        "````{solution} ex-1\n```{literalinclude} a.py\n```\n````\n\n{ref}`ch-a` を見る。"
    )
    assert readable(text, {"ch-a": "題"}.get) == (
        "# 題\n\n**目標**\n\n- ゲート\n\n$$\nc = f\n$$\n\n```bash\nmake html\n```\n\n"
        "「題」 を見る。"
    )


def test_a_notebook_runs(tmp_path):
    """準備のセルと最初のセルが、リポジトリの外のフォルダからでも動く。"""
    cells = "\n".join(code(notebook(ROOT / "book" / "index.md"))[:2])
    done = subprocess.run(
        [sys.executable, "-c", cells], cwd=tmp_path, capture_output=True, text=True
    )
    assert "同じ値か: True" in done.stdout, done.stderr
