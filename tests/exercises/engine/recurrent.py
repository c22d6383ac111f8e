"""再帰型のセルと層を確かめる手順。どの問も、正解は torch.nn から得る。

- float64、N(0, 1) の重み、0 でない初期状態。重みが小さい、状態が 0、という甘い入力では、
  誤った式の多くが正しい式と区別できない。
- B、T、D、H はすべて異なる。軸の取り違えが形で分かる。
- 値だけでなく、すべての引数についての勾配も比べる。
- 層には、勾配が 40 時刻さかのぼる組もある。8 時刻ごとに計算を切る、勾配を ±5 に切る、という
  答えは、短い系列では正しい答えと区別できない。
- float32 の引数でも呼ぶ。答えの型は、引数と同じでなければならない。
- ユニットが 1 つの組、系列が 70 ある組、状態が ±4 を超える組も入れる。
"""

import inspect
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from .cases import expect_single, single
from .compare import exp_may_overflow, expect, same
from .examine import gradients
from .exercise import Incorrect, Stage, require

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def normal(rng: np.random.Generator, *shape: int) -> Tensor:
    """標準正規分布の float64 テンソル。"""
    return torch.from_numpy(rng.standard_normal(shape))


def weights(rng: np.random.Generator, d: int, h: int, gates: int) -> list[Tensor]:
    """PyTorch の並びの w_ih (G*H, D)、w_hh (G*H, H)、b_ih (G*H,)、b_hh (G*H,)。"""
    rows = gates * h
    return [normal(rng, rows, d), normal(rng, rows, h), normal(rng, rows), normal(rng, rows)]


def cell_cases(gates: int, states: int) -> list[list[Tensor]]:
    """セルの引数 (x, h[, c], 重み…) を何組か。B = 1 や H = 1 も入れる。"""
    rng = np.random.default_rng(gates)
    cases = [
        [normal(rng, b, d), *(normal(rng, b, h) for _ in range(states)), *weights(rng, d, h, gates)]
        for b, d, h in ((4, 5, 3), (1, 2, 6), (3, 4, 1), (70, 2, 3))
    ]
    return [*cases, large_state(cases[0], states)]


def layer_cases(gates: int, states: int) -> list[list[Tensor]]:
    """層の引数 (x, h0[, c0], 重み…) を何組か。B、T、H が 1 の組、長い系列も入れる。"""
    rng = np.random.default_rng(10 + gates)
    cases = [
        [
            normal(rng, b, t, d),
            *(normal(rng, b, h) for _ in range(states)),
            *weights(rng, d, h, gates),
        ]
        for b, t, d, h in ((2, 4, 5, 3), (3, 1, 2, 4), (1, 6, 3, 7), (2, 4, 3, 1), (70, 2, 3, 4))
    ]
    return [*cases, large_state(cases[0], states), long_case(rng, gates, states)]


def large_state(args: list[Tensor], states: int) -> list[Tensor]:
    """最後の状態（LSTM ならセル状態）を 10 倍にした引数。tanh の近似の多くは、±4 の外で外れる。"""
    return [*args[:states], 10 * args[states], *args[states + 1 :]]


def long_case(rng: np.random.Generator, gates: int, states: int) -> list[Tensor]:
    """T = 40 の引数。勾配は端まで届き、途中で 5 を超える。

    RNN では、隠れ状態の重みを直交行列の 1.08 倍にし、tanh が 1 次式に近い小さな値で動かす。
    LSTM の忘却ゲートと GRU の更新ゲートは、どちらも 2 段めなので、そのバイアスを大きくして、
    状態を保たせる。
    """
    b, t, d, h = 2, 40, 3, 5
    w_hh = torch.cat([torch.linalg.qr(normal(rng, h, h))[0] for _ in range(gates)])
    b_ih = 0.1 * normal(rng, gates * h)
    b_ih[h : 2 * h] += 4  # RNN には、2 段めがない
    return [
        0.05 * normal(rng, b, t, d),
        *(0.1 * normal(rng, b, h) for _ in range(states)),
        0.3 * normal(rng, gates * h, d),
        (1.08 if gates == 1 else 0.3) * w_hh,
        b_ih if gates > 1 else 0.01 * b_ih,
        0.01 * normal(rng, gates * h),
    ]


