"""実行キャッシュの指紋: 出力に影響するものが変われば変わり、ほかでは変わらない。"""

import pytest
from fingerprint import fingerprint


@pytest.fixture
def book(tmp_path):
    for name in ("lstm_text/cells.py", "book/records/a.json", "data/a.txt", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    return tmp_path


def of(book):
    return fingerprint(book, [book / "data"])


@pytest.mark.parametrize("name", ["lstm_text/cells.py", "book/records/a.json", "data/a.txt"])
def test_changes_with_what_the_chapters_use(book, name):
    before = of(book)
    (book / name).write_text("22")
    assert of(book) != before


@pytest.mark.parametrize(
    "name",
    ["lstm_text/new.py", "lstm_text/words.txt", "data/new.txt", "tests/exercises/ch01/checks.py"],
)
def test_changes_with_a_new_file(book, name):
    before = of(book)
    (book / name).parent.mkdir(parents=True, exist_ok=True)
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
    monkeypatch.setattr("fingerprint.versions", lambda: ["torch 99"])
    assert of(book) != before


def test_does_not_change_otherwise(book):
    before = of(book)
    (book / "README.md").write_text("22")
    (book / "lstm_text/__pycache__").mkdir()
    (book / "lstm_text/__pycache__/cells.pyc").write_text("1")
    (book / "data/parsed.json").write_text("1")
    chapter = book / "tests/exercises/ch01"
    chapter.mkdir(parents=True)
    for name in ("stub.py", "alternatives.py", "test_a.py"):
        (chapter / name).write_text("1")
    for made in ("encoded", "runs", "vectors"):
        (book / "data" / made).mkdir()
        (book / "data" / made / "a.safetensors").write_text("1")
    assert of(book) == before


def test_missing_data_folder_is_no_error(book):
    assert len(fingerprint(book, [book / "nowhere"])) == 16
