"""並列に計算できる再帰の時間とメモリは、系列長とともにどう増えるか

順伝播と逆伝播の 1 回ぶんを、交互に ``repeats`` 回ずつ測ります。「CPU ms」は CPU が使った時間
（全スレッドの和）、「ms」は始めてから終わるまでの時間で、どちらもいちばん速かった回のものです。
計算機が混んでいると「ms」は延びますが、「CPU ms」はあまり変わりません。「MB」は、逆伝播のために
順伝播が取っておくテンソルの大きさです。
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text.device import generator, get_device, seeded
from lstm_text.fast import MinGRU, MinGRUCell, MinLSTM, scan, scan_doubling, scan_log, scan_loop
from lstm_text.layers import run_over_time


@dataclass(frozen=True)
class Settings:
    """記録の設定。``threads`` の 0 は、その計算機のすべて。"""

    seeds: tuple[int, ...] = (0,)
    lengths: tuple[int, ...] = (256, 1024, 4096, 16384)
    threads: tuple[int, ...] = (1,)
    batch_size: int = 4
    size: int = 64
    repeats: int = 2


def units(settings: Settings) -> list[dict]:
    """測るもの：スレッド数と系列長の組。"""
    return [{"threads": n, "length": t} for n in settings.threads for t in settings.lengths]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの系列長で、すべての計算を交互に測る。"""
    get_device("cpu")
    before = torch.get_num_threads()
    torch.set_num_threads(unit["threads"] or os.cpu_count())
    try:
        contenders = layers(unit["length"], settings) | recurrences(unit["length"], settings)
        saved = {name: saved_megabytes(work) for name, work in contenders.items()}
        times = {name: [] for name in contenders}
        for _ in range(settings.repeats):
            for name, work in contenders.items():
                start, cpu_start = time.perf_counter(), time.process_time()
                work().square().mean().backward()
                times[name].append((time.process_time() - cpu_start, time.perf_counter() - start))
        cpu, wall = ({n: min(v[k] for v in vs) for n, vs in times.items()} for k in (0, 1))
        return {
            "スレッド": torch.get_num_threads(),
            **{f"{name} CPU ms": round(1000 * seconds, 3) for name, seconds in cpu.items()},
            **{f"{name} ms": round(1000 * seconds, 3) for name, seconds in wall.items()},
            **{f"{name} MB": size for name, size in saved.items()},
        }
    finally:
        torch.set_num_threads(before)


Work = Callable[[], Tensor]


def layers(length: int, settings: Settings) -> dict[str, Work]:
    """層まるごと。入力は ``(time, batch, size)``。"""
    size, batch = settings.size, settings.batch_size
    x = torch.randn(length, batch, size, generator=generator(settings.seeds[0]))
    with seeded(settings.seeds[0]):
        lstm, gru = nn.LSTM(size, size), nn.GRU(size, size)
        mingru, minlstm = MinGRU(size, size), MinLSTM(size, size)
    zeros = torch.zeros(batch, size)
    weights = mingru.weights(0, "")
    return {
        "nn.LSTM": lambda: lstm(x)[0],
        "nn.GRU": lambda: gru(x)[0],
        "minGRU 1 時刻ずつ": lambda: run_over_time(MinGRUCell, x, (zeros,), weights)[0],
        "minGRU 走査": lambda: mingru(x)[0],
        "minLSTM 走査": lambda: minlstm(x)[0],
    }


def recurrences(length: int, settings: Settings) -> dict[str, Work]:
    """漸化式だけ。係数は全時刻ぶんできているものとする。"""
    shape = (length, settings.batch_size, settings.size)
    source = generator(settings.seeds[0])
    a = torch.sigmoid(3 + torch.randn(shape, generator=source)).requires_grad_()
    b = torch.rand(shape, generator=source).requires_grad_()
    h0 = torch.rand(shape[1:], generator=source)
    return {
        "漸化式 1 時刻ずつ": lambda: scan_loop(a, b, h0),
        "漸化式 倍々": lambda: scan_doubling(a, b, h0),
        "漸化式 ブロック": lambda: scan(a, b, h0),
        "漸化式 対数": lambda: scan_log(a.log(), b.log(), h0.log()),
    }


def saved_megabytes(work: Work) -> float:
    """逆伝播のために取っておかれるテンソルの、重複を除いた大きさ（100 万バイト単位）。"""
    storages = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = work()
    del result
    return round(sum(storages.values()) / 1e6, 3)
