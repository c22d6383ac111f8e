"""「BPTT を書いて、速くする」の別の正しい答え。"""

import math

import torch

ACTS = torch.sigmoid, torch.tanh, torch.sigmoid


class gru_step_backward:
    def slopes_first(dh_new, r, z, n, m, h, w_hh):
        """傾きを先に作り、4 つの δ を一度に掛ける"""
        s_n = (1 - z) * (1 - n * n)
        slopes = torch.stack([s_n * r, s_n * m * (r - r**2), (h - n) * (z - z**2), s_n], dim=1)
        d_m, d_r, d_z, d_n = (slopes * dh_new[:, None]).unbind(dim=1)
        back = torch.hstack([d_r, d_z, d_m])
        dh = torch.addcmul(back @ w_hh, z, dh_new)
        return [torch.hstack([d_r, d_z, d_n]), back, dh]

    def gate_by_gate(dh_new, r, z, n, m, h, w_hh):
        """W_hr、W_hz、W_hn を切り出して、1 つずつ戻す"""
        size = h.shape[1]
        w_r, w_z, w_n = w_hh[:size], w_hh[size : 2 * size], w_hh[2 * size :]
        d_n = (1 - n.square()) * (dh_new - z * dh_new)
        d_z = (h * dh_new - n * dh_new) * z * (1 - z)
        d_r, d_m = d_n * m * r * (1 - r), d_n * r
        dh = dh_new * z + d_r @ w_r + d_z @ w_z + d_m @ w_n
        return torch.cat([d_r, d_z, d_n], 1), torch.cat([d_r, d_z, d_m], 1), dh

    def one_by_one(dh_new, r, z, n, m, h, w_hh):
        """系列を一つずつ戻す"""
        rows = [
            gru_step_backward.slopes_first(
                *(each[k : k + 1] for each in (dh_new, r, z, n, m, h)), w_hh
            )
            for k in range(len(h))
        ]
        return tuple(torch.cat(each) for each in zip(*rows, strict=True))


class tied_step:
    def computed_again(a, c):
        """引数だけを残し、backward でゲートを計算し直す"""

        class Again(torch.autograd.Function):
            @staticmethod
            def gates(a, c):
                f, o = torch.sigmoid(a[:, : c.shape[1]]), torch.sigmoid(a[:, -c.shape[1] :])
                g = torch.tanh(a.chunk(3, 1)[1])
                return f, g, o, torch.lerp(g, c, f)

            @staticmethod
            def forward(ctx, a, c):
                ctx.save_for_backward(a, c)
                *_, o, c_new = Again.gates(a, c)
                return o * c_new.tanh(), c_new

            @staticmethod
            def backward(ctx, dh, dc):
                a, c = ctx.saved_tensors
                f, g, o, c_new = Again.gates(a, c)
                t = c_new.tanh()
                total = torch.addcmul(dc, dh, o - o * t * t)
                into = torch.stack([total * (c - g), total * (1 - f), dh * t], dim=1)
                slope = torch.stack([f - f * f, 1 - g * g, o - o * o], dim=1)
                return (into * slope).flatten(1), f * total

        return Again.apply(a, c)

    def slopes_saved(a, c):
        """傾きを forward で作っておき、setup_context で残す。リストで返す"""

        class Saved(torch.autograd.Function):
            @staticmethod
            def forward(a, c):
                f, g, o = (act(x) for act, x in zip(ACTS, a.chunk(3, dim=1), strict=True))
                c_new = g + f * (c - g)
                return o * c_new.tanh(), c_new

            @staticmethod
            def setup_context(ctx, inputs, output):
                a, c = inputs
                ctx.f, g, ctx.o = (act(x) for act, x in zip(ACTS, a.chunk(3, dim=1), strict=True))
                ctx.t = output[1].tanh()
                ctx.slopes = ctx.f * (1 - ctx.f) * (c - g), (1 - ctx.f) * (1 - g.square())

            @staticmethod
            @torch.autograd.function.once_differentiable
            def backward(ctx, dh, dc):
                total = dc + dh * ctx.o * (1 - ctx.t.square())
                parts = [slope * total for slope in ctx.slopes]
                return torch.hstack([*parts, dh * ctx.t * ctx.o * (1 - ctx.o)]), total * ctx.f

        return list(Saved.apply(a, c))

    def nothing_materialized(a, c):
        """来ない勾配を None のまま受け取り、要るところだけ戻す"""

        class Needed(torch.autograd.Function):
            @staticmethod
            def forward(ctx, a, c):
                ctx.set_materialize_grads(False)
                s, g = a.sigmoid(), a.chunk(3, dim=1)[1].tanh()
                f, _, o = s.chunk(3, dim=1)
                c_new = torch.addcmul(g, f, c - g)
                ctx.save_for_backward(f, g, o, c, c_new.tanh())
                return o * c_new.tanh(), c_new

            @staticmethod
            def backward(ctx, dh, dc):
                f, g, o, c, t = ctx.saved_tensors
                total, d_o = (0 if dc is None else dc), torch.zeros_like(o)
                if dh is not None:
                    total = total + dh * o * (1 - t**2)
                    d_o = dh * t * o * (1 - o)
                d_a = torch.cat(
                    [total * (c - g) * f * (1 - f), total * (1 - f) * (1 - g**2), d_o], 1
                )
                return d_a if ctx.needs_input_grad[0] else None, total * f

        return Needed.apply(a, c)


class weight_gradients:
    def all_before_first(delta, x, hidden, h_0, size):
        """h_{t-1} を全時刻ぶん並べておき、split で束に分ける"""
        before = torch.cat([h_0[None], hidden[:-1]])
        parts = zip(delta.split(size), x.split(size), before.split(size), strict=True)
        sums = [
            (torch.einsum("tbg,tbd->gd", d, x_), torch.einsum("tbg,tbh->gh", d, h), d.sum((0, 1)))
            for d, x_, h in parts
        ]
        w_ih, w_hh, b = (sum(each) for each in zip(*sums, strict=True))
        return dict(w_ih=w_ih, w_hh=w_hh, b=b)

    def backwards(delta, x, hidden, h_0, size):
        """後ろの束から足し、継ぎ目の 1 時刻は別に足す"""
        grads = dict(
            w_ih=delta.new_zeros(delta.shape[2], x.shape[2]),
            w_hh=delta[0].T @ h_0,
            b=delta.new_zeros(delta.shape[2]),
        )
        for start in reversed(range(0, len(x), size)):
            part, d = slice(start, start + size), delta[start : start + size]
            inside = hidden[part][:-1]
            grads["w_ih"] += d.flatten(0, 1).T @ x[part].flatten(0, 1)
            grads["w_hh"] += d[1:].flatten(0, 1).T @ inside.flatten(0, 1)
            if start:
                grads["w_hh"] += d[0].T @ hidden[start - 1]
            grads["b"] += d.sum((0, 1))
        return grads

    def entering_state_carried(delta, x, hidden, h_0, size):
        """束に入る状態を、変数で次の束へ渡す"""
        w_ih, w_hh, b, entering = 0, 0, 0, h_0
        for start in range(0, len(x), size):
            stop = min(start + size, len(x))
            d = delta[start:stop].reshape(-1, delta.shape[2])
            before = torch.cat([entering.unsqueeze(0), hidden[start : stop - 1]])
            entering = hidden[stop - 1]
            w_ih = w_ih + d.t() @ x[start:stop].reshape(-1, x.shape[2])
            w_hh = w_hh + d.t() @ before.reshape(-1, before.shape[2])
            b = b + d.sum(0)
        return {"b": b, "w_hh": w_hh, "w_ih": w_ih}


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
