"""解答が出した例外を、読者の言葉で言う。

torch の英語の助言は、そのまま従うと次の要修正になることがある（detach() を付ければ勾配が切れる）。
よく出会うものは言い直し、ほかは助言の文を除く。
"""

import math
import re
import traceback
from pathlib import Path

import numpy as np
from torch import Tensor

# （torch や Python の文、言い直し）。言い直しの {1} は、文の 1 つめの括弧に当たったもの。
REWORDED = (
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "勾配を記録しているテンソルは、NumPy に移せません。torch の関数で計算してください",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\S+) and (\S+)\)",
        "行列の形が合わないので掛けられません（{1} と {2}）",
    ),
    (
        r"same (?:dtypes?|scalar type|datatype)\b|expected scalar type|expected dtype \w+ for"
        r"|Index put requires the source and destination dtypes match|Found dtype"
        r"|Expected self\.dtype to be equal|does not match weight dtype",
        "テンソルの型が混ざっています。新しく作るテンソルは、引数と同じ型（dtype=x.dtype）にします",
    ),
    (
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)"
        r" at non-singleton dimension (\d+)",
        "2 つのテンソルの、軸 {3} の大きさが {1} と {2} で合いません",
    ),
    (
        r"Sizes of tensors must match except in dimension (\d+)",
        "つなぐテンソルの、軸 {1} でないほうの大きさが合いません",
    ),
    (
        r"stack expects each tensor to be equal size",
        "積むテンソルの形がそろっていません",
    ),
    (
        r"shape '\[(.*?)\]' is invalid for input of size (\d+)",
        "要素が {2} 個のテンソルは、[{1}] の形にできません",
    ),
    (
        r"Boolean value of Tensor with more than one value is ambiguous"
        r"|The truth value of an array with more than one element is ambiguous",
        "要素がいくつもあるものを、if や and の条件にしています",
    ),
    (
        r"a leaf Variable that requires grad is being used in an in-place operation"
        r"|a view of a leaf Variable that requires grad",
        "勾配を記録している重みや引数は、そのままでは書き換えられません（+= や x[...] = …）。"
        "モデルを書き換える練習なら with torch.no_grad(): の中で書き換え、"
        "ほかの練習では新しく作ってください",
    ),
    (
        r"output of a function that returns multiple views",
        "勾配を記録するときは、zip などで取り出した行へは書き込めません。y[b, :n] = … のように"
        "添字で書き込むか、リストに集めて torch.stack してください",
    ),
    (
        r"modified by an inplace operation",
        "逆伝播に要るテンソルを、途中で書き換えています（+= や h[...] = …）",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "勾配を求めたいところまで計算がつながっていません",
    ),
    (
        r"Trying to backward through the graph a second time",
        "同じ計算を 2 回さかのぼろうとしています",
    ),
    (
        r"cannot be converted to Scalar|only one element tensors can be converted",
        "要素がいくつもあるテンソルを、1 つの数にしようとしています",
    ),
    (
        r"index (-?\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)",
        "軸 {2} の大きさは {3} なので、添字 {1} はありません",
    ),
    (r"Inference tensors? (?:cannot|do not)", "torch.inference_mode() では勾配が記録されません"),
    (r"too many values to unpack", "受け取る変数の数より、値が多くあります"),
    (r"not enough values to unpack", "受け取る変数の数より、値が少ししかありません"),
)

ADVICE = re.compile(
    r"(?<=[.!?:;]) *(?:Use|Please|Consider|Try|If you|You (?:can|may|should)|To fix|Did you|See"
    r"|Hint|Set|Call|Make sure|For more)\b.*",
    re.DOTALL,
)


def describe(error: BaseException, file: str, call: str = "") -> str:
    """読者のコードが出した例外を一文にする。``call`` は、そのときの呼び出し。"""
    kind = type(error).__name__
    when = f"（{call} のとき）" if call else ""
    message = reworded(error)
    return f"{where(error, file)}でエラーになりました{when}。{kind}" + (
        f": {message}" if message else ""
    )


def call_text(name: str, args, limit: int = 60) -> str:
    """呼び出しを 1 行に書いたもの。読者の目に入らない入力で起きたことを言うのに使う。

    長すぎるもの、書き表せない引数（関数など）があるものは、空になる。

    >>> call_text("best_epoch", ([0.9, 1 / 3], 2))
    'best_epoch([0.9, 0.333333], 2)'
    >>> call_text("free_run", (abs, [0.9]))
    ''
    """
    try:
        text = f"{name}({', '.join(map(_compact, args))})"
    except TypeError:
        return ""
    return text if len(text) <= limit else ""


def _compact(value) -> str:
    match value:
        case float():
            return f"{value:.6g}"
        case None | bool() | int() | str():
            return repr(value)
        case list() | tuple():
            inside = ", ".join(map(_compact, value))
            return f"[{inside}]" if isinstance(value, list) else f"({inside})"
        case dict():
            return f"{{{', '.join(f'{key!r}: {_compact(each)}' for key, each in value.items())}}}"
        case Tensor() | np.ndarray() if math.prod(value.shape) <= 12:
            return _compact(value.tolist())
        case _:
            raise TypeError(type(value))


def reworded(error: BaseException) -> str:
    """例外の文を、知っていれば言い直し、知らなければ助言を除いて 1 行にする。

    >>> reworded(RuntimeError("Tensors are bad. Use tensor.detach() instead."))
    'Tensors are bad.'
    """
    message = text_of(error)
    for pattern, sentence in REWORDED:
        if found := re.search(pattern, message):
            return sentence.format(found[0], *found.groups()) + "。"
    message = " ".join(ADVICE.sub("", message).split())
    return message if len(message) <= 200 else message[:200] + "…"


def text_of(value) -> str:
    """``str(value)``。文字にできないものなら空。"""
    try:
        return str(value)
    except BaseException:  # 読者の書いた __str__ は、何を投げるか分からない
        return ""


def where(error: BaseException, file: str) -> str:
    """例外が出た所を、読者のファイル ``file`` の最後の行で言う。"""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if frame.filename == file]
    if not theirs:
        return "解答"
    name = Path(file).name if Path(file).is_file() else "セル"
    line = f"`{theirs[-1].line}` " if theirs[-1].line else ""
    return f"{name} の {theirs[-1].lineno} 行目 {line}"
