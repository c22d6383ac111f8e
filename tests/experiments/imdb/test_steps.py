"""はしごの段と頂上の実験：小さなデータで端から端まで。"""

import math
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lstm_text.datasets import Reviews, Source, WordVectors, split_validation
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_ladder, imdb_summit, learners, summit_recipes
from lstm_text.experiments.imdb.ensemble import WordMix, nbsvm_scores, score_together
from lstm_text.experiments.imdb.steps import (
    PaddedLSTM,
    measure,
    measure_padded,
    measure_pretraining,
    train_only,
)
from lstm_text.experiments.imdb.students import unlabelled
from lstm_text.imdb import (
    VALIDATION,
    Lesson,
    Plan,
    Settings,
    Shape,
    TextOptions,
    initial_vectors,
    load_classifier,
    load_data,
    probabilities,
    teach,
)

CPU = torch.device("cpu")
SMALL = Settings(TextOptions(limit=40), Shape(8, 4), plan=Plan(epochs=1, batch_size=10))
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
    one = measure(SMALL, tmp_path / "a", data, CPU)
    assert one.keys() == KEYS | {"preparation"}
    padded = measure_padded(SMALL, tmp_path / "b", data, CPU)
    assert padded.keys() == KEYS
    assert 0 <= one["test"] <= 1 and one["tokens_per_second"] > 0
    language = measure_pretraining(SMALL, tmp_path / "c", data, CPU)
    assert language["bits"] > 0
    about = train_only(SMALL, tmp_path / "a", data, CPU)
    reader, _, _ = load_classifier(tmp_path / "a")
    parts = {"validation": data.validation, "test": data.test}
    alone = score_together([{k: probabilities(reader, part) for k, part in parts.items()}], data)
    assert {**alone, **about} == {name: one[name] for name in KEYS}


def test_an_ensemble_answers_with_the_mean_probability(data):
    sure = {
        "validation": torch.tensor(data.validation.labels),
        "test": torch.tensor(data.test.labels),
    }
    wrong = {name: 1 - p for name, p in sure.items()}
    hesitant = {name: 0.4 * p + 0.3 for name, p in wrong.items()}  # 0.3 か 0.7 で、みな間違い
    assert score_together([sure], data)["test"] == 1
    assert score_together([sure, hesitant], data)["test"] == 1
    assert score_together([hesitant, wrong, sure], data)["test"] == 0


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
        monkeypatch.setattr("lstm_text.imdb.vectors.load_glove", lambda dimension: glove)
        table = initial_vectors(data, 8, "glove", 0)
        assert torch.equal(table[2], values[0]) and (table[3] != 0).any()

    def test_word2vec_is_made_once(self, data, monkeypatch):
        made = []

        def word2vec(texts, vocabulary, dimension):
            made.append(dimension)
            return torch.ones(len(vocabulary), dimension).cumsum(0)

        monkeypatch.setattr("lstm_text.imdb.vectors.word2vec", word2vec)
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


def test_mixing_follows_the_better_numbers(data):
    """点数が正解そのものなら、混ぜた答えもそうなる。意味のない点数なら、混ぜても変わらない。"""
    labels = torch.tensor(data.validation.labels)
    unsure, nothing = torch.full((4,), 0.5), torch.zeros(4)
    for p, scores in ((unsure, 100 * labels - 50), (labels, nothing)):
        mix = WordMix().fit(p, scores, labels.tolist())
        assert torch.equal(mix.answers(p, scores) > 0.5, labels > 0.5)


def test_mixing_is_the_logistic_regression_of_two_numbers():
    """混ぜた確率のロジットは、確率のロジットと点数の 1 次式で、損失の勾配は罰則と釣り合う。"""
    g = generator(0)
    p, scores = torch.rand(40, generator=g).double(), torch.randn(40, generator=g).double()
    labels = (torch.rand(40, generator=g) > 0.5).double()
    mixed = WordMix().fit(p, scores, labels.tolist()).answers(p, scores).double()
    columns = torch.stack([p.logit(), scores, torch.ones(40).double()], dim=1)
    weights = torch.linalg.lstsq(columns, mixed.logit()[:, None]).solution
    assert torch.allclose(columns @ weights, mixed.logit()[:, None], atol=1e-4)
    gradient = columns.T @ (mixed - labels)
    assert torch.allclose(gradient[:2], -weights[:2, 0], atol=1e-2)
    assert gradient[2].abs() < 1e-2


