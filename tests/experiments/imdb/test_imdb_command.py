"""imdb_command：命令の既定の設定そのものを測る。"""

from dataclasses import replace

import pytest

from lstm_text.datasets import Imdb, OpinionWords, Source
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_command
from lstm_text.imdb import Settings, TextOptions, data, lessons, load_data, with_lessons
from lstm_text.imdb.arguments import DEFAULTS
from lstm_text.records import unpack
from tests.experiments.imdb.test_imdb_contenders import reviews

WORDS = OpinionWords(("good", "fine", "fun"), ("bad", "dull", "slow"))


def test_the_course_is_the_default_of_the_command():
    assert DEFAULTS["train"] == imdb_command.COURSE
    assert imdb_command.Settings().lessons == imdb_command.COURSE.mixture.lessons
    assert [*imdb_command.MIXES.values()][-1] is with_lessons


def test_a_small_course_learns_and_answers_every_question(monkeypatch):
    imdb = Imdb(reviews(300, 0), reviews(60, 1), Source("cache", "IMDb", ""))
    for module in (data, imdb_command):
        monkeypatch.setattr(module, "load_imdb", lambda: imdb)
    small = replace(imdb_command.COURSE, reading=TextOptions(vocab_size=500))
    small = replace(small, plan=replace(small.plan, epochs=6))
    monkeypatch.setattr(imdb_command, "COURSE", small)
    unit = {"mix": "レビューの言葉で埋める", "seed": 0}
    values = imdb_command.run(unit, imdb_command.Settings(lessons=100))
    assert values["test"] > 0.9 and values["mixed"] == 0  # 評価の語が集まらない
    assert unpack(values["right"], 60).mean() == values["test"]
    assert set(values["behaviour"]) > {"肯定文", "遠い否定"}


def test_the_builtin_reviews_are_not_enough(monkeypatch):
    imdb = Imdb(reviews(20, 0), reviews(20, 1), Source("builtin", "レビュー", "作りもの", "例"))
    monkeypatch.setattr(imdb_command, "load_imdb", lambda: imdb)
    with pytest.raises(NotHere, match="本物の IMDb が必要"):
        imdb_command.run({"mix": "混ぜない", "seed": 0}, imdb_command.Settings())


def test_the_same_number_is_mixed_in_either_way(monkeypatch):
    """2 つの混ぜ方は、文の数も、近い否定の文も同じで、違うのは残りの半分だけ。"""
    monkeypatch.setattr(imdb_command, "opinion_words", lambda token_lists, labels: WORDS)
    monkeypatch.setattr(lessons, "opinion_words", lambda token_lists, labels: WORDS)
    monkeypatch.setattr(lessons, "ENOUGH", 3)
    data = load_data(Settings(TextOptions(limit=40)))
    none, listed, filled = (
        [(*mixed.train[i][0].tolist(), mixed.train[i][1]) for i in range(len(mixed.train))]
        for mixed in (mix(data, 20, 3) for mix in imdb_command.MIXES.values())
    )
    assert len(none) == len(data.train) == len(listed) - 20 == len(filled) - 20
    same = len(none) + 10
    assert listed[:same] == filled[:same] and listed[same:] != filled[same:]
