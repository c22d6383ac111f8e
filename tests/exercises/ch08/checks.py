"""「はしごを登る」の練習。"""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.cases import double, expect_single, single
from tests.exercises.engine.compare import (
    TOLERANCE,
    agree_closely,
    apart,
    exp_may_overflow,
    expect,
    require_kind,
    same,
    worst,
)
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.recurrent import agree_gradients, normal


def check_two_pairs(f):
    """当てた件数は約束のとおりで、硬貨の裏表から求めた p 値が、1 つめは小さく、2 つめは大きい。"""
    rng = np.random.default_rng(81)
    sizes = (25_000, 1_000, 1_010, 40_000, *(10 * rng.integers(100, 3_000, 4)).tolist())
    for n in sizes:
        most = math.isqrt(n // 4)
        for gap in (60 if n == 25_000 else 10, most):
            agree_on_pairs(f(n, gap), n, gap)


def agree_on_pairs(pairs, n, gap):
    """2 つの組の型と形、当てた件数、p 値。"""
    require_two(pairs, "戻り値", "2 つの組")
    for number, pair in enumerate(pairs, start=1):
        name = f"{number} つめの組"
        require_two(pair, name, " (first, second) の組")
        first, second = (
            right_of(each, n, f"{name}の {which} (n,)")
            for each, which in zip(pair, ("first", "second"), strict=True)
        )
        told = f"n = {n}、gap = {gap} のとき、{name}の"
        hits, others = int(first.sum()), int(second.sum())
        require(
            hits == 9 * n // 10,
            f"{told} first は、9 割の {9 * n // 10} 件を当てるはずですが、{hits} 件でした。",
        )
        require(
            hits - others == gap,
            f"{told} first は、second よりちょうど {gap} 件多く当てるはずですが、"
            f"{hits} 件と {others} 件でした。",
        )
        alone, other = int((first & ~second).sum()), int((second & ~first).sum())
        p = coins(alone, other)
        require(
            p < 0.01 if number == 1 else p > 0.2,
            f"{told} p 値は {'0.01 より小さい' if number == 1 else '0.2 より大きい'}はずですが、"
            f"{p:.2g} でした（片方だけが当てたのは、first が {alone} 件、second が {other} 件）。",
        )


def right_of(got, n, name):
    """n 件の当たり外れを並べた、bool のテンソル。NumPy の配列でもよい。"""
    got = torch.from_numpy(got) if isinstance(got, np.ndarray) else got
    require_kind(isinstance(got, torch.Tensor), got, name, "テンソル（torch.Tensor）")
    kind = str(got.dtype).removeprefix("torch.")
    require(kind == "bool", f"{name} の型は bool のはずですが、{kind} です。", Stage.TYPE)
    shape = f"{name} の形は ({n},) のはずですが、{tuple(got.shape)} です。"
    require(got.shape == (n,), shape, Stage.SHAPE)
    return got


def require_two(got, name, kind):
    """2 つのものの組である。"""
    require_kind(isinstance(got, tuple | list) and len(got) == 2, got, name, kind)


def coins(only_first, only_second):
    """硬貨の裏表が、同じか、もっと偏る確率。二項係数を、1 つ前から順に求める。"""
    n, term, total = only_first + only_second, 1, 1
    for k in range(min(only_first, only_second)):
        term = term * (n - k) // (k + 1)
        total += term
    return min(1.0, float(Fraction(2 * total, 2**n)))


def check_adversarial_noise(f):
    """math.hypot で求めた長さから作った雑音と一致する。勾配の大きさは選ばない。"""
    rng = np.random.default_rng(82)
    scales = torch.tensor([0.5, 3, 20])[:, None, None]
    gradient = scales * normal(rng, 3, 4, 5)
    agree_on_noise(f, gradient, 2.0)
    flat = gradient.clone()
    flat[1] = 0
    agree_on_noise(f, flat, 0.25)
    agree_on_noise(f, 1e-12 * gradient, 1.0)
    agree_on_noise(f, 1e-20 * gradient, 1.0)
    agree_on_noise(f, 1e-200 * flat, 5.0)  # 2 乗すると 0
    agree_on_noise(f, 1e200 * flat, 1.0)  # 2 乗すると inf
    agree_on_noise(f, torch.full((1, 2, 3), 4e307), 5.0)  # 足しても、epsilon を掛けても inf
    for powers in ([-200, 0, 200], [200, 0, -200]):  # 系列ごとに、桁が違う
        far_apart = 10.0 ** torch.tensor(powers)[:, None, None]
        agree_on_noise(f, far_apart * gradient, 2.0)
        agree_on_noise(f, far_apart * flat, 2.0)
    agree_on_noise(f, 0 * gradient, 1.0)
    agree_on_noise(f, normal(rng, 1, 1, 1), 0.5)
    agree_on_noise(f, 1e-6 * normal(rng, 2, 3000, 3), 3.0)
    far_apart = 10.0 ** torch.tensor([-30, 0, 30])[:, None, None]
    for each in (
        flat,
        1e-30 * flat,
        1e30 * flat,
        far_apart * gradient,
        far_apart * flat,
        0 * flat,
    ):
        expect_single(f, stretched, [each, 0.25], "戻り値 (B, T, D)")


def agree_on_noise(f, gradient, epsilon):
    """雑音が一致する。"""
    expect(f(gradient, epsilon), stretched(gradient, epsilon), "戻り値 (B, T, D)")


def stretched(gradient, epsilon):
    """長さを、あふれない math.hypot で求める正解。"""
    rows = []
    for each in gradient:
        norm = math.hypot(*each.flatten().tolist())
        rows.append(epsilon * (each / norm) if norm else torch.zeros_like(each))
    return torch.stack(rows)


def check_distillation_loss(f):
    """値と勾配が、2 クラスの交差エントロピーと一致する。ロジットの大きさも温度も選ばない。"""
    rng = np.random.default_rng(83)
    cases = (
        (2 * normal(rng, 5), 2 * normal(rng, 3, 5), 1.0),
        (2 * normal(rng, 4), 3 * normal(rng, 2, 4), 2.0),
        (normal(rng, 1), normal(rng, 1, 1), 0.5),
        (torch.tensor([60.0, -60]), torch.tensor([[-1.0, 2], [0.5, 1]]), 1.0),
        (
            torch.tensor([1000.0, -1000, 300]),
            torch.tensor([[-2.0, 1, 800], [-700, 0.3, -900]]),
            0.25,
        ),
        (normal(rng, 6), 2 * normal(rng, 3, 6), 1000.0),
        (3 * normal(rng, 4000), 3 * normal(rng, 4, 4000), 4.0),
    )
    for student, teachers, temperature in cases:
        want = two_classes(student, teachers, temperature)
        answer, oracle = (partial(at_temperature, g, temperature) for g in (f, two_classes))
        with exp_may_overflow():
            expect(f(student, teachers, temperature), want, "損失")
            agree_gradients(answer, oracle, [student, teachers])
    for scale in (1, 100):
        args = [scale * each for each in cases[1][:2]]
        expect_single(f, two_classes, [*args, 2.0], "損失")


def at_temperature(f, temperature, student, teachers):
    """温度を決めて、ロジットだけの関数にする。"""
    return f(student, teachers, temperature)


def two_classes(student, teachers, temperature):
    """否定のロジットを 0 とした、2 クラスの交差エントロピー。先生には勾配を流さない。"""
    yes = nn.functional.sigmoid(teachers.detach() / temperature).mean(0)
    logits = torch.stack([torch.zeros_like(student), student], dim=1) / temperature
    targets = torch.stack([1 - yes, yes], dim=1)
    return temperature**2 * nn.functional.cross_entropy(logits, targets)


def check_luck_of_the_best(f):
    """当たりを 1 件ずつ数え、分数のまま平均したものと一致する。"""
    rng = np.random.default_rng(85)
    tables = [rng.random((r, n)) < p for r, n, p in ((18, 120, 0.9), (5, 300, 0.7), (1, 40, 0.5))]
    even = rng.random(90) < 0.8  # 同じ強さの段。並べ替えただけなので、引き直すまでは同点
    tables += [np.stack([np.roll(even, k) for k in range(12)]), np.stack([~even, even, even])]
    cases = [(table, rounds) for table in tables for rounds in (1, 40)]
    got = [f(table, n, np.random.default_rng(n)) for table, n in cases]
    for each, (table, rounds) in zip(got, cases, strict=True):
        name = f"{len(table)} 段、{table.shape[1]} 件、{rounds} 周の差の平均"
        agree_closely(each, luck_by_hand(table, rounds), name)
    mine, right = np.random.default_rng(0), np.random.default_rng(0)
    f(tables[0], 3, mine)
    right.integers(120, size=(3, 120))
    require(
        mine.bit_generator.state == right.bit_generator.state,
        "N = 120、rounds = 3 のとき、rng から引くのは rng.integers(N, size=N) の 3 度だけの"
        "はずですが、違う回数か、違う引き方でした。",
    )


def luck_by_hand(table, rounds):
    """1 件ずつ数える。"""
    rng, n, total = np.random.default_rng(rounds), table.shape[1], Fraction(0)
    for _ in range(rounds):
        drawn = rng.integers(n, size=n).tolist()
        hits = [sum(bool(row[k]) for k in drawn) for row in table]
        best = hits.index(max(hits))
        left = set(range(n)) - set(drawn)
        kept = sum(bool(table[best, k]) for k in left)
        total += Fraction(hits[best], n) - Fraction(kept, len(left))
    return float(total / rounds)


def check_attention_slopes(f):
    """自動微分を使わずに、自動微分と同じ勾配を得る。重みの小さい時刻でも、桁まで。"""
    rng = np.random.default_rng(85)
    cases = (
        (3, 6, 4, 1.0),
        (1, 4, 2, 1.0),
        (2, 1, 3, 1.0),
        (2, 300, 3, 1.0),
        (2, 5, 3, 40.0),
        (2, 5, 3, 1000.0),  # exp があふれる
    )
    answered = []
    for b, t, h, scale in cases:
        args = scale * normal(rng, b, t), 3 * normal(rng, b, t, h), 3 * normal(rng, b, h)
        with without_autograd():
            got = f(*args)
        with exp_may_overflow():
            expect(got, automatic_slopes(*args), "得点の勾配 (B, T)")
        answered.append((got, args))
    args = single([normal(rng, 2, 300), normal(rng, 2, 300, 3), normal(rng, 2, 3)])
    with without_autograd():
        got = f(*args)
    expect(got, single(automatic_slopes(*double(args))), "得点の勾配 (B, T)")
    for got, args in answered:
        agree_per_weight(got, *args)


def agree_per_weight(got, scores, output, upstream):
    """どの時刻の勾配も、その時刻の重みに比べて正しい。

    式から求めた勾配は、どんなに小さくても桁まで正しい。損失の差から求めた勾配は、差を何次の式で
    取っても、重みの小さい時刻の分が丸め誤差に消える。
    """
    got, want = torch.as_tensor(got).detach(), automatic_slopes(scores, output, upstream)
    weights = nn.functional.softmax(scores, dim=1)
    steepest = (output * upstream[:, None]).sum(2).abs().amax(1, keepdim=True)
    allowed = TOLERANCE * weights * steepest + torch.finfo(weights.dtype).tiny
    (b, t), gap = worst(got / allowed, want / allowed)
    right, found = apart(float(want[b, t]), float(got[b, t]))
    require(
        gap <= 1,
        f"得点の勾配[{b}, {t}] は、重みが小さくても桁まで求めて {right} のはずですが、{found} "
        "でした（損失の差で近似すると、丸め誤差に消えます）。",
    )


def automatic_slopes(scores, output, upstream):
    """自動微分による正解。"""
    leaf = scores.clone().requires_grad_()
    weights = nn.functional.softmax(leaf, dim=1)
    summary = torch.einsum("bt,bth->bh", weights, output)
    return torch.autograd.grad((summary * upstream).sum(), leaf)[0]


def check_leanings(f):
    """ほかのレビューだけを数え直した偏りと一致する。自分の正解は、自分の偏りを動かさない。"""
    cases = (
        (  # どの語も、肯定と否定の 2 件以上にある。1 を足し忘れても、0 の log にならない
            (1, "good good film"),
            (1, "good not bad film"),
            (1, "not bad film film"),
            (1, "good film"),
            (0, "bad bad film"),
            (0, "not good film"),
            (0, "bad film film not"),
            (0, "good bad film"),
        ),
        ((1, "a"), (0, ""), (0, "a b b c"), (1, "b d d d a")),
        ((0, "not not good"),),
        ((1, "a b"), (1, "b b"), (1, "")),  # 片方の正解しかない
        ((0, "a"), (0, "a c a")),
        ((1, "a b"), (1, "a b"), (0, "b c"), (0, "a b"), (1, "c")),  # 同じ語の並び
        ((1, "art"), (0, "part art"), (0, "party"), (1, "art part")),
    )
    for case in cases:
        agree_on_leanings(f, [text.split() for _, text in case], [label for label, _ in case])
    rng = np.random.default_rng(86)
    for reviews, words, longest in ((12, 4, 6), (40, 30, 12), (150, 400, 30)):
        labels = rng.integers(0, 2, reviews).tolist()  # 語とは関係のない正解
        lengths = rng.integers(0, longest + 1, reviews)
        texts = [[f"w{int(words * u**2)}" for u in rng.random(n)] for n in lengths]
        agree_on_leanings(f, texts, labels)


def agree_on_leanings(f, texts, labels):
    """どのトークンの偏りも一致する。合わず、自分の正解に左右されるなら、先にそのことを言う。"""
    got, want = f(texts, labels), counted_again(texts, labels)
    require_one_per_token(got, texts)
    names = [[f"texts[{i}] の {token!r} の偏り" for token in t] for i, t in enumerate(texts)]
    try:
        expect(got, want, names)
    except Incorrect as incorrect:
        if incorrect.stage is Stage.VALUE:
            first = [same(*rows) for rows in zip(got, want, strict=True)].index(False)
            require_blind(f, texts, labels, got, first)
        raise


def require_one_per_token(got, texts):
    """レビューの数だけリストが並び、それぞれにトークンの数だけ並ぶ。"""
    require_kind(isinstance(got, tuple | list), got, "戻り値", "リストのリスト")
    sentence = f"戻り値は {len(texts)} 件分のはずですが、{len(got)} 個の値が並んでいます。"
    require(len(got) == len(texts), sentence, Stage.SHAPE)
    for i, (row, tokens) in enumerate(zip(got, texts, strict=True)):
        require_kind(isinstance(row, tuple | list), row, f"戻り値[{i}] ", "偏りのリスト")
        sentence = f"texts[{i}] は {len(tokens)} 語なのに、偏りは {len(row)} 個です。"
        require(len(row) == len(tokens), sentence, Stage.SHAPE)


def require_blind(f, texts, labels, got, i):
    """i 件めの正解だけを逆にしても、i 件めの偏りは変わらない。"""
    other = [1 - label if k == i else label for k, label in enumerate(labels)]
    require(
        same(f(texts, other)[i], got[i]),
        f"labels[{i}] だけを逆にすると、texts[{i}] の偏りも変わります。"
        "レビューの偏りに、そのレビュー自身の正解が漏れています。",
    )


def counted_again(texts, labels):
    """1 件ごとに、ほかのレビューを初めから数え直す正解。"""
    reviews = [(set(tokens), label) for tokens, label in zip(texts, labels, strict=True)]
    rows = []
    for i, tokens in enumerate(texts):
        others = reviews[:i] + reviews[i + 1 :]
        found = [[label for seen, label in others if token in seen] for token in tokens]
        rows.append([math.log((each.count(1) + 1) / (each.count(0) + 1)) for each in found])
    return rows


EXERCISES = (
    Exercise(
        id="8.1",
        name="two_pairs",
        title="同じ差、違う確かさ",
        section="差のものさし",
        difficulty=2,
        minutes=15,
        hints=(
            "両方が当てたものと、両方が外したものは、p 値を動かしません。片方だけが当てた件数を、"
            "紙に書いてみましょう。",
            "first だけが当てたのが a 件、second だけが当てたのが b 件なら、a − b = gap です。"
            "gap が同じなら、b をどう変えると、p 値は大きくなるでしょうか。",
            "second は、first の外した 1 割の中からも当てられます。当てた分だけ、first の当てた所で"
            "余分に外せば、差は gap のままです。",
        ),
        check=check_two_pairs,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="8.2",
        name="attention_slopes",
        title="注意機構の得点の勾配",
        section="どの時刻を読むかを学ぶ",
        difficulty=3,
        minutes=30,
        hints=(
            "まず、重みについての損失の傾きを求めます。まとめたものは重みの 1 次式なので、"
            "時刻 t の重みについての傾きは、h_t と upstream の内積です。",
            "得点を 1 つ上げると、その時刻の重みが増え、ほかの重みは減ります。重みの変わり方は、"
            "自分の得点については「重み ×（1 − 重み）」、ほかの時刻の得点については"
            "「2 つの時刻の重みの積」に負の符号を付けたものです。",
            "2 つを合わせると、「時刻ごとの傾き」と「傾きの重みつきの平均」の差が現れます。"
            "答えは、どの系列でも、時刻について足すと 0 になります。",
        ),
        check=check_attention_slopes,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="8.3",
        name="adversarial_noise",
        title="決まった長さの雑音",
        section="わざと難しくして当てさせる",
        difficulty=2,
        minutes=20,
        hints=(
            "長さは、時刻と特徴の両方の軸にわたるノルムです。norm(dim=(1, 2), keepdim=True) の"
            "形は (B, 1, 1) で、そのまま割れます。",
            "1e-200 の 2 乗は 0 になります。向きは何倍しても変わらないので、2 乗する前に、"
            "系列ごとの絶対値の最大で割っておきます。",
            "絶対値の最大で割ったあとの長さは、すべて 0 の系列のほかは 1 以上です。"
            "0 で割らないように、最大が 0 の系列では 1 で割ります。",
        ),
        check=check_adversarial_noise,
    ),
    Exercise(
        id="8.4",
        name="distillation_loss",
        title="先生たちの答えから学ぶ損失",
        section="先生の答えを 1 つに移す",
        difficulty=2,
        minutes=15,
        hints=(
            "先生 1 人ずつのロジットを確率に直してから、先生の軸で平均します。"
            "ロジットを平均してから確率に直すと、違う値になります。",
            "log(sigmoid(z)) は、z が大きいと log の中が 0 か 1 に丸められて壊れます。"
            "ロジットのまま受け取る関数を使います。",
            "F.binary_cross_entropy_with_logits の正解には、0 と 1 のあいだの数も渡せます。"
            "正解のほうは detach() しておきます。",
            "温度で割ると、生徒のロジットについての勾配は T で割られ、確率の差も、T が大きいほど"
            "縮みます。T の 2 乗を掛けると、T を変えても勾配の大きさがそろいます。",
        ),
        check=check_distillation_loss,
    ),
    Exercise(
        id="8.5",
        name="luck_of_the_best",
        title="最高点の甘さ",
        section="どの段を選ぶか",
        difficulty=2,
        minutes=20,
        hints=(
            "まず 1 周だけを書きます。引き直した番号を drawn とすると、引き直した当たり外れは "
            "right[:, drawn] です。",
            "1 度も引かれなかったレビューは、すべて True の列を作り、drawn の所を False にすれば"
            "残ります。",
            "段は、周ごとに選び直します。いつも同じ段を選ぶなら、甘さは 0 のまわりになります。",
        ),
        check=check_luck_of_the_best,
    ),
    Exercise(
        id="8.6",
        name="leanings",
        title="自分の 1 件を抜く",
        section="数えたことを、LSTM に読ませる",
        difficulty=2,
        minutes=15,
        hints=(
            "そのレビューにしか現れない語では、p も n も 0 なので、偏りは 0 のはずです。"
            "直すコードでは、いくつになるでしょうか。その語が、そのレビューに 3 度現れるときは"
            "どうでしょうか。",
            "数えるときは、tokens でなく set(tokens) を渡します。偏りを求めるときは、肯定の"
            "レビューなら p から、否定のレビューなら n から、1 を引きます。何度現れた語でも、"
            "数えたのは 1 件なので、引くのも 1 です。",
        ),
        check=check_leanings,
        kind=Kind.MEND,
    ),
)
