"""「LSTM」の別の正しい答え。"""

import math
from types import MappingProxyType

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class flip_unit:
    def by_signs(w_ih, w_hh, b_ih, b_hh, k):
        """行に掛ける符号と、列に掛ける符号を並べ、まとめて掛ける"""
        columns = torch.ones_like(w_hh[0])
        columns[k] = -1
        rows = torch.ones_like(b_ih).view(4, -1)
        rows[2] = columns
        rows = rows.flatten()
        return w_ih * rows[:, None], w_hh * torch.outer(rows, columns), b_ih * rows, b_hh * rows

    def by_blocks(w_ih, w_hh, b_ih, b_hh, k):
        """4 つの区画に分け、対角行列を掛け、リストで返す"""
        flip = torch.eye(w_hh.shape[1], dtype=w_hh.dtype)
        flip[k, k] = -1
        i, f, g, o = (block @ flip for block in w_hh.chunk(4))
        weights = [torch.cat([i, f, flip @ g, o])]
        for each in (w_ih, b_ih, b_hh):
            i, f, g, o = each.chunk(4)
            weights.append(torch.cat([i, f, flip @ g, o]))
        return [weights[1], weights[0], *weights[2:]]

    def biases_in_one(w_ih, w_hh, b_ih, b_hh, k):
        """要素ごとに書き換え、バイアスは 1 本にまとめる"""
        size = w_hh.shape[1]
        w_ih, w_hh, bias = w_ih.clone(), w_hh.clone(), b_ih + b_hh
        for row in range(4 * size):
            if row != 2 * size + k:
                w_hh[row, k] = -w_hh[row, k]
        for column in range(size):
            if column != k:
                w_hh[2 * size + k, column] = -w_hh[2 * size + k, column]
        w_ih[2 * size + k] = -w_ih[2 * size + k]
        bias[2 * size + k] = -bias[2 * size + k]
        return w_ih, w_hh, torch.zeros_like(bias), bias

    def with_numpy(w_ih, w_hh, b_ih, b_hh, k):
        """NumPy の配列で返す"""
        w_ih, w_hh, b_ih, b_hh = (each.numpy().copy() for each in (w_ih, w_hh, b_ih, b_hh))
        g = 2 * w_hh.shape[1] + k
        w_hh[:, k] = -w_hh[:, k]
        for each in (w_ih, w_hh, b_ih, b_hh):
            each[g] = -each[g]
        return w_ih, w_hh, b_ih, b_hh


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


class written_when:
    def step_by_step(f, i, g, c0):
        """1 時刻進むたびに、これまでに書いたもの全部に f を掛け、今書いたものを足す"""
        left = c0[None]
        for f_t, i_t, g_t in zip(f, i, g, strict=True):
            left = torch.cat([f_t * left, (i_t * g_t)[None]])
        return left

    def filled_from_the_end(f, i, g, c0):
        """末尾から、掛かる f の積を 1 つずつ増やして書き込む"""
        left = torch.empty(len(f) + 1, len(c0), dtype=f.dtype)
        product = torch.ones_like(c0)
        for t in range(len(f), 0, -1):
            left[t] = product * i[t - 1] * g[t - 1]
            product = product * f[t - 1]
        left[0] = product * c0
        return left

    def by_autograd(f, i, g, c0):
        """最後の c は書いたものの 1 次式なので、書いたものに、その勾配を掛ける"""
        written = torch.cat([c0[None], i * g]).detach().requires_grad_()
        c = written[0]
        for f_t, new in zip(f, written[1:], strict=True):
            c = f_t * c + new
        (slope,) = torch.autograd.grad(c.sum(), written)
        return (written * slope).detach()

    def by_logs(f, i, g, c0):
        """f の対数を末尾から足し、NumPy で返す（log 0 = -inf も、足すだけなら困らない）"""
        with np.errstate(divide="ignore"):
            logs = np.log(f.numpy())
        logs = np.concatenate([logs, np.zeros_like(logs[:1])])[::-1].cumsum(0)[::-1]
        return np.exp(logs) * np.concatenate([c0[None].numpy(), (i * g).numpy()])


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


class largest_hidden:
    def one_by_one(budget, input_size, num_layers):
        """1 つずつ大きくして数える"""
        h = 0
        while True:
            inputs = [input_size, *[h + 1] * (num_layers - 1)]
            if sum(4 * (h + 1) * (d + h + 1 + 2) for d in inputs) > budget:
                return h
            h += 1

    def by_bisection(budget, input_size, num_layers):
        """二分法ではさむ"""
        low, high = 0, budget + 1
        while high - low > 1:
            h = (low + high) // 2
            count = 4 * h * (input_size + h + 2) + (num_layers - 1) * 8 * h * (h + 1)
            low, high = (h, high) if count <= budget else (low, h)
        return low

    def by_float_root(budget, input_size, num_layers):
        """小数の解の公式で求め、切り捨てる"""
        a, b = 2 * num_layers - 1, input_size + 2 * num_layers
        return int((-b + math.sqrt(b**2 + a * budget)) / (2 * a))

    def with_numpy(budget, input_size, num_layers):
        """多項式の根を NumPy で求め、まわりの整数で数え直す"""
        roots = np.roots([4 * (2 * num_layers - 1), 4 * (input_size + 2 * num_layers), -budget])
        near = np.arange(max(0, int(roots.max()) - 2), int(roots.max()) + 3)
        counts = 4 * near * ((2 * num_layers - 1) * near + input_size + 2 * num_layers)
        return near[counts <= budget].max()


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
