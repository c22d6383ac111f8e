"""時間のかかる実験。``python -m lstm_text.experiments`` で動かし、記録を残します。

実験は、このフォルダのモジュール 1 つです（名前が ``_`` で始まるものを除く）。どこにも登録しません。
モジュールには次の 3 つを書きます。説明（docstring）の 1 行目が、実験の題になります。

``Settings``
    設定を並べた dataclass。既定値が、記録をとるときの設定。種の並び ``seeds`` を必ず持つ。
``units(settings)``
    何を測るかを、小さな dict の並びで返す。1 つが、途中で止められたときに失う単位になる。
``run(unit, settings)``
    その 1 つを測り、JSON にできる dict を返す。測れない数は None。
    データがなくて動かせないときは :class:`NotHere` を投げる。
"""

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

from lstm_text.dependencies import files, fingerprint
from lstm_text.device import get_device
from lstm_text.files import replacing
from lstm_text.records import Record, commit, path_of, read, surroundings, to_json, write


class NotHere(Exception):
    """この計算機では動かせない実験（データがないなど）。

    Examples
    --------
    >>> raise NotHere("本物の IMDb が必要です。")
    Traceback (most recent call last):
    lstm_text.experiments.NotHere: 本物の IMDb が必要です。
    """


def names() -> list[str]:
    """実験の名前を、名前の順に返す。

    Returns
    -------
    list of str

    Examples
    --------
    >>> "recall" in names()
    True
    """
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in modules if not name.startswith("_"))


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
    if name not in names():
        raise ValueError(f"{name} という実験はありません。あるもの：{'、'.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


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
    """いまのコード、設定、計算機での、結果がまだない記録を作る。

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
    >>> experiment = find("recall")
    >>> blank(experiment, experiment.Settings()).results
    []
    """
    return Record(
        name=experiment.__name__.split(".")[-1],
        title=title(experiment),
        settings=json.loads(to_json(asdict(settings))),
        commit=commit(files(experiment.__name__)),
        code=fingerprint(experiment.__name__),
        date=_today(),
        results=[],
        **surroundings(get_device()),
    )


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
    >>> experiment = find("recall")
    >>> now = blank(experiment, experiment.Settings())
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


def make(experiment: ModuleType, settings, folder: Path) -> Iterator[tuple[int, int]]:
    """実験を動かし、記録を書く。1 つ測るごとに ``(済んだ数, 全体の数)`` を返す。

    測り終えた単位は、そのつど途中のファイルに残します。止められたら、もう一度呼べば続きから測ります。
    コード、設定、計算機、版のどれかが変わっていたら、途中のファイルは使わずに初めから測ります。

    Parameters
    ----------
    experiment : ModuleType
        この説明の初めにある 3 つを持つモジュール。
    settings : Settings
        その実験の設定。
    folder : Path
        記録を置くフォルダ。

    Yields
    ------
    tuple of int
        初めに 1 度（済んだ数は、前回の続きなら 0 でない）、その後は 1 つ測るごとに。

    Raises
    ------
    NotHere
        この計算機では動かせないとき。
    ValueError
        実験が JSON にできない値を返したとき。

    Examples
    --------
    >>> next(make(find("recall"), find("recall").Settings(seeds=(0,)), Path("records")))[0]
    0
    """
    record = blank(experiment, settings)
    partial = path_of(record.name, record.kind, folder).with_suffix(".partial")
    units = list(experiment.units(settings))
    results = _kept(partial, record)
    done = [result["unit"] for result in results]
    yield len(done), len(units)
    for unit in units:
        if unit in done:
            continue
        start, cpu_start = time.perf_counter(), _cpu_seconds()
        values = experiment.run(unit, settings)
        results.append(
            {
                "unit": unit,
                "values": values,
                "seconds": round(time.perf_counter() - start, 3),
                "cpu_seconds": round(_cpu_seconds() - cpu_start, 3),
            }
        )
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
    with suppress(OSError, ValueError, TypeError):
        before = Record(**json.loads(partial.read_text(encoding="utf-8")))
        if same_conditions(before, now):
            return before.results
    return []
