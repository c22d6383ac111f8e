"""「長い記憶を試す」の答え。raise の行を消して、あなたのコードを書いてください。

B と n は系列の数、T は系列長です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=3.1`）。
"""

import numpy as np  # noqa: F401
import torch  # noqa: F401


def adding_targets(x):
    """練習 3.1: 加算問題の答え。

    x (B, T, 2) は加算問題の入力。x[..., 0] が値、x[..., 1] が印で、印はどの系列でもちょうど
    2 か所だけが 1、ほかは 0。印の付いた 2 つの値の和 (B, 1) を返す。
    """
    raise NotImplementedError


def make_adding(n, length, rng):
    """練習 3.2: 加算問題を作る。

    系列の数 n と系列長 length（2 以上）の加算問題を作り、組 (x, y) を返す。
    x は (n, length, 2)、y は (n, 1) で、どちらも float32 の NumPy の配列。
    値は 0 以上 1 未満の一様乱数。印は、すべての時刻から一様に選んだ、違う 2 か所。
    乱数はすべて rng（np.random.Generator）から取る。
    """
    raise NotImplementedError


def constant_mse(y_train, y_val):
    """練習 3.3: 定数の予測の誤差。

    y_train (n, 1) と y_val (m, 1) は、訓練と検証の正解（torch.Tensor）。
    y_train の平均二乗誤差が最小になる定数を選び、その定数でいつも答えたときの、
    y_val の平均二乗誤差（float）を返す。
    """
    raise NotImplementedError
