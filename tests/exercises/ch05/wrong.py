"""「双方向 RNN」の誤答。"""

from fractions import Fraction

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
        """どちらの方向も、output[:, -1]（パディングの所）から取っている"""
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


class best_one_way_accuracy:
    def three_quarters(symbols):
        """いつも 3/4 としている（正しいのは、記号の数が偶数のときだけ）"""
        return Fraction(3, 4)

    def one(symbols):
        """両方向を見たときの上限（1）を返している"""
        return Fraction(1)

    def half(symbols):
        """タグが五分五分で、何も手がかりがないとしている（1/2）"""
        return Fraction(1, 2)

    def majority(symbols):
        """今の記号を見ずに、いつも多いほうのタグ（0）を答えている"""
        return Fraction(symbols + 1, 2 * symbols)

    def always_larger(symbols):
        """いつも 1（次のほうが大きい）と答えている"""
        return Fraction(symbols - 1, 2 * symbols)

    def wrong_choice(symbols):
        """確率の高いほうでなく、低いほうを選んでいる"""
        return sum(Fraction(min(symbols - 1 - k, k + 1), symbols**2) for k in range(symbols))

    def matching(symbols):
        """確率の高いほうを答えず、確率のとおりに 1 と 0 を答え分けている"""
        ones = [Fraction(symbols - 1 - k, symbols) for k in range(symbols)]
        return sum(p**2 + (1 - p) ** 2 for p in ones) / symbols

    def without_ties(symbols):
        """次の記号が今と同じになることはない、としている"""
        best = (max(symbols - 1 - k, k) for k in range(symbols))
        return Fraction(sum(best), symbols * (symbols - 1))

    def ties_lost(symbols):
        """次の記号が今と同じとき（タグは 0）を、当たりに数えていない"""
        return Fraction(sum(max(symbols - 1 - k, k) for k in range(symbols)), symbols**2)

    def both_sides_count_ties(symbols):
        """次の記号が今と同じときを、0 にも 1 にも数えている"""
        return Fraction(sum(max(symbols - k, k + 1) for k in range(symbols)), symbols**2)

    def one_to_symbols(symbols):
        """記号が 0 からでなく 1 から始まるとして、k = 1, …, K を 0 からの式に入れている"""
        best = (max(symbols - 1 - k, k + 1) for k in range(1, symbols + 1))
        return Fraction(sum(best), symbols**2)

    def last_symbol_missing(symbols):
        """最後の記号 K - 1 を数えていない"""
        best = (max(symbols - 1 - k, k + 1) for k in range(symbols - 1))
        return Fraction(sum(best), symbols**2)

    def divided_once(symbols):
        """symbols で一度しか割っていない"""
        return Fraction(sum(max(symbols - 1 - k, k + 1) for k in range(symbols)), symbols)

    def percent(symbols):
        """割合でなく、% で返している"""
        best = sum(max(symbols - 1 - k, k + 1) for k in range(symbols))
        return 100 * best / symbols**2

    def rounded(symbols):
        """小数 2 桁に丸めている"""
        return round(sum(max(symbols - 1 - k, k + 1) for k in range(symbols)) / symbols**2, 2)
