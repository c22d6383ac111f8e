"""「BPTT を書いて、速くする」の練習。"""

import contextlib
from fractions import Fraction

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.cases import single
from tests.exercises.engine.compare import expect, same
from tests.exercises.engine.counting import Contractions
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.messages import describe
from tests.exercises.engine.recurrent import normal, run_torch, weights


def expect_by_hand(f, args, want, names):
    """自動微分を使わずに ``want`` を返す。float32 の引数には float32 で答える。"""
    with without_autograd():
        got = f(*args)
    expect(got, want, names)
    with without_autograd():
        got = f(*single(args))
    expect(got, single(want), names)


def check_gru_step_backward(f):
    """自動微分を使わずに、nn.GRUCell を自動微分したのと同じ勾配を得る。"""
    rng = np.random.default_rng(101)
    names = ("delta_ih (B, 3H)", "delta_hh (B, 3H)", "dh (B, H)")
    # ゲートが 0 や 1 に飽和したところ、状態が大きいところ、勾配が大きいところと小さいところも
    for batch, size, inside, state, scale in (
        (4, 3, 1, 1, 1),
        (1, 5, 1, 1, 1),
        (3, 2, 50, 1, 1),
        (2, 4, 1, 30, 1),
        (2, 2, 1, 1, 1e5),
        (2, 3, 1, 1, 1e-5),
    ):
        inner, w_hh = normal(rng, batch, 3 * size) * inside, normal(rng, 3 * size, size)
        b_hh, h = normal(rng, 3 * size), normal(rng, batch, size) * state
        dh = normal(rng, batch, size) * scale
        back = h @ w_hh.T + b_hh
        (a_r, a_z, a_n), (m_r, m_z, m) = inner.chunk(3, dim=1), back.chunk(3, dim=1)
        r, z = (a_r + m_r).sigmoid(), (a_z + m_z).sigmoid()
        n = (a_n + r * m).tanh()
        rows = [
            gru_gradients(*(each[k : k + 1] for each in (inner, h, dh)), w_hh, b_hh)
            for k in range(batch)
        ]
        want = [torch.cat(each) for each in zip(*rows, strict=True)]
        expect_by_hand(f, [dh, r, z, n, m, h, w_hh], want, names)


def gru_gradients(inner, h, dh, w_hh, b_hh):
    """系列 1 本の nn.GRUCell の、2 本のバイアスと前の隠れ状態の勾配。

    系列が 1 本なら、バイアスの勾配が、入力側と状態側の積の勾配そのものになる。
    """
    size = h.shape[1]
    b_ih, b_hh, h = leaves = [
        each.clone().requires_grad_() for each in (torch.zeros_like(b_hh), b_hh, h)
    ]
    cell = nn.GRUCell(3 * size, size)
    h_new = run_torch(cell, (torch.eye(3 * size), w_hh, b_ih, b_hh), inner, h)
    delta_ih, delta_hh, dh = torch.autograd.grad((h_new * dh).sum(), leaves)
    return delta_ih[None], delta_hh[None], dh


def check_tied_step(f):
    """自分で書いた backward で、縛った LSTM を自動微分したのと同じ勾配を得る。"""
    rng = np.random.default_rng(102)
    # ゲートが 0 や 1 に飽和したところ、セル状態が大きいところ、勾配が大きいところと小さいところも
    for batch, size, inside, cell, scale in (
        (4, 3, 1, 1, 1),
        (1, 5, 1, 1, 1),
        (3, 2, 50, 1, 1),
        (2, 4, 1, 30, 1),
        (2, 2, 1, 1, 1e5),
        (2, 3, 1, 1, 1e-5),
    ):
        a, c = normal(rng, batch, 3 * size) * inside, normal(rng, batch, size) * cell
        dh, dc = (normal(rng, batch, size) * scale for _ in range(2))
        for change in (lambda each: each, single):
            args, slopes = ([change(each) for each in pair] for pair in ((a, c), (dh, dc)))
            leaves = [each.clone().requires_grad_() for each in args]
            with without_autograd():
                result = f(*leaves)
            expect(result, change(step_by_gates(a, c)), ("h_new (B, H)", "c_new (B, H)"))
            require_own_backward(f, result, slopes)
            for used in (slopes, [slopes[0], None], [None, slopes[1]]):
                want = change(tied_gradients(a, c, *used))
                expect(backward(f, result, leaves, used), want, GRADIENTS)
    require_chain(f, normal(rng, 4, 2, 9), normal(rng, 2, 3))


