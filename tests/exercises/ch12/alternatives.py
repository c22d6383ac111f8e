"""「並列に計算する再帰」の別の正しい答え。"""

import torch
import torch.nn.functional as F


class combine:
    def in_place_product(a1, b1, a2, b2):
        """addcmul で足し、リストで返す"""
        return [torch.mul(a1, a2), torch.addcmul(b2, a2, b1)]

    def by_matrix(a1, b1, a2, b2):
        """2 行 2 列の行列の積で書く"""

        def matrix(a, b):
            zero, one = torch.zeros_like(a), torch.ones_like(a)
            return torch.stack([torch.stack([a, b], -1), torch.stack([zero, one], -1)], -2)

        product = matrix(a2, b2) @ matrix(a1, b1)
        return product[..., 0, 0], product[..., 0, 1]


class doubling_scan:
    def state_first(a, b, h0):
        """初期状態を先頭の b に入れてから始め、端を (1, 0) で埋める"""
        b = torch.cat([(a[:1] * h0 + b[:1]), b[1:]])
        width = 1
        while width < a.shape[0]:
            before_a = F.pad(a[:-width], (0, 0, 0, 0, width, 0), value=1.0)
            before_b = F.pad(b[:-width], (0, 0, 0, 0, width, 0))
            a, b = a * before_a, a * before_b + b
            width += width
        return b

    def recursive(a, b, h0):
        """半分ずつ再帰で解き、左半分の最後を右半分に渡す"""

        def solve(a, b):
            if len(a) == 1:
                return a, b
            pairs_a, pairs_b = a[1::2] * a[:-1:2], a[1::2] * b[:-1:2] + b[1::2]
            odd_a, odd_b = solve(pairs_a, pairs_b)
            out_a, out_b = a.clone(), b.clone()
            out_a[1::2], out_b[1::2] = odd_a, odd_b
            rest = a[2::2], b[2::2]
            k = len(rest[0])
            out_a[2::2], out_b[2::2] = rest[0] * odd_a[:k], rest[0] * odd_b[:k] + rest[1]
            return out_a, out_b

        a, b = solve(a, b)
        return torch.addcmul(b, a, h0)

    def in_blocks(a, b, h0):
        """√T ごとのブロックに分けて解く"""
        from lstm_text.fast import scan_blocks

        return scan_blocks(a, b, h0)


class scan_backward:
    def by_autograd(a, h0, h, grad_h):
        """b を h から復元し、自動微分に任せる"""
        a, h0 = a.detach().requires_grad_(), h0.detach().requires_grad_()
        before = torch.cat([h0.detach().unsqueeze(0), h.detach()[:-1]])
        b = (h.detach() - a.detach() * before).requires_grad_()
        state, states = h0, []
        for a_t, b_t in zip(a, b, strict=True):
            state = a_t * state + b_t
            states.append(state)
        return torch.autograd.grad(torch.stack(states), (a, b, h0), grad_h)

    def flipped_scan(a, h0, h, grad_h):
        """時刻を裏返し、同じ走査で解く"""
        following = torch.cat([a[1:], torch.zeros_like(a[:1])])
        grad_b = doubling_scan.state_first(following.flip(0), grad_h.flip(0), 0 * h0).flip(0)
        grad_a = grad_b * torch.cat([h0[None], h[:-1]])
        return [grad_a, grad_b, grad_b[0] * a[0]]


class mingru_forward:
    def step_by_step(x, h0, w_z, w_n, b_z, b_n):
        """1 時刻ずつ進む"""
        h, output = h0, []
        for x_t in x.unbind(1):
            z, v = torch.sigmoid(F.linear(x_t, w_z, b_z)), F.linear(x_t, w_n, b_n)
            h = torch.lerp(torch.where(v < 0, v.sigmoid(), v + 0.5), h, z)
            output.append(h)
        return torch.stack(output, 1), h

    def in_logs(x, h0, w_z, w_n, b_z, b_n):
        """対数で解く。初期状態は log h0"""
        k, v = x @ w_z.T + b_z, x @ w_n.T + b_n
        positive = torch.log(F.relu(v) + 0.5)
        log_g = torch.where(v >= 0, positive, F.logsigmoid(v))
        log_a, log_b = F.logsigmoid(k), F.logsigmoid(-k) + log_g
        total = log_a.cumsum(1)
        terms = torch.cat([h0.log().unsqueeze(1), log_b - total], 1)
        output = (total + terms.logcumsumexp(1)[:, 1:]).exp()
        return [output, output[:, -1]]
