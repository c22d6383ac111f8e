"""「BPTT を書いて、速くする」の解答。"""

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
