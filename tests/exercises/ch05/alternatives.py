"""「双方向 RNN」の別の正しい答え。"""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def _step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(F.linear(x, w_ih, b_ih) + F.linear(h, w_hh, b_hh))


class bidirectional_rnn:
    def filled_in(x, h0, forward_weights, backward_weights):
        """先に作った output に、順方向は前から、逆方向は後ろから書き込む"""
        size = h0.shape[2]
        output = x.new_zeros(x.shape[0], x.shape[1], 2 * size)
        ahead, behind = h0
        for t in range(x.shape[1]):
            ahead = _step(x[:, t], ahead, *forward_weights)
            output[:, t, :size] = ahead
        for t in reversed(range(x.shape[1])):
            behind = _step(x[:, t], behind, *backward_weights)
            output[:, t, size:] = behind
        return output, torch.stack([ahead, behind])

    def inserted_in_front(x, h0, forward_weights, backward_weights):
        """逆方向の状態をリストの先頭へ足し、最後の状態を output から取る"""
        forward, backward = [], []
        for each in x.unbind(1):
            forward.append(_step(each, forward[-1] if forward else h0[0], *forward_weights))
        for each in x.unbind(1)[::-1]:
            backward.insert(0, _step(each, backward[0] if backward else h0[1], *backward_weights))
        output = torch.cat([torch.stack(forward, 1), torch.stack(backward, 1)], -1)
        size = h0.shape[-1]
        return [output, torch.stack([output[:, -1, :size], output[:, 0, size:]])]

    def one_by_one(x, h0, *weights):
        """系列を 1 つずつ進める"""
        pairs = [
            bidirectional_rnn.filled_in(x[b : b + 1], h0[:, b : b + 1], *weights)
            for b in range(x.shape[0])
        ]
        outputs, ends = zip(*pairs, strict=True)
        return torch.cat(outputs), torch.cat(ends, 1)

    def both_at_once(x, h0, forward_weights, backward_weights):
        """2 つの方向を重ね、行列積を bmm で一度に進める"""
        pairs = zip(forward_weights, backward_weights, strict=True)
        w_ih, w_hh, b_ih, b_hh = (torch.stack(pair) for pair in pairs)
        both = torch.stack([x, x.flip(1)])
        h, states = h0, []
        for t in range(x.shape[1]):
            inner = both[:, :, t] @ w_ih.mT + h @ w_hh.mT + (b_ih + b_hh).unsqueeze(1)
            h = inner.tanh()
            states.append(h)
        forward, backward = torch.stack(states, 2)
        return torch.cat([forward, backward.flip(1)], 2), h

    def torch_layer(x, h0, forward_weights, backward_weights):
        """nn.RNN に重みを入れて使う"""
        size = h0.shape[2]
        layer = nn.RNN(x.shape[2], size, batch_first=True, bidirectional=True, dtype=x.dtype)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        values = dict(zip(names, forward_weights, strict=True))
        values |= {f"{n}_reverse": w for n, w in zip(names, backward_weights, strict=True)}
        return torch.func.functional_call(layer, values, (x, h0))


class last_states:
    def one_by_one(output, lengths):
        """系列を 1 つずつ見る"""
        size = output.shape[2] // 2
        rows = [
            torch.cat([output[b, int(lengths[b]) - 1, :size], output[b, 0, size:]])
            for b in range(output.shape[0])
        ]
        return torch.stack(rows)

    def gathered(output, lengths):
        """gather で取り出す"""
        forward, backward = output.unflatten(2, (2, -1)).unbind(2)
        index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, forward.shape[2])
        return torch.hstack([forward.gather(1, index).squeeze(1), backward[:, 0, :]])

    def one_hot(output, lengths):
        """どの時刻を取るかを 0 と 1 の重みにして足す"""
        size = output.shape[2] // 2
        pick = F.one_hot(lengths - 1, output.shape[1]).to(output.dtype)
        forward = torch.einsum("bt,bth->bh", pick, output[..., :size])
        return torch.cat([forward, output[:, 0, size:]], dim=-1)

    def overwritten(output, lengths):
        """最初の時刻を写し、順方向の半分だけを書き換える"""
        result = output[:, 0].clone()
        size = output.shape[2] // 2
        for b, length in enumerate(lengths.tolist()):
            result[b, :size] = output[b, length - 1, :size]
        return result


class reverse_sequences:
    def flipped_parts(x, lengths):
        """系列ごとに、反転した前半とパディングをつなぐ"""
        rows = [
            torch.cat([row[:length].flip(0), row[length:]])
            for row, length in zip(x, lengths.tolist(), strict=True)
        ]
        return torch.stack(rows)

    def gathered(x, lengths):
        """全体を反転した位置を、長さのぶんだけずらして gather する"""
        steps = x.shape[1]
        time = torch.arange(steps).expand(x.shape[0], steps)
        source = (lengths[:, None] - 1 - time) % steps
        source = torch.where(time < lengths[:, None], source, time)
        return x.gather(1, source[:, :, None].expand_as(x))

    def written_into_copy(x, lengths):
        """写しに、時刻を 1 つずつ書き込む"""
        result = x.clone()
        for b in range(x.shape[0]):
            n = int(lengths[b])
            for t in range(n):
                result[b, n - 1 - t] = x[b, t]
        return result

    def permutation_matrices(x, lengths):
        """並べ替えの行列を掛ける"""
        steps = x.shape[1]
        rows = []
        for each, length in zip(x, lengths.tolist(), strict=True):
            order = [*reversed(range(length)), *range(length, steps)]
            rows.append(torch.eye(steps, dtype=x.dtype)[order] @ each)
        return torch.stack(rows)


