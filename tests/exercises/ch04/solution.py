"""「GRU」の解答。"""

from math import exp, tanh

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)  # b_hn は h_n の中。r が掛かる
    return (1 - z) * n + z * h  # 1 - z の括弧がないと、1 - (z * n) + z * h になる


def from_keras(kernel, recurrent_kernel, bias):
    def in_our_order(rows):
        z, r, n = rows.chunk(3)
        return torch.cat([r, z, n])

    return (
        in_our_order(kernel.T),
        in_our_order(recurrent_kernel.T),
        in_our_order(bias[0]),
        in_our_order(bias[1]),
    )


def untie(w_ih, w_hh, b_ih, b_hh):
    def four_blocks(rows):
        f, g, o = rows.chunk(3)
        # 1 - sigmoid(a) は sigmoid(-a)。中身 a は重みの 1 次式なので、重みの符号を変えればよい
        return torch.cat([-f, f, g, o])

    return four_blocks(w_ih), four_blocks(w_hh), four_blocks(b_ih), four_blocks(b_hh)


def adding_gru(limit):
    small = 0.01 / limit  # tanh をほぼ直線とみなせる大きさ
    return {
        # z は、印がなければほぼ 1（守る）、あればほぼ 0（h を候補値 h + small * 値 に替える）
        "weight_ih": [[0, 0], [0, -40], [small, 0]],
        "weight_hh": [[0], [0], [1]],
        # 300 * (1 - z) <= 0.01 から、z の中身は 10.3 以上。20 なら十分
        "bias_ih": [20, 20, 0],  # r はいつも 1
        "bias_hh": [0, 0, 0],
        "scale": 1 / small,
    }


def gru_slope(x, h, w_i, w_h, b_i, b_h):
    def sigmoid(a):
        return 1 / (1 + exp(-a))

    r = sigmoid(w_i[0] * x + b_i[0] + w_h[0] * h + b_h[0])
    z = sigmoid(w_i[1] * x + b_i[1] + w_h[1] * h + b_h[1])
    inner = w_h[2] * h + b_h[2]
    n = tanh(w_i[2] * x + b_i[2] + r * inner)
    r_slope = r * (1 - r) * w_h[0]
    z_slope = z * (1 - z) * w_h[1]
    n_slope = (1 - n**2) * (r * w_h[2] + r_slope * inner)
    # まっすぐ流れるのは z。残りは、ゲートと候補値を通る。和は 1 を超えることもある：
    # z = 0.5、r = 1、n = 0、w_hn = 4、w_hr = w_hz = 0 なら、0.5 + 0.5 * 4 = 2.5
    return z + z_slope * (h - n) + (1 - z) * n_slope
