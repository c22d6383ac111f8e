"""実験を見つけ、動かし、記録を書く。"""

import importlib
import json
import os
import pkgutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from lstm_text.device import get_device
from lstm_text.records import (
    Record,
    check,
    code_files,
    code_hash,
    commit,
    path_of,
    read,
    surroundings,
    to_json,
    write,
)
from lstm_text.storage import replacing, require_writable

GROUPS = ("races", "sequences", "speed", "imdb")


class NotHere(Exception):
    """この計算機では動かせない実験（データがないなど）。

    Examples
    --------
    >>> raise NotHere("本物の IMDb が必要です。")
    Traceback (most recent call last):
    lstm_text.experiments.engine.NotHere: 本物の IMDb が必要です。
    """


def names() -> list[str]:
    """実験の名前を、名前の順に返す。

    Returns
    -------
    list of str

    Examples
    --------
    >>> "recall" in names(), "contests" in names()
    (True, False)
    """
    return sorted(name for name in _modules() if _is_experiment(_load(name)))


def _modules() -> dict[str, str]:
    """実験のフォルダにあるモジュールの名前から、正式な名前への対応。"""
    groups = [importlib.import_module(f"{__package__}.{group}") for group in GROUPS]
    return {
        module.name.rpartition(".")[2]: module.name
        for group in groups
        for module in pkgutil.iter_modules(group.__path__, f"{group.__name__}.")
    }


def _load(name: str) -> ModuleType:
    return importlib.import_module(_modules()[name])


def _is_experiment(module: ModuleType) -> bool:
    return all(hasattr(module, part) for part in ("Settings", "units", "run"))


def find(name: str) -> ModuleType:
    """名前から実験のモジュールを返す。

    Parameters
    ----------
    name : str

    Returns
    -------
    ModuleType

    Raises
    ------
    ValueError
        そういう実験がないとき。

    Examples
    --------
    >>> find("recal")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: recal という実験はありません。あるもの：...
    """
    if name in _modules() and _is_experiment(module := _load(name)):
        return module
    raise ValueError(f"{name} という実験はありません。あるもの：{'、'.join(names())}")


def title(experiment: ModuleType) -> str:
    """実験の題（説明の 1 行目）。

    Parameters
    ----------
    experiment : ModuleType

    Returns
    -------
    str

    Examples
    --------
    >>> title(find("recall")).endswith("。")
    False
    """
    return experiment.__doc__.strip().split("\n")[0].removesuffix("。")


def blank(experiment: ModuleType, settings) -> Record:
    """いまのコード、設定、計算機での、結果がまだない記録。

    Parameters
    ----------
    experiment : ModuleType
    settings : Settings
        その実験の設定。

    Returns
    -------
    Record

    Examples
    --------
    >>> blank(find("recall"), find("recall").Settings()).results
    []
    """
    return Record(
        name=experiment.__name__.split(".")[-1],
        title=title(experiment),
        settings=json.loads(to_json(asdict(settings))),
        commit=commit(code_files(*_entries(experiment))),
        code=code_hash(*_entries(experiment)),
        date=_today(),
        results=[],
        **surroundings(get_device()),
    )


def _entries(experiment: ModuleType) -> tuple:
    """数字を決めるもの。表の見せ方など、モジュールのほかのものは入らない。"""
    return experiment.Settings, experiment.units, experiment.run


def is_stale(record: Record, experiment: ModuleType | None = None) -> bool:
    """記録の後で、実験のコードか、それが使う定義が変わった（実験がなくなった）なら真。

    Parameters
    ----------
    record : Record
    experiment : ModuleType, optional
        省くと、記録の名前の実験。

    Returns
    -------
    bool

    Examples
    --------
    >>> is_stale(blank(find("recall"), find("recall").Settings()))
    False
    """
    try:
        experiment = experiment or find(record.name)
    except ValueError:
        return True
    return record.code != code_hash(*_entries(experiment))


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def same_conditions(one: Record, other: Record) -> bool:
    """コード、設定、計算機、版がすべて同じなら真（同じなら、測り直しても同じ数字になる）。

    Parameters
    ----------
    one, other : Record

    Returns
    -------
    bool

    Examples
    --------
    >>> now = blank(find("recall"), find("recall").Settings())
    >>> same_conditions(now, now)
    True
    """
    compared = ("name", "settings", "machine", "versions", "code")
    return all(getattr(one, field) == getattr(other, field) for field in compared)


