"""どこで計算するかを決め、それを言葉にします。乱数の種もここで扱います。"""

import contextlib
import os
import platform
from collections.abc import Iterator

import torch


def get_device(name: str | None = None) -> torch.device:
    """計算に使うデバイスを返す。

    CPU を選んだときは、非正規化数を 0 とみなす設定（flush denormal）を有効にします。
    勾配が消えていく途中の値は非正規化数になり、CPU はこれを正規の数よりずっと遅く計算するためです。

    Parameters
    ----------
    name : str, optional
        ``"auto"``、``"cpu"``、``"cuda"``、``"cuda:1"`` のいずれか。
        省くと環境変数 ``LSTM_TEXT_DEVICE``、それもなければ ``"auto"``。
        ``"auto"`` は、使える CUDA があれば CUDA、なければ CPU です。

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        名前が上のどれでもないとき。
    RuntimeError
        CUDA を指定したのに使えないとき、またはその番号の GPU がないとき。

    Examples
    --------
    >>> get_device("cpu")
    device(type='cpu')
    """
    name = name or os.environ.get("LSTM_TEXT_DEVICE") or "auto"
    kind, _, index = name.partition(":")
    if not (name in ("auto", "cpu", "cuda") or (kind == "cuda" and index.isdecimal())):
        raise ValueError(
            f"デバイスには auto、cpu、cuda、cuda:番号 のどれかが必要ですが、{name!r} でした。"
        )
    if name == "auto":
        name = kind = "cuda" if torch.cuda.is_available() else "cpu"
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if int(index or 0) >= count:
            raise RuntimeError(
                f"{name} が指定されましたが、この PyTorch（{torch.__version__}）から使える GPU は "
                f"{count} 個です。LSTM_TEXT_DEVICE=cpu とすれば CPU で動きます。"
            )
    else:
        torch.set_flush_denormal(True)
    return torch.device(name)


def describe(device: torch.device) -> str:
    """デバイスを 1 行で言い表す。

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    str
        たとえば ``"cpu（x86_64、2 スレッド）· torch 2.13.0+cpu"``。

    Examples
    --------
    >>> describe(torch.device("cpu")).startswith("cpu（")
    True
    """
    if device.type == "cuda":
        place = f"cuda（{torch.cuda.get_device_name(device)}）"
    else:
        place = f"{device.type}（{platform.machine()}、{torch.get_num_threads()} スレッド）"
    return f"{place}· torch {torch.__version__}"


def generator(seed: int) -> torch.Generator:
    """種を指定した乱数生成器を返す。

    生成器はいつも CPU に置きます。GPU で計算する人にも、同じデータが渡るようにするためです。

    Parameters
    ----------
    seed : int

    Returns
    -------
    torch.Generator

    Examples
    --------
    >>> a = torch.rand(3, generator=generator(0))
    >>> b = torch.rand(3, generator=generator(0))
    >>> torch.equal(a, b)
    True
    """
    return torch.Generator().manual_seed(seed)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """この ``with`` の中だけ、PyTorch 全体の乱数を種から始める。

    ``torch.nn`` の層の初期値やドロップアウトは、生成器を引数に取りません。
    外側の乱数の状態を変えずに、それらを再現できるようにします。

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> with seeded(0):
    ...     a = torch.nn.Linear(2, 1)
    >>> with seeded(0):
    ...     b = torch.nn.Linear(2, 1)
    >>> torch.equal(a.weight, b.weight)
    True
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


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
