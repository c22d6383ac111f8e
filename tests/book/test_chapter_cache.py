"""章ごとのキャッシュ: 届くファイルが変わった章だけを実行し直すこと。"""

import re
from pathlib import Path

import pytest
from sphinx.config import eval_config_file
from sphinx.util.tags import Tags

from run.chapter_cache import chapter_key, everything, used_files
from run.chapter_source import codes
from run.reach import Reach
from tests.book.pages import NOTEBOOKS, notebook
from tests.book.small_book import CHAPTER, ROOT, finish, start_build

# --- 小さな本を、書き換えては作り直す -------------------------------------------------


class Small:
    """near に届く章 one と、どこにも届かない章 two の本。far には、どの章も届かない。"""

    def __init__(self, folder):
        self.folder, self.pages = folder, folder / "build/html"
        (folder / "book/toy").mkdir(parents=True)
        self.write("index.md", "# 本\n\n```{toctree}\none\ntwo\n```\n")
        self.write("one.md", CHAPTER.format(title="一", cell="from toy.near import f\nprint(f())"))
        self.write("two.md", CHAPTER.format(title="二", cell="print('ほかの章')"))
        self.write("toy/__init__.py", "")
        self.write("toy/near.py", NEAR)
        self.write("toy/far.py", "")

    def write(self, name, text):
        (self.folder / "book" / name).write_text(text, encoding="utf-8")

    def build(self):
        """作り、実行した章の名前を返す。Sphinx の中間結果は残す。"""
        done = finish(start_build(self.folder))
        assert done.returncode == 0, done.stdout + done.stderr
        return re.findall(r"(\w+) 実行 ", done.stdout)

    def written(self):
        pages = [self.pages / name for name in ("index.html", "one.html", "two.html")]
        return {page.name: page.stat().st_mtime_ns for page in pages}

    def text(self, name):
        return re.sub("<[^>]*>", "", (self.pages / name).read_text("utf-8"))


NEAR = "def f():\n    return '近くの値 1'\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    small = Small(tmp_path_factory.mktemp("small"))
    assert sorted(small.build()) == ["one", "two"]
    return small


def test_a_file_no_chapter_reaches_changes_nothing(small):
    before = small.written()
    small.write("toy/far.py", '"""書き換えた説明"""')
    assert small.build() == []
    assert small.written() == before


def test_a_reached_file_runs_its_chapter_again(small):
    before = small.written()
    small.write("toy/near.py", NEAR.replace("1", "2"))
    assert small.build() == ["one"]
    assert "近くの値 2" in small.text("one.html")
    assert "このページの実行で測った" in small.text("one.html")
    assert small.written()["two.html"] == before["two.html"]

    # 元に戻せば、前の結果を、その実行の記録と一緒に使う
    small.write("toy/near.py", NEAR)
    assert small.build() == []
    assert "近くの値 1" in small.text("one.html")
    assert "このページの実行で測った" in small.text("one.html")


def test_the_words_of_a_page_change_without_running(small):
    page = CHAPTER.format(title="新しい題", cell="print('ほかの章')")
    small.write("two.md", page)
    assert small.build() == []
    assert "新しい題" in small.text("two.html")


# --- この本の章 -----------------------------------------------------------------

READS = eval_config_file(ROOT / "conf.py", Tags())["execution_reads"]
REACH = Reach([ROOT / "book", ROOT])


def reached(name):
    return used_files(REACH, NOTEBOOKS[name], READS.get(name, []))


def test_the_first_chapter_does_not_reach_the_experiments():
    assert not [path for path in reached("01_rnn") if "experiments" in path.parts]


def test_chapters_that_use_layers_reach_the_cells():
    users = [
        name
        for name, page in NOTEBOOKS.items()
        if re.search(r"^(?:from|import) .*\blayers\b", "\n".join(codes(page)), re.MULTILINE)
    ]
    assert {"01_rnn", "11_bptt"} <= set(users)
    for name in users:
        assert [path for path in reached(name) if path.name == "cells.py"], name


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_module_named_in_the_cells_is_reached(name):
    """別のプロセスに渡す文字列の中の import も含めて。"""
    named = re.findall(
        r"^\s*(?:from|import) ((?:lstm_text|tests)[\w.]*)",
        "\n".join(codes(NOTEBOOKS[name])),
        re.MULTILINE,
    )
    for module in named:
        assert REACH.files([f"import {module}"]) <= reached(name), module


def test_exercises_reach_what_is_loaded_by_name():
    assert set(everything(ROOT / "tests" / "exercises")) <= reached("checking")
    assert not [path for path in reached("checking") if path.name.startswith("test_")]


def test_the_page_of_records_reaches_all_experiments():
    assert set(everything(ROOT / "lstm_text")) <= reached("records")


def test_a_magic_does_not_hide_an_import(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(CHAPTER.format(title="題", cell="%time\nimport lstm_text"), encoding="utf-8")
    assert ROOT / "lstm_text" / "__init__.py" in used_files(REACH, notebook(path))


def test_the_key_follows_names_and_contents(tmp_path):
    def key(name, text):
        path = Path(tmp_path / name)
        path.write_text(text, encoding="utf-8")
        return chapter_key([path])

    assert key("a", "1") == key("a", "1")
    assert len({key("a", "1"), key("a", "2"), key("b", "1"), chapter_key([])}) == 4
