"""「長い記憶を試す」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=3.1`）。
"""

import numpy as np  # noqa: F401
import torch


def adding_loss(prediction, x):
    """練習 3.1: 加算問題の損失。

    prediction (B, 1) はモデルの予測。x (B, T, 2) は加算問題の入力で、x[..., 0] が値、
    x[..., 1] が印。印はどの系列でもちょうど 2 か所だけが 1、ほかは 0。
    印の付いた 2 つの値の和と予測との差を 2 乗し、系列について平均した、0 次元のテンソルを返す。
    下のコードはエラーなしに動くが、誤りが 1 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    values, marks = x[..., 0], x[..., 1]
    y = (values * marks).sum(dim=1)
    return (prediction - y).square().mean()


def window_mse(length, window, values, probabilities):
    """練習 3.2: 最後の数時刻しか覚えないときの誤差。

    系列長 length（2 以上）の加算問題で、最後の window 時刻（0 以上 length 以下）の値と印だけが
    見えるとする。values と probabilities は同じ長さの、数のリスト。値はどの時刻でも独立で、
    values[k] になる確率が probabilities[k]（和は 1）。values には、同じ数が 2 度あってもよい。
    見えるものから答える最善の予測の、平均二乗誤差（float）を返す。
    """
    raise NotImplementedError


def keeping_bias(length, error):
    """練習 3.3: どれだけ守れば足りるか。

    印の付いた値を足し込み、たまった量が 1 時刻ごとに f 倍になる記憶を考える。最後にたまって
    いる量が答えで、時刻 t に足した値は f ** (length - t) 倍に縮んでいる。値は U(0, 1)、印は
    違う 2 か所で、どの 2 か所も同じ確率で選ばれる。
    系列長 length（2 以上）の加算問題で、平均二乗誤差がちょうど error になる f を求め、f = σ(b) と
    なる忘却ゲートのバイアス b（float）を返す。error は正で、f が 0 のときの誤差より小さい。
    試すのは、b が -15 から 15 に収まる組。b の許すずれは、比にして 0.0001 まで。
    """
    raise NotImplementedError


def latch_lstm(limit):
    """練習 3.4: 最後の印の値を覚える LSTM。

    入力は (値, 印) の 2 次元で、値は 0 から limit の間、印は 0 か 1。印はいくつあってもよい。
    limit は正の数で、1e200 のことも、1e-200 のこともある。
    1 ユニットの LSTM の最後の時刻の h に scale を掛けると、最後に印の付いた値になる重みを、
    辞書 {"weight_ih": (4, 2), "weight_hh": (4, 1), "bias": (4,), "scale": 数} で返す。
    行は PyTorch と同じ i、f、g、o の順。数の入れ子（リスト）でも、配列やテンソルでもよい。
    長さ 500 までの系列で、ずれは limit の 1 % まで。
    """
    raise NotImplementedError


def compare(models, fit, seed):
    """練習 3.5: 同じデータで比べる。

    models は名前からモデルへの辞書。fit(model, generator) は、generator（torch.Generator）から
    訓練データを引いて model を訓練し、検証の誤差（float）を返す関数。
    どのモデルも、渡されたまま、種 seed から引いた同じデータで 1 回ずつ訓練し、名前から誤差への
    辞書を返す。
    下のコードでは、比べる条件がそろっていない。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    generator = torch.Generator().manual_seed(seed)
    return {name: fit(model, generator) for name, model in models.items()}
