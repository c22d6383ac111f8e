"""「BPTT を書いて、速くする」の別の正しい答え。"""

import math

import torch


class rnn_step_backward:
    def one_by_one(dh_new, x, h, h_new, w_ih, w_hh):
        """系列を一つずつ戻し、重みの勾配を外積で足す"""
        grads = dict(
            x=torch.zeros_like(x),
            h=torch.zeros_like(h),
            w_ih=torch.zeros_like(w_ih),
            w_hh=torch.zeros_like(w_hh),
            b=torch.zeros_like(w_hh[0]),
        )
        for k in range(len(x)):
            delta = dh_new[k] - h_new[k].square() * dh_new[k]
            grads["x"][k] = w_ih.T @ delta
            grads["h"][k] = w_hh.T @ delta
            grads["w_ih"] += torch.outer(delta, x[k])
            grads["w_hh"] += torch.outer(delta, h[k])
            grads["b"] += delta
        return grads

    def einsum(dh_new, x, h, h_new, w_ih, w_hh):
        """einsum で書き、辞書の順も違う"""
        delta = torch.addcmul(dh_new, dh_new, h_new**2, value=-1)
        return {
            "b": torch.einsum("bh->h", delta),
            "w_hh": torch.einsum("bh,bk->hk", delta, h),
            "w_ih": torch.einsum("bh,bd->hd", delta, x),
            "h": torch.einsum("bh,hk->bk", delta, w_hh),
            "x": torch.einsum("bh,hd->bd", delta, w_ih),
        }

    def from_the_inside(dh_new, x, h, h_new, w_ih, w_hh):
        """tanh の微分を、中身から 1 / cosh² で求める"""
        delta = dh_new / torch.cosh(torch.atanh(h_new)) ** 2
        state = torch.cat([x, h], dim=1)
        w = delta.T @ state
        before = delta @ torch.cat([w_ih, w_hh], dim=1)
        size = x.shape[1]
        return dict(
            x=before[:, :size],
            h=before[:, size:],
            w_ih=w[:, :size],
            w_hh=w[:, size:],
            b=delta.sum(0),
        )


class lstm_step_backward:
    def gate_by_gate(dh_new, dc_new, gates, c, c_new, w_hh):
        """ゲートごとに重みを切り出して足し、リストで返す"""
        size = c.shape[1]
        i, f, g, o = (gates[:, k * size : (k + 1) * size] for k in range(4))
        dc_new = dc_new + dh_new * o * (1 - c_new.tanh().square())
        deltas = [
            dc_new * g * (i - i**2),
            dc_new * c * (f - f**2),
            dc_new * i * (1 - g * g),
            dh_new * c_new.tanh() * (o - o**2),
        ]
        rows = w_hh.split(size)
        dh = sum(delta @ row for delta, row in zip(deltas, rows, strict=True))
        return [torch.hstack(deltas), dh, f * dc_new]

    def slopes_first(dh_new, dc_new, gates, c, c_new, w_hh):
        """傾きを先にまとめて作り、あとから掛ける"""
        i, f, g, o = gates.chunk(4, dim=1)
        tanh_c = torch.tanh(c_new)
        slope = torch.stack(
            [g * i * (1 - i), c * f * (1 - f), i * (1 - g**2), tanh_c * o * (1 - o)], dim=1
        )
        dc_new = torch.addcmul(dc_new, dh_new, o - o * tanh_c**2)
        delta = (slope * torch.stack([dc_new, dc_new, dc_new, dh_new], dim=1)).flatten(1)
        return delta, (w_hh.T @ delta.T).T, dc_new * f

    def one_by_one(dh_new, dc_new, gates, c, c_new, w_hh):
        """系列を一つずつ戻す"""
        rows = [
            lstm_step_backward.slopes_first(
                *(each[k : k + 1] for each in (dh_new, dc_new, gates, c, c_new)), w_hh
            )
            for k in range(len(c))
        ]
        return tuple(torch.cat(each) for each in zip(*rows, strict=True))


class weight_gradients:
    def loop(delta, x, hidden, h_0):
        """時刻ごとに足す"""
        before = [h_0, *hidden.unbind(1)]
        return dict(
            w_ih=sum(delta[:, t].T @ x[:, t] for t in range(x.shape[1])),
            w_hh=sum(delta[:, t].T @ before[t] for t in range(x.shape[1])),
            b=sum(delta[:, t].sum(0) for t in range(x.shape[1])),
        )

    def einsum(delta, x, hidden, h_0):
        """einsum で書く"""
        before = torch.roll(hidden, 1, dims=1)
        before[:, 0] = h_0
        return dict(
            w_ih=torch.einsum("btg,btd->gd", delta, x),
            w_hh=torch.einsum("btg,bth->gh", delta, before),
            b=torch.einsum("btg->g", delta),
        )

    def time_first(delta, x, hidden, h_0):
        """時刻を先頭にして積み、最初の時刻は別に足す"""
        rows, size = delta.transpose(0, 1), delta.shape[2]
        later = rows[1:].reshape(-1, size)
        w_hh = later.T @ hidden.transpose(0, 1)[:-1].reshape(-1, hidden.shape[2])
        return dict(
            w_ih=rows.reshape(-1, size).T @ x.transpose(0, 1).reshape(-1, x.shape[2]),
            w_hh=w_hh + rows[0].T @ h_0,
            b=rows.sum((0, 1)),
        )


