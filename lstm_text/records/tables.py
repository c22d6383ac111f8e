"""記録を、測ったままの表にして見せます。"""

from collections.abc import Callable, Sequence
from html import escape
from statistics import fmean, stdev

from IPython.display import HTML

from lstm_text.records.files import path_of
from lstm_text.records.record import Record

STALE = "古い記録：この記録の後で、実験のコードが変わりました。"
_WIDE = 12
"""列がこれより多い表は、行と列を入れ替える（行のほうが少なければ）。"""
_LONG = 200
"""これより長い文字は、表に入れない。"""


def show(records: Sequence[Record], is_stale: Callable[[Record], bool]) -> HTML:
    """1 つの実験の記録。CPU と CUDA の数字は、隣り合う列に並べる。

    種ごとの値は「平均 ± 標準偏差（最小〜最大）」にまとめる。

    Parameters
    ----------
    records : sequence of Record
        同じ実験の、デバイスごとの記録。
    is_stale : callable
        記録が古ければ真を返す関数（:func:`lstm_text.experiments.is_stale`）。

    Returns
    -------
    HTML

    Raises
    ------
    ValueError
        記録が 1 つもないとき。

    Examples
    --------
    >>> machine = {"kind": "cpu", "device": "ある CPU", "threads": 1, "cpus": 2,
    ...            "system": "Linux", "python": "3.12.0"}
    >>> result = {"unit": {"model": "RNN"}, "values": {"accuracy": [0.5, 1.0]},
    ...           "seconds": 3.0, "cpu_seconds": 2.5}
    >>> record = Record("recall", "思い出す", {"seeds": [0, 1]}, machine, {"torch": "2.13.0"},
    ...                 "a642b4b", "0123456789abcdef", "2026-11-22", [result])
    >>> "<td>0.75 ± 0.354（0.5〜1）</td>" in show([record], is_stale=lambda record: True).data
    True
    """
    if not records:
        raise ValueError("記録が 1 つ以上必要ですが、空でした。")
    parts = []
    for record in records:
        stale = f"<p><strong>{STALE}</strong></p>" if is_stale(record) else ""
        where = path_of(record.name, record.kind, "").name
        parts.append(f"{stale}<p><code>{where}</code>：{escape(record.origin())}</p>")
        settings = "、".join(f"{k} = {_plain(v)}" for k, v in record.settings.items())
        parts.append(f"<p>設定：{escape(settings)}</p>")
    parts.append(_results(records))
    return HTML("".join(parts))


def _results(records: Sequence[Record]) -> str:
    units = list({str(r["unit"]): r["unit"] for each in records for r in each.results}.values())
    names = list(dict.fromkeys(name for unit in units for name in unit))
    columns = [
        (record, name)
        for name in dict.fromkeys(n for r in records for x in r.results for n in x["values"])
        for record in records
        if any(_fits(x["values"].get(name), record) for x in record.results)
    ]
    several = len(records) > 1
    header = [*names, *(f"{n}（{r.kind}）" if several else n for r, n in columns)]
    header += [f"秒（{r.kind}）" if several else "秒" for r in records]
    rows = []
    for unit in units:
        found = {id(r): next((x for x in r.results if x["unit"] == unit), None) for r in records}
        row = [_plain(unit.get(name, "")) for name in names]
        row += [_cell(found[id(r)], name, r) for r, name in columns]
        row += [f"{x['seconds']:,.1f}" if (x := found[id(r)]) else "" for r in records]
        rows.append(row)
    if len(header) > _WIDE > len(rows):
        header, *rows = zip(header, *rows, strict=True)
    return _table(header, rows)


def _fits(value: object, record: Record) -> bool:
    """表の 1 マスに収まる値か（数、短い文字、または種ごとの数）。"""
    if isinstance(value, list):
        numbers = all(v is None or isinstance(v, (int, float)) for v in value)
        return numbers and len(value) == len(record.seeds)
    if isinstance(value, str):
        return len(value) <= _LONG  # 詰めた値（records.pack）は、読むものではない
    return value is not None and not isinstance(value, dict)


def _cell(result: dict | None, name: str, record: Record) -> str:
    value = result["values"].get(name) if result else None
    if not _fits(value, record):
        return ""
    return _spread(value, _plain) if isinstance(value, list) else _plain(value)


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
    scaled = [None if value is None else scale * value for value in values]
    return _spread(scaled, lambda number: f"{number:.{digits}f}")


def _spread(values: Sequence[float | None], write: Callable[[float], str]) -> str:
    kept = [value for value in values if value is not None]
    missing = f"なし {len(values) - len(kept)}" if len(kept) < len(values) else ""
    if not kept:
        return missing
    deviation = stdev(kept) if len(kept) > 1 else 0.0
    mean, deviation, low, high = map(write, (fmean(kept), deviation, min(kept), max(kept)))
    return "、".join(filter(None, [f"{mean} ± {deviation}（{low}〜{high}）", missing]))


def _plain(value: object) -> str:
    if value is None:
        return "なし"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, list):
        return "・".join(map(_plain, value))
    if isinstance(value, dict):
        return f"（{'、'.join(f'{k} = {_plain(v)}' for k, v in value.items())}）"
    return str(value)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(kind: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"

    return (
        '<div class="pst-scrollable-table-container"><table class="table">'
        f"<thead>{line('th', header)}</thead>"
        f"<tbody>{''.join(line('td', row) for row in rows)}</tbody></table></div>"
    )
