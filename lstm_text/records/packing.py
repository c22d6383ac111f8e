"""1 件ごとの当たり外れを、記録の JSON に書ける短い文字列にする。"""

import base64
import binascii
from collections.abc import Sequence

import numpy as np


def pack(right: Sequence[bool]) -> str:
    """1 件ごとの当たり外れを、記録の JSON に書ける短い文字列にする。

    8 件を 1 バイトに詰め、base64 で書く（25,000 件で 4,168 字）。

    Parameters
    ----------
    right : sequence of bool, (n,)
        当たりなら真。

    Returns
    -------
    str
        :func:`unpack` で元に戻る。

    Raises
    ------
    ValueError
        真偽値が 1 列に並んでいないとき。

    Examples
    --------
    >>> pack([True, False, True])
    'oA=='
    """
    array = np.asarray(right)
    if array.ndim != 1 or array.dtype != bool:
        raise ValueError(
            f"1 列の真偽値が必要ですが、形は {array.shape}、型は {array.dtype} でした。"
        )
    return base64.b64encode(np.packbits(array).tobytes()).decode("ascii")


def unpack(packed: str, n: int) -> np.ndarray:
    """:func:`pack` が書いた文字列を、1 件ごとの当たり外れに戻す。

    Parameters
    ----------
    packed : str
        :func:`pack` の戻り値。
    n : int
        レビューの数。

    Returns
    -------
    ndarray of bool, (n,)

    Raises
    ------
    ValueError
        base64 として読めないとき、``n`` 件分の長さでないとき。

    Examples
    --------
    >>> unpack("oA==", 3)
    array([ True, False,  True])
    """
    try:
        content = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"当たり外れの記録を base64 として読めません（{error}）。") from error
    needed = (n + 7) // 8
    if len(content) != needed:
        raise ValueError(
            f"{n:,} 件の当たり外れには {needed:,} バイト必要ですが、{len(content):,} バイトでした。"
        )
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8)).astype(bool)
    if bits[n:].any():  # 詰めたときの余りは、いつも 0
        raise ValueError(f"{n:,} 件の当たり外れが必要ですが、それより長い記録でした。")
    return bits[:n]
