"""1 回の順伝播と逆伝播で増えるメモリを、新しいプロセスで測る（Linux だけ）。"""

import ctypes
import re
import subprocess
import sys
from pathlib import Path

from lstm_text.device import get_device
from lstm_text.experiments.speed.layers_measured import build

_STATUS = Path("/proc/self/status")


def peak_memory(name: str, kind: str, size: tuple[int, int, int, int]) -> float:
    """新しいプロセスで順伝播と逆伝播をし、増えたメモリの最大を返す。

    Parameters
    ----------
    name : str
        ``LIBRARIES`` のどれか。
    kind : str
    size : (int, int, int, int)

    Returns
    -------
    float
        MiB。Linux のほかでは測れないので 0。

    Examples
    --------
    >>> peak_memory("torch.nn", "RNN", (1, 2, 1, 1)) < 100
    True
    """
    code = (
        "from lstm_text.experiments.speed import bench_layers as b;"
        f" b.tell_memory(*{(name, kind, size)})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return float(done.stdout)


def tell_memory(name: str, kind: str, size: tuple[int, int, int, int]) -> None:
    """このプロセスのメモリが、順伝播と逆伝播の間に最大でどれだけ増えたか（MiB）を印字する。

    Parameters
    ----------
    name, kind, size
        :func:`peak_memory` と同じ。

    Examples
    --------
    >>> tell_memory("手書き", "RNN", (1, 2, 1, 1))  # doctest: +ELLIPSIS
    0...
    """
    if not _STATUS.exists():
        print(0.0)
        return
    get_device("cpu")
    for _ in range(2):  # 1 度めにだけかかる準備（oneDNN がコードを作るなど）は、測らない
        layer, x = build(name, kind, size)
        before = _settled()
        layer(x)[0][-1].square().mean().backward()
        grown = _status("VmHWM") - before
    print(round(grown, 2))


def _settled() -> float:
    """空いたメモリを返し、最大の記録を消して、いま使っている量（MiB）を返す。"""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc にだけある
    if trim is not None:
        trim(0)
    _STATUS.with_name("clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    return int(re.search(rf"^{name}:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)[1]) / 2**10
