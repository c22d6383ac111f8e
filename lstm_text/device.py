"""どこで計算するかを決め、それを言葉にします。乱数の種もここで扱います。"""

import contextlib
import os
import platform
import warnings
from collections.abc import Iterator
from functools import cache

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def get_device(name: str | None = None) -> torch.device:
    """計算に使うデバイスを返す。

    CPU を選んだときは、非正規化数を 0 とみなす設定（flush denormal）を有効にします。
    勾配が消えていく途中の値は非正規化数になり、CPU はこれを正規の数よりずっと遅く計算するためです。

    Parameters
    ----------
    name : str, optional
        ``"auto"``、``"cpu"``、``"cuda"``、``"cuda:1"``、``"mps"`` のいずれか。
        省くと環境変数 ``LSTM_TEXT_DEVICE``、それもなければ ``"auto"``。
        ``"auto"`` は、使える CUDA があれば CUDA、なければ CPU です。Apple の GPU（MPS）は、
        LSTM の答えが CPU と違う版の PyTorch があるので、名指しされたときだけ使います。

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        名前が上のどれでもないとき。
    RuntimeError
        CUDA か MPS を指定したのに使えないとき、またはその番号の GPU がないとき。

    Warns
    -----
    UserWarning
        MPS で、``nn.LSTM`` の答えが CPU と違うとき（1 つのプロセスで 1 度だけ）。

    Examples
    --------
    >>> get_device("cpu")
    device(type='cpu')
    """
    name = name or os.environ.get("LSTM_TEXT_DEVICE") or "auto"
    kind, _, index = name.partition(":")
    known = ("auto", "cpu", "cuda", "mps", "mps:0")
    if not (name in known or (kind == "cuda" and index.isdecimal())):
        raise ValueError(
            f"デバイスには auto、cpu、cuda、cuda:番号、mps のどれかが必要ですが、{name!r} でした。"
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
    elif kind == "mps":
        if not torch.backends.mps.is_available():
            raise RuntimeError(
                f"{name} が指定されましたが、この計算機と PyTorch（{torch.__version__}）では "
                "MPS（Apple の GPU）を使えません。LSTM_TEXT_DEVICE=cpu とすれば CPU で動きます。"
            )
        _warn_of_faults(torch.device(name))
    else:
        torch.set_flush_denormal(True)
    return torch.device(name)


@cache
def _warn_of_faults(device: torch.device) -> None:
    if faults := lstm_faults(device, steps=12):
        warnings.warn(
            f"{device} では、nn.LSTM の答えが CPU と違います（{'、'.join(faults)}）。"
            "LSTM_TEXT_DEVICE=cpu として、CPU で動かしてください。",
            stacklevel=3,
        )


def lstm_faults(device: torch.device, steps: int = 300) -> list[str]:
    """``nn.LSTM`` の答えが、CPU と違うところ。

    1 層と、2 層の双方向のそれぞれを、長さのそろった系列と、長さの違う系列（packed）で、
    出力、最後の状態、勾配を比べます。違うとは、差が CPU の値の最大の 100 分の 1 を超えることです。

    Parameters
    ----------
    device : torch.device
    steps : int
        系列長。長いほど、ずれが大きくなってから比べます。

    Returns
    -------
    list of str
        違いがなければ空。

    References
    ----------
    MPS での違いの報告：https://github.com/pytorch/pytorch/issues/92615、
    https://github.com/pytorch/pytorch/issues/180744

    Examples
    --------
    >>> lstm_faults(torch.device("cpu"), steps=3)
    []
    """
    faults = []
    for shape, layers in (("1 層", 1), ("2 層の双方向", 2)):
        for kind, lengths in (("", None), ("、長さつき", [steps - 1, steps, 1, steps // 2])):
            expected = _lstm_answers(torch.device("cpu"), layers, steps, lengths)
            try:
                answers = _lstm_answers(device, layers, steps, lengths)
            except RuntimeError as error:
                faults.append(f"{shape}{kind}は計算できません：{error}")
                continue
            wrong = [
                name
                for name, value in answers.items()
                if not (value - expected[name]).abs().max() <= 0.01 * expected[name].abs().max()
            ]
            faults += [f"{shape}{kind}の{'と'.join(wrong)}"] if wrong else []
    return faults


def _lstm_answers(
    device: torch.device, layers: int, steps: int, lengths: list[int] | None
) -> dict[str, torch.Tensor]:
    """同じ重みと入力での、出力、最後の状態、勾配。

    初めの状態も、損失に掛ける重みも乱数にする。0 や 1 では、状態の取り違えが見えない。
    """
    ways = 1 if layers == 1 else 2
    with seeded(0):
        lstm = torch.nn.LSTM(5, 7, layers, batch_first=True, bidirectional=ways == 2).to(device)
        shapes = (4, steps, 5), (ways * layers, 4, 7), (ways * layers, 4, 7)
        given = [torch.randn(shape).to(device).requires_grad_() for shape in shapes]
        weights = [torch.randn(shape).to(device) for shape in ((4, steps, 7 * ways), *shapes[1:])]
    inputs, *start = given
    if lengths is None:
        outputs, states = lstm(inputs, tuple(start))
    else:
        packed = pack_padded_sequence(inputs, torch.tensor(lengths), True, enforce_sorted=False)
        outputs, states = lstm(packed, tuple(start))
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=steps)
    found = (outputs, *states)
    sum((each * weight).sum() for each, weight in zip(found, weights, strict=True)).backward()
    answers = {"出力": (outputs,), "最後の状態": states}
    answers["勾配"] = [each.grad for each in (*given, *lstm.parameters())]
    return {
        name: torch.cat([each.detach().cpu().flatten() for each in values])
        for name, values in answers.items()
    }


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
