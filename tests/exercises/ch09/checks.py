"""「使い分けと実践」の練習。"""

import itertools
import math
import re
from collections.abc import Hashable, Mapping
from fractions import Fraction
from numbers import Real
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from tests.exercises.engine.cases import expect_single
from tests.exercises.engine.compare import expect, require_kind
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.findings import (
    NUMBER,
    RATIO,
    finite,
    is_measured,
    numbers_told,
    only_keys,
    require_varied,
    seeds_of,
    text,
    without_names,
    without_references,
)
from tests.exercises.engine.recurrent import agree_gradients, normal

# float32 の組の p は 1 / (1 - p) が 2 の冪で、掛けても割っても丸め誤差が出ない。
DROPOUTS = (
    ((4, 4, 5), 0.75, torch.float64, 1.0),
    ((2, 300, 4), 0.3, torch.float64, 1.0),
    ((1, 6, 7), 0.875, torch.float64, 1e6),
    ((3, 1, 9), 0.5, torch.float64, 1e-6),
    ((2, 12, 6), 0.75, torch.float32, 1.0),
)


def check_locked_dropout(f):
    """値は x / (1 - p) か 0 で、どちらになるかは時刻によらず、系列と成分ごとに確率 p で決まる。

    評価のときは、値も勾配もそのまま通り、rng は進まない。
    """
    rng = np.random.default_rng(81)
    for seed, (shape, p, dtype, scale) in enumerate(DROPOUTS):
        x = (scale * away_from_zero(normal(rng, *shape))).to(dtype)
        given = np.random.default_rng(seed)
        evaluated = f(x, p, False, given)
        kept(f, x, p, seed)
        expect(evaluated, x, "評価のときの戻り値 (B, T, D)")
        require(
            given.bit_generator.state == np.random.default_rng(seed).bit_generator.state,
            "評価のときに、rng から乱数を引いています。nn.Dropout は、評価のときには引きません。",
        )
    x = away_from_zero(normal(rng, 2, 3, 4))
    expect(f(x, 0.0, True, np.random.default_rng(0)), x, "p = 0 のときの戻り値 (B, T, D)")
    x = away_from_zero(normal(rng, 40, 2, 100))
    check_draws(f, x, 0.75)
    mask = kept(f, x, 0.75, 0)
    # 780 組のどれかが偶然に同じになる確率は、1e-17 より小さい
    require(len(mask.unique(dim=0)) == len(mask), "同じ成分の落ちている系列が、いくつもあります。")
    check_draws(f, away_from_zero(normal(rng, 1000, 2, 4)), 0.2)  # 落とす数は、決まっていない

    x, p = away_from_zero(normal(rng, 3, 12, 5)), 0.5
    mask = kept(f, x, p, 7)[:, None]

    def answer(x):
        return f(x, p, True, np.random.default_rng(7))

    def oracle(x):
        return x * mask / (1 - p)

    agree_gradients(answer, oracle, [x])
    try:
        agree_gradients(lambda x: f(x, p, False, np.random.default_rng(7)), lambda x: x, [x])
    except Incorrect as incorrect:
        raise Incorrect(incorrect.stage, f"評価のとき：{incorrect.sentence}") from None


def check_draws(f, x, p):
    """マスクは、系列、成分、呼び出しごとに違い、rng だけで決まる。残る割合は 1 - p。"""
    mask = kept(f, x, p, 0)
    require(not mask.all(), f"p = {p} なのに、1 つも落ちていません。")
    require((mask != mask[:1]).any(), "どの系列でも、同じ成分が落ちています。")
    require((mask != mask[:, :1]).any(), "成分ごとでなく、系列ごと落ちています。")
    share = mask.double().mean().item()
    # 4,000 回の硬貨投げ。5σ なので、正しい答えを退けるのは 170 万回に 1 回
    require(
        abs(share - (1 - p)) < 5 * math.sqrt(p * (1 - p) / mask.numel()),
        f"p = {p} なので {100 * (1 - p):g} % ほど残るはずですが、{100 * share:.1f} % 残りました。",
    )
    # 5 度とも偶然に同じ数になるのは、5,000 万回に 1 回
    require(
        len({int(kept(f, x, p, seed).sum()) for seed in range(5)}) > 1,
        "どの rng でも、落ちる数がちょうど同じです。1 つずつ、別々に確率 p で落とします。",
    )
    require(
        torch.equal(mask, kept(f, x, p, 0)),
        "同じ状態の rng を渡しても、落とす成分が変わります。乱数はすべて rng から取ってください。",
    )
    require(
        not torch.equal(mask, kept(f, x, p, 1)),
        "状態の違う rng を渡しても、同じ成分が落ちます。rng でない乱数（torch.rand や、自分で決めた"
        "種など）から引いています。",
    )
    rng = np.random.default_rng(0)
    first, second = f(x, p, True, rng), f(x, p, True, rng)
    require(
        not torch.equal(first != 0, second != 0),
        "同じ rng で続けて 2 度呼んでも、同じ成分が落ちます。写しでなく、渡された rng から引き、"
        "呼ぶたびに進めてください。",
    )


