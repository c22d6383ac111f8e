"""「GRU」の別の正しい答え。"""

import cmath
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class gru_step:
    def gate_by_gate(x, h, w_ih, w_hh, b_ih, b_hh):
        """ゲートごとに重みを切り出し、差を足して混ぜる"""
        size = h.shape[1]
        inputs, states = [], []
        for k in range(3):
            rows = slice(k * size, (k + 1) * size)
            inputs.append(F.linear(x, w_ih[rows], b_ih[rows]))
            states.append(F.linear(h, w_hh[rows], b_hh[rows]))
        r = (inputs[0] + states[0]).sigmoid()
        z = (inputs[1] + states[1]).sigmoid()
        n = (inputs[2] + r * states[2]).tanh()
        return n + z * (h - n)

    def row_vectors(x, h, w_ih, w_hh, b_ih, b_hh):
        """列ベクトルとして左から掛け、リセットを対角行列の代わりに行へ掛ける"""
        from_x = w_ih @ x.T + b_ih[:, None]
        from_h = w_hh @ h.T + b_hh[:, None]
        size = h.shape[1]
        r, z = torch.sigmoid(from_x[: 2 * size] + from_h[: 2 * size]).view(2, size, -1)
        n = torch.tanh(from_x[2 * size :] + r * from_h[2 * size :])
        return torch.lerp(n, h.T, z).T

    def sigmoid_by_tanh(x, h, w_ih, w_hh, b_ih, b_hh):
        """シグモイドを tanh で書き、einsum で掛ける"""
        from_x = torch.einsum("bd,gd->bg", x, w_ih) + b_ih
        from_h = torch.einsum("bk,gk->bg", h, w_hh) + b_hh
        x_r, x_z, x_n = from_x.unflatten(1, (3, -1)).unbind(1)
        h_r, h_z, h_n = from_h.unflatten(1, (3, -1)).unbind(1)
        r = 0.5 + 0.5 * torch.tanh((x_r + h_r) / 2)
        keep = 0.5 + 0.5 * torch.tanh((x_z + h_z) / 2)
        return keep * h + (1 - keep) * torch.tanh(x_n + r * h_n)

    def one_by_one(x, h, *weights):
        """系列を 1 つずつ計算する"""
        rows = [gru_step.gate_by_gate(x[b : b + 1], h[b : b + 1], *weights) for b in range(len(x))]
        return torch.cat(rows)

    def torch_cell(x, h, *weights):
        """nn.GRUCell に重みを入れて使う"""
        cell = nn.GRUCell(x.shape[1], h.shape[1])
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return torch.func.functional_call(cell, dict(zip(names, weights, strict=True)), (x, h))


class from_keras:
    def in_a_cell(kernel, recurrent_kernel, bias):
        """nn.GRUCell に入れ、そのパラメータを返す"""
        cell = nn.GRUCell(len(kernel), len(recurrent_kernel), dtype=kernel.dtype)
        w_ih, w_hh, b_ih, b_hh = from_keras.by_index(kernel, recurrent_kernel, bias)
        with torch.no_grad():
            cell.weight_ih.copy_(w_ih)
            cell.weight_hh.copy_(w_hh)
            cell.bias_ih.copy_(b_ih)
            cell.bias_hh.copy_(b_hh)
        return cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh

    def by_index(kernel, recurrent_kernel, bias):
        """並べ替えた行の番号を作り、添字で取り出す"""
        size = len(recurrent_kernel)
        order = torch.arange(3 * size).view(3, size)[[1, 0, 2]].flatten()
        return [each[..., order].t() for each in (kernel, recurrent_kernel, bias[0], bias[1])]

    def unflattened(kernel, recurrent_kernel, bias):
        """3 つの部分を軸に分け、入れ替えてから平らに戻す"""
        weights = torch.cat([kernel, recurrent_kernel, bias]).unflatten(1, (3, -1))
        weights = weights[:, [1, 0, 2]].flatten(1).T
        w_ih, w_hh, biases = weights.split([len(kernel), len(recurrent_kernel), 2], dim=1)
        return w_ih, w_hh, biases[:, 0], biases[:, 1]

    def gate_biases_moved(kernel, recurrent_kernel, bias):
        """r と z のバイアスは足して b_ih に寄せる（r と z の中身は変わらない）"""
        w_ih, w_hh, b_ih, b_hh = from_keras.by_index(kernel, recurrent_kernel, bias)
        gates = torch.arange(len(b_ih)) < 2 * len(recurrent_kernel)
        return w_ih, w_hh, torch.where(gates, b_ih + b_hh, b_ih), torch.where(gates, 0, b_hh)

    def numpy(kernel, recurrent_kernel, bias):
        """NumPy で並べ替える"""
        weights = []
        for each in (kernel, recurrent_kernel, bias[0], bias[1]):
            z, r, n = np.split(each.numpy(), 3, axis=-1)
            weights.append(torch.from_numpy(np.concatenate([r, z, n], axis=-1).T.copy()))
        return tuple(weights)


