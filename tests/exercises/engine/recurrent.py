"""再帰型のセルと層を確かめる手順。どの問も、正解は torch.nn から得る。

- float64、N(0, 1) の重み、0 でない初期状態。重みが小さい、状態が 0、という甘い入力では、
  誤った式の多くが正しい式と区別できない。
- B、T、D、H はすべて異なる。軸の取り違えが形で分かる。
- 値だけでなく、すべての引数についての勾配も比べる。
"""

import inspect
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from .compare import expect, same
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
    """セルの引数 (x, h[, c], 重み…) を何組か。B = 1 も入れる。"""
    rng = np.random.default_rng(gates)
    return [
        [normal(rng, b, d), *(normal(rng, b, h) for _ in range(states)), *weights(rng, d, h, gates)]
        for b, d, h in ((4, 5, 3), (1, 2, 6))
    ]


def layer_cases(gates: int, states: int) -> list[list[Tensor]]:
    """層の引数 (x, h0[, c0], 重み…) を何組か。B = 1 や T = 1 も入れる。"""
    rng = np.random.default_rng(10 + gates)
    return [
        [
            normal(rng, b, t, d),
            *(normal(rng, b, h) for _ in range(states)),
            *weights(rng, d, h, gates),
        ]
        for b, t, d, h in ((2, 4, 5, 3), (3, 1, 2, 4), (1, 6, 3, 7))
    ]


def run_torch(module: torch.nn.Module, weights, *inputs, suffix: str = ""):
    """``torch.nn`` のモデルに、渡した重みを使わせて走らせる。勾配は重みへも流れる。"""
    names = (name + suffix for name in PARAMETERS)
    return functional_call(module, dict(zip(names, weights, strict=True)), inputs)


def agree(f: Callable, oracle: Callable, cases: list[list[Tensor]], names) -> None:
    """どの組でも ``f`` の戻り値と勾配が ``oracle`` と一致し、呼び出しの順に左右されないこと。

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
    require(
        same(f(*cases[0]), oracle(*cases[0])),
        "同じ引数で二度目に呼ぶと答えが変わります。前の呼び出しの値をどこかに残していませんか。",
    )
    for args in cases:
        agree_gradients(f, oracle, args)


def agree_gradients(f: Callable, oracle: Callable, args: list[Tensor]) -> None:
    """すべての引数についての勾配が一致すること。"""
    leaves = [each.clone().requires_grad_() for each in args]
    got, want = (gradients(function(*leaves), leaves) for function in (f, oracle))
    for name, mine, theirs in zip(inspect.signature(oracle).parameters, got, want, strict=True):
        try:
            expect(mine, theirs, f"{name} についての勾配")
        except Incorrect as incorrect:
            sentence = incorrect.sentence
            if not mine.any():
                sentence = (
                    f"値は合っていますが、{name} まで勾配が届きません。"
                    ".detach()、.data、.item()、torch.no_grad() などで計算が切れています。"
                )
            raise Incorrect(Stage.GRADIENT, sentence) from None


def agree_when_split(f: Callable, args: list[Tensor], at: int, states: int) -> None:
    """系列を途中で切って状態を渡しても、出力と最後の状態が変わらないこと。"""
    x, *rest = args
    initial, weights = rest[:states], rest[states:]
    whole, last = f(x, *initial, *weights)
    first, middle = f(x[:, :at], *initial, *weights)
    carried = [middle] if isinstance(middle, Tensor) else middle
    second, end = f(x[:, at:], *carried, *weights)
    require(
        same([torch.cat([first, second], 1), end], [whole, last]),
        "系列を途中で切り、終わりの状態を渡して続けると、切らないときと違う出力になります。",
    )