def kept(f, x, p, seed) -> Tensor:
    """訓練中の戻り値を確かめ、残された成分 (B, D) を返す。"""
    got, want = f(x, p, True, np.random.default_rng(seed)), x / (1 - p)
    expected = x.shape, x.dtype, x.device
    if isinstance(got, Tensor) and (got.shape, got.dtype, got.device) == expected:
        want = want * (got != 0)
    expect(got, want, "戻り値 (B, T, D)")
    mask = got != 0
    for b, t, d in (mask != mask[:, :1]).nonzero().tolist():
        words = ["落ちて", "残って"]
        require(
            False,
            f"系列 {b} の成分 {d} は、時刻 0 では{words[mask[b, 0, d]]}いるのに、"
            f"時刻 {t} では{words[mask[b, t, d]]}います。",
        )
    return mask[:, 0]


def away_from_zero(x: Tensor) -> Tensor:
    """0 と見分けのつく値にする。"""
    return x + torch.where(x < 0, -0.1, 0.1)


# total、warmup、base。ウォームアップがない、1 回だけ、余弦が 1 回だけ、1 回しか更新しない、も。
WALKS = (
    *((10, 4, 0.5), (12, 0, 3.0), (7, 1, 2.0), (6, 5, 1.0), (1, 0, 0.25), (2, 1, 1.5)),
    *((1000, 100, 0.25), (300, 0, 1000.0)),
)


def check_same_distance(f):
    """学習率の和は base * total で、1 つ 1 つは、正弦の二乗から求めた高さと一致する。"""
    for total, warmup, base in WALKS:
        call = f"same_distance({total}, {warmup}, {base})"
        got = f(total, warmup, base)
        require_kind(isinstance(got, list | tuple), got, f"{call} の戻り値", "リスト")
        require(
            len(got) == total,
            f"{call} のリストは {total} 個のはずですが、{len(got)} 個でした。step は 0 から "
            "total - 1 までです。",
            Stage.SHAPE,
        )
        want = walked(total, warmup, base)
        try:
            expect(list(got), want, [f"{call} の step = {step} の学習率" for step in range(total)])
        except Incorrect as incorrect:
            if incorrect.stage < Stage.VALUE:
                raise
            found = math.fsum(map(float, got))
            sentence = f"{call} の和は {base * total:g} のはずですが、{found:.6g} でした。"
            require(math.isclose(found, base * total, rel_tol=1e-9), sentence)
            raise Incorrect(
                Stage.VALUE, f"和は合っていますが、形が違います：{incorrect.sentence}"
            ) from None


def walked(total, warmup, base):
    """上がる所は等差数列、余弦は真ん中に対して対称なので、頂点の高さは和を計算せずに求まる。

    (1 + cos θ) / 2 は sin((π - θ) / 2) の二乗に等しい。

    >>> walked(4, 2, 1.0)
    [0.0, 1.0, 2.0, 1.0]
    >>> round(sum(walked(5, 0, 1.0)), 12)
    5.0
    """
    peak = 2 * base if warmup else Fraction(2 * total, total + 1) * Fraction(base)
    shares = [Fraction(step, warmup) for step in range(warmup)]
    for left in range(total - warmup, 0, -1):
        shares.append(round(math.sin(math.pi * left / (2 * (total - warmup))) ** 2, 15))
    return [float(peak) * float(each) for each in shares]


NAN = math.nan

