"""「RNN とその限界」の別の正しい答え。"""

import math
from types import MappingProxyType

import numpy as np
import torch
from torch import nn


def _step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class rnn_forward:
    def filled_in(x, h0, *weights):
        """先に作った output に書き込む"""
        output = torch.zeros(x.shape[0], x.shape[1], h0.shape[1])
        h = h0
        for t in range(x.shape[1]):
            h = _step(x[:, t], h, *weights)
            output[:, t] = h
        return output, output[:, -1]

    def projected_first(x, h0, w_ih, w_hh, b_ih, b_hh):
        """入力の項を全時刻まとめて先に計算し、時刻を先頭にして積む"""
        states = [h0]
        for term in (x @ w_ih.T + (b_ih + b_hh)).unbind(1):
            states.append(torch.tanh(term + states[-1] @ w_hh.T))
        return torch.stack(states[1:]).transpose(0, 1), states[-1]

    def recursive(x, h0, *weights):
        """最後の時刻から再帰で書き、リストで返す"""
        if x.shape[1] == 1:
            h = _step(x[:, 0], h0, *weights)
            return [h[:, None], h]
        output, h = rnn_forward.recursive(x[:, :-1], h0, *weights)
        h = _step(x[:, -1], h, *weights)
        return [torch.cat([output, h[:, None]], 1), h]

    def one_by_one(x, h0, *weights):
        """系列を 1 つずつ進める"""
        pairs = [
            rnn_forward.filled_in(x[b : b + 1], h0[b : b + 1], *weights) for b in range(len(x))
        ]
        return tuple(torch.cat(each) for each in zip(*pairs, strict=True))

    def torch_layer(x, h0, *weights):
        """nn.RNN に重みを入れて使う"""
        layer = nn.RNN(x.shape[2], h0.shape[1], batch_first=True)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        values = dict(zip(names, weights, strict=True))
        output, h_n = torch.func.functional_call(layer, values, (x, h0.unsqueeze(0)))
        return output, h_n.squeeze(0)


