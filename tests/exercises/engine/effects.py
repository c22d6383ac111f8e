"""渡したモデルやテンソルに、解答が跡を残していないか見る。

解答例も同じ跡を残す問（重みを書き換える、訓練する）では、残してよい。
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from .compare import same


def models(value) -> Iterator[nn.Module]:
    """入れ子の中のモデルを順に返す。"""
    yield from _inside(value, nn.Module)


def tensors(value) -> Iterator[Tensor]:
    """入れ子の中の浮動小数のテンソルを順に返す。"""
    for each in _inside(value, Tensor):
        if each.is_floating_point():
            yield each


def _inside(value, kind: type) -> Iterator:
    """入れ子の中の ``kind`` を順に返す。"""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _inside(each, kind)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _inside(each, kind)


def _modes(model: nn.Module) -> list:
    return [each.training for each in model.modules()]


def _attributes(model: nn.Module) -> list:
    """重みでも状態でもない、batch_first や hidden_size のような属性。"""
    return [
        {
            name: value
            for name, value in vars(each).items()
            if name != "training" and name[0] != "_" and isinstance(value, bool | int | float | str)
        }
        for each in model.modules()
    ]


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


def _flag(tensor: Tensor) -> bool:
    return tensor.requires_grad


def _grad(tensor: Tensor) -> Tensor | None:
    """途中の値の .grad は、読むだけで torch が注意を出す。"""
    kept = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    return None if kept is None else kept.detach().clone()


# （どれの、何を読むか、変わっていたときの文）
TRACES = (
    (models, _modes, "渡したモデルの訓練モード（train と eval）を変えたままにしています。"),
    (models, _attributes, "渡したモデルの設定（batch_first など）を変えたままにしています。"),
    (models, _flags, "渡したモデルの重みの requires_grad を変えたままにしています。"),
    (models, _hooks, "渡したモデルに、フックを付けたままにしています。"),
    (models, _places, "渡したモデルの重みを、別の nn.Parameter に置き換えています。"),
    (models, _grads, "渡したモデルの重みの .grad を変えたままにしています。"),
    (models, _weights, "渡したモデルの重みを書き換えています。"),
    (
        tensors,
        _flag,
        "渡したテンソルの requires_grad を変えたままにしています。写しに付けてください。",
    ),
    (
        tensors,
        _grad,
        "渡したテンソルに .grad を残しています。detach() した写しから逆伝播するか、"
        "torch.autograd.grad を使ってください。",
    ),
)


def traces(args) -> list[list]:
    """``args`` の中のモデルとテンソルの、今の様子。"""
    with torch.no_grad():
        return [[read(each) for each in found(args)] for found, read, _ in TRACES]


def changed(before: list[list], args) -> list[str]:
    """``before`` から変わったものを言う文。"""
    return [
        sentence
        for (*_, sentence), then, now in zip(TRACES, before, traces(args), strict=True)
        if not same(now, then)
    ]
