"""「長い記憶を試す」の別の正しい答え。"""

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


class make_adding:
    def argsort(n, length, rng):
        """乱数の順位の上から 2 か所に印を付ける"""
        x = np.zeros((n, length, 2), dtype=np.float32)
        x[..., 0] = rng.uniform(size=(n, length))
        places = rng.random((n, length)).argsort(axis=1)[:, :2]
        np.put_along_axis(x[..., 1], places, 1, axis=1)
        return x, x.prod(axis=2).sum(axis=1, keepdims=True)

    def second_shifted(n, length, rng):
        """1 つめを選び、2 つめはそこから 1 以上ずらした所にする"""
        marks = np.zeros((n, length), dtype=np.float32)
        first = rng.integers(length, size=n)
        second = (first + rng.integers(1, length, size=n)) % length
        marks[np.arange(n), first] = 1
        marks[np.arange(n), second] = 1
        values = rng.random((n, length), dtype=np.float32)
        y = values[np.arange(n), first] + values[np.arange(n), second]
        return [np.stack([values, marks], -1), y[:, None]]

    def permuted(n, length, rng):
        """1 が 2 つの列を系列ごとに並べ替える"""
        marks = rng.permuted(np.tile([1.0, 1.0] + [0.0] * (length - 2), (n, 1)), axis=1)
        values = rng.random((n, length))
        x = np.stack([values, marks], axis=2).astype(np.float32)
        return x, np.sum(values * marks, axis=1, keepdims=True).astype(np.float32)

    def drawn_again(n, length, rng):
        """2 つが重なったら引き直し、系列を 1 つずつ作る"""
        sequences, answers = [], []
        for _ in range(n):
            first = second = int(rng.integers(0, length))
            while second == first:
                second = int(rng.integers(0, length))
            sequence = [[rng.random(dtype=np.float32), 0.0] for _ in range(length)]
            sequence[first][1] = sequence[second][1] = 1.0
            sequences.append(sequence)
            answers.append([sequence[first][0] + sequence[second][0]])
        return np.array(sequences, dtype=np.float32), np.array(answers, dtype=np.float32)

    def drawn_by_torch(n, length, rng):
        """rng から種を引いた torch の生成器で、float32 の乱数を作る"""
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        values = torch.rand(n, length, generator=generator, dtype=torch.float32)
        places = torch.rand(n, length, generator=generator).topk(2).indices
        marks = torch.zeros_like(values).scatter_(1, places, 1)
        y = (values * marks).sum(1, keepdim=True)
        return torch.stack([values, marks], 2).numpy(), y.numpy()

    def from_integers(n, length, rng):
        """24 ビットの整数を 2 の 24 乗で割って、float32 の値を作る"""
        x = np.zeros((n, length, 2), dtype=np.float32)
        x[..., 0] = rng.integers(2**24, size=(n, length)) / 2**24
        for row in x:
            row[rng.permutation(length)[:2], 1] = 1
        return x, np.einsum("ntk->n", x[..., :1] * x[..., 1:])[:, None]


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
