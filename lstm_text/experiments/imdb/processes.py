"""いくつかの仕事を、CPU の数までのプロセスで並べて行う。

小さな行列積は、1 つの計算を 2 つの CPU で分けるより、2 つの計算を並べるほうが速く終わります。
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

import torch

from lstm_text.imdb import reuse_freed_memory


def in_processes(jobs: Sequence[Callable[[], Any]]) -> list:
    """仕事をそれぞれ 1 つのプロセス（1 スレッド）で行い、結果を元の順に返す。

    Parameters
    ----------
    jobs : sequence of callable
        引数のない関数。ほかのプロセスに渡せる（pickle できる）もの。

    Returns
    -------
    list

    Raises
    ------
    Exception
        仕事が投げた例外。ほかの仕事は終わりまで行う。

    Examples
    --------
    >>> in_processes([])
    []
    """
    if not jobs:
        return []
    workers = min(len(jobs), os.cpu_count() or 1)
    # fork は、動いている torch のスレッドと相性が悪い
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        return [each.result() for each in [pool.submit(job) for job in jobs]]


def _begin() -> None:
    torch.set_num_threads(1)
    reuse_freed_memory()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """起こした側が強制終了されたら、取り残されないように終わる。"""
    parent_process().join()
    os._exit(1)
