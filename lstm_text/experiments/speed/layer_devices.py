"""同じ再帰層を、CPU と GPU で：torch.nn、手で書いた逆伝播、読みやすいセルの 1 回の更新にかかる時間

順伝播と逆伝播の時間を、同じ大きさの層で交互に測る。CPU では CPU を使った時間、CUDA では、計算が
終わるのを待って測った経過時間。CPU と CUDA の記録が両方あれば、同じ大きさどうしを比べられる。
C で書いた層は CPU でしか動かないので、ここにはない（``bench_layers`` にある）。
"""

import statistics
from dataclasses import dataclass

import torch
from torch import nn

from lstm_text import layers
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.speed.speed import interleaved
from lstm_text.fast import bptt

LIBRARIES = {"torch.nn": nn, "手書き": bptt, "読みやすいセル": layers}
"""名前から、``RNN``、``LSTM``、``GRU`` を持つモジュールへ。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。大きさは (batch, length, input, hidden)。"""

    seeds: tuple[int, ...] = (0,)
    kinds: tuple[str, ...] = ("RNN", "LSTM", "GRU")
    sizes: tuple[tuple[int, int, int, int], ...] = (
        (1, 64, 64, 64),
        (32, 64, 64, 64),
        (256, 64, 64, 64),
        (32, 64, 64, 512),
    )
    repeats: int = 9
    warmup: int = 2


def units(settings: Settings) -> list[dict]:
    """測るもの：層の種類と大きさの組。"""
    names = ("batch", "length", "input", "hidden")
    return [
        {"kind": kind} | dict(zip(names, size, strict=True))
        for size in settings.sizes
        for kind in settings.kinds
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの大きさの、書き方ごとの時間（ミリ秒）の中央値と、測った順の値。"""
    device = get_device()
    with seeded(settings.seeds[0]):
        built = {
            name: getattr(library, unit["kind"])(
                unit["input"], unit["hidden"], batch_first=True
            ).to(device)
            for name, library in LIBRARIES.items()
        }
    shape = unit["batch"], unit["length"], unit["input"]
    x = torch.randn(shape, generator=generator(settings.seeds[0])).to(device)
    times = interleaved(built, x, settings.repeats + settings.warmup)
    kept = {name: [round(ms, 4) for ms in each[settings.warmup :]] for name, each in times.items()}
    return {name: statistics.median(each) for name, each in kept.items()} | {"all": kept}