# いったん上がる、わずかに改善する、同じ値が続く、打ち切りの先にもっと良い値がある、など。
# min_delta の組は、差がちょうど min_delta になる 2 進数で割り切れる値にしてある。
LOSSES = (
    ([0.9, 0.7, 0.8, 0.6, 0.65, 0.63, 0.64, 0.5, 0.4], 3, 0.0),
    ([0.9, 0.7, 0.8, 0.6, 0.65, 0.63, 0.64, 0.5, 0.4], 4, 0.0),
    ([1.0, 0.8, 0.9, 0.7, 0.75, 0.6, 0.65, 0.5], 2, 0.0),
    ([0.5, 0.4, 0.4, 0.4, 0.3], 2, 0.0),
    ([0.8, 0.5, 0.5, 0.6, 0.7, 0.65], 2, 0.0),
    ([0.9, 0.3, 0.6, 0.5, 0.7, 0.8], 2, 0.0),
    ([0.6, 0.5, 0.7, 0.5, 0.8, 0.9, 0.4], 3, 0.0),
    ([0.3, 0.6, 0.5, 0.4, 0.35, 0.2], 4, 0.0),
    ([0.5, 0.4, 0.3, 0.2], 2, 0.0),
    ([0.4, 0.5, 0.6, 0.7], 1, 0.0),
    ([0.7, 0.6, 0.8], 5, 0.0),
    ([0.5, 0.4999, 0.4998, 0.6, 0.7], 2, 0.0),
    ([0.3], 1, 0.0),
    # 1 より大きい損失、とても大きい損失、負の損失（対数尤度など）
    ([3.2, 2.9, 2.4, 2.5, 2.6, 2.7, 0.9], 3, 0.0),
    ([4.0e8, 3.0e8, 3.5e8, 3.2e8, 1.0], 2, 0.0),
    ([-1.0, -2.5, -2.0, -2.25, -9.0], 2, 0.0),
    # 発散
    ([2.0, NAN, NAN, 1.0], 2, 0.0),
    ([2.0, NAN, 1.5, NAN, 1.75, NAN, 1.0], 3, 0.0),
    ([2.0, 1.0, NAN, NAN, NAN], 9, 0.0),
    # min_delta のちょうど境目、すぐ上、すぐ下
    ([4.0, 3.75, 3.5, 3.25, 3.0], 2, 0.25),
    ([4.0, 3.75 - 2**-40, 3.5, 3.0, 2.75], 2, 0.25),
    ([4.0, 3.75 + 2**-40, 3.5, 3.25, 3.0, 2.0], 3, 0.25),
    ([4.0, 3.75 - 2**-40], 1, 0.25),
    ([1.0, 1.0 - 2**-40], 1, 0.0),
    ([8.0, 7.5, 6.5, 6.0, 5.75, 1.0], 2, 1.0),
    ([2.0, 1.5, 1.25, 0.875, 1.0, 1.0], 2, 0.5),
    ([1.0, 1.25, 0.875, 0.5, 0.5], 2, 0.25),
)


def check_best_epoch(f):
    """打ち切りの定義をそのまま書き下したものと一致する。"""
    got = [f(*case) for case in LOSSES]
    names = ["best_epoch({}, {}, {})".format(*case) for case in LOSSES]
    expect(got, [stopped(*case) for case in LOSSES], names)


def stopped(losses, patience, min_delta):
    """改善した番号を先に全部並べ、間が patience より空いた所で打ち切る。"""
    improved = [0]
    for epoch, loss in enumerate(losses):
        if losses[improved[-1]] - loss > min_delta:
            improved.append(epoch)
    for best, following in itertools.zip_longest(improved, improved[1:], fillvalue=math.inf):
        if following - best > patience:
            break
    return best, min(best + patience, len(losses) - 1)


AVERAGES = (
    (5, 3, 0.9, 1.0),
    (1, 4, 0.99, 1.0),
    (4, 2, 0.0, 1.0),
    (300, 2, 0.75, 1.0),
    (7, 3, 0.9999, 1e5),
    (40, 1, 0.5, 1e-6),
)


def check_averaged_weights(f):
    """更新の番号から直接求めた割合で、重みを足したものと一致する。勾配も流れる。"""
    rng = np.random.default_rng(96)
    name = "戻り値 (n, N)"
    for n, size, decay, scale in AVERAGES:
        history = scale * (normal(rng, n, size) + 3)  # 0 に寄った平均が見分けられるように
        expect(f(history, decay), weighted(history, decay), name)
        if decay <= 0.99:  # 1 に近すぎると、1 - decay が float32 では桁落ちする
            expect_single(f, weighted, [history, decay], name)
    agree_gradients(
        lambda history: f(history, 0.8),
        lambda history: weighted(history, 0.8),
        [normal(rng, 6, 2)],
    )


