"""命令の既定の設定で訓練したモデルは、何点で、否定をどこまで読むか

``python -m lstm_text.imdb train`` の既定の設定と、そこから、混ぜる短い文だけを替えたもの、除いた
もの。
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lstm_text.datasets import far_negation_lessons, load_imdb, negation_lessons
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.asked import ask
from lstm_text.imdb import (
    LESSONS,
    ImdbData,
    MixedSettings,
    Plan,
    Shape,
    load_classifier,
    load_data,
    mix_in,
    opinion_words,
    probabilities,
    teach,
    training_tokens,
    with_lessons,
)
from lstm_text.records import pack

COURSE = MixedSettings(
    shape=Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0),
    plan=Plan(epochs=2, batch_size=32, learning_rate=4e-3),
)
"""命令の既定の設定。命令のほうが変わっても、記録は測ったときのまま残る。"""


def _none(data: ImdbData, n: int, seed: int) -> ImdbData:
    return data


def _listed(data: ImdbData, n: int, seed: int) -> ImdbData:
    """あいだに入る言葉も、文法に書いてある文。"""
    words = opinion_words(*training_tokens(data))
    near, far = (
        make(n // 2, generator(seed), words) for make in (negation_lessons, far_negation_lessons)
    )
    return mix_in(data, near, far)


MIXES = {"混ぜない": _none, "文法の言葉で埋める": _listed, "レビューの言葉で埋める": with_lessons}
"""何を混ぜるか。終わりのものが、命令の既定。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Attributes
    ----------
    lessons : int
        混ぜる短い文の数。
    seeds : tuple of int

    Examples
    --------
    >>> [unit["mix"] for unit in units(Settings(seeds=(0,)))]
    ['混ぜない', '文法の言葉で埋める', 'レビューの言葉で埋める']
    """

    lessons: int = LESSONS
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


def units(settings: Settings) -> list[dict]:
    """混ぜるものと、種の組。"""
    return [{"mix": mix, "seed": seed} for seed in settings.seeds for mix in MIXES]


def run(unit: dict, settings: Settings) -> dict:
    """訓練し、テスト用のレビューと、振る舞いの試験に答えさせる。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    course = replace(COURSE, plan=replace(COURSE.plan, seed=unit["seed"]))
    data = load_data(course)
    mixed = MIXES[unit["mix"]](data, settings.lessons, unit["seed"])
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
