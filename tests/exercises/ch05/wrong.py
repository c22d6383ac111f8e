"""「双方向 RNN」の誤答。"""

import torch


def _run(x, h, w_ih, w_hh, b_ih, b_hh):
    """x を前から読む RNN の、すべての隠れ状態 (B, T, H)。"""
    states = []
    for each in x.unbind(1):
        h = torch.tanh(each @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        states.append(h)
    return torch.stack(states, 1)


def _both(x, h0, ahead, behind):
    """正しい順方向と逆方向の隠れ状態。どちらも時刻の順に並ぶ。"""
    return _run(x, h0[0], *ahead), _run(x.flip(1), h0[1], *behind).flip(1)


def _join(forward, backward):
    """正しい戻り値。"""
    return torch.cat([forward, backward], 2), torch.stack([forward[:, -1], backward[:, 0]])


class bidirectional_rnn:
    def not_reversed_back(x, h0, ahead, behind):
        """逆方向の隠れ状態を、反転し直さずに並べている（時刻がそろっていない）"""
        forward, backward = _both(x, h0, ahead, behind)
        _, h_n = _join(forward, backward)
        return torch.cat([forward, backward.flip(1)], 2), h_n

    def never_reversed(x, h0, ahead, behind):
        """逆方向も、系列を前から読んでいる"""
        forward, backward = _run(x, h0[0], *ahead), _run(x, h0[1], *behind)
        return torch.cat([forward, backward], 2), torch.stack([forward[:, -1], backward[:, -1]])

    def reversed_output_only(x, h0, ahead, behind):
        """逆方向も系列を前から読み、結果だけを反転している"""
        forward, backward = _run(x, h0[0], *ahead), _run(x, h0[1], *behind)
        h_n = torch.stack([forward[:, -1], backward[:, -1]])
        return torch.cat([forward, backward.flip(1)], 2), h_n

    def everything_reversed_back(x, h0, ahead, behind):
        """つなげた後で、順方向もいっしょに反転し直している"""
        forward, backward = _both(x, h0, ahead, behind)
        _, h_n = _join(forward, backward)
        return torch.cat([forward, backward.flip(1)], 2).flip(1), h_n

    def forward_reversed(x, h0, ahead, behind):
        """順方向と逆方向が逆（前半が、後ろから読んだもの）"""
        forward, backward = _both(x, h0, behind, ahead)
        backward, forward = _run(x.flip(1), h0[0], *ahead).flip(1), _run(x, h0[1], *behind)
        h_n = torch.stack([backward[:, 0], forward[:, -1]])
        return torch.cat([backward, forward], 2), h_n

    def batch_flipped(x, h0, ahead, behind):
        """時刻の軸でなく、系列の軸（dim=0）で反転している"""
        forward = _run(x, h0[0], *ahead)
        backward = _run(x.flip(0), h0[1], *behind).flip(0)
        h_n = torch.stack([forward[:, -1], backward.flip(0)[:, -1]])
        return torch.cat([forward, backward], 2), h_n

    def features_flipped(x, h0, ahead, behind):
        """時刻の軸でなく、特徴の軸（dim=2）で反転している"""
        forward = _run(x, h0[0], *ahead)
        backward = _run(x.flip(2), h0[1], *behind)
        h_n = torch.stack([forward[:, -1], backward[:, -1]])
        return torch.cat([forward, backward.flip(2)], 2), h_n

    def continued(x, h0, ahead, behind):
        """逆方向を、順方向の最後の隠れ状態から始めている"""
        forward = _run(x, h0[0], *ahead)
        return _join(forward, _run(x.flip(1), forward[:, -1], *behind).flip(1))

    def same_weights(x, h0, ahead, behind):
        """逆方向にも、順方向の重みを使っている"""
        return _join(*_both(x, h0, ahead, ahead))

    def weights_swapped(x, h0, ahead, behind):
        """順方向の重みと逆方向の重みが逆"""
        return _join(*_both(x, h0, behind, ahead))

    def states_swapped(x, h0, ahead, behind):
        """h0[0] と h0[1] を取り違えている"""
        return _join(*_both(x, h0.flip(0), ahead, behind))

    def from_zeros(x, h0, ahead, behind):
        """h0 を使わず、0 から始めている"""
        return _join(*_both(x, 0 * h0, ahead, behind))

    def backward_from_zeros(x, h0, ahead, behind):
        """逆方向だけ、h0 を使わず 0 から始めている"""
        return _join(*_both(x, torch.stack([h0[0], 0 * h0[1]]), ahead, behind))

    def same_initial_state(x, h0, ahead, behind):
        """逆方向も h0[0] から始めている"""
        return _join(*_both(x, h0[[0, 0]], ahead, behind))

    def backward_first(x, h0, ahead, behind):
        """output の前半が逆方向、後半が順方向になっている"""
        forward, backward = _both(x, h0, ahead, behind)
        return torch.cat([backward, forward], 2), _join(forward, backward)[1]

    def interleaved(x, h0, ahead, behind):
        """output で、2 つの方向の成分が 1 つおきに並んでいる"""
        forward, backward = _both(x, h0, ahead, behind)
        return torch.stack([forward, backward], 3).flatten(2), _join(forward, backward)[1]

    def added(x, h0, ahead, behind):
        """2 つの方向をつなげず、足している"""
        forward, backward = _both(x, h0, ahead, behind)
        return forward + backward, _join(forward, backward)[1]

    def joined_in_time(x, h0, ahead, behind):
        """2 つの方向を、特徴の軸でなく時刻の軸でつなげている"""
        forward, backward = _both(x, h0, ahead, behind)
        return torch.cat([forward, backward], 1), _join(forward, backward)[1]

    def h_n_at_last_time(x, h0, ahead, behind):
        """逆方向の h_n を、output の最後の時刻から取っている（1 時刻しか読んでいない状態）"""
        forward, backward = _both(x, h0, ahead, behind)
        h_n = torch.stack([forward[:, -1], backward[:, -1]])
        return torch.cat([forward, backward], 2), h_n

    def h_n_at_first_time(x, h0, ahead, behind):
        """順方向の h_n も、最初の時刻から取っている"""
        forward, backward = _both(x, h0, ahead, behind)
        return torch.cat([forward, backward], 2), torch.stack([forward[:, 0], backward[:, 0]])

    def h_n_backward_first(x, h0, ahead, behind):
        """h_n が（逆方向、順方向）の順になっている"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n.flip(0)

    def h_n_forward_twice(x, h0, ahead, behind):
        """h_n の 2 つとも、順方向の最後の隠れ状態になっている"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n[[0, 0]]

    def h_n_joined(x, h0, ahead, behind):
        """h_n を (2, B, H) に重ねず、(B, 2H) につなげている"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, torch.cat([*h_n], 1)

    def h_n_batch_first(x, h0, ahead, behind):
        """h_n を (B, 2, H) の順で返している"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n.transpose(0, 1)

    def h_n_forward_only(x, h0, ahead, behind):
        """h_n に、順方向のものしか入れていない"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n[0]

    def output_only(x, h0, ahead, behind):
        """output だけを返し、h_n を返していない"""
        return _join(*_both(x, h0, ahead, behind))[0]

    def three_values(x, h0, ahead, behind):
        """(output, 順方向の最後, 逆方向の最後) の 3 つを返している"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n[0], h_n[1]

    def time_first(x, h0, ahead, behind):
        """output を (T, B, 2H) の順で返している"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output.transpose(0, 1), h_n

    def backward_late(x, h0, ahead, behind):
        """逆方向の output が 1 時刻ずれている（その時刻の入力を読む前の状態）"""
        forward, backward = _both(x, h0, ahead, behind)
        before = torch.cat([backward[:, 1:], h0[1][:, None]], 1)
        return torch.cat([forward, before], 2), _join(forward, backward)[1]

    def without_tanh(x, h0, ahead, behind):
        """tanh を通していない"""

        def run(x, h, w_ih, w_hh, b_ih, b_hh):
            states = []
            for each in x.unbind(1):
                h = each @ w_ih.T + b_ih + h @ w_hh.T + b_hh
                states.append(h)
            return torch.stack(states, 1)

        return _join(run(x, h0[0], *ahead), run(x.flip(1), h0[1], *behind).flip(1))

    def without_b_hh(x, h0, ahead, behind):
        """b_hh を足し忘れている"""
        ahead, behind = ((*weights[:3], 0 * weights[3]) for weights in (ahead, behind))
        return _join(*_both(x, h0, ahead, behind))

    def w_hh_not_transposed(x, h0, ahead, behind):
        """w_hh の転置を忘れている"""
        ahead, behind = ((a, b.T, c, d) for a, b, c, d in (ahead, behind))
        return _join(*_both(x, h0, ahead, behind))

    def h0_in_place(x, h0, ahead, behind):
        """渡された h0 に書き込んでいる"""
        output, h_n = _join(*_both(x, h0.clone(), ahead, behind))
        h0.data.copy_(h_n)
        return output, h_n

    def backward_detached(x, h0, ahead, behind):
        """逆方向を detach して、勾配を切っている"""
        forward, backward = _both(x, h0, ahead, behind)
        return _join(forward, backward.detach())

    def restarted(x, h0, ahead, behind):
        """150 時刻ごとに、隠れ状態を h0 に戻している"""

        def run(x, h, *weights):
            return torch.cat([_run(part, h, *weights) for part in x.split(150, dim=1)], 1)

        backward = run(x.flip(1), h0[1], *behind).flip(1)
        return _join(run(x, h0[0], *ahead), backward)

    def detached_every_eight(x, h0, ahead, behind):
        """8 時刻ごとに隠れ状態を detach して、勾配を切っている"""

        def run(x, h, *weights):
            parts = []
            for part in x.split(8, dim=1):
                parts.append(_run(part, h, *weights))
                h = parts[-1][:, -1].detach()
            return torch.cat(parts, 1)

        backward = run(x.flip(1), h0[1], *behind).flip(1)
        return _join(run(x, h0[0], *ahead), backward)

    def h_n_detached(x, h0, ahead, behind):
        """h_n を detach して返している"""
        output, h_n = _join(*_both(x, h0, ahead, behind))
        return output, h_n.detach()

    def in_float32(x, h0, ahead, behind):
        """float32 にして計算している"""
        ahead, behind = ([each.float() for each in weights] for weights in (ahead, behind))
        return _join(*_both(x.float(), h0.float(), ahead, behind))


def _halves(output):
    return output.chunk(2, dim=2)


def _pick(states, index):
    """系列 b の、時刻 index[b] の状態。"""
    return states[torch.arange(len(states)), index]


class last_states:
    def last_column(output, lengths):
        """ひな形のまま（誤りが残っている）"""
        return output[:, -1]

    def forward_at_the_end(output, lengths):
        """順方向を、lengths を見ずに output[:, -1] から取っている"""
        forward, backward = _halves(output)
        return torch.cat([forward[:, -1], backward[:, 0]], 1)

    def both_at_length(output, lengths):
        """逆方向も、lengths - 1 の時刻から取っている（1 時刻しか読んでいない状態）"""
        return _pick(output, lengths - 1)

    def backward_at_the_end(output, lengths):
        """逆方向を output[:, -1] から取っている"""
        forward, backward = _halves(output)
        return torch.cat([_pick(forward, lengths - 1), backward[:, -1]], 1)

    def both_at_first(output, lengths):
        """順方向も、最初の時刻から取っている"""
        return output[:, 0]

    def ways_swapped(output, lengths):
        """順方向を最初の時刻から、逆方向を lengths - 1 の時刻から取っている（方向が逆）"""
        forward, backward = _halves(output)
        return torch.cat([forward[:, 0], _pick(backward, lengths - 1)], 1)

    def one_too_late(output, lengths):
        """順方向を、lengths - 1 でなく lengths の添字から取っている"""
        forward, backward = _halves(output)
        return torch.cat([_pick(forward, lengths), backward[:, 0]], 1)

    def both_one_too_late(output, lengths):
        """どちらの方向も、lengths の添字（最後の次の時刻）から取っている"""
        return _pick(output, lengths)

    def one_too_early(output, lengths):
        """順方向を、lengths - 2 の添字から取っている"""
        forward, backward = _halves(output)
        return torch.cat([_pick(forward, lengths - 2), backward[:, 0]], 1)

    def longest(output, lengths):
        """どの系列の順方向も、いちばん長い系列の最後の時刻から取っている"""
        forward, backward = _halves(output)
        return torch.cat([forward[:, lengths.max() - 1], backward[:, 0]], 1)

    def first_length(output, lengths):
        """どの系列の順方向も、最初の系列の長さで取っている"""
        forward, backward = _halves(output)
        return torch.cat([forward[:, lengths[0] - 1], backward[:, 0]], 1)

    def every_pair(output, lengths):
        """output[:, lengths - 1] で、どの系列からも、全員の最後の時刻を取っている"""
        forward, backward = _halves(output)
        later = forward[:, lengths - 1]
        return torch.cat([later, backward[:, :1].expand_as(later)], 2)

    def backward_first(output, lengths):
        """（逆方向、順方向）の順につなげている"""
        forward, backward = _halves(output)
        return torch.cat([backward[:, 0], _pick(forward, lengths - 1)], 1)

    def interleaved(output, lengths):
        """output の半分ずつでなく、1 つおきの成分を順方向とみなしている"""
        forward, backward = output[..., 0::2], output[..., 1::2]
        return torch.cat([_pick(forward, lengths - 1), backward[:, 0]], 1)

    def added(output, lengths):
        """2 つの方向をつなげず、足している"""
        forward, backward = _halves(output)
        return _pick(forward, lengths - 1) + backward[:, 0]

    def stacked(output, lengths):
        """(B, 2H) につなげず、(2, B, H) に重ねている"""
        forward, backward = _halves(output)
        return torch.stack([_pick(forward, lengths - 1), backward[:, 0]])

    def forward_only(output, lengths):
        """順方向だけを返している"""
        return _pick(_halves(output)[0], lengths - 1)

    def time_axis_kept(output, lengths):
        """時刻の軸が残っている（(B, 1, 2H) になる）"""
        forward, backward = _halves(output)
        return torch.cat([_pick(forward, lengths - 1), backward[:, 0]], 1)[:, None]

    def mean(output, lengths):
        """最後の状態でなく、全時刻の平均を返している"""
        return output.mean(1)

    def detached(output, lengths):
        """detach して、勾配を切っている"""
        forward, backward = _halves(output.detach())
        return torch.cat([_pick(forward, lengths - 1), backward[:, 0]], 1)


def _rows(x, lengths, change):
    """系列ごとに、長さまでと残りを ``change`` で並べ替える。"""
    return torch.stack(
        [change(row[:n], row[n:]) for row, n in zip(x, lengths.tolist(), strict=True)]
    )


def _reversed(x, lengths):
    """正しい答え。"""
    return _rows(x, lengths, lambda true, rest: torch.cat([true.flip(0), rest]))


class reverse_sequences:
    def flipped(x, lengths):
        """lengths を見ずに、パディングごと反転している"""
        return x.flip(1)

    def unchanged(x, lengths):
        """反転していない"""
        return x.clone()

    def padding_in_front(x, lengths):
        """反転した系列の前に、パディングを置いている"""
        return _rows(x, lengths, lambda true, rest: torch.cat([rest, true.flip(0)]))

    def padding_zeroed(x, lengths):
        """パディングを残さず、0 にしている"""
        return _rows(x, lengths, lambda true, rest: torch.cat([true.flip(0), 0 * rest]))

    def padding_flipped(x, lengths):
        """パディングの所も、その中で反転している（負の添字が後ろから取っている）"""
        return _rows(x, lengths, lambda true, rest: torch.cat([true.flip(0), rest.flip(0)]))

    def longest(x, lengths):
        """どの系列も、いちばん長い系列の長さで反転している"""
        return _reversed(x, lengths.max().expand_as(lengths))

    def first_length(x, lengths):
        """どの系列も、最初の系列の長さで反転している"""
        return _reversed(x, lengths[0].expand_as(lengths))

    def first_sequence_only(x, lengths):
        """最初の系列しか反転していない"""
        return torch.cat([_reversed(x[:1], lengths[:1]), x[1:]])

    def one_short(x, lengths):
        """最後の 1 つを残し、lengths - 1 時刻だけを反転している"""
        return _reversed(x, lengths - 1)

    def one_long(x, lengths):
        """パディングを 1 つ巻きこみ、lengths + 1 時刻を反転している"""
        return _reversed(x, lengths + 1)

    def rolled(x, lengths):
        """反転せず、時刻をずらしている"""
        return _rows(x, lengths, lambda true, rest: torch.cat([true.roll(1, 0), rest]))

    def negative_index(x, lengths):
        """n - 1 - t の代わりに n - t を添字にしている（1 つずれる）"""
        time = torch.arange(x.shape[1])
        n = lengths[:, None]
        return x[torch.arange(len(x))[:, None], torch.where(time < n, n - time, time) % x.shape[1]]

    def overwritten(x, lengths):
        """書き換えながら読んでいるので、後ろ半分が元に戻っている"""
        result = x.clone()
        for b, n in enumerate(lengths.tolist()):
            for t in range(n):
                result[b, t] = result[b, n - 1 - t].clone()
        return result

    def batch_flipped(x, lengths):
        """時刻でなく、系列の順を反転している"""
        return x.flip(0)

    def features_flipped(x, lengths):
        """時刻でなく、特徴の順を反転している"""
        return x.flip(2)

    def features_flipped_too(x, lengths):
        """時刻だけでなく、特徴の順も反転している"""
        return _rows(x, lengths, lambda true, rest: torch.cat([true.flip(0, 1), rest]))

    def sorted_by_length(x, lengths):
        """系列を長い順に並べ替えて、元の順に戻していない"""
        order = lengths.argsort(descending=True)
        return _reversed(x[order], lengths[order])

    def cut(x, lengths):
        """いちばん長い系列の長さで切り、後ろのパディングを捨てている"""
        return _reversed(x, lengths)[:, : lengths.max()]

    def as_list(x, lengths):
        """パディングを除いた系列のリストを返している"""
        return [row[:n].flip(0) for row, n in zip(x, lengths.tolist(), strict=True)]

    def in_place(x, lengths):
        """渡された x に書き込んでいる"""
        result = _reversed(x, lengths)
        x.data.copy_(result)
        return result

    def detached(x, lengths):
        """detach して、勾配を切っている"""
        return _reversed(x.detach(), lengths)


def _larger(start):
    """(i, k)：k が i より大きければ 1。"""
    symbols = torch.arange(len(start))
    return (symbols > symbols[:, None]).to(start.dtype)


def _ceiling(start, so_far, rest):
    """組の確率で重みを付けた、多いほうのタグの確率の和。"""
    p = _larger(start) @ rest.T
    return float((start[:, None] * so_far * torch.maximum(p, 1 - p)).sum())


def _power(move, n):
    return torch.linalg.matrix_power(move, n)


class best_window_accuracy:
    def three_quarters(start, move, distance, seen):
        """いつも 3/4 としている（正しいのは、記号が一様で独立、1 つ先、種類が偶数のときだけ）"""
        return 0.75

    def one(start, move, distance, seen):
        """両方向を見たときの上限（1）を返している"""
        return 1.0

    def window_ignored(start, move, distance, seen):
        """seen を使わず、今の記号だけから当てている"""
        return _ceiling(start, torch.eye(len(start)), _power(move, distance))

    def current_forgotten(start, move, distance, seen):
        """見えている最後の記号だけを使い、今の記号を忘れている"""
        if seen >= distance:
            return 1.0
        joint = start[:, None] * _power(move, seen)
        ones = (joint * (_larger(start) @ _power(move, distance - seen).T)).sum(0)
        return float(torch.maximum(ones, joint.sum(0) - ones).sum())

    def majority(start, move, distance, seen):
        """何も見ずに、いつも多いほうのタグを答えている"""
        p = float((start[:, None] * _power(move, distance) * _larger(start)).sum())
        return max(p, 1 - p)

    def elementwise_power(start, move, distance, seen):
        """推移の表を、行列の積でなく、要素ごとに累乗している"""
        if seen >= distance:
            return 1.0
        return _ceiling(start, move**seen, move ** (distance - seen))

    def transposed(start, move, distance, seen):
        """推移の表の行と列（今と次）を取り違えている"""
        if seen >= distance:
            return 1.0
        return _ceiling(start, _power(move.T, seen), _power(move.T, distance - seen))

    def one_step(start, move, distance, seen):
        """distance を見ず、いつも 1 つ先の記号で決まるとしている"""
        if seen >= distance:
            return 1.0
        return _ceiling(start, _power(move, seen), move)

    def counted_from_now(start, move, distance, seen):
        """残りを distance - seen でなく、distance としている"""
        if seen >= distance:
            return 1.0
        return _ceiling(start, _power(move, seen), _power(move, distance))

    def inverse(start, move, distance, seen):
        """seen が distance を超えたとき、表を負の回数だけ掛けている（逆行列になる）"""
        if seen == distance:
            return 1.0
        inverse = torch.linalg.pinv(move)
        rest = _power(move if seen < distance else inverse, abs(distance - seen))
        return _ceiling(start, _power(move, seen), rest)

    def ties_are_one(start, move, distance, seen):
        """記号が同じときを、タグ 0 でなく 1 に数えている"""
        if seen >= distance:
            return 1.0
        p = (_larger(start) + torch.eye(len(start))) @ _power(move, distance - seen).T
        joint = start[:, None] * _power(move, seen)
        return float((joint * torch.maximum(p, 1 - p)).sum())

    def matching(start, move, distance, seen):
        """確率の高いほうを答えず、確率のとおりに 1 と 0 を答え分けている"""
        if seen >= distance:
            return 1.0
        p = _larger(start) @ _power(move, distance - seen).T
        joint = start[:, None] * _power(move, seen)
        return float((joint * (p**2 + (1 - p) ** 2)).sum())

    def lower_chosen(start, move, distance, seen):
        """確率の高いほうでなく、低いほうを選んでいる"""
        if seen >= distance:
            return 0.0
        p = _larger(start) @ _power(move, distance - seen).T
        joint = start[:, None] * _power(move, seen)
        return float((joint * torch.minimum(p, 1 - p)).sum())

    def uniform_start(start, move, distance, seen):
        """start を使わず、今の記号はどれも同じ確率だとしている"""
        if seen >= distance:
            return 1.0
        even = torch.full_like(start, 1 / len(start))
        return _ceiling(even, _power(move, seen), _power(move, distance - seen))

    def independent(start, move, distance, seen):
        """推移の表を使わず、どの記号も start から独立に選ばれるとしている"""
        if seen >= distance:
            return 1.0
        even = start.expand(len(start), -1)
        return _ceiling(start, even, even)

    def divided_by_zero(start, move, distance, seen):
        """起こらない組の条件付き確率を求めようとして、0 ÷ 0 で nan になっている"""
        if seen >= distance:
            return 1.0
        joint = start[:, None] * _power(move, seen)
        p = joint * (_larger(start) @ _power(move, distance - seen).T) / joint
        return float((joint * torch.maximum(p, 1 - p)).sum())

    def percent(start, move, distance, seen):
        """割合でなく、% で返している"""
        if seen >= distance:
            return 100.0
        return 100 * _ceiling(start, _power(move, seen), _power(move, distance - seen))

    def rounded(start, move, distance, seen):
        """小数 2 桁に丸めている"""
        if seen >= distance:
            return 1.0
        return round(_ceiling(start, _power(move, seen), _power(move, distance - seen)), 2)


def _zero(states):
    return torch.zeros_like(states[:, :1])


def _later(states):
    """時刻 t に、1 つ前の時刻の状態を置く。"""
    return torch.cat([_zero(states), states[:, :-1]], 1)


def _earlier(states):
    """時刻 t に、1 つ後の時刻の状態を置く。"""
    return torch.cat([states[:, 1:], _zero(states)], 1)


class cloze_states:
    def both_from_before(lstm, x):
        """ひな形のまま（誤りが残っている）"""
        return _later(lstm(x)[0])

    def both_from_after(lstm, x):
        """両方の向きとも、時刻 t + 1 の出力から取っている（順方向が、時刻 t の語を読んでいる）"""
        return _earlier(lstm(x)[0])

    def not_shifted(lstm, x):
        """時刻 t の出力をそのまま返している（どちらの向きも、時刻 t の語を読んでいる）"""
        return lstm(x)[0]

    def backward_not_shifted(lstm, x):
        """順方向だけをずらしている（逆方向が、時刻 t の語を読んでいる）"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([_later(forward), backward], 2)

    def forward_not_shifted(lstm, x):
        """逆方向だけをずらしている（順方向が、時刻 t の語を読んでいる）"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([forward, _earlier(backward)], 2)

    def shifted_the_other_way(lstm, x):
        """ずらす向きが逆（順方向を時刻 t + 1 から、逆方向を時刻 t - 1 から取っている）"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([_earlier(forward), _later(backward)], 2)

    def shifted_twice(lstm, x):
        """2 時刻ずらしている（となりの語を読んでいない）"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([_later(_later(forward)), _earlier(_earlier(backward))], 2)

    def wrapped(lstm, x):
        """roll でずらしただけで、端に反対の端の状態が回り込んでいる"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([forward.roll(1, 1), backward.roll(-1, 1)], 2)

    def ends_repeated(lstm, x):
        """端を 0 にせず、いちばん近い状態を繰り返している"""
        forward, backward = _halves(lstm(x)[0])
        before = torch.cat([forward[:, :1], forward[:, :-1]], 1)
        after = torch.cat([backward[:, 1:], backward[:, -1:]], 1)
        return torch.cat([before, after], 2)

    def ends_dropped(lstm, x):
        """端の時刻を返さず、両側に語がある時刻だけを返している"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([forward[:, :-2], backward[:, 2:]], 2)

    def word_zeroed(lstm, x):
        """当てる語を 0 にして読ませている（読まずに済ませたことにはならない）"""
        rows = []
        for t in range(x.shape[1]):
            hidden = x.clone()
            hidden[:, t] = 0
            rows.append(lstm(hidden)[0][:, t])
        return torch.stack(rows, 1)

    def backward_first(lstm, x):
        """（逆方向、順方向）の順につなげている"""
        forward, backward = _halves(lstm(x)[0])
        return torch.cat([_earlier(backward), _later(forward)], 2)

    def interleaved(lstm, x):
        """output の半分ずつでなく、1 つおきの成分を順方向とみなしている"""
        output, _ = lstm(x)
        return torch.cat([_later(output[..., 0::2]), _earlier(output[..., 1::2])], 2)

    def added(lstm, x):
        """2 つの方向をつなげず、足している"""
        forward, backward = _halves(lstm(x)[0])
        return _later(forward) + _earlier(backward)

    def training_mode(lstm, x):
        """渡された lstm を、訓練のモードに変えている"""
        forward, backward = _halves(lstm.train()(x)[0])
        return torch.cat([_later(forward), _earlier(backward)], 2)

    def detached(lstm, x):
        """detach して、勾配を切っている"""
        forward, backward = _halves(lstm(x)[0].detach())
        return torch.cat([_later(forward), _earlier(backward)], 2)

    def weights_detached(lstm, x):
        """重みを切り離していて、lstm が学べない（state_dict で作り直した層を読ませるのも同じ）"""
        weights = {name: each.detach() for name, each in lstm.named_parameters()}
        forward, backward = _halves(torch.func.functional_call(lstm, weights, (x,))[0])
        return torch.cat([_later(forward), _earlier(backward)], 2)
