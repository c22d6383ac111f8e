"""「GRU」の誤答。"""

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
        """渡された h に書き込んでいる"""
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


class gru_step_reset_before:
    def torch_gru(x, h, *weights):
        """PyTorch の GRU（練習 4.1）のまま"""
        return _step(x, h, *weights)

    def update_inverted(x, h, w_ih, w_hh, b_ih, b_hh):
        """z と 1 - z が逆（z を古い隠れ状態に掛けている）"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return z * h + (1 - z) * _before(r, x_n, h, w_hh, b_hh)

    def reset_after(x, h, *weights):
        """リセットゲートを、行列積の前でなく後に掛けている"""
        r, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * h + z * tanh(x_n + r * h_n)

    def reset_after_without_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートを、行列積の後、b_hn を足す前に掛けている"""
        r, z, x_n, h_n = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        b_hn = b_hh.chunk(3)[2]
        return (1 - z) * h + z * tanh(x_n + r * (h_n - b_hn) + b_hn)

    def bias_reset(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_hn にもリセットゲートを掛けている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        _, _, w_hn = w_hh.chunk(3)
        _, _, b_hn = b_hh.chunk(3)
        return (1 - z) * h + z * tanh(x_n + (r * h) @ w_hn.T + r * b_hn)

    def reset_twice(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートを、行列積の前と後の両方で掛けている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        _, _, w_hn = w_hh.chunk(3)
        _, _, b_hn = b_hh.chunk(3)
        return (1 - z) * h + z * tanh(x_n + r * ((r * h) @ w_hn.T + b_hn))

    def reset_hidden_everywhere(x, h, w_ih, w_hh, b_ih, b_hh):
        """r * h を新しい h とみなし、混ぜるときにも使っている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * r * h + z * _before(r, x_n, h, w_hh, b_hh)

    def reset_before_update(x, h, w_ih, w_hh, b_ih, b_hh):
        """更新ゲートの計算にも、h でなく r * h を使っている"""
        r, _, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        _, z, _, _ = _gates(x, r * h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(r, x_n, h, w_hh, b_hh)

    def without_reset(x, h, *weights):
        """リセットゲートを掛けていない"""
        _, z, x_n, h_n = _gates(x, h, *weights)
        return (1 - z) * h + z * tanh(x_n + h_n)

    def reset_inverted(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートを 1 - r として掛けている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(1 - r, x_n, h, w_hh, b_hh)

    def reset_by_update(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートでなく、更新ゲートを h に掛けている"""
        _, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(z, x_n, h, w_hh, b_hh)

    def gate_order_zrn(x, h, w_ih, w_hh, b_ih, b_hh):
        """ゲートの順を z, r, n と思っている"""
        z, r, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(r, x_n, h, w_hh, b_hh)

    def candidate_sigmoid(x, h, w_ih, w_hh, b_ih, b_hh):
        """候補値 n に tanh でなくシグモイドを使っている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        n = _before(r, x_n, h, w_hh, b_hh)
        return (1 - z) * h + z * sigmoid(torch.atanh(n))

    def candidate_without_tanh(x, h, w_ih, w_hh, b_ih, b_hh):
        """候補値 n に tanh を通していない"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        n = x_n + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2]
        return (1 - z) * h + z * n

    def old_state_missing(x, h, w_ih, w_hh, b_ih, b_hh):
        """古い隠れ状態 (1 - z) * h を足していない"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return z * _before(r, x_n, h, w_hh, b_hh)

    def candidate_not_scaled(x, h, w_ih, w_hh, b_ih, b_hh):
        """候補値に z を掛けていない"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + _before(r, x_n, h, w_hh, b_hh)

    def without_b_hn(x, h, w_ih, w_hh, b_ih, b_hh):
        """n の b_hn を足し忘れている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(r, x_n, h, w_hh, 0 * b_hh)

    def without_b_hh(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        return _step_before(x, h, w_ih, w_hh, b_ih, 0 * b_hh)

    def without_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """バイアスを 2 つとも足し忘れている"""
        return _step_before(x, h, w_ih, w_hh, 0 * b_ih, 0 * b_hh)

    def w_hh_not_transposed(x, h, w_ih, w_hh, b_ih, b_hh):
        """w_hh の転置を忘れている"""
        transposed = torch.cat([block.T for block in w_hh.chunk(3)])
        return _step_before(x, h, w_ih, transposed, b_ih, b_hh)

    def only_w_hn_not_transposed(x, h, w_ih, w_hh, b_ih, b_hh):
        """n の w_hn だけ、転置を忘れている"""
        w_hr, w_hz, w_hn = w_hh.chunk(3)
        return _step_before(x, h, w_ih, torch.cat([w_hr, w_hz, w_hn.T]), b_ih, b_hh)

    def in_place(x, h, *weights):
        """渡された h に書き込んでいる"""
        new = _step_before(x, h, *weights)
        h.data.copy_(new)
        return new

    def detached(x, h, *weights):
        """前の隠れ状態を detach して、勾配を切っている"""
        return _step_before(x, h.detach(), *weights)

    def reset_detached(x, h, w_ih, w_hh, b_ih, b_hh):
        """リセットゲートを detach して、勾配を切っている"""
        r, z, x_n, _ = _gates(x, h, w_ih, w_hh, b_ih, b_hh)
        return (1 - z) * h + z * _before(r.detach(), x_n, h, w_hh, b_hh)

    def in_float32(x, h, *weights):
        """float32 にして計算している"""
        return _step_before(x.float(), h.float(), *(weight.float() for weight in weights))


def _states(x, h0, *weights, step=_step):
    """h_0, h_1, …, h_T のリスト。"""
    states = [h0]
    for t in range(x.shape[1]):
        states.append(step(x[:, t], states[-1], *weights))
    return states


class gru_forward:
    def from_zeros(x, h0, *weights):
        """h0 を使わず、0 から始めている"""
        states = _states(x, 0 * h0, *weights)
        return torch.stack(states[1:], 1), states[-1]

    def always_h0(x, h0, *weights):
        """どの時刻でも、前の隠れ状態でなく h0 を使っている"""
        states = [_step(x[:, t], h0, *weights) for t in range(x.shape[1])]
        return torch.stack(states, 1), states[-1]

    def reversed_time(x, h0, *weights):
        """系列を後ろから進めている"""
        states = _states(x.flip(1), h0, *weights)
        return torch.stack(states[1:], 1), states[-1]

    def shifted(x, h0, *weights):
        """output が 1 時刻ずれて、h0 から始まっている"""
        states = _states(x, h0, *weights)
        return torch.stack(states[:-1], 1), states[-1]

    def with_h0(x, h0, *weights):
        """output に h0 も入れている（T + 1 個になる）"""
        states = _states(x, h0, *weights)
        return torch.stack(states, 1), states[-1]

    def without_last_step(x, h0, *weights):
        """最後の時刻を進めていない"""
        states = _states(x[:, :-1], h0, *weights)
        return torch.stack(states[1:], 1), states[-1]

    def first_state(x, h0, *weights):
        """h_n に最初の時刻の隠れ状態を返している"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 1), states[1]

    def initial_state(x, h0, *weights):
        """h_n に h0 をそのまま返している"""
        return torch.stack(_states(x, h0, *weights)[1:], 1), h0

    def last_sequence(x, h0, *weights):
        """h_n に output[-1]（最後の時刻でなく最後の系列）を返している"""
        output = torch.stack(_states(x, h0, *weights)[1:], 1)
        return output, output[-1]

    def last_everywhere(x, h0, *weights):
        """output のどの時刻も、最後の隠れ状態になっている（同じテンソルに上書きした）"""
        last = _states(x, h0, *weights)[-1]
        return torch.stack([last] * x.shape[1], 1), last

    def time_first(x, h0, *weights):
        """output を (T, B, H) の順で返している"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 0), states[-1]

    def layer_axis(x, h0, *weights):
        """h_n に層の軸が残っている（nn.GRU の形のまま）"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 1), states[-1][None]

    def nested(x, h0, *weights):
        """LSTM のように、(output, (h_n, h_n)) の入れ子で返している"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 1), (states[-1], states[-1])

    def output_only(x, h0, *weights):
        """output だけを返し、h_n を返していない"""
        return torch.stack(_states(x, h0, *weights)[1:], 1)

    def returned_in_reverse(x, h0, *weights):
        """(h_n, output) の順で返している"""
        states = _states(x, h0, *weights)
        return states[-1], torch.stack(states[1:], 1)

    def reset_before(x, h0, *weights):
        """リセットゲートを、行列積の後でなく前に h に掛けている"""
        states = _states(x, h0, *weights, step=gru_step.reset_before)
        return torch.stack(states[1:], 1), states[-1]

    def the_other_gru(x, h0, *weights):
        """もう 1 つの GRU（練習 4.2）で進めている"""
        states = _states(x, h0, *weights, step=_step_before)
        return torch.stack(states[1:], 1), states[-1]

    def update_inverted(x, h0, *weights):
        """z と 1 - z が逆（z を新しい候補値に掛けている）"""
        states = _states(x, h0, *weights, step=gru_step.update_inverted)
        return torch.stack(states[1:], 1), states[-1]

    def gate_order_zrn(x, h0, *weights):
        """ゲートの順を z, r, n と思っている"""
        states = _states(x, h0, *weights, step=gru_step.gate_order_zrn)
        return torch.stack(states[1:], 1), states[-1]

    def without_b_hh(x, h0, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, 0 * b_hh)
        return torch.stack(states[1:], 1), states[-1]

    def carried_over(x, h0, *weights):
        """前の系列の終わりの状態から、次の系列を始めている"""
        rows = []
        h = h0[:1]
        for b in range(x.shape[0]):
            rows.append(torch.stack(_states(x[b : b + 1], h, *weights)[1:], 1))
            h = rows[-1][:, -1]
        output = torch.cat(rows)
        return output, output[:, -1]

    def h0_in_place(x, h0, *weights):
        """渡された h0 に書き込んでいる"""
        states = _states(x, h0.clone(), *weights)
        h0.data.copy_(states[-1])
        return torch.stack(states[1:], 1), states[-1]

    def detached_each_step(x, h0, *weights):
        """時刻ごとに h を detach して、勾配を切っている"""
        states = [h0]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], states[-1].detach(), *weights))
        return torch.stack(states[1:], 1), states[-1]

    def h0_detached(x, h0, *weights):
        """h0 を detach して、勾配を切っている"""
        states = _states(x, h0.detach(), *weights)
        return torch.stack(states[1:], 1), states[-1]

    def h_n_detached(x, h0, *weights):
        """h_n を detach して返している"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 1), states[-1].detach()

    def in_float32(x, h0, *weights):
        """float32 にして計算している"""
        states = _states(x.float(), h0.float(), *(weight.float() for weight in weights))
        return torch.stack(states[1:], 1), states[-1]


def _count(n, h, gates, biases=2):
    return gates * h * (n + h + biases)


class parameter_ratio:
    def swapped(n, h):
        """(LSTM / GRU, GRU / LSTM) の順で返している"""
        return 4 / 3, 3 / 4

    def fewer_and_more(n, h):
        """比でなく、「何割少ないか」と「何割多いか」を返している"""
        return 1 / 4, 1 / 3

    def same_base(n, h):
        """2 つめも LSTM で割っている"""
        return 3 / 4, 4 / 4

    def twenty_five_both_ways(n, h):
        """LSTM / GRU を、25 % 多いと思って 1.25 にしている"""
        return 0.75, 1.25

    def thirty_three_fewer(n, h):
        """GRU / LSTM を、33 % 少ないと思って 2/3 にしている"""
        return 2 / 3, 4 / 3

    def percent(n, h):
        """割合でなく、% で返している"""
        return 75.0, 400 / 3

    def counts(n, h):
        """比でなく、パラメータの数を返している"""
        return _count(n, h, 3), _count(n, h, 4)

    def without_candidate(n, h):
        """候補値のぶんを、どちらにも数えていない（2 段と 3 段としている）"""
        return 2 / 3, 3 / 2

    def gru_without_candidate(n, h):
        """GRU の候補値のぶんを数えていない（2 段としている）"""
        return 2 / 4, 4 / 2

    def lstm_without_candidate(n, h):
        """LSTM の候補値のぶんを数えていない（3 段としている）"""
        return 1.0, 1.0

    def gru_one_bias(n, h):
        """GRU のバイアスだけ、1 組しか数えていない"""
        gru, lstm = _count(n, h, 3, biases=1), _count(n, h, 4)
        return gru / lstm, lstm / gru

    def lstm_one_bias(n, h):
        """LSTM のバイアスだけ、1 組しか数えていない"""
        gru, lstm = _count(n, h, 3), _count(n, h, 4, biases=1)
        return gru / lstm, lstm / gru

    def whole_division(n, h):
        """// で割り、整数に切り捨てている"""
        return 0, 1

    def rounded(n, h):
        """小数 2 桁に丸めている"""
        return 0.75, 1.33

    def one_ratio(n, h):
        """GRU / LSTM だけを返している"""
        return 3 / 4
