"""「LSTM」の別の正しい答え。"""

import math
from types import MappingProxyType

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class lstm_step:
    def gate_by_gate(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """ゲートごとに重みを切り出す"""
        size = h.shape[1]

        def inner(k):
            rows = slice(k * size, (k + 1) * size)
            return x @ w_ih[rows].T + b_ih[rows] + h @ w_hh[rows].T + b_hh[rows]

        i, f, g, o = (inner(k) for k in range(4))
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    def concatenated(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """重みをつなげて一度に掛け、リストで返す"""
        inner = F.linear(torch.cat([x, h], -1), torch.cat([w_ih, w_hh], -1), b_ih + b_hh)
        i, f, g, o = inner.view(x.shape[0], 4, -1).unbind(1)
        c = torch.addcmul(f.sigmoid() * c, i.sigmoid(), g.tanh())
        return [torch.mul(o.sigmoid(), torch.tanh(c)), c]

    def einsum(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """重みを (4, H, ·) に組み直して einsum で書く"""
        size = h.shape[1]
        inner = torch.einsum("bd,ghd->gbh", x, w_ih.reshape(4, size, -1))
        inner = inner + torch.einsum("bk,ghk->gbh", h, w_hh.reshape(4, size, size))
        inner = inner + (b_ih + b_hh).reshape(4, 1, size)
        i, f, o = torch.sigmoid(inner[[0, 1, 3]])
        c = f * c + i * torch.tanh(inner[2])
        return o * torch.tanh(c), c

    def sigmoid_by_tanh(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """シグモイドを tanh で書く"""
        inner = w_ih @ x.T + w_hh @ h.T + (b_ih + b_hh).unsqueeze(1)
        i, f, g, o = inner.chunk(4)
        i, f, o = ((1 + torch.tanh(a / 2)) / 2 for a in (i, f, o))
        c = f * c.T + i * torch.tanh(g)
        return (o * torch.tanh(c)).T, c.T

    def sigmoid_by_exp(x, h, c, *weights):
        """シグモイドを 1 / (1 + exp(-a)) と書く"""
        w_ih, w_hh, b_ih, b_hh = weights
        inner = F.linear(x, w_ih, b_ih) + F.linear(h, w_hh, b_hh)
        i, f, o = (1 / (1 + torch.exp(-inner.chunk(4, 1)[k])) for k in (0, 1, 3))
        c = f * c + i * torch.tanh(inner.chunk(4, 1)[2])
        return o * torch.tanh(c), c

    def one_by_one(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """系列を 1 つずつ計算する"""
        pairs = [
            lstm_step.gate_by_gate(x[b : b + 1], h[b : b + 1], c[b : b + 1], w_ih, w_hh, b_ih, b_hh)
            for b in range(len(x))
        ]
        return tuple(torch.cat(each) for each in zip(*pairs, strict=True))


class lstm_forward:
    def filled_in(x, h0, c0, *weights):
        """先に作った output に書き込み、リストで返す"""
        output = x.new_zeros(*x.shape[:2], h0.shape[1])
        state = (h0, c0)
        for t in range(x.shape[1]):
            state = lstm_step.gate_by_gate(x[:, t], *state, *weights)
            output[:, t] = state[0]
        return [output, list(state)]

    def projected_first(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
        """入力の項を全時刻まとめて先に計算し、時刻を先頭にして積む"""
        h, c, steps = h0, c0, []
        for term in (x @ w_ih.T + b_ih).permute(1, 0, 2):
            i, f, g, o = torch.split(term + F.linear(h, w_hh, b_hh), h.shape[1], dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps += [h]
        output = torch.stack(steps).permute(1, 0, 2)
        return output, (output[:, -1, :], c)

    def one_by_one(x, h0, c0, *weights):
        """系列を 1 つずつ進める"""
        outputs, states = [], []
        for b in range(x.shape[0]):
            row = slice(b, b + 1)
            output, state = lstm_forward.projected_first(x[row], h0[row], c0[row], *weights)
            outputs.append(output)
            states.append(state)
        return torch.cat(outputs), tuple(torch.cat(each) for each in zip(*states, strict=True))

    def torch_layer(x, h0, c0, *weights):
        """nn.LSTM に重みを入れて使う"""
        layer = nn.LSTM(x.shape[2], h0.shape[1], batch_first=True)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        values = dict(zip(names, weights, strict=True))
        state = (h0.unsqueeze(0), c0.unsqueeze(0))
        output, (h_n, c_n) = torch.func.functional_call(layer, values, (x, state))
        return output, (h_n.squeeze(0), c_n.squeeze(0))


class gate_trace:
    def shifted_in_place(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """output を 1 つ送り、空いた所に h0 を書き込む"""
        before = output.roll(1, dims=1)
        before[:, 0] = h0
        inner = F.linear(x, w_ih, b_ih) + F.linear(before, w_hh, b_hh)
        i, f, g, o = inner.unflatten(-1, (4, -1)).unbind(2)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}

    def gate_by_gate(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """ゲートごとに重みを切り出し、列ベクトルで einsum を書く"""
        before = torch.cat([h0.unsqueeze(1), output], 1)[:, : x.shape[1]]
        found = {}
        for k, key in enumerate("ifgo"):
            w, v = (weight.chunk(4)[k] for weight in (w_ih, w_hh))
            inner = torch.einsum("hd,btd->bth", w, x) + torch.einsum("hk,btk->bth", v, before)
            inner = inner + (b_ih + b_hh).chunk(4)[k]
            found[key] = torch.tanh(inner) if key == "g" else torch.sigmoid(inner)
        return MappingProxyType(found)

    def flattened(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """(B, T) を 1 列に並べ、入力と状態をつないで一度に掛ける"""
        before = torch.hstack([h0[:, None], output[:, :-1]])
        rows = torch.cat([x, before], -1).flatten(0, 1)
        inner = torch.cat([w_ih, w_hh], 1) @ rows.T + (b_ih + b_hh)[:, None]
        i, f, g, o = inner.T.reshape(*x.shape[:2], -1).tensor_split(4, dim=-1)
        return dict(o=o.sigmoid(), g=g.tanh(), f=f.sigmoid(), i=i.sigmoid())

    def one_sequence_at_a_time(x, output, h0, *weights):
        """系列を 1 つずつ計算する（時刻については繰り返さない）"""
        rows = [slice(b, b + 1) for b in range(len(x))]
        found = [gate_trace.flattened(x[b], output[b], h0[b], *weights) for b in rows]
        return {key: torch.cat([each[key] for each in found]) for key in "ifgo"}


class count_lstm_parameters:
    def closed_form(input_size, hidden_size, num_layers=1, bidirectional=False):
        """1 層目と、残りの層に分けて数える"""
        ways = 1 + bidirectional
        first = ways * (4 * hidden_size * (input_size + hidden_size) + 8 * hidden_size)
        upper = ways * (4 * hidden_size * (ways * hidden_size + hidden_size) + 8 * hidden_size)
        return first + (num_layers - 1) * upper

    def by_shapes(input_size, hidden_size, num_layers=1, bidirectional=False):
        """形を並べ、NumPy の整数で数える"""
        width, total = input_size, np.int64(0)
        for _ in range(num_layers):
            for _ in range(2 if bidirectional else 1):
                shapes = [(4 * hidden_size, width), (4 * hidden_size, hidden_size)]
                shapes += [(4 * hidden_size,)] * 2
                total += sum(np.prod(shape) for shape in shapes)
            width = hidden_size * (2 if bidirectional else 1)
        return total

    def from_gru(input_size, hidden_size, num_layers=1, bidirectional=False):
        """nn.GRU を作って数え、ゲートの数の比 4 / 3 を掛ける"""
        gru = nn.GRU(input_size, hidden_size, num_layers, bidirectional=bidirectional)
        return sum(weight.numel() for weight in gru.parameters()) * 4 // 3

    def recursive(n, h, layers=1, two_way=False):
        """上の層から再帰で数える"""
        if layers > 1:
            below = count_lstm_parameters.recursive(n, h, layers - 1, two_way)
            return below + count_lstm_parameters.recursive(h * (1 + two_way), h, 1, two_way)
        return (4 * h * n + 4 * h * h + 4 * h + 4 * h) * (1 + two_way)


class set_forget_bias:
    def halves(lstm, value):
        """2 つのバイアスに半分ずつ入れる"""
        for name, weight in lstm.named_parameters():
            if "bias" in name:
                _, forget, _, _ = weight.data.chunk(4)
                forget.fill_(value / 2)

    def corrected(lstm, value):
        """bias_hh はそのままにして、bias_ih で差を埋める"""
        size = lstm.hidden_size
        with torch.no_grad():
            for layer in range(lstm.num_layers):
                for suffix in ["", "_reverse"][: 1 + lstm.bidirectional]:
                    b_ih = getattr(lstm, f"bias_ih_l{layer}{suffix}")
                    b_hh = getattr(lstm, f"bias_hh_l{layer}{suffix}")
                    b_ih[size : 2 * size] = value - b_hh[size : 2 * size]

    def all_weights(lstm, value):
        """lstm.all_weights をたどる"""
        for _, _, b_ih, b_hh in lstm.all_weights:
            quarter = len(b_ih) // 4
            nn.init.constant_(b_ih.detach()[quarter : 2 * quarter], value)
            nn.init.zeros_(b_hh.detach()[quarter : 2 * quarter])

    def state_dict(lstm, value):
        """state_dict を書き換えて読み込みなおす"""
        state = lstm.state_dict()
        for name in state:
            if name.startswith("bias"):
                new = state[name].clone().view(4, -1)
                new[1] = value if "_ih_" in name else 0.0
                state[name] = new.view(-1)
        lstm.load_state_dict(state)


class log_uniform_bias:
    def interpolated_logs(u, shortest, longest):
        """対数どうしを u で補間し、expm1 で 1 を引く"""
        logs = (1 - u) * math.log(shortest) + u * math.log(longest)
        return torch.log(torch.expm1(logs))

    def by_logit(u, shortest, longest):
        """残す割合 f を求め、シグモイドの逆関数に入れる"""
        f = 1 - 1 / (shortest ** (1 - u) * longest**u)
        return torch.logit(f)

    def one_by_one(u, shortest, longest):
        """要素を 1 つずつ math.log で計算する"""
        ratio = longest / shortest
        b = [math.log(shortest * ratio ** float(each) - 1) for each in u]
        return torch.tensor(b, dtype=u.dtype)

    def with_numpy(u, shortest, longest):
        """NumPy で計算する"""
        logs = np.log(shortest) + u.numpy() * (np.log(longest) - np.log(shortest))
        return torch.from_numpy(np.log(np.expm1(logs)).astype(u.numpy().dtype))


class bracket_counter:
    def input_gate_closed():
        """入力ゲートは括弧でだけ開き、テンソルで返す"""
        w_ih, bias = torch.zeros(4, 5), torch.zeros(4)
        w_ih[0, :2], bias[0] = 400.0, -200.0
        w_ih[1, 4], bias[1] = -400.0, 200.0
        w_ih[2, 0], bias[2] = 600.0, -300.0  # 「(」でなければ -1 を書こうとする
        w_ih[3, 3], bias[3] = 80.0, -40.0
        return dict(w_ih=w_ih, w_hh=torch.zeros(4, 1), b_ih=bias / 2, b_hh=bias / 2)

    def from_biases_of_symbols():
        """記号ごとの括弧の中の値を、バイアスなしで 1 列ずつ決め、NumPy で返す"""
        columns = {
            "(": (50, 50, 50, -50),
            ")": (50, 50, -50, -50),
            "a": (-50, 50, 0, -50),
            "?": (-50, 50, 0, 50),
            "newline": (-50, -50, 0, -50),
        }
        w_ih = np.array(list(columns.values()), dtype=float).T
        return MappingProxyType(dict(b_hh=[0] * 4, b_ih=[0] * 4, w_hh=np.zeros((4, 1)), w_ih=w_ih))

    def single_precision():
        """float32 の重みで返し、入力ゲートは改行でだけ閉じる"""
        w_ih = torch.tensor(
            [
                [0.0, 0, 0, 0, -60],
                [0, 0, 0, 0, -60],
                [30, -30, 0, 0, 0],
                [-30, -30, -30, 30, -30],
            ],
            dtype=torch.float32,
        )
        zeros = torch.zeros(4, 1, dtype=torch.float32)
        return dict(w_ih=w_ih, w_hh=zeros, b_ih=[30, 30, 0, 0], b_hh=zeros[:, 0])


class forget_bias_for:
    def by_expm1(steps, share):
        """桁落ちのない形で、-log(share^(-1/T) - 1) を計算する"""
        return -math.log(math.expm1(-math.log(share) / steps))

    def by_logit(steps, share):
        """torch.logit を使い、0 次元のテンソルで返す"""
        return torch.logit(torch.tensor(share, dtype=torch.float64) ** (1 / steps))

    def by_bisection(steps, share):
        """残る割合がちょうど share になる b を、二分法ではさむ"""
        low, high = -800.0, 60.0
        for _ in range(200):
            middle = (low + high) / 2
            kept = -steps * np.logaddexp(0.0, -middle)  # log(sigmoid(b)^T)
            low, high = (middle, high) if kept < math.log(share) else (low, middle)
        return np.float64(low)


class open_both:
    def by_bisection(rho, gain):
        """二分法。倍率は b とともに増える"""
        if not 0.5 < gain < 0.5 + rho:
            return None
        low, high = -400.0, 400.0
        for _ in range(200):
            b = (low + high) / 2
            below = 0.5 + rho / (1 + math.exp(-b)) ** 2 < gain
            low, high = (b, high) if below else (low, b)
        return b

    def with_torch(rho, gain):
        """torch.logit で解き、有限でなければ None"""
        squared = torch.tensor((gain - 0.5) / rho, dtype=torch.float64)
        b = torch.logit(squared.sqrt())
        return b if b.isfinite() else None

    def expanded(rho, gain):
        """(1 + exp(-b))² を先に求める"""
        squared = np.float64(gain - 0.5) / rho
        if squared <= 0 or squared >= 1:
            return None
        return -np.log(1 / np.sqrt(squared) - 1)