def weighted(history, decay):
    """k 回の更新の後の平均での、i 回めの重みの割合は decay ** (k - i) に比例する。"""
    n = len(history)
    back = torch.arange(n)[:, None] - torch.arange(n)
    shares = torch.where(back >= 0, torch.tensor(float(decay)) ** back.clamp(min=0), 0.0)
    return (shares / shares.sum(dim=1, keepdim=True)).to(history.dtype) @ history


def check_calibration_error(f):
    """1 件ずつ区間に入れて、分数で計算したものと一致する。"""
    rng = np.random.default_rng(94)
    edges = [0.5, 0.625, 0.75, 0.875]
    cases = [
        # 確率が 0.5 や、区間のちょうど境目
        ([0.5, 0.5, 0.625, 0.375, 0.75, 0.25, 1.0, 0.0], [0, 0, 1, 0, 0, 0, 1, 1], edges),
        ([0.875, 0.125, 0.8125, 1.0, 0.0], [1, 1, 0, 1, 0], edges),
        ([1.0], [0], [0.5]),
        ([0.5, 0.5625], [0, 1], [0.5, 0.75]),  # ちょうど 0.5 は否定
        ([0.5, 0.25, 0.75], [0, 0, 1], [0.5, 0.75]),  # 自信が足りない
        ([0.9375, 0.0625, 0.96875], [1, 0, 0], [0.5, 0.9375]),  # 初めの区間は空
        ([0.75, 0.25, 0.75, 0.25], [1, 0, 1, 1], [0.5, 0.75]),  # 較正されている
    ]
    for n, left in ((200, edges), (37, [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])):
        p = rng.beta(0.5, 0.5, n)
        cases.append((p.tolist(), (rng.random(n) < 0.8 * p).astype(int).tolist(), left))
    cases = [(torch.tensor(p), torch.tensor(y), left) for p, y, left in cases]
    single, labels, _ = cases[0]
    cases.append((single.float(), labels, edges))
    got, want = [f(*case) for case in cases], [binned(*case) for case in cases]
    names = [told(*case) for case in cases]
    try:
        expect(got, want, names)
    except Incorrect as incorrect:
        if incorrect.stage < Stage.VALUE:
            raise
        for each in zip(got, want, names, strict=True):
            agree_but_for_rounding(*each)


def agree_but_for_rounding(got, want, name):
    """どこかで float32 の平均をとった丸めを許す。1 件の違いは、これよりずっと大きい。"""
    if not abs(float(got) - want) <= 1e-6:  # nan も退ける
        expect(got, want, name)


def told(probability, labels, edges):
    """読者が手で確かめられるように、短い入力はそのまま見せる。"""
    if len(probability) > 8:
        return f"{len(probability)} 件、edges = {edges} の期待較正誤差"
    return f"calibration_error({probability.tolist()}, {labels.tolist()}, {edges})"


def binned(probability, labels, edges):
    """確信度と当たり外れの差を、区間ごとに分数で足す。"""
    gaps = [Fraction(0)] * len(edges)
    for p, label in zip(probability.tolist(), labels.tolist(), strict=True):
        positive = p > 0.5
        confidence = Fraction(p) if positive else 1 - Fraction(p)
        (k,) = (i for i in range(len(edges)) if edges[i] <= confidence < [*edges, 2.0][i + 1])
        gaps[k] += confidence - (positive == (label == 1))
    return float(sum(map(abs, gaps)) / len(probability))


