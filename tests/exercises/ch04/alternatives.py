"""「GRU」の別の正しい答え。"""

from fractions import Fraction

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


class gru_step_reset_before:
    def two_products(x, h, w_ih, w_hh, b_ih, b_hh):
        """r と z をまとめて計算してから、n を計算する"""
        size = h.shape[1]
        gates = F.linear(x, w_ih[: 2 * size], b_ih[: 2 * size])
        gates = gates + F.linear(h, w_hh[: 2 * size], b_hh[: 2 * size])
        r, z = gates.sigmoid().split(size, dim=-1)
        n = F.linear(x, w_ih[2 * size :], b_ih[2 * size :])
        n = (n + F.linear(r * h, w_hh[2 * size :], b_hh[2 * size :])).tanh()
        return h + z * (n - h)

    def concatenated(x, h, w_ih, w_hh, b_ih, b_hh):
        """入力と状態、重みどうしをつなげて掛ける"""
        w_r, w_z, w_n = torch.cat([w_ih, w_hh], dim=1).chunk(3)
        b_r, b_z, b_n = (b_ih + b_hh).chunk(3)
        both = torch.cat([x, h], dim=1)
        r = torch.sigmoid(both @ w_r.T + b_r)
        keep = torch.sigmoid(-(both @ w_z.T + b_z))
        n = torch.tanh(torch.cat([x, r * h], dim=1) @ w_n.T + b_n)
        return keep * h + (1 - keep) * n

    def columns_scaled(x, h, w_ih, w_hh, b_ih, b_hh):
        """系列ごとに、w_hn の列に r を掛けた行列を作る"""
        from_x = (x @ w_ih.T + b_ih + b_hh).chunk(3, 1)
        w_hr, w_hz, w_hn = w_hh.view(3, h.shape[1], -1)
        r = torch.sigmoid(from_x[0] + torch.einsum("bk,hk->bh", h, w_hr))
        z = torch.sigmoid(from_x[1] + torch.einsum("bk,hk->bh", h, w_hz))
        n = torch.tanh(from_x[2] + torch.einsum("bhk,bk->bh", w_hn * r[:, None, :], h))
        return torch.lerp(h, n, z)

    def one_by_one(x, h, *weights):
        """系列を 1 つずつ計算する"""
        step = gru_step_reset_before.two_products
        return torch.cat([step(x[b : b + 1], h[b : b + 1], *weights) for b in range(len(x))])


class gru_forward:
    def filled_in(x, h0, *weights):
        """先に作った output に書き込み、リストで返す"""
        output = torch.empty(*x.shape[:2], h0.shape[1])
        h = h0
        for t in range(x.shape[1]):
            h = gru_step.gate_by_gate(x[:, t], h, *weights)
            output[:, t] = h
        return [output, h]

    def projected_first(x, h0, w_ih, w_hh, b_ih, b_hh):
        """入力の項を全時刻まとめて先に計算し、時刻を先頭にして積む"""
        states = [h0]
        for term in (x @ w_ih.T + b_ih).transpose(0, 1):
            x_r, x_z, x_n = term.chunk(3, -1)
            h_r, h_z, h_n = F.linear(states[-1], w_hh, b_hh).chunk(3, -1)
            z = torch.sigmoid(x_z + h_z)
            n = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
            states.append(torch.lerp(n, states[-1], z))
        output = torch.stack(states[1:]).transpose(0, 1)
        return output, output[:, -1]

    def one_by_one(x, h0, *weights):
        """系列を 1 つずつ進める"""
        pairs = [
            gru_forward.projected_first(x[b : b + 1], h0[b : b + 1], *weights)
            for b in range(len(x))
        ]
        return tuple(torch.cat(each) for each in zip(*pairs, strict=True))

    def torch_layer(x, h0, *weights):
        """nn.GRU に重みを入れて使う"""
        layer = nn.GRU(x.shape[2], h0.shape[1], batch_first=True)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        values = dict(zip(names, weights, strict=True))
        output, h_n = torch.func.functional_call(layer, values, (x, h0[None]))
        return output, h_n[0]


class parameter_ratio:
    def constant(input_size, hidden_size):
        """比は次元によらないので、定数で返す"""
        return Fraction(3, 4), Fraction(4, 3)

    def as_floats(input_size, hidden_size):
        """割り算で小数にし、リストで返す"""
        gru, lstm = (
            gates * (hidden_size * (input_size + hidden_size) + 2 * hidden_size) for gates in (3, 4)
        )
        return [gru / lstm, lstm / gru]

    def counted(input_size, hidden_size):
        """nn.GRU と nn.LSTM を作って数える"""
        gru, lstm = (
            sum(weight.numel() for weight in layer(input_size, hidden_size).parameters())
            for layer in (nn.GRU, nn.LSTM)
        )
        return gru / lstm, lstm / gru

    def one_bias(input_size, hidden_size):
        """バイアスを 1 組ずつと数える（比は変わらない）"""
        gate = (input_size + hidden_size + 1) * hidden_size
        ratio = Fraction(3 * gate, 4 * gate)
        return ratio, 1 / ratio
