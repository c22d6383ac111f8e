"""計算の細かさ。重みはいつも 32 ビットのまま、行列積だけを粗く、速くします。"""

import contextlib
from collections.abc import Iterator

import torch

PRECISIONS = ("float32", "tf32", "bfloat16")
"""選べる細かさ。"""


@contextlib.contextmanager
def precision(name: str, device: torch.device) -> Iterator[None]:
    """この ``with`` の中だけ、計算の細かさを変える。

    Parameters
    ----------
    name : {"float32", "tf32", "bfloat16"}
        ``"tf32"`` は、CUDA の行列積だけを仮数 10 ビットにする（CPU では float32 と同じ）。
        ``"bfloat16"`` は、自動の混合精度（autocast）にする。
    device : torch.device

    Raises
    ------
    ValueError
        名前が違うとき。

    Examples
    --------
    >>> a = torch.ones(2, 2)
    >>> with precision("bfloat16", a.device):
    ...     (a @ a).dtype
    torch.bfloat16
    """
    if name not in PRECISIONS:
        raise ValueError(f"細かさには {'、'.join(PRECISIONS)} が必要ですが、{name!r} でした。")
    before = torch.get_float32_matmul_precision()
    try:
        if name == "tf32":
            torch.set_float32_matmul_precision("high")
        with torch.autocast(device.type, torch.bfloat16, enabled=name == "bfloat16"):
            yield
    finally:
        torch.set_float32_matmul_precision(before)
