"""「GRU」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは、断りのないかぎり PyTorch と同じ並びで、ゲートの順は r、z、n です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=4.1`）。
"""

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """練習 4.1: GRU を 1 時刻進める。

    x は (B, D)、h は (B, H)、w_ih は (3H, D)、w_hh は (3H, H)、b_ih と b_hh は (3H,)。
    PyTorch の定式化（リセットゲートは行列積の後、z は古い状態の割合）で、
    新しい隠れ状態 (B, H) を返す。下のコードには、誤りが 2 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T).chunk(3, dim=1)
    b_r, b_z, b_n = b_hh.chunk(3)
    r = torch.sigmoid(x_r + h_r + b_r)
    z = torch.sigmoid(x_z + h_z + b_z)
    n = torch.tanh(x_n + r * h_n + b_n)
    return 1 - z * n + z * h


def from_keras(kernel, recurrent_kernel, bias):
    """練習 4.2: Keras の GRU の重みを移す。

    kernel (D, 3H)、recurrent_kernel (H, 3H)、bias (2, 3H) は、Keras の GRU の重み
    （reset_after=True の層から取り出したもの）。
    ベクトルを左から掛ける向き（x @ kernel）で、3 つの部分は z、r、n の順に横に並ぶ。
    bias は、1 行めが入力の側、2 行めが状態の側。式は PyTorch と同じで、z は古い状態の割合。
    nn.GRUCell が同じ計算をする重みの組 (w_ih, w_hh, b_ih, b_hh) を返す。
    """
    raise NotImplementedError


def untie(w_ih, w_hh, b_ih, b_hh):
    """練習 4.3: 縛った LSTM の重みを、ふつうの LSTM へ移す。

    w_ih は (3H, D)、w_hh は (3H, H)、b_ih と b_hh は (3H,)。縛った LSTM の重みで、
    f、g、o の順に縦に積んである。その式は c' = f * c + (1 - f) * g、h' = o * tanh(c')。
    nn.LSTMCell が、どの x、h、c でも同じ計算をする重みの組 (w_ih, w_hh, b_ih, b_hh) を返す。
    どれも 4H 段で、i、f、g、o の順。勾配は、もとの重みまで届くようにする。
    """
    raise NotImplementedError


def adding_gru(limit):
    """練習 4.4: 足し算をする GRU。

    入力は (値, 印) の 2 次元で、値は 0 から limit の間。印は 2 か所だけが 1、ほかは 0。
    limit は正の数で、1e200 のことも、1e-200 のこともある。
    1 ユニットの GRU の最後の時刻の h に scale を掛けると、印の付いた 2 つの値の和になる重みを、
    辞書 {"weight_ih": (3, 2), "weight_hh": (3, 1), "bias_ih": (3,), "bias_hh": (3,), "scale": 数}
    で返す。行は r、z、n の順。数の入れ子（リスト）でも、配列やテンソルでもよい。
    長さ 300 までの系列で、ずれは limit の 1 % まで。
    """
    raise NotImplementedError


def gru_slope(x, h, w_i, w_h, b_i, b_h):
    """練習 4.5: 1 時刻の傾き。

    入力も隠れ状態も 1 次元の GRU を 1 時刻進める。x と h は数（float）で、w_i、w_h、b_i、b_h は
    どれも r、z、n の順の 3 つの数の組。新しい隠れ状態 h' の、h についての微分 dh'/dh（float）を
    式で求めて返す。自動微分は使わない。
    """
    raise NotImplementedError
