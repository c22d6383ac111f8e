"""experiments.imdb_chapter：章の実験が記録を作ること。"""

import json

import pytest
import torch

from lstm_text import corpora
from lstm_text.datasets import Imdb, Source
from lstm_text.device import generator
from lstm_text.experiments import imdb_chapter
from lstm_text.experiments.imdb_chapter import RECORD, Settings, run, write


@pytest.fixture(scope="module")
def imdb():
    source = Source("builtin", "IMDb の映画レビュー", "架空のレビュー")
    return Imdb(corpora.reviews(60, generator(0)), corpora.reviews(30, generator(1)), source)


@pytest.fixture
def settings(monkeypatch):
    # 測る相手の大きなモデルも、ここでは小さくする
    small = imdb_chapter.NaiveClassifier
    monkeypatch.setattr(imdb_chapter, "NaiveClassifier", lambda vocab: small(vocab, 2, 2))
    return Settings(
        vocab_size=50, max_length=20, embedding_dim=4, hidden_size=3, epochs=2, batch_size=16
    )


def test_the_record_is_json_and_tells_everything(imdb, settings, tmp_path):
    record = run(imdb, settings)
    path = tmp_path / "records" / "a.json"
    write(record, path)
    assert json.loads(path.read_text(encoding="utf-8")) == record
    assert record["data"]["train"] + record["data"]["validation"] == 60
    assert [row["epoch"] for row in record["epochs"]] == [1, 2]
    assert 0 <= record["test"]["accuracy"] <= 1
    assert sum(row["count"] for row in record["test"]["by_length"]) == 30
    assert len(record["baselines"]) == 2
    assert torch.__version__ in record["machine"]["device"]


def test_the_same_seed_gives_the_same_numbers(imdb, settings):
    first, second = run(imdb, settings), run(imdb, settings)
    assert first["test"] == second["test"]
    assert [row["loss"] for row in first["epochs"]] == [row["loss"] for row in second["epochs"]]


def test_the_builtin_corpus_is_never_recorded(imdb, monkeypatch, tmp_path):
    monkeypatch.setattr(imdb_chapter, "load_imdb", lambda: imdb)
    monkeypatch.setattr(imdb_chapter, "RECORD", tmp_path / "a.json")
    with pytest.raises(SystemExit, match="本物の IMDb"):
        imdb_chapter.main()
    assert not (tmp_path / "a.json").exists()


def test_the_book_has_a_record_of_the_real_data():
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record["data"]["test"] == 25_000
    assert record["settings"].keys() == Settings.__dataclass_fields__.keys()
