"""「LSTM」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは PyTorch と同じ並びで、ゲートの順は i、f、g、o です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=2.1`）。
"""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """練習 2.1: LSTM を 1 時刻進める。

    x は (B, D)、h と c は (B, H)、w_ih は (4H, D)、w_hh は (4H, H)、b_ih と b_hh は (4H,)。
    新しい隠れ状態とセル状態の組 (h_new, c_new) を返す。どちらも (B, H)。
    下のコードは、ほかの本とほかのライブラリの流儀が混ざったもの。誤りが 2 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    f, g, i, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
    f, i, o = torch.sigmoid(f + 1), torch.sigmoid(i), torch.sigmoid(o)
    c_new = f * c + i * torch.tanh(g)
    h_new = o * torch.tanh(c_new)
    return h_new, c_new


def lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """練習 2.2: LSTM で系列を端まで読む。

    x は (B, T, D)、h0 と c0 は (B, H)。重みは練習 2.1 と同じ。
    すべての時刻の隠れ状態 output (B, T, H) と、最後の状態の組 (h_n, c_n) の組を返す。
    つまり (output, (h_n, c_n)) で、h_n と c_n は (B, H)。
    下のコードには、誤りが 2 つある。練習 2.1 の lstm_step は、直してあるものとする。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    steps = x.shape[1]
    hs, cs = [torch.zeros_like(h0)] * steps, [torch.zeros_like(c0)] * steps
    for t in range(steps):
        hs[t], cs[t] = lstm_step(x[:, t], hs[t - 1], cs[t - 1], w_ih, w_hh, b_ih, b_hh)
    output = torch.stack(hs, dim=1)
    return output, (output[-1], cs[-1])


def gate_trace(x, output, h0, w_ih, w_hh, b_ih, b_hh):
    """練習 2.3: ゲートをあとから求める。

    x は (B, T, D)、output は x を読んだ nn.LSTM の全時刻の隠れ状態 (B, T, H)、h0 は (B, H)。
    重みは練習 2.1 と同じ。キーが "i"、"f"、"g"、"o" の辞書を返す。値はどれも (B, T, H)。
    時刻についての繰り返しは使わない。
    """
    raise NotImplementedError


def count_lstm_parameters(input_size, hidden_size, num_layers=1, bidirectional=False):
    """練習 2.4: パラメータを数える関数。

    同じ引数で作った nn.LSTM の、重みとバイアスの要素の総数（int）を返す。
    nn.LSTM も nn.LSTMCell も作らない。
    """
    raise NotImplementedError


def set_forget_bias(lstm, value):
    """練習 2.5: 忘却ゲートのバイアスを設定する。

    lstm は nn.LSTM（何層でも、双方向でもよい）。
    どの層のどの方向でも、忘却ゲートに実際に足されるバイアス（2 つのバイアスの和）を value にする。
    ほかの重みは変えない。lstm を書き換え、何も返さない。
    """
    raise NotImplementedError


def log_uniform_bias(u, shortest, longest):
    """練習 2.6: 記憶の長さの対数を散らす。

    u (H,) は 0 以上 1 未満の一様乱数、shortest と longest は 1 より大きい数。
    記憶の長さの目安 1 / (1 - sigmoid(b)) の対数が u の 1 次式で、目安が shortest（u が 0）から
    longest（u が 1）まで散る、忘却ゲートのバイアス b (H,) を返す。
    """
    raise NotImplementedError


def bracket_counter():
    """練習 2.7: 括弧を数える LSTM。

    1 ユニットの LSTM の重みを、辞書 dict(w_ih=…, w_hh=…, b_ih=…, b_hh=…) で返す。
    形は (4, 5)、(4, 1)、(4,)、(4,) で、行の順は i、f、g、o。数のリストでも、テンソルでもよい。
    入力は one-hot で、順に「(」「)」「ほかの文字」「?」「改行」。
    セル状態は、いつも括弧の深さ（0 から 5）に等しく、改行で 0 に戻る（誤差は 0.01 まで）。
    隠れ状態は、「?」で深さが 1 以上のときだけ 0.7 より大きく、ほかでは 0（誤差は 0.01 まで）。
    """
    raise NotImplementedError


def forget_bias_for(steps, share):
    """練習 2.8: 残したい割合から決めるバイアス。

    f がいつも sigmoid(b) なら、書いた値が steps 時刻の後にちょうど share 倍になる、そういう b
    （float）を返す。steps は正の整数、share は 0 より大きく 1 より小さい数。
    """
    raise NotImplementedError


def open_both(rho, gain):
    """練習 2.9: 回り道の倍率を決める。

    忘却ゲートは sigmoid(0)、入力ゲートと出力ゲートはどちらも sigmoid(b)、W_hg のスペクトル半径は
    rho（正の数）とする。1 時刻の倍率 f + i o rho がちょうど gain（正の数）になる b（float）を返す。
    どんな b でもちょうど gain にはならないときは、None を返す。
    """
    raise NotImplementedError
