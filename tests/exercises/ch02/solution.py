"""「LSTM」の解答。"""

import math

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
    i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
    c_new = f * c + i * torch.tanh(g)
    h_new = o * torch.tanh(c_new)
    return h_new, c_new


def lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    h, c = h0, c0
    output = []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, w_ih, w_hh, b_ih, b_hh)
        output.append(h)
    return torch.stack(output, dim=1), (h, c)


def gate_trace(x, output, h0, w_ih, w_hh, b_ih, b_hh):
    # ゲートを決める h_{t-1} は、すべて output の中にある。1 時刻ずつ作るほかないのは c と h だけ
    before = torch.cat([h0[:, None], output[:, :-1]], dim=1)
    i, f, g, o = (x @ w_ih.T + b_ih + before @ w_hh.T + b_hh).chunk(4, dim=-1)
    return dict(i=torch.sigmoid(i), f=torch.sigmoid(f), g=torch.tanh(g), o=torch.sigmoid(o))


def count_lstm_parameters(input_size, hidden_size, num_layers=1, bidirectional=False):
    directions = 2 if bidirectional else 1
    total = 0
    for layer in range(num_layers):
        below = input_size if layer == 0 else directions * hidden_size
        total += directions * 4 * hidden_size * (below + hidden_size + 2)
    return total


def set_forget_bias(lstm, value):
    size = lstm.hidden_size
    with torch.no_grad():
        for name, weight in lstm.named_parameters():
            if name.startswith("bias_ih"):
                weight[size : 2 * size] = value
            elif name.startswith("bias_hh"):
                weight[size : 2 * size] = 0


def log_uniform_bias(u, shortest, longest):
    length = shortest * (longest / shortest) ** u  # 対数は u の 1 次式
    return torch.log(length - 1)  # 1 / (1 - sigmoid(b)) = 1 + exp(b)


def bracket_counter():
    big = 100.0  # sigmoid(100) も tanh(100) も、float64 ではちょうど 1
    return dict(
        w_ih=[
            [0, 0, 0, 0, 0],  # i: いつも開く。何を書くかは g が決める
            [0, 0, 0, 0, -2 * big],  # f: 改行で閉じる
            [big, -big, 0, 0, 0],  # g: 「(」で +1、「)」で -1、ほかは 0
            [0, 0, 0, 2 * big, 0],  # o: 「?」で開く
        ],
        w_hh=[[0], [0], [0], [0]],
        b_ih=[big, big, 0, -big],
        b_hh=[0, 0, 0, 0],
    )


def forget_bias_for(steps, share):
    # 50 時刻の後に半分を残すなら、b は約 4.27 で、3 より大きい
    f = share ** (1 / steps)
    return math.log(f / (1 - f))


def open_both(rho, gain):
    # 倍率 1/2 + σ(b)² ρ が gain になる σ(b)。ρ = 0.58 で倍率 1 なら、b は約 2.57 で、3 より小さい
    squared = (gain - 0.5) / rho
    if not 0 < squared < 1:  # σ(b) は 0 にも 1 にもならない
        return None
    gate = math.sqrt(squared)
    return math.log(gate / (1 - gate))