def check_int8_bound(f):
    """ずれの向きをすべて試した、いちばん大きいずれと一致し、本当に丸めたずれは、それを超えない。"""
    rng = np.random.default_rng(95)
    for rows, columns, scale, large in (
        (3, 5, 1.0, 1),
        (1, 8, 1e-3, 0),
        (4, 1, 50.0, 0),
        (2, 9, 1.0, 1),
    ):
        weight, x = scale * normal(rng, rows, columns), normal(rng, columns)
        weight[large] *= 8  # 行によって大きさが違う
        weight[-1, 0] = 0 if columns == 1 else weight[-1, 0]  # すべて 0 の行
        for per_row in (False, True):
            expect(f(weight, x, per_row), worst_case(weight, x, per_row), "戻り値 (H,)")
            expect_single(f, worst_case, [weight, x, per_row], "戻り値 (H,)")
    weight, x = torch.full((3, 6), 2.0), normal(rng, 6)
    weight[1] = torch.tensor([0.0, 0, 0, -5, 0, 0])  # 和の大きい行に、最大の重みがあるとは限らない
    for per_row in (False, True):
        expect(f(weight, x, per_row), worst_case(weight, x, per_row), "戻り値 (H,)")
    weight, x = torch.zeros(2, 3), 1e3 * normal(rng, 3)
    for per_row in (False, True):
        expect(f(weight, x, per_row), torch.zeros(2), "重みがすべて 0 のときの戻り値 (H,)")
    x = normal(rng, 64)
    weight = 0.49 * x.sign()[None]  # 目盛りの幅は 1。どの重みも、ずれがそろう向きに 0 へ丸められる
    weight[0, x.abs().argmin()] = 127
    for per_row in (False, True):
        bound, off = torch.as_tensor(f(weight, x, per_row)), ((weight.round() - weight) @ x).abs()
        sentence = f"本当に丸めると {off.item():.5g} ずれるのに、上限が {bound.item():.5g} でした。"
        require(bool(off <= bound), sentence)


def worst_case(weight, x, per_row):
    """ずれの向き 2^D 通りをすべて掛けてみる。"""
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=len(x))), dtype=x.dtype)
    largest = (signs * x).sum(dim=1).max()
    steps = [(row if per_row else weight).abs().max() / 127 for row in weight]
    return torch.stack([step / 2 * largest for step in steps])


CHOICE_KEYS = ("task", "seeds", "measured", "limit", "choice", "reason")


def check_my_choice(f):
    """報告の形と、選び方の筋。課題のよしあしと、上限の決め方は、読む人が決める。"""
    report = f()
    only_keys(report, CHOICE_KEYS)
    text(report, "task")
    reason = text(report, "reason")
    seeds = seeds_of(report)
    measured, limit, choice = (report[key] for key in ("measured", "limit", "choice"))
    require(
        isinstance(limit, Real) and not isinstance(limit, bool) and math.isfinite(limit),
        f"limit は {limit!r} でした。測る前に決めた、有限の数にします。",
    )
    rows = both_rows(measured, len(seeds))
    require_varied([row["score"] for row in rows.values()], reason, "reason")
    require(
        isinstance(choice, Hashable) and choice in rows,
        f"choice の {choice!r} が、measured の候補（{'、'.join(map(str, rows))}）にありません。",
    )
    check_choice(rows, choice, limit)
    require(
        tells_a_measured_number(reason, rows, limit),
        "reason には、measured か、テストで測った数を、算用数字で（0.91 や 91 % のように）1 つ以上"
        f"書くはずですが、見つかりません：{reason}",
    )
    require(
        tells_a_test_number(reason, rows, limit),
        "reason には、選んだ 1 つをテストで測った数も、「テスト」の後に算用数字で書くはずですが、"
        f"見つかりません：{reason}",
    )


# ものを数えるだけの言葉。
COUNTER = re.compile(
    rf"{NUMBER}\s*(?:つ|番|位|種|候補|層)|\d\s*[度回]\s*(?:だけ|きり|しか|のみ|読|測)"
)
# テストで測った数は measured にない。回数と、全部の件数は除く。
TESTED = re.compile(r"(?:テスト|[Tt]est)[^。]*(?:。[^。]*)?")
TIMES = re.compile(r"1\s*度|\d\s*回|[\d.]+\s*(?:[^\W\d]?\s*(?:のうち|中)|件\s*[のは])")


def tells_a_measured_number(reason, rows, limit):
    """小数か、比を表す数か、measured にある数か、テストの後の整数がある。

    候補の名前の中の数、「1 つ」などの数、節の番号など、limit は除く。

    >>> rows = {"LSTM": {"score": [0.91, 1.0], "cost": [20.0, 3.0]}}
    >>> told = ["良かったほうを 1 つ選んだ。", "3 種のどれでも上だった。", "上限の 22.5 秒に収まる"]
    >>> [tells_a_measured_number(each, rows, 22.5) for each in told]
    [False, False, False]
    >>> told = ["9.3 節のとおり PyTorch 2.1 で測った。", "テストの 1000 件は 1 度だけ読んだ。"]
    >>> [tells_a_measured_number(each, rows, 22.5) for each in told]
    [False, False]
    >>> told = ["２０ 秒で済む。", "91 だった。", "正解は 0.9。", "費用は 40 分の 1。"]
    >>> [tells_a_measured_number(each, rows, 22.5) for each in told]
    [True, True, True, True]
    >>> told = ["91 回。", "2e-5 だった。", "テストでは、1000 件のうち 873 件に正解した。"]
    >>> [tells_a_measured_number(each, rows, 22.5) for each in told]
    [True, True, True]
    """
    measured = measured_numbers(rows)
    return any(
        not written.isdigit()
        or re.match(RATIO, after)
        or is_measured(written, measured)
        or is_tested(written, before, after)
        for written, before, after in numbers_of(reason, rows, limit)
    )


