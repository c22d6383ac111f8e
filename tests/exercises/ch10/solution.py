"""「主張と検証」の解答。"""

import math
import statistics

import torch
from torch import nn


def success_interval(successes, n):
    p, z = successes / n, 1.96
    center = p + z**2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return max(0.0, (center - half) / scale), min(1.0, (center + half) / scale)


def sign_test(first, second):
    wins = sum(a > b for a, b in zip(first, second, strict=True))
    losses = sum(a < b for a, b in zip(first, second, strict=True))
    n = wins + losses
    tail = sum(math.comb(n, k) for k in range(max(wins, losses), n + 1)) / 2**n
    return min(1.0, 2 * tail)


def time_ratio(bench, warmup, rounds):
    def seconds(step):
        start = bench.clock()
        step()
        return bench.clock() - start

    for _ in range(warmup):
        bench.a()
        bench.b()
    return statistics.median(seconds(bench.a) / seconds(bench.b) for _ in range(rounds))


def sign_test_power(n, win, alpha):
    power = 0.0
    for wins in range(n + 1):
        most = max(wins, n - wins)
        chance = min(1.0, 2 * sum(math.comb(n, k) for k in range(most, n + 1)) / 2**n)
        if chance <= alpha:
            power += math.comb(n, wins) * win**wins * (1 - win) ** (n - wins)
    return power


def my_question():
    def gradient_norm(scale, seed):
        """重みを scale 倍した RNN の、30 時刻前の状態についての勾配のノルム。"""
        draw = torch.Generator().manual_seed(seed)
        cell = nn.RNNCell(4, 32)
        for weight in cell.parameters():
            nn.init.uniform_(weight, -(32**-0.5), 32**-0.5, generator=draw)
        cell.weight_hh.data *= scale
        start = h = torch.zeros(1, 32, requires_grad=True)
        for x in torch.randn(30, 1, 4, generator=draw):
            h = cell(x, h)
        return torch.autograd.grad(h.sum(), start)[0].norm().item()

    seeds = [0, 1, 2, 3, 4]
    values = {
        f"{scale:g} 倍": [gradient_norm(scale, seed) for seed in seeds] for scale in (1.0, 2.0)
    }
    plain, doubled = values.values()
    ratios = [b / a for a, b in zip(plain, doubled, strict=True)]
    return {
        "question": "再帰の重みを 2 倍にすると、30 時刻前まで届く勾配は、いつも大きくなるか。",
        "fixed": {"入力": "標準正規分布、4 次元、30 時刻", "隠れ状態の次元": 32, "損失": "和"},
        "seeds": seeds,
        "values": values,
        "answer": f"{len(seeds)} つの種のうち {sum(r > 1 for r in ratios)} つで大きくなり、比は "
        f"{min(ratios):.2g} 倍から {max(ratios):.2g} 倍だった。",
    }
