"""実行結果のキャッシュの鍵: 出力に影響するものが変われば変わり、ほかでは変わらない。"""

import pytest

from run.cache_key import cache_key


@pytest.fixture
def book(tmp_path):
    for name in ("lstm_text/cells.py", "book/records/a.json", "data/a.txt", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    return tmp_path


def of(book):
    return cache_key(book, [book / "data"])


@pytest.mark.parametrize("name", ["lstm_text/cells.py", "book/records/a.json", "data/a.txt"])
def test_changes_with_what_the_chapters_use(book, name):
    before = of(book)
    (book / name).write_text("22")
    assert of(book) != before


@pytest.mark.parametrize("name", ["lstm_text/new.py", "lstm_text/words.txt", "data/new.txt"])
def test_changes_with_a_new_file(book, name):
    before = of(book)
    (book / name).write_text("1")
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
    (book / "README.md").write_text("22")
    (book / "lstm_text/__pycache__").mkdir()
    (book / "lstm_text/__pycache__/cells.pyc").write_text("1")
    (book / "data/parsed.json").write_text("1")
    for made in ("encoded", "runs", "vectors"):
        (book / "data" / made).mkdir()
        (book / "data" / made / "a.safetensors").write_text("1")
    assert of(book) == before


def test_missing_data_folder_is_no_error(book):
    assert len(cache_key(book, [book / "nowhere"])) == 16