def tells_a_test_number(reason, rows, limit):
    """「テスト」の後に、回数や全部の件数でない数がある。

    >>> rows = {"LSTM": {"score": [0.91, 1.0], "cost": [20.0, 3.0]}}
    >>> told = ["LSTM は 0.91。", "0.91 で選び、テストの 1000 件は 1 度だけ読んだ。"]
    >>> [tells_a_test_number(each, rows, 22.5) for each in told]
    [False, False]
    >>> told = ["0.91 で選び、テストでは 0.9。", "テストの 1000 件のうち 873 件。"]
    >>> [tells_a_test_number(each, rows, 22.5) for each in told]
    [True, True]
    """
    return any(is_tested(*told) for told in numbers_of(reason, rows, limit))


def numbers_of(reason, rows, limit):
    """候補の名前の中の数、「1 つ」などの数、節の番号など、limit を除いた、文の中の数。"""
    measured = measured_numbers(rows)
    for written, before, after in numbers_told(
        without_references(without_names(reason, rows, measured))
    ):
        number = float(written)
        if not COUNTER.match(written + after) and (number != limit or number in measured):
            yield written, before, after


def measured_numbers(rows):
    """成績と費用、その平均と、成績を百分率にした数。"""
    measured = [n for row in rows.values() for key in row for n in (*row[key], fmean(row[key]))]
    return measured + [100 * score for row in rows.values() for score in row["score"]]


def is_tested(written, before, after):
    """テストの後の、回数や全部の件数でない数か。"""
    return bool(TESTED.search(before) and not TIMES.match(written + after))


def both_rows(measured, count):
    """候補ごとの成績と費用。どちらも、種の数だけある。"""
    example = "{'LSTM': {'score': [...], 'cost': [...]}, '語の数': {...}}"
    require(
        isinstance(measured, Mapping) and len(measured) >= 2,
        f"measured に、候補を 2 つ以上、{example} のように書いてください。",
    )
    rows = {}
    for name, row in measured.items():
        require(
            isinstance(row, Mapping) and set(row) == {"score", "cost"},
            f"measured[{name!r}] は、キーが 'score' と 'cost' の辞書にしてください。",
            Stage.TYPE,
        )
        rows[name] = {key: finite(row[key], f"measured[{name!r}][{key!r}]", count) for key in row}
        require(
            min(rows[name]["cost"]) > 0, f"measured[{name!r}]['cost'] に、正でない数があります。"
        )
    for (a, one), (b, other) in itertools.combinations(rows.items(), 2):
        require(
            one != other,
            f"measured の {a!r} と {b!r} は、成績も費用も、どの種でもまったく同じです。"
            "候補ごとに測った数を書いてください。",
        )
    return rows


def check_choice(rows, choice, limit):
    """選んだ候補は上限を守り、どの種でも成績と費用の両方で負ける相手はいない。"""
    chosen = rows[choice]
    worst = max(chosen["cost"])
    require(
        worst <= limit,
        f"選んだ {choice!r} の費用は最大 {worst:g} で、limit の {limit:g} を超えます。",
    )
    for name, row in rows.items():
        better = all(a > b for a, b in zip(row["score"], chosen["score"], strict=True))
        lighter = all(a < b for a, b in zip(row["cost"], chosen["cost"], strict=True))
        require(
            not (better and lighter),
            f"どの種でも、{name!r} のほうが {choice!r} より成績が良く、費用も小さくなっています。",
        )