GRADIENTS = ("a の勾配 (B, 3H)", "c の勾配 (B, H)")


def step_by_gates(a, c):
    """nn.LSTMCell に、入力ゲートの中身が忘却ゲートの符号を変えたものになる重みを持たせた正解。"""
    size = c.shape[1]
    eye = torch.eye(3 * size, dtype=a.dtype)
    f, g, o = eye.split(size)
    zeros = torch.zeros(4 * size, dtype=a.dtype)
    parts = torch.cat([-f, f, g, o]), torch.zeros(4 * size, size, dtype=a.dtype), zeros, zeros
    return run_torch(nn.LSTMCell(3 * size, size), parts, a, (torch.zeros_like(c), c))


def tied_gradients(a, c, dh, dc):
    """届いた勾配 dh と dc（None は 0）を、float64 の正解で a と c へ戻したもの。"""
    leaves = [each.clone().requires_grad_() for each in (a, c)]
    total = weighted(step_by_gates(*leaves), (dh, dc))
    return torch.autograd.grad(total, leaves)


def weighted(values, slopes):
    """None でない勾配を重みとした、値の和。"""
    pairs = zip(values, slopes, strict=True)
    return sum((v.double() * s.double()).sum() for v, s in pairs if s is not None)


def require_own_backward(f, result, slopes):
    """apply の結果がそのまま返り、backward の中で自動微分を使わず、届いた勾配を書き換えない。"""
    node = result[0].grad_fn
    inputs = [each for each, _ in getattr(node, "next_functions", ()) if each is not None]
    require(
        isinstance(node, torch.autograd.function.BackwardCFunction)
        and node is result[1].grad_fn
        and all(type(each).__name__ in ("CloneBackward0", "AccumulateGrad") for each in inputs),
        "自動微分を使っています。値は合っていますが、torch.autograd.Function の apply に a と c を"
        "そのまま渡した結果を、そのまま返してください。forward の外の計算は、自動微分が戻します。",
        Stage.RUN,
    )
    given = [each.clone() for each in slopes]
    with without_autograd(), telling(f, "backward の中"):
        returned = node.apply(*given)
    count = len(returned) if isinstance(returned, tuple) else 1
    require(
        count == len(node.next_functions),
        "backward は、forward の引数と同じ数の勾配を、同じ順の組（tuple）で返します。"
        f"引数は {len(node.next_functions)} 個で、返したのは {count} 個です。",
        Stage.TYPE,
    )
    require(
        all(torch.equal(*pair) for pair in zip(given, slopes, strict=True)),
        "backward が、受け取った勾配を書き換えています（+= や mul_）。同じテンソルは、"
        "ほかの計算へも渡っています。新しく作ってください。",
        Stage.RUN,
    )


def backward(f, result, leaves, slopes):
    """自分で書いた backward を通って、``leaves`` へ戻した勾配。"""
    with telling(f, "backward の中"):
        return torch.autograd.grad(
            weighted(result, slopes), leaves, retain_graph=True, materialize_grads=True
        )


@contextlib.contextmanager
def telling(f, where):
    """中で出た例外を、どこで出たかを添えて知らせる。"""
    try:
        yield
    except Incorrect:
        raise
    except Exception as error:
        sentence = f"{where}を確かめました。{describe(error, f.file)}"
        raise Incorrect(Stage.RUN, sentence) from None


