"""「LSTM」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は入力の次元、H は隠れ状態の次元です。
重みは PyTorch と同じ並びで、ゲートの順は i、f、g、o です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=2.1`）。
"""

import math  # noqa: F401

import torch  # noqa: F401


def flip_unit(w_ih, w_hh, b_ih, b_hh, k):
    """練習 2.1: ユニットの符号を裏返す。

    w_ih は (4H, D)、w_hh は (4H, H)、b_ih と b_hh は (4H,)、k は 0 から H - 1 のユニットの番号。
    初期状態が 0 なら、どんな入力でも、ユニット k の c と h だけが、どの時刻でも符号の逆になり、
    ほかのユニットは何も変わらない、そういう重みの組 (w_ih, w_hh, b_ih, b_hh) を返す。
    渡された重みは書き換えない。
    """
    raise NotImplementedError


def gate_trace(x, output, h0, w_ih, w_hh, b_ih, b_hh):
    """練習 2.2: ゲートをあとから求める。

    x は (B, T, D)、output は x を読んだ nn.LSTM の全時刻の隠れ状態 (B, T, H)、h0 は (B, H)。
    重みは練習 2.1 と同じ形。キーが "i"、"f"、"g"、"o" の辞書を返す。値はどれも (B, T, H)。
    時刻についての繰り返しは使わない。
    """
    raise NotImplementedError


def written_when(f, i, g, c0):
    """練習 2.3: 今の記憶は、いつ書かれたか。

    f、i、g は 1 本の系列の忘却ゲート、入力ゲート、候補値で、どれも (T, H)。
    c0 (H,) は初めのセル状態。最後のセル状態を、書かれた時刻ごとに分けた (T + 1, H) を返す。
    [0] は c0 から残ったぶん、[t] は時刻 t（1 から T）に書いて残ったぶん。縦に足すと、最後の
    セル状態になる。f には、ちょうど 0 の要素もある。
    """
    raise NotImplementedError


def set_forget_bias(lstm, value):
    """練習 2.4: 忘却ゲートのバイアスを設定する。

    lstm は nn.LSTM（何層でも、双方向でもよい）。
    どの層のどの方向でも、忘却ゲートに実際に足されるバイアス（2 つのバイアスの和）を value にする。
    ほかの重みは変えない。lstm を書き換え、何も返さない。
    """
    raise NotImplementedError


def log_uniform_bias(u, shortest, longest):
    """練習 2.5: 記憶の長さの対数を散らす。

    u (H,) は 0 以上 1 未満の一様乱数、shortest と longest は 1 より大きい数。
    記憶の長さの目安 1 / (1 - sigmoid(b)) の対数が u の 1 次式で、目安が shortest（u が 0）から
    longest（u が 1）まで散る、忘却ゲートのバイアス b (H,) を返す。
    """
    raise NotImplementedError


def largest_hidden(budget, input_size, num_layers):
    """練習 2.6: 予算に収まる、いちばん大きな LSTM。

    入力 input_size 次元、num_layers 層、単方向の nn.LSTM で、パラメータの総数が budget を超えない、
    いちばん大きな hidden_size（int）を返す。1 にも届かなければ 0。
    budget は 0 から 1 億までの整数。nn.LSTM などの層は作らない。
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
