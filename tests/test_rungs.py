"""rungs、lessons、reviews と、はしごの実験：小さなデータで端から端まで。"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lstm_text.datasets import Source, WordVectors
from lstm_text.device import generator
from lstm_text.encoded import Labelled
from lstm_text.experiments import NotHere, imdb_ladder, imdb_summit
from lstm_text.lessons import Lesson, Settings, initial_vectors, load_data, load_reader, teach
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import Reading
from lstm_text.rungs import (
    PaddedLSTM,
    climb,
    climb_apart,
    climb_padded,
    climb_pretraining,
    climb_together,
    climb_with_words,
    pair_scores,
)
from lstm_text.sentiment import probabilities

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
    about, answers = climb_apart(SMALL, tmp_path / "a", data, CPU)
    alone = climb_together([answers], data)
    assert {**alone, **about} == {name: one[name] for name in KEYS}


def test_an_ensemble_answers_with_the_mean_probability(data):
    sure = {
        "validation": torch.tensor(data.validation.labels),
        "test": torch.tensor(data.test.labels),
    }
    wrong = {name: 1 - p for name, p in sure.items()}
    hesitant = {name: 0.4 * p + 0.3 for name, p in wrong.items()}  # 0.3 か 0.7 で、みな間違い
    assert climb_together([sure], data)["test"] == 1
    assert climb_together([sure, hesitant], data)["test"] == 1
    assert climb_together([hesitant, wrong, sure], data)["test"] == 0


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


@pytest.mark.parametrize("experiment", [imdb_ladder, imdb_summit])
def test_experiments_need_the_real_reviews(experiment, monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    settings = experiment.Settings()
    units = experiment.units(settings)
    assert len({str(unit) for unit in units}) == len(units)
    with pytest.raises(NotHere, match="本物の IMDb が必要です"):
        experiment.run(units[0], settings)


def test_mixing_follows_the_better_scores(data):
    """点数が正解そのものなら、混ぜた答えもそうなる。意味のない点数なら、混ぜても変わらない。"""
    parts = {"validation": data.validation, "test": data.test}
    truth = {name: 100 * torch.tensor(part.labels) - 50 for name, part in parts.items()}
    nothing = {name: torch.zeros(len(part)) for name, part in parts.items()}
    guesses = {name: torch.full((len(part),), 0.5) for name, part in parts.items()}
    mixed = climb_with_words([guesses], truth, data)
    assert mixed["test"] == mixed["validation"] == 1
    assert mixed.keys() == climb_together([guesses], data).keys()
    right = {name: torch.tensor(part.labels) for name, part in parts.items()}
    assert climb_with_words([right], nothing, data)["test"] == 1


def test_pair_scores_stand_in_the_order_of_the_reviews():
    data, scores = load_data(Settings()), pair_scores()
    for name, part in (("validation", data.validation), ("test", data.test)):
        right = (scores[name] > 0) == (torch.tensor(part.labels) > 0.5)
        assert len(scores[name]) == len(part) and right.double().mean() > 0.9


SEEDS = (0, 1)
TUNED, HARDENED = imdb_summit.TEACHERS


@pytest.fixture
def summit(data, monkeypatch):
    """頂上の実験を、小さなデータと小さなモデルで、1 つのプロセスで動かす。"""
    imdb = type("Imdb", (), {"source": Source("cache", "IMDb", "")})
    scores = {"validation": torch.zeros(4), "test": torch.zeros(len(data.test))}
    study = replace(SMALL, plan=replace(SMALL.plan, learning_rate=1e-2))
    for name, small in {
        "load_imdb": lambda: imdb,
        "pair_scores": lambda: scores,
        "side_by_side": lambda jobs: [job() for job in jobs],
        "FINE": SMALL,
        "LANGUAGE": SMALL,
        "STUDY": study,
        "STUDY_AGAIN": study,
        "TEACHERS": {TUNED: SMALL, HARDENED: replace(SMALL, lesson=Lesson("adversarial"))},
    }.items():
        monkeypatch.setattr(imdb_summit, name, small)
    for remembered in (imdb_summit.languages, imdb_summit.climbed):
        remembered.cache_clear()
    return imdb_summit


def _answers(learner, data):
    """評価のないレビューへの答えを、ファイルを通さずに。"""
    rest = Labelled(data.plain[1], [-1] * len(data.plain[1]), data.train.max_length)
    return probabilities(load_reader(learner.folder)[0], rest)


def test_every_unit_of_the_summit_on_small_data(summit):
    settings = summit.Settings()
    units = summit.units(settings)
    values = {(u["rung"], u["seed"]): summit.run(u, settings) for u in units}
    alone = (*summit.TEACHERS, summit.STUDENT, summit.AGAIN)
    for rung in (summit.PRETRAINING, *alone):  # 種は、初めから違う
        one, other = (values[rung, seed]["epochs"][0]["loss"] for seed in settings.seeds)
        assert one != other
    for rung in alone:
        assert values[rung, 1].keys() >= KEYS
    size = values[summit.STUDENT, 0]["parameters"]
    first, second, third = summit.TOGETHER
    counts = {first: 4, second: 2, third: 2, summit.EVERYONE: 8}
    assert all(values[rung, 0]["parameters"] == n * size for rung, n in counts.items())


def test_a_learner_starts_from_the_weights_of_its_own_seed(summit):
    def starts(rung):
        return [each.course.lesson.language_model for each in summit.learners(rung, SEEDS)]

    assert starts(TUNED) == starts(HARDENED) == starts(summit.STUDENT)
    assert len(set(starts(TUNED))) == 2
    summit.languages(SEEDS)
    assert all(Path(folder).is_dir() for folder in starts(TUNED))
    students = [str(each.folder) for each in summit.learners(summit.STUDENT, SEEDS)]
    assert starts(summit.AGAIN) == students and len(set(students)) == 2


def test_a_student_reads_what_the_teachers_answered(summit, data):
    (student, _), _ = summit.climbed(summit.STUDENT, SEEDS)
    course = summit.learners(summit.STUDENT, SEEDS)[0].course
    alone, _ = climb_apart(course, Path(os.environ["LSTM_TEXT_CACHE"]) / "alone", data, CPU)
    assert student["epochs"][0]["loss"] != alone["epochs"][0]["loss"]
    tokens = sum(data.train.lengths)
    seconds = [v["epochs"][0]["seconds"] for v in (student, alone)]
    read = [v["tokens_per_second"] * s for v, s in zip((student, alone), seconds, strict=True)]
    rest = data.plain[1].lengths.clamp(1, 400).sum().item()
    assert read == pytest.approx([tokens + rest, tokens])


def test_the_labels_are_the_mean_of_every_teacher(summit, data, monkeypatch):
    given = []
    monkeypatch.setattr(summit, "load_data", lambda course: data)
    monkeypatch.setattr(summit, "with_answers", lambda data, p: given.append(p) or data)
    summit.climbed(summit.AGAIN, SEEDS)
    teachers = [each for rung in summit.TEACHERS for each in summit.learners(rung, SEEDS)]
    students = summit.learners(summit.STUDENT, SEEDS)
    assert len(given) == 4
    for labels, taught_by in zip(given, 2 * [teachers] + 2 * [teachers + students], strict=True):
        slow = sum(_answers(each, data) for each in taught_by) / len(taught_by)
        assert torch.allclose(labels, slow)


def test_other_teachers_make_another_folder(summit):
    one, other = summit.learners(TUNED, SEEDS)
    taught = [summit.Learner(one.course, teachers) for teachers in ((), (one,), (other,))]
    assert len({each.folder for each in taught}) == 3
    assert taught[0].folder == one.folder
