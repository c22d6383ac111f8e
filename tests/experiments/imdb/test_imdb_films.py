"""imdb_films：分け方、端から端まで。"""

import numpy as np
import pytest

from lstm_text.datasets import Imdb, Reviews, Source
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import imdb_films
from lstm_text.experiments.imdb.imdb_films import BY_FILM, BY_REVIEW, Settings, divide
from lstm_text.imdb import Plan, Shape

FILMS = [f"tt{film}" for film in np.random.default_rng(0).integers(0, 40, 400)]


@pytest.mark.parametrize("split", [BY_REVIEW, BY_FILM])
@pytest.mark.parametrize("seed", range(5))
def test_both_parts_hold_every_review_once(split, seed):
    train, validation = divide(FILMS, split, 0.1, seed)
    assert sorted([*train, *validation]) == list(range(400))
    again = divide(FILMS, split, 0.1, seed)
    assert all(np.array_equal(a, b) for a, b in zip((train, validation), again, strict=True))
    assert not np.array_equal(validation, divide(FILMS, split, 0.1, seed + 1)[1])


@pytest.mark.parametrize("seed", range(5))
def test_only_a_split_by_film_keeps_the_films_apart(seed):
    for split, apart in ((BY_FILM, True), (BY_REVIEW, False)):
        train, validation = ({FILMS[i] for i in part} for part in divide(FILMS, split, 0.1, seed))
        assert train.isdisjoint(validation) == apart


@pytest.fixture
def titled(monkeypatch, tmp_path):
    """本文は何も言わず、映画の題名だけが答えを知っているレビュー。テスト用の題名は、どれも新しい。"""
    labels = tuple(int(film[2:]) % 2 for film in FILMS)
    known, new = (tuple(f"i saw {f}{mark} today" for f in FILMS) for mark in ("", "x"))
    imdb = Imdb(Reviews(known, labels), Reviews(new, labels), Source("cache", "IMDb", ""))
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path))
    monkeypatch.setattr(imdb_films, "load_imdb", lambda: imdb)
    monkeypatch.setattr(imdb_films, "load_imdb_films", lambda: tuple(FILMS))
    imdb_films._tokens.cache_clear()
    yield Settings(
        seeds=(0, 1),
        shape=Shape(8, 8, pooling="attention", locked_dropout=0.0, dropout=0.0),
        plan=Plan(epochs=8, batch_size=16, learning_rate=3e-2),
    )
    imdb_films._tokens.cache_clear()


def test_the_title_alone_is_enough_only_when_the_film_is_known(titled):
    values = {(u["model"], u["split"]): imdb_films.run(u, titled) for u in imdb_films.units(titled)}
    assert values["映画だけ", BY_REVIEW] == {"validation": [1.0, 1.0], "shared": [1.0, 1.0]}
    assert values["映画だけ", BY_FILM]["shared"] == [0.0, 0.0]
    for model in ("NB-SVM", "3 語までの NB-SVM", "LSTM"):
        assert min(values[model, BY_REVIEW]["validation"]) > 0.95
        for new in (values[model, BY_FILM]["validation"], values[model, BY_REVIEW]["test"]):
            assert all(0.2 < accuracy < 0.8 for accuracy in new)  # 知らない題名は、あてずっぽう


def test_the_builtin_reviews_are_not_enough():
    with pytest.raises(NotHere, match="本物の IMDb"):
        imdb_films.run({"split": BY_FILM}, Settings())