class checkpoint_plan:
    def every_interval_tried(time):
        """どの k も試して、最も小さいものを選ぶ"""

        def most(every):
            starts = range(0, time, every)
            return max(before + 1 + min(every, time - start) for before, start in enumerate(starts))

        best = min(range(1, time + 1), key=most)
        return [best, most(best)]

    def largest_interval(time):
        """最も小さくするもののうち、いちばん大きい k を選ぶ"""
        table = {}
        for every in range(1, time + 1):
            parts = math.ceil(time / every)
            last = time - every * (parts - 1)
            table[every] = max(parts + last, (parts - 1 + every) * (parts > 1))
        fewest = min(table.values())
        return max(every for every, held in table.items() if held == fewest), fewest


class peephole_step_backward:
    def gate_by_gate(dh_new, dc_new, gates, c, c_new, peepholes):
        """ゲートごとに切り出し、のぞき穴の勾配を einsum で足す"""
        size = c.shape[1]
        i, f, g, o = (gates[:, k * size : (k + 1) * size] for k in range(4))
        o_part = dh_new * c_new.tanh() * (o - o**2)
        total = dc_new + dh_new * o * (1 - c_new.tanh().square()) + o_part * peepholes[2]
        i_part, f_part = total * g * (i - i * i), total * c * (f - f * f)
        dp = [
            torch.einsum("bh,bh->h", part, cell)
            for part, cell in ((i_part, c), (f_part, c), (o_part, c_new))
        ]
        dc = f * total + i_part * peepholes[0] + f_part * peepholes[1]
        return [torch.hstack([i_part, f_part, total * i * (1 - g**2), o_part]), dc, torch.stack(dp)]

    def one_by_one(dh_new, dc_new, gates, c, c_new, peepholes):
        """系列を一つずつ戻し、のぞき穴の勾配は足していく"""
        rows, dp = [], torch.zeros_like(peepholes)
        for k in range(len(c)):
            each = (part[k : k + 1] for part in (dh_new, dc_new, gates, c, c_new))
            delta, dc, part = peephole_step_backward.gate_by_gate(*each, peepholes)
            rows.append((delta, dc))
            dp = dp + part
        delta, dc = (torch.cat(parts) for parts in zip(*rows, strict=True))
        return delta, dc, dp

    def tanh_again(dh_new, dc_new, gates, c, c_new, peepholes):
        """c_new を、c とゲートから計算し直して使う"""
        i, f, g, _ = gates.chunk(4, dim=1)
        again = torch.addcmul(f * c, i, g)
        return peephole_step_backward.gate_by_gate(dh_new, dc_new, gates, c, again, peepholes)


class truncated_gradients:
    def block_by_block(sequences, weights, every):
        """区切りごとに勾配を求めて足す"""
        grads = [torch.zeros_like(each) for each in weights]
        for x, y in sequences:
            h = torch.zeros_like(weights[2])
            for inputs, targets in zip(x.split(every), y.split(every), strict=True):
                w_ih, w_hh, b = leaves = [each.detach().requires_grad_() for each in weights]
                loss, h = 0, h.detach()
                for each, target in zip(inputs, targets, strict=True):
                    h = torch.tanh(w_ih @ each + w_hh @ h + b)
                    loss = loss + (h - target).square().sum()
                found = torch.autograd.grad(loss, leaves, allow_unused=True)
                grads = [a + b for a, b in zip(grads, found, strict=True)]
        return {"w_ih": grads[0], "w_hh": grads[1], "b": grads[2]}

    def by_hand(sequences, weights, every):
        """自動微分を使わず、区切りの終わりからさかのぼる"""
        w_ih, w_hh, b = weights
        grads = dict(w_ih=0 * w_ih, w_hh=0 * w_hh, b=0 * b)
        for x, y in sequences:
            states = [torch.zeros_like(b)]
            for each in x:
                states.append(torch.tanh(w_ih @ each + w_hh @ states[-1] + b))
            dh = torch.zeros_like(b)
            for t in reversed(range(len(x))):
                if (t + 1) % every == 0:
                    dh = torch.zeros_like(b)
                h = states[t + 1]
                delta = (dh + 2 * (h - y[t])) * (1 - h**2)
                grads["w_ih"] += torch.outer(delta, x[t])
                grads["w_hh"] += torch.outer(delta, states[t])
                grads["b"] += delta
                dh = w_hh.T @ delta
        return grads

    def cut_at_the_start(sequences, weights, every):
        """区切りの先頭で切り、勾配を backward でためる"""
        w_ih, w_hh, b = leaves = [each.detach().clone().requires_grad_() for each in weights]
        for x, y in sequences:
            h, losses = torch.zeros_like(b), []
            for t in range(len(x)):
                if t % every == 0:
                    h = h.detach()
                h = (x[t] @ w_ih.T + h @ w_hh.T + b).tanh()
                losses.append((y[t] - h).pow(2).sum())
            sum(losses).backward()
        return dict(w_ih=leaves[0].grad, w_hh=leaves[1].grad, b=leaves[2].grad)


class truncation_plan:
    def every_pair_tried(reach, memory):
        """どの組も試して、いちばん小さいものを選ぶ。リストで返す"""
        pairs = [
            [every, back]
            for every in range(1, memory + 1)
            for back in range(every, memory + 1)
            if back - every >= reach
        ]
        return min(pairs, key=lambda pair: pair[1] / pair[0], default=None)

    def short_when_nothing_is_asked(reach, memory):
        """reach が 0 なら、1 時刻ずつ戻しても同じ手間で済む"""
        if reach == 0:
            return 1, 1
        return None if memory <= reach else (memory - reach, memory)
