"""使わないと決めたものを、どんな書き方で使っても、使った所で分かる。"""

import contextlib
import copy
import threading

import pytest
import torch
import torch.autograd.forward_ad as forward_ad
from torch import lstm, nn
from torch.utils.checkpoint import checkpoint

from tests.exercises.engine.exercise import Incorrect
from tests.exercises.engine.forbidden import runs_of, without_autograd, without_modules

X = torch.linspace(-1, 1, 6).reshape(1, 3, 2)


def by_backward(x):
    leaf = x.clone().requires_grad_()
    (leaf**2).sum().backward()
    return leaf.grad


def by_grad(x):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad((leaf**2).sum(), leaf)


def in_a_thread(x):
    thread = threading.Thread(target=by_backward, args=(x,))
    thread.start()
    thread.join()


def under_their_own_hooks(x):
    with torch.autograd.graph.saved_tensors_hooks(lambda v: v, lambda v: v):
        by_backward(x)


def with_the_refusal_swallowed(x):
    with contextlib.suppress(BaseException):
        by_backward(x)


def before_an_error(x):
    by_backward(x)
    raise ValueError


def by_functional(x):
    torch.autograd.functional.jacobian(lambda v: v**2, x)


def by_func_grad(x):
    torch.func.grad(lambda v: (v**2).sum())(x)


def by_func_vjp(x):
    torch.func.vjp(lambda v: (v**2).sum(), x)[1](torch.ones(()))


def by_func_jvp(x):
    torch.func.jvp(torch.tanh, (x,), (x,))


def by_dual_numbers(x):
    with forward_ad.dual_level():
        forward_ad.unpack_dual(forward_ad.make_dual(x, x) * 2)


def by_checkpoint(x):
    leaf = x.clone().requires_grad_()
    checkpoint(torch.tanh, leaf, use_reentrant=False).sum().backward()


@pytest.mark.parametrize(
    "use",
    [
        by_backward,
        by_grad,
        in_a_thread,
        under_their_own_hooks,
        with_the_refusal_swallowed,
        before_an_error,
        by_functional,
        by_func_grad,
        by_func_vjp,
        by_func_jvp,
        by_dual_numbers,
        by_checkpoint,
    ],
)
def test_autograd_is_found(use):
    with pytest.raises(Incorrect, match="自動微分を使っています"), without_autograd():
        use(X)


def forward_only(x):
    return nn.RNN(2, 3, batch_first=True)(x)


def forward_without_recording(x):
    with torch.no_grad():
        return nn.RNN(2, 3, batch_first=True)(x)


def vectorised(x):
    return torch.func.vmap(torch.tanh)(x)


@pytest.mark.parametrize("use", [forward_only, forward_without_recording, vectorised])
def test_forward_values_are_allowed(use):
    with without_autograd():
        use(X)


def test_other_errors_pass_through():
    with pytest.raises(ZeroDivisionError), without_autograd():
        _ = 1 / 0


MADE_BEFORE = nn.LSTM(2, 3, batch_first=True)
ALIAS = nn.LSTM


class Mine(nn.LSTM):
    pass


def run_function(function):
    zeros = torch.zeros(1, 1, 3)
    weights = list(MADE_BEFORE.parameters())
    return function(X, (zeros, zeros), weights, True, 1, 0.0, False, False, True)


def swallowed():
    with contextlib.suppress(BaseException):
        nn.LSTM(2, 3)


@pytest.mark.parametrize(
    "use",
    [
        lambda: nn.LSTM(2, 3),
        lambda: ALIAS(2, 3),
        lambda: nn.modules.rnn.LSTM(2, 3),
        lambda: Mine(2, 3),
        lambda: MADE_BEFORE(X),
        lambda: copy.deepcopy(MADE_BEFORE),
        lambda: run_function(torch._VF.lstm),
        lambda: run_function(lstm),
        swallowed,
    ],
)
def test_module_is_found(use):
    sentence = r"nn\.GRU、nn\.LSTM を使っています"
    with pytest.raises(Incorrect, match=sentence), without_modules(nn.GRU, nn.LSTM):
        use()


def remade(x):
    module = nn.LSTM(2, 3, batch_first=True)
    module.load_state_dict(MADE_BEFORE.state_dict())
    return module(x)


@pytest.mark.parametrize(
    ("use", "times"),
    [
        (MADE_BEFORE, 1),
        (MADE_BEFORE.forward, 1),
        (copy.deepcopy(MADE_BEFORE), 1),
        (remade, 1),
        (lambda x: [MADE_BEFORE.forward(each[None]) for each in x.repeat(3, 1, 1)], 3),
        (nn.LSTM(2, 3, num_layers=2, bidirectional=True), 1),
        (lambda x: nn.GRU(2, 3)(x), 0),
    ],
)
def test_runs_are_counted(use, times):
    with runs_of(nn.LSTM) as runs:
        use(X)
    assert len(runs) == times


def test_other_modules_are_allowed():
    with without_modules(nn.LSTM):
        nn.GRU(2, 3, batch_first=True)(X)
        torch.sigmoid(X)


@pytest.mark.parametrize("forbid", [without_autograd, lambda: without_modules(nn.LSTM)])
def test_everything_is_put_back(forbid):
    shared = [vars(each) for each in (torch, nn.LSTM, torch.autograd.Variable, forward_ad)]
    before = [dict(each) for each in shared]
    with contextlib.suppress(Incorrect), forbid():
        by_backward(X)
        nn.LSTM(2, 3)
    for then, now in zip(before, shared, strict=True):
        assert then.keys() == now.keys()
        assert all(then[key] is now[key] for key in then)
    by_backward(X)
    assert MADE_BEFORE(X)[0].shape == (1, 3, 3)
