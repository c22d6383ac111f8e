"""解答が、ほかのコードと分け合っているもの（torch の設定と関数、乱数）を変えないか見る。"""

import builtins
import contextlib
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .exercise import Exercise, Incorrect, Kind, Stage

# 読者が選びそうにない種。変わっていれば、読者が manual_seed を呼んだと分かる。
OUR_SEED = 19971115

SEEDED = tuple(
    f"{name} で、ほかのコードの乱数まで変えています。答えは引数だけで決まります。"
    for name in ("torch.manual_seed", "np.random.seed", "random.seed")
)

# （読む、戻す、変わっていたときの文）
SETTINGS = (
    (
        torch.get_default_dtype,
        torch.set_default_dtype,
        "torch.set_default_dtype で、ほかのコードの型まで変えています。dtype=x.dtype で足ります。",
    ),
    (
        torch.get_default_device,
        lambda _: torch.set_default_device(None),
        "torch.set_default_device で、ほかのコードのテンソルの置き場所まで変えています。",
    ),
    (
        torch.is_grad_enabled,
        torch.set_grad_enabled,
        "torch.set_grad_enabled で、勾配の記録の設定を変えたままにしています。",
    ),
    (
        torch.initial_seed,
        lambda _: None,
        SEEDED[0],
    ),
)

# （今の状態を読む、種を決め直していたときの文）
DRAWN = ((np.random.get_state, SEEDED[1]), (random.getstate, SEEDED[2]))

RANDOM = (torch.set_rng_state, np.random.set_state, random.setstate)

# 置き換えられると、ほかの章の答えや正解まで変わるもの。
SHARED = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.autograd": torch.autograd,
    "torch.linalg": torch.linalg,
    "nn": nn,
    "nn.functional": nn.functional,
    **{
        f"nn.{each.__name__}": each
        for each in (
            *(nn.Module, nn.Linear, nn.Embedding),
            *(nn.RNNBase, nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell),
        )
    },
    "np": np,
    "math": math,
    "random": random,
    "builtins": builtins,
}


@contextlib.contextmanager
def untouched_globals(complaints: list[Incorrect]) -> Iterator[None]:
    """中で大域の設定や関数が変わったら ``complaints`` に加え、乱数も含めて元に戻す。"""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    torch.default_generator.manual_seed(OUR_SEED)
    before = [read() for read, _, _ in SETTINGS]
    with untouched_functions(complaints):  # 既定の型を変えると torch.Storage も変わるので、外側
        try:
            yield
        finally:
            for value, (read, restore, sentence) in zip(before, SETTINGS, strict=True):
                if read() != value:
                    restore(value)
                    complaints.append(Incorrect(Stage.ARGUMENTS, sentence))
            complaints += (
                Incorrect(Stage.ARGUMENTS, sentence)
                for then, (read, sentence) in zip(states[1:], DRAWN, strict=True)
                if not only_drawn(then, read())
            )
            for restore, state in zip(RANDOM, states, strict=True):
                restore(state)


def only_drawn(then: tuple, now: tuple) -> bool:
    """状態 ``then`` から乱数を引いていくだけで ``now`` になるか。種を決め直すと、ならない。

    NumPy も random も、624 個の語を一度に作り替えるメルセンヌ・ツイスタなので、語の並びを比べる。
    小数で 300 万個より多く引いたときは、決め直したのと区別できない。

    >>> rng = np.random.RandomState(1)
    >>> start = rng.get_state()
    >>> only_drawn(start, rng.get_state())
    True
    >>> _ = rng.rand(100_000)
    >>> only_drawn(start, rng.get_state())
    True
    >>> rng.seed(2)
    >>> only_drawn(start, rng.get_state())
    False
    """
    before, after = (np.array(state[1][:624], dtype=np.uint32) for state in (then, now))
    if np.array_equal(before, after):
        return True
    ahead, wanted = _outputs(before, 624), _outputs(after, 0).random_raw(624)
    return any(
        (ahead.random_raw(500 * 624).reshape(500, 624) == wanted).all(axis=1).any()
        for _ in range(20)
    )


def _outputs(words: np.ndarray, place: int) -> np.random.MT19937:
    """その並びの ``place`` 番めから続きを出す生成器。"""
    made = np.random.MT19937()
    made.state = {"bit_generator": "MT19937", "state": {"key": words, "pos": place}}
    return made


@contextlib.contextmanager
def untouched_functions(complaints: list[Incorrect]) -> Iterator[None]:
    """中で torch などの関数が置き換えられたら ``complaints`` に加え、元に戻す。"""
    before = {name: dict(vars(owner)) for name, owner in SHARED.items()}
    try:
        yield
    finally:
        complaints += (
            Incorrect(
                Stage.ARGUMENTS,
                f"{name} を置き換えています。ほかの答えまで変わるので、別の名前で作ります。",
            )
            for name in _put_back(before)
        )


def _put_back(before: dict[str, dict]) -> list[str]:
    """置き換えられたり消されたりした関数やクラスを元に戻し、その名前を返す。

    新しく加わった名前は、親のクラスの関数を隠すのでなければ、気にしない（torch は、要るときに
    読み込むものを自分で加える）。
    """
    found = []
    for name, items in before.items():
        owner = SHARED[name]
        now = dict(vars(owner))
        for key, value in items.items():
            if callable(value) and now.get(key) is not value and not _by_compiler(now.get(key)):
                setattr(owner, key, value)
                found.append(f"{name}.{key}")
        for key in now.keys() - items.keys():
            if callable(now[key]) and any(key in vars(base) for base in _parents(owner)):
                delattr(owner, key)
                found.append(f"{name}.{key}")
    return found


def _parents(owner) -> tuple:
    return owner.__mro__[1:] if isinstance(owner, type) else ()


def _by_compiler(function) -> bool:
    """torch.compile も torch.func も、初めて使われたときに torch.manual_seed などを自分で包む。"""
    code = getattr(function, "__code__", None)
    return code is not None and bool({"_dynamo", "_compile.py"} & {*Path(code.co_filename).parts})


def usual_dtype(exercise: Exercise) -> torch.dtype:
    """型を書かない ``torch.zeros(B, H)`` の型。自分で測る問では、ノートと同じ float32。"""
    return torch.float32 if exercise.kind is Kind.EXPLORE else torch.float64


@contextlib.contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """中では、型を書かない ``torch.zeros(B, H)`` も ``dtype`` になる。"""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