def run_torch(module: torch.nn.Module, weights, *inputs, suffix: str = ""):
    """``torch.nn`` のモデルに、渡した重みを使わせて走らせる。勾配は重みへも流れる。"""
    names = (name + suffix for name in PARAMETERS)
    return functional_call(module, dict(zip(names, weights, strict=True)), inputs)


def agree(f: Callable, oracle: Callable, cases: list[list[Tensor]], names) -> None:
    """どの組でも ``f`` の戻り値と勾配が ``oracle`` と一致し、呼び出しの順に左右されないこと。

    float32 の引数には float32 で答え、丸めの範囲で一致すること。

    Parameters
    ----------
    f : callable
        解答。
    oracle : callable
        同じ引数をとる、torch.nn による正解。
    cases : list of list of Tensor
        引数の組。
    names : str or a nest of str
        戻り値の名前と軸（`expect` を参照）。
    """
    for args in cases:
        expect(f(*args), oracle(*args), names)
    f(*cases[0])  # 直前の組とは形が違うので、前の状態を持ち越す答えも、ここでは持ち越せない
    require(
        same(f(*cases[0]), oracle(*cases[0])),
        "同じ引数で二度目に呼ぶと答えが変わります。前の呼び出しの値をどこかに残していませんか。",
    )
    for args in cases:
        agree_gradients(f, oracle, args)
    for args in cases:
        expect_single(f, oracle, args, names)


def agree_when_saturated(f: Callable, oracle: Callable, args: list[Tensor], names) -> None:
    """入力が 1000 倍になり、ゲートの中身が ±710 の外まで広がっても、値が一致すること。

    exp(710) は inf になる。1 / (1 + exp(-a)) は 0 になるだけだが、
    exp(a) / (1 + exp(a)) は nan になる。
    """
    x, *rest = args
    with exp_may_overflow():
        expect(f(1000 * x, *rest), oracle(1000 * x, *rest), names)


def agree_gradients(f: Callable, oracle: Callable, args: list[Tensor]) -> None:
    """すべての引数についての勾配が一致すること。"""
    leaves = [each.clone().requires_grad_() for each in args]
    result = f(*leaves)
    require(
        not has_array(result),
        "戻り値が NumPy の配列です。勾配も確かめるので、torch のテンソルのまま計算してください。",
        Stage.TYPE,
    )
    got, want = gradients(result, leaves), gradients(oracle(*leaves), leaves)
    agree_slopes(inspect.signature(oracle).parameters, got, want)


def agree_slopes(names: Iterable[str], got: list[Tensor], want: list[Tensor]) -> None:
    """``names`` のものについての勾配が、どれも一致すること。"""
    for name, mine, theirs in zip(names, got, want, strict=True):
        try:
            expect(mine, theirs, f"{name} についての勾配")
        except Incorrect as incorrect:
            sentence = incorrect.sentence
            if not mine.any():
                sentence = (
                    f"値は合っていますが、{name} まで勾配が届きません。"
                    ".detach()、.data、.item()、torch.tensor()、torch.no_grad() などで、"
                    "計算が切れています。"
                )
            raise Incorrect(Stage.GRADIENT, sentence) from None


def has_array(value) -> bool:
    """入れ子の中に NumPy の配列があるか。"""
    if isinstance(value, Mapping):
        return has_array(list(value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_array, value))
    return isinstance(value, np.ndarray | np.generic)


def agree_when_split(f: Callable, args: list[Tensor], at: int, states: int) -> None:
    """系列を途中で切って状態を渡しても、出力と最後の状態が変わらないこと。float32 でも。"""
    for x, *rest in (args, single(args)):
        initial, weights = rest[:states], rest[states:]
        whole, last = f(x, *initial, *weights)
        first, middle = f(x[:, :at], *initial, *weights)
        carried = [middle] if isinstance(middle, Tensor) else middle
        second, end = f(x[:, at:], *carried, *weights)
        require(
            same([torch.cat([first, second], 1), end], [whole, last]),
            "系列を途中で切り、終わりの状態を渡して続けると、切らないときと違う出力になります。",
        )
