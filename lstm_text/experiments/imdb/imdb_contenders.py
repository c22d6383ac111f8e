"""同じ時間で、何で読むのがよいか：RNN、LSTM、GRU、minGRU、畳み込み、Transformer、語の組

どの答え方も、同じ 22,500 件のレビューで訓練し、同じ 25,000 件のテスト用のレビューに答えます。
ニューラルネットワークは、系列を読む層だけが違い、訓練の長さは CPU 時間がそろうように、学習率は
``imdb_rates`` で決めてあります。レビューごとの当たり外れと、振る舞いの試験の成績も残すので、
対応のある比べ方ができます。
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_text.datasets import (
    Reviews,
    behaviour_tests,
    negation_by_distance,
)
from lstm_text.experiments.imdb.minute import NETWORKS, Material, encoded, material, teach
from lstm_text.imdb import (
    NBSVM,
    bag_of_pairs,
    bag_of_triples,
    probabilities,
    tfidf_logistic_regression,
)
from lstm_text.models import count_parameters
from lstm_text.records import pack
from lstm_text.text import tokenize

RATES = {
    "RNN": 4e-3,
    "LSTM": 2e-3,
    "GRU": 4e-3,
    "minGRU": 2e-3,
    "LSTM（単方向）": 2e-3,
    "畳み込み": 4e-3,
    "Transformer": 2e-3,
}
"""読む層ごとの学習率。記録 ``imdb_rates`` で、検証の精度がいちばん高かったもの。"""

BAGS = {
    "TF-IDF": (bag_of_pairs, tfidf_logistic_regression),
    "NB-SVM": (bag_of_pairs, NBSVM),
    "3 語までの NB-SVM": (bag_of_triples, NBSVM),
}
"""語の組を数える答え方。TF-IDF は語だけを使う。"""


@dataclass(frozen=True)
class Settings:
    """比べ方の設定。

    Examples
    --------
    >>> len(units(Settings(seeds=(0,))))
    10
    """

    seeds: tuple[int, ...] = (0, 1, 2)


def units(settings: Settings) -> list[dict]:
    """答え方と種の組。語の組を数えるものは、種によらない。"""
    return [{"model": model, "seed": 0} for model in BAGS] + [
        {"model": model, "seed": seed} for seed in settings.seeds for model in NETWORKS
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの答え方を、1 つの種で訓練し、すべての問いに答えさせる。"""
    return contend(unit["model"], unit["seed"], Reviews((), ()))


def contend(model: str, seed: int, lessons: Reviews) -> dict:
    """答え方を、短い文も混ぜて訓練し、すべての問いに答えさせる。

    Parameters
    ----------
    model : str
        ``NETWORKS`` か ``BAGS`` の名前。
    seed : int
    lessons : Reviews
        訓練に混ぜる短い文。なければ空。

    Returns
    -------
    dict
        :func:`examine` の数字、訓練のようす、大きさ、答える速さ。
    """
    known = material()
    if model in BAGS:
        answer, facts = count_words(*BAGS[model], known, lessons)
    else:
        answer, facts = read(model, seed, known, lessons)
    return examine(answer, known) | facts | {"milliseconds": latency(answer, known)}


Answer = Callable[[Sequence[Sequence[str]]], np.ndarray]
"""トークンのリストのリストから、肯定なら真の配列を返す関数。"""


def read(model: str, seed: int, known: Material, lessons: Reviews) -> tuple[Answer, dict]:
    """読む層を 1 つ訓練する。

    Parameters
    ----------
    model : str
        ``NETWORKS`` の名前。
    seed : int
    known : Material
    lessons : Reviews
        訓練に混ぜる短い文。

    Returns
    -------
    answer : callable
    facts : dict
        訓練のようすと大きさ。
    """
    network = NETWORKS[model]
    trained = teach(network, network.passes, RATES[model], seed, known, lessons)

    def answer(token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        asked = encoded(token_lists, known.vocabulary, network.read_length)
        return (probabilities(trained.model, asked) > 0.5).numpy()

    sizes = {
        "parameters": count_parameters(trained.model),
        "encoder_parameters": count_parameters(trained.model.encoder),
    }
    return answer, trained.facts | sizes


def count_words(
    make_bag: Callable, make_model: Callable, known: Material, lessons: Reviews
) -> tuple[Answer, dict]:
    """語の組を数えて学ぶ。

    Parameters
    ----------
    make_bag, make_model : callable
        トークンから特徴への変換器と、分類器を作る関数。
    known : Material
    lessons : Reviews
        訓練に混ぜる短い文。

    Returns
    -------
    answer : callable
    facts : dict
    """
    start, cpu_start = time.perf_counter(), time.process_time()
    bag, model = make_bag(), make_model()
    x = bag.fit_transform(known.tokens["train"] + [tokenize(text) for text in lessons.texts])
    columns = slice(None)
    if not isinstance(model, NBSVM):
        columns = [i for i, name in enumerate(bag.get_feature_names_out()) if " " not in name]
    model.fit(x[:, columns], np.array(known.train.labels + lessons.labels))
    facts = {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu_start,
        "parameters": x[:, columns].shape[1] + 1,
    }

    def answer(token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        return model.predict(bag.transform(token_lists)[:, columns]) == 1

    return answer, facts


def examine(answer: Answer, known: Material) -> dict:
    """検証用、テスト用、振る舞いの試験のすべてに答えさせる。

    Parameters
    ----------
    answer : callable
    known : Material

    Returns
    -------
    dict
        ``validation`` と ``test`` は精度、``right`` はテスト用のレビューごとの当たり外れ、
        ``behaviour`` は種類ごと、``distance`` は否定の語との間の語数ごとの精度。

    Examples
    --------
    いつも肯定と答えれば、どの種類も半分だけ当たります。

    >>> from lstm_text.datasets import Imdb, Source
    >>> from lstm_text.experiments.imdb.minute import prepare
    >>> reviews = Reviews(("Great.", "Bad.") * 10, (1, 0) * 10)
    >>> known = prepare(Imdb(reviews, reviews, Source("builtin", "レビュー", "作りもの", "例")))
    >>> always = examine(lambda token_lists: np.ones(len(token_lists), dtype=bool), known)
    >>> always["test"], set(always["behaviour"].values())
    (0.5, {0.5})
    """

    def right(reviews: Reviews, token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        return answer(token_lists) == (np.array(reviews.labels) == 1)

    def scores(tests: dict) -> dict[str, float]:
        return {
            str(kind): float(right(reviews, [tokenize(text) for text in reviews.texts]).mean())
            for kind, reviews in tests.items()
        }

    test = right(known.imdb.test, known.tokens["test"])
    return {
        "validation": float(right(known.validation, known.tokens["validation"]).mean()),
        "test": float(test.mean()),
        "right": pack(test),
        "behaviour": scores(behaviour_tests()),
        "distance": scores(negation_by_distance()),
    }


def latency(answer: Answer, known: Material) -> float:
    """200 語ほどのレビュー 1 件に答える時間の中央値。

    Parameters
    ----------
    answer : callable
    known : Material

    Returns
    -------
    float
        ミリ秒。
    """
    review = min(known.tokens["test"], key=lambda tokens: abs(len(tokens) - 200))
    seconds = []
    for _ in range(60):
        start = time.perf_counter()
        answer([review])
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)
