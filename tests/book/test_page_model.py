"""page_model：ページで動くモデルの訓練と書き出し。"""

import hashlib
import json
import re

import pytest
import torch

from lstm_text.datasets import Imdb, Source, builtin
from lstm_text.device import generator
from lstm_text.text import tokenize
from page import page_model
from page.page_model import FOLDER, Settings, load, save, trained
from tests.book.pages import BOOK

RECORD = json.loads((FOLDER / "page_model.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def imdb():
    source = Source("builtin", "IMDb の映画レビュー", "架空のレビュー")
    return Imdb(builtin.reviews(40, generator(0)), builtin.reviews(20, generator(1)), source)


def test_the_same_seed_gives_the_same_bytes(imdb, tmp_path):
    for name in "ab":
        save(tmp_path / name, *trained(imdb, Settings(epochs=1, hidden_size=3)), origin={})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_written_is_what_is_read(imdb, tmp_path):
    model, vocabulary = trained(imdb, Settings(epochs=1, hidden_size=3))
    save(tmp_path / "a.js", model, vocabulary, origin={})
    again, words = load(tmp_path / "a.js")
    assert words == vocabulary
    ids = torch.arange(len(vocabulary)).unsqueeze(0)
    torch.testing.assert_close(again(ids), model(ids), atol=1e-6, rtol=0)


def test_the_builtin_corpus_is_never_shipped(imdb, monkeypatch, tmp_path):
    monkeypatch.setattr(page_model, "load_imdb", lambda: imdb)
    monkeypatch.setattr(page_model, "FOLDER", tmp_path)
    with pytest.raises(SystemExit, match="本物の IMDb"):
        page_model.main()
    assert not list(tmp_path.iterdir())


def test_the_shipped_model_is_small_and_is_the_recorded_one():
    content = (FOLDER / "page_model.js").read_bytes()
    assert len(content) <= 3_000_000
    assert hashlib.sha256(content).hexdigest() == RECORD["sha256"]
    assert RECORD["settings"].keys() == Settings.__dataclass_fields__.keys()
    assert RECORD["test_reviews"] == 25_000 and RECORD["accuracy"] > 0.85


@torch.no_grad()
def test_the_preface_tells_what_the_shipped_model_answers():
    preface = (BOOK / "index.md").read_text(encoding="utf-8")
    told = re.search(r"順番で、答えは変わったか\n(.*)", preface)[1]
    model, vocabulary = load(FOLDER / "page_model.js")
    answers = [
        100 * model(torch.tensor([vocabulary.encode(tokenize(text))]))[0, -1].sigmoid().item()
        for text in re.findall(r"(?<!\*)\*([^*]+)\*", told)[:4]
    ]
    assert re.findall(r"[\d.]+ %", told) == [f"{answer:.1f} %" for answer in answers]
    assert [answer > 50 for answer in answers] == [False, False, True, False]
