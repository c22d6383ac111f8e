"""「LSTM」の誤答。"""

import torch
from torch import sigmoid, tanh


def _inner(x, h, w_ih, w_hh, b_ih, b_hh):
    """四つのゲートの、シグモイドや tanh を通す前の値。"""
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
        """バイアスを二つとも足し忘れている"""
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
