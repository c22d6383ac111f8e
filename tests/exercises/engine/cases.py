"""長い系列の組と、float32 の引数。短い float64 の組では見つからない誤りがある。

- 累積積で割る走査は、累積積が 0 に丸められると nan になる。float32 では T = 300 で起こる。
- いつも float64 で計算する答えは、float64 の引数だけでは見分けがつかない。
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .compare import expect


def long_scans() -> list[list[Tensor]]:
    """漸化式 ``h_t = a_t h_{t-1} + b_t`` の引数 (a, b, h0) を何組か。

    a と b は (T, B, H)、h0 は (B, H)。float64 と float32 の両方がある。
    a の累積積は途中で 0 に丸められるが、漸化式の答えはどれも大きくも小さくもない。

    >>> [(tuple(a.shape), a.dtype) for a, _, _ in long_scans()]
    [((300, 2, 3), torch.float32), ((512, 1, 2), torch.float32), ((512, 1, 2), torch.float64)]
    """
    rng = np.random.default_rng(512)
    cases = []
    for time, batch, size, low, dtype in (
        (300, 2, 3, 0.3, torch.float32),
        (512, 1, 2, 0.5, torch.float32),
        (512, 1, 2, 0.05, torch.float64),  # float64 の下限 1e-308 も下回る
    ):
        a = torch.from_numpy(rng.uniform(low, low + 0.2, (time, batch, size)))
        b = torch.from_numpy(rng.standard_normal((time, batch, size)))
        h0 = torch.from_numpy(rng.standard_normal((batch, size)))
        cases.append([each.to(dtype) for each in (a, b, h0)])
    return cases


def single(value):
    """入れ子の中の float64 のテンソルを float32 にしたもの。ほかはそのまま。

    >>> single([torch.zeros(2, dtype=torch.float64), 3])
    [tensor([0., 0.]), 3]
    """
    return _converted(value, torch.float64, torch.float32)


def double(value):
    """入れ子の中の float32 のテンソルを float64 にしたもの。ほかはそのまま。"""
    return _converted(value, torch.float32, torch.float64)


def expect_single(f: Callable, oracle: Callable, args: list, names) -> None:
    """float32 の引数に、float32 で答え、float64 で求めた正解に丸めの範囲で一致すること。

    Parameters
    ----------
    f : callable
        解答。
    oracle : callable
        同じ引数をとる正解。float64 の引数で呼ばれる。
    args : list
        引数。float64 のテンソルは float32 にしてから渡す。
    names : str or a nest of str
        戻り値の名前と軸（`expect` を参照）。
    """
    args = single(args)
    expect(f(*args), single(oracle(*double(args))), names)


def _converted(value, old: torch.dtype, new: torch.dtype):
    if isinstance(value, Tensor):
        return value.to(new) if value.dtype == old else value
    if isinstance(value, list | tuple):
        return type(value)(_converted(each, old, new) for each in value)
    if isinstance(value, dict):
        return {key: _converted(each, old, new) for key, each in value.items()}
    return value