def require_chain(f, a, c_0):
    """何時刻か先まで進めてから戻しても、時刻ごとの値を取り違えない。"""

    def total(step, a, c):
        outputs = []
        for a_t in a:
            h, c = step(a_t, c)
            outputs.append(h)
        return (torch.stack(outputs) * torch.arange(1.0, len(a) + 1)[:, None, None]).sum() + c.sum()

    leaves = [each.clone().requires_grad_() for each in (a, c_0)]
    loss = total(f, *leaves)
    with telling(f, "何時刻かをつないだ backward の中"):
        got = torch.autograd.grad(loss, leaves)
    want = torch.autograd.grad(total(step_by_gates, *leaves), leaves)
    require(
        same(got, want),
        f"1 時刻なら合いますが、{len(a)} 時刻をつないで戻すと、勾配が違います。"
        "backward で使う値を、ctx でなく、クラスや外の変数に置いていませんか。"
        "次の時刻の値で、上書きされます。",
        Stage.RUN,
    )


def check_weight_gradients(f):
    """時刻と系列を一つずつ、外積で足したものと一致する。"""
    rng = np.random.default_rng(103)
    names = {"w_ih": "w_ih の勾配 (GH, D)", "w_hh": "w_hh の勾配 (GH, H)", "b": "b の勾配 (GH,)"}
    longest = []
    # 終わりの束が短いところ、束が 1 つのところ、1 時刻ずつのところ、勾配が大きいところも
    for steps, batch, d, size, gates, part, scale in (
        (8, 2, 3, 5, 4, 3, 1),
        (6, 1, 3, 2, 1, 2, 1),
        (4, 2, 4, 3, 3, 4, 1),
        (5, 2, 3, 4, 1, 1, 1),
        (1, 2, 4, 3, 3, 1, 1),
        (300, 2, 2, 3, 4, 64, 1),
        (7, 3, 2, 4, 1, 5, 1e5),
    ):
        delta, x = scale * normal(rng, steps, batch, gates * size), normal(rng, steps, batch, d)
        hidden, h_0 = normal(rng, steps, batch, size), normal(rng, batch, size)
        w_ih, w_hh = np.zeros((gates * size, d)), np.zeros((gates * size, size))
        b = np.zeros(gates * size)
        for k in range(batch):
            h = h_0[k].numpy()
            for t in range(steps):
                w_ih += np.outer(delta[t, k], x[t, k])
                w_hh += np.outer(delta[t, k], h)
                b += delta[t, k].numpy()
                h = hidden[t, k].numpy()
        want = {
            name: torch.from_numpy(each) for name, each in zip(names, (w_ih, w_hh, b), strict=True)
        }
        with Contractions() as products:
            expect_by_hand(f, [delta, x, hidden, h_0, part], want, names)
        longest.append((steps, part, batch, products.longest))
    for steps, part, batch, found in longest:
        require(
            found <= part * batch,
            f"値は合っていますが、T = {steps}、size = {part} のとき、size 時刻より多くを 1 回の積で"
            "足しています。size 時刻ずつの束に分けてください。",
        )


def check_checkpoint_plan(f):
    """残す、計算し直す、捨てる、を実際に行って数えた最大に一致し、それより小さくできない。"""
    names = ("k", "同時に持つ状態の数")
    for time in (17, 1, 2, 3, 4, 5, 8, 9, 10, 15, 16, 24, 50, 99, 100, 101, 143, 288, 1000):
        got = f(time)
        expect([0 * each for each in got] if isinstance(got, tuple | list) else got, (0, 0), names)
        every, states = map(int, got)
        require(
            1 <= every <= time,
            f"T = {time} のとき k = {every} です。k は 1 から T までの整数です。",
        )
        held = most_held(time, every)
        require(
            states == held,
            f"T = {time}、k = {every} のとき、同時に持つ状態は最大 {held} 個ですが、"
            f"答えは {states} 個でした。",
        )
        fewest = min(most_held(time, k) for k in range(1, time + 1))
        require(
            held == fewest,
            f"T = {time} では、k = {every} だと最大 {held} 個を持ちますが、"
            f"{fewest} 個で済む k があります。",
        )


