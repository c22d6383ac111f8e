"""命令の既定の設定で訓練したモデルは、何点で、否定をどこまで読むか

``python -m lstm_text.imdb train`` の既定の設定と、そこから、混ぜる短い文だけを除いたもの。
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lstm_text.datasets import load_imdb
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.asked import ask
from lstm_text.imdb import (
    MixedSettings,
    Mixture,
    Plan,
    Shape,
    load_classifier,
    load_data,
    probabilities,
    teach,
    with_lessons,
)
from lstm_text.records import pack

COURSE = MixedSettings(
    shape=Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0),
    plan=Plan(epochs=2, batch_size=32, learning_rate=4e-3),
)
"""命令の既定の設定。命令のほうが変わっても、記録は測ったときのまま残る。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(seeds=(0,)))
    [{'lessons': 40000, 'seed': 0}, {'lessons': 0, 'seed': 0}]
    """

    lessons: tuple[int, ...] = (40_000, 0)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


def units(settings: Settings) -> list[dict]:
    """混ぜる短い文の数と、種の組。"""
    return [{"lessons": n, "seed": seed} for seed in settings.seeds for n in settings.lessons]


def run(unit: dict, settings: Settings) -> dict:
    """訓練し、テスト用のレビューと、振る舞いの試験に答えさせる。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    course = replace(
        COURSE,
        plan=replace(COURSE.plan, seed=unit["seed"]),
        mixture=Mixture(unit["lessons"]),
    )
    data = load_data(course)
    mixed = with_lessons(data, course.mixture.lessons, course.plan.seed)
    with tempfile.TemporaryDirectory() as folder:
        epochs = teach(course, Path(folder), mixed, get_device())
        model, vocabulary, _ = load_classifier(Path(folder))
    said = probabilities(model.to(get_device()), data.test)
    right = (said > 0.5) == (torch.tensor(data.test.labels) > 0.5)
    return {
        "test": right.double().mean().item(),
        "right": pack(right.numpy()),
        "validation": epochs[-1]["val_accuracy"],
        "mixed": len(mixed.train) - len(data.train),
        "training": sum(row["seconds"] for row in epochs),
    } | ask(model, vocabulary, course.reading.read_length)
