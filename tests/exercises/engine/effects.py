"""渡したモデルや関数に、解答が跡を残していないか見る。

解答例も同じ跡を残す問（重みを書き換える、訓練する）では、残してよい。
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import nn

from .compare import same


class Counted:
    """呼ばれた回数を覚える関数。予測などの関数を、要る回数だけ呼ぶかを見るときに渡す。

    >>> predict = Counted(abs)
    >>> predict(-2), predict.calls
    (2, 1)
    """

    def __init__(self, function: Callable):
        self.function = function
        self.calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.function(*args, **kwargs)


def models(value) -> Iterator[nn.Module]:
    """入れ子の中のモデルを順に返す。"""
    if isinstance(value, nn.Module):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from models(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from models(each)


def _modes(model: nn.Module) -> list:
    return [each.training for each in model.modules()]


def _flags(model: nn.Module) -> list:
    return [each.requires_grad for each in model.parameters()]


def _hooks(model: nn.Module) -> list:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return [len(getattr(each, kind)) for each in model.modules() for kind in kinds] + [
        len(each._backward_hooks or ()) for each in model.parameters()
    ]


def _weights(model: nn.Module) -> list:
    return [[name, each.detach().clone()] for name, each in model.state_dict().items()]


def _places(model: nn.Module) -> list:
    return [id(each) for each in model.parameters()]


def _grads(model: nn.Module) -> list:
    grads = [each.grad for each in model.parameters()]
    return [None if grad is None else grad.detach().clone() for grad in grads]


# （読む、変わっていたときの文）
TRACES = (
    (_modes, "渡したモデルの訓練モード（train と eval）を変えたままにしています。"),
    (_flags, "渡したモデルの重みの requires_grad を変えたままにしています。"),
    (_hooks, "渡したモデルに、フックを付けたままにしています。"),
    (_places, "渡したモデルの重みを、別の nn.Parameter に置き換えています。"),
    (_grads, "渡したモデルの重みの .grad を変えたままにしています。"),
    (_weights, "渡したモデルの重みを書き換えています。"),
)


def traces(args) -> list[list]:
    """``args`` の中のモデルの、今の様子。"""
    with torch.no_grad():
        return [[read(model) for model in models(args)] for read, _ in TRACES]


def changed(before: list[list], args) -> list[str]:
    """``before`` から変わったものを言う文。"""
    return [
        sentence
        for (_, sentence), then, now in zip(TRACES, before, traces(args), strict=True)
        if not same(now, then)
    ]
