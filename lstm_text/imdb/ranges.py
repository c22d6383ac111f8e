"""設定の値の範囲。命令に打たれた値にも、保存した設定の値にも使う。"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import torch

from lstm_text.device import precision


def _number(kind: type, needed: str, fits: Callable[[float], bool]) -> Callable[[str], float]:
    """引数の文字列を、範囲の中の数にする関数。"""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan  # どの範囲にも入らない
        if not fits(value):
            raise argparse.ArgumentTypeError(f"{needed}が必要ですが、{text[:40]!r} でした。")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    return _number(int, f"{low:,} 以上 {high:,} 以下の整数", lambda value: low <= value <= high)


_MANY = 1_000_000
_FEWEST = 11  # これなら、肯定か否定のどちらかから、検証用が 1 件は分けられる
_SHARE = _number(float, "0 以上 1 未満の数", lambda value: 0 <= value < 1)
# もっと大きいと、float32 であふれる。そのときの torch の断りは、どの引数のことかを言わない
_POSITIVE = _number(float, f"0 より大きく {_MANY:,} 以下の数", lambda value: 0 < value <= _MANY)
PARSERS = {
    "vocab_size": _whole(3, _MANY),
    "max_length": _whole(2, _MANY),
    "read_length": _whole(1, _MANY),
    "limit": _number(
        int,
        f"0（すべて）か、{_FEWEST} 以上の整数（少ないと検証用が 0 件になります）",
        lambda value: value == 0 or value >= _FEWEST,
    ),
    "lessons": _whole(0, _MANY),
    "embedding_dim": _whole(1, 10_000),
    "hidden_size": _whole(1, 10_000),
    "num_layers": _whole(1, 100),
    "word_dropout": _SHARE,
    "locked_dropout": _SHARE,
    "weight_dropout": _SHARE,
    "dropout": _SHARE,
    "epsilon": _number(float, f"0 以上 {_MANY:,} 以下の数", lambda value: 0 <= value <= _MANY),
    "epochs": _whole(1, _MANY),
    "batch_size": _whole(1, _MANY),
    "learning_rate": _POSITIVE,
    "clip": _POSITIVE,
    "seed": _whole(0, 2**63 - 1),
}
"""設定の数の名前 → 引数の文字列を、範囲の中の数にする関数。"""


def check_values(config: dict, kind: type, path: Path) -> None:
    """手で直された値も、命令に打たれた値と同じ範囲に限る。

    Parameters
    ----------
    config : dict
        保存した設定。
    kind : type
        その設定の dataclass。組と欄が足りないことは、ここでは見ない。
    path : Path
        設定のファイル。

    Raises
    ------
    ValueError

    Examples
    --------
    >>> from lstm_text.imdb import Settings
    >>> check_values({"plan": {"epochs": 2.0}}, Settings, Path("a"))
    Traceback (most recent call last):
    ValueError: a の plan.epochs には 1 以上 1,000,000 以下の整数が必要ですが、'2.0' でした。
    """
    for group in fields(kind):
        values = config.get(group.name)
        for f in fields(group.type) if isinstance(values, dict) else ():
            if f.name in values:
                where = f"{path} の {group.name}.{f.name}"
                check_value(values[f.name], where, PARSERS.get(f.name, quoted))


def check_value(value, where: str, read: Callable[[str], object]) -> None:
    """JSON から読んだ 1 つの値を確かめる。

    Parameters
    ----------
    value
    where : str
        どの値か。
    read : callable
        ``PARSERS`` のものか、:func:`quoted`。

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_value("2", "a.json の seed", quoted)
    >>> check_value(2, "a.json の pooling", quoted)
    Traceback (most recent call last):
    ValueError: a.json の pooling には文字列が必要ですが、'2' でした。
    """
    try:
        read(json.dumps(value))
    except argparse.ArgumentTypeError as error:
        space = " " if str(error)[0].isascii() else ""
        raise ValueError(f"{where} には{space}{error}") from error


def quoted(text: str) -> str:
    """JSON の文字列。

    Raises
    ------
    argparse.ArgumentTypeError
        文字列でないとき。

    Examples
    --------
    >>> quoted('"max"')
    '"max"'
    """
    if text[0] != '"':
        raise argparse.ArgumentTypeError(f"文字列が必要ですが、{text[:40]!r} でした。")
    return text


def check_precision(name: str, device: torch.device) -> None:
    """その細かさの LSTM を、このデバイスで計算できるかを確かめる。

    Parameters
    ----------
    name : str
    device : torch.device

    Raises
    ------
    ValueError
        PyTorch が断ったとき（bfloat16 の命令のない CPU など）。

    Examples
    --------
    >>> check_precision("float32", torch.device("cpu"))
    """
    layer, x = torch.nn.LSTM(1, 1).to(device), torch.zeros(1, 1, 1, device=device)
    try:
        with precision(name, device):
            layer(x)
    except RuntimeError as error:
        raise ValueError(
            f"この {device.type.upper()} では、PyTorch が {name} の LSTM を計算できません。"
            "--precision float32 にしてください。"
        ) from error
