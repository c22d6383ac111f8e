"""本を作る仕組みの試験: 本物の conf.py で、1 ページの小さな本を作る。"""

import platform
import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.book.small_book import CHAPTER, ROOT, finish, start_build

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


def build(folder, cell):
    """cell だけを実行する本を folder に作り、終わった sphinx-build を返す。"""
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book/index.md").write_text(PAGE.format(cell=cell), encoding="utf-8")
    return finish(start_build(folder))


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
    assert (folder / "build/html/_static/mathjax/startup.js").is_file()


def test_page_is_japanese(book):
    folder, _ = book
    text = page(folder)
    assert '<html lang="ja"' in text
    assert "式 (1)" in text
    assert "<strong>忘却ゲート（forget gate）</strong>の話。続きの<a" in text
    for english in ("Link to this", "Search...", "Toggle primary"):
        assert english not in text


def test_page_tells_how_it_was_run(book, tmp_path):
    folder, _ = book
    panel = page(folder).split('<details class="facts">')[1].split("</details>")[0]
    assert "実行にかかった時間" in panel and "すべて、このページの実行で測った" in panel
    assert f"Python {platform.python_version()}" in panel
    assert "torch" not in panel and "デバイス" not in panel  # 使っていないものは載せない


def test_page_tells_the_data_and_records_it_read(tmp_path):
    records = sorted((ROOT / "book" / "records").rglob("*.json"))
    cell = (
        "from lstm_text.datasets import load_neko\nfrom pathlib import Path\nload_neko();\n"
        f"Path({str(records[0])!r}).read_text(encoding='utf-8');"
    )
    assert build(tmp_path, cell).returncode == 0
    panel = page(tmp_path).split('<details class="facts">')[1]
    assert records[0].name in panel
    assert "スレッド" in panel and "デバイス" not in panel
    assert "吾輩は猫である" in panel


def test_search_has_the_whole_text_and_no_index_of_it(book):
    folder, _ = book
    static = folder / "build/html/_static"
    assert "、忘却ゲート（forget gate）の話。" in (static / "search/index.js").read_text("utf-8")
    assert "splitter" in (static / "language_data.js").read_text("utf-8")
    index = (folder / "build/html/searchindex.js").read_text("utf-8")
    assert '"terms":{}' in index


def test_unchanged_page_is_not_run_again(book):
    folder, _ = book
    shutil.rmtree(folder / "build/doctrees")
    again = build(folder, "import sys\nprint(sys.executable)\nprint(6 * 7)")
    assert again.returncode == 0
    assert "index 実行" not in again.stdout
    assert "キャッシュ" in again.stdout


def test_raising_cell_fails_the_build(tmp_path):
    done = build(tmp_path, "raise ValueError('だめな章')")
    assert done.returncode != 0
    assert "だめな章" in done.stderr


BAD_CELLS = {
    "warns": "import warnings\nwarnings.warn('気を付けて')",
    "speaks": "import sys\nprint('知らせ', file=sys.stderr)",
    "glyph": "from matplotlib import pyplot\nfig, ax = pyplot.subplots()\n"
    "ax.set_title(chr(0x1F9E0))\nfig.savefig('/dev/null', format='svg')",
}


@pytest.fixture(scope="module")
def bad_book(tmp_path_factory):
    """直すところのあるページと、よいページとを集めた本の、作り終えた sphinx-build。"""
    folder = tmp_path_factory.mktemp("bad")
    pages = {
        name: CHAPTER.format(title=name, cell=cell)
        for name, cell in {**BAD_CELLS, "good": "print(6 * 7)"}.items()
    }
    pages["broken"] = "# broken\n\n{ref}`nowhere`\n"
    pages["index"] = "# 本\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"
    (folder / "book").mkdir()
    for name, text in pages.items():
        (folder / f"book/{name}.md").write_text(text, encoding="utf-8")
    done = finish(start_build(folder, "-D", "execution_jobs=1"), seconds=180)
    return done.returncode, [line for line in done.stderr.splitlines() if "WARNING" in line]


@pytest.mark.parametrize("name", [*BAD_CELLS, "broken"])
def test_each_bad_page_is_named_and_fails_the_build(bad_book, name):
    code, warnings = bad_book
    assert code != 0
    assert [line for line in warnings if f"/{name}.md" in line]


def test_good_page_among_bad_ones_is_not_blamed(bad_book):
    _, warnings = bad_book
    assert len(warnings) == len(BAD_CELLS) + 1
    assert not [line for line in warnings if "/good.md" in line]


# --- 並べて実行する ---------------------------------------------------------------

INDEX = """# 本

```{toctree}
one
two
```
"""


@pytest.fixture
def two_chapters(tmp_path):
    """終わりの合図のファイル（finish-章の名前）を待つ、2 つの章の本。"""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text(INDEX, encoding="utf-8")
    for name in ("one", "two"):
        cell = (
            "import os, pathlib, time\n"
            f"folder = pathlib.Path({str(tmp_path)!r})\n"
            f"(folder / 'started-{name}').write_text(str(os.getpid()))\n"
            f"while not (folder / 'finish-{name}').exists():\n    time.sleep(0.05)\n"
            "print(os.environ['OMP_NUM_THREADS'])"
        )
        page = CHAPTER.format(title=name, cell=cell)
        (tmp_path / f"book/{name}.md").write_text(page, encoding="utf-8")
    return tmp_path


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "待っても起こりませんでした。"
        time.sleep(0.05)


def test_two_chapters_run_at_the_same_time(two_chapters):
    building = start_build(two_chapters, "-D", "execution_jobs=2")
    # 片方が終わるのを待ってから始めるなら、ここで時間切れになる。
    for name in ("one", "two"):
        wait_until((two_chapters / f"started-{name}").exists)
    for name in ("one", "two"):
        (two_chapters / f"finish-{name}").touch()
    done = finish(building)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[2/2]" in done.stdout


def test_killed_build_keeps_the_finished_chapter(two_chapters):
    building = start_build(two_chapters, "-D", "execution_jobs=2")
    wait_until((two_chapters / "started-two").exists)
    (two_chapters / "finish-one").touch()
    while "one 実行" not in building.stdout.readline():
        assert building.poll() is None
    building.kill()
    building.communicate()
    # 置き去りのカーネルが計算を続けない。
    kernel = int((two_chapters / "started-two").read_text(encoding="utf-8"))
    wait_until(lambda: not alive(kernel))

    (two_chapters / "finish-two").touch()
    again = finish(start_build(two_chapters))
    assert again.returncode == 0, again.stdout + again.stderr
    assert re.search(r"one +[\d.]+ +キャッシュ", again.stdout)
    assert re.search(r"two +[\d.]+ +実行", again.stdout)


def alive(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