class rnn_bptt:
    def summed_at_the_end(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """tanh の中身の勾配をすべてためてから、einsum で一度に足す"""
        states = [h0]
        for t in range(x.shape[1]):
            states.append(_step(x[:, t], states[-1], w_ih, w_hh, b_ih, b_hh))
        deltas = []
        grad = grad_h_n
        for h in states[:0:-1]:
            deltas.insert(0, grad * (1 + h) * (1 - h))
            grad = deltas[0] @ w_hh
        delta = torch.stack(deltas, 1)
        bias = delta.sum((0, 1))
        return {
            "w_ih": torch.einsum("bth,btd->hd", delta, x),
            "w_hh": torch.einsum("bth,btk->hk", delta, torch.stack(states[:-1], 1)),
            "b_ih": bias,
            "b_hh": bias,
            "x": delta @ w_ih,
            "h0": grad,
        }

    def torch_layer_forward(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """隠れ状態は nn.RNN で求め、勾配は手で書く"""
        layer = nn.RNN(x.shape[2], h0.shape[1], batch_first=True, dtype=x.dtype)
        weights = dict(weight_ih_l0=w_ih, weight_hh_l0=w_hh, bias_ih_l0=b_ih, bias_hh_l0=b_hh)
        layer.load_state_dict(weights)
        output = layer(x, h0[None])[0].detach()
        before = torch.cat([h0[:, None], output], 1)
        grad, grads_a = grad_h_n, []
        for t in range(x.shape[1] - 1, -1, -1):
            grads_a.append(grad * (1 - output[:, t] ** 2))
            grad = grads_a[-1] @ w_hh
        grad_a = torch.stack(grads_a[::-1], 1)
        return {
            "h0": grad,
            "x": grad_a @ w_ih,
            "w_ih": grad_a.flatten(0, 1).T @ x.flatten(0, 1),
            "w_hh": grad_a.flatten(0, 1).T @ before[:, :-1].flatten(0, 1),
            "b_ih": grad_a.flatten(0, 1).sum(0),
            "b_hh": grad_a.flatten(0, 1).sum(0),
        }

    def with_numpy(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """NumPy で計算し、辞書ではない写像で返す"""
        given = (x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n)
        x, h0, w_ih, w_hh, b_ih, b_hh, grad = (each.numpy() for each in given)
        states = [h0]
        for t in range(x.shape[1]):
            states.append(np.tanh(x[:, t] @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
        grads = {"w_ih": 0 * w_ih, "w_hh": 0 * w_hh, "b_ih": 0 * b_ih, "x": 0 * x}
        for t in reversed(range(x.shape[1])):
            inner = grad * (1 - states[t + 1] ** 2)
            grads["x"][:, t] = inner @ w_ih
            grads["w_ih"] += inner.T @ x[:, t]
            grads["w_hh"] += inner.T @ states[t]
            grads["b_ih"] += inner.sum(0)
            grad = inner @ w_hh
        grads |= {"h0": grad, "b_hh": grads["b_ih"].copy()}
        return MappingProxyType({key: torch.from_numpy(each) for key, each in grads.items()})

    def jacobians(x, h0, w_ih, w_hh, b_ih, b_hh, grad_h_n):
        """系列ごとに、状態のヤコビ行列の転置を掛けてさかのぼる"""
        names = ("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
        values = (x, h0, w_ih, w_hh, b_ih, b_hh)
        grads = {name: torch.zeros_like(value) for name, value in zip(names, values, strict=True)}
        for b in range(x.shape[0]):
            states = [h0[b]]
            for t in range(x.shape[1]):
                states.append(_step(x[b, t], states[-1], w_ih, w_hh, b_ih, b_hh))
            grad = grad_h_n[b]
            for t in range(x.shape[1] - 1, -1, -1):
                local = torch.diag(1 - states[t + 1].square())
                inner = local @ grad
                grads["x"][b, t] = w_ih.T @ inner
                grads["w_ih"] = grads["w_ih"] + torch.outer(inner, x[b, t])
                grads["w_hh"] = grads["w_hh"] + torch.outer(inner, states[t])
                grads["b_ih"] = grads["b_ih"] + inner
                grads["b_hh"] = grads["b_hh"] + inner
                grad = (local @ w_hh).T @ grad
            grads["h0"][b] = grad
        return grads


class state_jacobians:
    def filled_in(w_hh, hidden):
        """先に作ったテンソルに、後ろから書き込む。因子は行の定数倍で、まとめて作る"""
        factors = (1 - hidden**2).unsqueeze(-1) * w_hh
        found = torch.eye(hidden.shape[1], dtype=hidden.dtype).repeat(len(hidden), 1, 1)
        for t in range(len(hidden) - 2, -1, -1):
            found[t] = found[t + 1] @ factors[t + 1]
        return found

    def transposed_gradients(w_hh, hidden):
        """h_T の成分ごとの勾配を、BPTT の式でさかのぼらせる"""
        gradients = [torch.eye(len(w_hh), dtype=w_hh.dtype)]  # 行は h_T の成分
        for t in reversed(range(1, len(hidden))):
            gradients.insert(0, (gradients[0] * (1 - hidden[t].square())) @ w_hh)
        return torch.stack(gradients)

    def recursive(w_hh, hidden):
        """2 番めの状態からのものを再帰で求め、先頭に 1 つ足す"""
        if len(hidden) == 1:
            return torch.eye(len(w_hh), dtype=w_hh.dtype)[None]
        later = state_jacobians.recursive(w_hh, hidden[1:])
        return torch.cat([later[:1] @ ((1 - hidden[1] ** 2)[:, None] * w_hh), later])

    def with_numpy(w_hh, hidden):
        """NumPy で計算する"""
        w, h = w_hh.numpy(), hidden.numpy()
        found = [np.eye(len(w), dtype=w.dtype)]
        for each in h[:0:-1]:
            found.append(found[-1] @ np.diag(1 - each**2) @ w)
        return torch.from_numpy(np.stack(found[::-1]))


class remember_sign:
    def from_the_resting_value():
        """落ち着く先の h を先に決め、そこから w を求める"""
        h = 0.62
        w = math.atanh(h) / h
        return w, w * h + 1, 0.0

    def just_above_the_bound():
        """w を下限のすぐ上に、u を大きく取り、NumPy の数の配列で返す"""
        return np.array([1.001 * np.arctanh(0.5) / 0.5, 30.0, 0.0])

    def tilted():
        """バイアスを少しだけ足し、0 次元のテンソルのリストで返す"""
        return [torch.tensor(1.14), torch.tensor(2.0), torch.tensor(-0.002)]

    def by_trial():
        """w を少しずつ大きくし、0 を 1,000 回読ませても 0.5 を割らない、初めの値を取る"""
        w = 1.0
        while True:
            h = 0.5
            for _ in range(1000):
                h = math.tanh(w * h)
            if h > 0.51:
                return w, w + 1, 0
            w += 0.01


class clip_by_global_norm:
    def flattened(grads, max_norm):
        """一本のベクトルにつなげてノルムを取る。ノルムは 0 次元のテンソル"""
        norm = torch.cat([grad.flatten() for grad in grads]).norm()
        if norm <= max_norm:
            return grads, norm
        return [max_norm * grad / norm for grad in grads], norm

    def norm_of_norms(grads, max_norm):
        """テンソルごとのノルムの、そのまたノルムを取り、組で返す"""
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.norm(g) for g in grads]))
        scale = torch.clamp(max_norm / norm, max=1.0) if norm > 0 else 1.0
        return tuple(grad.clone() * scale for grad in grads), float(norm)

    def like_torch(grads, max_norm):
        """PyTorch と同じく、分母に 1e-6 を足す"""
        norm = sum(float(grad.pow(2).sum()) for grad in grads) ** 0.5
        scale = min(1.0, max_norm / (norm + 1e-6))
        return [grad * scale for grad in grads], norm

    def small_epsilon(grads, max_norm):
        """切るときだけ、分母に 1e-8 を足す"""
        norm = math.sqrt(sum(torch.vdot(g.ravel(), g.ravel()).item() for g in grads))
        if norm <= max_norm:
            return grads, norm
        return [grad * (max_norm / (norm + 1e-8)) for grad in grads], norm

    def squares_compared(grads, max_norm):
        """平方根を取る前に、max_norm の二乗と比べる"""
        squared = sum((grad * grad).sum() for grad in grads)
        scale = max_norm * torch.rsqrt(squared) if squared > max_norm**2 else 1.0
        return [grad * scale for grad in grads], float(squared**0.5)

    def torch_utility(grads, max_norm):
        """clip_grad_norm_ を写しに使う"""
        copies = [nn.Parameter(grad.clone()) for grad in grads]
        for copy in copies:
            copy.grad = copy.detach().clone()
        norm = nn.utils.clip_grad_norm_(copies, max_norm)
        return [copy.grad for copy in copies], norm


def _last_state(u, b, x, w):
    h = torch.zeros(len(x), dtype=x.dtype)
    for x_t in x.unbind(1):
        h = w * h + u * x_t + b
    return h


class largest_learning_rate:
    def by_hessian(x, w):
        """損失のヘッセ行列を自動微分で求める（y = 0 でよい）"""

        def loss(theta):
            return _last_state(theta[0], theta[1], x, w).square().mean()

        hessian = torch.autograd.functional.hessian(loss, torch.zeros(2, dtype=x.dtype))
        return 2 / torch.linalg.eigvalsh(hessian).max()

    def by_two_by_two(x, w):
        """u だけ、b だけを 1 にして走らせ、2 × 2 の固有値の公式に入れる"""
        a = _last_state(1.0, 0.0, x, w)
        r = _last_state(0.0, 1.0, x, w)
        p, q, s = a.square().mean().item(), (a * r).mean().item(), r.square().mean().item()
        return 2 / (p + s + math.hypot(p - s, 2 * q))

    def by_singular_value(x, w):
        """予測を並べた行列の、最大特異値の二乗から"""
        a, r = (_last_state(u, b, x, w) for u, b in ((1.0, 0.0), (0.0, 1.0)))
        s = np.linalg.svd(np.stack([a.numpy(), r.numpy()]), compute_uv=False)[0]
        return len(x) / s**2

    def by_bisection(x, w):
        """誤差に更新を繰り返し、ふくらむかどうかで学習率をはさむ"""
        slopes = torch.stack(
            [_last_state(u, b, x.double(), w) for u, b in ((1.0, 0.0), (0.0, 1.0))], 1
        )
        hessian = 2 * slopes.T @ slopes / len(x)
        low, high = 0.0, 4 / torch.trace(hessian).item()
        for _ in range(60):
            middle = (low + high) / 2
            step = torch.eye(2, dtype=torch.float64) - middle * hessian
            bounded = torch.linalg.matrix_norm(torch.linalg.matrix_power(step, 4096)) < 2
            low, high = (middle, high) if bounded else (low, middle)
        return low
