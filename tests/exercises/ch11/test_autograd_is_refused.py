"""自動微分を使わない問では、どこで使っても断る。値が正しくても、断る。"""

import threading
import types

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


def tied_by_formula(a, c):
    f, g, o = a.chunk(3, dim=1)
    c_new = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return o.sigmoid() * c_new.tanh(), c_new


def tied_step(a, c):
    """Function の backward の中で、自動微分に戻させる。"""

    class Tied(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, c):
            ctx.save_for_backward(a, c)
            return tied_by_formula(a, c)

        @staticmethod
        def backward(ctx, dh, dc):
            leaves = [each.detach().requires_grad_() for each in ctx.saved_tensors]
            with torch.enable_grad():
                outputs = tied_by_formula(*leaves)
            return gradients(leaves, outputs, (dh, dc))

    return Tied.apply(a, c)


def half_by_autograd(a, c):
    """ゲートの σ と tanh を、apply の外で計算する。"""
    f, g, o = a.chunk(3, dim=1)

    class Cells(torch.autograd.Function):
        @staticmethod
        def forward(ctx, f, g, o, c):
            c_new = f * c + (1 - f) * g
            ctx.save_for_backward(f, g, o, c, c_new.tanh())
            return o * c_new.tanh(), c_new

        @staticmethod
        def backward(ctx, dh, dc):
            f, g, o, c, t = ctx.saved_tensors
            dc = dc + dh * o * (1 - t**2)
            return dc * (c - g), dc * (1 - f), dh * t, dc * f

    return Cells.apply(f.sigmoid(), g.tanh(), o.sigmoid(), c)


def tied_with(keep, in_place=False):
    """backward で使う値を ``keep`` に置く、正しい式の Function。"""

    def answer(a, c):
        class Tied(torch.autograd.Function):
            @staticmethod
            def forward(ctx, a, c):
                f, g, o = a.chunk(3, dim=1)
                f, g, o = f.sigmoid(), g.tanh(), o.sigmoid()
                c_new = f * c + (1 - f) * g
                place = ctx if keep is None else keep
                place.kept = f, g, o, c, c_new.tanh()
                return o * c_new.tanh(), c_new

            @staticmethod
            def backward(ctx, dh, dc):
                f, g, o, c, t = (ctx if keep is None else keep).kept
                if in_place:
                    dc += dh * o * (1 - t**2)
                else:
                    dc = dc + dh * o * (1 - t**2)
                parts = dc * (c - g) * f * (1 - f), dc * (1 - f) * (1 - g**2), dh * t * o * (1 - o)
                return torch.cat(parts, dim=1), dc * f

        return Tied.apply(a, c)

    return answer


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
    "11.2": tied_step,
    "11.3": weight_gradients,
    "12.3": scan_backward,
}


@pytest.mark.parametrize("way", [lambda f: f, in_a_thread, under_hooks, swallowing])
@pytest.mark.parametrize("id", ANSWERS)
def test_autograd_is_refused(id, way):
    report = examine(find(id), way(ANSWERS[id]))
    assert report.outcome is Outcome.INCORRECT
    assert report.sentence.startswith("自動微分を使っています。")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (tied_by_formula, "自動微分を使っています。値は合っていますが、"),
        (half_by_autograd, "自動微分を使っています。値は合っていますが、"),
        (tied_with(types.SimpleNamespace()), "1 時刻なら合いますが、4 時刻をつないで戻すと、"),
        (tied_with(None, in_place=True), "backward が、受け取った勾配を書き換えています"),
    ],
)
def test_backward_must_be_ones_own(answer, sentence):
    report = examine(find("11.2"), answer)
    assert report.outcome is Outcome.INCORRECT
    assert report.sentence.startswith(sentence)
    assert not report.mistakes


def test_function_kept_by_ctx_is_correct():
    assert examine(find("11.2"), tied_with(None)).outcome is Outcome.CORRECT


def test_error_in_backward_is_told():
    def answer(a, c):
        class Tied(torch.autograd.Function):
            @staticmethod
            def forward(ctx, a, c):
                return tied_by_formula(a, c)

            @staticmethod
            def backward(ctx, dh, dc):
                return ctx.saved_tensors[0], dc

        return Tied.apply(a, c)

    report = examine(find("11.2"), answer)
    assert report.sentence.startswith("backward の中を確かめました。")
    assert "IndexError" in report.sentence
