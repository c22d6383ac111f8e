"""RNN、LSTM、GRU の 1 回の更新にかかる時間

順伝播と逆伝播の時間を、3 つの層で交互に測ります。先に測った層だけが得をしたり損をしたりしないように
するためです。CPU では CPU を使った時間、CUDA では経過した時間です。CPU と CUDA の記録が両方あれば、
同じ大きさどうしを比べられます。
"""

import time
from dataclasses import dataclass

import torch
from torch import nn

from lstm_text.device import generator, get_device, seeded

LAYERS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = (0,)
    length: int = 50
    input_size: int = 64
    batch_sizes: tuple[int, ...] = (1, 32, 128)
    hidden_sizes: tuple[int, ...] = (16, 32, 64, 128, 256)
    repeats: int = 21
    warmup: int = 3


def units(settings: Settings) -> list[dict]:
    """測るもの：バッチサイズと隠れ状態の次元の組。"""
    return [{"batch": b, "hidden": h} for b in settings.batch_sizes for h in settings.hidden_sizes]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの大きさで、層ごとの時間（ミリ秒）を、測った順に並べる。"""
    device = get_device()
    with seeded(settings.seeds[0]):
        layers = {
            name: layer(settings.input_size, unit["hidden"], batch_first=True).to(device)
            for name, layer in LAYERS.items()
        }
    shape = unit["batch"], settings.length, settings.input_size
    x = torch.randn(shape, generator=generator(settings.seeds[0])).to(device)
    times = interleaved(layers, x, settings.repeats + settings.warmup)
    return {name: [round(ms, 4) for ms in each[settings.warmup :]] for name, each in times.items()}


def interleaved(
    layers: dict[str, nn.Module], x: torch.Tensor, repeats: int
) -> dict[str, list[float]]:
    """層を順に 1 回ずつ動かすことを繰り返し、順伝播と逆伝播の時間（ミリ秒）を測る。

    CPU では、ほかのプログラムに待たされた時間を除くため、このプロセスが CPU を使った時間を測ります
    （スレッドが 1 つなら、すいた計算機での経過時間とほぼ同じです）。

    Parameters
    ----------
    layers : dict of str to nn.Module
        ``batch_first=True`` の再帰層。
    x : Tensor, (batch, time, input)
    repeats : int

    Returns
    -------
    dict of str to list of float

    Examples
    --------
    >>> times = interleaved({"RNN": nn.RNN(2, 3, batch_first=True)}, torch.zeros(1, 4, 2), 5)
    >>> len(times["RNN"]), min(times["RNN"]) > 0
    (5, True)
    """
    times = {name: [] for name in layers}
    for _ in range(repeats):
        for name, layer in layers.items():
            layer.zero_grad()
            start = now(x.device)
            layer(x)[0][:, -1].square().mean().backward()
            times[name].append(1000 * (now(x.device) - start))
    return times


def now(device: torch.device) -> float:
    """時計の秒。CPU では、このプロセスが CPU を使った時間。

    GPU は命令を受け取っただけで戻るので、終わるまで待ってから時計を見ます。

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    float

    Examples
    --------
    >>> start = now(torch.device("cpu"))
    >>> now(torch.device("cpu")) >= start
    True
    """
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()
