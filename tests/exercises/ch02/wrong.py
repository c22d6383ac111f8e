"""「LSTM」の誤答。"""

import math

import torch
from torch import sigmoid, tanh


def _flipped(weights, k, *, block=2, column=True, rows=(True, True, True, True), corner=True):
    """正しい裏返し方。各誤答はここから外れる。rows は w_ih、w_hh、b_ih、b_hh の行を裏返すか。"""
    flipped = [each.clone() for each in weights]
    row = block * weights[1].shape[1] + k
    if column:
        flipped[1][:, k] *= -1
    for each, turned in zip(flipped, rows, strict=True):
        if turned:
            each[row] *= -1
    if not corner:
        flipped[1][row, k] *= -1
    return flipped


class flip_unit:
    def column_kept(*given):
        """w_hh の k 列を裏返していない（ほかのユニットに、逆の h が入る）"""
        return _flipped(given[:4], given[4], column=False)

    def rows_kept(*given):
        """g の k 行を裏返していない"""
        return _flipped(given[:4], given[4], rows=(False,) * 4)

    def corner_once(*given):
        """g の k 行 k 列が裏返ったままになっている（2 度裏返して元に戻す所）"""
        return _flipped(given[:4], given[4], corner=False)

    def w_ih_kept(*given):
        """g の k 行のうち、w_ih を裏返していない"""
        return _flipped(given[:4], given[4], rows=(False, True, True, True))

    def w_hh_row_kept(*given):
        """g の k 行のうち、w_hh を裏返していない（k 列だけ裏返している）"""
        return _flipped(given[:4], given[4], rows=(True, False, True, True), corner=False)

    def one_bias(*given):
        """2 本のバイアスのうち、b_ih しか裏返していない"""
        return _flipped(given[:4], given[4], rows=(True, True, True, False))

    def no_bias(*given):
        """g のバイアスを裏返していない"""
        return _flipped(given[:4], given[4], rows=(True, True, False, False))

    def forget_row(*given):
        """g でなく、忘却ゲートの k 行を裏返している（順は i, f, g, o）"""
        return _flipped(given[:4], given[4], block=1)

    def output_row(*given):
        """g でなく、出力ゲートの k 行を裏返している（割合は、裏返しても負にならない）"""
        return _flipped(given[:4], given[4], block=3)

    def input_row(*given):
        """g でなく、上から k 番めの行（入力ゲート）を裏返している"""
        return _flipped(given[:4], given[4], block=0)

    def every_gate(*given):
        """i、f、g、o の k 行を全部裏返している"""
        weights = given[:4]
        for block in range(4):
            weights = _flipped(weights, given[4], block=block, column=block == 0)
        return weights

    def gates_interleaved(w_ih, w_hh, b_ih, b_hh, k):
        """区画ごとでなく、4 行おきに i、f、g、o が並ぶと思っている"""
        flipped = [each.clone() for each in (w_ih, w_hh, b_ih, b_hh)]
        flipped[1][:, k] *= -1
        for each in flipped:
            each[4 * k + 2] *= -1
        return flipped

    def row_for_column(w_ih, w_hh, b_ih, b_hh, k):
        """w_hh の k 列でなく、4 つの区画の k 行を裏返している（行と列が逆）"""
        flipped = _flipped((w_ih, w_hh, b_ih, b_hh), k, column=False)
        flipped[1].view(4, -1, w_hh.shape[1])[:, k] *= -1
        return flipped

    def everything(*given):
        """ユニット k だけでなく、全部の重みを裏返している"""
        return [-each for each in given[:4]]

    def every_unit(w_ih, w_hh, b_ih, b_hh, k):
        """ユニット k だけでなく、全部のユニットを裏返している"""
        flipped = (w_ih, w_hh, b_ih, b_hh)
        for unit in range(w_hh.shape[1]):
            flipped = _flipped(flipped, unit)
        return flipped

    def unchanged(*given):
        """重みを変えずに返している"""
        return [each.clone() for each in given[:4]]

    def in_place(w_ih, w_hh, b_ih, b_hh, k):
        """渡された重みを書き換えている"""
        for each, new in zip(
            (w_ih, w_hh, b_ih, b_hh), _flipped((w_ih, w_hh, b_ih, b_hh), k), strict=True
        ):
            each.copy_(new)
        return w_ih, w_hh, b_ih, b_hh


