"""imdb_test_texts：言語モデルが読む本文だけが違い、正解は訓練用のものしか使わない。"""

from dataclasses import replace

import pytest
import torch

from lstm_text.experiments.imdb import imdb_test_texts
from lstm_text.experiments.imdb.imdb_test_texts import FINE, LANGUAGE, TEXTS, measure, reading
from lstm_text.imdb import TextOptions, load_data
from lstm_text.records import unpack

OPTIONS = TextOptions(limit=40)


@pytest.fixture(scope="module")
def data():
    return load_data(replace(FINE, reading=OPTIONS))


def small(course):
    shape = replace(course.shape, embedding_dim=8, hidden_size=4)
    return replace(course, reading=OPTIONS, shape=shape, plan=replace(course.plan, epochs=1))


def read_by(data):
    return {tuple(data.pretraining[i][0].tolist()) for i in range(len(data.pretraining))}


def first_pieces(texts, length):
    return {tuple(texts[i][:length].tolist()) for i in range(len(texts)) if len(texts[i]) > 1}


def test_only_one_language_model_reads_the_test_texts(data):
    length = data.train.max_length
    asked, learned = (first_pieces(part.texts, length) for part in (data.test, data.train))
    honest, cheating = (read_by(reading(data, texts)) for texts in TEXTS)
    assert asked <= cheating
    assert not (asked - learned - first_pieces(data.plain[1], length)) & honest
    assert learned <= honest & cheating


def test_both_read_as_many_further_texts(data):
    sizes = {len(choose(data)) for choose in TEXTS.values()}
    assert sizes == {len(data.test)}


def test_labels_and_everything_else_stay(data):
    for texts in TEXTS:
        other = reading(data, texts)
        for name in ("vocabulary", "train", "validation", "test", "held_out", "plain"):
            assert getattr(other, name) is getattr(data, name)


def test_one_measurement(data, tmp_path, monkeypatch):
    monkeypatch.setattr(imdb_test_texts, "run_folder", lambda kind, code, course: tmp_path / kind)
    texts = "テスト用のレビュー"
    values = measure(small(LANGUAGE), small(FINE), reading(data, texts), texts)
    right = unpack(values["right"], len(data.test))
    assert values["test"] == pytest.approx(right.mean())
    # 何も学ばないモデルは、語彙のどの語にも同じ確率を与える。
    assert 0 < values["bits"] < torch.tensor(len(data.vocabulary)).log2() + 1
    assert 0 < values["test_bits"] < torch.tensor(len(data.vocabulary)).log2() + 1
    assert all(0 <= p <= 1 for p in values["sentences"].values())
