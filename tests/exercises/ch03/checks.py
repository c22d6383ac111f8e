"""「長い記憶を試す」の練習。"""

from itertools import combinations, product

import numpy as np
import torch

from tests.exercises.engine.compare import expect, same
from tests.exercises.engine.exercise import Exercise, require
from tests.exercises.engine.recurrent import normal


def check_adding_targets(f):
    """印の場所を先に決め、そこに書いた 2 つの値の和と一致する。"""
    rng = np.random.default_rng(31)
    for steps, places in (
        (6, ((1, 2), (5, 0), (4, 3), (0, 3))),
        (2, ((0, 1),)),
        (5, ((3, 4), (1, 0))),
    ):
        values = rng.random((len(places), steps))
        marks = np.zeros_like(values)
        for row, (first, second) in zip(marks, places, strict=True):
            row[first] = row[second] = 1
        want = [[row[i] + row[j]] for row, (i, j) in zip(values, places, strict=True)]
        x = torch.from_numpy(np.stack([values, marks], axis=2))
        expect(f(x), torch.tensor(want), "戻り値 (B, 1)")


def check_make_adding(f):
    """型、形、値の範囲、印の数、正解。それから、値と印の偏りと、乱数の出どころ。"""
    rng = np.random.default_rng(32)
    x, y = well_formed(f, 3000, 5, rng)
    require_uniform(x, y)
    require_fresh(x, f(3000, 5, rng), f(3000, 5, np.random.default_rng(32)))
    well_formed(f, 40, 2, rng)
    well_formed(f, 1, 30, rng)


def well_formed(f, n, length, rng):
    """1 組作らせて、型と形、値の範囲、印の数、正解を確かめる。"""
    got = f(n, length, rng)
    want = (np.zeros((n, length, 2), np.float32), np.zeros((n, 1), np.float32))
    expect(blank(got), want, ("x (n, length, 2)", "y (n, 1)"))
    x, y = got
    values, marks = x[..., 0], x[..., 1]
    require(
        ((marks == 0) | (marks == 1)).all(),
        "印 x[..., 1] は 0 か 1 のはずですが、ほかの値が入っています。",
    )
    counts = marks.sum(axis=1)
    worst = counts[np.abs(counts - 2).argmax()]
    require(
        worst == 2,
        f"印はどの系列でも 2 か所のはずですが、{worst:.0f} か所の系列があります。",
    )
    low, high = values.min(), values.max()
    require(
        low >= 0 and high <= 1,
        f"値 x[..., 0] は 0 以上 1 未満のはずですが、{low:.3g} から {high:.3g} まであります。",
    )
    want = values[marks == 1].reshape(n, 2).sum(axis=1)
    gap = np.abs(y[:, 0] - want)
    b = gap.argmax()
    require(
        gap[b] < 1e-6,
        f"印の付いた値の和は {want[b]:.5f} ですが、y[{b}, 0] は {y[b, 0]:.5f} でした。",
    )
    return x, y


def blank(got):
    """配列を、型と形だけを残して 0 にする。"""
    if not isinstance(got, tuple | list):
        return got
    return [np.zeros_like(each) if isinstance(each, np.ndarray) else each for each in got]


# 割合と平均は、期待値から 6σ までを許す。正しい答えが退けられる率は、見る量の 1 つにつき 2e-9。
SIGMAS = 6