def _before(output, h0):
    """時刻ごとの、1 つ前の隠れ状態。"""
    return torch.cat([h0[:, None], output[:, :-1]], 1)


def _gates(x, before, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + before @ w_hh.T + b_hh).chunk(4, dim=-1)
    return dict(i=sigmoid(i), f=sigmoid(f), g=tanh(g), o=sigmoid(o))


class gate_trace:
    def not_shifted(x, output, h0, *weights):
        """h_{t-1} でなく、同じ時刻の h_t を使っている（output をずらしていない）"""
        return _gates(x, output, *weights)

    def shifted_backwards(x, output, h0, *weights):
        """output を逆にずらし、h_{t+1} を使っている"""
        return _gates(x, torch.cat([output[:, 1:], h0[:, None]], 1), *weights)

    def rolled(x, output, h0, *weights):
        """h0 を使わず、初めの時刻に最後の隠れ状態が回り込んでいる"""
        return _gates(x, output.roll(1, dims=1), *weights)

    def from_zeros(x, output, h0, *weights):
        """h0 を使わず、0 から始めている"""
        return _gates(x, _before(output, 0 * h0), *weights)

    def h0_in_every_gate(x, output, h0, *weights):
        """どの時刻のゲートの計算にも、h0 を使っている"""
        return _gates(x, h0[:, None], *weights)

    def without_hidden(x, output, h0, *weights):
        """前の隠れ状態を使っていない"""
        return _gates(x, 0 * output, *weights)

    def before_activation(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """シグモイドや tanh を通す前の値を返している"""
        inner = x @ w_ih.T + b_ih + _before(output, h0) @ w_hh.T + b_hh
        return dict(zip("ifgo", inner.chunk(4, dim=-1), strict=True))

    def candidate_sigmoid(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """候補値 g にも、tanh でなくシグモイドを使っている"""
        inner = sigmoid(x @ w_ih.T + b_ih + _before(output, h0) @ w_hh.T + b_hh)
        return dict(zip("ifgo", inner.chunk(4, dim=-1), strict=True))

    def forget_and_input_swapped(x, output, h0, *weights):
        """忘却ゲートと入力ゲートが逆"""
        gates = _gates(x, _before(output, h0), *weights)
        return {**gates, "i": gates["f"], "f": gates["i"]}

    def gate_order_ifog(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """ゲートの順を i, f, o, g と思っている"""
        i, f, o, g = (x @ w_ih.T + b_ih + _before(output, h0) @ w_hh.T + b_hh).chunk(4, dim=-1)
        return dict(i=sigmoid(i), f=sigmoid(f), g=tanh(g), o=sigmoid(o))

    def without_b_hh(x, output, h0, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        return _gates(x, _before(output, h0), w_ih, w_hh, b_ih, 0 * b_hh)

    def time_first(x, output, h0, *weights):
        """(T, B, H) の順で返している"""
        gates = _gates(x, _before(output, h0), *weights)
        return {key: value.transpose(0, 1) for key, value in gates.items()}

    def detached(x, output, h0, *weights):
        """求めたゲートを detach している"""
        gates = _gates(x, _before(output, h0), *weights)
        return {key: value.detach() for key, value in gates.items()}

    def step_by_step(x, output, h0, *weights):
        """時刻について繰り返している"""
        before = [h0, *output[:, :-1].unbind(1)]
        steps = [_gates(x_t, h, *weights) for x_t, h in zip(x.unbind(1), before, strict=True)]
        return {key: torch.stack([step[key] for step in steps], 1) for key in "ifgo"}


def _kept(f):
    """c_0 と各時刻の書き込みに、残る割合 (T + 1, H)。"""
    return torch.cat([f, torch.ones_like(f[:1])]).flip(0).cumprod(0).flip(0)


def _divided(f):
    """f の 0 を 1 に替えて、累積積の割り算で求めた、残る割合。"""
    product = torch.cat([torch.ones_like(f[:1]), torch.where(f == 0, 1.0, f)]).cumprod(0)
    return product[-1] / product


def _writes(i, g, c0):
    return torch.cat([c0[None], i * g])


class written_when:
    def divided(f, i, g, c0):
        """f の積を、累積積の割り算で求めている（f が 0 だと nan か inf になる）"""
        product = torch.cat([torch.ones_like(f[:1]), f]).cumprod(0)
        return product[-1] / product * _writes(i, g, c0)

    def divided_beside_zeros(f, i, g, c0):
        """累積積の割り算で求めている（0 は避けても、小さな f が続くと nan になる）"""
        return _divided(f) * (_kept(f) > 0) * _writes(i, g, c0)

    def divided_after_the_first_zero(f, i, g, c0):
        """f が初めて 0 になるより前しか消していない（同じユニットに 0 は何度もある）"""
        zero = f == 0
        first = torch.where(zero.any(0), zero.int().argmax(0), -1)
        after = torch.arange(len(f) + 1)[:, None] > first
        return _kept(torch.where(zero, 1.0, f)) * after * _writes(i, g, c0)

    def tiny_added(f, i, g, c0):
        """f に小さな数を足していて、消えたはずのものが残る"""
        return _kept(f + 1e-12) * _writes(i, g, c0)

    def from_the_start(f, i, g, c0):
        """f を、書いた時刻より後でなく、前の時刻から掛けている"""
        return torch.cat([torch.ones_like(f[:1]), f]).cumprod(0) * _writes(i, g, c0)

    def own_gate_too(f, i, g, c0):
        """書いた時刻自身の f まで掛けている"""
        kept = _kept(f)
        return torch.cat([kept[:1], kept[:-1]]) * _writes(i, g, c0)

    def one_gate_fewer(f, i, g, c0):
        """掛ける f が 1 つ足りない（時刻 t + 1 の f を掛け忘れている）"""
        kept = torch.cat([_kept(f)[1:], torch.ones_like(f[:1])])
        return kept * _writes(i, g, c0)

    def last_gate_missing(f, i, g, c0):
        """最後の時刻の f を掛けていない"""
        f = torch.cat([f[:-1], torch.ones_like(f[:1])])
        return _kept(f) * _writes(i, g, c0)

    def next_gate_only(f, i, g, c0):
        """すぐ次の時刻の f しか掛けていない"""
        return torch.cat([f, torch.ones_like(f[:1])]) * _writes(i, g, c0)

    def never_forgotten(f, i, g, c0):
        """f を掛けず、書いた値をそのまま並べている"""
        return _writes(i, g, c0)

    def shares(f, i, g, c0):
        """残った値でなく、残る割合（f の積）を返している"""
        return _kept(f)

    def without_input_gate(f, i, g, c0):
        """書いたものに、入力ゲートを掛けていない"""
        return _kept(f) * torch.cat([c0[None], g])

    def c0_kept_whole(f, i, g, c0):
        """c_0 に f を掛けていない"""
        return torch.cat([c0[None], _kept(f)[1:] * i * g])

    def c0_missing(f, i, g, c0):
        """c_0 の行がない（T 行しかない）"""
        return _kept(f)[1:] * i * g

    def c0_at_the_end(f, i, g, c0):
        """c_0 のぶんを、先頭でなく末尾に置いている"""
        return (_kept(f) * _writes(i, g, c0)).roll(-1, dims=0)

    def latest_first(f, i, g, c0):
        """新しい時刻から順に並べている"""
        return (_kept(f) * _writes(i, g, c0)).flip(0)

    def cell_states(f, i, g, c0):
        """書いた時刻ごとのぶんでなく、時刻ごとのセル状態を返している"""
        states = [c0]
        for f_t, i_t, g_t in zip(f, i, g, strict=True):
            states.append(f_t * states[-1] + i_t * g_t)
        return torch.stack(states)

    def summed(f, i, g, c0):
        """分けずに、最後のセル状態を返している"""
        return (_kept(f) * _writes(i, g, c0)).sum(0)

    def sizes_only(f, i, g, c0):
        """符号を落とし、大きさにしている"""
        return (_kept(f) * _writes(i, g, c0)).abs()


def _set(lstm, rows, ih, hh, wanted=lambda name: True):
    """名前が ``wanted`` に合うバイアスの ``rows`` 番目のゲートに書き込む。"""
    with torch.no_grad():
        for name, weight in lstm.named_parameters():
            if name.startswith("bias") and wanted(name):
                weight.view(4, -1)[rows] = ih if "_ih_" in name else hh


class set_forget_bias:
    def both_biases(lstm, value):
        """2 つのバイアスの両方に value を入れている（和は 2 倍になる）"""
        _set(lstm, 1, value, value)

    def b_ih_only(lstm, value):
        """bias_hh をそのままにして、bias_ih だけに value を入れている"""
        _set(lstm, 1, value, None, lambda name: "_ih_" in name)

    def b_hh_only(lstm, value):
        """bias_ih をそのままにして、bias_hh だけに value を入れている"""
        _set(lstm, 1, None, value, lambda name: "_hh_" in name)

    def first_layer(lstm, value):
        """1 層目しか変えていない"""
        _set(lstm, 1, value, 0.0, lambda name: "_l0" in name)

    def last_layer(lstm, value):
        """最後の層しか変えていない"""
        _set(lstm, 1, value, 0.0, lambda name: f"_l{lstm.num_layers - 1}" in name)

    def frozen(lstm, value):
        """書き込むために requires_grad を False にし、戻していない"""
        for weight in lstm.parameters():
            weight.requires_grad = False
        _set(lstm, 1, value, 0.0)

    def forward_only(lstm, value):
        """逆方向（_reverse）を変えていない"""
        _set(lstm, 1, value, 0.0, lambda name: "reverse" not in name)

    def input_gate(lstm, value):
        """忘却ゲートでなく、入力ゲートのバイアスを変えている"""
        _set(lstm, 0, value, 0.0)

    def candidate(lstm, value):
        """忘却ゲートでなく、候補値のバイアスを変えている"""
        _set(lstm, 2, value, 0.0)

    def output_gate(lstm, value):
        """忘却ゲートでなく、出力ゲートのバイアスを変えている"""
        _set(lstm, 3, value, 0.0)

    def every_gate(lstm, value):
        """4 つのゲートすべてのバイアスを変えている"""
        _set(lstm, slice(None), value, 0.0)

    def left_in_eval(lstm, value):
        """eval() を呼んだまま、訓練のモードに戻していない"""
        lstm.eval()
        _set(lstm, 1, value, 0.0)

    def other_gates_zero(lstm, value):
        """ほかのゲートのバイアスを 0 にしている"""
        _set(lstm, slice(None), 0.0, 0.0)
        _set(lstm, 1, value, 0.0)

    def weights_too(lstm, value):
        """忘却ゲートの重みまで変えている"""
        with torch.no_grad():
            for name, weight in lstm.named_parameters():
                rows = slice(lstm.hidden_size, 2 * lstm.hidden_size)
                weight[rows] = 0.0 if name.startswith("bias_hh") else value

    def added(lstm, value):
        """value にするのでなく、今のバイアスに value を足している"""
        with torch.no_grad():
            for name, weight in lstm.named_parameters():
                if name.startswith("bias_ih"):
                    weight.view(4, -1)[1] += value

    def always_one(lstm, value):
        """value を使わず、いつも 1 にしている"""
        _set(lstm, 1, 1.0, 0.0)

    def nothing(lstm, value):
        """lstm を変えていない"""

    def returned(lstm, value):
        """書き換えた lstm を返している"""
        _set(lstm, 1, value, 0.0)
        return lstm

    def gradients_cleared(lstm, value):
        """zero_grad() を呼び、貯めてあった勾配を消している"""
        lstm.zero_grad()
        _set(lstm, 1, value, 0.0)

    def truncated_value(lstm, value):
        """value を小数点以下 1 桁に丸めている"""
        _set(lstm, 1, round(value, 1), 0.0)

    def replaced(lstm, value):
        """新しい nn.Parameter に置き換えている"""
        for name, weight in list(lstm.named_parameters()):
            if name.startswith("bias"):
                new = weight.detach().clone()
                new.view(4, -1)[1] = value if "_ih_" in name else 0.0
                setattr(lstm, name, torch.nn.Parameter(new))


class log_uniform_bias:
    def lengths_spread(u, shortest, longest):
        """対数でなく、長さそのものを一様に散らしている（chrono 初期化の散らし方）"""
        return torch.log(shortest + u * (longest - shortest) - 1)

    def biases_spread(u, shortest, longest):
        """長さの対数でなく、b を一様に散らしている（長さから 1 を引いてから補間している）"""
        low, high = math.log(shortest - 1), math.log(longest - 1)
        return low + u * (high - low)

    def without_one(u, shortest, longest):
        """長さから 1 を引き忘れている"""
        return torch.log(shortest * (longest / shortest) ** u)

    def without_log(u, shortest, longest):
        """最後に対数を取っていない（exp(b) を返している）"""
        return shortest * (longest / shortest) ** u - 1

    def lengths(u, shortest, longest):
        """バイアスでなく、記憶の長さを返している"""
        return shortest * (longest / shortest) ** u

    def forget_gates(u, shortest, longest):
        """バイアスでなく、忘却ゲートの値を返している"""
        return 1 - 1 / (shortest * (longest / shortest) ** u)

    def sign_reversed(u, shortest, longest):
        """符号が逆（入力ゲートのバイアスになる）"""
        return -torch.log(shortest * (longest / shortest) ** u - 1)

    def ends_swapped(u, shortest, longest):
        """u が 0 のとき最長、1 のとき最短になっている"""
        return torch.log(longest * (shortest / longest) ** u - 1)

    def from_one(u, shortest, longest):
        """shortest を使わず、長さ 1 から散らしている"""
        return torch.log(longest**u - 1)

    def common_log(u, shortest, longest):
        """最後に、自然対数でなく常用対数を取っている"""
        return torch.log10(shortest * (longest / shortest) ** u - 1)

    def u_ignored(u, shortest, longest):
        """u を使わず、どの要素も同じ値にしている"""
        return torch.full_like(u, math.log(math.sqrt(shortest * longest) - 1))


def _largest(budget, count):
    """``count(h)`` が ``budget`` を超えない最大の h。"""
    low, high = 0, budget + 1
    while high - low > 1:
        h = (low + high) // 2
        low, high = (h, high) if count(h) <= budget else (low, h)
    return low


def _count(d, layers, *, gates=4, biases=2, upper=None):
    """隠れ状態 h のパラメータの数を返す関数。``upper`` は 2 層めからの入力の次元。"""
    return lambda h: sum(
        gates * h * (below + h + biases)
        for below in [d, *[h if upper is None else upper] * (layers - 1)]
    )


class largest_hidden:
    def one_bias(budget, d, layers):
        """バイアスを 1 本しか数えていない（Keras の数え方）"""
        return _largest(budget, _count(d, layers, biases=1))

    def no_bias(budget, d, layers):
        """バイアスを数えていない"""
        return _largest(budget, _count(d, layers, biases=0))

    def three_gates(budget, d, layers):
        """候補値 g のぶんを数えていない（ゲートを 3 つとしている）"""
        return _largest(budget, _count(d, layers, gates=3))

    def one_gate(budget, d, layers):
        """4 組あることを忘れている（RNN の数になる）"""
        return _largest(budget, _count(d, layers, gates=1))

    def one_layer(budget, d, layers):
        """2 層めからを数えていない"""
        return _largest(budget, _count(d, 1))

    def same_layers(budget, d, layers):
        """2 層めからの入力も input_size としている（budget を層の数で割っても、こうなる）"""
        return _largest(budget, _count(d, layers, upper=d))

    def square_only(budget, d, layers):
        """H の 1 次の項を捨てている（平方根だけで決めている）"""
        return math.isqrt(budget // (4 * (2 * layers - 1)))

    def rounded(budget, d, layers):
        """切り捨てずに、いちばん近い整数に丸めている"""
        a, b = 2 * layers - 1, d + 2 * layers
        return round((-b + math.sqrt(b**2 + a * budget)) / (2 * a))

    def rounded_up(budget, d, layers):
        """切り上げている"""
        a, b = 2 * layers - 1, d + 2 * layers
        return math.ceil((-b + math.sqrt(b**2 + a * budget)) / (2 * a))

    def in_float32(budget, d, layers):
        """平方根を float32 で求めている（大きな予算では、1 つずれる）"""
        a, b = 2 * layers - 1, d + 2 * layers
        root = torch.tensor(float(b**2 + a * budget), dtype=torch.float32).sqrt().item()
        return int((root - b) / (2 * a))

    def first_over(budget, d, layers):
        """budget を初めて超える H を返している（1 つ大きい）"""
        return _largest(budget, _count(d, layers)) + 1

    def below_budget(budget, d, layers):
        """budget ちょうどを、超えたと見なしている"""
        return _largest(max(0, budget - 1), _count(d, layers))

    def at_least_one(budget, d, layers):
        """1 にも届かないときに、0 でなく 1 を返している"""
        return max(1, _largest(budget, _count(d, layers)))

    def none_below_one(budget, d, layers):
        """1 にも届かないときに、0 でなく None を返している"""
        return _largest(budget, _count(d, layers)) or None

    def count_itself(budget, d, layers):
        """H でなく、そのときのパラメータの数を返している"""
        count = _count(d, layers)
        return count(_largest(budget, count))

    def as_float(budget, d, layers):
        """整数でなく、小数で返している"""
        return float(_largest(budget, _count(d, layers)))


ROWS = dict(
    i=(0, 0, 0, 0, 0, 100),
    f=(0, 0, 0, 0, -200, 100),
    g=(100, -100, 0, 0, 0, 0),
    o=(0, 0, 0, 200, 0, -100),
)


def _counter(order="ifgo", w_hh=((0,), (0,), (0,), (0,)), **changed):
    """正しい重み。行は記号ごとの 5 つの重みとバイアス。各誤答はここから外れる。"""
    rows = torch.tensor([(ROWS | changed)[gate] for gate in order], dtype=torch.float64)
    w_hh = torch.tensor(w_hh, dtype=torch.float64)
    return dict(w_ih=rows[:, :5], w_hh=w_hh, b_ih=rows[:, 5], b_hh=torch.zeros(4))


class bracket_counter:
    def gate_order_fgio():
        """行の順を f, g, i, o と思っている（『ゼロから作る Deep Learning ❷』の並び）"""
        return _counter("fgio")

    def gate_order_igfo():
        """行の順を i, g, f, o と思っている（TensorFlow 1 の BasicLSTMCell の並び）"""
        return _counter("igfo")

    def leaking():
        """忘却ゲートが開ききっていない（6 では、1 時刻に 0.25 % ずつ漏れる）"""
        return _counter(f=(0, 0, 0, 0, -12, 6))

    def leaking_slowly():
        """忘却ゲートが開ききっていない（10 では、長い文で漏れる）"""
        return _counter(f=(0, 0, 0, 0, -20, 10))

    def leaking_very_slowly():
        """忘却ゲートが開ききっていない（12 では、深さ 5 を 1000 文字ほど保つと漏れる）"""
        return _counter(f=(0, 0, 0, 0, -24, 12))

    def small_writes():
        """候補値が飽和していない（1 を書くつもりで tanh(1) = 0.76 を書いている）"""
        return _counter(g=(1, -1, 0, 0, 0, 0))

    def input_half_open():
        """入力ゲートのバイアスが 0 で、半分しか書いていない"""
        return _counter(i=(0, 0, 0, 0, 0, 0))

    def close_ignored():
        """「)」で減らしていない"""
        return _counter(g=(100, 0, 0, 0, 0, 0))

    def letters_counted():
        """括弧でない文字でも -1 を書いている"""
        return _counter(g=(200, 0, 0, 0, 0, -100))

    def no_reset():
        """改行で 0 に戻していない"""
        return _counter(f=(0, 0, 0, 0, 0, 100))

    def reset_at_question():
        """改行でなく、「?」で 0 に戻している"""
        return _counter(f=(0, 0, 0, -200, 0, 100))

    def always_open():
        """出力ゲートがいつも開いている"""
        return _counter(o=(0, 0, 0, 0, 0, 100))

    def always_closed():
        """出力ゲートがいつも閉じている"""
        return _counter(o=(0, 0, 0, 0, 0, -100))

    def half_open():
        """出力ゲートが、「?」で半分しか開いていない"""
        return _counter(o=(0, 0, 0, 100, 0, -100))

    def zeros():
        """重みがすべて 0"""
        return _counter(**dict.fromkeys("ifgo", (0,) * 6))

    def feedback():
        """見せた答えが次の候補値に戻り、「?」の後の深さがずれる"""
        return _counter(w_hh=((0,), (0,), (1,), (0,)))

    def four_columns():
        """w_ih の列が 4 つしかない（改行のぶんがない）"""
        return {**_counter(), "w_ih": _counter()["w_ih"][:, :4]}


class forget_bias_for:
    def rule_of_thumb(steps, share):
        """記憶の長さの目安 1 / (1 - f) を steps と置いている（残るのは約 37 %）"""
        return math.log(steps)

    def gate_itself(steps, share):
        """バイアスでなく、忘却ゲートの値 f を返している"""
        return share ** (1 / steps)

    def one_step(steps, share):
        """1 時刻で share 倍になる b を返している（steps 乗根を取っていない）"""
        return math.log(share / (1 - share))

    def divided(steps, share):
        """steps 乗根でなく、steps で割っている"""
        return math.log(share / steps / (1 - share / steps))

    def linear(steps, share):
        """1 時刻ごとに同じ量が減ると考えている（掛け算でなく引き算）"""
        f = 1 - (1 - share) / steps
        return math.log(f / (1 - f))

    def one_step_fewer(steps, share):
        """忘却ゲートを掛ける回数が 1 回少ない"""
        f = share ** (1 / max(steps - 1, 1))
        return math.log(f / (1 - f))

    def one_step_more(steps, share):
        """忘却ゲートを掛ける回数が 1 回多い"""
        f = share ** (1 / (steps + 1))
        return math.log(f / (1 - f))

    def share_lost(steps, share):
        """残る割合でなく、失う割合を share としている"""
        f = (1 - share) ** (1 / steps)
        return math.log(f / (1 - f))

    def always_half(steps, share):
        """share を使わず、いつも半分が残る b を返している"""
        f = 0.5 ** (1 / steps)
        return math.log(f / (1 - f))

    def sign_reversed(steps, share):
        """符号が逆（シグモイドの逆関数を log((1 - f) / f) としている）"""
        f = share ** (1 / steps)
        return math.log((1 - f) / f)

    def inverse_tanh(steps, share):
        """シグモイドでなく、tanh の逆関数を使っている"""
        return math.atanh(share ** (1 / steps))

    def common_log(steps, share):
        """自然対数でなく、常用対数を使っている"""
        f = share ** (1 / steps)
        return math.log10(f / (1 - f))

    def first_order(steps, share):
        """1 - f を -log(share) / steps で近似している（steps が小さいとずれる）"""
        return -math.log(-math.log(share) / steps)

    def rounded(steps, share):
        """b を小数点以下 6 桁に丸めている"""
        return round(-math.log(math.expm1(-math.log(share) / steps)), 6)

    def halved(steps, share):
        """2 つのバイアスの片方のぶん（半分）だけを返している"""
        f = share ** (1 / steps)
        return math.log(f / (1 - f)) / 2


def _opened(share):
    """``sigmoid(b) = share`` の b。0 と 1 の間になければ None。"""
    return math.log(share / (1 - share)) if 0 < share < 1 else None


class open_both:
    def one_gate(rho, gain):
        """入力ゲートか出力ゲートの一方しか掛けていない（平方根をとっていない）"""
        return _opened((gain - 0.5) / rho)

    def forget_is_one(rho, gain):
        """忘却ゲートを 1 としている"""
        return _opened(math.sqrt(max(0.0, (gain - 1) / rho)))

    def without_forget(rho, gain):
        """忘却ゲートの道を数えていない"""
        return _opened(math.sqrt(gain / rho))

    def forget_opened_too(rho, gain):
        """忘却ゲートにも、同じ b を入れている"""
        root = (-1 + math.sqrt(1 + 4 * rho * gain)) / (2 * rho)
        return _opened(root)

    def loop_only(rho, gain):
        """rho で割っていない"""
        return _opened(math.sqrt(max(0.0, gain - 0.5)))

    def squared(rho, gain):
        """平方根でなく、2 乗をとっている"""
        return _opened(max(0.0, (gain - 0.5) / rho) ** 2)

    def gate_itself(rho, gain):
        """バイアスでなく、ゲートの値を返している"""
        share = (gain - 0.5) / rho
        return math.sqrt(share) if 0 < share < 1 else None

    def sign_flipped(rho, gain):
        """b の符号が逆"""
        share = (gain - 0.5) / rho
        return -_opened(math.sqrt(share)) if 0 < share < 1 else None

    def with_tanh(rho, gain):
        """sigmoid でなく tanh を逆に解いている"""
        share = (gain - 0.5) / rho
        return math.atanh(math.sqrt(share)) if 0 < share < 1 else None

    def no_floor(rho, gain):
        """届かないほど小さい倍率に、None でない値を返している"""
        share = abs(gain - 0.5) / rho
        return _opened(math.sqrt(share)) if gain != 0.5 else -700.0

    def no_ceiling(rho, gain):
        """届かないほど大きい倍率に、None でない値を返している"""
        share = (gain - 0.5) / rho
        return None if share <= 0 else _opened(min(math.sqrt(share), 1 - 1e-12))

    def end_included(rho, gain):
        """sigmoid(b) が 1 になるときも、届くとしている"""
        share = (gain - 0.5) / rho
        return math.inf if share == 1 else _opened(math.sqrt(max(0.0, share)))

    def always_none(rho, gain):
        """いつも None を返している"""
        return None
