"""「LSTM」の練習。"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.exercises.ch01.checks import number
from tests.exercises.engine.by_hand import weights_by_hand
from tests.exercises.engine.cases import double, expect_single, single
from tests.exercises.engine.compare import apart, expect, require_kind, same, worst
from tests.exercises.engine.counting import calls_in
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.forbidden import without_modules
from tests.exercises.engine.recurrent import (
    agree,
    agree_when_saturated,
    layer_cases,
    normal,
    run_torch,
    weights,
)


def check_flip_unit(f):
    """nn.LSTM に読ませると、どの時刻でも、ユニット k の c と h だけが符号の逆になる。"""
    rng = np.random.default_rng(21)
    sizes = ((5, 3, 1), (2, 4, 3), (3, 6, 0), (4, 1, 0), (2, 5, 2), (7, 2, 1))  # D、H、k
    cases = [(weights(rng, d, h, gates=4), k) for d, h, k in sizes]
    answers = [f(*before, k) for before, k in cases]
    for (before, k), answer in zip(cases, answers, strict=True):
        agree_when_flipped(answer, before, k, normal(rng, 4, 7, before[0].shape[1]), 1e-9)
    before, k = single(cases[0])
    agree_when_flipped(f(*before, k), before, k, normal(rng, 4, 7, before[0].shape[1]), 1e-4)


FOUR = ("w_ih (4H, D)", "w_hh (4H, H)", "b_ih (4H,)", "b_hh (4H,)")


def agree_when_flipped(answer, before, k, x, tolerance):
    """``answer`` の重みの LSTM が、``before`` の重みの LSTM の、ユニット k だけを裏返したもの。

    2 本のバイアスの分け方は問わない。大きさが元の重みとほぼ同じなら、その桁まで比べる。
    """
    if not isinstance(answer, tuple | list):
        expect(answer, before, FOUR)
    expect([blank(each) for each in answer], [blank(each) for each in before], FOUR)
    after = [torch.as_tensor(each) for each in answer]
    for name, mine, theirs in zip(FOUR, after, before, strict=True):
        if torch.isclose(mine.abs(), theirs.abs(), rtol=1e-5, atol=0.0).all():
            expect(mine.abs(), theirs.abs(), name.replace(" ", " の大きさ ", 1))
    sign = torch.ones(before[1].shape[1])
    sign[k] = -1
    pairs = zip("hc", states(double(after), x), states(double(before), x), strict=True)
    for name, got, old in pairs:
        want = sign * old
        (b, t, unit), gap = worst(got, want)
        if not gap <= tolerance * want.abs().max():
            right, found = apart(float(want[b, t, unit]), float(got[b, t, unit]))
            raise Incorrect(
                Stage.VALUE,
                f"k = {k} のとき、ユニット {unit} の {name} は"
                f"{'符号だけが逆になる' if unit == k else '変わらない'}はずなので、"
                f"時刻 {t + 1} では {right} のはずですが、{found} でした。",
            )


def blank(each):
    """テンソルか NumPy の配列なら、同じ型と形の 0。ほかはそのまま。"""
    if isinstance(each, torch.Tensor):
        return torch.zeros_like(each)
    return np.zeros_like(each) if isinstance(each, np.ndarray) else each


def states(weights, x):
    """nn.LSTM を 1 時刻ずつ呼んで得た、全時刻の h と c。どちらも (B, T, H)。"""
    layer = nn.LSTM(x.shape[2], weights[1].shape[1], batch_first=True)
    state, kept = (), []
    for x_t in x.split(1, dim=1):
        _, state = run_torch(layer, weights, x_t, *([state] if state else []), suffix="_l0")
        kept.append(state)
    return [torch.cat(each).transpose(0, 1) for each in zip(*kept, strict=True)]


def torch_lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """nn.LSTM による正解。"""
    layer = nn.LSTM(x.shape[2], h0.shape[1], batch_first=True)
    weights = (w_ih, w_hh, b_ih, b_hh)
    output, (h_n, c_n) = run_torch(layer, weights, x, (h0[None], c0[None]), suffix="_l0")
    return output, (h_n[0], c_n[0])


def slow_gate_trace(x, output, h0, w_ih, w_hh, b_ih, b_hh):
    """1 時刻ずつ、ゲートごとに計算した正解。"""
    activation = {"i": torch.sigmoid, "f": torch.sigmoid, "g": torch.tanh, "o": torch.sigmoid}
    trace = {key: [] for key in "ifgo"}
    h = h0
    for x_t, h_t in zip(x.unbind(1), output.unbind(1), strict=True):
        for k, gate in enumerate("ifgo"):
            rows = slice(k * h0.shape[1], (k + 1) * h0.shape[1])
            inner = F.linear(x_t, w_ih[rows], b_ih[rows]) + F.linear(h, w_hh[rows], b_hh[rows])
            trace[gate].append(activation[gate](inner))
        h = h_t
    return {key: torch.stack(values, 1) for key, values in trace.items()}


def check_gate_trace(f):
    """1 時刻ずつ計算したゲートと、値も勾配も一致する。時刻についての繰り返しは使わない。"""
    names = {key: f"{key} (B, T, H)" for key in "ifgo"}
    cases = [
        [x, torch_lstm_forward(x, h0, c0, *weights)[0], h0, *weights]
        for x, h0, c0, *weights in layer_cases(gates=4, states=2)
    ]
    agree(f, slow_gate_trace, cases, names)
    agree_when_saturated(f, slow_gate_trace, cases[0], names)
    x, output, *rest = cases[0]
    short, long = (
        calls_in(f, x.repeat(1, times, 1), output.repeat(1, times, 1), *rest) for times in (1, 10)
    )
    require(
        long < short + 10,
        f"系列を 10 倍に延ばすと、PyTorch の演算を呼ぶ回数が {short} から {long} に増えました。"
        "値は合っています。時刻についての繰り返しを使わずに書いてください。",
    )


def check_written_when(f):
    """1 つの時刻に書いた値だけを残して漸化式を回したものと、どの時刻でも一致する。"""
    rng = np.random.default_rng(22)
    cases = [gates_of_one_sequence(rng, *shape) for shape in ((4, 3), (1, 2), (5, 1), (40, 3))]
    cases += [gates_of_one_sequence(rng, 6, 4, erased=[(3, 0), (0, 1), (5, 2)])]
    cases += [gates_of_one_sequence(rng, 90, 2, erased=[(60, 0)])]
    # 同じユニットが 2 度消える。大きな c0 も、跡形なく消える
    *gates, c0 = gates_of_one_sequence(rng, 6, 2, erased=[(1, 0), (4, 0), (2, 1)])
    cases += [[*gates, 1e6 * c0]]
    # f の積が 0 に丸められる
    f_, *others = gates_of_one_sequence(rng, 90, 2)
    cases += [[1e-5 * f_, *others]]
    answers = [f(*case) for case in cases]
    for case, answer in zip(cases, answers, strict=True):
        expect(answer, one_write_at_a_time(*case), "戻り値 (T + 1, H)")
    expect_single(f, one_write_at_a_time, cases[0], "戻り値 (T + 1, H)")


def gates_of_one_sequence(rng, steps, size, erased=()):
    """f、i、g (T, H) と c0 (H,)。``erased`` は、f をちょうど 0 にする（時刻、ユニット）。"""
    f, i = (torch.from_numpy(rng.uniform(low, 0.99, (steps, size))) for low in (0.5, 0.05))
    for place in erased:
        f[place] = 0
    return [f, i, torch.tanh(normal(rng, steps, size)), normal(rng, size)]


def one_write_at_a_time(f, i, g, c0):
    """書いた時刻ごとに、ほかの書き込みを 0 にして、c_t = f_t c_{t-1} + i_t g_t を回した正解。"""
    left = []
    for kept in range(len(f) + 1):
        c = c0 if kept == 0 else torch.zeros_like(c0)
        for t, (f_t, i_t, g_t) in enumerate(zip(f, i, g, strict=True), 1):
            c = f_t * c + (i_t * g_t if t == kept else 0)
        left.append(c)
    return torch.stack(left)


def torch_lstm(input_size, hidden_size, num_layers=1, bidirectional=False):
    """重みがすべて N(0, 1) の nn.LSTM。"""
    rng = np.random.default_rng(25)
    lstm = nn.LSTM(input_size, hidden_size, num_layers, bidirectional=bidirectional)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.copy_(normal(rng, *weight.shape))
    return lstm


def check_set_forget_bias(f):
    """どの層のどの方向でも、忘却ゲートの 2 つのバイアスの和が value になり、ほかは変わらない。

    .grad が変わらないことは、`engine.effects` が見る。
    """
    for args, value, dtype in (
        ((5, 3, 2, True), 1.5, torch.float64),
        ((2, 4), 1.0, torch.float64),
        ((4, 2, 3), -2.0, torch.float64),
        ((3, 1), 0.0, torch.float64),
        ((3, 2), 1e3, torch.float64),
        ((3, 2, 4, True), 1.2345, torch.float64),
        ((2, 3, 1, True), 3.0, torch.float32),
    ):
        lstm = torch_lstm(*args).to(dtype)
        parameters = dict(lstm.named_parameters())
        before = {name: weight.detach().clone() for name, weight in parameters.items()}
        for weight in parameters.values():
            weight.grad = torch.ones_like(weight)
        expect(f(lstm, value), None, "戻り値")
        after = dict(lstm.named_parameters())
        require(
            all(after.get(name) is parameters[name] for name in parameters),
            "重みが別のものに置き換わっています。今ある重みに書き込んでください。",
        )
        require(
            all(weight.requires_grad for weight in after.values()),
            "重みの requires_grad が False になり、訓練しても変わらなくなっています。",
        )
        require(
            lstm.training,
            "lstm が評価のモード（eval）になっています。呼ばれたときのモードのままにしてください。",
        )
        forget = slice(lstm.hidden_size, 2 * lstm.hidden_size)
        for name in [name for name in after if name.startswith("bias_ih")]:
            other = name.replace("_ih_", "_hh_")
            total = (after[name] + after[other]).detach()[forget]
            expect(total, torch.full_like(total, value), f"忘却ゲートの {name} + {other}")
        for name, weight in after.items():
            if name.startswith("bias"):
                before[name][forget] = weight.detach()[forget]
            require(
                same(weight.detach(), before[name]),
                f"{name} の、忘却ゲートのバイアスでない所が変わっています。",
            )


def check_log_uniform_bias(f):
    """記憶の長さの対数が、u の 1 次式になる。u の両端、1 に近い最短、長い最長、float32 でも。"""
    rng = np.random.default_rng(26)
    for size, shortest, longest in ((6, 2, 50), (1, 1.5, 784), (4, 3, 3.5), (5, 1.001, 10**6)):
        u = torch.from_numpy(rng.random(size))
        args = u, shortest, longest
        expect(f(*args), log_uniform(*args), f"b (H,)（最短 {shortest}、最長 {longest}）")
    ends = [torch.tensor([0.0, 1e-12, 0.5, 1 - 2**-24]), 4, 100]
    expect(f(*ends), log_uniform(*ends), "b (H,)")
    expect_single(f, log_uniform, ends, "b (H,)")


def log_uniform(u, shortest, longest):
    """長さの対数を補間した正解。"""
    logs = np.log(shortest) + u.numpy() * np.log(longest / shortest)
    return torch.from_numpy(np.log(np.expm1(logs)))


def check_largest_hidden(f):
    """返した H は予算に収まり、H + 1 は収まらない。数は、nn.LSTM を作って数える。"""
    rng = np.random.default_rng(28)
    # 層を作って数える答えが、大きな budget まで行かないように、小さなものを先に試す
    small = [(0, 1, 1), (15, 1, 1), (16, 1, 1)]
    cases = [(6880, 1, 1), (6879, 1, 1), (500, 300, 2)]
    cases += [(10**8, *sizes) for sizes in ((1, 1), (300, 2), (64, 6), (5000, 1))]
    cases += [(10**6, d, layers) for d, layers in ((10, 1), (90, 1), (10, 3), (90, 4))]
    for _ in range(8):
        d, h, layers = (int(rng.integers(1, end)) for end in (200, 150, 7))
        cases += [(torch_count(d, h, layers) + more, d, layers) for more in (-1, 0, 1)]
    for d, h, layers in ((1, 4000, 1), (50, 2800, 2)):  # 1 億に近い境目
        cases += [(torch_count(d, h, layers) + more, d, layers) for more in (-1, 0, 1)]
    answers = []
    for group in (small, cases):
        with without_modules(nn.LSTM, nn.LSTMCell, nn.GRU, nn.RNN):
            answers += [f(*case) for case in group]
    for (budget, d, layers), h in zip(small + cases, answers, strict=True):
        shown = f"largest_hidden({budget}, {d}, {layers})"
        h = h.item() if isinstance(h, torch.Tensor | np.generic) and h.ndim == 0 else h
        require_kind(isinstance(h, int) and not isinstance(h, bool), h, f"{shown} ", "整数（int）")
        require(h >= 0, f"{shown} は {h} でしたが、1 にも届かなければ 0 のはずです。")
        count = torch_count(d, h, layers) if 0 < h < 10**4 else 4 * h * h
        require(
            count <= budget,
            f"{shown} は {h} でしたが、パラメータは {count} 個になり、{budget} を超えます。",
        )
        more = torch_count(d, h + 1, layers)
        require(
            more > budget,
            f"{shown} は {h} でしたが、{h + 1} でもパラメータは {more} 個で、"
            f"まだ {budget} に収まります。",
        )


def torch_count(input_size, hidden_size, num_layers):
    """nn.LSTM を（中身の置き場所なしに）作って数える。"""
    lstm = nn.LSTM(input_size, hidden_size, num_layers, device="meta")
    return sum(weight.numel() for weight in lstm.parameters())


SYMBOLS = "(", ")", "あ", "?", "↵"


def check_bracket_counter(f):
    """nn.LSTMCell の式に重みを入れ、知らない長さの文で、深さと、「?」への答えを確かめる。"""
    shapes = dict(w_ih=(4, 5), w_hh=(4, 1), b_ih=(4,), b_hh=(4,))
    found = weights_by_hand(f(), shapes)
    weights = [found[name] for name in shapes]
    rng = np.random.default_rng(29)
    texts = ["あ?", "(?)?", "((((()))))?", "(((↵?()?", "↵(あ)(?"]
    texts += [random_text(rng, length) for length in (3, 10, 30, 100, 300, 1000)]
    texts += ["(((((" + 1200 * "あ" + "?)))))?"]
    for text in texts:
        count_brackets(weights, text)


def random_text(rng, length):
    """深さが 0 から 5 に収まる文。"""
    text, depth = "", 0
    for symbol in rng.choice(SYMBOLS, length, p=[0.3, 0.25, 0.25, 0.15, 0.05]):
        move = {"(": 1, ")": -1}.get(symbol, 0)
        symbol = symbol if 0 <= depth + move <= 5 else "あ"
        depth = deepened(depth, symbol)
        text += symbol
    return text


def deepened(depth, symbol):
    """``symbol`` を読んだ後の深さ。"""
    return 0 if symbol == "↵" else depth + {"(": 1, ")": -1}.get(symbol, 0)


def count_brackets(weights, text):
    """文を読み、セル状態が深さに、隠れ状態が「?」への答えになっているか。"""
    h = c = torch.zeros(1, 1)
    one_hot = torch.eye(len(SYMBOLS))
    depth = 0
    for t, symbol in enumerate(text):
        x = one_hot[SYMBOLS.index(symbol)][None]
        h, c = torch.lstm_cell(x, (h, c), *weights)
        depth = deepened(depth, symbol)
        read = f"「{'…' if t > 11 else ''}{text[max(0, t - 11) : t + 1]}」（{t + 1} 文字め）"
        require(
            abs(c.item() - depth) < 0.01,
            f"{read}まで読んだときの c は、深さ {depth} のはずですが、{c.item():.6g} でした。",
        )
        right = h.item() > 0.7 if symbol == "?" and depth else abs(h.item()) < 0.01
        wish = "0.7 より大きい" if symbol == "?" and depth else "0 の"
        require(
            right,
            f"{read}まで読んだときの h は、{wish}はずですが、{h.item():.6g} でした"
            f"（深さ {depth}）。",
        )


def check_forget_bias_for(f):
    """sigmoid(b) を steps 回掛けると、share になる。対数で計算し、9 桁まで比べる。"""
    for steps, share in (
        (50, 0.5),
        (100, 0.1),
        (1, 0.9),
        (1, 0.5),
        (2, 0.01),
        (3, 1e-12),
        (784, 0.37),
        (20, 0.999999),
        (10_000, 0.99),
        (5, 1 - 1e-9),
        (10, 1e-300),
        (1_000_000, 0.5),
        (1_000_000, 1e-12),
    ):
        b = number(f(steps, share), "バイアス b")
        kept = float(np.exp(-steps * np.logaddexp(0.0, -b)))  # sigmoid(b) の steps 乗
        wanted, found = apart(share, kept)
        require(
            abs(kept - share) <= 1e-9 * share,
            f"steps = {steps}、share = {wanted} のとき、返した b = {b:.10g} では、"
            f"{steps} 時刻の後に残るのは {found} 倍です。",
        )


REACHED = (
    *((0.58, 1.0), (2.0, 1.0), (0.58, 0.65), (0.58, 1.05), (3.7, 0.9), (0.6, 0.501)),
    *(
        (5.0, 5.4),
        (1.3, 1.799),
        (40.0, 1.0),
        (0.01, 0.505),
        (1e6, 0.6),
        (1e18, 1.0),
        (2.0, 2.499999),
    ),
)
NEVER = ((0.58, 1.2), (0.58, 0.4), (0.58, 0.5), (0.5, 1.0), (2.0, 2.5), (2.0, 3.0))


def check_open_both(f):
    """返した b で求めた倍率が gain になる。届かない組では None。"""
    biases, never = ([f(*case) for case in cases] for cases in (REACHED, NEVER))
    for (rho, gain), b in zip(REACHED, biases, strict=True):
        shown = f"open_both({rho:g}, {gain:.7g})"
        require(
            b is not None or set(biases) == {None},  # どの組でも None なら、return の忘れ
            f"{shown} は None でしたが、倍率を {gain:.7g} にする b があります。",
        )
        b = number(b, shown)
        loop = float(np.exp(-2 * np.logaddexp(0.0, -b))) * rho  # i o rho
        require(
            abs(loop - (gain - 0.5)) <= 1e-9 * (gain - 0.5),
            f"{shown} の返した b = {b:.10g} では、倍率は {0.5 + loop:.10g} です。",
        )
    for (rho, gain), b in zip(NEVER, never, strict=True):
        require(
            b is None,
            f"open_both({rho:g}, {gain:g}) は None のはずですが、{b!r} でした。"
            f"倍率は、b を変えても 0.5 と {0.5 + rho:g} の間（端は入らない）です。",
        )


EXERCISES = (
    Exercise(
        id="2.1",
        name="flip_unit",
        title="ユニットの符号を裏返す",
        section="1 枚で見る LSTM",
        difficulty=2,
        minutes=15,
        hints=(
            "裏返った h_k は、次の時刻に、4H 本の括弧の中へ入ります。"
            "ほかのユニットが何も変わらないためには、h_k に掛かる重みをどうすればよいでしょうか。",
            "c_k の符号を決めるのは、括弧の外の i g です。i、f、o は割合なので、負にはなりません。"
            "裏返せるのは、奇関数の tanh を通る g だけです。",
            "w_hh は、k 列を 4H 行とも裏返します。g の k 番めの行は、上から 3 区画めにあり、"
            "w_ih、w_hh、2 本のバイアスで裏返します。行と列の交わる 1 か所は、どうなりますか。",
        ),
        check=check_flip_unit,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="2.2",
        name="gate_trace",
        title="ゲートをあとから求める",
        section="1 枚で見る LSTM",
        difficulty=2,
        minutes=20,
        hints=(
            "4 つの値を決めるのは、x_t と h_{t-1} です。c_{t-1} は要りません。"
            "h_{t-1} は、どこにあるでしょうか。",
            "時刻 t の h_{t-1} は、output の 1 つ前の時刻です。初めの時刻だけは h0 です。"
            "h0 を先頭に足し、最後の時刻を落とした (B, T, H) を作ります。",
            "torch.cat([h0[:, None], output[:, :-1]], dim=1) です。行列の積は (B, T, H) のまま"
            " @ w_hh.T と書けます。最後に、全時刻をまとめて σ や tanh に通します。",
        ),
        check=check_gate_trace,
    ),
    Exercise(
        id="2.3",
        name="written_when",
        title="今の記憶は、いつ書かれたか",
        section="訓練の前の勾配は、どこまで届くか",
        difficulty=2,
        minutes=20,
        hints=(
            "時刻 t に書いた i g は、そのあとの時刻の f を、1 度ずつ掛けられて残ります。"
            "その時刻自身の f は、掛かりません。c0 には、全部の f が掛かります。",
            "最後の時刻に書いたものには、何も掛かりません（1 倍）。"
            "そこから 1 時刻前へ戻るごとに、掛かる f が 1 つ増えます。",
            "f の下に 1 の行を足し、上下を逆にして（flip）累積積（cumprod）をとり、"
            "もう一度、上下を逆にします。これが、書いたものの残る割合です。",
        ),
        check=check_written_when,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="2.4",
        name="set_forget_bias",
        title="忘却ゲートのバイアスを設定する",
        section="バイアスの初期値を変えると",
        difficulty=2,
        minutes=20,
        hints=(
            "lstm.named_parameters() で、名前が bias_ih や bias_hh で始まるものを探します。"
            "勾配を記録している重みには、with torch.no_grad(): の中で書き込みます。",
            "どのバイアスも長さ 4H で、忘却ゲートは H 番目から 2H 番目の手前までです。",
            "2 つのバイアスは足されるので、片方を value、もう片方を 0 にします。",
        ),
        check=check_set_forget_bias,
    ),
    Exercise(
        id="2.5",
        name="log_uniform_bias",
        title="記憶の長さの対数を散らす",
        section="バイアスの初期値を変えると",
        difficulty=2,
        minutes=15,
        hints=(
            "まず、記憶の長さを u で書きます。対数が、log(shortest) から log(longest) まで、"
            "u の 1 次式で動きます。",
            "長さは shortest * (longest / shortest) ** u です。u が 0 と 1 のときを見ます。",
            "長さの目安は 1 + exp(b) です。b について解きます。"
            "b そのものを一様に散らすのとは、長さが短い所で違います。",
        ),
        check=check_log_uniform_bias,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="2.6",
        name="largest_hidden",
        title="予算に収まる、いちばん大きな LSTM",
        section="パラメータを数える",
        difficulty=2,
        minutes=15,
        hints=(
            "1 層めは 4H(D + H + 2) 個です。2 層めからは入力が下の層の H 次元なので、"
            "4H(2H + 2) 個になります。全部を足して、H の 2 次式にまとめます。",
            "総数を 4H(aH + b) の形に書きます。層の数を L とすれば、a は 2L - 1 です。"
            "これが budget になる H を、2 次方程式の解の公式で求めます。",
            "解は整数とは限らないので、切り捨てます。"
            "budget がちょうどの個数のときと、1 個足りないときで、答えを確かめましょう。",
        ),
        check=check_largest_hidden,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="2.7",
        name="bracket_counter",
        title="括弧を数える LSTM",
        section="いちばん小さな LSTM に文を読ませる",
        difficulty=3,
        minutes=40,
        hints=(
            "記号ごとに、4 つの値をどうしたいかの表を作ります。"
            "「(」なら、残す、+1 を書く、見せない。",
            "g が 0 なら、入力ゲートが開いていても何も書かれません。"
            "g は tanh なので、括弧の中が大きな正の数なら +1、大きな負の数なら -1 になります。",
            "章の初めの 6 では、f は 0.9975 です。1 時刻に 0.25 % ずつ漏れて、深さがずれます。"
            "括弧の中を 50 や 100 にすれば、float64 ではちょうど 1 です。",
            "前の隠れ状態は要らないので、w_hh は 0 にします。バイアスで「ふだん」を決め、"
            "記号の重みで上書きします。たとえば o は、バイアス -100、「?」の重み 200。",
        ),
        check=check_bracket_counter,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="2.8",
        name="forget_bias_for",
        title="残したい割合から決めるバイアス",
        section="訓練の前の勾配は、どこまで届くか",
        difficulty=2,
        minutes=20,
        hints=(
            "steps 時刻の後に残るのは、f を steps 回掛けたものです。これを share と置きます。",
            "f は share の steps 乗根、つまり share ** (1 / steps) です。",
            "f = 1 / (1 + exp(-b)) を b について解くと、b = log(f / (1 - f)) です。",
        ),
        check=check_forget_bias_for,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="2.9",
        name="open_both",
        title="回り道の倍率を決める",
        section="では、RNN は何が違ったのか",
        difficulty=2,
        minutes=15,
        hints=(
            "f = sigmoid(0) = 1/2、i と o はどちらも sigmoid(b) です。"
            "倍率の式に入れて、sigmoid(b) について解きます。",
            "sigmoid(b) は、(gain - 1/2) / rho の平方根です。"
            "sigmoid(b) は 0 より大きく 1 より小さいので、届く倍率には下限と上限があります。",
            "s = sigmoid(b) を b について解くと、b = log(s / (1 - s)) です。",
        ),
        check=check_open_both,
        kind=Kind.DERIVE,
    ),
)
