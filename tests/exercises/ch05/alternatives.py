"""「双方向 RNN」の別の正しい答え。"""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F


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


class backward_states:
    def one_by_one(layer, x, lengths):
        """系列を 1 つずつ、反転して読ませ、反転して 0 を足す"""
        rows = []
        for row, n in zip(x, lengths.tolist(), strict=True):
            output = layer(row[:n].flip(0)[None])[0][0].flip(0)
            rows.append(F.pad(output, (0, 0, 0, len(row) - n)))
        return torch.stack(rows)

    def gathered(layer, x, lengths):
        """長さのぶんだけずらした位置を、2 度 gather する"""
        steps = x.shape[1]
        source = ((lengths[:, None] - 1 - torch.arange(steps)) % steps)[:, :, None]
        output = layer(x.gather(1, source.expand_as(x)))[0]
        output = output.gather(1, source.expand_as(output))
        return output.where((torch.arange(steps) < lengths[:, None])[:, :, None], 0.0)

    def from_the_end(layer, x, lengths):
        """いちばん後ろの時刻から 1 つずつ読み、パディングでは状態を 0 に戻す"""
        batch, steps, _ = x.shape
        size, lstm = layer.hidden_size, isinstance(layer, torch.nn.LSTM)
        state = [x.new_zeros(1, batch, size) for _ in range(1 + lstm)]
        columns = [None] * steps
        for t in reversed(range(steps)):
            output, after = layer(x[:, t : t + 1], tuple(state) if lstm else state[0])
            inside = (t < lengths).to(x.dtype)[:, None]
            state = [each * inside for each in (after if lstm else [after])]
            columns[t] = output[:, 0] * inside
        return torch.stack(columns, 1)

    def packed(layer, x, lengths):
        """ぜんぶを反転し、パディングを除いて詰め直してから読ませる"""
        parts = [row[:n].flip(0) for row, n in zip(x, lengths.tolist(), strict=True)]
        packed = torch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False)
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
        result = x.new_zeros(len(x), x.shape[1], output.shape[2])
        for b, n in enumerate(lengths.tolist()):
            result[b, :n] = output[b, :n].flip(0)
        return result


class delay:
    def padded(x, tags, steps):
        """F.pad で、x の後ろと tags の前に足す"""
        return F.pad(x, (0, 0, 0, steps)), F.pad(tags, (steps, 0), value=-100)

    def filled_in(x, tags, steps):
        """0 と IGNORE の入れ物に書き込む"""
        batch, time, size = x.shape
        longer = torch.zeros(batch, time + steps, size)
        later = torch.full((batch, time + steps), -100)
        longer[:, :time] = x
        later[:, steps:] = tags
        return longer, later

    def rolled(x, tags, steps):
        """どちらも後ろに足してから、タグを roll で回す"""
        empty = torch.full((len(tags), steps), -100)
        longer = torch.cat([x, torch.zeros(len(x), steps, x.shape[2])], 1)
        return [longer, torch.cat([tags, empty], 1).roll(steps, 1)]

    def one_by_one(x, tags, steps):
        """系列を 1 つずつ、リストで作る"""
        rows = [torch.stack([*row, *[torch.zeros_like(row[0])] * steps]) for row in x]
        return torch.stack(rows), torch.tensor([[-100] * steps + row for row in tags.tolist()])


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
