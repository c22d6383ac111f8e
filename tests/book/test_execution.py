"""章の実行の準備: 章が読み込むのは、いつも、このリポジトリの lstm_text。"""

import os
import subprocess
import sys

import pytest

from lstm_text.datasets import find
from run.execution import OtherPackage, data_folders, refuse_other_package
from tests.book.small_book import CHAPTER, ROOT, finish, start_build


@pytest.fixture
def other(tmp_path):
    """もう 1 つのリポジトリ。"""
    package = tmp_path / "other" / "lstm_text"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    return package.parent


def path(*folders):
    return os.pathsep.join(map(str, folders))


def test_our_package_before_another_is_accepted(tmp_path, other, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", path(ROOT, other))
    refuse_other_package(tmp_path)


def test_another_package_before_ours_is_refused(tmp_path, other, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", path(other, ROOT))
    with pytest.raises(OtherPackage) as told:
        refuse_other_package(tmp_path)
    assert str(told.value) == (
        f"章は {ROOT / 'lstm_text'} を読み込む必要がありますが、"
        f"{other / 'lstm_text'} を読み込みます。"
    )


PREPARED = """\
from pathlib import Path
from run import execution
execution._prepare_kernel(Path("kernel"))
execution.refuse_other_package(".")
"""


def test_the_kernel_reads_our_package_even_where_another_is_installed(tmp_path, other):
    (tmp_path / "kernel" / "matplotlib").mkdir(parents=True)  # フォントの一覧は作らない
    environment = {**os.environ, "PYTHONPATH": path(other, ROOT / "book" / "_ext")}
    command = [sys.executable, "-c", PREPARED]
    assert subprocess.run(command, cwd=tmp_path, env=environment).returncode == 0


def test_the_build_stops_where_chapters_would_read_another(tmp_path, other):
    """原稿のフォルダにあるものは、章のカーネルが初めに読み込む。"""
    other.rename(tmp_path / "book")
    page = CHAPTER.format(title="小さな本", cell="print(1)")
    (tmp_path / "book/index.md").write_text(page, encoding="utf-8")
    done = finish(start_build(tmp_path))
    assert done.returncode != 0 and not (tmp_path / "build/html/index.html").exists()
    assert "章が、別の lstm_text を読み込みます" in done.stderr
    for place in (ROOT / "lstm_text", tmp_path / "book" / "lstm_text"):
        assert str(place) in done.stderr


def test_the_key_of_the_cache_sees_where_the_data_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DATA", str(tmp_path))
    assert data_folders() == [find.data_folder(), find.known_cache(), find.spare_folder()]
    monkeypatch.delenv("LSTM_TEXT_DATA")
    assert data_folders() == [find.known_cache(), find.spare_folder()]
