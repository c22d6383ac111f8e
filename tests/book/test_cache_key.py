"""実行結果のキャッシュの鍵: どの章にも関わるものが変われば変わり、ほかでは変わらない。"""

import os

import pytest

from run.cache_folders import tidy
from run.cache_key import cache_key

SHARED = ("book/records/a.json", "book/_ext/run/kernel/watcher.py", "data/a.txt")


@pytest.fixture
def book(tmp_path):
    for name in (*SHARED, "lstm_text/cells.py", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    return tmp_path


def of(book):
    return cache_key(book, [book / "data"])


@pytest.mark.parametrize("name", SHARED)
def test_changes_with_what_all_chapters_use(book, name):
    before = of(book)
    (book / name).write_text("22", encoding="utf-8")
    assert of(book) != before


@pytest.mark.parametrize("name", ["book/records/new.json", "data/new.txt"])
def test_changes_with_a_new_file(book, name):
    before = of(book)
    (book / name).write_text("1", encoding="utf-8")
    assert of(book) != before


def test_changes_when_a_file_goes(book):
    before = of(book)
    (book / "data/a.txt").unlink()
    assert of(book) != before


def test_changes_with_the_device(book, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cpu")
    before = of(book)
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cuda")
    assert of(book) != before


def test_changes_with_an_installed_version(book, monkeypatch):
    before = of(book)
    monkeypatch.setattr("run.cache_key.versions", lambda: ["torch 99"])
    assert of(book) != before


def test_does_not_change_otherwise(book):
    before = of(book)
    (book / "README.md").write_text("22", encoding="utf-8")
    (book / "lstm_text/cells.py").write_text(
        "22", encoding="utf-8"
    )  # 届く章だけに関わる（chapter_cache）
    (book / "book/records/recall.partial").write_text("1", encoding="utf-8")
    (book / "data/parsed.json").write_text("1", encoding="utf-8")
    for made in ("embedded", "encoded", "runs", "vectors"):
        (book / "data" / made).mkdir()
        (book / "data" / made / "a.safetensors").write_text("1", encoding="utf-8")
    assert of(book) == before


def test_missing_data_folder_is_no_error(book):
    assert len(cache_key(book, [book / "nowhere"])) == 16


def test_old_and_broken_caches_go(tmp_path):
    for age, name in enumerate(("used", "newer", "older", "oldest")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "global.db").write_text("壊れた索引", encoding="utf-8")
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    tidy(tmp_path, {tmp_path / "used", tmp_path / "new"}, spare=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "newer", "older", "used"]
    assert not list((tmp_path / "used").iterdir())
    assert list((tmp_path / "newer").iterdir())
