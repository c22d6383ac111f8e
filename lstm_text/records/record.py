"""実験の記録。何を、どの設定で、いつ、どこで測ったかを、数字と一緒に JSON のファイルに残します。"""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

KINDS = ("cpu", "cuda")
VERSIONS = ("torch", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Record:
    """1 つの実験の、1 つのデバイスでの記録。

    Parameters
    ----------
    name : str
        実験の名前（``lstm_text.experiments`` の中のモジュールの名前）。
    title : str
        実験を 1 行で言ったもの。
    settings : dict
        設定のすべて。乱数の種は ``seeds`` に並ぶ。
    machine : dict
        ``kind``（``"cpu"`` か ``"cuda"``）、``device``（その名前）、``threads``、``cpus``、
        ``system``、``python``。
    versions : dict
        パッケージの版。
    commit : str
        コードのコミット。コミットしていない書き換えがあったら後ろに ``+``。わからなければ空。
    code : str
        実験のコードのハッシュ（:func:`lstm_text.records.code_hash`）。
    date : str
        測り終えた日（UTC）。``2026-11-22`` の形。
    results : list of dict
        測った順の結果。それぞれ ``unit``（何を測ったか）、``values``（数字）、``seconds``
        （かかった時間、秒）、``cpu_seconds``（CPU を使った時間、秒。測らなければ None）。

    Examples
    --------
    >>> machine = {"kind": "cpu", "device": "ある CPU", "threads": 1, "cpus": 2,
    ...            "system": "Linux", "python": "3.12.0"}
    >>> result = {"unit": {"model": "RNN", "length": 5}, "values": {"accuracy": [0.5, 1.0]},
    ...           "seconds": 3.0, "cpu_seconds": 2.5}
    >>> record = Record("recall", "思い出す", {"seeds": [0, 1]}, machine, {"torch": "2.13.0"},
    ...                 "a642b4b", "0123456789abcdef", "2026-11-22", [result])
    >>> record.values(model="RNN", length=5)["accuracy"]
    [0.5, 1.0]
    >>> record.seconds
    3.0
    >>> record.origin().split("、")[-3:]
    ['Python 3.12.0', 'コミット a642b4b', '3 秒（CPU を使った時間は 2 秒）']
    """

    name: str
    title: str
    settings: dict
    machine: dict
    versions: dict
    commit: str
    code: str
    date: str
    results: list

    @property
    def kind(self) -> str:
        """デバイスの種類（``"cpu"`` か ``"cuda"``）。"""
        return self.machine["kind"]

    @property
    def seconds(self) -> float:
        """かかった時間（秒）。"""
        return sum(result["seconds"] for result in self.results)

    @property
    def seeds(self) -> list[int]:
        """乱数の種。"""
        return self.settings["seeds"]

    def select(self, **unit) -> list[dict]:
        """``unit`` の項目がすべて合う結果を、測った順に返す。"""
        return [r for r in self.results if unit.items() <= r["unit"].items()]

    def values(self, **unit) -> dict:
        """``unit`` の項目がすべて合う、ただ 1 つの結果の数字を返す。

        Raises
        ------
        KeyError
            合う結果が 1 つでないとき。
        """
        found = self.select(**unit)
        if len(found) != 1:
            known = "、".join(str(r["unit"]) for r in (found or self.results))
            raise KeyError(
                f"記録 {self.name} に {unit} の結果は 1 つ必要ですが、{len(found)} 個でした。"
                f"{'合うもの' if found else 'あるもの'}：{known}"
            )
        return found[0]["values"]

    def _cpu_time(self) -> str:
        times = [result["cpu_seconds"] for result in self.results]
        return "" if None in times else f"（CPU を使った時間は {sum(times):,.0f} 秒）"

    def origin(self) -> str:
        """いつ、どこで測ったかを述べる 1 行。"""
        machine = self.machine
        return "、".join(
            [
                self.date,
                f"{machine['kind']}（{machine['device']}、{machine['threads']} スレッド）",
                *(f"{name} {number}" for name, number in self.versions.items()),
                f"Python {machine['python']}",
                f"コミット {self.commit or '不明'}",
                f"{self.seconds:,.0f} 秒" + self._cpu_time(),
            ]
        )


def surroundings(device: torch.device) -> dict[str, dict]:
    """記録に書く、計算機とパッケージの版。

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    dict of str to dict
        :class:`Record` の ``machine`` と ``versions``。

    Examples
    --------
    >>> surroundings(torch.device("cpu"))["machine"]["kind"]
    'cpu'
    """
    on_gpu = device.type == "cuda"
    machine = {
        "kind": device.type,
        "device": torch.cuda.get_device_name(device) if on_gpu else _processor(),
        "threads": torch.get_num_threads(),
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    return {"machine": machine, "versions": {name: version(name) for name in VERSIONS}}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists() and (
        found := re.search(
            r"^model name\s*: (.+)$", information.read_text(encoding="utf-8"), re.MULTILINE
        )
    ):
        return found[1].strip()
    return platform.processor() or platform.machine()


def commit(files: Sequence[Path]) -> str:
    """``files`` の、いまのコミット。

    Parameters
    ----------
    files : sequence of Path

    Returns
    -------
    str
        コミットしていない書き換えがあれば後ろに ``+`` が付く。git がなければ空。

    Examples
    --------
    >>> isinstance(commit([Path(__file__)]), str)
    True
    """
    head = _git("rev-parse", "--short=10", "HEAD")
    return head + "+" if head and _git("status", "--porcelain", "--", *map(str, files)) else head


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, encoding="utf-8"
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
