"""「並列に計算する再帰」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
漸化式 h_t = a_t h_{t-1} + b_t では、時刻が先頭の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=12.1`）。
"""

import torch
import torch.nn.functional as F


def combine_softmax(p, q):
    """練習 12.1: 注意も走査で。

    得点 s_k と値 v_k（D 次元）の、続いた区間を、3 つ組 (m, d, n) で書く。
    m は s_k の最大、d は e^(s_k - m) の和、n は e^(s_k - m) v_k の和。時刻 1 つなら (s_t, 1, v_t)。
    p は先の区間、q は続く区間の組で、m と d は (N,)、n は (N, D)。N 組を同時にまとめる。
    つないだ区間の組 (m, d, n) を返す。得点が ±1000 でも、あふれてはいけない。
    """
    raise NotImplementedError


def reset_scan(a, b, h0, start):
    """練習 12.2: 区切りのある走査。

    漸化式は h_t = a_t h_{t-1} + b_t で、a と b は (T, B, H)、h0 は (B, H)。
    start は真偽値の (T, B)。start[t, k] が真なら、系列 k は時刻 t でそれまでの状態を忘れ、
    h_{t-1} が 0 だったものとして始める。
    すべての時刻の状態を (T, B, H) で返す。時刻を 1 つずつ進む繰り返しは使わない。
    """
    raise NotImplementedError


def scan_backward(a, h0, h, grad_h):
    """練習 12.3: 行列の漸化式の逆伝播。

    漸化式は h_t = a_t h_{t-1} + b_t で、a_t h は行列とベクトルの積。
    a は (T, B, H, H)、h0 は (B, H)、h は漸化式を解いた全時刻の状態 (T, B, H)。
    grad_h (T, B, H) は、損失の h についての勾配（後の時刻を通る分は含まない）。
    損失の a、b、h0 についての勾配の組 (grad_a, grad_b, grad_h0) を返す。
    形は (T, B, H, H)、(T, B, H)、(B, H)。自動微分は使わない。
    """
    raise NotImplementedError


def same_when_cut(layer, x):
    """練習 12.4: 切っても同じかを試す。

    layer(x) と layer(x, state) は、x (T, B, D) を読む再帰層で、(output, state) を返す。
    output は (T, B, H)。state はテンソルか、その組で、続きを読むときにそのまま渡す。
    初めの t 時刻と残りに切り（t は 1 から T - 1）、状態を渡して続けた output を、切らない output と
    比べる。
    差の大きさが 1e-9 を超えるか、nan になる所のある t のうち、最も小さいものを整数で返す。
    どこで切っても同じなら、None を返す。
    """
    raise NotImplementedError


def minlstm_forward(x, h0, w, b):
    """練習 12.5: 対数で解く minLSTM。

    x は (B, T, D)、h0 は (B, H) でどの要素も正。w は (3H, D)、b は (3H,) で、i、f、v の順に積む。
    i_t = σ(…)、f_t = σ(…)、h_t = f_t / (f_t + i_t) h_{t-1} + i_t / (f_t + i_t) g(v_t)。
    g(v) は、v が 0 以上なら v + 0.5、負なら σ(v)。
    すべての時刻の状態 output (B, T, H) と、最後の状態 h_n (B, H) の組を返す。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください

    def log_g(v):
        return torch.where(v >= 0, torch.log(F.relu(v) + 0.5), F.logsigmoid(v))

    i, f, v = (x @ w.T + b).chunk(3, dim=-1)
    difference = F.softplus(f) - F.softplus(i)
    log_keep, log_write = -F.softplus(difference), -F.softplus(-difference)
    total = log_keep.cumsum(1)
    terms = torch.cat([log_g(h0).unsqueeze(1), log_write + log_g(v) - total], dim=1)
    output = (total + terms.logcumsumexp(1)[:, 1:]).exp()
    return output, output[:, -1]


def scan_costs(time):
    """練習 12.6: 走査の段数と回数。

    time は系列長 T（1 以上の整数）。2 つの解き方の、段数と、1 次式をまとめる回数の合計を
    ((倍々の段数, 倍々の回数), (木の段数, 木の回数)) の組で返す。どれも整数。
    木は、(1, 2)、(3, 4)、… と隣どうしをまとめ（端の 1 つは残す）、できた T // 2 個を同じように
    解き、最後に時刻 3、5、7、… の組を、1 つ前の時刻までの答えとまとめる。
    隣どうしをまとめる所も、最後にまとめる所も、まとめるものがあれば 1 段と数える。
    """
    raise NotImplementedError


def newton_step(h, u, w, h0):
    """練習 12.7: RNN をニュートン法で解く。

    単純 RNN h_t = tanh(w h_{t-1} + u_t) の全時刻の状態を、連立方程式の解とみなす。
    h は状態の見当 (T, H)、u は入力側の和 (T, H)、w は (H, H)、h0 は初期状態 (H,)。
    どの時刻の tanh も、見当の値での接線に取り替え、できた 1 次の漸化式の解 (T, H) を返す。
    勾配は流さなくてよい。
    """
    raise NotImplementedError
