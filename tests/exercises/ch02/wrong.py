"""「LSTM」の誤答。"""

import math

import torch
from torch import sigmoid, tanh


def _inner(x, h, w_ih, w_hh, b_ih, b_hh):
    """4 つのゲートの、シグモイドや tanh を通す前の値。"""
    return (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)


class lstm_step:
    def forget_and_input_swapped(x, h, c, *weights):
        """忘却ゲートと入力ゲートが逆"""
        f, i, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gate_order_ifog(x, h, c, *weights):
        """ゲートの順を i, f, o, g と思っている"""
        i, f, o, g = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gate_order_figo(x, h, c, *weights):
        """ゲートの順を f, i, o, g と思っている"""
        f, i, o, g = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gate_order_fgio(x, h, c, *weights):
        """ゲートの順を f, g, i, o と思っている（日本語の有名な本の並び）"""
        f, g, i, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gate_order_igfo(x, h, c, *weights):
        """ゲートの順を i, g, f, o と思っている（TensorFlow の古い LSTM の並び）"""
        i, g, f, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def built_in_forget_bias(x, h, c, *weights):
        """忘却ゲートの中身に 1 を足している（初期値を計算式に組み込む流儀）"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f + 1) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def as_given(x, h, c, *weights):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        f, g, i, o = _inner(x, h, *weights)
        c = sigmoid(f + 1) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def hard_sigmoid(x, h, c, *weights):
        """シグモイドの代わりに、折れ線の hard sigmoid を使っている（Keras の古い既定）"""
        i, f, g, o = _inner(x, h, *weights)
        i, f, o = ((0.2 * each + 0.5).clamp(0, 1) for each in (i, f, o))
        c = f * c + i * tanh(g)
        return o * tanh(c), c

    def overflowing(x, h, c, *weights):
        """シグモイドを exp(a) / (1 + exp(a)) と書いている（a が 710 を超えると nan になる）"""
        i, f, g, o = _inner(x, h, *weights)
        i, f, o = (torch.exp(each) / (1 + torch.exp(each)) for each in (i, f, o))
        c = f * c + i * tanh(g)
        return o * tanh(c), c

    def tanh_approximated(x, h, c, *weights):
        """セル状態の tanh を、±4 で切った値から計算している"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c.clamp(-4, 4)), c

    def in_batches(x, h, c, *weights):
        """初めの 64 個の系列しか進めていない"""
        new_h, new_c = _step(x[:64], h[:64], c[:64], *weights)
        return torch.cat([new_h, h[64:]]), torch.cat([new_c, c[64:]])

    def gates_interleaved(x, h, c, *weights):
        """4 等分せず、4 つおきに取り出している"""
        inner = torch.cat(_inner(x, h, *weights), dim=1)
        i, f, g, o = (inner[:, k::4] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def candidate_sigmoid(x, h, c, *weights):
        """候補値 g に tanh でなくシグモイドを使っている"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)
        return sigmoid(o) * tanh(c), c

    def gates_tanh(x, h, c, *weights):
        """ゲートにもシグモイドでなく tanh を使っている"""
        i, f, g, o = _inner(x, h, *weights)
        c = tanh(f) * c + tanh(i) * tanh(g)
        return tanh(o) * tanh(c), c

    def without_activation(x, h, c, *weights):
        """ゲートにシグモイドを通していない"""
        i, f, g, o = _inner(x, h, *weights)
        c = f * c + i * tanh(g)
        return o * tanh(c), c

    def output_without_tanh(x, h, c, *weights):
        """h を作るとき、セル状態に tanh を通していない"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * c, c

    def output_from_old_cell(x, h, c, *weights):
        """h を、更新する前のセル状態から作っている"""
        i, f, g, o = _inner(x, h, *weights)
        new = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), new

    def cell_squashed(x, h, c, *weights):
        """tanh を通したセル状態を次へ渡している"""
        i, f, g, o = _inner(x, h, *weights)
        c = tanh(sigmoid(f) * c + sigmoid(i) * tanh(g))
        return sigmoid(o) * c, c

    def without_forget(x, h, c, *weights):
        """忘却ゲートを掛けていない（1997 年の LSTM）"""
        i, _, g, o = _inner(x, h, *weights)
        c = c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def coupled(x, h, c, *weights):
        """入力ゲートの代わりに 1 - f を使っている"""
        _, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + (1 - sigmoid(f)) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def forget_inverted(x, h, c, *weights):
        """忘却ゲートを 1 - f として掛けている"""
        i, f, g, o = _inner(x, h, *weights)
        c = (1 - sigmoid(f)) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def without_output_gate(x, h, c, *weights):
        """出力ゲートを掛けていない"""
        i, f, g, _ = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return tanh(c), c

    def hidden_forgotten(x, h, c, *weights):
        """セル状態の代わりに、前の h に忘却ゲートを掛けている"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * h + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def returned_in_reverse(x, h, c, *weights):
        """(c_new, h_new) の順で返している"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return c, sigmoid(o) * tanh(c)

    def without_b_hh(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        i, f, g, o = _inner(x, h, w_ih, w_hh, b_ih, 0 * b_hh)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def without_bias(x, h, c, w_ih, w_hh, b_ih, b_hh):
        """バイアスを 2 つとも足し忘れている"""
        i, f, g, o = _inner(x, h, w_ih, w_hh, 0 * b_ih, 0 * b_hh)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def without_hidden(x, h, c, *weights):
        """前の隠れ状態を使っていない"""
        i, f, g, o = _inner(x, 0 * h, *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def peephole(x, h, c, *weights):
        """ゲートの中身に、前のセル状態も足している"""
        i, f, g, o = _inner(x, h, *weights)
        c_new = sigmoid(f + c) * c + sigmoid(i + c) * tanh(g)
        return sigmoid(o + c_new) * tanh(c_new), c_new

    def cell_in_place(x, h, c, *weights):
        """渡された c に書き込んでいる"""
        i, f, g, o = _inner(x, h, *weights)
        c.mul_(sigmoid(f)).add_(sigmoid(i) * tanh(g))
        return sigmoid(o) * tanh(c), c

    def cell_detached(x, h, c, *weights):
        """前のセル状態を detach して、勾配を切っている"""
        i, f, g, o = _inner(x, h, *weights)
        c = sigmoid(f) * c.detach() + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def hidden_detached(x, h, c, *weights):
        """前の隠れ状態を detach して、勾配を切っている"""
        i, f, g, o = _inner(x, h.detach(), *weights)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def only_hidden(x, h, c, *weights):
        """h_new だけを返し、c_new を返していない"""
        i, f, g, o = _inner(x, h, *weights)
        return sigmoid(o) * tanh(sigmoid(f) * c + sigmoid(i) * tanh(g))


def _step(x, h, c, *weights):
    i, f, g, o = _inner(x, h, *weights)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def _states(x, h0, c0, *weights):
    """(h_0, c_0), (h_1, c_1), …, (h_T, c_T) のリスト。"""
    states = [(h0, c0)]
    for t in range(x.shape[1]):
        states.append(_step(x[:, t], *states[-1], *weights))
    return states


def _hidden(states):
    return torch.stack([h for h, _ in states], 1)


class lstm_forward:
    def from_zeros(x, h0, c0, *weights):
        """h0 と c0 を使わず、0 から始めている（t = 0 の hs[t - 1] は、リストの末尾）"""
        states = _states(x, 0 * h0, 0 * c0, *weights)
        return _hidden(states[1:]), states[-1]

    def last_sequence(x, h0, c0, *weights):
        """h_n に output[-1]（最後の時刻でなく最後の系列）を返している"""
        states = _states(x, h0, c0, *weights)
        output = _hidden(states[1:])
        return output, (output[-1], states[-1][1])

    def as_given(x, h0, c0, *weights):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        states = _states(x, 0 * h0, 0 * c0, *weights)
        output = _hidden(states[1:])
        return output, (output[-1], states[-1][1])

    def c0_ignored(x, h0, c0, *weights):
        """c0 を使わず、0 から始めている"""
        states = _states(x, h0, 0 * c0, *weights)
        return _hidden(states[1:]), states[-1]

    def h0_ignored(x, h0, c0, *weights):
        """h0 を使わず、0 から始めている"""
        states = _states(x, 0 * h0, c0, *weights)
        return _hidden(states[1:]), states[-1]

    def states_swapped(x, h0, c0, *weights):
        """h0 と c0 を取り違えている"""
        states = _states(x, c0, h0, *weights)
        return _hidden(states[1:]), states[-1]

    def returned_swapped(x, h0, c0, *weights):
        """最後の状態を (c_n, h_n) の順で返している"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), states[-1][::-1]

    def cell_not_carried(x, h0, c0, *weights):
        """セル状態を次の時刻へ渡さず、いつも c0 を使っている"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], states[-1][0], c0, *weights))
        return _hidden(states[1:]), states[-1]

    def hidden_not_carried(x, h0, c0, *weights):
        """隠れ状態を次の時刻へ渡さず、いつも h0 を使っている"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], h0, states[-1][1], *weights))
        return _hidden(states[1:]), states[-1]

    def cells_in_output(x, h0, c0, *weights):
        """output に、隠れ状態でなくセル状態を積んでいる"""
        states = _states(x, h0, c0, *weights)
        return torch.stack([c for _, c in states[1:]], 1), states[-1]

    def reversed_time(x, h0, c0, *weights):
        """系列を後ろから進めている"""
        states = _states(x.flip(1), h0, c0, *weights)
        return _hidden(states[1:]), states[-1]

    def shifted(x, h0, c0, *weights):
        """output が 1 時刻ずれて、h0 から始まっている"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[:-1]), states[-1]

    def with_h0(x, h0, c0, *weights):
        """output に h0 も入れている（T + 1 個になる）"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states), states[-1]

    def without_last_step(x, h0, c0, *weights):
        """最後の時刻を進めていない"""
        states = _states(x[:, :-1], h0, c0, *weights)
        return _hidden(states[1:]), states[-1]

    def first_state(x, h0, c0, *weights):
        """(h_n, c_n) に、最初の時刻の状態を返している"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), states[1]

    def time_first(x, h0, c0, *weights):
        """output を (T, B, H) の順で返している"""
        states = _states(x, h0, c0, *weights)
        return torch.stack([h for h, _ in states[1:]], 0), states[-1]

    def layer_axis(x, h0, c0, *weights):
        """h_n と c_n に層の軸が残っている（nn.LSTM の形のまま）"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), tuple(state[None] for state in states[-1])

    def flat_return(x, h0, c0, *weights):
        """入れ子にせず、(output, h_n, c_n) の 3 つを返している"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), *states[-1]

    def h_n_only(x, h0, c0, *weights):
        """(output, h_n) を返し、c_n を返していない"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), states[-1][0]

    def all_cells(x, h0, c0, *weights):
        """c_n に、最後だけでなく全時刻のセル状態を返している"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), (states[-1][0], torch.stack([c for _, c in states[1:]], 1))

    def without_b_hh(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        states = _states(x, h0, c0, w_ih, w_hh, b_ih, 0 * b_hh)
        return _hidden(states[1:]), states[-1]

    def forget_and_input_swapped(x, h0, c0, *weights):
        """忘却ゲートと入力ゲートが逆"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            step = lstm_step.forget_and_input_swapped
            states.append(step(x[:, t], *states[-1], *weights))
        return _hidden(states[1:]), states[-1]

    def carried_over(x, h0, c0, *weights):
        """前の系列の終わりの状態から、次の系列を始めている"""
        state, rows, ends = (h0[:1], c0[:1]), [], []
        for b in range(x.shape[0]):
            states = _states(x[b : b + 1], *state, *weights)
            state = states[-1]
            rows.append(_hidden(states[1:]))
            ends.append(state)
        return torch.cat(rows), tuple(torch.cat(each) for each in zip(*ends, strict=True))

    def c0_in_place(x, h0, c0, *weights):
        """渡された c0 に書き込んでいる"""
        states = _states(x, h0, c0.clone(), *weights)
        c0.data.copy_(states[-1][1])
        return _hidden(states[1:]), states[-1]

    def detached_each_step(x, h0, c0, *weights):
        """時刻ごとに h と c を detach して、勾配を切っている"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            h, c = states[-1]
            states.append(_step(x[:, t], h.detach(), c.detach(), *weights))
        return _hidden(states[1:]), states[-1]

    def detached_every_eight(x, h0, c0, *weights):
        """8 時刻ごとに h と c を detach して、それより前への勾配を切っている"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            h, c = states[-1]
            if t % 8 == 0 and t > 0:
                h, c = h.detach(), c.detach()
            states.append(_step(x[:, t], h, c, *weights))
        return _hidden(states[1:]), states[-1]

    def restarted(x, h0, c0, *weights):
        """150 時刻ごとに、状態を h0 と c0 に戻している"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            state = (h0, c0) if t % 150 == 0 else states[-1]
            states.append(_step(x[:, t], *state, *weights))
        return _hidden(states[1:]), states[-1]

    def cells_detached(x, h0, c0, *weights):
        """時刻ごとに c を detach して、セル状態を通る勾配を切っている"""
        states = [(h0, c0)]
        for t in range(x.shape[1]):
            h, c = states[-1]
            states.append(_step(x[:, t], h, c.detach(), *weights))
        return _hidden(states[1:]), states[-1]

    def end_detached(x, h0, c0, *weights):
        """h_n と c_n を detach して返している"""
        states = _states(x, h0, c0, *weights)
        return _hidden(states[1:]), tuple(state.detach() for state in states[-1])


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


def _count(n, h, layers, ways, *, gates=4, biases=2, upper=None):
    """層ごとに数える。``upper`` は 2 層めからの入力の次元。"""
    upper = ways * h if upper is None else upper
    inputs = [n, *[upper] * (layers - 1)]
    return ways * sum(gates * h * (below + h + biases) for below in inputs)


class count_lstm_parameters:
    def one_bias(n, h, layers=1, two_way=False):
        """バイアスを一組しか数えていない（Keras の数え方）"""
        return _count(n, h, layers, 1 + two_way, biases=1)

    def no_bias(n, h, layers=1, two_way=False):
        """バイアスを数えていない"""
        return _count(n, h, layers, 1 + two_way, biases=0)

    def three_gates(n, h, layers=1, two_way=False):
        """候補値 g のぶんを数えていない（ゲートを 3 つとしている）"""
        return _count(n, h, layers, 1 + two_way, gates=3)

    def one_gate(n, h, layers=1, two_way=False):
        """ゲートが 4 つあることを忘れている（RNN の数になる）"""
        return _count(n, h, layers, 1 + two_way, gates=1)

    def one_way(n, h, layers=1, two_way=False):
        """双方向を数えていない"""
        return _count(n, h, layers, 1)

    def one_layer(n, h, layers=1, two_way=False):
        """2 層めからを数えていない"""
        return _count(n, h, 1, 1 + two_way)

    def same_layers(n, h, layers=1, two_way=False):
        """2 層めからの入力も input_size としている"""
        return _count(n, h, layers, 1 + two_way, upper=n)

    def upper_one_way(n, h, layers=1, two_way=False):
        """双方向の 2 層めからの入力が 2H になることを忘れている"""
        return _count(n, h, layers, 1 + two_way, upper=h)

    def doubled_hidden(n, h, layers=1, two_way=False):
        """双方向で、隠れ状態の大きさを 2 倍として数えている"""
        return _count(n, h * (1 + two_way), layers, 1)

    def without_recurrent(n, h, layers=1, two_way=False):
        """隠れ状態に掛ける重みを数えていない"""
        ways = 1 + two_way
        return _count(n, h, layers, ways) - layers * ways * 4 * h * h

    def as_float(n, h, layers=1, two_way=False):
        """整数でなく、小数で返している"""
        return float(_count(n, h, layers, 1 + two_way))


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
        """行の順を f, g, i, o と思っている（日本語の有名な本の並び）"""
        return _counter("fgio")

    def gate_order_igfo():
        """行の順を i, g, f, o と思っている（TensorFlow の古い LSTM の並び）"""
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
