"""実験の記録。何を、どの設定で、いつ、どこで測ったかを、数字と一緒に JSON のファイルに残します。

ファイルの名前は ``実験の名前.デバイスの種類.json`` です。CPU での記録と CUDA での記録は、
互いを上書きせず、隣に並びます。
"""

import json
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path

import torch

from lstm_text.dependencies import fingerprint
from lstm_text.files import replacing

KINDS = ("cpu", "cuda")
VERSIONS = ("torch", "numpy", "scikit-learn")

_MACHINE = {
    "kind": str, "device": str, "threads": int, "cpus": int, "system": str, "python": str
}  # fmt: skip
_RESULT = {
    "unit": dict,
    "values": dict,
    "seconds": (int, float),
    "cpu_seconds": (int, float, type(None)),
}


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
        実験のコードの指紋（:func:`lstm_text.dependencies.fingerprint`）。
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

    def is_stale(self) -> bool:
        """記録の後で、実験のコードかそれが使う定義が変わった（実験がなくなった）なら真。"""
        try:
            return self.code != fingerprint(f"lstm_text.experiments.{self.name}")
        except ModuleNotFoundError:
            return True

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
        found := re.search(r"^model name\s*: (.+)$", information.read_text(), re.MULTILINE)
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
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def path_of(name: str, kind: str, folder: str | os.PathLike[str]) -> Path:
    """記録のファイルの場所。

    Parameters
    ----------
    name : str
        実験の名前。
    kind : str
        ``"cpu"`` か ``"cuda"``。
    folder : str or os.PathLike

    Returns
    -------
    Path

    Examples
    --------
    >>> path_of("recall", "cpu", "records").name
    'recall.cpu.json'
    """
    return Path(folder) / f"{name}.{kind}.json"


def write(record: Record, folder: str | os.PathLike[str]) -> Path:
    """記録を、一度に置き換わる JSON のファイルにする。

    Parameters
    ----------
    record : Record
    folder : str or os.PathLike

    Returns
    -------
    Path
        書いたファイル。

    Raises
    ------
    ValueError
        JSON にできない値、有限でない数があるとき。

    Examples
    --------
    >>> import tempfile
    >>> machine = surroundings(torch.device("cpu"))
    >>> record = Record("a", "例", {"seeds": [0]}, commit="", code="0" * 16, date="2026-11-22",
    ...                 results=[], **machine)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(record, folder)
    ...     read("a", folder) == record
    True
    """
    path = path_of(record.name, record.kind, folder)
    text = to_json(asdict(record))
    check(json.loads(text), path.name)
    with replacing(path) as file:
        file.write(text.encode())
    return path


def to_json(data: dict) -> str:
    """記録の JSON。数の並びは 1 行に収め、人が読めて、差分も追えるようにする。

    Parameters
    ----------
    data : dict

    Returns
    -------
    str

    Raises
    ------
    ValueError
        JSON にできない値、有限でない数があるとき。

    Examples
    --------
    >>> print(to_json({"loss": [0.5, 0.25]}), end="")
    {
     "loss": [0.5, 0.25]
    }
    """
    try:
        text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"記録には JSON にできる有限の値が必要です（測れなかった数は None に）：{error}"
        ) from error
    # 文字列の中の改行は \\n と書かれるので、ここで見つかる改行は indent が入れたものだけ
    return re.sub(r"\[\n\s*([^\[\]{}]*?)\n\s*\]", _on_one_line, text) + "\n"


def _on_one_line(numbers: re.Match) -> str:
    return "[" + re.sub(r",\n\s*", ", ", numbers[1]) + "]"


def read(name: str, folder: str | os.PathLike[str], kind: str | None = None) -> Record:
    """記録を読み、形を確かめる。

    Parameters
    ----------
    name : str
        実験の名前。
    folder : str or os.PathLike
    kind : str, optional
        ``"cpu"`` か ``"cuda"``。省くと、CPU の記録、なければ CUDA の記録。

    Returns
    -------
    Record

    Raises
    ------
    FileNotFoundError
        記録がないとき。
    ValueError
        壊れているとき、記録の形でないとき。

    Examples
    --------
    >>> read("ない実験", "records")
    Traceback (most recent call last):
    FileNotFoundError: records に ない実験 の記録（ない実験.cpu.json）がありません。
    """
    for each in KINDS if kind is None else (kind,):
        path = path_of(name, each, folder)
        if path.exists():
            return _load(path)
    first = path_of(name, kind or KINDS[0], folder).name
    raise FileNotFoundError(f"{folder} に {name} の記録（{first}）がありません。")


