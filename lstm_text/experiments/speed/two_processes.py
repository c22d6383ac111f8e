"""2 つのプロセスで 1 つのモデルを訓練すると、何倍速いか

命令 ``python -m lstm_text.imdb train`` の既定のモデルを、3 通りの動かし方で訓練する。1 つの
プロセスを 1 スレッドか 2 スレッドで、または 2 つのプロセスを 1 スレッドずつで、動かす。2 つの
プロセスは、``torchrun`` と同じ環境変数で起動し、gloo でつなぐ。動かし方を順に替え、毎回新しい
プロセスで、1 回の更新にかかった経過時間を測る。
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import torch

from lstm_text.device import generator, get_device
from lstm_text.experiments.speed.busy_neighbour import DECIDING, VOCABULARY
from lstm_text.imdb import Shape, Supervised, build_classifier, workers
from lstm_text.records import Record

WAYS = {
    "1 プロセス、1 スレッド": (1, 1),
    "1 プロセス、2 スレッド": (1, 2),
    "2 プロセス、1 スレッドずつ": (2, 1),
}
"""動かし方の名前から、プロセスの数と、それぞれのスレッドの数へ。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。ミニバッチの大きさごとに、``rounds`` 回ずつ測る。"""

    seeds: tuple[int, ...] = (0,)
    batches: tuple[int, ...] = (32, 256)
    length: int = 200
    rounds: int = 7
    warmup: int = 2
    updates: int = 10


def units(settings: Settings) -> list[dict]:
    """ミニバッチの大きさごと。動かし方は、1 つの単位の中で比べる。"""
    return [{"batch": batch} for batch in settings.batches]


def run(unit: dict, settings: Settings) -> dict:
    """動かし方ごとの、1 回の更新にかかった秒数。"""
    seconds = {way: [] for way in WAYS}
    for _ in range(settings.rounds):
        for way, (processes, threads) in WAYS.items():
            seconds[way].append(_once(processes, threads, unit["batch"], settings))
    return {"seconds": seconds}


def _once(processes: int, threads: int, batch: int, settings: Settings) -> float:
    arguments = batch, settings.length, settings.warmup, settings.updates, settings.seeds[0]
    code = f"from {train_together.__module__} import train_together as f; f{arguments}"
    inherited = {name: value for name, value in os.environ.items() if name not in DECIDING}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        "OMP_NUM_THREADS": str(threads),
        "WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=inherited | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for rank in range(processes)
    ]
    told = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise RuntimeError("訓練するプロセスが、答えずに終わりました。")
    return float(told[0])


def train_together(batch: int, length: int, warmup: int, updates: int, seed: int) -> None:
    """仲間とミニバッチを分け合って訓練し、1 回の更新にかかった秒数を、初めのプロセスが書く。

    Parameters
    ----------
    batch, length : int
        全員を合わせたミニバッチの件数と、系列長。
    warmup, updates : int
        測る前の更新と、測る更新の回数。
    seed : int

    Examples
    --------
    >>> train_together(2, 3, 0, 1, 0)  # doctest: +ELLIPSIS
    0...
    """
    device, rng, supervised = get_device("cpu"), generator(seed), Supervised()
    shape = Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0)
    model = build_classifier(torch.ones(VOCABULARY), shape, seed)
    optimizer = torch.optim.Adam(model.parameters())
    whole = (
        torch.randint(2, VOCABULARY, (batch, length), generator=rng),
        torch.full((batch,), length),
        torch.randint(2, (batch,), generator=rng).float(),
    )
    with workers(device) as group:
        for update in range(warmup + updates):
            if update == warmup:
                group.wait()
                start = time.perf_counter()
            optimizer.zero_grad()
            for loss in supervised.losses(model, *group.share(*whole)):
                (loss / batch).backward()
            group.add_up_gradients(model)
            optimizer.step()
        group.wait()
        if group.is_first:
            print(round((time.perf_counter() - start) / updates, 5), flush=True)


def speedup(record: Record, batch: int, way: str) -> float:
    """1 プロセス、1 スレッドの、何倍速いか（中央値の比）。

    Parameters
    ----------
    record : Record
    batch : int
    way : str
        ``WAYS`` の名前。

    Returns
    -------
    float

    Examples
    --------
    >>> from lstm_text.experiments import blank
    >>> record = blank(sys.modules[__name__], Settings())
    >>> seconds = {"1 プロセス、1 スレッド": [1.0, 3.0, 1.0], "A": [0.5, 0.5, 9.0]}
    >>> record.results.append({"unit": {"batch": 2}, "values": {"seconds": seconds}})
    >>> speedup(record, 2, "A")
    2.0
    """
    seconds = record.values(batch=batch)["seconds"]
    return statistics.median(seconds[next(iter(WAYS))]) / statistics.median(seconds[way])
