"""届いた値を、あるべき値と、型・形・値の順に比べる。"""

import contextlib
import math
from collections.abc import Iterator, Mapping
from numbers import Integral, Number, Real

import numpy as np
import torch
from torch import Tensor, nn

from .exercise import Incorrect, Stage, require

# その型で正しく計算した 2 つの答えは、式の順序が違っても、最大の要素のこの倍率より近い。
TOLERANCES = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 0.1}
TOLERANCE = TOLERANCES[torch.float64]
# 大きな数の引き算で 0 になった値にも、丸め誤差は残る。最大の要素がどれほど小さくても、これは許す。
FLOOR = 1e-3


def expect(got, want, name) -> None:
    """``got`` が ``want`` と一致することを確かめる。

    Parameters
    ----------
    got : object
        解答の戻り値。
    want : Tensor, ndarray, number, str, None, or a tuple, list, dict of these
        あるべき値。tuple と list は区別しない。テンソルのはずの所は、型と形が同じなら NumPy の
        配列でもよい。勾配も確かめる問では、`recurrent.agree_gradients` がテンソルを求める。
    name : str, or a nest of str like `want`
        名前と軸。``"output (B, T, H)"`` のように書く。

    Raises
    ------
    Incorrect
        合わないとき。深い所の値より先に、すべての型と形を見る。
    """
    pairs = list(_pairs(got, want, name))
    for compare in (_compare_type, _compare_shape, _compare_value):
        for pair in pairs:
            compare(*pair)


def agree_closely(got, want: float, name: str, tolerance: float = 1e-6) -> None:
    """数で、``want`` との比が 1 に近い。小さな数も、桁まで比べる。"""
    try:
        expect(got, want, name)
    except Incorrect as incorrect:
        if incorrect.stage < Stage.VALUE or not math.isclose(float(got), want, rel_tol=tolerance):
            raise
    wanted, found = apart(want, float(got))
    sentence = f"{name}は {wanted} のはずですが、{found} でした。"
    require(math.isclose(float(got), want, rel_tol=tolerance), sentence)


def same(a, b) -> bool:
    """入れ子の値 ``a`` と ``b`` が、型・形・値とも同じか。"""
    try:
        expect(a, b, None)
    except Incorrect:
        return False
    return True


def require_kind(fits: bool, got, name: str, kind: str) -> None:
    """``name`` が ``kind`` でなければ（``fits`` が偽なら）、届いたものの種類を述べる。"""
    if not fits:
        sentence = f"{name}は{kind}のはずですが、{_kind(got)}です。{_advice(got)}"
        raise Incorrect(Stage.TYPE, sentence)


def worst(got: Tensor, want: Tensor) -> tuple[tuple[int, ...], float]:
    """差が最も大きい要素の位置と、その差。nan と inf は、同じ値でなければ最も大きい差とみなす。"""
    agree = (got == want) | (got.isnan() & want.isnan())
    gap = (got - want).abs().nan_to_num(nan=torch.inf).masked_fill(agree, 0.0)
    index = np.unravel_index(int(gap.argmax()), gap.shape)
    return tuple(map(int, index)), float(gap[index])


