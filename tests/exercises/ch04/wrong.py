"""「GRU」の誤答。"""

import math
from math import exp

import torch
from torch import sigmoid, tanh


def _sides(x, h, w_ih, w_hh, b_ih, b_hh):
    """入力の側と状態の側の、r、z、n のぶん。"""
    return (x @ w_ih.T + b_ih).chunk(3, dim=1), (h @ w_hh.T + b_hh).chunk(3, dim=1)


def _gates(x, h, *weights):
    """正しい r、z と、n の入力の側、状態の側。"""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _sides(x, h, *weights)
    return sigmoid(x_r + h_r), sigmoid(x_z + h_z), x_n, h_n


def _step(x, h, *weights):
    """正しい 1 時刻。"""
    r, z, x_n, h_n = _gates(x, h, *weights)
    return (1 - z) * tanh(x_n + r * h_n) + z * h


class gru_step:
    def parentheses_and_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        r, z, x_n, h_n = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        b_hn = b_hh.chunk(3)[2]
        return 1 - z * tanh(x_n + r * (h_n - b_hn) + b_hn) + z * h

    def without_parentheses(x, h, *weights):
        """最後の行の 1 - z に括弧がなく、1 - (z * n) + z * h になっている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return 1 - z * tanh(x_n + r * h_n) + z * h

    def update_inverted(x, h, *weights):
        """z と 1 - z が逆（z を新しい候補値に掛けている）"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return z * tanh(x_n + r * h_n) + (1 - z) * h

    def reset_before(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートを、行列積の後でなく前に h に掛けている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        n = tanh(x_n + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])
        return (1 - z) * n + z * h

    def the_other_gru(x, h, *weights):
        """もう 1 つの GRU（リセットが行列積の前、z が新しい割合）になっている"""
        return _step_before(x, h, *weights)

    def hidden_bias_outside_reset(x, h, w_ih, w_hh, b_ih, b_hh):
        """n の b_hn を、リセットゲートの外で足している"""
        r, z, x_n, h_n = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        b_hn = b_hh.chunk(3)[2]
        return (1 - z) * tanh(x_n + r * (h_n - b_hn) + b_hn) + z * h

    def hidden_bias_twice(x, h, w_ih, w_hh, b_ih, b_hh):
        """n の b_hn を、リセットゲートの中と外で二度足している"""
        r, z, x_n, h_n = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * tanh(x_n + r * h_n + b_hh.chunk(3)[2]) + z * h

    def gate_order_zrn(x, h, *weights):
        """ゲートの順を z, r, n と思っている（Keras の順）"""
        z, r, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def gate_order_nrz(x, h, *weights):
        """ゲートの順を n, r, z と思っている"""
        (x_n, x_r, x_z), (h_n, h_r, h_z) = _sides(x, h, *weights)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def gate_order_rnz(x, h, *weights):
        """ゲートの順を r, n, z と思っている"""
        (x_r, x_n, x_z), (h_r, h_n, h_z) = _sides(x, h, *weights)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def gates_interleaved(x, h, w_ih, w_hh, b_ih, b_hh):
        """3 等分せず、3 つおきに取り出している"""
        from_x, from_h = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r = sigmoid(from_x[:, 0::3] + from_h[:, 0::3])
        z = sigmoid(from_x[:, 1::3] + from_h[:, 1::3])
        n = tanh(from_x[:, 2::3] + r * from_h[:, 2::3])
        return (1 - z) * n + z * h

    def candidate_sigmoid(x, h, *weights):
        """候補値 n に tanh でなくシグモイドを使っている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * sigmoid(x_n + r * h_n) + z * h

    def candidate_without_tanh(x, h, *weights):
        """候補値 n に tanh を通していない"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * (x_n + r * h_n) + z * h

    def gates_tanh(x, h, *weights):
        """ゲートにもシグモイドでなく tanh を使っている"""
        (x_r, x_z, x_n), (h_r, h_z, h_n) = _sides(x, h, *weights)
        r, z = tanh(x_r + h_r), tanh(x_z + h_z)
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def without_activation(x, h, *weights):
        """ゲートにシグモイドを通していない"""
        (x_r, x_z, x_n), (h_r, h_z, h_n) = _sides(x, h, *weights)
        r, z = x_r + h_r, x_z + h_z
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def without_reset(x, h, *weights):
        """リセットゲートを掛けていない"""
        _, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + h_n) + z * h

    def reset_inverted(x, h, *weights):
        """リセットゲートを 1 - r として掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + (1 - r) * h_n) + z * h

    def reset_everything(x, h, *weights):
        """リセットゲートを、入力の側にも掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(r * (x_n + h_n)) + z * h

    def reset_input(x, h, *weights):
        """リセットゲートを、状態の側でなく入力の側に掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(r * x_n + h_n) + z * h

    def reset_outside_tanh(x, h, *weights):
        """リセットゲートを、tanh を通した後の候補値に掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * r * tanh(x_n + h_n) + z * h

    def reset_by_update(x, h, *weights):
        """候補値に、リセットゲートでなく更新ゲートを掛けている"""
        _, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + z * h_n) + z * h

    def reset_in_mix(x, h, *weights):
        """最後に混ぜるときも、h にリセットゲートを掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + r * h_n) + z * r * h

    def old_state_missing(x, h, *weights):
        """古い隠れ状態 z * h を足していない"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + r * h_n)

    def candidate_not_scaled(x, h, *weights):
        """候補値に 1 - z を掛けていない"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return tanh(x_n + r * h_n) + z * h

    def old_state_not_scaled(x, h, *weights):
        """古い隠れ状態に z を掛けずに足している"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + r * h_n) + h

    def without_update(x, h, *weights):
        """更新ゲートを使わず、候補値をそのまま返している"""
        r, _, x_n, h_n = _gates(x, h, *weights)
        return tanh(x_n + r * h_n)

    def squashed_again(x, h, *weights):
        """最後に、もう一度 tanh を通している"""
        return tanh(_step(x, h, *weights))

    def candidate_without_hidden(x, h, *weights):
        """候補値に、状態の側を入れていない"""
        _, z, x_n, _ = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n) + z * h

    def gates_without_hidden(x, h, *weights):
        """ゲートに、状態の側を足していない"""
        (x_r, x_z, x_n), (_, _, h_n) = _sides(x, h, *weights)
        r, z = sigmoid(x_r), sigmoid(x_z)
        return (1 - z) * tanh(x_n + r * h_n) + z * h

    def without_b_hh(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        return _step(x, h, w_ih, w_hh, b_ih, 0 * b_hh)

    def without_b_ih(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_ih を足し忘れている"""
        return _step(x, h, w_ih, w_hh, 0 * b_ih, b_hh)

    def without_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """バイアスを 2 つとも足し忘れている"""
        return _step(x, h, w_ih, w_hh, 0 * b_ih, 0 * b_hh)

    def biases_swapped(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_ih と b_hh を取り違えている"""
        return _step(x, h, w_ih, w_hh, b_hh, b_ih)

    def sides_added_first(x, h, w_ih, w_hh, b_ih, b_hh):
        """LSTM のように 2 つの側を先に足し、n の中身に r * h を足している"""
        inner = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        r, z, n = inner.chunk(3, dim=1)
        r, z = sigmoid(r), sigmoid(z)
        return (1 - z) * tanh(n + r * h) + z * h

    def w_hh_not_transposed(x, h, w_ih, w_hh, b_ih, b_hh):
        """w_hh の転置を忘れている"""
        transposed = torch.cat([block.T for block in w_hh.chunk(3)])
        return _step(x, h, w_ih, transposed, b_ih, b_hh)

    def only_w_hn_not_transposed(x, h, w_ih, w_hh, b_ih, b_hh):
        """n の w_hn だけ、転置を忘れている"""
        w_hr, w_hz, w_hn = w_hh.chunk(3)
        return _step(x, h, w_ih, torch.cat([w_hr, w_hz, w_hn.T]), b_ih, b_hh)

    def mean_hidden(x, h, *weights):
        """隠れ状態を系列どうしで平均している"""
        return _step(x, h.mean(0, keepdim=True).expand_as(h), *weights)

    def first_row_only(x, h, *weights):
        """どの系列にも、最初の系列の隠れ状態を使っている"""
        return _step(x, h[:1].expand_as(h), *weights)

    def in_place(x, h, *weights):
        """渡された引数に書き込んでいる"""
        new = _step(x, h, *weights)
        h.data.copy_(new)
        return new

    def detached(x, h, *weights):
        """前の隠れ状態を detach して、勾配を切っている"""
        return _step(x, h.detach(), *weights)

    def mixed_detached(x, h, *weights):
        """混ぜるときの h だけを detach して、まっすぐな勾配の通り道を切っている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * tanh(x_n + r * h_n) + z * h.detach()

    def no_grad(x, h, *weights):
        """torch.no_grad() の中で計算している"""
        with torch.no_grad():
            return _step(x, h, *weights)

    def in_float32(x, h, *weights):
        """float32 にして計算している"""
        return _step(x.float(), h.float(), *(weight.float() for weight in weights))

    def transposed_output(x, h, *weights):
        """(H, B) の向きで返している"""
        return _step(x, h, *weights).T

    def with_candidate(x, h, *weights):
        """LSTM のように、(h_new, n) の組で返している"""
        r, _, x_n, h_n = _gates(x, h, *weights)
        return _step(x, h, *weights), tanh(x_n + r * h_n)


def _before(r, x_n, h, w_hh, b_hh):
    """リセットを先に掛けた候補値。"""
    return tanh(x_n + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])


def _step_before(x, h, w_ih, w_hh, b_ih, b_hh):
    """正しい、リセットを先に掛ける 1 時刻。"""
    r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * h + z * _before(r, x_n, h, w_hh, b_hh)


def _moved(weight, order=(1, 0, 2)):
    """Keras の重みを転置し、3 つの部分を並べ替えたもの。"""
    parts = weight.t().chunk(3)
    return torch.cat([parts[k] for k in order])


def _from_keras(kernel, recurrent_kernel, bias):
    """正しく移した重み。"""
    return [_moved(each) for each in (kernel, recurrent_kernel, *bias)]


class from_keras:
    def order_kept(kernel, recurrent_kernel, bias):
        """z、r、n の順のままで、並べ替えていない"""
        return kernel.T, recurrent_kernel.T, bias[0], bias[1]

    def candidate_first(kernel, recurrent_kernel, bias):
        """n、r、z の順に並べている（逆順にしている）"""
        return [_moved(each, (2, 1, 0)) for each in (kernel, recurrent_kernel, *bias)]

    def rolled(kernel, recurrent_kernel, bias):
        """r、n、z の順に並べている"""
        return [_moved(each, (1, 2, 0)) for each in (kernel, recurrent_kernel, *bias)]

    def bias_order_kept(kernel, recurrent_kernel, bias):
        """バイアスだけ、並べ替えを忘れている"""
        return _moved(kernel), _moved(recurrent_kernel), bias[0], bias[1]

    def hidden_order_kept(kernel, recurrent_kernel, bias):
        """recurrent_kernel だけ、並べ替えを忘れている"""
        return _moved(kernel), recurrent_kernel.T, _moved(bias[0]), _moved(bias[1])

    def input_order_kept(kernel, recurrent_kernel, bias):
        """kernel だけ、並べ替えを忘れている"""
        return kernel.T, _moved(recurrent_kernel), _moved(bias[0]), _moved(bias[1])

    def not_transposed(kernel, recurrent_kernel, bias):
        """転置せずに、横に並べたまま並べ替えている"""
        weights = []
        for each in (kernel, recurrent_kernel):
            z, r, n = each.chunk(3, dim=1)
            weights.append(torch.cat([r, z, n], dim=1))
        return *weights, _moved(bias[0]), _moved(bias[1])

    def reshaped(kernel, recurrent_kernel, bias):
        """転置の代わりに reshape で形だけを合わせている"""
        w_ih, w_hh = (each.reshape(each.shape[::-1]) for each in (kernel, recurrent_kernel))
        return _moved(w_ih.T), _moved(w_hh.T), _moved(bias[0]), _moved(bias[1])

    def hidden_blocks_not_transposed(kernel, recurrent_kernel, bias):
        """recurrent_kernel を 3 つに分けて縦に積んだが、それぞれを転置していない"""
        z, r, n = recurrent_kernel.chunk(3, dim=1)
        return _moved(kernel), torch.cat([r, z, n]), _moved(bias[0]), _moved(bias[1])

    def biases_swapped(kernel, recurrent_kernel, bias):
        """入力の側と状態の側のバイアスが逆"""
        return _moved(kernel), _moved(recurrent_kernel), _moved(bias[1]), _moved(bias[0])

    def biases_added(kernel, recurrent_kernel, bias):
        """2 本のバイアスを足して b_ih に入れ、b_hn が r の外に出ている"""
        total = _moved(bias.sum(0))
        return _moved(kernel), _moved(recurrent_kernel), total, 0 * total

    def without_hidden_bias(kernel, recurrent_kernel, bias):
        """状態の側のバイアスを捨てている"""
        w_ih, w_hh, b_ih, b_hh = _from_keras(kernel, recurrent_kernel, bias)
        return w_ih, w_hh, b_ih, 0 * b_hh

    def same_bias_twice(kernel, recurrent_kernel, bias):
        """b_ih にも b_hh にも、バイアスの 1 行めを入れている"""
        return _moved(kernel), _moved(recurrent_kernel), _moved(bias[0]), _moved(bias[0])

    def update_negated(kernel, recurrent_kernel, bias):
        """z の向きが逆だと思って、符号を反転している"""
        weights = _from_keras(kernel, recurrent_kernel, bias)
        for weight in weights:
            weight.chunk(3)[1].neg_()
        return weights

    def in_float32(kernel, recurrent_kernel, bias):
        """float32 に変えている"""
        return [each.float() for each in _from_keras(kernel, recurrent_kernel, bias)]

    def in_float64(kernel, recurrent_kernel, bias):
        """いつも float64 に変えている"""
        return [each.double() for each in _from_keras(kernel, recurrent_kernel, bias)]

    def in_place(kernel, recurrent_kernel, bias):
        """渡された重みに書き込んでいる"""
        weights = _from_keras(kernel, recurrent_kernel, bias)
        bias.copy_(torch.stack(weights[2:]))
        return weights


def _untied(change, *tied):
    """段を入れ替えた重み。"""
    return tuple(torch.cat(change(*each.chunk(3))) for each in tied)


def _untie(*tied):
    """正しい重み。"""
    return _untied(lambda f, g, o: (-f, f, g, o), *tied)


class untie:
    def subtracted_from_one(*tied):
        """重みを 1 から引いている（引くのは、シグモイドを通した後の f）"""
        return _untied(lambda f, g, o: (1 - f, f, g, o), *tied)

    def subtracted_inside(w_ih, w_hh, b_ih, b_hh):
        """バイアスを 1 から引いていて、i が sigmoid(1 - a) になる"""
        (b_ih,) = _untied(lambda f, g, o: (1 - f, f, g, o), b_ih)
        return *_untie(w_ih, w_hh), b_ih, *_untie(b_hh)

    def through_a_sigmoid(*tied):
        """重みをシグモイドに通してから、1 から引いている"""
        return _untied(lambda f, g, o: (1 - sigmoid(f), f, g, o), *tied)

    def same_as_f(*tied):
        """i の段に f の段をそのまま置き、i が 1 - f でなく f になる"""
        return _untied(lambda f, g, o: (f, f, g, o), *tied)

    def half_open(*tied):
        """i の段を 0 にしていて、i がいつも 1/2 になる"""
        return _untied(lambda f, g, o: (0 * f, f, g, o), *tied)

    def always_open(w_ih, w_hh, b_ih, b_hh):
        """i をいつも 1 にしていて、候補値に 1 - f が掛からない"""
        weights = _untied(lambda f, g, o: (0 * f, f, g, o), w_ih, w_hh, b_hh)
        (b_ih,) = _untied(lambda f, g, o: (0 * f + 100, f, g, o), b_ih)
        return *weights[:2], b_ih, weights[2]

    def inverted(*tied):
        """i と f が逆（忘却ゲートのほうを 1 - f にしている）"""
        return _untied(lambda f, g, o: (f, -f, g, o), *tied)

    def both_negated(*tied):
        """f の段まで符号を変えている"""
        return _untied(lambda f, g, o: (-f, -f, g, o), *tied)

    def candidate_negated(*tied):
        """i の段が f のままで、代わりに候補値 g の符号を変えている"""
        return _untied(lambda f, g, o: (f, f, -g, o), *tied)

    def tied_to_output(*tied):
        """f でなく o の符号を変えていて、i が 1 - o になる"""
        return _untied(lambda f, g, o: (-o, f, g, o), *tied)

    def added_at_the_end(*tied):
        """i の段を、先頭でなく終わりに足している"""
        return _untied(lambda f, g, o: (f, g, o, -f), *tied)

    def order_ifog(*tied):
        """i、f、o、g の順に並べている"""
        return _untied(lambda f, g, o: (-f, f, o, g), *tied)

    def interleaved(*tied):
        """3 等分せず、3 つおきに取り出している"""
        return tuple(torch.cat([-t[0::3], t[0::3], t[1::3], t[2::3]]) for t in tied)

    def biases_kept(w_ih, w_hh, b_ih, b_hh):
        """i のバイアスの符号を変えていない"""
        biases = _untied(lambda f, g, o: (f, f, g, o), b_ih, b_hh)
        return *_untie(w_ih, w_hh), *biases

    def hidden_bias_kept(w_ih, w_hh, b_ih, b_hh):
        """b_hh だけ、i の段の符号を変えていない"""
        return *_untie(w_ih, w_hh, b_ih), *_untied(lambda f, g, o: (f, f, g, o), b_hh)

    def without_hidden_bias(w_ih, w_hh, b_ih, b_hh):
        """b_hh の i の段が 0 のままになっている"""
        return *_untie(w_ih, w_hh, b_ih), *_untied(lambda f, g, o: (0 * f, f, g, o), b_hh)

    def biases_twice(w_ih, w_hh, b_ih, b_hh):
        """i のバイアスを 2 度数えている（2 本の和の符号違いを、両方に置いた）"""
        total = -(b_ih + b_hh).chunk(3)[0]
        return *_untie(w_ih, w_hh), torch.cat([total, b_ih]), torch.cat([total, b_hh])

    def hidden_kept(w_ih, w_hh, b_ih, b_hh):
        """w_hh だけ、i の段の符号を変えていない"""
        (w_hh,) = _untied(lambda f, g, o: (f, f, g, o), w_hh)
        return *_untie(w_ih), w_hh, *_untie(b_ih, b_hh)

    def three_blocks(*tied):
        """i の段を足さず、3 段のまま返している"""
        return tuple(each.clone() for each in tied)

    def stacked_sideways(w_ih, w_hh, b_ih, b_hh):
        """縦でなく、横に積んでいる"""
        weights = [torch.cat([-w.chunk(3)[0], *w.chunk(3)], dim=1) for w in (w_ih, w_hh)]
        return *weights, *_untie(b_ih, b_hh)

    def only_weights(w_ih, w_hh, b_ih, b_hh):
        """バイアスを返していない"""
        return _untie(w_ih, w_hh)

    def in_place(*tied):
        """渡された重みの符号を、その場で変えている"""
        new = _untie(*tied)
        for each in tied:
            each.data.chunk(3)[0].neg_()
        return new

    def detached(*tied):
        """.data で作っていて、もとの重みまで勾配が届かない"""
        return _untie(*(each.data for each in tied))

    def negated_detached(*tied):
        """i の段だけを detach していて、そこを通る勾配が抜ける"""
        return _untied(lambda f, g, o: (-f.detach(), f, g, o), *tied)

    def in_float32(*tied):
        """float32 に変えている"""
        return tuple(each.float() for each in _untie(*tied))


def _adder(limit, z=20.0, r=20.0, keep=1.0, small=0.01, scale=100.0):
    small = small / limit
    return {
        "weight_ih": [[0, 0], [0, -2 * z], [small, 0]],
        "weight_hh": [[0], [0], [keep]],
        "bias_ih": [r, z, 0],
        "bias_hh": [0, 0, 0],
        "scale": scale * limit,
    }


class adding_gru:
    def without_old_state(limit):
        """候補値に古い状態が入らず、2 つめの印で 1 つめが消える"""
        return _adder(limit, keep=0.0)

    def reset_closed(limit):
        """リセットゲートを閉じていて、候補値に古い状態が入らない"""
        return _adder(limit, r=-20.0)

    def reset_half(limit):
        """リセットゲートが 0.5 で、古い状態が半分になる"""
        return _adder(limit, r=0.0)

    def update_inverted(limit):
        """z の向きが逆（印のないときに書き換えている）"""
        return _adder(limit, z=-20.0)

    def unsaturated(limit):
        """z が 1 に届かず、印のない値が漏れて足されている"""
        return _adder(limit, z=3.0)

    def nearly_saturated(limit):
        """z が 0.9999 ほどで、300 時刻のあいだに漏れがたまっている"""
        return _adder(limit, z=9.0)

    def reset_closed_between(limit):
        """印のない時刻に r を閉じていて、覚えた和が毎時刻 1 - z の割合ずつ減っている"""
        return _adder(limit, z=10.8, r=-30.0) | {
            "weight_ih": [[0, 60], [0, -60], [0.01 / limit, 0]]
        }

    def always_keeping(limit):
        """印があっても z が 1 のままで、何も書き込んでいない"""
        return _adder(limit) | {"weight_ih": [[0, 0], [0, 0], [0.01 / limit, 0]]}

    def averaging(limit):
        """印で z を 0.5 にし、候補値に古い状態を入れず、混ぜて平均にしている"""
        small = 0.01 / limit
        return _adder(limit, keep=0.0) | {"weight_ih": [[0, 0], [0, -20], [small, 0]]}

    def half_without_doubling(limit):
        """印で z を 0.5 にしたのに、scale を 2 倍にしていない"""
        return _adder(limit) | {"weight_ih": [[0, 0], [0, -20], [0.01 / limit, 0]]}

    def saturated_candidate(limit):
        """候補値を小さくせず、tanh が直線から外れている"""
        return _adder(limit, small=1.0, scale=1.0)

    def for_one(limit):
        """値の縮め方が足りず、大きな limit で tanh が曲がる"""
        return _adder(1.0)

    def tiny_for_all(limit):
        """limit によらない、とても小さな数で縮めていて、小さな limit で h が 0 になる"""
        return _adder(1e250)

    def not_scaled_back(limit):
        """小さくした値を、scale で戻していない"""
        return _adder(limit, scale=1 / limit)

    def gate_order_zrn(limit):
        """行を z、r、n の順に並べている"""
        return _adder(limit) | {"weight_ih": [[0, -40], [0, 0], [0.01 / limit, 0]]}

    def columns_swapped(limit):
        """列を（印、値）の順に並べている"""
        return _adder(limit) | {"weight_ih": [[0, 0], [-40, 0], [0, 0.01 / limit]]}


def _parts(x, h, w_i, w_h, b_i, b_h):
    """r、z、n の中身の括弧、n。"""
    r = 1 / (1 + exp(-(w_i[0] * x + b_i[0] + w_h[0] * h + b_h[0])))
    z = 1 / (1 + exp(-(w_i[1] * x + b_i[1] + w_h[1] * h + b_h[1])))
    inner = w_h[2] * h + b_h[2]
    return r, z, inner, math.tanh(w_i[2] * x + b_i[2] + r * inner)


class gru_slope:
    def straight_only(x, h, *weights):
        """まっすぐ流れる z だけを返している"""
        return _parts(x, h, *weights)[1]

    def gates_fixed(x, h, w_i, w_h, b_i, b_h):
        """ゲートを、h によらない定数とみなしている"""
        r, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return z + (1 - z) * (1 - n**2) * r * w_h[2]

    def update_fixed(x, h, w_i, w_h, b_i, b_h):
        """更新ゲート z を通る微分を忘れている"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return z + (1 - z) * (1 - n**2) * (r * w_h[2] + r * (1 - r) * w_h[0] * inner)

    def reset_fixed(x, h, w_i, w_h, b_i, b_h):
        """リセットゲート r を通る微分を忘れている"""
        r, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return z + z * (1 - z) * w_h[1] * (h - n) + (1 - z) * (1 - n**2) * r * w_h[2]

    def candidate_fixed(x, h, w_i, w_h, b_i, b_h):
        """候補値 n を通る微分を忘れている"""
        _, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return z + z * (1 - z) * w_h[1] * (h - n)

    def without_straight(x, h, w_i, w_h, b_i, b_h):
        """まっすぐ流れる z を足し忘れている"""
        return _slope(x, h, w_i, w_h, b_i, b_h) - _parts(x, h, w_i, w_h, b_i, b_h)[1]

    def update_difference_reversed(x, h, w_i, w_h, b_i, b_h):
        """z による微分を、h - n でなく n - h にしている"""
        _, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return _slope(x, h, w_i, w_h, b_i, b_h) + 2 * z * (1 - z) * w_h[1] * (n - h)

    def update_without_candidate(x, h, w_i, w_h, b_i, b_h):
        """z による微分で、1 - z の側（n）を忘れている"""
        _, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return _slope(x, h, w_i, w_h, b_i, b_h) + z * (1 - z) * w_h[1] * n

    def tanh_slope_not_squared(x, h, w_i, w_h, b_i, b_h):
        """tanh の微分を、1 - n * n でなく 1 - n にしている"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = r * w_h[2] + r * (1 - r) * w_h[0] * inner
        return z + z * (1 - z) * w_h[1] * (h - n) + (1 - z) * (1 - n) * through

    def tanh_slope_missing(x, h, w_i, w_h, b_i, b_h):
        """tanh の微分を掛けていない"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = r * w_h[2] + r * (1 - r) * w_h[0] * inner
        return z + z * (1 - z) * w_h[1] * (h - n) + (1 - z) * through

    def sigmoid_slope_missing(x, h, w_i, w_h, b_i, b_h):
        """シグモイドの微分 z (1 - z) と r (1 - r) を掛けていない"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = (1 - n**2) * (r * w_h[2] + w_h[0] * inner)
        return z + w_h[1] * (h - n) + (1 - z) * through

    def reset_without_bias(x, h, w_i, w_h, b_i, b_h):
        """リセットゲートを通る項で、括弧の中の b_hn を忘れている"""
        r, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = r * w_h[2] + r * (1 - r) * w_h[0] * w_h[2] * h
        return z + z * (1 - z) * w_h[1] * (h - n) + (1 - z) * (1 - n**2) * through

    def reset_missing(x, h, w_i, w_h, b_i, b_h):
        """候補値の状態の重みに、リセットゲートを掛けていない"""
        r, z, _, n = _parts(x, h, w_i, w_h, b_i, b_h)
        return _slope(x, h, w_i, w_h, b_i, b_h) + (1 - z) * (1 - n**2) * (1 - r) * w_h[2]

    def candidate_not_scaled(x, h, w_i, w_h, b_i, b_h):
        """候補値を通る微分に、1 - z を掛けていない"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = (1 - n**2) * (r * w_h[2] + r * (1 - r) * w_h[0] * inner)
        return z + z * (1 - z) * w_h[1] * (h - n) + through

    def by_input(x, h, w_i, w_h, b_i, b_h):
        """h でなく、x で微分している"""
        r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
        through = (1 - n**2) * (w_i[2] + r * (1 - r) * w_i[0] * inner)
        return z * (1 - z) * w_i[1] * (h - n) + (1 - z) * through

    def cut_to_one(x, h, *weights):
        """傾きを 1 までに切っている（1 を超えることもある）"""
        return min(1.0, _slope(x, h, *weights))

    def coarse_difference(x, h, *weights):
        """h を 0.0001 だけ動かした差で近似している"""
        step = 1e-4
        return (_new(x, h + step, *weights) - _new(x, h - step, *weights)) / (2 * step)


def _new(x, h, *weights):
    _, z, _, n = _parts(x, h, *weights)
    return (1 - z) * n + z * h


def _slope(x, h, w_i, w_h, b_i, b_h):
    """正しい傾き。"""
    r, z, inner, n = _parts(x, h, w_i, w_h, b_i, b_h)
    through = (1 - n**2) * (r * w_h[2] + r * (1 - r) * w_h[0] * inner)
    return z + z * (1 - z) * w_h[1] * (h - n) + (1 - z) * through