def most_held(time, every):
    """``every`` 時刻ごとに状態を残して戻すとき、同時に持つ状態の数の最大。"""
    kept = set(range(0, time, every))
    most = 0
    for start in reversed(range(0, time, every)):
        part = set(range(start + 1, min(start + every, time) + 1))
        most = max(most, len(kept | part))
        kept.discard(start)
    return most


def check_peephole_step_backward(f):
    """自動微分を使わずに、のぞき穴のある LSTM を自動微分したのと同じ勾配を得る。"""
    rng = np.random.default_rng(105)
    names = ("delta (B, 4H)", "dc (B, H)", "dp (3, H)")
    for batch, size, inside, cell, scale in (
        (4, 3, 1, 1, 1),
        (1, 5, 1, 1, 1),
        (3, 2, 50, 1, 1),
        (2, 4, 1, 30, 1),
        (2, 2, 1, 1, 1e5),
        (2, 3, 1, 1, 1e-5),
    ):
        inner = (normal(rng, batch, 4 * size) * inside).requires_grad_()
        c = (normal(rng, batch, size) * cell).requires_grad_()
        peepholes = normal(rng, 3, size).requires_grad_()
        dh, dc = (normal(rng, batch, size) * scale for _ in range(2))
        a_i, a_f, a_g, a_o = inner.chunk(4, dim=1)
        i, f_gate = (a_i + peepholes[0] * c).sigmoid(), (a_f + peepholes[1] * c).sigmoid()
        g = a_g.tanh()
        c_new = f_gate * c + i * g
        o = (a_o + peepholes[2] * c_new).sigmoid()
        h_new = o * c_new.tanh()
        want = torch.autograd.grad((h_new * dh + c_new * dc).sum(), (inner, c, peepholes))
        gates = torch.cat([i, f_gate, g, o], dim=1)
        args = [dh, dc, *(each.detach() for each in (gates, c, c_new, peepholes))]
        expect_by_hand(f, args, want, names)


# 系列の長さ、D、H、区切り、重みの倍率
TRUNCATIONS = (
    ((7, 5, 8), 3, 2, 3, 1.0),
    ((4, 6), 2, 4, 1, 1.0),
    ((5, 2, 3), 1, 3, 9, 1.0),
    ((6,), 4, 1, 2, 1.0),
    ((60, 45), 2, 3, 20, 0.5),
)


def check_truncated_gradients(f):
    """区切りごとに nn.RNN を走らせ、入る状態を定数として求めた勾配の和と一致する。"""
    rng = np.random.default_rng(106)
    names = {"w_ih": "w_ih の勾配 (H, D)", "w_hh": "w_hh の勾配 (H, H)", "b": "b の勾配 (H,)"}
    for lengths, d, size, every, scale in TRUNCATIONS:
        sequences = [(normal(rng, n, d), normal(rng, n, size)) for n in lengths]
        w_ih, w_hh, b, _ = weights(rng, d, size, gates=1)
        args = [sequences, (w_ih, scale * w_hh, b), every]
        want = dict(zip(names, blockwise(*args), strict=True))
        expect(f(*args), want, names)
        expect(f(*single(args)), single(want), names)


