"""一問を確かめる。つまずいた所がよくある誤りと同じなら、その名前を挙げる。"""

import inspect
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Integral, Real
from types import CodeType

import numpy as np
import torch
from torch import Tensor, nn

from .compare import same
from .effects import tensors
from .exercise import Exercise, Incorrect, Kind, Outcome, Report, Stage, Untouched
from .leftover import raise_is_left_over
from .messages import reworded
from .settings import default_dtype, untouched_globals
from .watch import Pressed, Watched, frozen, telling_ctrl_c


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

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C が押されたとき。解答が何を投げても、ほかの例外は外に出ない。
    """
    watched = Watched(f, exercise)
    found = []
    with telling_ctrl_c(), untouched_globals([]), default_dtype(torch.float64):
        try:
            exercise.check(watched)
        except Untouched:
            return _untouched(exercise, watched)
        except Incorrect as incorrect:
            found.append(incorrect)
        except Pressed:
            raise
        except BaseException as error:
            # 確かめ方が思いつかなかった戻り値。読者に我々のトレースバックは見せない。
            sentence = (
                "戻り値が約束と違い、調べられませんでした"
                f"（{type(error).__name__}: {reworded(error)}）。"
            )
            found.append(Incorrect(Stage.TYPE, sentence))
        first = min(watched.complaints + found, key=lambda each: each.stage, default=None)
        if first is None:
            return Report(Outcome.CORRECT, printed=watched.printed.text)
        if first.stage >= Stage.VALUE and (cause := _mistaken_part(exercise, f)):
            return Report(Outcome.INCORRECT, cause, printed=watched.printed.text)
        # 測るのに長くかかる解答を、もう一度は走らせない
        skipped = first.stage == Stage.RUN or watched.seconds > exercise.patience
        mistakes = () if skipped else diagnose(exercise, watched)
    return Report(Outcome.INCORRECT, first.sentence, mistakes, watched.printed.text)


def _untouched(exercise: Exercise, watched: Watched) -> Report:
    """ひな形のまま。ただし、ひな形にないコードがあるのなら、消し忘れ。"""
    if not raise_is_left_over(watched.f, exercise.part("stub")):
        return Report(Outcome.UNTOUCHED)
    sentence = "raise NotImplementedError の行が残っています。消すと、あなたのコードが動きます。"
    return Report(Outcome.INCORRECT, sentence, printed=watched.printed.text)


def _mistaken_part(exercise: Exercise, f: Callable) -> str:
    """解答が呼んでいる前の練習の関数も要修正なら、先にそれを直すように言う文。"""
    from tests.exercises import every_exercise  # こちらも examine を読み込む

    if not inspect.isfunction(f):
        return ""
    called = set(_names(f.__code__))
    for other in itertools.takewhile(lambda other: other.id != exercise.id, every_exercise()):
        part = f.__globals__.get(other.name)
        written = other.name in called and inspect.isfunction(part)
        if written and examine(other, part).outcome is Outcome.INCORRECT:
            return (
                f"{exercise.name} が呼んでいる {other.name}（練習 {other.id}）も、要修正です。"
                "先にそちらを直してください。"
            )
    return ""


def _names(code: CodeType) -> Iterator[str]:
    """コードと、その中の内包表記や関数が使う名前。"""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def diagnose(exercise: Exercise, watched: Watched) -> tuple[str, ...]:
    """同じ呼び出しに同じ結果を返す誤答の名前。比べられない戻り値なら、空。

    初めの呼び出しでつまずくと、多くの誤答が当てはまる。3 つ以上なら、どれとも言わない。
    """
    mine = [evidence(exercise, watched.f, call) for call in watched.calls]
    try:
        names = tuple(
            name
            for name, wrong in named("wrong", exercise)
            if all(
                same(evidence_of_wrong(exercise, wrong, call), seen)
                for call, seen in zip(watched.calls, mine, strict=True)
            )
        )
        return names if len(names) <= 2 else ()
    except Pressed:
        raise
    except BaseException:  # 読者の書いた __eq__ などは、何を投げるか分からない
        return ()


def named(kind: str, exercise: Exercise) -> list[tuple[str, Callable]]:
    """章のフォルダの alternatives か wrong にある、この問の関数の（説明、関数）。

    その問の関数と同じ名前のクラスの中に並び、説明は docstring の一行目。
    """
    return [
        (inspect.getdoc(f).splitlines()[0], f)
        for f in vars(exercise.part(kind)).values()
        if inspect.isfunction(f)
    ]


def tally(exercises: Iterable[Exercise]) -> dict[Kind, Counter]:
    """種類ごとに、問、別の正しい答え、誤答がいくつあるか。"""
    found = {}
    for exercise in exercises:
        found.setdefault(exercise.kind, Counter()).update(
            {"問": 1, "正答": len(named("alternatives", exercise))}
            | {"誤答": len(named("wrong", exercise))}
        )
    return found


def evidence(exercise: Exercise, f: Callable, call: tuple):
    """呼び出しの結果: 約束違反、戻り値、呼んだ後の引数、勾配。例外が出たら None。"""
    watched = Watched(f, exercise)
    args = frozen(call)
    try:
        result = watched(*args)
        slopes = gradients(result, args)
        told = [complaint.sentence for complaint in watched.complaints]
        return told, _visible(result), _visible(args), slopes
    except (Incorrect, Untouched):
        return None
    except Pressed:
        raise
    except BaseException:  # 自分を含むリストなど、比べられない戻り値
        return object()


evidence_of_wrong = evidence
"""誤答の `evidence`。本の試験では、控えのあるもの（kept）に替わる。"""


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


def _cotangent(tensor: Tensor) -> Tensor:
    """出力の要素どうしを区別できる、決まった重み。勾配を ±5 に切る答えが分かる大きさ。"""
    count = torch.arange(tensor.numel(), dtype=tensor.dtype)
    return 10 * torch.cos(1.0 + count).reshape(tensor.shape)


def _visible(value):
    """比べられる形にする。モデルは重みの辞書と固定した重みの名前に、関数などは None になる。

    乱数の元は、どこまで引いたかで比べる。
    `same` は、小数のはずの所に整数が来てもよしとするので、数には種類を添える。
    """
    match value:
        case Real() if not isinstance(value, bool):
            return ["整数" if isinstance(value, Integral) else "小数", value]
        case nn.Module():
            frozen_names = [n for n, p in value.named_parameters() if not p.requires_grad]
            return [dict(value.state_dict()), frozen_names]
        case list() | tuple():
            return [_visible(each) for each in value]
        case Mapping():
            return {key: _visible(each) for key, each in value.items()}
        case np.random.Generator():
            return value.bit_generator.state
        case _ if callable(value):
            return None
        case _:
            return value
