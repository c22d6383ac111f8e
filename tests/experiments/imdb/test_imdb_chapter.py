"""imdb_chapter：章の実験が記録を作ること。"""

import json
from pathlib import Path

import pytest

from lstm_text import records
from lstm_text.datasets import Imdb, Source, builtin
from lstm_text.device import generator
from lstm_text.experiments import NotHere, make
from lstm_text.experiments.imdb import imdb_chapter
from lstm_text.experiments.imdb.imdb_chapter import Settings, measure
from lstm_text.records import to_json

RECORDS = Path(__file__).parents[3] / "book" / "records"


@pytest.fixture(scope="module")
def imdb():
    source = Source("builtin", "IMDb の映画レビュー", "架空のレビュー")
    return Imdb(builtin.reviews(60, generator(0)), builtin.reviews(30, generator(1)), source)


@pytest.fixture
def settings(monkeypatch):
    # 測る相手の大きなモデルも、ここでは小さくする
    small = imdb_chapter.NaiveClassifier
    monkeypatch.setattr(imdb_chapter, "NaiveClassifier", lambda vocab: small(vocab, 2, 2))
    return Settings(
        vocab_size=50, max_length=20, embedding_dim=4, hidden_size=3, epochs=2, batch_size=16
    )


def test_the_numbers_are_json_and_tell_everything(imdb, settings):
    measured = measure(imdb, settings, seed=0)
    assert json.loads(to_json(measured)) == measured
    assert measured["data"]["train"] + measured["data"]["validation"] == 60
    assert [row["epoch"] for row in measured["epochs"]] == [1, 2]
    assert 0 <= measured["test"]["accuracy"] <= 1
    assert sum(row["count"] for row in measured["test"]["by_length"]) == 30
    assert len(measured["baselines"]) == 2


def test_the_same_seed_gives_the_same_numbers(imdb, settings):
    first, second = measure(imdb, settings, seed=0), measure(imdb, settings, seed=0)
    assert first["test"] == second["test"]
    assert [row["loss"] for row in first["epochs"]] == [row["loss"] for row in second["epochs"]]


def test_the_builtin_corpus_is_never_recorded(imdb, settings, monkeypatch, tmp_path):
    monkeypatch.setattr(imdb_chapter, "load_imdb", lambda: imdb)
    with pytest.raises(NotHere, match="本物の IMDb"):
        list(make(imdb_chapter, settings, tmp_path))
    assert not list(tmp_path.iterdir())


def test_the_book_has_a_record_of_the_real_data():
    record = records.read("imdb_chapter", RECORDS)
    assert record.values(seed=0)["data"]["test"] == 25_000
    assert record.settings.keys() == Settings.__dataclass_fields__.keys()
