"""imdb_epsilon：変わるのは雑音の長さだけで、テスト用のレビューには答えない。"""

from dataclasses import replace

import pytest

from lstm_text.experiments.imdb import imdb_epsilon
from lstm_text.experiments.imdb.imdb_epsilon import validated
from lstm_text.experiments.imdb.imdb_ladder import RUNGS
from lstm_text.imdb import Lesson, TextOptions, load_data

OPTIONS = TextOptions(limit=40)


@pytest.fixture(scope="module")
def small():
    course = RUNGS["＋ 敵対的訓練"]
    return replace(
        course,
        reading=OPTIONS,
        shape=replace(course.shape, embedding_dim=8, hidden_size=4),
        lesson=Lesson("adversarial"),
        plan=replace(course.plan, epochs=2, precision="float32"),
    )


def test_only_the_noise_changes(small, tmp_path, monkeypatch):
    seen = []

    def teach(course, folder, data, device):
        seen.append(course)
        return [
            {"val_accuracy": 0.5, "val_loss": 0.7, "score": 0.5},
            {"val_accuracy": 0.6, "val_loss": 0.8, "score": 0.6},
        ]

    monkeypatch.setattr(imdb_epsilon, "teach", teach)
    found = [validated(small, epsilon, None) for epsilon in (0.5, 2.0)]
    assert [course.lesson.epsilon for course in seen] == [0.5, 2.0]
    assert len({replace(course, lesson=small.lesson) for course in seen}) == 1
    assert all(each["validation"] == 0.6 and each["loss"] == 0.8 for each in found)


def test_the_length_of_the_noise_matters(small, tmp_path, monkeypatch):
    monkeypatch.setattr(
        imdb_epsilon, "run_folder", lambda kind, code, course: tmp_path / str(course.lesson.epsilon)
    )
    data = load_data(small)
    short, long, again = (validated(small, epsilon, data) for epsilon in (1e-9, 5.0, 1e-9))
    assert short["epochs"] == again["epochs"]  # 途中の状態から、同じものを読む
    assert long["epochs"][0]["loss"] > short["epochs"][0]["loss"]
    assert not any("test" in key for key in short)
