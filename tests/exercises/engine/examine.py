"""一問を確かめる。つまずいた所がよくある誤りと同じなら、その名前を挙げる。"""

import contextlib
import inspect
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from .compare import same
from .exercise import Exercise, Incorrect, Outcome, Report, Stage, Untouched
from .watch import Watched, frozen, untouched_globals


def examine(exercise: Exercise, f: Callable) -> Report:
    """関数 ``f`` が ``exercise`` の答えになっているかを確かめる。

    Parameters
    ----------
    exercise : Exercise
    f : callable
        解答の関数。我々の解答、誤答、読者の解答のどれでもよい。

    Returns
    -------
    Report
    """
    watched = Watched(f)
    found = []
    with untouched_globals([]), float64():
        try:
            exercise.check(watched)
        except Untouched:
            return Report(Outcome.UNTOUCHED)
        except Incorrect as incorrect:
            found.append(incorrect)
        except Exception as error:
            # 確かめ方が思いつかなかった戻り値。読者に我々のトレースバックは見せない。
            sentence = (
                f"戻り値が約束と違い、調べられませんでした（{type(error).__name__}: {error}）。"
            )
            found.append(Incorrect(Stage.TYPE, sentence))
        first = min(watched.complaints + found, key=lambda each: each.stage, default=None)
        if first is None:
            return Report(Outcome.CORRECT, printed=watched.printed.text)
        mistakes = () if first.stage == Stage.RUN else diagnose(exercise, watched)
    return Report(Outcome.INCORRECT, first.sentence, mistakes, watched.printed.text)


def diagnose(exercise: Exercise, watched: Watched) -> tuple[str, ...]:
    """同じ呼び出しに同じ結果を返す誤答の名前。"""
    mine = [evidence(watched.f, call) for call in watched.calls]
    return tuple(
        name
        for name, wrong in named("wrong", exercise)
        if all(
            same(evidence(wrong, call), seen)
            for call, seen in zip(watched.calls, mine, strict=True)
        )
    )


def named(kind: str, exercise: Exercise) -> list[tuple[str, Callable]]:
    """章のフォルダーの alternatives か wrong にある、この問の関数の（説明、関数）。

    その問の関数と同じ名前のクラスの中に並び、説明は docstring の一行目。
    """
    return [
        (inspect.getdoc(f).splitlines()[0], f)
        for f in vars(exercise.part(kind)).values()
        if inspect.isfunction(f)
    ]


def evidence(f: Callable, call: tuple) -> tuple | None:
    """呼び出しの結果: 約束違反、戻り値、呼んだ後の引数、勾配。例外が出たら None。"""
    watched = Watched(f)
    args = frozen(call)
    try:
        result = watched(*args)
        slopes = gradients(result, args)
    except (Incorrect, Untouched):
        return None
    told = [complaint.sentence for complaint in watched.complaints]
    return told, _visible(result), _visible(args), slopes


def gradients(result, args) -> list[Tensor]:
    """``result`` の全要素に決まった重みをつけて足したものの、``args`` の各テンソルについての勾配。

    勾配が届かない引数は 0 とみなす。
    """
    sources = [leaf for leaf in tensors(args) if leaf.requires_grad]
    total = sum((each * _cotangent(each)).sum() for each in tensors(result) if each.requires_grad)
    if not sources or not isinstance(total, Tensor):
        return [torch.zeros_like(source) for source in sources]
    try:
        return list(torch.autograd.grad(total, sources, materialize_grads=True))
    except RuntimeError as error:
        sentence = "逆伝播ができません。途中のテンソルを書き換えていませんか（+= や h[...] = …）。"
        raise Incorrect(Stage.GRADIENT, sentence) from error


def tensors(value) -> Iterator[Tensor]:
    """入れ子の中の浮動小数のテンソルを順に返す。"""
    if isinstance(value, Tensor):
        if value.is_floating_point():
            yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tensors(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors(each)


def _cotangent(tensor: Tensor) -> Tensor:
    """出力の要素どうしを区別できる、決まった重み。"""
    count = torch.arange(tensor.numel(), dtype=tensor.dtype)
    return torch.cos(1.0 + count).reshape(tensor.shape)


def _visible(value):
    """比べられる形にする。モデルは重みの辞書と固定した重みの名前に、関数などは None になる。"""
    match value:
        case nn.Module():
            frozen_names = [n for n, p in value.named_parameters() if not p.requires_grad]
            return [dict(value.state_dict()), frozen_names]
        case list() | tuple():
            return [_visible(each) for each in value]
        case dict():
            return {key: _visible(each) for key, each in value.items()}
        case np.random.Generator():
            return None
        case _ if callable(value):
            return None
        case _:
            return value


@contextlib.contextmanager
def float64() -> Iterator[None]:
    """中では、型を書かない ``torch.zeros(B, H)`` も float64 になる。"""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
