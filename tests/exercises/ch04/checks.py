"""「GRU」の練習。"""

import numpy as np
import torch
from torch import nn
from torch.func import functional_call

from tests.exercises.engine.by_hand import weights_by_hand
from tests.exercises.engine.cases import single
from tests.exercises.engine.compare import expect, same
from tests.exercises.engine.exercise import Exercise, Kind, Stage, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_saturated,
    cell_cases,
    has_array,
    normal,
    run_torch,
)


def torch_gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """nn.GRUCell による正解。"""
    cell = nn.GRUCell(x.shape[1], h.shape[1])
    return run_torch(cell, (w_ih, w_hh, b_ih, b_hh), x, h)


def check_gru_step(f):
    """値と勾配が nn.GRUCell と一致する。"""
    cases = cell_cases(gates=3, states=1)
    agree(f, torch_gru_step, cases, "h_new (B, H)")
    agree_when_saturated(f, torch_gru_step, cases[0], "h_new (B, H)")


def keras_step(x, h, kernel, recurrent_kernel, bias):
    """Keras の GRUCell（reset_after=True）の式を、重みを入れ替えずに書いたもの。"""
    size = h.shape[1]
    from_x, from_h = x @ kernel + bias[0], h @ recurrent_kernel + bias[1]
    z = torch.sigmoid(from_x[:, :size] + from_h[:, :size])
    r = torch.sigmoid(from_x[:, size : 2 * size] + from_h[:, size : 2 * size])
    candidate = torch.tanh(from_x[:, 2 * size :] + r * from_h[:, 2 * size :])
    return z * h + (1 - z) * candidate


KERAS_WEIGHTS = ("w_ih (3H, D)", "w_hh (3H, H)", "b_ih (3H,)", "b_hh (3H,)")


def check_from_keras(f):
    """返った重みの nn.GRUCell が、もとの重みのままの Keras の式と一致する。"""
    rng = np.random.default_rng(42)
    for b, d, h, scale, dtype in (
        (4, 2, 3, 1.0, torch.float64),
        (1, 5, 1, 1.0, torch.float64),
        (3, 4, 4, 0.5, torch.float64),
        (3, 4, 4, 1e-3, torch.float64),
        (4, 2, 3, 1.0, torch.float32),
    ):
        x, state = normal(rng, b, d).to(dtype), normal(rng, b, h).to(dtype)
        shapes = ((d, 3 * h), (h, 3 * h), (2, 3 * h))
        theirs = [scale * normal(rng, *shape).to(dtype) for shape in shapes]
        got = f(*theirs)
        want = [torch.zeros(*shape, dtype=dtype) for shape in ((3 * h, d), (3 * h, h))]
        want += [torch.zeros(3 * h, dtype=dtype)] * 2
        expect(blank(got), want, KERAS_WEIGHTS)
        mine = torch_gru_step(x, state, *map(torch.as_tensor, got))
        want = keras_step(x, state, *theirs)
        if not same(mine, want):  # 重みのどこが違うかを言う
            expect(summed_gates(got), summed_gates(row_by_row(*theirs)), SUMMED_GATES)
        expect(mine, want, "移した重みの h_new (B, H)")


SUMMED_GATES = (
    *KERAS_WEIGHTS[:2],
    "n の b_ih (H,)",
    "n の b_hh (H,)",
    "r と z の b_ih + b_hh (2H,)",
)


def summed_gates(weights):
    """r と z の 2 本のバイアスを足した重み。この 2 つでは、足した値さえ合えば、分け方は自由。"""
    w_ih, w_hh, b_ih, b_hh = (torch.as_tensor(each).detach() for each in weights)
    gates = 2 * w_hh.shape[1]
    return [w_ih, w_hh, b_ih[gates:], b_hh[gates:], (b_ih + b_hh)[:gates]]


def row_by_row(kernel, recurrent_kernel, bias):
    """1 行ずつ並べ替えた、PyTorch の重み。"""
    size = recurrent_kernel.shape[0]
    rows = [*range(size, 2 * size), *range(size), *range(2 * size, 3 * size)]
    return [each.T[rows] for each in (kernel, recurrent_kernel)] + [each[rows] for each in bias]


