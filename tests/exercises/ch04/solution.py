"""「GRU」の解答。"""

from fractions import Fraction

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


def gru_step_reset_before(x, h, w_ih, w_hh, b_ih, b_hh):
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    w_hr, w_hz, w_hn = w_hh.chunk(3)
    b_hr, b_hz, b_hn = b_hh.chunk(3)
    r = torch.sigmoid(x_r + h @ w_hr.T + b_hr)
    z = torch.sigmoid(x_z + h @ w_hz.T + b_hz)
    n = torch.tanh(x_n + (r * h) @ w_hn.T + b_hn)
    return (1 - z) * h + z * n


def gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    h = h0
    output = []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, w_ih, w_hh, b_ih, b_hh)
        output.append(h)
    return torch.stack(output, dim=1), h


def parameter_ratio(input_size, hidden_size):
    one_gate = input_size * hidden_size + hidden_size**2 + 2 * hidden_size
    gru, lstm = 3 * one_gate, 4 * one_gate
    return Fraction(gru, lstm), Fraction(lstm, gru)
