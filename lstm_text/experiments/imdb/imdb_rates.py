"""読む層ごとの学習率：同じ手間で合わせる

1 つの読む層に合わせた学習率で、ほかの読む層を比べるのは公平ではありません。どの読む層も、同じ
3 つの学習率で 1 分ずつ訓練し、検証用のレビューの精度で選びます。いちばん大きい学習率がいちばん
高かったものは、もう 1 つ大きい学習率も試します。テスト用のレビューは読みません。
"""

from dataclasses import dataclass

import numpy as np

from lstm_text.experiments.imdb.minute import NETWORKS, encoded, material, teach
from lstm_text.imdb import probabilities


@dataclass(frozen=True)
class Settings:
    """比べる学習率と種。

    Examples
    --------
    >>> len(units(Settings())) == 3 * len(NETWORKS) + 3
    True
    """

    rates: tuple[float, ...] = (1e-3, 2e-3, 4e-3)
    larger: float = 8e-3
    still_rising: tuple[str, ...] = ("RNN", "GRU", "畳み込み")
    seeds: tuple[int, ...] = (0,)


def units(settings: Settings) -> list[dict]:
    """学習率、読む層、種の組。"""
    pairs = [(model, rate) for rate in settings.rates for model in NETWORKS]
    pairs += [(model, settings.larger) for model in settings.still_rising]
    return [
        {"model": model, "rate": rate, "seed": seed}
        for seed in settings.seeds
        for model, rate in pairs
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を訓練し、検証用のレビューに答えさせる。"""
    known, network = material(), NETWORKS[unit["model"]]
    trained = teach(network, network.passes, unit["rate"], unit["seed"], known)
    asked = encoded(known.tokens["validation"], known.vocabulary, network.read_length)
    answers = (probabilities(trained.model, asked) > 0.5).numpy()
    right = answers == (np.array(known.validation.labels) == 1)
    return {"validation": float(right.mean())} | trained.facts
