"""命令の引数の、値の範囲。"""

import argparse
import math
from collections.abc import Callable

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
_POSITIVE = _number(float, "0 より大きい有限の数", lambda value: 0 < value < math.inf)
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
    "epsilon": _number(float, "0 以上の有限の数", lambda value: 0 <= value < math.inf),
    "epochs": _whole(1, _MANY),
    "batch_size": _whole(1, _MANY),
    "learning_rate": _POSITIVE,
    "clip": _POSITIVE,
    "seed": _whole(0, 2**63 - 1),
}
"""設定の数の名前 → 引数の文字列を、範囲の中の数にする関数。"""


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
