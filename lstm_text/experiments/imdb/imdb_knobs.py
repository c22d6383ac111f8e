"""つまみを 1 つずつ回すと、IMDb の精度はどう動くか：命令の既定の設定のまわり

``python -m lstm_text.imdb train`` の既定の設定から、1 つだけ変えて訓練します。学習率は変えません。
学習率そのものの効き目は、``imdb_rates`` にあります。
"""

from dataclasses import dataclass, replace

import torch

from lstm_text.datasets import load_imdb
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.steps import measure, run_folder
from lstm_text.imdb import Plan, Shape, load_classifier, load_data, probabilities
from lstm_text.imdb import Settings as Course
from lstm_text.records import code_hash, pack

BASE = Course(
    shape=Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0),
    plan=Plan(epochs=2, batch_size=32, learning_rate=4e-3),
)
"""命令の既定の設定。命令のほうが変わっても、記録は測ったときのまま残る。"""


def _shaped(**changes) -> Course:
    return replace(BASE, shape=replace(BASE.shape, **changes))


def _planned(**changes) -> Course:
    return replace(BASE, plan=replace(BASE.plan, **changes))


KNOBS = {
    "既定": {0: BASE},
    "隠れ状態の次元": {n: _shaped(hidden_size=n) for n in (8, 64)},
    "層の数": {2: _shaped(num_layers=2)},
    "ドロップアウトの率": {rate: _shaped(dropout=rate) for rate in (0.0, 0.25)},
    "埋め込みの次元": {n: _shaped(embedding_dim=n) for n in (16, 256)},
    "ミニバッチの件数": {n: _planned(batch_size=n) for n in (16, 128)},
}
"""つまみの名前から、値ごとの設定へ。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(seeds=(0,)))[:2]
    [{'knob': '既定', 'value': 0, 'seed': 0}, {'knob': '隠れ状態の次元', 'value': 8, 'seed': 0}]
    """

    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """つまみと値と種の組。"""
    return [
        {"knob": knob, "value": value, "seed": seed}
        for seed in settings.seeds
        for knob, courses in KNOBS.items()
        for value in courses
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの設定で訓練し、テスト用のレビューに答えさせる。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    course = KNOBS[unit["knob"]][unit["value"]]
    course = replace(course, plan=replace(course.plan, seed=unit["seed"]))
    data, folder = (
        load_data(course),
        run_folder("reader", code_hash("lstm_text.imdb.learn"), course),
    )
    values = measure(course, folder, data, get_device())
    said = probabilities(load_classifier(folder)[0].to(get_device()), data.test)
    right = (said > 0.5) == (torch.tensor(data.test.labels) > 0.5)
    return {
        "test": right.double().mean().item(),
        "right": pack(right.numpy()),
        "validation": values["validation"],
        "parameters": values["parameters"],
        "seconds": sum(row["seconds"] for row in values["epochs"]),
    }
