"""「主張と検証」の別の正しい答え。"""

import math
import statistics
from collections import Counter
from fractions import Fraction
from functools import cache

import numpy as np
import torch
from torch import nn


class coverage:
    def trial_by_trial(interval, n, chance):
        """成功の回数の分布を、1 回ずつ試しながら作る"""
        seen = np.ones(1)
        for _ in range(n):
            seen = np.convolve(seen, [1 - chance, chance])
        ends = np.array([interval(k, n) for k in range(n + 1)])
        return seen[(ends[:, 0] <= chance) & (chance <= ends[:, 1])].sum()

    def with_scipy(interval, n, chance):
        """当たらない回数の確率を、1 から引く"""
        from scipy.stats import binom

        missed = [k for k in range(n + 1) if not interval(k, n)[0] <= chance <= interval(k, n)[1]]
        return 1.0 - float(binom.pmf(missed, n, chance).sum())

    def exact(interval, n, chance):
        """分数のまま足す"""
        p = Fraction(chance)
        kept = (k for k in range(n + 1) if min(interval(k, n)) <= chance <= max(interval(k, n)))
        return sum((math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in kept), Fraction(0))


class sign_flip_test:
    def coefficients(first, second):
        """合計を添え字にした配列を、種ごとに左右へずらして足す"""
        gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
        reach = sum(gaps)
        chances = np.zeros(2 * reach + 1)
        chances[reach] = 1.0
        for gap in gaps:
            chances = (np.roll(chances, gap) + np.roll(chances, -gap)) / 2
        far = abs(np.arange(-reach, reach + 1)) >= abs(sum(first) - sum(second))
        return float(chances[far].sum())

    def halves(first, second):
        """種を 2 つに分け、片方の合計を並べておいて、もう片方の合計ごとに数える"""
        gaps = [a - b for a, b in zip(first, second, strict=True)]
        seen = abs(sum(gaps))

        def sums(some):
            found = Counter([0])
            for gap in some:
                moved = Counter()
                for total, n in found.items():
                    moved.update({total + gap: n})
                    moved.update({total - gap: n})
                found = moved
            return found

        left, right = sums(gaps[::2]), sums(gaps[1::2])
        far = sum(n * m for a, n in left.items() for b, m in right.items() if abs(a + b) >= seen)
        return Fraction(far, 2 ** len(gaps))

    def remembered(first, second):
        """後ろの種から、残りの合計ごとに覚えながら数える"""
        gaps = [a - b for a, b in zip(first, second, strict=True)]

        @cache
        def share(i, total):
            if i == len(gaps):
                return float(abs(total) >= abs(sum(gaps)))
            return (share(i + 1, total + gaps[i]) + share(i + 1, total - gaps[i])) / 2

        return share(0, 0)


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
            "bound": 0,
            "seeds": [1, 2, 3, 4, 5, 6],
            "values": {"赤": [1.5, 1.25, 1.75, 1.5, 1.5, 1.25], "青": [2, 2, 2, 2.5, 2, 2]},
            "compared": ["青", "赤"],
            "judgement": "支持",
            "answer": "赤が、6 回とも速かった（1.25 秒から 1.75 秒）。",
        }

    def with_numpy():
        """NumPy の配列と、ほかの条件も入れ、区間を scipy で作る"""
        from scipy.stats import ttest_rel

        rng = np.random.default_rng(0)
        values = {n: np.abs(rng.standard_normal((8, n)).mean(axis=1)) for n in (4, 16, 64)}
        ends = ttest_rel(values[4], values[64]).confidence_interval()
        bound = np.float64(0.05)
        judgement = "支持" if ends.low > bound else "反証" if ends.high <= bound else "保留"
        return {
            "question": "正規分布の標本を増やすと、平均の誤差は小さくなるのでしょうか？",
            "fixed": {"分布": "標準正規"},
            "bound": bound,
            "seeds": np.arange(8),
            "values": values,
            "compared": (4, 64),
            "judgement": judgement,
            "answer": "64 個では、4 個より小さい種が 8 つのうち多かった。",
        }

    def never_reached():
        """上限までに届かなかった種を None とし、種によらない結果も、断って報告する"""
        return {
            "question": "長さ 200 を、2,000 回までに覚えるか。",
            "fixed": {"学習率": 0.01},
            "bound": 0.2,
            "seeds": range(6),
            "values": {"届いた回数": [None] * 6, "chrono": [1] * 6, "既定": [0] * 6},
            "compared": ("chrono", "既定"),
            "judgement": "支持",
            "answer": "既定は 6 つとも届かず、chrono は 100 %。どの種でも同じだった。",
        }

    def as_in_a_notebook():
        """種を torch.manual_seed で決め、型を書かずに測る"""
        seeds, values = range(6), {"大きい": [], "小さい": []}
        for seed in seeds:
            for name, hidden in (("大きい", 16), ("小さい", 4)):
                torch.manual_seed(seed)
                layer = nn.RNN(2, hidden)
                x = torch.from_numpy(np.ones((5, 1, 2), dtype=np.float32))
                values[name].append(layer(x)[0].abs().mean().item())
        return {
            "question": "ユニットを増やすと、状態の平均は大きくなるか。",
            "fixed": {"入力": "すべて 1"},
            "bound": 10.0,
            "seeds": list(seeds),
            "values": values,
            "compared": ("大きい", "小さい"),
            "judgement": "反証",
            "answer": f"大きいほうは {min(values['大きい']):.2f} からだった。",
        }

    def sometimes_reached():
        """届いたかどうかを、1 と 0 で比べる。6 つでは決まらない"""
        return {
            "question": "長さ 1,000 を、2,000 回までに覚える種は増えるか。",
            "fixed": {"学習率": 0.01},
            "bound": 0.2,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {"既定": np.array([0.0, 0, 0, 0, 0, 1]), "直交": [1, 0, 0, 1, 0, 1]},
            "compared": ("直交", "既定"),
            "judgement": "保留",
            "answer": "3 つと 1 つで、この数の種では決まらなかった。",
        }

    def full_width_digits():
        """測った数を全角で書く。条件の名前にも数がある"""
        return {
            "question": "2 層は 1 層より遅いか。",
            "fixed": {"学習率": 0.01},
            "bound": 1.0,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {"2 層": [5, 5.1, 5.2, 5.3, 5.4, 5.5], "1 層": [1, 1.1, 1, 1.2, 1.1, 1]},
            "compared": ("2 層", "1 層"),
            "judgement": "支持",
            "answer": "２ 層は、１ 層より ４ 秒ほど遅かった。",
        }

    def number_beside_a_name():
        """測った数の中に、条件の名前と同じ数字が並ぶ"""
        return {
            "question": "個数を増やすと、誤差は大きくなるか。",
            "fixed": {"分布": "標準正規"},
            "bound": 0,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {4: [0.1, 0.2, 0.1, 0.2, 0.1, 0.2], 12: [4.4, 4.5, 4.4, 4.4, 4.5, 4.4]},
            "compared": (12, 4),
            "judgement": "支持",
            "answer": "12 個のほうが、差にして 4.4 だけ大きい。",
        }

    def same_number_as_a_name():
        """測った差が、条件の名前の中の数と同じになる"""
        return {
            "question": "学習率を変えると、精度は変わるか。",
            "fixed": {"更新の回数": 300},
            "bound": 0.05,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {
                "学習率 0.01": [0.91, 0.9, 0.92, 0.91, 0.9, 0.92],
                "学習率 0.001": [0.9, 0.89, 0.91, 0.9, 0.89, 0.92],
            },
            "compared": ("学習率 0.01", "学習率 0.001"),
            "judgement": "反証",
            "answer": "どの種でも、精度の差は 0.01 しかなかった。",
        }

    def same_number_as_what_was_fixed():
        """測った回数が、条件の名前や、そろえた条件の数と同じになる"""
        return {
            "question": "長くすると、届くまでの回数は増えるか。",
            "fixed": {"隠れ状態の次元": 50},
            "bound": 20,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {"長さ 50": [50, 49, 51, 50, 50, 49], "長さ 20": [20, 20, 20, 21, 20, 20]},
            "compared": ("長さ 50", "長さ 20"),
            "judgement": "支持",
            "answer": "長さ 50 は 50 回、長さ 20 は 20 回だった。",
        }

    def arrays_without_axes():
        """結果が、軸のない配列や、テンソルのままでも"""
        return {
            "question": "数が増えるか。",
            "fixed": {"回数": 1},
            "bound": 5,
            "seeds": [0, 1, 2, 3, 4, 5],
            "values": {
                "a": [*(np.array(float(k)) for k in range(5)), None],
                "b": list(torch.ones(6)),
                "c": list(torch.arange(6.0)),
            },
            "compared": ("c", "b"),
            "judgement": "反証",
            "answer": "0 から 5 に増え、1 つは数にならなかった。",
        }
