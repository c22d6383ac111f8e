"""大きな演習 5 の解答例の続き：種 3 つで仕上げ、いちばん強い相手と 1 件ごとに比べる

    python -m tests.exercises.large.record large5_rival

選んだ作り方（``large5`` の記録で、検証の精度だけから決めたもの）を、種を変えて全部のデータで
訓練します。3 語までの NB-SVM との差を 1 件ごとに組にして調べられるように、当たり外れを残します。
"""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from lstm_text import PAD
from lstm_text.datasets import load_glove, load_imdb, split_validation
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.imdb import NBSVM, bag_of_triples
from lstm_text.records import pack
from tests.exercises.large.large5 import (
    Data,
    Recipe,
    accuracy,
    combined,
    logits,
    mixed,
    prepare,
    train,
)

ALONE, MIXED = "LSTM", "LSTM と 3 語までの NB-SVM"


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = 3
    chosen: tuple[str, ...] = ("GloVe（初期値）",)


def units(settings: Settings) -> list[dict]:
    """測るもの：種。"""
    return [{"seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの種で、実データの全部を使って訓練し、テストする。"""
    return finish(material(), rival(), unit["seed"], settings)


@cache
def material() -> Data:
    """実データを読み、訓練と検証に分ける。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{imdb.source}")
    part, validation = split_validation(imdb.train, 0.1, generator(0))
    splits = {"train": part, "validation": validation, "test": imdb.test}
    return prepare(splits, load_glove(100))


@cache
def rival() -> dict[str, Tensor]:
    """いちばん強い相手の得点。種によらないので、1 度だけ求める。"""
    return rival_scores(material())


def rival_scores(data: Data) -> dict[str, Tensor]:
    """3 語までの NB-SVM を訓練データで学び、検証とテストの得点（正なら肯定）を求める。"""
    bag = bag_of_triples()
    model = NBSVM().fit(bag.fit_transform(data.tokens["train"]), data.labels["train"])
    return {
        split: torch.from_numpy(bag.transform(data.tokens[split]) @ model.weight_ + model.bias_)
        for split in ("validation", "test")
    }


def finish(data: Data, other: dict[str, Tensor], seed: int, settings: Settings) -> dict:
    """1 つの種で訓練し、LSTM だけの答えと、相手と混ぜた答えを、テストデータで調べる。"""
    recipe = combined(Recipe(), settings.chosen)
    model, how = train(recipe, data, seed, settings.epochs, batch_size=64)
    own = {split: logits(model, data.encoded(split, recipe.max_length)) for split in other}
    answers = {ALONE: own, MIXED: mixed([own, other])}
    target = torch.tensor(data.labels["test"]) == 1
    return how | {
        "padding": padding_gap(model, data.encoded("test", recipe.max_length).ids[:50]),
        "rival": {split: accuracy(other[split], data.labels[split]) for split in other},
        "answers": {
            name: {split: accuracy(scores[split], data.labels[split]) for split in scores}
            | {"right": pack(((scores["test"] > 0) == target).numpy())}
            for name, scores in answers.items()
        },
    }


@torch.no_grad()
def padding_gap(model: nn.Module, reviews: list[Tensor]) -> float:
    """1 件ずつ、パディングを 50 個足したときの、ロジットの差の最大。"""
    model.eval()
    device = next(model.parameters()).device

    def answer(ids: Tensor, length: int) -> Tensor:
        return model(ids[None].to(device), torch.tensor([length]))

    gaps = [
        answer(ids, len(ids)) - answer(nn.functional.pad(ids, (0, 50), value=PAD), len(ids))
        for ids in reviews
    ]
    return torch.cat(gaps).abs().max().item()
