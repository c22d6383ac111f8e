"""compiled：C で書いた RNN、LSTM、GRU が、torch.nn と一致する。"""

import copy
import platform

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_text.fast import bptt, compiled, compiler, products
from tests.layer_checks import SETTINGS, B, assert_same, by_lengths, flat, make, sample

needs_compiler = pytest.mark.skipif(
    not compiler.available(),
    reason="C のコンパイラ（cc か、環境変数 CC）が要ります",
)
KINDS = pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
CLOSE = {"rtol": 1e-4, "atol": 1e-6}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(params=[products.CHUNK, 1], ids=["one chunk", "one step a chunk"])
def chunk(request, monkeypatch):
    monkeypatch.setattr(products, "CHUNK", request.param)


def pair(kind, settings):
    return make(getattr(compiled, kind), getattr(nn, kind), settings)


@needs_compiler
@KINDS
@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("batch", [(B,), ()])
def test_equals_torch(kind, settings, batch):
    a, b = pair(kind, settings)
    x, states, state = sample(a, batch)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, **CLOSE)


@needs_compiler
@KINDS
@pytest.mark.parametrize("settings", SETTINGS)
def test_lengths_equal_torchs_packing(kind, settings):
    a, b = pair(kind, settings)
    x, states, state = sample(a)
    assert_same(*by_lengths(a, b, x, state), [x, *states], a, b, **CLOSE)


def same_as_double(kind, x, h_0, hidden, loss=lambda output, *last: output.square().sum()):
    """出力も勾配も、float64 の torch.nn と、float32 の丸めの分しか違わない。

    それぞれの配列でいちばん大きい数を 1 として、差は 1e-5 まで。丸めが大きく育つ入力では、
    float32 の torch.nn そのものの差の 4 倍まで。float32 では 0 になる小さな数は、0 でなくてもよい。
    """
    theirs = getattr(nn, kind)(x.shape[-1], hidden)
    ours = getattr(compiled, kind)(x.shape[-1], hidden)
    ours.load_state_dict(theirs.state_dict())
    exact = copy.deepcopy(theirs).double()
    found = [results_and_gradients(each, x, h_0, loss) for each in (ours, theirs, exact)]
    for mine, rounded, right in zip(*found, strict=True):
        size, error = right.abs().max().item(), (rounded - right).abs().max().item()
        allowed = max(1e-5 * size, 4 * error, 1e-36)
        assert_close(mine.double(), right, rtol=0, atol=allowed)


def results_and_gradients(layer, x, h_0, loss):
    # float32 なら、渡された配列そのもの（詰まっていないままのもの）
    states = [h_0, h_0.flip(-1)] if isinstance(layer, nn.LSTM | compiled.LSTM) else [h_0]
    x, *states = [each.to(layer.weight_hh_l0.dtype).requires_grad_() for each in (x, *states)]
    results = flat(*layer(x, tuple(states) if len(states) == 2 else states[0]))
    return [*results, *torch.autograd.grad(loss(*results), [x, *states, *layer.parameters()])]


def noise(*shape):
    return torch.randn(shape)


@needs_compiler
@KINDS
@pytest.mark.parametrize(
    ("length", "batch", "features", "hidden"),
    [
        (1, 1, 1, 1),
        (1, 7, 3, 5),
        (20, 1, 4, 33),
        (20, 9, 4, 1),
        (300, 3, 5, 20),
        (300, 1, 1, 64),
        (6, 17, 64, 512),
        (4, 1, 3, 512),
        (2, 40, 200, 16),
    ],
)
def test_equals_double_precision(kind, length, batch, features, hidden):
    same_as_double(kind, noise(length, batch, features), noise(1, batch, hidden), hidden)


@needs_compiler
@KINDS
@pytest.mark.parametrize("size", [1e-3, 30.0, 1e4])
def test_tiny_and_extreme_inputs(kind, size):
    same_as_double(kind, size * noise(12, 5, 3), size * noise(1, 5, 18), 18)


@needs_compiler
@KINDS
def test_a_loss_on_the_last_state_only(kind):
    same_as_double(
        kind, noise(9, 4, 3), noise(1, 4, 18), 18, lambda output, *last: sum(map(torch.sum, last))
    )


@needs_compiler
@KINDS
def test_a_loss_on_one_output_and_the_last_state(kind):
    def loss(output, *last):
        return output[4].sum() + last[-1].sum()

    same_as_double(kind, noise(9, 4, 3), noise(1, 4, 18), 18, loss)


@needs_compiler
@KINDS
def test_no_gradient_comes_back_as_zero(kind):
    layer = getattr(compiled, kind)(3, 18)
    sum(0 * each.sum() for each in flat(*layer(noise(5, 4, 3)))).backward()
    assert all(torch.equal(each.grad, torch.zeros_like(each)) for each in layer.parameters())


@needs_compiler
@KINDS
def test_arrays_that_are_not_contiguous(kind):
    x, h_0 = noise(3, 5, 8).permute(2, 1, 0), noise(1, 18, 5).transpose(1, 2)
    assert not x.is_contiguous() and not h_0.is_contiguous()
    same_as_double(kind, x, h_0, 18)
    same_as_double(kind, noise(8, 10, 6)[:, ::2, ::2], noise(1, 1, 18).expand(1, 5, 18), 18)
    weighted = noise(18, 5, 8).permute(2, 1, 0)  # 出力に来る勾配も、詰まっていない
    same_as_double(kind, x, h_0, 18, lambda output, *_: (output * weighted.to(output.dtype)).sum())


