"""時刻を 1 つずつ進む答えは、計算グラフに残らない所で進んでも退けられる。"""

import pytest
import torch

from tests.exercises import find
from tests.exercises.engine.examine import examine
from tests.exercises.engine.exercise import Outcome


class OneByOne(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, h0):
        h, states = h0, [h0]
        for a_t, b_t in zip(a, b, strict=True):
            h = a_t * h + b_t
            states.append(h)
        states = torch.stack(states)
        ctx.save_for_backward(a, states)
        return states[1:].clone()

    @staticmethod
    def backward(ctx, grad_h):
        a, states = ctx.saved_tensors
        total, grad_b = torch.zeros_like(grad_h[0]), []
        for a_t, grad in zip(a.flip(0), grad_h.flip(0), strict=True):
            grad_b.append(total + grad)
            total = a_t * grad_b[-1]
        grad_b = torch.stack(grad_b[::-1])
        return grad_b * states[:-1], grad_b, total


class Doubled(OneByOne):
    """逆伝播だけを手で書き、順伝播は倍々に進む。"""

    @staticmethod
    def forward(ctx, a, b, h0):
        given, width = a, 1
        while width < len(a):
            b = torch.cat([b[:width], a[width:] * b[:-width] + b[width:]])
            a = torch.cat([a[:width], a[width:] * a[:-width]])
            width *= 2
        h = a * h0 + b
        ctx.save_for_backward(given, torch.cat([h0.unsqueeze(0), h]))
        return h


@pytest.mark.parametrize(
    ("function", "outcome"), [(OneByOne, Outcome.INCORRECT), (Doubled, Outcome.CORRECT)]
)
def test_steps_inside_a_function_are_counted(function, outcome):
    def f(a, b, h0, start):
        return function.apply(a.masked_fill(start.unsqueeze(-1), 0.0), b, h0)

    report = examine(find("12.2"), f)
    assert report.outcome is outcome, report.sentence
    assert outcome is Outcome.CORRECT or "待つ演算" in report.sentence
