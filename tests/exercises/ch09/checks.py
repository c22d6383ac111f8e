"""「使い分けと実践」の練習。"""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import torch

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise
from tests.exercises.engine.recurrent import agree_gradients, normal


def check_locked_dropout(f):
    """値と勾配が、成分を 1 つずつ計算したものと一致する。"""
    rng = np.random.default_rng(81)
    # 最初の組は B = T。時刻の軸を足し忘れても掛け算ができてしまう大きさ。
    # どの p も 1 / (1 - p) が整数になり、keep.float() / (1 - p) でも丸め誤差が出ない。
    for shape, p in (((4, 4, 5), 0.75), ((2, 3, 4), 0.5), ((1, 6, 3), 0.875), ((3, 1, 2), 0.0)):
        x = normal(rng, *shape)
        keep = torch.from_numpy(rng.random((shape[0], shape[2])) >= p)
        oracle = element_by_element(p, keep)
        expect(f(x, p, keep), oracle(x), "戻り値 (B, T, D)")
        agree_gradients(partial(dropped, f, p, keep), oracle, [x])


def dropped(f, p, keep, x):
    """解答を、x だけの関数にする。"""
    return f(x, p, keep)


def element_by_element(p, keep):
    """残す成分を 1 つずつ割って、0 の中に書きこむ正解。"""

    def oracle(x):
        want = torch.zeros_like(x)
        for b, d in keep.nonzero().tolist():
            want[b, :, d] = x[b, :, d] / (1 - p)
        return want

    return oracle


def check_warmup_cosine(f):
    """すべての step で、分数の割合と、正弦の二乗から求めた学習率と一致する。"""
    for warmup, total, base in ((4, 10, 0.3), (3, 4, 0.001), (1, 6, 2.0), (0, 5, 0.1)):
        steps = range(total + 1)
        names = [f"warmup_cosine({step}, {warmup}, {total}, {base})" for step in steps]
        got = [f(step, warmup, total, base) for step in steps]
        expect(got, [base * share(step, warmup, total) for step in steps], names)


def share(step, warmup, total):
    """base に掛ける割合。(1 + cos θ) / 2 は sin((π - θ) / 2) の二乗に等しい。"""
    if step < warmup:
        return float(Fraction(step, warmup))
    return math.sin(math.pi * Fraction(total - step, 2 * (total - warmup))) ** 2


# いったん上がる、わずかに改善する、同じ値が続く、打ち切りの先にもっと良い値がある、など。
LOSSES = (
    ([0.9, 0.7, 0.8, 0.6, 0.65, 0.63, 0.64, 0.5, 0.4], 3),
    ([0.9, 0.7, 0.8, 0.6, 0.65, 0.63, 0.64, 0.5, 0.4], 4),
    ([1.0, 0.8, 0.9, 0.7, 0.75, 0.6, 0.65, 0.5], 2),
    ([0.5, 0.4, 0.4, 0.4, 0.3], 2),
    ([0.8, 0.5, 0.5, 0.6, 0.7, 0.65], 2),
    ([0.9, 0.3, 0.6, 0.5, 0.7, 0.8], 2),
    ([0.6, 0.5, 0.7, 0.5, 0.8, 0.9, 0.4], 3),
    ([0.3, 0.6, 0.5, 0.4, 0.35, 0.2], 4),
    ([0.5, 0.4, 0.3, 0.2], 2),
    ([0.4, 0.5, 0.6, 0.7], 1),
    ([0.7, 0.6, 0.8], 5),
    ([0.5, 0.4999, 0.4998, 0.6, 0.7], 2),
    ([0.3], 1),
)


def check_best_epoch(f):
    """打ち切りの定義をそのまま書き下したものと一致する。"""
    got = [f(losses, patience) for losses, patience in LOSSES]
    names = [f"best_epoch({losses}, {patience})" for losses, patience in LOSSES]
    expect(got, [stopped(*case) for case in LOSSES], names)


def stopped(losses, patience):
    """直近 patience 回のどれも、その前の最小より小さくない、初めてのエポックで打ち切る。"""
    stop = len(losses) - 1
    for first in range(1, len(losses) - patience + 1):
        if min(losses[first : first + patience]) >= min(losses[:first]):
            stop = first + patience - 1
            break
    return int(np.argmin(losses[: stop + 1])), stop


EXERCISES = (
    Exercise(
        id="9.1",
        name="locked_dropout",
        title="時刻で変わらないドロップアウト",
        section="ドロップアウト",
        difficulty=1,
        minutes=10,
        hints=(
            "keep は (B, D) なので、時刻の軸を足して (B, 1, D) にすると、どの時刻にも同じものが"
            "掛かります。",
            "真偽値を小数に掛けると、True は 1、False は 0 として働きます。",
            "残す割合が 1 - p なので、1 - p で割ると、期待値が元と同じになります。",
        ),
        check=check_locked_dropout,
    ),
    Exercise(
        id="9.2",
        name="warmup_cosine",
        title="ウォームアップと余弦減衰",
        section="学習率スケジューラ",
        difficulty=2,
        minutes=15,
        hints=(
            "step < warmup とそれ以外に分けます。前半は base * step / warmup です。",
            "後半の進み具合は (step - warmup) / (total - warmup) で、0 から 1 まで動きます。",
            "math.cos(math.pi * 進み具合) は 1 から -1 に下がります。"
            "1 を足して 2 で割ると、1 から 0 になります。",
        ),
        check=check_warmup_cosine,
    ),
    Exercise(
        id="9.3",
        name="best_epoch",
        title="早期終了",
        section="やめどき",
        difficulty=2,
        minutes=15,
        hints=(
            "前から順に見ながら、それまでの最良のエポックを覚えておきます。比べる相手は、"
            "1 つ前のエポックでなく、最良のエポックです。",
            "最良のエポックから、改善しないまま何エポックたったかは、epoch - best です。",
            "epoch - best が patience になったら打ち切って (best, epoch) を返します。"
            "最後まで打ち切られなかったときの戻り値も忘れずに。",
        ),
        check=check_best_epoch,
    ),
)