def read_all(folder: str | os.PathLike[str]) -> dict[str, list[Record]]:
    """フォルダの記録をすべて読む。

    Parameters
    ----------
    folder : str or os.PathLike

    Returns
    -------
    dict of str to list of Record
        実験の名前から、デバイスごとの記録（CPU、CUDA の順）。

    Raises
    ------
    ValueError
        壊れているとき、記録の形でないとき。

    Examples
    --------
    >>> read_all("ないフォルダ")
    {}
    """
    found: dict[str, list[Record]] = {}
    for kind in KINDS:
        for path in sorted(Path(folder).glob(f"*.{kind}.json")):
            found.setdefault(path.name.split(".")[0], []).append(_load(path))
    return dict(sorted(found.items()))


def _load(path: Path) -> Record:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} は壊れています。JSON として読めません：{error}") from error
    check(data, str(path))
    record = Record(**data)
    if path.name != path_of(record.name, record.kind, path.parent).name:
        raise ValueError(
            f"{path} の中身は、実験 {record.name} の {record.kind} での記録です。"
            "ファイルの名前と中身が合いません。"
        )
    return record


def check(data: object, where: str) -> None:
    """JSON から読んだものが、記録の形をしているかを確かめる。

    Parameters
    ----------
    data : object
    where : str
        エラー文に使う、ファイルの名前。

    Raises
    ------
    ValueError
        欄が足りないとき、知らない欄があるとき、型が違うとき。

    Examples
    --------
    >>> check({"name": "recall"}, "a.json")
    Traceback (most recent call last):
    ValueError: a.json は記録の形をしていません。title の欄がありません。
    """

    def broken(reason: str) -> ValueError:
        return ValueError(f"{where} は記録の形をしていません。{reason}")

    def expect(part: object, types: dict, place: str) -> None:
        if not isinstance(part, dict):
            raise broken(f"{place or '全体'}には dict が必要ですが、{type(part).__name__} でした。")
        for name, kind in types.items():
            if name not in part:
                raise broken(f"{place}{name} の欄がありません。")
            if not isinstance(part[name], kind) or isinstance(part[name], bool):
                wanted = getattr(kind, "__name__", "数")
                raise broken(
                    f"{place}{name} には {wanted} が必要ですが、{part[name]!r:.60} でした。"
                )
        if unknown := part.keys() - types.keys():
            raise broken(f"{place}{'、'.join(sorted(unknown))} という欄は知りません。")

    expect(data, {field.name: field.type for field in fields(Record)}, "")
    expect(data["machine"], _MACHINE, "machine の ")
    if data["machine"]["kind"] not in KINDS:
        raise broken(f"kind には cpu か cuda が必要ですが、{data['machine']['kind']!r} でした。")
    seeds = data["settings"].get("seeds")
    if not isinstance(seeds, list) or not all(type(seed) is int for seed in seeds):
        raise broken(f"settings の seeds には整数の並びが必要ですが、{seeds!r:.60} でした。")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", data["date"]):
        raise broken(f"date には 2026-11-22 の形の日付が必要ですが、{data['date']!r} でした。")
    for number, result in enumerate(data["results"], start=1):
        expect(result, _RESULT, f"{number} 番目の結果の ")


def spread(values: Sequence[float | None], digits: int = 2, scale: float = 1.0) -> str:
    """種ごとの値を「平均 ± 標準偏差（最小〜最大）」と書く。

    Parameters
    ----------
    values : sequence of float or None
        None は値のない種（発散した、目標に届かなかった、など）。数えて、平均からは除く。
    digits : int
        小数点より下の桁数。
    scale : float
        値に掛ける数。割合を % で書くなら 100。

    Returns
    -------
    str

    Examples
    --------
    >>> spread([0.5, 1.0, 0.75], digits=1, scale=100)
    '75.0 ± 25.0（50.0〜100.0）'
    >>> spread([1.0, None])
    '1.00 ± 0.00（1.00〜1.00）、なし 1'
    """
    kept = [scale * value for value in values if value is not None]
    missing = f"なし {len(values) - len(kept)}" if len(kept) < len(values) else ""
    if not kept:
        return missing
    deviation = statistics.stdev(kept) if len(kept) > 1 else 0.0
    numbers = [statistics.mean(kept), deviation, min(kept), max(kept)]
    mean, deviation, low, high = (f"{number:.{digits}f}" for number in numbers)
    return "、".join(filter(None, [f"{mean} ± {deviation}（{low}〜{high}）", missing]))
