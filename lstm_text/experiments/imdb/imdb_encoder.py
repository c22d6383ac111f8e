"""事前学習済みの大きなエンコーダを凍らせて使うと、何が当たり、何が当たらないか

:class:`~lstm_text.experiments.imdb.minilm.MiniLM` の重みは動かさず、レビューの初めの ``max_tokens``
トークンを 1 度だけ読みます。学ぶのは、384 個の重みとバイアスだけ。訓練用、検証用、テスト用は
``imdb_contenders`` と同じ分け方、混ぜる短い文は ``imdb_lessons`` と同じものです。
正則化の強さは検証用のレビューで選び、テスト用には最後に 1 度だけ答えます。
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from sklearn.linear_model import LogisticRegression

from lstm_text.datasets import Reviews, behaviour_tests, negation_by_distance, negation_lessons
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.minilm import MiniLM, embed
from lstm_text.experiments.imdb.minute import Material, material
from lstm_text.imdb import opinion_words
from lstm_text.records import pack


@dataclass(frozen=True)
class Settings:
    """混ぜる短い文の数ごとに測る。``strengths`` は、試す ``C``（正則化の逆数）。

    Examples
    --------
    >>> units(Settings())
    [{'lessons': 0, 'seed': 0}, {'lessons': 20000, 'seed': 0}]
    """

    seeds: tuple[int, ...] = (0,)
    lessons: tuple[int, ...] = (0, 20_000)
    max_tokens: int = 256
    strengths: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0, 1000.0)
    timed: int = 60


def units(settings: Settings) -> list[dict]:
    """混ぜる短い文の数と、短い文を作る種の組。訓練には、乱数を使わない。"""
    return [
        {"lessons": count, "seed": seed} for seed in settings.seeds for count in settings.lessons
    ]


def run(unit: dict, settings: Settings) -> dict:
    """本物の IMDb を読み、答える。"""
    try:
        encoder = MiniLM(settings.max_tokens)
    except ModuleNotFoundError as error:
        raise NotHere(str(error)) from error
    return measure(material(), encoder, settings, unit["lessons"], unit["seed"])


def measure(known: Material, encoder: MiniLM, settings: Settings, count: int, seed: int) -> dict:
    """ベクトルにし、回帰を選び、レビューと振る舞いの試験のすべてに答えさせる。

    Parameters
    ----------
    known : Material
    encoder : MiniLM
    settings : Settings
    count : int
        訓練に混ぜる短い文の数。
    seed : int
        短い文を作る種。

    Returns
    -------
    dict
        ``validation``、``test``、``right``、``behaviour``、``distance`` は、``imdb_contenders`` と
        同じ。``reading`` は、レビューと短い文をベクトルにした時間（秒）と、読んだトークンの数と、
        終わりまで読めなかった数。``trained`` は、学んだ重みの数。

    Examples
    --------
    >>> measure(material(), MiniLM(256), Settings(), 0, seed=0)  # doctest: +SKIP
    {'validation': 0.82, 'test': 0.81, ...}
    """
    words = opinion_words(known.tokens["train"], known.train.labels)
    taught = negation_lessons(count, generator(seed), words) if count else Reviews((), ())
    parts = {
        "train": known.train,
        "lessons": taught,
        "validation": known.validation,
        "test": known.imdb.test,
    }
    read = {name: embed(encoder, part.texts) for name, part in parts.items() if part.texts}
    learnt = [name for name in ("train", "lessons") if name in read]
    start = time.perf_counter()
    model, tried = choose(
        np.concatenate([read[name].vectors.numpy() for name in learnt]),
        [label for name in learnt for label in parts[name].labels],
        read["validation"].vectors.numpy(),
        known.validation.labels,
        settings.strengths,
    )
    fitting = time.perf_counter() - start
    right = model.predict(read["test"].vectors.numpy()) == np.array(known.imdb.test.labels)

    def scores(tests: dict) -> dict[str, float]:
        return {
            str(kind): float(model.score(encoder(reviews.texts).numpy(), reviews.labels))
            for kind, reviews in tests.items()
        }

    return {
        "validation": max(tried),
        "test": float(right.mean()),
        "right": pack(right),
        "behaviour": scores(behaviour_tests()),
        "distance": scores(negation_by_distance()),
        "tried": tried,
        "strength": model.C,
        "parameters": encoder.parameters,
        "trained": model.coef_.size + model.intercept_.size,
        "reading": {
            name: {
                "seconds": each.seconds,
                "cpu_seconds": each.cpu_seconds,
                "tokens": each.tokens,
                "cut": each.cut,
            }
            for name, each in read.items()
        },
        "fitting": fitting,
        "milliseconds": latency(encoder, model, known, settings.timed),
        "versions": encoder.versions,
    }


def choose(
    x: np.ndarray,
    labels: Sequence[int],
    held_out: np.ndarray,
    held_out_labels: Sequence[int],
    strengths: Sequence[float],
) -> tuple[LogisticRegression, list[float]]:
    """検証用の精度がいちばん高いロジスティック回帰を選ぶ。同点なら、先に並ぶもの。

    Parameters
    ----------
    x : ndarray, (n, features)
        訓練用のベクトル。
    labels : sequence of int
    held_out : ndarray, (m, features)
        検証用のベクトル。
    held_out_labels : sequence of int
    strengths : sequence of float
        試す ``C``。

    Returns
    -------
    model : LogisticRegression
    accuracies : list of float
        ``strengths`` の順の、検証用の精度。

    Examples
    --------
    >>> x, labels = np.array([[-1.0], [1.0]]), [0, 1]
    >>> model, accuracies = choose(x, labels, x, labels, (1.0, 10.0))
    >>> model.C, accuracies
    (1.0, [1.0, 1.0])
    """
    models = [LogisticRegression(C=c, max_iter=1_000).fit(x, labels) for c in strengths]
    accuracies = [float(model.score(held_out, held_out_labels)) for model in models]
    return models[int(np.argmax(accuracies))], accuracies


def latency(encoder: MiniLM, model: LogisticRegression, known: Material, timed: int) -> float:
    """``imdb_contenders`` と同じ、200 語ほどのレビュー 1 件に答える時間の中央値（ミリ秒）。"""
    lengths = [abs(len(tokens) - 200) for tokens in known.tokens["test"]]
    review = known.imdb.test.texts[int(np.argmin(lengths))]
    seconds = []
    for _ in range(timed):
        start = time.perf_counter()
        model.predict(encoder([review]).numpy())
        seconds.append(time.perf_counter() - start)
    return 1000 * median(seconds)
