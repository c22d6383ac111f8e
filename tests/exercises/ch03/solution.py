"""「長い記憶を試す」の解答。"""

import numpy as np
import torch


def adding_loss(prediction, x):
    values, marks = x[..., 0], x[..., 1]
    # keepdim がないと y は (B,) になり、prediction - y が (B, B) に広がる
    y = (values * marks).sum(dim=1, keepdim=True)
    return (prediction - y).square().mean()


def window_mse(length, window, values, probabilities):
    mean = sum(p * value for value, p in zip(values, probabilities, strict=True))
    variance = sum(p * (value - mean) ** 2 for value, p in zip(values, probabilities, strict=True))
    # 見えなかった印の 1 つにつき分散 1 つぶん。1 つの印が見えない確率は (length - window) / length
    missed = 2 * (length - window) / length
    # 窓が 1 時刻広がるごとに、2 * variance / length ずつ、まっすぐに減る
    return missed * variance


def keeping_bias(length, error):
    def mse(b):
        f = 1 / (1 + np.exp(-b))
        lost = 1 - f ** np.arange(length)  # 最後までの距離ごとの、値の失われる割合
        square = np.mean(lost**2)
        # 違う 2 か所の割合の積の平均。同じ場所どうしの組を除く
        product = (np.sum(lost) ** 2 - np.sum(lost**2)) / (length * (length - 1))
        # 誤差は lost_1 U_1 + lost_2 U_2。U² の平均は 1/3、U_1 U_2 の平均は 1/4
        return 2 * square / 3 + 2 * product / 4

    low, high = -40.0, 40.0
    for _ in range(100):
        middle = (low + high) / 2
        if mse(middle) > error:
            low = middle
        else:
            high = middle
    # T = 30、誤差 0.001 なら 6.27。1 - f は 0.0019 しか許されない
    return middle


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