@needs_compiler
@KINDS
def test_weights_that_are_not_contiguous(kind):
    ours, theirs = getattr(compiled, kind)(3, 18), getattr(nn, kind)(3, 18)
    ours.load_state_dict(theirs.state_dict())
    for name, each in ours.named_parameters():
        if each.dim() == 2:
            setattr(ours, name, nn.Parameter(each.detach().t().contiguous().t()))
    x = noise(5, 4, 3).requires_grad_()
    assert not ours.weight_hh_l0.is_contiguous()
    assert_same(flat(*ours(x)), flat(*theirs(x)), [x], ours, theirs, **CLOSE)


# C のコードは、行は 8、4、1 本ずつ、列は 8、16、32 のどれかずつ計算する。その境目の前後と、端数
BATCHES, HIDDENS = (1, 3, 4, 5, 8, 13, 17), (1, 7, 8, 15, 16, 17, 33, 48)


@needs_compiler
@KINDS
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("hidden", HIDDENS)
def test_sizes_around_the_blocks(kind, batch, hidden):
    same_as_double(kind, noise(3, batch, 2), noise(1, batch, hidden), hidden)


@needs_compiler
@KINDS
def test_tanh_keeps_its_digits_near_zero(kind):
    """tanh(x) を 2σ(2x) - 1 で求めると、0 の近くで桁が落ちる。"""
    x = torch.cat([torch.logspace(-30, 2, 1001), -torch.logspace(-30, 2, 1001), torch.zeros(1)])
    layer = getattr(compiled, kind)(1, 1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        candidate = {"RNN": 0, "LSTM": 2, "GRU": 2}[kind]
        layer.weight_ih_l0[candidate] = 1
        if kind == "GRU":
            layer.bias_ih_l0[1] = -1e4  # z = 0 なら、h は候補値そのもの
        if kind == "LSTM":
            layer.bias_ih_l0[0] = 1e4  # i = 1 なら、c は候補値そのもの
        last = flat(*layer(x.reshape(1, -1, 1)))[-1]
    assert_close(last.flatten().double(), x.double().tanh(), rtol=2e-6, atol=0)


@needs_compiler
def test_sigmoid_is_as_exact_as_float32():
    x = torch.cat([torch.linspace(-80, 80, 100_001), torch.tensor([0.0, -0.0, 1e-30, -1e-30])])
    assert_close(update_gate(x).double(), x.double().sigmoid(), rtol=2e-6, atol=0)


@needs_compiler
def test_broken_numbers():
    result = update_gate(torch.tensor([1e4, -1e4, 3e38, -3e38, torch.nan]))
    assert_close(result[[0, 2]], torch.ones(2))
    assert (result[[1, 3]].abs() < 1e-30).all()
    assert result[4].isnan()


def update_gate(values):
    """C の σ。h_0 = 1、n = 0 なら、更新ゲートがそのまま h_1 になる。"""
    layer = compiled.GRU(1, 1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight_ih_l0[1] = 1
        _, h_1 = layer(values.reshape(1, -1, 1), torch.ones(1, len(values), 1))
    return h_1.flatten()


@needs_compiler
@KINDS
def test_second_derivatives_equal_the_hand_written_layer(kind):
    a, b = getattr(compiled, kind)(2, 3), getattr(bptt, kind)(2, 3)
    b.load_state_dict(a.state_dict())
    x = torch.randn(4, 2, 2, requires_grad=True)
    found = []
    for layer in (a, b):
        (grad,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(grad.square().sum(), [x, *layer.parameters()]))
    for m, r in zip(*found, strict=True):
        assert_close(m, r, **CLOSE)


@needs_compiler
@KINDS
def test_backward_twice_gives_the_same(kind):
    layer, x = getattr(compiled, kind)(2, 3), torch.randn(4, 2, 2)
    loss = layer(x)[0].square().sum()
    parameters = list(layer.parameters())
    first = torch.autograd.grad(loss, parameters, retain_graph=True)
    for g, w in zip(first, torch.autograd.grad(loss, parameters), strict=True):
        assert torch.equal(g, w)


@needs_compiler
@KINDS
def test_other_kinds_of_tensors_are_refused(kind):
    layer = getattr(compiled, kind)(2, 3).double()
    with pytest.raises(TypeError, match=rf"{kind} には.*float32.*float64"):
        layer(torch.zeros(4, 1, 2, dtype=torch.float64))


@needs_compiler
@KINDS
def test_a_copied_layer_learns_alone(kind):
    layer = getattr(compiled, kind)(2, 3)
    other = copy.deepcopy(layer)
    other(noise(4, 2, 2))[0].sum().backward()
    assert layer.weight_hh_l0.grad is None and other.weight_hh_l0.grad is not None


@needs_compiler
@KINDS
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86 の CPU が要ります")
@pytest.mark.parametrize("without", ["-mno-avx512f", "-mno-avx"])
def test_cpus_with_shorter_lanes(kind, without, monkeypatch):
    monkeypatch.setattr(compiler, "FLAGS", (*compiler.FLAGS, without))
    for batch in BATCHES:
        for hidden in HIDDENS:
            same_as_double(kind, noise(3, batch, 2), noise(1, batch, hidden), hidden)
