"""「時系列と生成」の答え。raise の行を消して、あなたのコードを書いてください。

n は窓の数、width は窓の幅、V は文字の種類の数です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=6.1`）。
"""

import torch
from torch.nn.functional import mse_loss


def split_windows(series, width, split):
    """練習 6.1: 未来を覗かない窓。

    series (points,) は 1 つの時系列。初めの split 個を訓練に、残りをテストに使う。
    訓練の部分の最小値が 0、最大値が 1 になるように系列全体の値を変換し、窓と、1 時刻先へずらした
    目標の窓に切る。訓練の窓と目標は訓練の部分だけ、テストの窓と目標はテストの部分だけから、
    1 つずつずらしながら取れるだけ取る（どちらの部分も width より長い）。
    組 (train_x, train_y, test_x, test_y) を返す。どれも (n, width, 1)。
    下のコードは、訓練のときに、テストの部分を覗いている。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    scaled = (series - series.min()) / (series.max() - series.min())
    pieces = scaled.unfold(0, width, 1).unsqueeze(-1)
    inputs, targets = pieces[:-1], pieces[1:]
    return inputs[:split], targets[:split], inputs[split:], targets[split:]


def tipping_point(predict, width, low, high, steps):
    """練習 6.2: 落ちるか戻るかの境目を探す。

    predict は、窓 (width,) を受け取り、その次の値（0 次元のテンソル）を返す関数。
    同じ値 c を width 個並べた窓から、答えを窓の後ろに足していちばん古い値を捨てることを、
    steps 回（1 回以上）繰り返す。最後の答えを、c の終わりの値と呼ぶ。
    c を low から high まで動かすと、終わりの値は、初めは low の終わりの値に近く、ある境目から先は
    high の終わりの値に近い。境目は 1 つだけある。
    その境目を二分探索で求め、float で返す。0.001 までの誤差は許す。
    """
    raise NotImplementedError


def sample_index(logits, temperature, u):
    """練習 6.3: 温度を付けて文字を引く。

    logits (V,) は文字ごとのロジット、temperature は正の数、u は 0 以上 1 未満の数。
    文字の確率は softmax(logits / temperature)。
    確率を番号の順に足していき、和が初めて u より大きくなった文字の番号（int）を返す。
    丸めのため、最後まで u を超えなければ、確率が 0 でない最後の文字の番号とする。
    ロジットは 1000 を超えることも、-inf（その文字の確率は 0）のこともある。
    """
    raise NotImplementedError


def entropy_and_slope(logits, temperature):
    """練習 6.4: 温度を変えるとエントロピーはどう動くか。

    logits (V,) は文字ごとのロジット、temperature は正の数 τ。p = softmax(logits / τ)。
    エントロピー H = -Σ p log p（自然対数）と、その微分 dH/dτ の組を、float で返す。
    自動微分は使わず、どちらも有効数字 9 桁まで正しく求める。微分は 1e-13 のように小さいこともある。
    ほとんど 1 択のときの H は、1e-12 までの誤差を許す。ロジットは 1000 を超えることもある。
    """
    raise NotImplementedError


def carried_losses(model, series, rows, width):
    """練習 6.5: 状態を持ち越して読む。

    series (n,) の、どの時刻でも 1 つ先を当てる。series を、同じ長さの rows 本の続きものに分ける
    （1 本の入力の長さは (n - 1) // rows で、余りは捨てる）。
    rows 本を並べて、左から width 個ずつ読む（最後の width 個に足りない所は捨てる）。
    model(x, state) は、x (rows, width, 1) と、前の区切りの終わりの状態 (h, c) を受け取り
    （初めは state = None）、予測 (rows, width, 1) と、終わりの状態 (h, c) を返す。
    区切りごとの平均二乗誤差を並べた (K,) を返す。K は区切りの数。
    状態の値は次の区切りへ持ち越すが、勾配は区切りの前へ流さない。
    下のコードには、誤りが 2 つある。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    n = (len(series) - 1) // width
    x = series[: n * width].view(n, width, 1)
    y = series[1 : n * width + 1].view(n, width, 1)
    state, losses = None, []
    for k in range(0, n - rows + 1, rows):
        prediction, state = model(x[k : k + rows], state)
        losses.append(mse_loss(prediction, y[k : k + rows]))
    return torch.stack(losses)


def brackets(text):
    """練習 6.6: 閉じたのは、開いた括弧か。

    かぎ括弧「「」が開いた数、「」」が閉じた数、開いているときに閉じた数を、この順の整数の組で
    返す。括弧の中でもう 1 つ開けば、2 つ開いている。閉じるのは、そのうちの 1 つ。
    開いたまま終わることも、開いていないのに閉じることもある。『』など、ほかの括弧は数えない。
    """
    raise NotImplementedError
