"""「はしごを登る」の解答。"""

import math
from collections import Counter

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def two_pairs(n, gap):
    wrong = n // 10
    order = torch.arange(n)
    first = order >= wrong  # 先頭の 1 割を外す
    # 1 つめ: first の外した所は、second も外す。片方だけが当てたのは gap 件
    alike = order >= wrong + gap
    # 2 つめ: first の外した所は、second が残らず当てる。片方だけが当てたのは gap + n / 5 件
    apart = (order < wrong) | (order >= 2 * wrong + gap)
    # 差の標準誤差は、片方だけが当てた件数の平方根に比例する。当たり外れがそろうほど、確かな差になる
    return (first, alike), (first, apart)


def attention_slopes(scores, output, upstream):
    weights = scores.softmax(dim=1)
    told = torch.einsum("bth,bh->bt", output, upstream)  # 時刻ごとの、重みについての傾き
    return weights * (told - (weights * told).sum(dim=1, keepdim=True))


def adversarial_noise(gradient, epsilon):
    largest = gradient.abs().amax(dim=(1, 2), keepdim=True)
    direction = gradient / torch.where(largest > 0, largest, 1)  # どの数も -1 から 1
    norm = direction.norm(dim=(1, 2), keepdim=True)  # すべて 0 の系列のほかは 1 以上
    # 損失が g·s なら、増える分は g と雑音の内積で、ちょうど epsilon * ‖g‖
    return epsilon * direction / norm.clamp_min(1)


def distillation_loss(student, teachers, temperature):
    target = torch.sigmoid(teachers.detach() / temperature).mean(dim=0)
    return temperature**2 * binary_cross_entropy_with_logits(student / temperature, target)


def luck_of_the_best(right, rounds, rng):
    n, gaps = right.shape[1], []
    for _ in range(rounds):
        drawn = rng.integers(n, size=n)
        left = np.ones(n, dtype=bool)
        left[drawn] = False  # 1 度も引かれなかったレビュー
        again = right[:, drawn].mean(axis=1)
        best = again.argmax()  # 同じなら、番号の小さい段
        gaps.append(again[best] - right[best, left].mean())
    # 段が 1 つなら、平均すれば 0。選ばなければ、甘さはない。段の実力が 5 ポイントずつ違っても、
    # いつも同じ段が選ばれるので、やはり 0 のまわりになる（検証用が 2,500 件のとき）
    return float(np.mean(gaps))


def leanings(texts, labels):
    positive, negative = Counter(), Counter()
    for tokens, label in zip(texts, labels, strict=True):
        counts = positive if label == 1 else negative
        counts.update(set(tokens))  # 何度現れても 1 件
    rows = []
    for tokens, label in zip(texts, labels, strict=True):
        own_p, own_n = (1, 0) if label == 1 else (0, 1)  # そのレビュー自身の 1 件
        pairs = [(positive[token] - own_p, negative[token] - own_n) for token in tokens]
        rows.append([math.log((p + 1) / (n + 1)) for p, n in pairs])
    return rows