def _pairs(got, want, name) -> Iterator[tuple]:
    """入れ子をたどり、（届いた葉、あるべき葉、名前）を順に返す。"""
    label = _label(name)
    if isinstance(want, Mapping):
        if not isinstance(got, Mapping):
            sentence = f"{label}は辞書（dict）のはずですが、{_kind(got)}です。{_advice(got)}"
            raise Incorrect(Stage.TYPE, sentence)
        for key in want:
            if key not in got:
                raise Incorrect(Stage.TYPE, f"{label}の辞書にキー {key!r} がありません。")
        for key in got:
            if key not in want:
                raise Incorrect(Stage.TYPE, f"{label}の辞書に余分なキー {key!r} があります。")
        for key in want:
            yield from _pairs(got[key], want[key], name[key] if name else None)
    elif isinstance(want, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(want):
            sentence = f"{label}は {len(want)} 個の組のはずですが、{_kind(got)}です。{_advice(got)}"
            raise Incorrect(Stage.TYPE, sentence)
        for i, (mine, theirs) in enumerate(zip(got, want, strict=True)):
            yield from _pairs(mine, theirs, _part(name, i))
    else:
        yield _ordinary(got, want), want, name


def _ordinary(got, want):
    """テンソルのサブクラスと、テンソルのはずの NumPy の配列を、ふつうのテンソルにする。"""
    if isinstance(got, Tensor) and type(got) is not Tensor:
        with torch._C.DisableTorchFunctionSubclass():
            return got.as_subclass(Tensor)
    if isinstance(want, Tensor) and isinstance(got, np.ndarray | np.generic):
        with contextlib.suppress(TypeError, ValueError):  # 文字列の配列などは、そのまま断る
            return torch.from_numpy(np.array(got, order="C"))
    return got


def _part(name, i: int):
    """組の i 番目の要素の名前。"""
    if isinstance(name, tuple | list):
        return name[i]
    return f"{name}[{i}]" if name else None


def _compare_type(got, want, name) -> None:
    label = _label(name)
    if isinstance(want, Tensor | np.ndarray):
        kind = Tensor if isinstance(want, Tensor) else np.ndarray
        if not isinstance(got, kind):
            word = "テンソル（torch.Tensor）" if kind is Tensor else " NumPy の配列"
            sentence = f"{label}は{word}のはずですが、{_kind(got)}です。{_advice(got)}"
            raise Incorrect(Stage.TYPE, sentence)
        if got.dtype != want.dtype:
            sentence = f"{label}の型は {_dtype(want)} のはずですが、{_dtype(got)} です。"
            if isinstance(want, Tensor) and want.is_floating_point():
                sentence = (
                    f"{label}の型が引数と違い、{_dtype(got)} です。"
                    f"どの型で呼ばれても、引数と同じ型（{_dtype(want)}）で返してください。"
                )
            raise Incorrect(Stage.TYPE, sentence)
        if kind is Tensor and (got.layout != torch.strided or got.is_nested):
            sentence = f"{label}はふつうのテンソルのはずですが、疎なものか入れ子のものです。"
            raise Incorrect(Stage.TYPE, sentence)
        if kind is Tensor and got.device != want.device:
            sentence = f"{label}は CPU に置く約束ですが、{got.device} にあります。"
            raise Incorrect(Stage.TYPE, sentence)
    elif isinstance(want, Number) and not isinstance(want, bool):
        kind = Integral if isinstance(want, Integral) else Real
        if isinstance(_scalar(got), bool) or not isinstance(_scalar(got), kind):
            word = "整数（int）" if kind is Integral else "数（float）"
            sentence = f"{label}は{word}のはずですが、{_kind(got)}です。{_advice(got)}"
            raise Incorrect(Stage.TYPE, sentence)
    elif want is None:
        if got is not None:
            sentence = f"{label}は何も返さない約束ですが、{_kind(got)}が返りました。"
            raise Incorrect(Stage.TYPE, sentence)
    elif not isinstance(_scalar(got), type(want)):
        sentence = f"{label}は {type(want).__name__} のはずですが、{_kind(got)}です。{_advice(got)}"
        raise Incorrect(Stage.TYPE, sentence)


def _compare_shape(got, want, name) -> None:
    if isinstance(want, Tensor | np.ndarray) and got.shape != want.shape:
        axes = name[name.index("(") :] + " = " if name and "(" in name else ""
        raise Incorrect(
            Stage.SHAPE,
            f"{_label(name)}の形は {axes}{tuple(want.shape)} のはずですが、"
            f"{tuple(got.shape)} です。",
        )


def _compare_value(got, want, name) -> None:
    label = _label(name)
    if isinstance(want, Tensor | np.ndarray):
        got, want = (torch.as_tensor(each).detach() for each in (got, want))
        _compare_tensor(got.double(), want.double(), label, TOLERANCES.get(want.dtype, 0.0))
    elif isinstance(want, Real) and not isinstance(want, Integral):
        got, want = float(_scalar(got)), float(want)
        floor = TOLERANCE * FLOOR
        agree = got == want or (math.isnan(got) and math.isnan(want))
        if not (agree or math.isclose(got, want, rel_tol=TOLERANCE, abs_tol=floor)):
            sentence = f"{label}は {_pair(want, got)} でした。"
            if _rounded(torch.tensor(got).double(), torch.tensor(want).double()):
                sentence += ROUNDED
            raise Incorrect(Stage.VALUE, sentence)
    elif want is not None and _scalar(got) != want:
        raise Incorrect(Stage.VALUE, f"{label}は {want!r} のはずですが、{_scalar(got)!r} でした。")


def _compare_tensor(got: Tensor, want: Tensor, label: str, tolerance: float) -> None:
    if want.numel() == 0:
        return
    index, gap = worst(got, want)
    scale = max(FLOOR, float(want.nan_to_num(0.0, 0.0, 0.0).abs().max()))
    if gap <= tolerance * scale:
        return
    place = f"{label.strip()}[{', '.join(map(str, index))}] " if index else label
    sentence = f"{place}は {_pair(float(want[index]), float(got[index]))} でした。"
    if got[index].isnan():
        sentence += NAN
    if tolerance == TOLERANCE:
        if _rounded(got, want):
            sentence += ROUNDED
        elif torch.isclose(got, want, rtol=1e-6, atol=0.0).all():
            sentence += NEARLY
    raise Incorrect(Stage.VALUE, sentence)


@contextlib.contextmanager
def exp_may_overflow() -> Iterator[None]:
    """中で nan が見つかったら、exp のあふれを疑う一言を添える。"""
    try:
        yield
    except Incorrect as incorrect:
        if NAN in incorrect.sentence:
            incorrect.sentence += "大きな数の exp は、inf になります。"
        raise


NAN = "nan は 0 / 0、inf / inf、inf - inf、0 × nan、0 × inf で生まれます。"
ROUNDED = "差はごくわずかで、途中で float32 に丸めたときの大きさです。"
NEARLY = (
    "差はごくわずかです。途中に float32 のテンソル（.float() など）が混ざっていませんか。"
    "近似の式でも、これくらいの差が出ます。"
)


def _rounded(got: Tensor, want: Tensor) -> bool:
    """``got`` が、``want`` を float32 で計算した値になっているか。

    どの要素も float32 で書ける数で、差もその丸めの大きさなら、そうとみる。
    """
    largest = float(want.nan_to_num(0.0, 0.0, 0.0).abs().max())
    near = torch.isclose(got, want, rtol=1e-5, atol=1e-6 * largest)
    return bool((got.float().double() == got).all() and near.all())


def apart(want: float, got: float, digits: int = 5) -> tuple[str, str]:
    """2 つの数を ``digits`` 桁で書いたもの。近い数どうしは、違いが見えるだけの桁で書く。

    >>> apart(0.5, 0.25)
    ('0.5', '0.25')
    >>> apart(1e-12, 1.00001e-12)
    ('1e-12', '1.00001e-12')
    """
    for enough in (digits, 13, 17):
        if not abs(got - want) <= 10.0 ** (1 - enough) * abs(want):  # nan なら、初めの桁でよい
            break
    return f"{want:.{enough}g}", f"{got:.{enough}g}"


def _pair(want: float, got: float) -> str:
    want, got = apart(want, got)
    return f"{want} のはずですが、{got}"


def _scalar(value):
    """0 次元のテンソルや配列を、同じ値の Python の数にする。ほかはそのまま。"""
    if isinstance(value, Tensor | np.ndarray | np.generic) and value.ndim == 0:
        return value.item()
    return value


def _label(name) -> str:
    """``"output (B, T, H)"`` から名前だけを取る。組の名前は ``(h_n, c_n)`` のように並べる。"""
    if isinstance(name, tuple | list):
        return f"({', '.join(_label(each).strip() for each in name)}) "
    if not isinstance(name, str):
        return "戻り値"
    word = name.split(" (")[0]
    return word + " " if word[-1].isascii() else word


def _dtype(array) -> str:
    return str(array.dtype).removeprefix("torch.")


def _kind(value) -> str:
    """値の種類を、読者の言葉で言う。"""
    match value:
        case None:
            return "None "
        case nn.Module():
            return f"{type(value).__name__} "
        case Tensor():
            return f"テンソル（torch.Tensor、形 {tuple(value.shape)}）"
        case np.ndarray():
            return f"NumPy の配列（形 {value.shape}）"
        case tuple() | list():
            return f"{len(value)} 個の {type(value).__name__} "
        case Mapping():
            return "辞書（dict）"
        case _:
            return f"{type(value).__name__} "


def _advice(got) -> str:
    return "return を忘れていませんか。" if got is None else ""
