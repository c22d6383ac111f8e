"""「BPTT を書いて、速くする」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元、G は重みの段数です。
重みは PyTorch と同じ並びで、LSTM のゲートの順は i、f、g、o です。
自動微分は、断りがなければ使いません。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=11.1`）。
"""

import torch


def gru_step_backward(dh_new, r, z, n, m, h, w_hh):
    """練習 11.1: GRU を 1 時刻戻すコードを直す。

    r と z は順伝播で求めたゲート、n は候補値、m は W_hn h + b_hn、h は前の隠れ状態、
    dh_new は新しい隠れ状態の勾配で、どれも (B, H)。w_hh は (3H, H) で、r、z、n の順。
    組 (delta_ih, delta_hh, dh) を返す。delta_ih は入力側の積 W_ih x + b_ih の勾配、
    delta_hh は状態側の積 W_hh h + b_hh の勾配で、どちらも r、z、n の順に並べた (B, 3H)。
    dh は前の隠れ状態の勾配 (B, H)。
    下のコードには、誤りが 3 つある。どれも、r = 1、z = 0 のところでは、結果に現れない。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    dn = dh_new * (1 - z) * (1 - n**2)
    dz = dh_new * (n - h) * z * (1 - z)
    dr = dn * m * r * (1 - r)
    delta = torch.cat([dr, dz, dn], dim=1)
    return delta, delta, delta @ w_hh


def tied_step(a, c):
    """練習 11.2: 縛った LSTM の Function を書く。

    入力ゲートを 1 - f に縛った LSTM を、1 時刻進める。a は f、g、o の σ や tanh に入る前の値を、
    この順に横に並べた (B, 3H)、c は前のセル状態 (B, H)。
    c_new = f * c + (1 - f) * g と h_new = o * tanh(c_new) の、組 (h_new, c_new) を返す。
    torch.autograd.Function を継承したクラスに forward と backward を書き、a と c をそのまま
    apply に渡した結果を返す。クラスは、この関数の中でも外でもよい。backward の中でも、自動微分は
    使わない。h_new と c_new の片方だけから戻すことも、何時刻もつないで戻すこともある。
    """
    raise NotImplementedError


def weight_gradients(delta, x, hidden, h_0, size):
    """練習 11.3: 束に分けて足すコードを直す。

    delta は全時刻の勾配を並べた (T, B, GH)、x は (T, B, D)。
    hidden は h_1 から h_T を並べた (T, B, H)、h_0 は最初の隠れ状態 (B, H)。
    時刻を size 個（1 から T までの整数）ずつの束に分け（終わりの束は短くてよい）、
    束ごとに 1 回の積で足していく。
    重みの勾配の辞書 dict(w_ih=…, w_hh=…, b=…) を返す。形は (GH, D)、(GH, H)、(GH,)。
    下のコードには、誤りが 2 つある。束が 1 つなら、どちらも現れない。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    w_ih = w_hh = b = 0
    for start in range(0, len(x) - size + 1, size):
        part = slice(start, start + size)
        before = torch.cat([h_0[None], hidden[part][:-1]])
        d = delta[part].flatten(0, 1)
        w_ih = w_ih + d.T @ x[part].flatten(0, 1)
        w_hh = w_hh + d.T @ before.flatten(0, 1)
        b = b + d.sum(dim=0)
    return dict(w_ih=w_ih, w_hh=w_hh, b=b)


def checkpoint_plan(time):
    """練習 11.4: 状態を間引いて残す。

    time は系列長 T（1 以上の整数）。系列を、先頭から k 時刻ずつの区切りに分ける（端は短くてよい）。
    順伝播では、各区切りに入る状態（h_0、h_k、h_2k、…）だけを残す。
    逆伝播では、後ろの区切りから順に、残した状態から区切りの中の状態をすべて計算し直し、
    戻し終えたら、その区切りに入る状態と、計算し直した状態を捨てる。
    同時に持つ状態の数の最大を、最も小さくする k と、その最大の組 (k, 数) を返す。どちらも整数。
    最も小さくする k がいくつもあれば、どれでもよい。たとえば T = 4、k = 2 なら、後ろの区切りを戻す
    ときの h_0、h_2 と、計算し直した h_3、h_4 の 4 個が最大である。
    """
    raise NotImplementedError


