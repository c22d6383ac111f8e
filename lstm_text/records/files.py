"""記録の JSON のファイル：書き、読み、形を確かめる。

ファイルの名前は ``実験の名前.デバイスの種類.json`` です。CPU での記録と CUDA での記録は、
互いを上書きせず、隣に並びます。
"""

import json
import math
import os
import re
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

from lstm_text.records.record import KINDS, Record
from lstm_text.storage import replacing

_MACHINE = {
    "kind": str, "device": str, "threads": int, "cpus": int, "system": str, "python": str
}  # fmt: skip

_RESULT = {
    "unit": dict,
    "values": dict,
    "seconds": (int, float),
    "cpu_seconds": (int, float, type(None)),
}


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
    >>> import torch
    >>> from lstm_text.records import surroundings
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
        text = path.read_text(encoding="utf-8")
        data = json.loads(
            text, parse_float=_finite, parse_constant=_finite, object_pairs_hook=_without_repeats
        )
    except RecursionError as error:
        raise ValueError(f"{path} は壊れています。入れ子が深すぎて、読めません。") from error
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


def _finite(text: str) -> float:
    """JSON の中の数。NaN と Infinity と、大きすぎる数は断る。"""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"有限でない数 {text} があります。")
    return number


def _without_repeats(pairs: list[tuple[str, object]]) -> dict:
    """JSON の dict。json は、同じ名前の欄があると、後のものを黙って選ぶ。"""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"同じ名前の欄 {twice[:40]} が、2 つあります。")
    return found


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
        欄が足りないとき、知らない欄があるとき、型が違うとき、ありえない日付や秒数のとき。

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
                wanted = f" {kind.__name__} " if isinstance(kind, type) else "数"
                raise broken(f"{place}{name} には{wanted}が必要ですが、{part[name]!r:.60} でした。")
        if unknown := part.keys() - types.keys():
            raise broken(f"{place}{'、'.join(sorted(unknown))} という欄は知りません。")

    expect(data, {field.name: field.type for field in fields(Record)}, "")
    expect(data["machine"], _MACHINE, "machine の ")
    expect(data["versions"], dict.fromkeys(data["versions"], str), "versions の ")
    if data["machine"]["kind"] not in KINDS:
        raise broken(f"kind には cpu か cuda が必要ですが、{data['machine']['kind']!r} でした。")
    seeds = data["settings"].get("seeds")
    if not isinstance(seeds, list) or not all(type(seed) is int for seed in seeds):
        raise broken(f"settings の seeds には整数の並びが必要ですが、{seeds!r:.60} でした。")
    if not _is_date(data["date"]):
        raise broken(f"date には 2026-11-22 の形の日付が必要ですが、{data['date']!r} でした。")
    for number, result in enumerate(data["results"], start=1):
        expect(result, _RESULT, f"{number} 番目の結果の ")
        for name in ("seconds", "cpu_seconds"):
            if (result[name] or 0) < 0:
                raise broken(
                    f"{number} 番目の結果の {name} には 0 以上の数が必要ですが、"
                    f"{result[name]!r} でした。"
                )


def _is_date(text: str) -> bool:
    """2026-11-22 の形の、暦にある日か。``fromisoformat`` は、ほかの形も読む。"""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text))