EXERCISES = (
    Exercise(
        id="9.1",
        name="my_choice",
        title="自分の課題で、モデルを 1 つ選んで報告する",
        section="自分の課題で選ぶ",
        difficulty=3,
        minutes=120,
        hints=(
            "まず、系列を読まない相手（語の数、平均、多数決など）を 1 つ測ります。"
            "それに勝てないなら、それを選ぶのも答えです。",
            "limit は測る前に決めます。費用は、使うときに効くもの（1 件に答える秒数、訓練の秒数、"
            "ファイルの大きさなど）を 1 つ選びます。",
            "どの種でも成績と費用の両方で負ける相手がいる候補は、選べません。",
        ),
        check=check_my_choice,
        kind=Kind.EXPLORE,
    ),
    Exercise(
        id="9.2",
        name="same_distance",
        title="歩く距離をそろえる",
        section="学習率スケジューラ",
        difficulty=2,
        minutes=15,
        hints=(
            "形と高さを分けて考えます。頂点を 1 とした形を先に作り、高さは後で決めます。",
            "余弦の部分の進み具合は、warmup で 0、total で 1 です。cos は 1 から -1 まで動くので、"
            "1 から 0 までに直します。",
            "頂点を何倍かにすると、和も同じ倍になります。和を base * total にする倍率を求めます。"
            "warmup が 0 のときの倍率は、ほかのときと違います。",
        ),
        check=check_same_distance,
    ),
    Exercise(
        id="9.3",
        name="locked_dropout",
        title="時刻で変わらないドロップアウト",
        section="ドロップアウトとバッチ正規化",
        difficulty=2,
        minutes=15,
        hints=(
            "乱数を引く所が繰り返しの中にあれば、時刻ごとに違うマスクになります。",
            "マスクの形を (B, 1, D) にすると、どの時刻にも同じものが掛かります。",
            "残す割合が 1 - p なので、1 - p で割ると、期待値が元と同じになります。"
            "評価のときは、値も勾配もそのまま通し、乱数も引きません。",
        ),
        check=check_locked_dropout,
        kind=Kind.MEND,
    ),
    Exercise(
        id="9.4",
        name="best_epoch",
        title="早期終了",
        section="やめどき",
        difficulty=2,
        minutes=20,
        hints=(
            "前から順に見ながら、最後に改善したエポックを覚えておきます。比べる相手は、"
            "1 つ前のエポックでも、見た中の最小でもなく、そのエポックの損失です。",
            "nan を含む大小の比較は、いつも偽です。改善した条件のほうを書けば、nan は改善に"
            "なりません。",
            "epoch - best が patience になったら打ち切って (best, epoch) を返します。"
            "最後まで打ち切られなかったときの戻り値も忘れずに。",
        ),
        check=check_best_epoch,
    ),
    Exercise(
        id="9.5",
        name="averaged_weights",
        title="重みの指数移動平均",
        section="やめどき",
        difficulty=2,
        minutes=15,
        hints=(
            "1 回めの更新の後の平均は (1 - decay) * 重み で、割合の合計は 1 - decay です。"
            "割れば、1 回めの重みそのものに戻ります。",
            "割合の合計は、平均と同じ規則で更新できます。重みの代わりに 1 を足していくのです。"
            "k 回の後には 1 - decay**k になります。",
            "直した値は、返す列に入れるだけです。次の更新には、直す前の平均を使います。",
        ),
        check=check_averaged_weights,
    ),
    Exercise(
        id="9.6",
        name="calibration_error",
        title="期待較正誤差",
        section="公平に評価する",
        difficulty=2,
        minutes=20,
        hints=(
            "確信度は torch.maximum(probability, 1 - probability) です。当たったかどうかは、"
            "答えたほうと正解が同じかどうかです。",
            "区間に入るものは (confidence >= left) & (confidence < end) で選べます。"
            "最後の区間の end は、1 より大きくします。",
            "件数の割合と平均の差を掛けると、件数は約分できます。確信度の和と当たりの数の差を、"
            "N で割るのと同じです。空の区間は 0 になります。",
        ),
        check=check_calibration_error,
    ),
    Exercise(
        id="9.7",
        name="int8_bound",
        title="int8 に丸めたときの、答えのずれの上限",
        section="速くしたのは、ONNX だけではなかった",
        difficulty=2,
        minutes=15,
        hints=(
            "いちばん近い目盛りに丸めると、重み 1 つのずれは、目盛りの幅の半分を超えません。",
            "ずれが打ち消し合わないのは、どの成分でも、ずれの符号と x の符号がそろうときです。",
        ),
        check=check_int8_bound,
        kind=Kind.DERIVE,
    ),
)