def blockwise(sequences, known, every):
    """区切りに入る状態を先に求めておき、区切りを 1 つずつ、ほかと切り離して微分する。"""
    leaves = [each.clone().requires_grad_() for each in known]
    inputs, size = leaves[0].shape[1], len(leaves[2])
    layer, zeros = nn.RNN(inputs, size), torch.zeros(size)

    def read(x, start):
        return run_torch(layer, (*leaves, zeros), x, start, suffix="_l0")[0]

    total = 0.0
    for x, y in sequences:
        whole = torch.cat([torch.zeros(1, size), read(x, torch.zeros(1, size)).detach()])
        for start in range(0, len(x), every):
            part = slice(start, start + every)
            total = total + (read(x[part], whole[start : start + 1]) - y[part]).square().sum()
    return torch.autograd.grad(total, leaves)


PLANS = (
    (4, 11), (0, 6), (9, 10), (10, 10), (20, 10), (3, 4), (1, 2), (0, 1), (1, 1), (7, 30), (15, 16),
    (2, 9), (12, 25),
)  # fmt: skip


def check_truncation_plan(f):
    """実際に読み進め、損失がどこまで届き、何時刻を戻すかを数える。それより少なくできない。"""
    for reach, memory in PLANS:
        got, place = f(reach, memory), f"reach = {reach}、memory = {memory} "
        fewest = min(
            (
                Fraction(back, every)
                for every in range(1, memory + 1)
                for back in range(every, memory + 1)
                if shortest_reach(every, back) >= reach
            ),
            default=None,
        )
        if fewest is None:
            require(got is None, f"{place}では、条件を満たす組がないのに、{got!r} でした。")
            continue
        told = f"{place}では、条件を満たす組があるのに、None です。return を忘れていませんか。"
        require(got is not None, told)
        names = ("every", "back")
        expect([0 * each for each in got] if isinstance(got, tuple | list) else got, (0, 0), names)
        every, back = map(int, got)
        told = f"{place}で (every, back) = ({every}, {back}) とすると、"
        require(1 <= every <= back, f"{told}1 ≤ every ≤ back になりません。")
        require(back <= memory, f"{told}状態を {back} 個持つことになります。")
        short = shortest_reach(every, back)
        require(short >= reach, f"{told}{short} 時刻前までしか届かない損失があります。")
        require(
            Fraction(back, every) == fewest,
            f"{told}1 時刻あたり {back / every:.4g} 時刻ですが、{float(fewest):.4g} で済みます。",
        )