class untie:
    def by_index(w_ih, w_hh, b_ih, b_hh):
        """f、f、g、o の行を添字で取り出し、初めの段だけ -1 を掛ける"""
        size = w_hh.shape[1]
        rows = torch.arange(3 * size).view(3, size)[[0, 0, 1, 2]].flatten()
        sign = torch.where(torch.arange(4 * size) < size, -1, 1)
        weights = [each[rows] * sign[:, None] for each in (w_ih, w_hh)]
        return (*weights, b_ih[rows] * sign, b_hh[rows] * sign)

    def one_bias(w_ih, w_hh, b_ih, b_hh):
        """2 本のバイアスを足して b_ih に寄せ、b_hh は 0 にする（中身は変わらない）"""
        four = [torch.cat([-each[: w_hh.shape[1]], each]) for each in (w_ih, w_hh, b_ih + b_hh)]
        return [*four, torch.zeros_like(four[2])]

    def by_a_matrix(w_ih, w_hh, b_ih, b_hh):
        """段を作る行列を、左から掛ける"""
        blocks = torch.tensor([[-1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=w_hh.dtype)
        rows = torch.kron(blocks, torch.eye(w_hh.shape[1], dtype=w_hh.dtype))
        return rows @ w_ih, rows @ w_hh, rows @ b_ih, rows @ b_hh

    def filled_in(*tied):
        """4H 段の 0 を作り、段ごとに書き込む"""
        four = []
        for each in tied:
            size = len(each) // 3
            new = each.new_zeros(4 * size, *each.shape[1:])
            new[size:] = each
            for row in range(size):
                new[row] = 0 - each[row]
            four.append(new)
        return four

    def unflattened(w_ih, w_hh, b_ih, b_hh):
        """段の軸を作り、符号を変えた段を先頭に足す"""

        def four(each):
            blocks = each.unflatten(0, (3, -1))
            return torch.cat([blocks[:1].neg(), blocks]).flatten(0, 1)

        return tuple(map(four, (w_ih, w_hh, b_ih, b_hh)))


class adding_gru:
    def half_update(limit):
        """印で z を 0.5 にし、scale を 2 倍にする"""
        small = 0.01 / limit
        return {
            "weight_ih": np.array([[0, 0], [0, -30], [small, 0]]),
            "weight_hh": np.array([[0], [0], [1]]),
            "bias_ih": np.array([30, 30, 0]),
            "bias_hh": np.zeros(3),
            "scale": 2 / small,
        }

    def half_reset(limit):
        """r を 0.5 にし、n の状態の重みを 2 にする"""
        small = 1e-3 / limit
        return {
            "weight_ih": torch.tensor([[0, 0], [0, -60], [small, 0]]),
            "weight_hh": torch.tensor([[0.0], [0], [2]]),
            "bias_ih": torch.tensor([0.0, 30, 0]),
            "bias_hh": torch.zeros(3),
            "scale": torch.tensor(1 / small),
        }

    def negative(limit):
        """状態の符号を反転し、z のバイアスを状態の側に置く"""
        small = 0.02 / limit
        return {
            "weight_ih": [[0, 0], [0, -36], [-small, 0]],
            "weight_hh": [[0], [0], [1]],
            "bias_ih": [10, 0, 0],
            "bias_hh": [10, 18, 0],
            "scale": -1 / small,
        }


class gru_slope:
    def numpy(x, h, w_i, w_h, b_i, b_h):
        """中身の値と微分を、r、z、n の順に並べて NumPy で計算する"""
        from_x = np.array(w_i) * x + b_i
        from_h, slope = np.array(w_h) * h + b_h, np.array(w_h)
        gates = 1 / (1 + np.exp(-(from_x + from_h)))
        gate_slopes = gates * (1 - gates) * slope
        n = np.tanh(from_x[2] + gates[0] * from_h[2])
        n_slope = (gates[0] * slope[2] + gate_slopes[0] * from_h[2]) / np.cosh(np.arctanh(n)) ** 2
        return gates[1] + (1 - gates[1]) * n_slope + (h - n) * gate_slopes[1]

    def dual_numbers(x, h, w_i, w_h, b_i, b_h):
        """値と微分の組を、合成関数の順に進める"""

        def squash(pair):
            value = 0.5 + 0.5 * math.tanh(pair[0] / 2)
            return value, value * (1 - value) * pair[1]

        r, z = (squash((w_i[k] * x + b_i[k] + w_h[k] * h + b_h[k], w_h[k])) for k in (0, 1))
        inner = w_h[2] * h + b_h[2], w_h[2]
        product = r[0] * inner[0], r[1] * inner[0] + r[0] * inner[1]
        n = math.tanh(w_i[2] * x + b_i[2] + product[0])
        n = n, (1 - n) * (1 + n) * product[1]
        return -z[1] * n[0] + (1 - z[0]) * n[1] + z[1] * h + z[0]

    def complex_step(x, h, w_i, w_h, b_i, b_h):
        """h に小さな虚数を足し、虚部を割る"""
        state = complex(h, 1e-30)
        r, z = (
            1 / (1 + cmath.exp(-(w_i[k] * x + b_i[k] + w_h[k] * state + b_h[k]))) for k in (0, 1)
        )
        n = cmath.tanh(w_i[2] * x + b_i[2] + r * (w_h[2] * state + b_h[2]))
        return ((1 - z) * n + z * state).imag / 1e-30
