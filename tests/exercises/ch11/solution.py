"""「BPTT を書いて、速くする」の解答。"""

import math

import torch


def rnn_step_backward(dh_new, x, h, h_new, w_ih, w_hh):
    delta = (1 - h_new**2) * dh_new
    return dict(
        x=delta @ w_ih,
        h=delta @ w_hh,
        w_ih=delta.T @ x,
        w_hh=delta.T @ h,
        b=delta.sum(dim=0),
    )


def lstm_step_backward(dh_new, dc_new, gates, c, c_new, w_hh):
    i, f, g, o = gates.chunk(4, dim=1)
    tanh_c = torch.tanh(c_new)
    dc_new = dc_new + dh_new * o * (1 - tanh_c**2)
    delta = torch.cat(
        [
            dc_new * g * i * (1 - i),
            dc_new * c * f * (1 - f),
            dc_new * i * (1 - g**2),
            dh_new * tanh_c * o * (1 - o),
        ],
        dim=1,
    )
    return delta, delta @ w_hh, dc_new * f


def weight_gradients(delta, x, hidden, h_0):
    before = torch.cat([h_0[:, None], hidden[:, :-1]], dim=1)  # 時刻 t に入ってくる h_{t-1}
    rows = delta.flatten(0, 1)
    return dict(
        w_ih=rows.T @ x.flatten(0, 1),
        w_hh=rows.T @ before.flatten(0, 1),
        b=rows.sum(dim=0),
    )


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
    # 新しく読んだ中でいちばん古い時刻の損失は、back - every 時刻しか戻れない
    every = memory - reach
    return (every, memory) if every >= 1 else None
