"""短い文を訓練に混ぜると、否定を読むようになるか

振る舞いの試験とは語も文型も違う短い文（:func:`~lstm_text.datasets.negation_lessons`）を混ぜて訓練し、
混ぜないとき（``imdb_contenders``）と比べます。評価を決める語は、訓練用のレビューから集めた数百語です。
"""

from dataclasses import dataclass

from lstm_text.datasets import negation_lessons
from lstm_text.device import generator
from lstm_text.experiments.imdb.imdb_contenders import contend
from lstm_text.experiments.imdb.minute import material
from lstm_text.imdb import opinion_words

TAUGHT = ("NB-SVM", "3 語までの NB-SVM", "LSTM", "GRU", "Transformer")
"""短い文で教えるもの。"""


@dataclass(frozen=True)
class Settings:
    """混ぜる文の数と種。LSTM のほかは、初めの種だけを測る。

    Examples
    --------
    >>> len(units(Settings(seeds=(0, 1))))
    6
    """

    lessons: int = 20_000
    seeds: tuple[int, ...] = (0, 1, 2)


def units(settings: Settings) -> list[dict]:
    """答え方と種の組。"""
    return [
        {"model": model, "seed": seed}
        for seed in settings.seeds
        for model in TAUGHT
        if model == "LSTM" or seed == settings.seeds[0]
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの答え方を、短い文も混ぜて訓練し、すべての問いに答えさせる。"""
    known = material()
    words = opinion_words(known.tokens["train"], known.train.labels)
    lessons = negation_lessons(settings.lessons, generator(unit["seed"]), words)
    counts = {"positive_words": len(words.positive), "negative_words": len(words.negative)}
    return contend(unit["model"], unit["seed"], lessons) | counts