def blank(got):
    """テンソルと配列を、型と形だけを残して 0 にする。"""
    if not isinstance(got, tuple | list):
        return got
    return [blank_one(each) for each in got]


def blank_one(each):
    """テンソル（パラメータも）か配列なら 0 にし、ほかはそのまま。"""
    if isinstance(each, torch.Tensor):
        return torch.zeros_like(each)
    return np.zeros_like(each) if isinstance(each, np.ndarray) else each


def tied_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """縛った LSTM を、もとの重みのまま、式のとおりに 1 時刻進める。"""
    f, g, o = inner_values(x, h, 3, w_ih, w_hh, b_ih, b_hh)
    f, o = torch.sigmoid(f), torch.sigmoid(o)
    c = f * c + (1 - f) * torch.tanh(g)
    return o * torch.tanh(c), c


def inner_values(x, h, blocks, w_ih, w_hh, b_ih, b_hh):
    """活性化関数に通す前の値。段ごと。"""
    return (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(blocks, dim=1)


UNTIED_WEIGHTS = ("w_ih (4H, D)", "w_hh (4H, H)", "b_ih (4H,)", "b_hh (4H,)")


def check_untie(f):
    """返った重みの nn.LSTMCell が、値も勾配も、縛った LSTM の式と一致する。"""

    def step(x, h, c, *tied):
        return run_torch(nn.LSTMCell(x.shape[1], h.shape[1]), f(*tied), x, (h, c))

    cases = cell_cases(gates=3, states=2)
    for case in (*cases, single(cases[0])):
        agree_gates(f, *case)
    agree(step, tied_step, cases, ("移した重みの h (B, H)", "移した重みの c (B, H)"))


def agree_gates(f, x, h, c, *tied):
    """返った重みの型と形が合い、f、g、o の段がもとと同じで、i が 1 - f になる。"""
    got = f(*tied)
    rows = 4 * h.shape[1]
    expect(blank(got), [x.new_zeros(rows, *each.shape[1:]) for each in tied], UNTIED_WEIGHTS)
    require(
        not has_array(got),
        "戻り値が NumPy の配列です。勾配も確かめるので、torch のテンソルのまま並べてください。",
        Stage.TYPE,
    )
    for name, mine, want in zip("fgo", blocks(got, 4)[1:], blocks(tied, 3), strict=True):
        names = ["w_ih", "w_hh", "b_ih", "b_hh"]
        if not same(mine[2], want[2]):  # 2 本のバイアスは、足した値さえ合えば、分け方は自由
            mine, want = ([*each[:2], each[2] + each[3]] for each in (mine, want))
            names = ["w_ih", "w_hh", "b_ih + b_hh"]
        expect(mine, want, [f"{each} の {name} の段" for each in names])
    i, f = (inner_values(x, h, n, *w)[0].detach() for w, n in ((got, 4), (tied, 3)))
    expect(torch.sigmoid(i), 1 - torch.sigmoid(f), "移した重みの i（1 - f のはず） (B, H)")


def blocks(weights, number):
    """段ごとの [w_ih, w_hh, b_ih, b_hh]。"""
    return [list(each) for each in zip(*(w.detach().chunk(number) for w in weights), strict=True)]


# 決まった数で縮めると、大きな limit では tanh が曲がるか、小さな limit では h が 0 に丸められる
LIMITS = (1.0, 1000.0, 0.01, 1e200, 1e-200)

ADDER = {
    "weight_ih": (3, 2),
    "weight_hh": (3, 1),
    "bias_ih": (3,),
    "bias_hh": (3,),
    "scale": (),
}


def adding_cases():
    """（何を試すか、値 (T,)、印の場所）。値は 0 から 1 の間で、印のない所には大きな値も混ぜる。"""
    rng = np.random.default_rng(45)
    for name, steps, marks in (
        ("足す", 2, (0, 1)),
        ("守る", 5, (0, 4)),
        ("守る", 6, (1, 2)),
        ("長く守る", 50, (3, 30)),
        ("長く守る", 200, (0, 199)),
        ("長く守る", 300, (0, 1)),
        ("長く守る", 300, (150, 298)),
    ):
        flags = np.isin(np.arange(steps), marks)
        for level in (0.0, 1.0, None):  # 印のない値がどれも 0、どれも limit、乱数
            values = rng.random(steps)
            if level is not None:
                values[~flags] = level
            yield name, values, marks
        yield name, flags.astype(float), marks  # 覚えたものの減りが、いちばん大きくなる
        yield name, (~flags).astype(float), marks  # 印のない値の漏れが、いちばん大きくなる


def check_adding_gru(f):
    """返った重みの nn.GRU が、長さのいろいろな系列で、2 つの値の和を答える。"""
    gru = nn.GRU(2, 1, batch_first=True, dtype=torch.float64)
    for limit in LIMITS:
        weights = weights_by_hand(f(limit), ADDER)
        scale = float(weights.pop("scale"))
        named_weights = {f"{name}_l0": weight for name, weight in weights.items()}
        for name, values, marks in adding_cases():
            flags = np.isin(np.arange(len(values)), marks)
            x = torch.from_numpy(np.stack([limit * values, flags], axis=1))
            output, _ = functional_call(gru, named_weights, (x[None],))
            first, second = (limit * values[t] for t in marks)
            h = float(output[0, -1])
            require_sum(name, limit, len(values), marks, first, second, h, scale * h)


def require_sum(name, limit, steps, marks, first, second, h, found):
    """ずれが limit の 1 % までであること。何を答えているのかがわかれば、それも知らせる。"""
    slack = 0.01 * limit
    known = {
        second: "、1 つめの値が消えています",
        (first + second) / 2: "、2 つの値の平均になっています",
        0.0: "、何も残っていません",
    }
    likeness = next((s for value, s in known.items() if abs(found - value) < slack), "ました")
    if abs(h) > 0.5:  # ここまで大きいと、tanh は直線から 1 % より外れている
        likeness = "、h が大きくて tanh が曲がっています"
    require(
        abs(found - first - second) <= slack,  # nan も退ける
        f"「{name}」が{only_now(limit)}できていません。limit = {limit:g}、長さ {steps}、"
        f"印が時刻 {marks[0]} と {marks[1]}（添字）、"
        f"値が {first:.4g} と {second:.4g} のとき、{found:.4g} と答え{likeness}"
        f"（許すずれは {slack:g} まで）。",
    )


def only_now(limit):
    """limit が 1 ならできていたことを言う。ゲートは合っていて、縮め方か scale が合わない。"""
    return "" if limit == LIMITS[0] else f"、limit = {LIMITS[0]:g} ではできたのに、ここでは"


def check_gru_slope(f):
    """自動微分で求めた nn.GRUCell の傾きと一致する。"""
    rng = np.random.default_rng(47)
    cases = [rng.standard_normal(14).round(1) * scale for scale in (1.0, 1.0, 2.0, 0.5, 1e-3)]
    cases += [np.r_[1.0, 2.0, 0.7, 0.7, 0.7, np.zeros(9)]]  # 状態の重みが 0
    # 傾きが 3.03。1 を超える
    cases += [np.array([0.0, 0.1, 0, 0, 0, 0, 0, 4.0, 0, -2.0, 0, 3.0, 0, 0])]
    # 差で近似すると、刻みが小さすぎるか、大きすぎる
    cases += [
        np.r_[0.5, h, rng.standard_normal(3), np.array([0.4, 0.7, -0.9]) / h, 0.1 * np.arange(6)]
        for h in (1e6, 1e-5)
    ]
    cases += [np.r_[0.0, h, 0.0, 0.0, 0.0, w, np.zeros(6)] for h in (1.0, -3.0) for w in SINGLE]
    calls = []
    for numbers in cases:
        weights = [tuple(row) for row in numbers[2:].reshape(4, 3).tolist()]
        calls.append((*numbers[:2].tolist(), *weights))
    names = [f"gru_slope{call}".replace(" ", "") for call in calls]
    with without_autograd():
        got = [f(*call) for call in calls]
    expect(got, [torch_slope(*call) for call in calls], names)


# r、z、n の状態の重みを、1 つずつだけ 0 でなくしたもの
SINGLE = np.eye(3)


def torch_slope(x, h, *weights):
    """自動微分による正解。"""
    tensors = [torch.tensor(row, dtype=torch.float64) for row in weights]
    tensors[:2] = [row[:, None] for row in tensors[:2]]
    state = torch.tensor([[h]], dtype=torch.float64, requires_grad=True)
    new = torch_gru_step(torch.tensor([[x]], dtype=torch.float64), state, *tensors)
    return torch.autograd.grad(new.sum(), state)[0].item()


EXERCISES = (
    Exercise(
        id="4.1",
        name="gru_step",
        title="GRU を 1 時刻進める",
        section="4 本の式",
        difficulty=1,
        minutes=10,
        hints=(
            "本文の手計算の例（バイアスは 0）を入れてみましょう。2 つの誤りの片方は、"
            "それだけで見つかります。h_t の成分は、-1 と 1 の間に収まるはずです。",
            "掛け算は、引き算より先に計算されます。最後の行の 1 - z に、括弧はいりませんか。",
            "b_hn は、r の括弧の中にありますか、外にありますか。候補値の式と見比べます。",
        ),
        check=check_gru_step,
        kind=Kind.MEND,
    ),
    Exercise(
        id="4.2",
        name="from_keras",
        title="Keras の GRU の重みを移す",
        section="もう 1 つの GRU",
        difficulty=2,
        minutes=20,
        hints=(
            "することは 2 つです。転置して向きを変え、z、r、n を r、z、n に並べ替えます。",
            "kernel.T は (3H, D) で、縦に 3 等分すると、順に z、r、n のぶんです。",
            "バイアスは 1 行ずつ、同じ並べ替えをします。2 本を足して 1 本にすると、"
            "b_hn が r の外に出てしまいます。",
        ),
        check=check_from_keras,
    ),
    Exercise(
        id="4.3",
        name="untie",
        title="縛った LSTM の重みを、ふつうの LSTM へ移す",
        section="LSTM の書き込む割合も縛る",
        difficulty=2,
        minutes=15,
        hints=(
            "f、g、o の段は、そのまま使えます。足りないのは、i の段だけです。"
            "どの x と h でも、i が 1 - f になるような重みを探します。",
            "シグモイドに通す前の値を a とすると、f は sigmoid(a) です。"
            "では 1 - f は、どんな値をシグモイドに通したものでしょうか。",
            "a は、4 つの重みの f の段から作られる 1 次式です。"
            "どの段の符号を変えれば、a の符号が変わるでしょうか。バイアスも、a の一部です。",
        ),
        check=check_untie,
    ),
    Exercise(
        id="4.4",
        name="adding_gru",
        title="足し算をする GRU",
        section="4 本の式",
        difficulty=3,
        minutes=40,
        hints=(
            "印のない時刻は h をそのまま残します。それには、z をいくつにすればよいでしょうか。"
            "印のある時刻には、h を「h に値を足したもの」に替えます。",
            "候補値 n は、h と値の両方から作れます。n がちょうど h と小さな値の和になるように、"
            "r、n の状態の重み、n の入力の重みを決めます。",
            "z は、印に掛ける重みとバイアスで、印がなければ 1、あれば 0 に振り切ります。"
            "z が 0.99 では足りません。印のない時刻ごとに、値の 1 % が漏れて足されます。"
            "300 時刻の漏れの合計が limit の 1 % に収まるには、1 - z はいくつまででしょうか。",
            "tanh がほぼ直線になるように、値を小さくして n に渡し、scale で戻します。"
            "どれだけ小さくするかは、limit によります。決まった数で縮めると、limit が大きければ"
            " tanh が曲がり、limit が小さければ h が 0 に丸められます。",
        ),
        check=check_adding_gru,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="4.5",
        name="gru_slope",
        title="1 時刻の傾き",
        section="4 本の式",
        difficulty=3,
        minutes=30,
        hints=(
            "h は 4 つの所に現れます。最後の z * h、そして r、z、n の中身です。"
            "それぞれを通る微分を求めて足します。",
            "シグモイドの微分は z (1 - z)、tanh の微分は 1 - n * n です。"
            "最後の式を z で微分すると h - n になります。",
            "n の中身の r * (w_h h + b_h) は、r と括弧の積です。積の微分には、項が 2 つあります。",
        ),
        check=check_gru_slope,
        kind=Kind.DERIVE,
    ),
)