def peephole_step_backward(dh_new, dc_new, gates, c, c_new, peepholes):
    """練習 11.5: のぞき穴のある LSTM を 1 時刻戻す。

    のぞき穴のある LSTM では、i と f の σ の中に p_i * c、p_f * c が、o の σ の中に p_o * c_new が
    足される（積は要素ごと、c は前のセル状態、c_new は新しいセル状態）。ほかは LSTM と同じ。
    gates は順伝播で求めた i、f、g、o を横に並べた (B, 4H)。σ や tanh を通した後の値。
    c と c_new は (B, H)。dh_new は h_new の勾配、dc_new は時刻 t+1 から c_new に届いた勾配
    （次の時刻で返した dc）で、どちらも (B, H)。peepholes は p_i、p_f、p_o を縦に積んだ (3, H)。
    組 (delta, dc, dp) を返す。delta は σ や tanh に入る値の勾配 (B, 4H)、
    dc は前のセル状態の勾配 (B, H)、dp は peepholes の勾配 (3, H)。
    """
    raise NotImplementedError


def truncated_gradients(sequences, weights, every):
    """練習 11.6: 区切った BPTT を直す。

    sequences は、互いに関係のない系列のリスト。1 つは (x, y) の組で、x は (T, D)、y は (T, H)。
    T は系列ごとに違ってよい。weights は (w_ih, w_hh, b) で、形は (H, D)、(H, H)、(H,)。
    どの系列も、隠れ状態 0 から、h = tanh(w_ih x + w_hh h + b) で読む。
    系列ごとに、先頭から every 時刻ずつに区切り、状態の値は次の区切りへ渡すが、勾配は渡さない。
    全部の系列の、全部の時刻の (h - y)**2 の和を、重みで微分した辞書
    dict(w_ih=…, w_hh=…, b=…) を返す。この練習では、自動微分を使ってよい。
    渡された weights には、requires_grad も .grad も残さない。
    下のコードには、誤りが 2 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    w_ih, w_hh, b = leaves = [each.clone().requires_grad_() for each in weights]
    h = torch.zeros_like(b)
    total = 0.0
    for x, y in sequences:
        for t in range(len(x)):
            h = torch.tanh(w_ih @ x[t] + w_hh @ h + b)
            if (t + 1) % every == 0:
                h = h.detach()
            total = total + ((h - y[t]) ** 2).sum()
    return dict(zip(("w_ih", "w_hh", "b"), torch.autograd.grad(total, leaves), strict=True))


def truncation_plan(reach, memory):
    """練習 11.7: 区切り方を選ぶ。

    every 時刻読むたびに、そこから back 時刻（back は every 以上）を戻す。戻すのは、新しく読んだ
    every 時刻の損失で、それより前の損失は、もう戻してある。戻すには、状態を back 個持っている
    ことが要る。どの時刻 t の損失からも、t - reach 以前の時刻の入力まで勾配が届き（そこが系列の
    先頭より前なら、先頭まで）、持つ状態が memory 個以下になる every と back のうち、1 時刻あたりに
    戻す時刻の数 back / every がいちばん小さい組 (every, back) を、整数で返す。
    そういう組がいくつもあれば、どれでもよい。1 つもなければ None を返す。
    reach は 0 以上の整数、memory は 1 以上の整数。every も back も 1 以上。
    たとえば every = back = 4 なら、新しく読んだ 4 時刻のうち初めの 2 つの損失は、2 時刻前の
    入力まで届かない。
    """
    raise NotImplementedError