def require_uniform(x, y):
    """値は一様で系列ごとに違い、印の場所はどの組も同じ割合で、値とは関係がない。"""
    n, length, _ = x.shape
    values, marks = x[..., 0], x[..., 1]
    distinct = len(np.unique(values)) / values.size  # float32 でも、偶然の一致は 1 % に満たない
    require(distinct > 0.99, f"値のうち、互いに違うものが {distinct:.0%} しかありません。")
    for t, k in product(range(length), range(10)):
        share = np.mean((k <= 10 * values[:, t]) & (10 * values[:, t] < k + 1))
        require(
            within(share, 0.1, 0.1 * 0.9 / n),
            f"時刻 {t}（添字）の値が {k / 10} から {(k + 1) / 10} の間になる割合は 10 % の"
            f"はずですが、{share:.1%} でした。",
        )
    pairs = list(combinations(range(length), 2))
    for i, j in pairs:
        share, p = np.mean(marks[:, i] * marks[:, j]), 1 / len(pairs)
        require(
            within(share, p, p * (1 - p) / n),
            f"印が時刻 {i} と {j}（添字）に付く割合は {p:.0%} のはずですが、{share:.1%} でした。"
            "どの 2 か所も同じ割合で選ばれるようにします。",
        )
    mean, variance = y.mean(), np.mean((y - 1) ** 2)
    require(
        within(mean, 1, 1 / 6 / n) and within(variance, 1 / 6, 7 / 180 / n),
        f"y の平均は 1、分散は 1/6 のはずですが、{mean:.3f} と {variance:.3f} でした。"
        "印の場所は、値の大きさと関係なく選びます。",
    )


def within(found, expected, variance):
    """期待値 ``expected``、分散 ``variance`` の量として、おかしくないか。"""
    return abs(found - expected) < SIGMAS * variance**0.5


def require_fresh(x, later, again):
    """同じ rng を使い続ければ別のデータに、同じ種の rng なら同じデータになる。"""
    for k, name in enumerate(("値", "印")):
        require(
            not same(x[..., k], later[0][..., k]),
            f"rng を使い続けても、{name}が前と同じです。{name}の乱数も rng から取ってください。",
        )
    require(
        same(x, again[0]),
        "同じ種の rng を渡しても、違うデータになります。乱数はすべて rng から取ってください。",
    )


def check_constant_mse(f):
    """訓練の平均から測った、検証の二乗誤差の平均と一致する。"""
    rng = np.random.default_rng(33)
    for train, val, shift in ((7, 5, 0.4), (1, 3, -2.0), (4, 1, 0.0), (6, 6, 1.0)):
        y_train = normal(rng, train, 1) ** 2
        y_val = normal(rng, val, 1) + shift
        constant = np.mean(y_train.numpy())
        want = np.mean([(float(each) - constant) ** 2 for each in y_val])
        expect(f(y_train, y_val), float(want), "平均二乗誤差")


EXERCISES = (
    Exercise(
        id="3.1",
        name="adding_targets",
        title="加算問題の答え",
        section="印の付いた 2 つの数を足す",
        difficulty=1,
        minutes=5,
        hints=(
            "印は 0 か 1 なので、値に印を掛けると、印のない所は 0 になります。",
            "掛けたものを時刻の軸（dim=1）で足します。形は (B,) でなく (B, 1) です。",
            "sum に keepdim=True を渡すと、足した軸が長さ 1 で残ります。",
        ),
        check=check_adding_targets,
    ),
    Exercise(
        id="3.2",
        name="make_adding",
        title="加算問題を作る",
        section="印の付いた 2 つの数を足す",
        difficulty=2,
        minutes=20,
        hints=(
            "値は rng.random((n, length), dtype=np.float32) で一度に作れます。",
            "印は、系列ごとに rng.choice(length, size=2, replace=False) で選ぶと、重なりません。"
            "整数を二度引くだけでは、同じ場所に当たることがあります。",
            "np.stack([値, 印], axis=2) が x、印を付けた値の和が y です。"
            "float64 になっていたら astype(np.float32) を。",
        ),
        check=check_make_adding,
    ),
    Exercise(
        id="3.3",
        name="constant_mse",
        title="定数の予測の誤差",
        section="何も覚えないと、誤差はいくつか",
        difficulty=1,
        minutes=10,
        hints=(
            "平均二乗誤差が最小になる定数は、平均です（微分して 0 とおくと出てきます）。",
            "定数を選ぶときに見てよいのは y_train だけ、損失を測るのは y_val です。",
            "y_val の分散とは違います。分散は、y_val 自身の平均から測ったものです。",
        ),
        check=check_constant_mse,
    ),
)
