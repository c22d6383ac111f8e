"""「長い記憶を試す」の解答。"""

import numpy as np
import torch


def adding_loss(prediction, x):
    values, marks = x[..., 0], x[..., 1]
    # keepdim がないと y は (B,) になり、prediction - y が (B, B) に広がる
    y = (values * marks).sum(dim=1, keepdim=True)
    return (prediction - y).square().mean()


def make_adding(n, length, rng):
    values = rng.random((n, length), dtype=np.float32)
    marks = np.zeros((n, length), dtype=np.float32)
    for row in marks:
        row[rng.choice(length, size=2, replace=False)] = 1
    x = np.stack([values, marks], axis=2)
    y = (values * marks).sum(axis=1, keepdims=True)
    return x, y


def window_mse(length, window, values, probabilities):
    mean = sum(p * value for value, p in zip(values, probabilities, strict=True))
    variance = sum(p * (value - mean) ** 2 for value, p in zip(values, probabilities, strict=True))
    # 見えなかった印の 1 つにつき分散 1 つぶん。1 つの印が見えない確率は (length - window) / length
    missed = 2 * (length - window) / length
    # 窓が 1 時刻広がるごとに、2 * variance / length ずつ、まっすぐに減る
    return missed * variance


def latch_lstm(limit):
    small = 0.01 / limit  # tanh をほぼ直線とみなせる大きさ
    return {
        "weight_ih": [[0, 40], [0, -40], [small, 0], [0, 0]],
        "weight_hh": [[0], [0], [0], [0]],
        # 印があれば i が開いて f が閉じ、なければその逆。500 * (1 - f) <= 0.01 から、f の中身は
        # 10.8 以上。閉じた i の漏れも同じ大きさ。20 なら十分
        "bias": [-20, 20, 0, 20],
        "scale": 1 / small,
    }


def compare(models, fit, seed):
    errors = {}
    for name, model in models.items():
        generator = torch.Generator().manual_seed(seed)
        errors[name] = fit(model, generator)
    return errors