def test_cross_validated_answers_do_not_see_their_own_label():
    """1 件の正解をひっくり返しても、その 1 件への答えは変わらない。"""
    g = generator(0)
    p, scores = torch.rand(60, generator=g), torch.randn(60, generator=g)
    labels = [0.0, 1.0] * 30
    one = WordMix().cross_validated(p, scores, labels)
    seen = WordMix().fit(p, scores, labels).answers(p, scores)
    flipped = WordMix().cross_validated(p, scores, [1 - labels[0], *labels[1:]])
    assert one[0] == flipped[0] and (one[1:] != flipped[1:]).any()
    rest = WordMix().fit(p[1:], scores[1:], labels[1:])
    assert torch.allclose(one[:1], rest.answers(p[:1], scores[:1]))
    assert (one - seen).abs().max() > 1e-3


def test_nbsvm_scores_stand_in_the_order_of_the_reviews():
    data, scores = load_data(Settings()), nbsvm_scores()
    for name, part in (("validation", data.validation), ("test", data.test)):
        right = (scores[name] > 0) == (torch.tensor(part.labels) > 0.5)
        assert len(scores[name]) == len(part) and right.double().mean() > 0.9


SEEDS = (0, 1)
TUNED, HARDENED = summit_recipes.TEACHERS
WEIGHTS = torch.tensor([0.5, 2.0, 1.0, 0.5])
LARGE = LARGE_TEACHER, LARGE_STUDENT = (
    summit_recipes.LARGE_TEACHER,
    summit_recipes.LARGE_STUDENT,
)
MODULES = imdb_summit, learners, summit_recipes


class Summit:
    """頂上の実験の 3 つのモジュールを、1 つのように見せる。"""

    def __getattr__(self, name):
        return next(getattr(module, name) for module in MODULES if hasattr(module, name))


@pytest.fixture
def summit(data, monkeypatch):
    """頂上の実験を、小さなデータと小さなモデルで、1 つのプロセスで動かす。"""
    sizes = {"validation": 4, "test": len(data.test)}
    scores = {name: torch.linspace(-1, 1, n) for name, n in sizes.items()}
    study = replace(SMALL, plan=replace(SMALL.plan, learning_rate=1e-2))
    summit = Summit()
    courses = dict.fromkeys(summit.STAGES, SMALL) | {
        HARDENED: replace(SMALL, lesson=Lesson("adversarial")),
        summit.STUDENT: study,
        summit.AGAIN: study,
        LARGE_STUDENT: study,
    }
    for name, small in {
        "load_imdb_films": lambda: ("tt0",),
        "load_data": lambda course: data,
        "_film_weights": lambda: WEIGHTS,
        "nbsvm_scores": lambda: scores,
        "in_processes": lambda jobs: [job() for job in jobs],
        "reuse_freed_memory": lambda: True,  # ほかのテストのメモリーの使い方を変えない
        "FINE": SMALL,
        "LANGUAGES": {summit.PRETRAINING: SMALL, summit.LARGE: study},
        "STAGES": {
            rung: replace(stage, course=courses[rung]) for rung, stage in summit.STAGES.items()
        },
    }.items():
        for module in MODULES:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, small)
    for remembered in (summit.languages, summit.trained, summit.answered):
        remembered.cache_clear()
    return summit


def _answers(learner, reviews):
    """ファイルを通さない、分類器の答え。"""
    return probabilities(load_classifier(learner.folder)[0], reviews)


