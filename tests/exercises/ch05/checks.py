"""「双方向 RNN」の練習。"""

from fractions import Fraction

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise
from tests.exercises.engine.recurrent import PARAMETERS, agree, agree_gradients, normal, weights


def torch_bidirectional_rnn(
    x,
    h0,
    w_ih,
    w_hh,
    b_ih,
    b_hh,
    w_ih_reverse,
    w_hh_reverse,
    b_ih_reverse,
    b_hh_reverse,
):
    """双方向の nn.RNN による正解。"""
    layer = nn.RNN(x.shape[2], h0.shape[2], batch_first=True, bidirectional=True)
    names = [f"{name}_l0{way}" for way in ("", "_reverse") for name in PARAMETERS]
    values = (w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse, b_hh_reverse)
    return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x, h0))


def check_bidirectional_rnn(f):
    """値と勾配が、双方向の nn.RNN と一致する。"""
    rng = np.random.default_rng(51)
    cases = [
        [
            normal(rng, b, t, d),
            normal(rng, 2, b, h),
            *weights(rng, d, h, gates=1),
            *weights(rng, d, h, gates=1),
        ]
        for b, t, d, h in ((3, 4, 5, 6), (1, 5, 2, 3), (4, 1, 3, 2))
    ]

    def flat(x, h0, *both):
        return f(x, h0, both[:4], both[4:])

    agree(flat, torch_bidirectional_rnn, cases, ("output (B, T, 2H)", "h_n (2, B, H)"))


# 長さと、パディングをふくむ時刻の数。全員にパディングがある組も、誰にもない組もある。
# パディングの所には、0 でなく乱数を入れる。
PADDED = (((2, 5, 1, 3), 7), ((4, 6, 3), 6), ((1,), 1), ((5, 5), 5))


def check_last_states(f):
    """値と勾配が、系列を 1 つずつ見たものと一致する。"""
    rng = np.random.default_rng(52)
    for lengths, steps in PADDED:
        output = normal(rng, len(lengths), steps, 6)
        agree_on_padded(f, picked(lengths), output, lengths, "戻り値 (B, 2H)")


def picked(lengths):
    """順方向は長さの最後の時刻、逆方向は最初の時刻を取る正解。"""

    def oracle(output):
        size = output.shape[2] // 2
        forward = [row[n - 1, :size] for row, n in zip(output, lengths, strict=True)]
        return torch.cat([torch.stack(forward), output[:, 0, size:]], dim=1)

    return oracle


def check_reverse_sequences(f):
    """値と勾配が、系列を 1 つずつ反転したものと一致する。"""
    rng = np.random.default_rng(53)
    for lengths, steps in PADDED:
        x = normal(rng, len(lengths), steps, 3)
        agree_on_padded(f, flipped(lengths), x, lengths, "戻り値 (B, T, D)")


def flipped(lengths):
    """1 つの系列ずつ、長さまでを反転し、残りをつなぐ正解。"""

    def oracle(x):
        rows = zip(x, lengths, strict=True)
        return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in rows])

    return oracle


def agree_on_padded(f, oracle, padded, lengths, name):
    """パディングした系列について、値も勾配も ``oracle`` と一致する。"""

    def answer(padded):
        return f(padded, torch.tensor(lengths))

    expect(answer(padded), oracle(padded), name)
    agree_gradients(answer, oracle, [padded])


def check_best_one_way_accuracy(f):
    """すべての組 (今の記号、次の記号) を数え上げた結果と一致する。"""
    sizes = (9, 10, 3, 2, 31)
    want = [Fraction(sum(most_common(now, k) for now in range(k)), k**2) for k in sizes]
    names = [f"best_one_way_accuracy({k})" for k in sizes]
    expect([f(k) for k in sizes], want, names)


def most_common(now, symbols):
    """今の記号が now のとき、次の記号のうち、多いほうのタグになるものの数。"""
    ones = sum(after > now for after in range(symbols))
    return max(ones, symbols - ones)


EXERCISES = (
    Exercise(
        id="5.1",
        name="bidirectional_rnn",
        title="双方向 RNN",
        section="式と、手で計算する 3 時刻",
        difficulty=2,
        minutes=25,
        hints=(
            "順方向は練習 1.2 の rnn_forward そのものです。逆方向は、重みも初期状態も別の、"
            "もう 1 つの RNN です。順方向とは何もやりとりしません。",
            "逆方向は、x を時刻の軸で反転（x.flip(1)）して、同じように前から進めます。"
            "出てくる隠れ状態は時刻 T から 1 の順なので、もう一度反転してから並べます。",
            "output は torch.cat([順方向, 反転し直した逆方向], dim=2)。h_n は、それぞれのくり返しが"
            "終わったときの隠れ状態を torch.stack したもので、逆方向のものは output の時刻 1 と"
            "同じです。",
        ),
        check=check_bidirectional_rnn,
    ),
    Exercise(
        id="5.2",
        name="last_states",
        title="本当の最後の状態",
        section="パディングがあるとき",
        difficulty=2,
        minutes=15,
        hints=(
            "順方向が最後に読むのは時刻 lengths[b] です（添字は lengths[b] - 1）。"
            "逆方向が最後に読むのは、どの系列でも最初の時刻です。",
            "output[..., :H] が順方向、output[..., H:] が逆方向です。H は output.shape[2] // 2。",
            "系列ごとに違う時刻を取るには、2 つの添字を並べます。"
            "forward[torch.arange(B), lengths - 1] は (B, H) になります。",
        ),
        check=check_last_states,
    ),
    Exercise(
        id="5.3",
        name="reverse_sequences",
        title="長さの違う系列を反転する",
        section="パディングがあるとき",
        difficulty=2,
        minutes=20,
        hints=(
            "x.flip(1) では、パディングが前に来ます。系列ごとに、長さまでだけを反転します。",
            "系列を 1 つずつ見るなら、torch.cat([row[:n].flip(0), row[n:]]) です。",
            "一度に書くなら、時刻 t に置くものの添字を表 (B, T) にします。t < n なら n - 1 - t、"
            "そうでなければ t です（torch.where）。取るのは x[torch.arange(B)[:, None], 表]。",
        ),
        check=check_reverse_sequences,
    ),
    Exercise(
        id="5.4",
        name="best_one_way_accuracy",
        title="過去だけから当てる上限",
        section="過去だけからは、3/4 しか当たらない",
        difficulty=2,
        minutes=15,
        hints=(
            "記号は独立なので、過去の記号は役に立ちません。今の記号 k だけから、次が k より"
            "大きい確率を考えます。",
            "今が k のとき、次が大きい確率は (K - 1 - k) / K です。最善の答えは、確率の高いほうの"
            "タグを言うことで、当たる確率はそれと 1 からそれを引いたものの、大きいほうです。",
            "k = 0, …, K - 1 は同じ確率で現れるので、当たる確率を k について平均します。",
        ),
        check=check_best_one_way_accuracy,
    ),
)