def shortest_reach(every, back):
    """系列の先頭から十分に離れた所で、損失がさかのぼる時刻の数の、いちばん小さいもの。"""
    last = every * (back // every + 2)  # 最後に読んだ時刻
    first = last - back + 1  # 戻す、いちばん古い時刻
    return min(t - first for t in range(last - every + 1, last + 1))


EXERCISES = (
    Exercise(
        id="11.1",
        name="gru_step_backward",
        title="GRU を 1 時刻戻すコードを直す",
        section="GRU の逆伝播",
        difficulty=2,
        minutes=20,
        hints=(
            "r = 1、z = 0 なら、GRU は単純 RNN と同じです。式の中で、そこでは消える項、1 になる"
            "掛け算はどれでしょうか。",
            "h_new = (1 - z) * n + z * h です。z を大きくすると、h_new は n と h のどちらへ"
            "動きますか。"
            "h から h_new へ、行列を通らずに行く道はありませんか。",
            "n = tanh(W_in x + b_in + r * m) です。b_in を少し動かしたときと、b_hn（m の中）を少し"
            "動かしたときとで、tanh の中身の動く量は同じでしょうか。",
        ),
        check=check_gru_step_backward,
        kind=Kind.MEND,
    ),
    Exercise(
        id="11.2",
        name="tied_step",
        title="縛った LSTM の Function を書く",
        section="コードにする",
        difficulty=2,
        minutes=30,
        hints=(
            "forward を書いたら、f が現れる所を数えます。普通の LSTM では c_new の式に 1 か所です。"
            "ここでは何か所ありますか。そのどちらからも、勾配が f に来ます。",
            "c_new = f * c + (1 - f) * g なので、f を少し増やすと、c のぶんが増え、同じだけ"
            "g のぶんが減ります。g へ戻るときに掛かるものも、入力ゲートではなくなります。",
            "h_new から c_new へ来る分（o と tanh の傾きを掛けたもの）を、先に dc_new に足します。"
            "backward が返すのは、forward の引数 a と c の勾配で、数も順も同じです。",
        ),
        check=check_tied_step,
    ),
    Exercise(
        id="11.3",
        name="weight_gradients",
        title="束に分けて足すコードを直す",
        section="コードにする",
        difficulty=2,
        minutes=15,
        hints=(
            "T = 5、size = 2 として、どの時刻がどの束に入るかを書き出してみてください。"
            "どの束にも入らない時刻はありませんか。",
            "2 つめの束の先頭の時刻に入ってくる h_{t-1} は、どこにありますか。",
            "hidden[0] は h_1 です。start から始まる束に入る状態は、hidden の何番めでしょうか。"
            "start が 0 のときだけ、hidden にはありません。",
        ),
        check=check_weight_gradients,
        kind=Kind.MEND,
    ),
    Exercise(
        id="11.4",
        name="checkpoint_plan",
        title="状態を間引いて残す",
        section="残しておくメモリ",
        difficulty=2,
        minutes=25,
        hints=(
            "区切りが n 個あるとき、いちばん後ろの区切りを戻すあいだは、残した n 個の状態と、"
            "その区切りで計算し直した状態を持っています。",
            "T が k で割り切れるなら、最大は T / k + k 個です。相加平均と相乗平均を比べると、"
            "k が √T に近いときに最も小さくなります。",
            "端の区切りが短いときは、後ろから 2 つめの区切りを戻すときのほうが多いこともあります。"
            "√T の切り捨てと切り上げでどちらが少ないかを、T = 8 で数えてみてください。",
        ),
        check=check_checkpoint_plan,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="11.5",
        name="peephole_step_backward",
        title="のぞき穴のある LSTM を 1 時刻戻す",
        section="LSTM の逆伝播",
        difficulty=3,
        minutes=30,
        hints=(
            "セル状態から出る道を数えます。c_new は、h_new と次の時刻のほかに、o の σ の中にも"
            "入ります。c は、c_new のほかに、i と f の σ の中にも入ります。",
            "先に delta の o の部分を求め、p_o を掛けて c_new の勾配に足します。"
            "i、f、g の部分は、その後です。",
            "dc は、f を掛けたものに、p_i と p_f を delta の i と f の部分に掛けたものを足します。"
            "dp は、delta に、そのゲートが見たセル状態を掛け、系列について足したものです。",
        ),
        check=check_peephole_step_backward,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="11.6",
        name="truncated_gradients",
        title="区切った BPTT を直す",
        section="途中で切る：時間を区切った BPTT",
        difficulty=2,
        minutes=20,
        hints=(
            "状態の値と、勾配の 2 つを分けて考えます。何がどこからどこへ渡るべきでしょうか。",
            "detach した h から作った損失は、重みまで戻れません。どの時刻の損失が、いま重みに"
            "届いていないでしょうか。",
            "2 つめの系列の最初の時刻で、h に入っているものを書き出してみてください。",
        ),
        check=check_truncated_gradients,
        kind=Kind.MEND,
    ),
    Exercise(
        id="11.7",
        name="truncation_plan",
        title="区切り方を選ぶ",
        section="途中で切る：時間を区切った BPTT",
        difficulty=2,
        minutes=20,
        hints=(
            "新しく読んだ every 時刻の損失のうち、さかのぼる余地がいちばん少ないのは、どの時刻の"
            "ものでしょうか。every = back のときで考えてみてください。",
            "さかのぼる余地は back - every です。back をいっぱいに使えば、every も大きくとれます。",
        ),
        check=check_truncation_plan,
        kind=Kind.DESIGN,
    ),
)
