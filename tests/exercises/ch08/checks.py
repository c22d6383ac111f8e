"""「はしごを登る」の練習。"""

import math
from functools import partial

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise
from tests.exercises.engine.recurrent import agree_gradients, normal


def check_attention_mean(f):
    """値と勾配が、系列を 1 つずつ切り出したものと一致する。得点の大きさもパディングも選ばない。"""
    rng = np.random.default_rng(81)
    scores, output = 2 * normal(rng, 3, 6), normal(rng, 3, 6, 4)
    agree_on_attention(f, (2, 5, 3), scores, output)
    agree_on_attention(f, (1, 4, 4), normal(rng, 3, 4), normal(rng, 3, 4, 2))
    agree_on_attention(f, (6,), 1000 + scores[:1], output[:1])  # exp があふれる
    far_apart = scores + torch.tensor([[0.0], [2000], [-2000]])
    agree_on_attention(f, (6, 6, 6), far_apart, output)  # 系列ごとに、得点の高さが違う
    high_padding = scores.clone()
    high_padding[0, 2:] = 3000
    agree_on_attention(f, (2, 6, 6), high_padding, output)
    steep = -1e9 * torch.tensor([[4.0, 2, 9, 3, 7, 5]])  # いちばん高い時刻の重みが、ちょうど 1
    agree_on_attention(f, (5,), steep, output[:1])
    lost = scores.clone()
    lost[0, 2:] = torch.nan
    agree_on_attention(f, (2, 6, 6), lost, output)
    beyond = output.clone()
    beyond[0, 2:], beyond[2, 3:] = torch.nan, torch.inf
    agree_on_attention(f, (2, 6, 3), scores, beyond)

    scores, output = 3 * normal(rng, 2, 3000), normal(rng, 2, 3000, 3)
    agree_on_attention(f, (3000, 1700), scores, output)
    for shift in (0, 200):  # float32 の exp は、88 を過ぎるとあふれる
        single = (shift + scores).float(), output.float()
        want = weighted((3000, 1700))(*(each.double() for each in single))
        agree_in_float32(f(*single, torch.tensor((3000, 1700))), want, "戻り値 (B, H)")


def agree_on_attention(f, lengths, scores, output):
    """値も、scores と output についての勾配も一致する。"""
    answer, oracle = partial(with_lengths, f, lengths), weighted(lengths)
    expect(answer(scores, output), oracle(scores, output), "戻り値 (B, H)")
    agree_gradients(answer, oracle, [scores, output])


def with_lengths(f, lengths, scores, output):
    """解答を、scores と output だけの関数にする。"""
    return f(scores, output, torch.tensor(lengths))


def weighted(lengths):
    """系列を 1 つずつ切り出して、重みつきの和をとる正解。"""

    def oracle(scores, output):
        rows = zip(scores, output, lengths, strict=True)
        return torch.stack([nn.functional.softmax(s[:n], dim=0) @ h[:n] for s, h, n in rows])

    return oracle


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
    agree_on_noise(f, normal(rng, 1, 1, 1), 0.5)
    agree_on_noise(f, 1e-6 * normal(rng, 2, 3000, 3), 3.0)
    for scale in (1.0, 1e-30, 1e30):
        single = (scale * flat).float()
        want = stretched(single.double(), 0.25)
        agree_in_float32(f(single, 0.25), want, "戻り値 (B, T, D)")


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
    """値と勾配が、2 クラスの交差エントロピーと一致する。ロジットの大きさは選ばない。"""
    rng = np.random.default_rng(83)
    cases = (
        (2 * normal(rng, 5), 2 * normal(rng, 3, 5)),
        (normal(rng, 1), normal(rng, 1, 1)),
        (torch.tensor([60.0, -60]), torch.tensor([[-1.0, 2], [0.5, 1]])),
        (torch.tensor([1000.0, -1000, 300]), torch.tensor([[-2.0, 1, 800], [-700, 0.3, -900]])),
        (3 * normal(rng, 4000), 3 * normal(rng, 4, 4000)),
    )
    for student, teachers in cases:
        expect(f(student, teachers), two_classes(student, teachers), "損失")
        agree_gradients(f, two_classes, [student, teachers])
    for scale in (1, 100):
        single = [(scale * each).float() for each in cases[0]]
        want = two_classes(*(each.double() for each in single))
        agree_in_float32(f(*single), want, "損失")


def two_classes(student, teachers):
    """否定のロジットを 0 とした、2 クラスの交差エントロピー。先生には勾配を流さない。"""
    yes = nn.functional.sigmoid(teachers.detach()).mean(0)
    logits = torch.stack([torch.zeros_like(student), student], dim=1)
    return nn.functional.cross_entropy(logits, torch.stack([1 - yes, yes], dim=1))


def agree_in_float32(got, want, name):
    """float32 の戻り値が、float64 で求めた正解と、丸めの範囲で一致する。"""
    expect(torch.zeros_like(got) if isinstance(got, torch.Tensor) else got, 0 * want.float(), name)
    rounding = 1e-4 * want.abs().max()
    if not (got.double() - want).abs().le(rounding).all():
        expect(got.double(), want, name)


EXERCISES = (
    Exercise(
        id="8.1",
        name="attention_mean",
        title="得点の重みでまとめる",
        section="どの時刻を読むかを学ぶ",
        difficulty=2,
        minutes=20,
        hints=(
            "パディングの得点を -inf にしてからソフトマックスをとると、その重みはちょうど 0 で、"
            "残りの重みの和は 1 になります。",
            "重みが 0 でも、0 × nan は nan です。output のほうも、パディングの所を 0 に"
            "置き換えます。掛け算でなく masked_fill か torch.where を使います。",
            "自分で指数をとるなら、先に、系列ごとの、本当の時刻だけの最大値を引きます。"
            "torch の softmax は、これを中でしています。",
        ),
        check=check_attention_mean,
    ),
    Exercise(
        id="8.2",
        name="adversarial_noise",
        title="決まった長さの雑音",
        section="わざと難しくして当てさせる",
        difficulty=3,
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
        id="8.3",
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
        ),
        check=check_distillation_loss,
    ),
)
