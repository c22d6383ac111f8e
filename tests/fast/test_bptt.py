"""bptt：手で導いた逆伝播が、torch.nn とも自動微分とも一致する。"""

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck
from torch.testing import assert_close

from lstm_text import layers
from lstm_text.fast import bptt, products
from tests.layer_checks import (
    LENGTHS,
    B,
    D,
    H,
    T,
    against_torch,
    assert_same,
    flat,
    make,
    sample,
)

PAIRS = [(bptt.RNN, nn.RNN), (bptt.LSTM, nn.LSTM), (bptt.GRU, nn.GRU)]
OURS = [ours for ours, _ in PAIRS]


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(params=[products.CHUNK, 2 * 4 * B * H], ids=["one chunk", "two steps a chunk"])
def chunk(request, monkeypatch):
    monkeypatch.setattr(products, "CHUNK", request.param)
    if request.param < products.FEW:
        monkeypatch.setattr(products, "FEW", 0)  # tanh も、大きい配列での道を通す


@pytest.mark.usefixtures("chunk")
class TestAgainstTorch(against_torch(PAIRS)):
    pass


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("wanted", [0, 1, -1])
def test_a_loss_on_one_output_only(ours, theirs, wanted):
    a, b = make(ours, theirs, {})
    x, states, state = sample(a)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, wanted)


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("ours", OURS)
def test_what_lies_beyond_the_length_does_not_matter(ours):
    layer = ours(D, H, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(B, T, D)
    spoiled = x.clone()
    for n, length in enumerate(LENGTHS):
        spoiled[n, length:] = 1e6
    grads = []
    for each in (x, spoiled):
        output, _ = layer(each, lengths=LENGTHS)
        grads.append(torch.autograd.grad(output.square().sum(), list(layer.parameters())))
    for clean, dirty in zip(*grads, strict=True):
        assert_close(clean, dirty, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_numerical_derivatives(ours, check):
    layer = ours(2, 3)
    states = [torch.randn(2, 3, requires_grad=True) for _ in range(layer.cell.states)]
    x = torch.randn(4, 2, 2, requires_grad=True)
    assert check(layer.function.apply, (x, *states, *layer.parameters()))


@pytest.mark.parametrize("ours", OURS)
def test_second_derivatives_equal_the_readable_layers(ours):
    readable = getattr(layers, ours.__name__)(D, H, bidirectional=True)
    layer = ours(D, H, bidirectional=True)
    layer.load_state_dict(readable.state_dict())
    x = torch.randn(T, B, D, requires_grad=True)
    found = []
    for each in (layer, readable):
        output, _ = each(x, lengths=LENGTHS)
        (grad,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
        leaves = [x, *each.parameters()]
        found.append(torch.autograd.grad(grad.square().sum(), leaves, allow_unused=True))
    for m, r in zip(*found, strict=True):
        assert (m is None and r is None) or torch.allclose(m, r, rtol=0, atol=1e-9)


@pytest.mark.parametrize("cut", [slice(None), slice(8, None)], ids=["dense", "with gaps"])
@pytest.mark.parametrize("turned", [False, True])
def test_large_products_equal_the_plain_ones(monkeypatch, cut, turned):
    monkeypatch.setattr(products, "LARGE", 0)  # 大きさによらず oneDNN に頼む
    w = torch.randn(6, 16, dtype=torch.float32)[:, cut]
    w = w.t() if turned else w
    a = torch.randn(3, w.shape[1], dtype=torch.float32)
    out = torch.randn(3, len(w), dtype=torch.float32)
    expected = out.double() + a.double() @ w.double().t()
    assert_close(products.add_product_(out, a, w).double(), expected, rtol=0, atol=1e-5)
    assert_close(products.product(a, w).double(), a.double() @ w.double().t(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("ours", OURS)
def test_backward_twice_gives_the_same(ours):
    layer = ours(D, H)
    loss = layer(torch.randn(T, B, D))[0].square().sum()
    first = torch.autograd.grad(loss, list(layer.parameters()), retain_graph=True)
    second = torch.autograd.grad(loss, list(layer.parameters()))
    for m, r in zip(first, second, strict=True):
        assert torch.equal(m, r)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("onednn", [True, False])
def test_large_float32_products_agree_too(ours, theirs, onednn, monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1)
    torch.set_default_dtype(torch.float32)
    a, b = make(ours, theirs, {"bidirectional": True})
    x = torch.randn(T, B, D, requires_grad=True)
    grads = []
    with torch.backends.mkldnn.flags(enabled=onednn, allow_tf32=None):
        for layer in (a, b):
            output, _ = layer(x)
            leaves = [x, *dict(sorted(layer.named_parameters())).values()]
            grads.append([output, *torch.autograd.grad(output.square().sum(), leaves)])
    for m, r in zip(*grads, strict=True):
        assert_close(m, r, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("ours", OURS)
def test_the_function_saves_no_more_than_nn_lstm_needs(ours):
    """覚えておくのは、1 時刻 1 系列あたり LSTM で 6H 個、GRU で 5H 個、RNN で H 個。"""
    layer = ours(D, H)
    saved = []

    def keep(tensor):
        saved.append((tensor.untyped_storage().data_ptr(), tensor.untyped_storage().nbytes()))
        return tensor

    x = torch.randn(T, B, D)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        layer.function.apply(x, *[torch.zeros(B, H)] * layer.cell.states, *layer.parameters())
    per_step = {"RNN": 1, "LSTM": 6, "GRU": 5}[ours.__name__] * B * H
    small = 2 * B * H * layer.cell.states + sum(p.numel() for p in layer.parameters()) + x.numel()
    assert sum(dict(saved).values()) / 8 <= per_step * T + small


@pytest.mark.parametrize("ours", OURS)
def test_no_tensor_is_made_on_another_device(ours):
    with torch.device("meta"):
        layer = ours(D, H, num_layers=2, bidirectional=True)
    x = torch.empty(T, B, D, device="meta")
    output, _ = layer(x, lengths=torch.full((B,), T))
    output.sum().backward()
    assert output.is_meta and layer.weight_ih_l0.grad.is_meta


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA の使える GPU がありません")
@pytest.mark.parametrize("ours", OURS)
def test_the_gpu_gives_what_the_cpu_gives(ours):
    layer = ours(D, H, num_layers=2, bidirectional=True)
    x = torch.randn(T, B, D)
    on_cpu = flat(*layer(x, lengths=LENGTHS))
    on_gpu = flat(*layer.cuda()(x.cuda(), lengths=LENGTHS))
    for m, r in zip(on_gpu, on_cpu, strict=True):
        assert_close(m.cpu(), r, rtol=0, atol=1e-9)
