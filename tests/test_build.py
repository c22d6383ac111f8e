"""本を作る仕組みの試験: 本物の conf.py で、1 ページの小さな本を作る。"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

(page)=
# 小さな本

式 {{eq}}`eq-a` と、**忘却ゲート（forget gate）**の話。
続きの
{{eq}}`eq-a`
です。

```{{math}}
:label: eq-a
c_t = f_t c_{{t-1}}
```

```{{code-cell}} python3
{cell}
```
"""


def build(folder, cell, *options):
    """cell だけを実行する本を folder に作り、終わった sphinx-build を返す。"""
    book = folder / "book"
    book.mkdir(exist_ok=True)
    (book / "index.md").write_text(PAGE.format(cell=cell), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", "--keep-going", *options]
    return subprocess.run(
        [*command, "-d", folder / "build/doctrees", book, folder / "build/html"],
        capture_output=True,
        text=True,
        timeout=120,
        # どこで試しても同じになるように、データのある場所の指定は外す。
        env={k: v for k, v in os.environ.items() if not k.startswith("LSTM_TEXT_")}
        | {"LSTM_TEXT_CACHE": str(folder / "data")},
    )


def page(folder):
    return (folder / "build/html/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """正しいセルの本。"""
    folder = tmp_path_factory.mktemp("good")
    done = build(folder, "import sys\nprint(sys.executable)\nprint(6 * 7)")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done


def test_good_book_holds_the_output(book):
    folder, done = book
    assert "42" in page(folder)
    assert "index 実行" in done.stdout
    assert "今回の実行の合計" in done.stdout


def test_kernel_is_the_python_that_builds(book):
    folder, _ = book
    assert sys.executable in page(folder)


def test_page_asks_the_network_for_nothing(book):
    folder, _ = book
    loads = [line for line in page(folder).splitlines() if "<script" in line or "<link" in line]
    assert loads
    assert not [line for line in loads if "//" in line]
    assert (folder / "build/html/_static/mathjax/tex-chtml.js").is_file()


def test_page_is_japanese(book):
    folder, _ = book
    text = page(folder)
    assert '<html lang="ja"' in text
    assert "式 (1)" in text
    assert "<strong>忘却ゲート（forget gate）</strong>の話。続きの<a" in text
    for english in ("Link to this", "Search...", "Toggle primary"):
        assert english not in text


def test_search_index_is_made_of_bigrams(book):
    folder, _ = book
    index = (folder / "build/html/searchindex.js").read_bytes().decode("unicode_escape")
    assert '"忘却"' in index and '"却ゲ"' in index
    assert "splitQuery" in (folder / "build/html/_static/language_data.js").read_text("utf-8")


def test_unchanged_page_is_not_run_again(book):
    folder, _ = book
    shutil.rmtree(folder / "build/doctrees")
    again = build(folder, "import sys\nprint(sys.executable)\nprint(6 * 7)")
    assert again.returncode == 0
    assert "index 実行" not in again.stdout
    assert "キャッシュ" in again.stdout


@pytest.mark.parametrize(
    "cell",
    [
        "raise ValueError('だめな章')",
        "import warnings\nwarnings.warn('気を付けて')",
        "import sys\nprint('知らせ', file=sys.stderr)",
        "from matplotlib import pyplot\nfig, ax = pyplot.subplots()\nax.set_title(chr(0x1F9E0))\n"
        "fig.savefig('/dev/null', format='svg')",
    ],
    ids=["例外", "警告", "標準エラー出力", "字形のない文字"],
)
def test_bad_cell_fails_the_build(tmp_path, cell):
    assert build(tmp_path, cell).returncode != 0


def test_broken_reference_fails_the_build(tmp_path):
    done = build(tmp_path, "1\n```\n\n{ref}`nowhere`\n\n```{code-cell} python3\n2")
    assert done.returncode != 0
    assert "nowhere" in done.stderr
