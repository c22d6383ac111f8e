"""自動微分を使わない問では、どこで使っても断る。値が正しくても、断る。"""

import threading

import pytest
import torch

from tests.exercises import find
from tests.exercises.engine.examine import examine
from tests.exercises.engine.exercise import Outcome


def gradients(inputs, outputs, cotangents):
    return torch.autograd.grad(outputs, inputs, cotangents)


def gru_step_backward(dh_new, r, z, n, m, h, w_hh):
    zeros = torch.zeros(len(h), len(w_hh), dtype=h.dtype)
    leaves = [each.clone().requires_grad_() for each in (zeros, zeros, h)]
    with torch.enable_grad():
        back = (leaves[2] - h) @ w_hh.T + leaves[1]  # 状態側の積が、元からどれだけ動いたか
        (i_r, i_z, i_n), (b_r, b_z, b_n) = leaves[0].chunk(3, dim=1), back.chunk(3, dim=1)
        again_r = (torch.logit(r) + i_r + b_r).sigmoid()
        again_z = (torch.logit(z) + i_z + b_z).sigmoid()
        again_n = (torch.atanh(n) - r * m + i_n + again_r * (m + b_n)).tanh()
        h_new = (1 - again_z) * again_n + again_z * leaves[2]
    return gradients(leaves, (h_new,), (dh_new,))


def lstm_step_backward(dh_new, dc_new, gates, c, c_new, w_hh):
    before = gates.clone().requires_grad_()
    c = c.clone().requires_grad_()
    with torch.enable_grad():
        i, f, g, o = before.chunk(4, dim=1)
        again = f * c + i * g
        h_new = o * again.tanh()
    d_gates, dc = gradients((before, c), (h_new, again), (dh_new, dc_new))
    i, f, g, o = gates.chunk(4, dim=1)
    slope = torch.cat([i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)], dim=1)
    delta = d_gates * slope
    return delta, delta @ w_hh, dc


def weight_gradients(delta, x, hidden, h_0, size):
    before = torch.cat([h_0[None], hidden[:-1]])
    leaves = [
        torch.zeros(delta.shape[2], each.shape[2], dtype=x.dtype, requires_grad=True)
        for each in (x, before)
    ]
    b = torch.zeros(delta.shape[2], dtype=x.dtype, requires_grad=True)
    with torch.enable_grad():
        a = x @ leaves[0].T + before @ leaves[1].T + b
    grads = gradients((*leaves, b), (a,), (delta,))
    return dict(zip(("w_ih", "w_hh", "b"), grads, strict=True))


def scan_backward(a, h0, h, grad_h):
    before = torch.cat([h0[None], h[:-1]])
    b = h - (a @ before.unsqueeze(-1)).squeeze(-1)
    leaves = [each.clone().requires_grad_() for each in (a, b, h0)]
    with torch.enable_grad():
        state, states = leaves[2], []
        for a_t, b_t in zip(*leaves[:2], strict=True):
            state = (a_t @ state.unsqueeze(-1)).squeeze(-1) + b_t
            states.append(state)
    return gradients(leaves, states, list(grad_h))


def in_a_thread(f):
    """別のスレッドで計算する。"""

    def answer(*args):
        found = []
        thread = threading.Thread(target=lambda: found.append(f(*args)))
        thread.start()
        thread.join()
        return found[0]

    return answer


def under_hooks(f):
    """保存したテンソルのフックを、自分のものに替えて計算する。"""

    def answer(*args):
        with torch.autograd.graph.saved_tensors_hooks(lambda each: each, lambda each: each):
            return f(*args)

    return answer


def swallowing(f):
    """例外を飲み込んで、もう一度計算する。"""

    def answer(*args):
        try:
            return f(*args)
        except BaseException:
            return f(*args)

    return answer


ANSWERS = {
    "11.1": gru_step_backward,
    "11.2": lstm_step_backward,
    "11.3": weight_gradients,
    "12.3": scan_backward,
}


@pytest.mark.parametrize("way", [lambda f: f, in_a_thread, under_hooks, swallowing])
@pytest.mark.parametrize("id", ANSWERS)
def test_autograd_is_refused(id, way):
    report = examine(find(id), way(ANSWERS[id]))
    assert report.outcome is Outcome.INCORRECT
    assert report.sentence.startswith("自動微分を使っています。")
