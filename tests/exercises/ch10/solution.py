"""「主張と検証」の解答。"""

import math
import statistics

import torch
from torch import nn

from lstm_text.records import Above, mean_interval


def coverage(interval, n, chance):
    def seen(successes):
        """成功の回数がちょうど successes になる確率。"""
        return math.comb(n, successes) * chance**successes * (1 - chance) ** (n - successes)

    inside = 0.0
    for successes in range(n + 1):
        low, high = interval(successes, n)
        if low <= chance <= high:
            inside += seen(successes)
    return inside


def sign_flip_test(first, second):
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    ways = {0: 1}  # 差の合計 -> その合計になる、符号の付け方の数
    for gap in gaps:
        following = {}
        for total, count in ways.items():
            for signed in (gap, -gap):
                following[total + signed] = following.get(total + signed, 0) + count
        ways = following
    far = sum(count for total, count in ways.items() if abs(total) >= abs(sum(gaps)))
    return far / 2 ** len(gaps)


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

    bound = 2.0  # 100 倍
    seeds = list(range(10))
    names = {f"{scale:g} 倍": scale for scale in (1.0, 2.0)}
    values = {
        name: [math.log10(gradient_norm(scale, seed)) for seed in seeds]
        for name, scale in names.items()
    }
    plain, doubled = values.values()
    low, high = mean_interval([b - a for a, b in zip(plain, doubled, strict=True)])
    judgement = Above("", low, high, bound).judgement
    return {
        "question": "再帰の重みを 2 倍にすると、30 時刻前まで届く勾配は 100 倍を超えるか。",
        "fixed": {"入力": "標準正規分布、4 次元、30 時刻", "隠れ状態の次元": 32, "損失": "和"},
        "bound": bound,
        "seeds": seeds,
        "values": values,
        "compared": ("2 倍", "1 倍"),
        "judgement": judgement,
        "answer": f"勾配のノルム（10 を底とする対数）の差は、{len(seeds)} の種の平均の 95 % 区間が "
        f"{low:.1f} から {high:.1f}。境目の {bound:g} と比べて、{judgement}だった。",
    }
