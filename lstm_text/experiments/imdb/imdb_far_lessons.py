"""遠い否定も教えると、どこまで読むようになるか

近い否定を教える短い文（``imdb_lessons`` の混ぜたもの）に、節を越える否定、長い句の挟まる否定、
2 度の打ち消しを教える文（:func:`~lstm_text.datasets.far_negation_lessons`）を、同じ数だけ加えて
訓練します。試験の文とは、評価の語も文型も違います。
"""

from dataclasses import dataclass

from lstm_text.datasets import Reviews, far_negation_lessons, negation_lessons
from lstm_text.device import generator
from lstm_text.experiments.imdb.imdb_contenders import contend
from lstm_text.experiments.imdb.imdb_lessons import TAUGHT
from lstm_text.experiments.imdb.minute import material
from lstm_text.imdb import opinion_words

REPEATED = ("LSTM", "GRU")
"""種を替えて訓練し直すもの。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。LSTM と GRU のほかは、初めの種だけを測る。

    Attributes
    ----------
    lessons : int
        近い否定を教える文の数。遠い否定を教える文も、同じ数だけ混ぜる。

    Examples
    --------
    >>> len(units(Settings(seeds=(0, 1))))
    7
    """

    lessons: int = 20_000
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


def units(settings: Settings) -> list[dict]:
    """答え方と種の組。"""
    return [
        {"model": model, "seed": seed}
        for seed in settings.seeds
        for model in TAUGHT
        if model in REPEATED or seed == settings.seeds[0]
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの答え方を、短い文も混ぜて訓練し、すべての問いに答えさせる。"""
    known = material()
    words = opinion_words(known.tokens["train"], known.train.labels)
    near, far = (
        make(settings.lessons, generator(unit["seed"]), words)
        for make in (negation_lessons, far_negation_lessons)
    )
    lessons = Reviews(near.texts + far.texts, near.labels + far.labels)
    return contend(unit["model"], unit["seed"], lessons)
