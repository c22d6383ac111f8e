"""「長い記憶を試す」の解答。"""

import numpy as np


def adding_targets(x):
    values, marks = x[..., 0], x[..., 1]
    return (values * marks).sum(dim=1, keepdim=True)


def make_adding(n, length, rng):
    values = rng.random((n, length), dtype=np.float32)
    marks = np.zeros((n, length), dtype=np.float32)
    for row in marks:
        row[rng.choice(length, size=2, replace=False)] = 1
    x = np.stack([values, marks], axis=2)
    y = (values * marks).sum(axis=1, keepdims=True)
    return x, y


def constant_mse(y_train, y_val):
    constant = y_train.mean()
    return ((y_val - constant) ** 2).mean().item()
