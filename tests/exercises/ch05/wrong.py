"""「双方向 RNN」の誤答。"""

import copy

import torch

from lstm_text import IGNORE


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


def _reversed(x, lengths):
    """系列ごとに、長さまでを反転し、パディングを後ろに残したもの。"""
    rows = zip(x, lengths.tolist(), strict=True)
    return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in rows])


def _inside(output, lengths):
    """パディングの所を 0 にする。"""
    inside = torch.arange(output.shape[1]) < lengths[:, None]
    return output * inside[:, :, None]


def _backward(layer, x, lengths):
    """正しい答え。"""
    return _inside(_reversed(layer(_reversed(x, lengths))[0], lengths), lengths)


class backward_states:
    def forward(layer, x, lengths):
        """反転せず、そのまま読ませている（順方向の出力）"""
        return _inside(layer(x)[0], lengths)

    def reading_order(layer, x, lengths):
        """読んだあとに反転していない（出力が、時刻の順でなく読んだ順）"""
        return _inside(layer(_reversed(x, lengths))[0], lengths)

    def only_after(layer, x, lengths):
        """読む前に反転していない（順方向に読んだ出力を、逆に並べている）"""
        return _inside(_reversed(layer(x)[0], lengths), lengths)

    def flipped(layer, x, lengths):
        """lengths を見ずに、パディングごと反転して読ませ、反転して戻している"""
        return layer(x.flip(1))[0].flip(1)

    def padding_first(layer, x, lengths):
        """x.flip(1) で反転していて、本文より先にパディングを読んでいる"""
        return _inside(layer(x.flip(1))[0].flip(1), lengths)

    def zeros_first(layer, x, lengths):
        """パディングを 0 にしてから flip で反転している（0 でも、読めば状態が動く）"""
        return _inside(layer(_inside(x, lengths).flip(1))[0].flip(1), lengths)

    def flipped_back_with_padding(layer, x, lengths):
        """出力を戻すときに、パディングごと flip(1) で反転している"""
        return _inside(layer(_reversed(x, lengths))[0].flip(1), lengths)

    def padding_kept(layer, x, lengths):
        """パディングの所の出力を、0 にしていない"""
        return _reversed(layer(_reversed(x, lengths))[0], lengths)

    def longest(layer, x, lengths):
        """どの系列も、いちばん長い系列の長さで反転している"""
        most = lengths.max().expand_as(lengths)
        return _inside(_reversed(layer(_reversed(x, most))[0], most), lengths)

    def first_length(layer, x, lengths):
        """どの系列も、最初の系列の長さで反転している"""
        return _backward(layer, x, lengths[0].expand_as(lengths))

    def one_short(layer, x, lengths):
        """最後の語を読み落とし、lengths - 1 時刻だけを反転している"""
        return _backward(layer, x, lengths - 1)

    def shifted(layer, x, lengths):
        """1 時刻ずれている（時刻 t に、時刻 t + 1 までを読んだ状態を置いている）"""
        states = _backward(layer, x, lengths)
        return torch.cat([states[:, 1:], torch.zeros_like(states[:, :1])], 1)

    def both_ways(layer, x, lengths):
        """順方向の出力も並べて、(B, T, 2H) にしている"""
        return torch.cat([_inside(layer(x)[0], lengths), _backward(layer, x, lengths)], 2)

    def last_only(layer, x, lengths):
        """各時刻の出力でなく、読み終えた状態 (B, H) だけを返している"""
        return _backward(layer, x, lengths)[:, 0]

    def last_repeated(layer, x, lengths):
        """読み終えた状態を、どの時刻にも並べている"""
        states = _backward(layer, x, lengths)
        return _inside(states[:, :1].expand_as(states), lengths)

    def batch_flipped(layer, x, lengths):
        """時刻でなく、系列の順を反転している"""
        return _inside(layer(x.flip(0))[0].flip(0), lengths.flip(0))

    def features_flipped(layer, x, lengths):
        """時刻だけでなく、出力のユニットの順も反転している"""
        return _backward(layer, x, lengths).flip(2)

    def sorted_by_length(layer, x, lengths):
        """系列を長い順に並べ替えて、元の順に戻していない"""
        order = lengths.argsort(descending=True)
        return _backward(layer, x[order], lengths[order])

    def time_first(layer, x, lengths):
        """(T, B, H) の順に返している"""
        return _backward(layer, x, lengths).transpose(0, 1)

    def cut(layer, x, lengths):
        """いちばん長い系列の長さで切り、後ろのパディングを捨てている"""
        return _backward(layer, x, lengths)[:, : lengths.max()]

    def as_list(layer, x, lengths):
        """パディングを除いた系列のリストを返している"""
        states = _backward(layer, x, lengths)
        return [row[:n] for row, n in zip(states, lengths.tolist(), strict=True)]

    def in_place(layer, x, lengths):
        """渡された引数に書き込んでいる"""
        result = _backward(layer, x, lengths)
        x.data.copy_(_reversed(x, lengths))
        return result

    def detached(layer, x, lengths):
        """detach して、勾配を切っている"""
        return _backward(layer, x, lengths).detach()

    def weights_detached(layer, x, lengths):
        """重みを写した別の層に読ませていて、layer が学べない"""
        return _backward(copy.deepcopy(layer), x, lengths)


