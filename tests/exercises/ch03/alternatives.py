"""「長い記憶を試す」の別の正しい答え。"""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F


class adding_loss:
    def flattened(prediction, x):
        """予測のほうを (B,) にそろえる"""
        y = x.prod(dim=-1).sum(-1)
        return ((prediction.squeeze(1) - y) ** 2).mean()

    def torch_loss(prediction, x):
        """topk で印の場所を見つけ、F.mse_loss に渡す"""
        places = x[..., 1].topk(2).indices
        first, second = x[..., 0].gather(1, places).unbind(1)
        return F.mse_loss(prediction, (first + second).reshape(-1, 1))

    def masked(prediction, x):
        """印が 1 の値だけを抜き出し、系列の数で割る"""
        y = x[..., 0][x[..., 1] == 1].view(-1, 2).sum(1)[:, None]
        return (prediction - y).pow(2).sum() / len(x)

    def einsum(prediction, x):
        """einsum で書く"""
        gap = prediction[:, 0] - torch.einsum("bt,bt->b", x[:, :, 0], x[:, :, 1])
        return torch.einsum("b,b->", gap, gap) / gap.numel()

    def one_by_one(prediction, x):
        """系列を 1 つずつ見る"""
        total = torch.zeros(())
        for guess, sequence in zip(prediction, x, strict=True):
            answer = sum(value for value, mark in sequence.tolist() if mark == 1)
            total = total + (guess[0] - answer) ** 2
        return total / len(x)


class window_mse:
    def by_cases(length, window, values, probabilities):
        """窓に入る印が 0、1、2 つの場合に分ける"""
        p = np.array(probabilities)
        v = np.array(values) - values[0]
        variance = p @ v**2 - (p @ v) ** 2
        hidden = length - window
        pairs = length * (length - 1) / 2
        none_seen = hidden * (hidden - 1) / 2 / pairs
        one_seen = hidden * window / pairs
        return none_seen * 2 * variance + one_seen * variance

    def exact(length, window, values, probabilities):
        """分数で計算する"""
        values, chances = [[Fraction(each) for each in row] for row in (values, probabilities)]
        total = sum(chances)
        mean = sum(p * v for p, v in zip(chances, values, strict=True)) / total
        variance = sum(p * (v - mean) ** 2 for p, v in zip(chances, values, strict=True)) / total
        return 2 * variance * Fraction(length - window, length)

    def difference_of_two(length, window, values, probabilities):
        """分散を、独立な 2 つの値の差の 2 乗の平均の半分として求める"""
        drawn = list(zip(values, probabilities, strict=True))
        twice = sum(p * q * (u - v) ** 2 for (u, p), (v, q) in product(drawn, drawn))
        return twice * (1 - window / length)


class keeping_bias:
    def by_pairs(length, error):
        """印の場所の組をすべて数え、値の平均と分散から誤差を求める"""
        first, second = np.triu_indices(length, k=1)
        low, high = -30.0, 30.0
        while high - low > 1e-9:
            b = (low + high) / 2
            powers = torch.sigmoid(torch.tensor(b)).item() ** np.arange(length)
            total = 2 - powers[first] - powers[second]
            squares = (1 - powers[first]) ** 2 + (1 - powers[second]) ** 2
            mse = np.mean(total**2 / 4 + squares / 12)
            low, high = (b, high) if mse > error else (low, b)
        return torch.tensor(high)

    def in_logarithm(length, error):
        """1 - f の対数の上で狭め、最後に b に直す。等比数列の和の公式を使う"""

        def mse(delta):
            f = 1 - delta
            total = length - (1 - f**length) / delta
            square = length - 2 * (1 - f**length) / delta
            square += (1 - f ** (2 * length)) / (1 - f * f)
            product = (total**2 - square) / (length - 1)
            return (2 * square / 3 + product / 2) / length

        low, high = math.log(1e-7), math.log1p(-1e-7)
        for _ in range(60):
            middle = (low + high) / 2
            if mse(math.exp(middle)) < error:
                low = middle
            else:
                high = middle
        return math.log(1 / math.exp(low) - 1)

    def false_position(length, error):
        """誤差の対数の差を、はさみうち法で 0 にする"""

        def gap(b):
            lost = -np.expm1(-np.arange(length) * np.log1p(np.exp(-b)))
            square, total = np.mean(lost**2), np.mean(lost)
            product = (length * total**2 - square) / (length - 1)
            return np.log((2 / 3 * square + product / 2) / error)

        low, high = -15.0, 15.0
        above, below = gap(low), gap(high)
        for _ in range(200):
            b = low + (high - low) * above / (above - below)
            if (found := gap(b)) > 0:  # 同じ側が続いたら、反対側の値を半分にして、早く寄せる
                low, above, below = b, found, below / 2
            else:
                high, below, above = b, found, above / 2
        return np.float64(b)


def _latch(write, keep, small, scale, sign=1):
    return {
        "weight_ih": [[0, 2 * write], [0, -2 * keep], [sign * small, 0], [0, 0]],
        "weight_hh": np.zeros((4, 1)),
        "bias": torch.tensor([-write, keep, 0.0, 30.0]),
        "scale": sign * scale,
    }


class latch_lstm:
    def smaller(limit):
        """値をもっと小さくし、ゲートをもっと強く閉じる"""
        return _latch(30.0, 40.0, 1e-3 / limit, 1e3 * limit)

    def negative(limit):
        """候補値の符号を反転し、scale で戻す"""
        return _latch(20.0, 16.0, 0.02 / limit, 50 * limit, sign=-1)

    def half_open(limit):
        """出力ゲートを半分だけ開き、scale を 2 倍にする"""
        weights = _latch(20.0, 20.0, 0.01 / limit, 200 * limit)
        weights["bias"][3] = 0
        return weights

    def without_bias_on_write(limit):
        """閾値を印の手前に置く（印に掛ける重みを大きくする）"""
        return _latch(20.0, 20.0, 0.01 / limit, 100 * limit) | {
            "weight_ih": torch.tensor([[0, 60.0], [0, -60.0], [0.01 / limit, 0], [0, 0]])
        }


class compare:
    def by_keyword(models, fit, seed):
        """fit の引数を、名前で渡す"""
        errors = dict.fromkeys(models)
        for name, model in models.items():
            errors[name] = fit(model=model, generator=torch.Generator().manual_seed(seed))
        return errors

    def reseeded(models, fit, seed):
        """同じ生成器を、モデルごとに種から巻き戻す"""
        generator = torch.Generator()
        return {name: fit(model, generator.manual_seed(seed)) for name, model in models.items()}

    def restored(models, fit, seed):
        """初めの状態を取っておき、モデルごとに戻す"""
        generator = torch.Generator().manual_seed(seed)
        start = generator.get_state()
        errors = {}
        for name in models:
            generator.set_state(start)
            errors[name] = fit(models[name], generator)
        return errors

    def from_copies(models, fit, seed):
        """モデルの数だけ、同じ種の生成器を作っておく"""
        generators = [torch.Generator().manual_seed(seed) for _ in models]
        return dict(zip(models, map(fit, models.values(), generators), strict=True))