def test_every_unit_of_the_summit_on_small_data(summit):
    settings = summit.Settings()
    units = summit.units(settings)
    values = {(u["rung"], u["seed"]): summit.run(u, settings) for u in units}
    assert [u["seed"] for u in units if u["rung"] == summit.LARGE] == [0]
    for rung in (summit.PRETRAINING, *summit.STAGES):  # 種は、初めから違う
        one, other = (values[rung, seed]["epochs"][0]["loss"] for seed in settings.seeds)
        assert one != other
    for rung in summit.STAGES.keys() - {summit.AGAIN}:
        assert values[rung, 1].keys() >= KEYS
    size = values[summit.STUDENT, 0]["parameters"]
    counts = dict(zip(summit.TOGETHER, (4, 2, 2, 2, 2, 2, 2, 2, 4), strict=True))
    assert all(values[rung, 0]["parameters"] == n * size for rung, n in counts.items())
    # 検証用のレビューからも学んだ段は、検証の数値を言わない
    for rung, parts in summit.TOGETHER.items():
        told = {"validation", "validation_loss", "balanced_loss"} & values[rung, 0].keys()
        assert len(told) == (0 if summit.AGAIN in parts else 3)
    for seed in settings.seeds:
        assert values[summit.AGAIN, seed].keys() == KEYS - {"validation"}
        assert values[summit.AGAIN, seed]["epochs"][0].keys() == {"epoch", "loss", "seconds"}