def _zeros(x, steps):
    return x.new_zeros(len(x), steps, x.shape[2])


def _longer(x, steps):
    """正しい x。"""
    return torch.cat([x, _zeros(x, steps)], 1)


def _empty(tags, steps):
    return tags.new_full((len(tags), steps), IGNORE)


def _delayed(tags, steps):
    """正しいタグ。"""
    return torch.cat([_empty(tags, steps), tags], 1)


class delay:
    def tags_not_shifted(x, tags, steps):
        """タグをずらさず、後ろに IGNORE を足している（少しも遅れていない）"""
        return _longer(x, steps), torch.cat([tags, _empty(tags, steps)], 1)

    def both_shifted(x, tags, steps):
        """0 を x の前に足している（x も遅れるので、時刻 t より先を読めない）"""
        return torch.cat([_zeros(x, steps), x], 1), _delayed(tags, steps)

    def x_shifted(x, tags, steps):
        """タグでなく x をずらしている（時刻 t のタグを、時刻 t を読む前に答えることになる）"""
        return torch.cat([_zeros(x, steps), x], 1), torch.cat([tags, _empty(tags, steps)], 1)

    def filled_with_zero(x, tags, steps):
        """タグの空いた所を、IGNORE でなく 0 にしている（損失に数えられる）"""
        return _longer(x, steps), torch.cat([0 * _empty(tags, steps), tags], 1)

    def zeros_replaced(x, tags, steps):
        """空いた所を 0 で埋めてから IGNORE に替えていて、本当のタグの 0 まで消えている"""
        later = torch.cat([0 * _empty(tags, steps), tags], 1)
        return _longer(x, steps), later.masked_fill(later == 0, IGNORE)

    def filled_with_first(x, tags, steps):
        """タグの空いた所に、IGNORE でなく、初めのタグを並べている"""
        return _longer(x, steps), torch.cat([tags[:, :1].expand(-1, steps), tags], 1)

    def rolled(x, tags, steps):
        """タグの空いた所に、IGNORE でなく、終わりのタグが回り込んでいる"""
        return _longer(x, steps), torch.cat([tags[:, -steps:], tags], 1)

    def overwritten(x, tags, steps):
        """タグをずらさず、初めの steps 個を IGNORE で上書きしている"""
        later = torch.cat([tags, _empty(tags, steps)], 1)
        later[:, :steps] = IGNORE
        return _longer(x, steps), later

    def cut(x, tags, steps):
        """x を延ばさず、T 時刻で切っている（終わりの steps 個のタグが消える）"""
        return x.clone(), _delayed(tags, steps)[:, : x.shape[1]]

    def x_not_extended(x, tags, steps):
        """x を延ばしていない（タグのほうが長くなる）"""
        return x.clone(), _delayed(tags, steps)

    def last_repeated(x, tags, steps):
        """x の後ろに、0 でなく、最後の時刻を繰り返している"""
        return torch.cat([x, x[:, -1:].expand(-1, steps, -1)], 1), _delayed(tags, steps)

    def ignored_in_x(x, tags, steps):
        """x の後ろにも、0 でなく IGNORE を足している"""
        return torch.cat([x, _zeros(x, steps) + IGNORE], 1), _delayed(tags, steps)

    def always_one(x, tags, steps):
        """steps を見ず、いつも 1 時刻だけ遅らせている"""
        return _longer(x, 1), _delayed(tags, 1)

    def never_zero(x, tags, steps):
        """steps が 0 のときにも、1 時刻遅らせている"""
        return _longer(x, max(steps, 1)), _delayed(tags, max(steps, 1))

    def twice(x, tags, steps):
        """steps の 2 倍遅らせている"""
        return _longer(x, 2 * steps), _delayed(tags, 2 * steps)

    def wider(x, tags, steps):
        """0 を、時刻の軸でなく特徴の軸に足している"""
        return torch.cat([x, x.new_zeros(*x.shape[:2], steps)], 2), _delayed(tags, steps)

    def swapped(x, tags, steps):
        """（タグ、x）の順に返している"""
        return _delayed(tags, steps), _longer(x, steps)

    def x_only(x, tags, steps):
        """x だけを返し、タグを返していない"""
        return _longer(x, steps)

    def float_tags(x, tags, steps):
        """タグが小数になっている（torch.zeros や torch.full の型）"""
        return _longer(x, steps), _delayed(tags, steps).to(x.dtype)

    def detached(x, tags, steps):
        """detach して、勾配を切っている"""
        return _longer(x.detach(), steps), _delayed(tags, steps)


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