class best_window_accuracy:
    def every_sequence(start, move, distance, seen):
        """列をすべて並べ、見える部分ごとにタグの確率を集める"""
        first, step = start.tolist(), move.tolist()
        tags = {}
        for row in product(range(len(first)), repeat=distance + 1):
            p = first[row[0]]
            for t in range(distance):
                p *= step[row[t]][row[t + 1]]
            pair = tags.setdefault(row[: seen + 1], [0.0, 0.0])
            pair[row[distance] > row[0]] += p
        return sum(max(pair) for pair in tags.values())

    def float_table(start, move, distance, seen):
        """大小の表を float() で作る（float32 の推移の表としか掛けられない）"""
        if seen >= distance:
            return 1.0
        symbols = torch.arange(len(start))
        larger = (symbols > symbols[:, None]).float()
        p = larger @ torch.linalg.matrix_power(move, distance - seen).T
        joint = start[:, None] * torch.linalg.matrix_power(move, seen)
        return (joint * torch.maximum(p, 1 - p)).sum().item()

    def double_table(start, move, distance, seen):
        """大小の表を double() で作る（float64 の推移の表としか掛けられない）"""
        if seen >= distance:
            return 1.0
        larger = torch.ones_like(move).triu(1).double()
        p = larger @ torch.linalg.matrix_power(move, distance - seen).T
        joint = start[:, None] * torch.linalg.matrix_power(move, seen)
        return float((joint * torch.maximum(p, 1 - p)).sum())

    def in_float32(start, move, distance, seen):
        """どちらの表も float32 に直してから計算する"""
        return best_window_accuracy.stepped(start.float(), move.float(), distance, seen)

    def joint_table(start, move, distance, seen):
        """今、見えている最後、タグを決める記号の 3 つの同時確率の表を einsum で作る"""
        seen = min(seen, distance)
        so_far, rest = (np.linalg.matrix_power(move.numpy(), n) for n in (seen, distance - seen))
        joint = np.einsum("i,ij,jk->ijk", start.numpy(), so_far, rest)
        now, after = np.arange(len(start))[:, None], np.arange(len(start))
        ones = np.where((after > now)[:, None, :], joint, 0).sum(2)
        return np.maximum(ones, joint.sum(2) - ones).sum()

    def stepped(start, move, distance, seen):
        """今の記号を 1 つずつ決め、分布を 1 時刻ずつ進める"""
        total = 0.0
        for now in range(len(start)):
            reached = torch.eye(len(start), dtype=move.dtype)[now]
            for _ in range(seen):
                reached = reached @ move
            tag = (torch.arange(len(start)) > now).to(move.dtype)
            for _ in range(distance - seen):
                tag = move @ tag
            best = 1.0 if seen >= distance else reached @ torch.maximum(tag, 1 - tag)
            total += float(start[now]) * float(best)
        return total

    def from_conditionals(start, move, distance, seen):
        """起こる組だけについて、条件付き確率から求める。0 次元のテンソルで返す"""
        seen = min(seen, distance)
        total = torch.zeros((), dtype=move.dtype)
        joint = start[:, None] * torch.linalg.matrix_power(move, seen)
        rest = torch.linalg.matrix_power(move, distance - seen)
        for now, last in joint.nonzero().tolist():
            p = rest[last, now + 1 :].sum()
            total += joint[now, last] * max(p, 1 - p)
        return total


class cloze_states:
    def read_again(lstm, x):
        """時刻ごとに、手前と後ろを読み直す"""
        rows = []
        for t in range(x.shape[1]):
            ends = []
            for way, part in enumerate((x[:, :t], x[:, t + 1 :])):
                empty = x.new_zeros(len(x), lstm.hidden_size)
                ends.append(lstm(part)[1][0][way] if part.shape[1] else empty)
            rows.append(torch.cat(ends, dim=1))
        return torch.stack(rows, dim=1)

    def padded(lstm, x):
        """F.pad で、両端に 0 を 1 時刻ずつ足してから切り出す"""
        output = F.pad(lstm(x)[0], (0, 0, 1, 1))
        size = lstm.hidden_size
        return torch.cat([output[:, :-2, :size], output[:, 2:, size:]], dim=-1)

    def written_into_zeros(lstm, x):
        """0 の入れ物に書き込む"""
        output, _ = lstm(x)
        result, size = torch.zeros_like(output), output.shape[2] // 2
        result[:, 1:, :size] = output[:, :-1, :size]
        result[:, :-1, size:] = output[:, 1:, size:]
        return result

    def rolled(lstm, x):
        """roll で回してから、端を 0 にする"""
        forward, backward = lstm(x)[0].unflatten(2, (2, -1)).unbind(2)
        time = torch.arange(x.shape[1])[:, None]
        before = forward.roll(1, 1).where(time > 0, 0.0)
        after = backward.roll(-1, 1).where(time < x.shape[1] - 1, 0.0)
        return torch.cat([before, after], dim=2)
