"""rungs、lessons、reviews と、はしごの実験：小さなデータで端から端まで。"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lstm_text.datasets import Source, WordVectors
from lstm_text.device import generator
from lstm_text.experiments import NotHere, imdb_ladder, imdb_student, imdb_summit
from lstm_text.lessons import Lesson, Settings, initial_vectors, load_data, teach
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import Reading
from lstm_text.rungs import (
    PaddedLSTM,
    climb,
    climb_padded,
    climb_pretraining,
    climb_together,
    climb_with_words,
    pair_scores,
)

CPU = torch.device("cpu")
SMALL = Settings(Reading(limit=40), Shape(8, 4), plan=Plan(epochs=1, batch_size=10))
KEYS = {
    "validation", "test", "by_length", "by_negation", "calibration", "calibration_error",
    "epochs", "parameters", "tokens_per_second",
}  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return load_data(SMALL)


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "cache"))


def test_no_review_is_in_two_parts(data):
    held_out = {tuple(ids.tolist()) for ids in data.validation.texts}
    read = {tuple(ids.tolist()) for part in data.plain for ids in part}
    assert len(data.train) == 36 and len(data.validation) == 4
    assert len(data.everything) == 36 + 40 and data.everything.labels.count(-1.0) == 40
    assert not held_out & read
    assert data.validation.labels.count(1.0) == 2


def test_the_validation_part_does_not_depend_on_the_training_seed():
    one, two = (load_data(replace(SMALL, plan=Plan(seed=seed))) for seed in (0, 1))
    assert torch.equal(one.validation.texts.ids, two.validation.texts.ids)


def test_frequencies_are_counts(data):
    ids = torch.cat([part.ids for part in data.plain])
    assert data.frequencies.sum() == len(ids) + (1 if (ids == 1).sum() == 0 else 0)
    assert data.frequencies[0] == 0


def test_every_rung_gives_the_same_numbers(data, tmp_path):
    one = climb(SMALL, tmp_path / "a", data, CPU)
    assert one.keys() == KEYS | {"preparation"}
    padded = climb_padded(SMALL, tmp_path / "b", data, CPU)
    assert padded.keys() == KEYS
    assert 0 <= one["test"] <= 1 and one["tokens_per_second"] > 0
    language = climb_pretraining(SMALL, tmp_path / "c", data, CPU)
    assert language["bits"] > 0
    climb(replace(SMALL, plan=replace(SMALL.plan, seed=1)), tmp_path / "d", data, CPU)
    both = climb_together([tmp_path / "a", tmp_path / "d"], data, CPU)
    alone = climb_together([tmp_path / "a"], data, CPU)
    assert alone["test"] == one["test"] and both["parameters"] == 2 * one["parameters"]


def test_virtual_adversarial_training_reads_every_review(data, tmp_path):
    lesson = Lesson("virtual", epsilon=1.0)
    rows = teach(replace(SMALL, lesson=lesson), tmp_path / "v", data, CPU)
    assert rows[0]["loss"] > 0


def test_padded_reads_the_pads():
    torch.manual_seed(0)
    model, ids = PaddedLSTM(9, 3, 4, width=6), torch.tensor([[2, 3]])
    longer = torch.nn.functional.pad(ids, (0, 4))
    with torch.no_grad():
        assert torch.equal(model(ids, None), model(longer, None))
        whole = model.head(model.recurrent(model.embedding(longer))[0][:, -1]).squeeze(-1)
        assert torch.equal(model(ids, None), whole)
        assert torch.equal(
            model(torch.ones(1, 9).long(), None), model(torch.ones(1, 6).long(), None)
        )


class TestVectors:
    def test_glove_rows_and_noise_of_the_same_spread(self, data, monkeypatch):
        word = data.vocabulary.tokens[2]
        values = torch.randn(2, 8, generator=generator(0))
        glove = WordVectors((word, "未知の語"), values, Source("cache", "ベクトル", ""))
        monkeypatch.setattr("lstm_text.lessons.load_glove", lambda dimension: glove)
        table = initial_vectors(data, 8, "glove", 0)
        assert torch.equal(table[2], values[0]) and (table[3] != 0).any()

    def test_word2vec_is_made_once(self, data, monkeypatch):
        made = []

        def word2vec(texts, vocabulary, dimension):
            made.append(dimension)
            return torch.ones(len(vocabulary), dimension).cumsum(0)

        monkeypatch.setattr("lstm_text.lessons.word2vec", word2vec)
        first, second = (initial_vectors(data, 8, "word2vec", 0) for _ in range(2))
        assert torch.equal(first, second) and made == [8]


@pytest.mark.parametrize("experiment", [imdb_ladder, imdb_summit, imdb_student])
def test_experiments_need_the_real_reviews(experiment, monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    settings = experiment.Settings()
    units = experiment.units(settings)
    assert len({str(unit) for unit in units}) == len(units)
    with pytest.raises(NotHere, match="本物の IMDb が必要です"):
        experiment.run(units[0], settings)


def test_mixing_follows_the_better_scores(data, tmp_path):
    """点数が正解そのものなら、混ぜた答えもそうなる。意味のない点数なら、混ぜても変わらない。"""
    climb(SMALL, tmp_path / "a", data, CPU)
    alone = climb_together([tmp_path / "a"], data, CPU)
    parts = {"validation": data.validation, "test": data.test}
    truth = {name: 100 * torch.tensor(part.labels) - 50 for name, part in parts.items()}
    nothing = {name: torch.zeros(len(part)) for name, part in parts.items()}
    mixed = climb_with_words([tmp_path / "a"], truth, data, CPU)
    assert mixed["test"] == mixed["validation"] == 1 and mixed.keys() == alone.keys()
    same = climb_with_words([tmp_path / "a"], nothing, data, CPU)
    assert 0 <= same["test"] <= 1


def test_pair_scores_stand_in_the_order_of_the_reviews():
    data, scores = load_data(Settings()), pair_scores()
    for name, part in (("validation", data.validation), ("test", data.test)):
        right = (scores[name] > 0) == (torch.tensor(part.labels) > 0.5)
        assert len(scores[name]) == len(part) and right.double().mean() > 0.9


@pytest.fixture
def small_summit(data, monkeypatch):
    """頂上と自己訓練の実験を、小さなデータと小さなモデルに取り替える。"""
    imdb = type("Imdb", (), {"source": Source("cache", "IMDb", "")})
    scores = {"validation": torch.zeros(4), "test": torch.zeros(len(data.test))}
    for experiment in (imdb_summit, imdb_student):
        monkeypatch.setattr(experiment, "load_imdb", lambda: imdb)
        monkeypatch.setattr(experiment, "pair_scores", lambda: scores)
    monkeypatch.setattr(imdb_summit, "FINE", SMALL)
    monkeypatch.setattr(imdb_summit, "LANGUAGE", SMALL)
    monkeypatch.setattr(imdb_summit, "COURSES", {"微調整": SMALL})
    monkeypatch.setattr(imdb_summit, "FROM_LADDER", (SMALL,))


@pytest.mark.usefixtures("small_summit")
def test_every_unit_of_the_summit_on_small_data():
    settings = imdb_summit.Settings()
    values = [imdb_summit.run(unit, settings) for unit in imdb_summit.units(settings)]
    assert [sorted(v.keys() & {"bits", "test"}) for v in values] == [["bits"]] + 4 * [["test"]]
    assert values[-2]["parameters"] == 4 * values[1]["parameters"]  # 2 つの種、2 つの段


@pytest.mark.usefixtures("small_summit")
def test_the_student_reads_what_the_teachers_answered(data):
    settings = imdb_student.Settings(epochs=1, batch_size=10)
    student = imdb_student.run(imdb_student.units(settings)[0], settings)
    course = imdb_student.student_course(SMALL, settings, seed=0)
    assert course == SMALL  # 読むレビューのほかは、先生と同じ設定
    alone = climb(course, Path(os.environ["LSTM_TEXT_CACHE"]) / "alone", data, CPU)
    assert student["epochs"][0]["loss"] != alone["epochs"][0]["loss"]
    tokens = sum(data.train.lengths)
    seconds = [v["epochs"][0]["seconds"] for v in (student, alone)]
    read = [v["tokens_per_second"] * s for v, s in zip((student, alone), seconds, strict=True)]
    rest = data.plain[1].lengths.clamp(1, 400).sum().item()
    assert read == pytest.approx([tokens + rest, tokens])


@pytest.mark.usefixtures("small_summit")
def test_the_ensembles_have_every_student_and_every_teacher():
    settings = imdb_student.Settings(epochs=1, batch_size=10)
    one, other, students, everyone = (
        imdb_student.run(unit, settings) for unit in imdb_student.units(settings)
    )
    assert one["epochs"][0]["loss"] != other["epochs"][0]["loss"]  # 種が違う
    assert students["parameters"] == 2 * one["parameters"]
    assert everyone["parameters"] == (2 + 4) * one["parameters"]  # 先生は 2 つの種、2 つの段
