"""「LSTM」の解答。"""

import math

import torch


def flip_unit(w_ih, w_hh, b_ih, b_hh, k):
    w_ih, w_hh, b_ih, b_hh = (each.clone() for each in (w_ih, w_hh, b_ih, b_hh))
    w_hh[:, k] *= -1  # h_k は括弧の中にだけ入る。裏返った h_k を、4H 本の括弧の中で元に戻す
    g = 2 * w_hh.shape[1] + k  # c_k の符号を決めるのは、括弧の外の g_k だけ
    for each in (w_ih, w_hh, b_ih, b_hh):
        each[g] *= -1  # g の k 行 k 列だけは、2 度裏返って元に戻る
    return w_ih, w_hh, b_ih, b_hh


def gate_trace(x, output, h0, w_ih, w_hh, b_ih, b_hh):
    # ゲートを決める h_{t-1} は、すべて output の中にある。1 時刻ずつ作るほかないのは c と h だけ
    before = torch.cat([h0[:, None], output[:, :-1]], dim=1)
    i, f, g, o = (x @ w_ih.T + b_ih + before @ w_hh.T + b_hh).chunk(4, dim=-1)
    return dict(i=torch.sigmoid(i), f=torch.sigmoid(f), g=torch.tanh(g), o=torch.sigmoid(o))


def written_when(f, i, g, c0):
    # 時刻 t に書いた i_t g_t は、そのあとの f_{t+1} … f_T を掛けられて残る。末尾から積をとれば、
    # 割り算は要らない。kept[1] が、勾配の「道に沿った」積 f_T … f_2 と同じもの
    kept = torch.cat([f, torch.ones_like(f[:1])]).flip(0).cumprod(0).flip(0)
    return kept * torch.cat([c0[None], i * g])


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


def largest_hidden(budget, input_size, num_layers):
    # 1 層めは 4H(D + H + 2)、その上の 1 層は D が H になって 4H(2H + 2)。和は 4H(aH + b)
    a = 2 * num_layers - 1
    b = input_size + 2 * num_layers
    # aH² + bH = budget / 4 の正の解を、切り捨てる。isqrt は、平方根を整数のまま切り捨てる
    return (math.isqrt(b * b + a * budget) - b) // (2 * a)


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
    # 倍率 1/2 + σ(b)² ρ が gain になる σ(b)。ρ = 0.58 で倍率 1 なら、b は約 2.56 で、3 より小さい
    squared = (gain - 0.5) / rho
    if not 0 < squared < 1:  # σ(b) は 0 にも 1 にもならない
        return None
    gate = math.sqrt(squared)
    return math.log(gate / (1 - gate))
