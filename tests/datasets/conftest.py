"""本物の代わりに、小さなファイルで確かめる。"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from lstm_text import datasets
from lstm_text.datasets import Reviews, imdb_files
from lstm_text.datasets import find as find_files
from lstm_text.datasets import glove as glove_files
from lstm_text.datasets import neko as neko_files
from lstm_text.datasets import treebank as treebank_files
from lstm_text.datasets.contents import digest
from tests.datasets.small import FILMS, NEKO, TREES, members, number_of


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """空のキャッシュで、データのフォルダも通信もない所から始める。"""
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    nowhere = Path(os.devnull, "spare")  # キャッシュに書けない計算機では、ここにも書けない
    monkeypatch.setattr(find_files, "spare_folder", lambda: nowhere)
    monkeypatch.setattr(imdb_files, "spare_folder", lambda: nowhere)
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)


@pytest.fixture
def small(monkeypatch):
    """数とハッシュを、小さなファイルに合わせる。"""
    for label, count in {"neg": 2, "pos": 2, "unsup": 1}.items():
        monkeypatch.setitem(imdb_files.COUNTS, label, count)
    names = sorted(members(), key=number_of)
    for folder in imdb_files.DIGESTS:
        texts = [members()[name] for name in names if f"/{folder}/" in name]
        monkeypatch.setitem(imdb_files.DIGESTS, folder, digest(texts or FILMS))
    for name in ("en_ewt", "ja_gsd"):
        monkeypatch.setitem(treebank_files._SENTENCE_COUNTS, name, (2, 2, 2))
        known = treebank_files._digest(TREES)
        monkeypatch.setitem(treebank_files._DIGESTS, name, (known,) * 3)
    story = NEKO.strip("\n").partition("\n© ")[0]
    monkeypatch.setattr(neko_files, "_LENGTH", len(story))
    monkeypatch.setattr(neko_files, "_TEXT", digest([story]))
    monkeypatch.setattr(neko_files, "_LETTERS", digest(["".join(story.split())]))
    monkeypatch.setattr(neko_files, "_END", "無い。")
    made = Reviews(("made",) * 4, (0, 1, 0, 1))
    monkeypatch.setattr(datasets.builtin, "reviews", lambda n, generator: made)


@pytest.fixture
def data(environment, tmp_path, monkeypatch) -> Path:
    """空の、データのフォルダ。"""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("LSTM_TEXT_DATA", str(folder))
    return folder


@pytest.fixture
def glove(environment, tmp_path, monkeypatch) -> Path:
    """キャッシュの中の、単語ベクトルのフォルダ。語の数は、小さなファイルに合わせる。"""
    monkeypatch.setattr(glove_files, "_WORDS", 1)
    folder = tmp_path / "cache" / "glove"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def plain_user(monkeypatch):
    """許可のないものを読めない利用者になり、データのフォルダを渡す（管理者は何でも読める）。"""
    if not hasattr(os, "seteuid"):
        pytest.skip("許可を試せるのは、POSIX だけです。")
    folder, before = Path(tempfile.mkdtemp()), os.geteuid()
    folder.chmod(0o777)
    (folder / "data").mkdir()
    monkeypatch.setenv("LSTM_TEXT_DATA", str(folder / "data"))
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(folder / "cache"))
    yield folder / "data"
    os.seteuid(before)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(folder)