def is_up_to_date(experiment: ModuleType, folder: Path) -> bool:
    """いまと同じ条件で測った記録が、もうフォルダにあるなら真。

    Parameters
    ----------
    experiment : ModuleType
    folder : Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_up_to_date(find("recall"), Path("ないフォルダ"))
    False
    """
    now = blank(experiment, experiment.Settings())
    with suppress(FileNotFoundError, ValueError):
        return same_conditions(now, read(now.name, folder, now.kind))
    return False


def make(
    experiment: ModuleType, settings, folder: Path, units: list[dict] | None = None
) -> Iterator[tuple[int, int]]:
    """実験を動かし、記録を書く。1 つ測るごとに ``(済んだ数, 全体の数)`` を返す。

    測り終えた単位は、そのつど途中のファイルに残します。止められたら、もう一度呼べば続きから測ります。
    コード、設定、計算機、版のどれかが変わっていたら、初めから測ります。

    Parameters
    ----------
    experiment : ModuleType
        :mod:`lstm_text.experiments` の説明にある 3 つを持つモジュール。
    settings : Settings
        その実験の設定。
    folder : Path
        記録を置くフォルダ。
    units : list of dict, optional
        測る単位。省くと、設定の決めるすべて。

    Yields
    ------
    tuple of int
        初めに 1 度（済んだ数は、前回の続きなら 0 でない）、その後は 1 つ測るごとに。

    Raises
    ------
    NotHere, OSError, ValueError
        この計算機では動かせないとき。フォルダに書けないとき。実験が JSON にできない値を返したとき。

    Examples
    --------
    >>> next(make(find("recall"), find("recall").Settings(seeds=(0,)), Path("records")))[0]
    0
    """
    record = blank(experiment, settings)
    partial = path_of(record.name, record.kind, folder).with_suffix(".partial")
    units = list(experiment.units(settings) if units is None else units)
    require_writable(folder)
    results = _kept(partial, record)
    done = [result["unit"] for result in results]
    yield len(done), len(units)
    for unit in (each for each in units if each not in done):
        start, cpu_start = time.perf_counter(), _cpu_seconds()
        values = experiment.run(unit, settings)
        seconds, cpu_seconds = time.perf_counter() - start, _cpu_seconds() - cpu_start
        times = {"seconds": round(seconds, 3), "cpu_seconds": round(cpu_seconds, 3)}
        results.append({"unit": unit, "values": values} | times)
        with replacing(partial) as file:
            file.write(to_json(asdict(record) | {"results": results}).encode())
        yield len(results), len(units)
    write(Record(**(asdict(record) | {"results": results, "date": _today()})), folder)
    partial.unlink(missing_ok=True)
    for left in folder.glob(f".{partial.stem}.*"):  # 書いている最中に止められたときの、書きかけ
        left.unlink()


def _cpu_seconds() -> float:
    """このプロセスと、起こして終わったプロセスが、CPU を使った時間。"""
    return time.process_time() + sum(os.times()[2:4])


def _kept(partial: Path, now: Record) -> list[dict]:
    """前回の途中までの結果。条件が変わっていたら、または壊れていたら、空。"""
    with suppress(OSError, ValueError, TypeError, RecursionError):
        data = json.loads(partial.read_text(encoding="utf-8"))
        check(json.loads(to_json(data)), partial.name)  # NaN は、to_json が断る
        if same_conditions(Record(**data), now):
            return data["results"]
    return []
