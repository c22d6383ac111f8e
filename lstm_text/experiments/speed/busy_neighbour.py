"""隣で別の計算が動いていると、訓練は何倍遅くなるか

2 つ以上のスレッドで計算すると、早く済んだスレッドは、残りのスレッドを待つ。待ち方は 2 通りある。
CPU を回し続けて待つか、眠って待つか。回り続けると、待たれている相手に CPU が回らないことがある。
待ち方ごとにプロセスを 1 つ起こし、順に 1 回りずつ訓練させることを繰り返して、経過した秒数を測る。
隣の計算は CPU を 1 つ使い続けるプロセスで、その数を変える。``load`` は、測る前の 1 分に CPU を
使うか待っていたプロセスの数の平均で、ほかの仕事があれば、それだけ 0 から離れる。
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch

from lstm_text.device import generator, get_device
from lstm_text.imdb import Shape, build_classifier, train_updates
from lstm_text.records import Record

WAYS = {
    "回って待つ（指定なし）": {},
    "眠って待つ": {"OMP_WAIT_POLICY": "PASSIVE"},
    "1 スレッド": {"OMP_NUM_THREADS": "1"},
}
"""待ち方の名前から、torch を読み込む前に決める環境変数へ。初めの 2 つは CPU の数だけのスレッド。"""

DECIDING = (
    "OMP_WAIT_POLICY", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"
)  # fmt: skip
"""スレッドの数と待ち方を決める環境変数。測るプロセスには、``WAYS`` のものだけを渡す。"""

VOCABULARY, BATCH = 400, 32


@dataclass(frozen=True)
class Settings:
    """記録の設定。``lengths`` は、順に読むミニバッチの長さ（組み込みのレビューと同じくらい）。"""

    seeds: tuple[int, ...] = (0,)
    neighbours: tuple[int, ...] = (0, 1)
    rounds: int = 12
    updates: int = 8
    lengths: tuple[int, ...] = (30, 50, 80, 120)


def units(settings: Settings) -> list[dict]:
    """隣の計算の数ごと。待ち方は、同じ隣人のそばで比べないと、比にならない。"""
    return [{"neighbours": n} for n in settings.neighbours]


def run(unit: dict, settings: Settings) -> dict:
    """待ち方ごとの、1 回の更新にかかった秒数（1 回りの平均を、測った順に）。"""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    seconds = {way: [] for way in WAYS}
    with ExitStack() as stack:
        trainers = {way: stack.enter_context(_trainer(way, settings)) for way in WAYS}
        for _ in range(unit["neighbours"]):
            stack.enter_context(neighbour())
        for done in range(1 + settings.rounds):  # 1 周めは、読み込みと準備が入るので捨てる
            for way, trainer in trainers.items():
                once = _one_round(trainer)
                if done:
                    seconds[way].append(round(once / settings.updates, 5))
    return {"seconds": seconds, "load": load}


@contextmanager
def neighbour() -> Iterator[None]:
    """この ``with`` の間だけ、CPU を 1 つ使い続けるプロセスを動かす。

    Examples
    --------
    >>> with neighbour():
    ...     pass
    """
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _trainer(way: str, settings: Settings) -> Iterator[subprocess.Popen]:
    """頼まれるたびに 1 回り訓練するプロセス。頼まれない間は、CPU を使わない。"""
    # 待ち方は、torch を読み込むときに決まる。torch より先にこのパッケージを読み込むと、眠って待つ
    code = (
        f"import torch; from {train_on_request.__module__} import {train_on_request.__name__} as f;"
        f" f({settings.lengths}, {settings.updates}, {settings.seeds[0]})"
    )
    inherited = {name: value for name, value in os.environ.items() if name not in DECIDING}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=inherited | WAYS[way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


def _one_round(trainer: subprocess.Popen) -> float:
    print(file=trainer.stdin, flush=True)
    told = trainer.stdout.readline()
    if not told:
        raise RuntimeError("訓練するプロセスが、答えずに終わりました。")
    return float(told)


def train_on_request(lengths: tuple[int, ...], updates: int, seed: int) -> None:
    """標準入力の 1 行ごとに ``updates`` 回の更新をし、かかった秒数を 1 行で答える。

    モデルは、命令 ``python -m lstm_text.imdb train`` の既定のもの。

    Parameters
    ----------
    lengths : tuple of int
        順に読むミニバッチの長さ。
    updates : int
    seed : int

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch("sys.stdin", ["\\n", "\\n"]):
    ...     train_on_request((3,), 1, 0)  # doctest: +ELLIPSIS
    0...
    0...
    """
    get_device("cpu")  # 非正規化数を 0 とみなす
    rng = generator(seed)
    shape = Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0)
    model = build_classifier(torch.ones(VOCABULARY), shape, seed)
    batches = [
        (
            torch.randint(2, VOCABULARY, (BATCH, length), generator=rng),
            torch.full((BATCH,), length),
            torch.randint(2, (BATCH,), generator=rng).float(),
        )
        for length in lengths
    ]
    for _ in sys.stdin:
        start = time.perf_counter()
        train_updates(model, batches, updates, seed=seed)
        print(time.perf_counter() - start, flush=True)


def cost(record: Record, way: str, choose=statistics.median) -> float:
    """隣人が 1 つ増えると、何倍の時間がかかるか。

    Parameters
    ----------
    record : Record
        隣の計算が 0 と 1 の結果のあるもの。
    way : str
        ``WAYS`` の名前。
    choose : callable
        隣人のいる 1 回り 1 回りの秒数から、1 つを選ぶ関数。分母は、いつも中央値。

    Returns
    -------
    float

    Examples
    --------
    >>> from lstm_text.experiments import blank
    >>> record = blank(sys.modules[__name__], Settings())
    >>> for n, values in ((0, [1.0, 1.0, 4.0]), (1, [2.0, 2.0, 30.0])):
    ...     record.results.append({"unit": {"neighbours": n}, "values": {"seconds": {"A": values}}})
    >>> cost(record, "A"), cost(record, "A", max)
    (2.0, 30.0)
    """
    alone, beside = (record.values(neighbours=n)["seconds"][way] for n in (0, 1))
    return choose(beside) / statistics.median(alone)


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    lines = [record.origin(), "", "1 回の更新にかかった時間（ミリ秒）：中央値（最小〜最大）"]
    for way in WAYS:
        lines.append(way)
        for result in record.results:
            each = result["values"]["seconds"][way]
            low, middle, high = (1000 * f(each) for f in (min, statistics.median, max))
            lines.append(
                f"  隣の計算 {result['unit']['neighbours']}  {middle:7.1f}（{low:.1f}〜{high:.1f}）"
            )
    return "\n".join(lines)
