"""「BPTT を書いて、速くする」の解答。"""

import math

import torch


def gru_step_backward(dh_new, r, z, n, m, h, w_hh):
    dn = dh_new * (1 - z) * (1 - n**2)
    dz = dh_new * (h - n) * z * (1 - z)
    dr = dn * m * r * (1 - r)
    delta_ih = torch.cat([dr, dz, dn], dim=1)
    delta_hh = torch.cat([dr, dz, r * dn], dim=1)  # 候補値の状態側だけ、r が掛かる
    return delta_ih, delta_hh, delta_hh @ w_hh + z * dh_new


def tied_step(a, c):
    class Tied(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, c):
            f, g, o = a.chunk(3, dim=1)
            f, g, o = f.sigmoid(), g.tanh(), o.sigmoid()
            c_new = f * c + (1 - f) * g
            tanh_c = c_new.tanh()
            ctx.save_for_backward(f, g, o, c, tanh_c)
            return o * tanh_c, c_new

        @staticmethod
        def backward(ctx, dh_new, dc_new):
            f, g, o, c, tanh_c = ctx.saved_tensors
            dc_new = dc_new + dh_new * o * (1 - tanh_c**2)
            # 普通の LSTM なら c だけ。1 - f の道からも戻るので、g を引く。GRU の h - n と同じ形
            delta_f = dc_new * (c - g) * f * (1 - f)
            delta_g = dc_new * (1 - f) * (1 - g**2)
            delta_o = dh_new * tanh_c * o * (1 - o)
            return torch.cat([delta_f, delta_g, delta_o], dim=1), dc_new * f

    return Tied.apply(a, c)


def weight_gradients(delta, x, hidden, h_0, size):
    w_ih = w_hh = b = 0
    for start in range(0, len(x), size):  # 終わりの短い束も足す
        part = slice(start, start + size)
        entering = h_0 if start == 0 else hidden[start - 1]  # 継ぎ目では、前の束の最後の状態
        before = torch.cat([entering[None], hidden[part][:-1]])
        d = delta[part].flatten(0, 1)
        w_ih = w_ih + d.T @ x[part].flatten(0, 1)
        w_hh = w_hh + d.T @ before.flatten(0, 1)
        b = b + d.sum(dim=0)
    return dict(w_ih=w_ih, w_hh=w_hh, b=b)


def checkpoint_plan(time):
    every = math.isqrt(time - 1) + 1  # √T の切り上げ
    parts = -(-time // every)
    last = time - (parts - 1) * every
    if parts == 1:
        return every, 1 + last
    # 後ろから 1 つめの区切りと 2 つめの区切り。それより前では、残した状態が減るだけ
    return every, max(parts + last, parts - 1 + every)


def peephole_step_backward(dh_new, dc_new, gates, c, c_new, peepholes):
    i, f, g, o = gates.chunk(4, dim=1)
    p_i, p_f, p_o = peepholes
    tanh_c = torch.tanh(c_new)
    delta_o = dh_new * tanh_c * o * (1 - o)
    dc_new = dc_new + dh_new * o * (1 - tanh_c**2) + p_o * delta_o
    delta_i = dc_new * g * i * (1 - i)
    delta_f = dc_new * c * f * (1 - f)
    delta_g = dc_new * i * (1 - g**2)
    delta = torch.cat([delta_i, delta_f, delta_g, delta_o], dim=1)
    dc = dc_new * f + p_i * delta_i + p_f * delta_f
    seen = torch.stack([delta_i * c, delta_f * c, delta_o * c_new])
    return delta, dc, seen.sum(dim=1)


def truncated_gradients(sequences, weights, every):
    w_ih, w_hh, b = leaves = [each.clone().requires_grad_() for each in weights]
    total = 0.0
    for x, y in sequences:
        h = torch.zeros_like(b)  # 関係のない系列の状態は、引き継がない
        for t in range(len(x)):
            h = torch.tanh(w_ih @ x[t] + w_hh @ h + b)
            total = total + ((h - y[t]) ** 2).sum()
            if (t + 1) % every == 0:
                h = h.detach()  # この時刻の損失を足してから切る
    return dict(zip(("w_ih", "w_hh", "b"), torch.autograd.grad(total, leaves), strict=True))


def truncation_plan(reach, memory):
    # 新しく読んだ中でいちばん古い時刻の損失は、back - every 時刻しか戻れない。back / every は
    # memory / (memory - reach) で、memory を増やすほど 1 に近づく。reach の 2 倍で、もう 2
    every = memory - reach
    return (every, memory) if every >= 1 else None
