"""「RNN とその限界」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=1.1`）。
"""

import torch


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    """練習 1.1: RNN で系列を端まで読む。

    x は (B, T, D)、h0 は (B, H)、w_ih は (H, D)、w_hh は (H, H)、b_ih と b_hh は (H,)。
    すべての時刻の隠れ状態 output (B, T, H) と、最後の隠れ状態 h_n (B, H) の組を返す。
    下のコードの値は正しい。nn.RNN と違うのは、勾配である。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    h = h0
    output = []
    for x_t in x.unbind(dim=1):
        h = h.detach()  # 「計算グラフを 2 度たどれない」というエラーを消すため
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        output.append(h)
    return torch.stack(output, dim=1), h


def rnn_bptt(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
    """練習 1.2: BPTT を手で書く。

    前の 6 つの引数は練習 1.1 と同じ。grad_h_n (B, H) は、損失の h_n についての勾配。
    損失の x、h0、w_ih、w_hh、b_ih、b_hh についての勾配を、この 6 つの名前をキーとする辞書で返す。
    自動微分（backward や torch.autograd）は使わない。
    """
    raise NotImplementedError


def state_jacobians(w_hh, hidden):
    """練習 1.3: すべての時刻からのヤコビ行列。

    hidden (T, H) は、1 つの系列の隠れ状態 h_1, …, h_T。w_hh は (H, H)。
    (T, H, H) のテンソルを返す。[t]（0 から数える）は dh_T/dh_{t+1} で、行が h_T、列が h_{t+1} の
    成分。最後の [T - 1] は単位行列。
    行列の積は、T に比例する回数しか使わない（確かめでは、torch の演算で数える）。
    """
    raise NotImplementedError


def remember_sign():
    """練習 1.4: 最後の知らせを覚える 1 ユニット。

    1 ユニットの RNN h_t = tanh(w h_{t-1} + u x_t + b) の重み (w, u, b) を返す。h_0 = 0。
    入力 x_t は -1、0、1 のどれかで、x_1 は 0 でない。条件は 2 つ。
    ① どの時刻でも、h_t の符号は、最後に来た 0 でない入力の符号と同じで、|h_t| は 0.5 以上。
       0 が何百続いても変わらない。
    ② x_1 が 1 か -1、あとが 0 のとき、h_1 をほんの少し動かすと、h_50 は、動かした幅の 1e-9 倍より
       大きく動く。
    """
    raise NotImplementedError


def clip_by_global_norm(grads, max_norm):
    """練習 1.5: 全体のノルムでクリップする。

    grads は形のまちまちなテンソルのリスト、max_norm は正の数。
    全体のノルムが max_norm を超えるなら、ちょうど max_norm になるように、どれにも同じ数を掛ける。
    切ったテンソルのリストと、切る前のノルム（float）の組を返す。grads は書き換えない。
    下のコードは、ノルムで切ると言いながら、別のことをしている。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    norm = sum((grad**2).sum().item() for grad in grads) ** 0.5
    if norm > max_norm:
        grads = [grad.clamp(-max_norm, max_norm) for grad in grads]
    return grads, norm


def largest_learning_rate(x, w):
    """練習 1.6: 発散しない学習率の上限。

    x (B, T) は B 本の系列、w（float）は、線形な RNN h_t = w h_{t-1} + u x_t + b の重み。h_0 = 0。
    w を固定し、損失 mean((h_T - y)**2) を、u と b について勾配降下法で小さくする。
    これより小さければ、どこから始めても発散せず、大きければ、ほとんどの所から始めて発散する、
    境目の学習率（float）を返す。y にはよらない。
    """
    raise NotImplementedError
