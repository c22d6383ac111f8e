"""「主張と検証」の別の正しい答え。"""

import math
import statistics
from fractions import Fraction

import numpy as np
import torch
from torch import nn


class success_interval:
    def quadratic(successes, n):
        """式 (p - q)² = z² q (1 - q) / n を満たす q を、2 次方程式として解く"""
        p, z2 = successes / n, 1.96**2
        a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
        root = math.sqrt(max(0.0, b * b - 4 * a * c))
        return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))

    def counts(successes, n):
        """割合でなく、回数のまま計算し、リストで返す"""
        z = 1.96
        failures = n - successes
        middle = (successes + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * (successes * failures / n + z * z / 4) ** 0.5
        return list(np.clip([middle - half, middle + half], 0, 1))


class sign_test:
    def one_by_one(first, second):
        """種を 1 つずつ増やしながら、勝ちの数の分布を作る"""
        signs = [a > b for a, b in zip(first, second, strict=True) if a != b]
        chances = {0: 1.0}
        for _ in signs:
            following = dict.fromkeys(range(len(chances) + 1), 0.0)
            for wins, chance in chances.items():
                following[wins] += chance / 2
                following[wins + 1] += chance / 2
            chances = following
        seen = abs(2 * sum(signs) - len(signs))
        return sum(c for wins, c in chances.items() if abs(2 * wins - len(signs)) >= seen)

    def exact(first, second):
        """分数のまま、両側の確率を 1 つずつ足す"""
        pairs = list(zip(first, second, strict=True))
        wins, n = sum(a > b for a, b in pairs), sum(a != b for a, b in pairs)
        far = [k for k in range(n + 1) if abs(2 * k - n) >= abs(2 * wins - n)]
        return sum((Fraction(math.comb(n, k), 2**n) for k in far), Fraction(0))


class time_ratio:
    def other_order(bench, warmup, rounds):
        """a の準備を全部してから b の準備をし、b、a の順に測る"""
        for step in (bench.a, bench.b):
            for _ in range(warmup):
                step()
        ratios = []
        for _ in range(rounds):
            times = [bench.clock()]
            for step in (bench.b, bench.a):
                step()
                times.append(bench.clock())
            b, a = np.diff(times)
            ratios.append(a / b)
        return np.median(ratios)

    def measured_then_dropped(bench, warmup, rounds):
        """準備の分も測っておき、あとで捨てる"""
        ratios = []
        for _ in range(warmup + rounds):
            start = bench.clock()
            bench.a()
            middle = bench.clock()
            bench.b()
            ratios.append((middle - start) / (bench.clock() - middle))
        return statistics.median(ratios[warmup:])


class sign_test_power:
    def from_the_least(n, win, alpha):
        """差があると言える、いちばん少ない勝ちの数を探し、その先の確率を両側で足す"""
        least, tail = n + 1, Fraction(0)
        while least > n / 2 + 0.5 and 2 * (tail + Fraction(math.comb(n, least - 1), 2**n)) <= alpha:
            least -= 1
            tail += Fraction(math.comb(n, least), 2**n)
        several = range(least, n + 1)
        far = {*several, *(n - k for k in several)} if alpha < 1 else range(n + 1)
        return float(sum(math.comb(n, k) * win**k * (1 - win) ** (n - k) for k in far))

    def seed_by_seed(n, win, alpha):
        """勝ちの数の分布を、種を 1 つずつ増やして作る。五分五分のときも同じ作り方をする"""

        def distribution(chance):
            found = np.ones(1)
            for _ in range(n):
                found = np.convolve(found, [1 - chance, chance])
            return found

        fair, wins = distribution(0.5), np.arange(n + 1)
        far = np.abs(2 * wins - n)
        p_values = np.array([fair[far >= each].sum() for each in far])
        return distribution(win)[p_values <= alpha].sum()


class my_question:
    def written_down():
        """測った数を書き写す"""
        return {
            "question": "種を変えると、どの車が速いか。",
            "fixed": {"坂": "同じ"},
            "seeds": [1, 2, 3],
            "values": {"赤": [1.5, 1.25, 1.75], "青": [2, 2, 2]},
            "answer": "赤が、3 回とも速かった（1.25 秒から 1.75 秒）。",
        }

    def with_numpy():
        """NumPy の配列と、ほかの条件も入れる"""
        rng = np.random.default_rng(0)
        return {
            "question": "正規分布の標本を増やすと、平均の誤差は小さくなるのでしょうか？",
            "fixed": {"分布": "標準正規"},
            "seeds": np.arange(4),
            "values": {n: np.abs(rng.standard_normal((4, n)).mean(axis=1)) for n in (4, 16, 64)},
            "answer": "64 個では、4 個より小さい種が 4 つのうち多かった。",
        }

    def never_reached():
        """上限までに届かなかった種を None とし、種によらない結果も、断って報告する"""
        return {
            "question": "長さ 200 を、2,000 回までに覚えるか。",
            "fixed": {"学習率": 0.01},
            "seeds": [0, 1, 2],
            "values": {"既定": [None, None, None], "chrono": [100.0, 100.0, 100.0]},
            "answer": "既定は 3 つとも届かず、chrono は 100 %。どの種でも同じだった。",
        }

    def as_in_a_notebook():
        """種を torch.manual_seed で決め、型を書かずに測る"""
        values = {"大きい": [], "小さい": []}
        for seed in (0, 1, 2):
            for name, hidden in (("大きい", 16), ("小さい", 4)):
                torch.manual_seed(seed)
                layer = nn.RNN(2, hidden)
                x = torch.from_numpy(np.ones((5, 1, 2), dtype=np.float32))
                values[name].append(layer(x)[0].abs().mean().item())
        return {
            "question": "ユニットを増やすと、状態の平均は大きくなるか。",
            "fixed": {"入力": "すべて 1"},
            "seeds": [0, 1, 2],
            "values": values,
            "answer": f"大きいほうは {min(values['大きい']):.2f} からだった。",
        }

    def nobody_reached():
        """どの条件も届かなかったと、断って報告する"""
        return {
            "question": "長さ 1,000 を、2,000 回までに覚えるか。",
            "fixed": {"学習率": 0.01},
            "seeds": [0, 1, 2],
            "values": {"既定": [None, None, None], "直交": [None, None, None]},
            "answer": "6 つとも届かなかった。どの種でも同じだった。",
        }

    def arrays_without_axes():
        """結果が、軸のない配列や、テンソルのままでも"""
        return {
            "question": "数が増えるか。",
            "fixed": {"回数": 1},
            "seeds": [0, 1, 2],
            "values": {"a": [np.array(1.0), np.array(2.0), None], "b": list(torch.ones(3))},
            "answer": "1 から 2 に増え、1 つは数にならなかった。",
        }