def test_the_validation_losses_are_those_of_the_mean_answer(summit, data):
    values = summit.run({"rung": "先生のアンサンブル", "seed": 0}, summit.Settings())
    each = [one for part in summit.TEACHERS for one in summit.learners(part, SEEDS)]
    p = sum(_answers(one, data.validation).double() for one in each) / 4
    losses = [-math.log(q if y else 1 - q) for q, y in zip(p, data.validation.labels, strict=True)]
    assert values["validation_loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    balanced = sum(w * loss for w, loss in zip(WEIGHTS.tolist(), losses, strict=True)) / 4
    assert values["balanced_loss"] == pytest.approx(balanced, rel=1e-5)


def test_the_weights_belong_to_the_validation_reviews(monkeypatch):
    """番号だけのレビューを同じように分けて、1 件ずつ数える。"""
    random = np.random.default_rng(0)
    films = tuple(f"tt{film}" for film in random.integers(0, 50, 400))
    train = Reviews(tuple(map(str, range(400))), tuple(random.integers(0, 2, 400).tolist()))
    monkeypatch.setattr(imdb_summit, "load_imdb", lambda: SimpleNamespace(train=train))
    monkeypatch.setattr(imdb_summit, "load_imdb_films", lambda: films)
    learned, held_out = split_validation(train, VALIDATION, generator(0))
    weights = imdb_summit._film_weights.__wrapped__()
    sides = []
    for number, label in zip(held_out.texts, held_out.labels, strict=True):
        same = [i for i in map(int, learned.texts) if films[i] == films[int(number)]]
        balance = sum(2 * train.labels[i] - 1 for i in same)
        sides.append(0 if balance == 0 else 1 if (balance > 0) == (label == 1) else -1)
    voted = sides.count(1) + sides.count(-1)
    expected = [1.0 if side == 0 else voted / (2 * sides.count(side)) for side in sides]
    assert weights.tolist() == pytest.approx(expected)


def test_a_learner_starts_from_the_weights_of_its_own_seed(summit):
    def starts(rung):
        return [each.course.lesson.language_model for each in summit.learners(rung, SEEDS)]

    assert starts(TUNED) == starts(HARDENED) == starts(summit.STUDENT)
    assert len(set(starts(TUNED))) == 2
    summit.languages(summit.PRETRAINING, SEEDS)
    assert all(Path(folder).is_dir() for folder in starts(TUNED))
    assert starts(LARGE_TEACHER) == starts(LARGE_STUDENT)
    assert len({*starts(TUNED), *starts(LARGE_TEACHER)}) == 3
    summit.languages(summit.LARGE, SEEDS)
    assert Path(starts(LARGE_TEACHER)[0]).is_dir()
    students = [str(each.folder) for each in summit.learners(summit.STUDENT, SEEDS)]
    assert starts(summit.AGAIN) == students and len(set(students)) == 2


def test_a_student_reads_what_the_teachers_answered(summit, data):
    student, _ = summit.trained(summit.STUDENT, SEEDS)
    course = summit.learners(summit.STUDENT, SEEDS)[0].course
    alone = train_only(course, Path(os.environ["LSTM_TEXT_CACHE"]) / "alone", data, CPU)
    assert student["epochs"][0]["loss"] != alone["epochs"][0]["loss"]
    tokens = sum(data.train.lengths)
    seconds = [v["epochs"][0]["seconds"] for v in (student, alone)]
    read = [v["tokens_per_second"] * s for v, s in zip((student, alone), seconds, strict=True)]
    rest = data.plain[1].lengths.clamp(1, 400).sum().item()
    assert read == pytest.approx([tokens + rest, tokens])


def test_the_labels_are_the_mean_of_every_teacher(summit, data):
    teaching = {
        summit.STUDENT: (*summit.TEACHERS,),
        summit.AGAIN: (*summit.TEACHERS, summit.STUDENT),
        LARGE_STUDENT: (LARGE_TEACHER,),
    }
    for rung, parts in teaching.items():
        summit.trained(rung, SEEDS)
        teachers = [each for part in parts for each in summit.learners(part, SEEDS)]
        slow = sum(_answers(each, unlabelled(data)) for each in teachers) / len(teachers)
        for student in summit.learners(rung, SEEDS):
            assert student.reviews().train.labels[-40:] == pytest.approx(slow.tolist())


def test_only_the_last_students_learn_from_the_validation_part(summit, data):
    summit.trained(summit.AGAIN, SEEDS)
    everything = [*data.train.labels, *data.validation.labels]
    for rung, labels in ((summit.STUDENT, data.train.labels), (summit.AGAIN, everything)):
        for student in summit.learners(rung, SEEDS):
            learned = student.reviews().train.labels
            assert len(learned) == len(labels) + 40
            assert [*learned[: len(labels)]] == [*labels]


@pytest.mark.parametrize(
    ("rung", "answering", "deciding"),
    [
        ("2 度めの生徒 ＋ NB-SVM", [summit_recipes.AGAIN], [summit_recipes.STUDENT]),
        ("大きな生徒 ＋ NB-SVM", [LARGE_STUDENT], [LARGE_STUDENT]),
        ("大きな先生と生徒 ＋ NB-SVM", LARGE, LARGE),
    ],
)
def test_words_are_mixed_as_students_decide(summit, data, rung, answering, deciding):
    """検証用のレビューから学んだ生徒の答えは、混ぜ方を決めるのには使えない。"""
    values = summit.run({"rung": rung, "seed": 0}, summit.Settings())
    first, last = (
        [each for part in parts for each in summit.learners(part, SEEDS)]
        for parts in (deciding, answering)
    )
    scores = summit.nbsvm_scores()
    p = sum(_answers(each, data.validation) for each in first) / len(first)
    mix = WordMix().fit(p, scores["validation"], data.validation.labels)
    q = mix.answers(sum(_answers(each, data.test) for each in last) / len(last), scores["test"])
    expected = ((q > 0.5) == (torch.tensor(data.test.labels) > 0.5)).double().mean().item()
    assert values["test"] == pytest.approx(expected)


def test_answers_are_kept_beside_the_weights(summit, data, monkeypatch):
    one, _ = summit.answered(TUNED, SEEDS)
    learner, _ = summit.learners(TUNED, SEEDS)
    expected = _answers(learner, data.test)
    monkeypatch.setattr("lstm_text.experiments.imdb.students.probabilities", None)  # もう計算しない
    assert torch.equal(learner.answers("test"), expected)
    assert torch.equal(one["test"], expected)


def test_other_teachers_make_another_folder(summit):
    one, other = summit.learners(TUNED, SEEDS)
    taught = [summit.Learner(one.course, teachers) for teachers in ((), (one,), (other,))]
    assert len({each.folder for each in taught}) == 3
    assert taught[0].folder == one.folder
