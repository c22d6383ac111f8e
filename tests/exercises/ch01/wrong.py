"""「RNN とその限界」の誤答。"""

import math

import torch


def _step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


def _states(x, h0, *weights):
    """h_0, h_1, …, h_T のリスト。"""
    states = [h0]
    for t in range(x.shape[1]):
        states.append(_step(x[:, t], states[-1], *weights))
    return states


class rnn_forward:
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

    def time_first(x, h0, *weights):
        """output を (T, B, H) の順で返している"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 0), states[-1]

    def layer_axis(x, h0, *weights):
        """h_n に層の軸が残っている（nn.RNN の形のまま）"""
        states = _states(x, h0, *weights)
        return torch.stack(states[1:], 1), states[-1][None]

    def output_only(x, h0, *weights):
        """output だけを返し、h_n を返していない"""
        return torch.stack(_states(x, h0, *weights)[1:], 1)

    def returned_in_reverse(x, h0, *weights):
        """(h_n, output) の順で返している"""
        states = _states(x, h0, *weights)
        return states[-1], torch.stack(states[1:], 1)

    def last_everywhere(x, h0, *weights):
        """output のどの時刻も、最後の隠れ状態になっている（同じテンソルに上書きした）"""
        last = _states(x, h0, *weights)[-1]
        return torch.stack([last] * x.shape[1], 1), last

    def without_tanh(x, h0, w_ih, w_hh, b_ih, b_hh):
        """tanh を通していない"""
        states = [h0]
        for t in range(x.shape[1]):
            states.append(x[:, t] @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh)
        return torch.stack(states[1:], 1), states[-1]

    def w_hh_not_transposed(x, h0, w_ih, w_hh, b_ih, b_hh):
        """w_hh の転置を忘れている"""
        states = _states(x, h0, w_ih, w_hh.T, b_ih, b_hh)
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
        """渡された引数に書き込んでいる"""
        states = _states(x, h0.clone(), *weights)
        h0.data.copy_(states[-1])
        return torch.stack(states[1:], 1), states[-1]

    def detached_each_step(x, h0, *weights):
        """ひな形のまま（誤りが残っている）"""
        states = [h0]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], states[-1].detach(), *weights))
        return torch.stack(states[1:], 1), states[-1]

    def detached_every_eight(x, h0, *weights):
        """8 時刻ごとに h を detach して、それより前への勾配を切っている"""
        states = [h0]
        for t in range(x.shape[1]):
            h = states[-1].detach() if t % 8 == 0 and t > 0 else states[-1]
            states.append(_step(x[:, t], h, *weights))
        return torch.stack(states[1:], 1), states[-1]

    def restarted(x, h0, *weights):
        """150 時刻ごとに、隠れ状態を h0 に戻している"""
        states = [h0]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], h0 if t % 150 == 0 else states[-1], *weights))
        return torch.stack(states[1:], 1), states[-1]

    def detached_halfway(x, h0, *weights):
        """100 時刻ごとに h を detach して、それより前への勾配を切っている"""
        states = [h0]
        for t in range(x.shape[1]):
            h = states[-1].detach() if t % 100 == 0 and t > 0 else states[-1]
            states.append(_step(x[:, t], h, *weights))
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


def _slope(h):
    return 1 - h**2


def _deltas(states, w_hh, grad, slope=_slope):
    """さかのぼって求めた、各時刻の tanh の中身の勾配と、h0 の勾配。"""
    deltas = []
    for h in states[:0:-1]:
        deltas.insert(0, grad * slope(h))
        grad = deltas[0] @ w_hh
    return deltas, grad


def _collect(deltas, grad_h0, states, x, w_ih):
    """tanh の中身の勾配から、すべての勾配を組み立てる。"""
    bias = sum(deltas).sum(0)
    return dict(
        x=torch.stack([delta @ w_ih for delta in deltas], 1),
        h0=grad_h0,
        w_ih=sum(delta.T @ x[:, t] for t, delta in enumerate(deltas)),
        w_hh=sum(delta.T @ states[t] for t, delta in enumerate(deltas)),
        b_ih=bias,
        b_hh=bias,
    )


class rnn_bptt:
    def without_slope(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """tanh の微分 1 - h**2 を掛けていない"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        return _collect(*_deltas(states, w_hh, grad_h_n, torch.ones_like), states, x, w_ih)

    def slope_of_sigmoid(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """tanh の微分に、シグモイドの微分 h * (1 - h) を使っている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        return _collect(*_deltas(states, w_hh, grad_h_n, lambda h: h * (1 - h)), states, x, w_ih)

    def slope_not_squared(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """tanh の微分を 1 - h としている（二乗を忘れている）"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        return _collect(*_deltas(states, w_hh, grad_h_n, lambda h: 1 - h), states, x, w_ih)

    def slope_at_previous(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """tanh の微分に、h_t でなく h_{t-1} を使っている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        before = [None, *states[:-1]]
        return _collect(*_deltas(before, w_hh, grad_h_n), states, x, w_ih)

    def w_hh_transposed(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """さかのぼるとき、w_hh を転置して掛けている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        return _collect(*_deltas(states, w_hh.T, grad_h_n), states, x, w_ih)

    def new_state_in_w_hh(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """w_hh の勾配に、h_{t-1} でなく h_t を掛けている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        return _collect(*_deltas(states, w_hh, grad_h_n), states[1:], x, w_ih)

    def zeros_for_h0(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """w_hh の勾配の最初の時刻で、h0 を 0 とみなしている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas, grad = _deltas(states, w_hh, grad_h_n)
        return _collect(deltas, grad, [0 * h0, *states[1:]], x, w_ih)

    def last_step_only(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """最後の時刻だけを逆伝播し、その前へさかのぼっていない"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas, grad = _deltas(states[-2:], w_hh, grad_h_n)
        deltas = [torch.zeros_like(h0)] * (x.shape[1] - 1) + deltas
        return _collect(deltas, grad, states, x, w_ih)

    def eight_steps_only(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """8 時刻だけさかのぼり、その前の勾配を 0 としている（打ち切った BPTT）"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas, grad = _deltas(states[-9:], w_hh, grad_h_n)
        rest = x.shape[1] - len(deltas)
        deltas = [torch.zeros_like(h0)] * rest + deltas
        return _collect(deltas, 0 * grad if rest else grad, states, x, w_ih)

    def clipped_to_five(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """求めた勾配を ±5 で切っている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        grads = _collect(*_deltas(states, w_hh, grad_h_n), states, x, w_ih)
        return {key: each.clamp(-5, 5) for key, each in grads.items()}

    def overwritten(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """重みの勾配を時刻について足さず、上書きしている"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas, grad = _deltas(states, w_hh, grad_h_n)
        first = [deltas[0]] + [torch.zeros_like(h0)] * (x.shape[1] - 1)
        everything = _collect(deltas, grad, states, x, w_ih)
        return {**_collect(first, grad, states, x, w_ih), "x": everything["x"]}

    def grad_of_h1(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """h0 の勾配に、h_1 の勾配を返している（最後の一歩が足りない）"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas, _ = _deltas(states, w_hh, grad_h_n)
        _, grad_h1 = _deltas(states[1:], w_hh, grad_h_n)
        return _collect(deltas, grad_h1, states, x, w_ih)

    def loss_at_every_step(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """grad_h_n を最後だけでなく、どの時刻にも足している"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        deltas = []
        grad = torch.zeros_like(h0)
        for h in states[:0:-1]:
            deltas.insert(0, (grad + grad_h_n) * (1 - h**2))
            grad = deltas[0] @ w_hh
        return _collect(deltas, grad, states, x, w_ih)

    def mean_over_sequences(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """重みの勾配を、系列について足さずに平均している"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        grads = _collect(*_deltas(states, w_hh, grad_h_n), states, x, w_ih)
        return {k: g if k in ("x", "h0") else g / len(x) for k, g in grads.items()}

    def b_hh_forgotten(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """b_hh の勾配が 0 のまま"""
        states = _states(x, h0, w_ih, w_hh, b_ih, b_hh)
        grads = _collect(*_deltas(states, w_hh, grad_h_n), states, x, w_ih)
        return {**grads, "b_hh": torch.zeros_like(b_hh)}


def _factors(w_hh, hidden):
    """t = 1, …, T の、1 時刻ぶんのヤコビ行列。"""
    return [torch.diag(1 - h**2) @ w_hh for h in hidden]


def _backwards(factors, size):
    """単位行列から始め、``factors`` を後ろから右へ掛け足したもの。初めの時刻が先頭。"""
    found = [torch.eye(size)]
    for factor in factors[::-1]:
        found.insert(0, found[0] @ factor)
    return torch.stack(found)


class state_jacobians:
    def from_the_front(w_hh, hidden):
        """前から掛けている（dh_t/dh_1 を並べたものになる）"""
        found = [torch.eye(len(w_hh))]
        for factor in _factors(w_hh, hidden)[1:]:
            found.append(factor @ found[-1])
        return torch.stack(found)

    def time_reversed(w_hh, hidden):
        """時刻の並びが逆（[0] が単位行列）"""
        return _backwards(_factors(w_hh, hidden)[1:], len(w_hh)).flip(0)

    def one_too_many(w_hh, hidden):
        """自分の時刻の因子も掛けている（dh_T/dh_{t-1} になる）"""
        return _backwards(_factors(w_hh, hidden), len(w_hh))[:-1]

    def state_before(w_hh, hidden):
        """tanh の微分に、h_t でなく h_{t-1} を使っている"""
        return _backwards(_factors(w_hh, hidden)[:-1], len(w_hh))

    def without_identity(w_hh, hidden):
        """最後の単位行列を並べていない"""
        return _backwards(_factors(w_hh, hidden)[1:], len(w_hh))[:-1]

    def reversed_order(w_hh, hidden):
        """掛ける順が逆（古い時刻を左から掛けている）"""
        found = [torch.eye(len(w_hh))]
        for factor in _factors(w_hh, hidden)[:0:-1]:
            found.insert(0, factor @ found[0])
        return torch.stack(found)

    def transposed(w_hh, hidden):
        """転置して返している（行が h_t、列が h_T）"""
        return _backwards(_factors(w_hh, hidden)[1:], len(w_hh)).transpose(1, 2)

    def columns_scaled(w_hh, hidden):
        """tanh の微分を、w_hh の行でなく列に掛けている"""
        return _backwards([w_hh * (1 - h**2) for h in hidden[1:]], len(w_hh))

    def w_hh_transposed(w_hh, hidden):
        """w_hh を転置して掛けている"""
        return _backwards(_factors(w_hh.T, hidden)[1:], len(w_hh))

    def without_slope(w_hh, hidden):
        """tanh の微分を掛けていない（w_hh の累乗になる）"""
        return _backwards([w_hh] * (len(hidden) - 1), len(w_hh))

    def one_step(w_hh, hidden):
        """1 時刻ぶんを並べただけで、掛けていない"""
        return torch.stack([*_factors(w_hh, hidden)[1:], torch.eye(len(w_hh))])

    def elementwise(w_hh, hidden):
        """行列の積でなく、要素ごとの積を取っている"""
        found = [torch.ones_like(w_hh)]
        for factor in _factors(w_hh, hidden)[:0:-1]:
            found.insert(0, found[0] * factor)
        return torch.stack([*found[:-1], torch.eye(len(w_hh))])

    def first_only(w_hh, hidden):
        """dh_T/dh_1 だけを返している"""
        return _backwards(_factors(w_hh, hidden)[1:], len(w_hh))[0]

    def every_product_anew(w_hh, hidden):
        """時刻ごとに、積を初めから作り直している（行列の積が、T の 2 乗に比例する）"""
        found = []
        for t in range(1, len(hidden) + 1):
            product = torch.eye(len(w_hh), dtype=w_hh.dtype)
            for h in hidden[t:]:
                product = torch.diag(1 - h**2) @ w_hh @ product
            found.append(product)
        return torch.stack(found)


class remember_sign:
    def too_small():
        """w が 1 に近すぎて、0 が続くと縮む"""
        return 1.05, 2.3, 0.0

    def kept_as_it_is():
        """w = 1 なら前の値がそのまま残る、と思っている（tanh が縮める）"""
        return 1.0, 20.0, 0.0

    def atanh_itself():
        """w に atanh(0.5) / 0.5 でなく、atanh(0.5) を使っている"""
        return math.atanh(0.5), 2.3, 0.0

    def input_too_weak():
        """w h が u x に勝ち、反対の入力が来ても裏返らない"""
        return 2.0, 2.0, 0.0

    def bound_only():
        """u と w の差が atanh(0.5) に足りず、裏返っても小さい"""
        return 1.15, 1.5, 0.0

    def saturated():
        """w が大きすぎて h が張り付き、動きが伝わらない"""
        return 1.3, 2.6, 0.0

    def strongly_saturated():
        """w をずっと大きくし、動きが 0 になっている"""
        return 20.0, 40.0, 0.0

    def sign_reversed():
        """u の符号が逆"""
        return 1.15, -2.3, 0.0

    def alternating():
        """w が負で、0 が続くと符号が 1 時刻ごとに入れ替わる"""
        return -1.15, 2.3, 0.0

    def memoryless():
        """w が 0 で、前の状態を使っていない"""
        return 0.0, 2.3, 0.0

    def one_sided():
        """b が大きすぎて、片方の符号しか覚えない"""
        return 1.15, 2.3, 0.2

    def swapped():
        """w と u の順が逆"""
        return 2.3, 1.15, 0.0


def _norm(grads):
    return torch.sqrt(sum((grad**2).sum() for grad in grads)).item()


class clip_by_global_norm:
    def each_tensor(grads, max_norm):
        """テンソルごとに別々のノルムで切っている"""
        scales = [max_norm / max(max_norm, _norm([grad])) for grad in grads]
        return [s * grad for s, grad in zip(scales, grads, strict=True)], _norm(grads)

    def each_element(grads, max_norm):
        """ひな形のまま（誤りが残っている）"""
        return [grad.clamp(-max_norm, max_norm) for grad in grads], _norm(grads)

    def always_scaled(grads, max_norm):
        """ノルムが max_norm より小さいときも、max_norm に引き伸ばしている"""
        norm = _norm(grads)
        return [grad * (max_norm / norm) for grad in grads], norm

    def never_scaled(grads, max_norm):
        """ノルムを返すだけで、切っていない"""
        return [grad.clone() for grad in grads], _norm(grads)

    def norm_after(grads, max_norm):
        """切る前でなく、切った後のノルムを返している"""
        norm = _norm(grads)
        scale = max_norm / norm if norm > max_norm else 1.0
        return [grad * scale for grad in grads], norm * scale

    def without_root(grads, max_norm):
        """平方根を取り忘れている（二乗の和のまま）"""
        norm = _norm(grads) ** 2
        scale = max_norm / norm if norm > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def squared_norm_compared(grads, max_norm):
        """ノルムでなく、ノルムの二乗を max_norm と比べている"""
        norm = _norm(grads)
        scale = max_norm / norm if norm**2 > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def squared_norm_compared_quietly(grads, max_norm):
        """ノルムの二乗が max_norm 以下なら切らない（大きくはしない）"""
        norm = _norm(grads)
        scale = min(1.0, max_norm / norm) if norm**2 > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def large_epsilon(grads, max_norm):
        """分母に足す数が大きすぎる（0.001）"""
        norm = _norm(grads)
        return [grad * min(1.0, max_norm / (norm + 1e-3)) for grad in grads], norm

    def sum_of_norms(grads, max_norm):
        """全体のノルムでなく、テンソルごとのノルムの和を使っている"""
        norm = sum(_norm([grad]) for grad in grads)
        scale = max_norm / norm if norm > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def largest_norm(grads, max_norm):
        """全体のノルムでなく、いちばん大きいテンソルのノルムを使っている"""
        norm = max(_norm([grad]) for grad in grads)
        scale = max_norm / norm if norm > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def absolute_values(grads, max_norm):
        """二乗でなく絶対値を足している"""
        norm = sum(grad.abs().sum().item() for grad in grads)
        scale = max_norm / norm if norm > max_norm else 1.0
        return [grad * scale for grad in grads], norm

    def unit_norm(grads, max_norm):
        """max_norm を掛け忘れ、ノルムを 1 にしている"""
        norm = _norm(grads)
        return [grad / norm if norm > max_norm else grad for grad in grads], norm

    def in_place(grads, max_norm):
        """渡された grads に書き込んでいる"""
        norm = _norm(grads)
        for grad in grads:
            grad *= max_norm / norm if norm > max_norm else 1.0
        return grads, norm

    def tensors_only(grads, max_norm):
        """切ったテンソルだけを返し、ノルムを返していない"""
        norm = _norm(grads)
        return [grad * min(1.0, max_norm / max(norm, max_norm)) for grad in grads]


def _hessian(x, w, powers=None, mean=True):
    """損失のヘッセ行列。各誤答はここから外れる。"""
    if powers is None:
        powers = w ** torch.arange(x.shape[1] - 1, -1, -1, dtype=x.dtype)
    by_u = x @ powers
    slopes = torch.stack([by_u, powers.sum().expand_as(by_u)])
    return 2 * slopes @ slopes.T / (len(x) if mean else 1)


def _largest(hessian):
    return torch.linalg.eigvalsh(hessian)[-1].item()


class largest_learning_rate:
    def newton_step(x, w):
        """2 / λ でなく 1 / λ を返している（1 歩で底に着く学習率）"""
        return 1 / _largest(_hessian(x, w))

    def curvature_without_two(x, w):
        """二乗を微分した 2 を忘れている（境目の 2 倍になる）"""
        return 4 / _largest(_hessian(x, w))

    def smallest_eigenvalue(x, w):
        """ヘッセ行列の最大でなく、最小の固有値を使っている"""
        return 2 / torch.linalg.eigvalsh(_hessian(x, w))[0].item()

    def trace(x, w):
        """最大の固有値でなく、固有値の和を使っている"""
        return 2 / torch.trace(_hessian(x, w)).item()

    def u_only(x, w):
        """b も動くことを忘れ、u の曲がり方だけを使っている"""
        return 2 / _hessian(x, w)[0, 0].item()

    def b_only(x, w):
        """u と b が一緒に動くこと（非対角の項）を忘れ、片方の曲がり方だけを使っている"""
        return 2 / _hessian(x, w)[1, 1].item()

    def summed_loss(x, w):
        """系列について平均せず、足した損失で考えている"""
        return 2 / _largest(_hessian(x, w, mean=False))

    def reversed_time(x, w):
        """重みの冪が逆（最初の入力に w^0 を掛けている）"""
        powers = w ** torch.arange(x.shape[1], dtype=x.dtype)
        return 2 / _largest(_hessian(x, w, powers))

    def one_power_more(x, w):
        """最後の入力にも w を掛けている（冪が 1 つ多い）"""
        powers = w ** torch.arange(x.shape[1], 0, -1, dtype=x.dtype)
        return 2 / _largest(_hessian(x, w, powers))

    def last_step_only(x, w):
        """w を無視し、最後の入力だけで考えている"""
        powers = torch.zeros(x.shape[1], dtype=x.dtype)
        powers[-1] = 1
        return 2 / _largest(_hessian(x, w, powers))

    def last_input_only(x, w):
        """u については最後の入力だけ、b については全時刻を数えている"""
        powers = w ** torch.arange(x.shape[1] - 1, -1, -1, dtype=x.dtype)
        slopes = torch.stack([x[:, -1], powers.sum().expand(len(x))])
        return 2 / _largest(2 * slopes @ slopes.T / len(x))
