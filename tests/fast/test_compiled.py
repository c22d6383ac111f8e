"""compiled：C で書いた LSTM が、torch.nn と一致する。"""

import platform

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_text.fast import bptt, compiled, products
from tests.layer_checks import SETTINGS, B, assert_same, by_lengths, flat, make, sample

needs_compiler = pytest.mark.skipif(
    not compiled.available(),
    reason="C のコンパイラ（cc か、環境変数 CC）が要ります",
)
CLOSE = {"rtol": 1e-4, "atol": 1e-6}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(params=[products.CHUNK, 1], ids=["one chunk", "one step a chunk"])
def chunk(request, monkeypatch):
    monkeypatch.setattr(products, "CHUNK", request.param)


@needs_compiler
@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("batch", [(B,), ()])
def test_equals_torch(settings, batch):
    a, b = make(compiled.LSTM, nn.LSTM, settings)
    x, states, state = sample(a, batch)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, **CLOSE)


@needs_compiler
@pytest.mark.parametrize("settings", SETTINGS)
def test_lengths_equal_torchs_packing(settings):
    a, b = make(compiled.LSTM, nn.LSTM, settings)
    x, states, state = sample(a)
    assert_same(*by_lengths(a, b, x, state), [x, *states], a, b, **CLOSE)


# C のコードは 8 本、4 本、1 本ずつ、列は lanes（16 までの 2 の累乗）2 つ、1 つ、1 列ずつ計算する。
# その境目の前後と、端数
BATCHES, HIDDENS = (1, 3, 4, 5, 8, 13, 17), (1, 7, 8, 15, 16, 17, 33, 48)


@needs_compiler
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("hidden", HIDDENS)
def test_sizes_around_the_blocks(batch, hidden):
    same_as_torch(batch, hidden)


def same_as_torch(batch, hidden):
    b = nn.LSTM(2, hidden)
    a = compiled.LSTM(2, hidden)
    a.load_state_dict(b.state_dict())
    x = torch.randn(3, batch, 2, requires_grad=True)
    assert_same(flat(*a(x)), flat(*b(x)), [x], a, b, **CLOSE)


@needs_compiler
def test_a_loss_on_the_last_state_only():
    a, b = make(compiled.LSTM, nn.LSTM, {})
    x, states, state = sample(a)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, -1, **CLOSE)


def gate(values):
    """C の σ。c_0 = 1、i = 0 なら、忘却ゲートがそのまま c_1 になる。"""
    layer = compiled.LSTM(1, 1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight_ih_l0[1] = 1
        layer.bias_ih_l0[0] = -1e4
    h_0, c_0 = torch.zeros(1, len(values), 1), torch.ones(1, len(values), 1)
    with torch.no_grad():
        _, (_, c_1) = layer(values.reshape(1, -1, 1), (h_0, c_0))
    return c_1.flatten()


@needs_compiler
def test_sigmoid_is_as_exact_as_float32():
    x = torch.cat([torch.linspace(-80, 80, 100_001), torch.tensor([0.0, -0.0, 1e-30, -1e-30])])
    assert_close(gate(x).double(), x.double().sigmoid(), rtol=2e-6, atol=0)


@needs_compiler
def test_extreme_and_broken_numbers():
    x = torch.tensor([1e4, -1e4, 3e38, -3e38, torch.nan])
    result = gate(x)
    assert_close(result[[0, 2]], torch.ones(2))
    assert (result[[1, 3]].abs() < 1e-30).all()
    assert result[4].isnan()


@needs_compiler
def test_second_derivatives_equal_the_hand_written_layer():
    a, b = compiled.LSTM(2, 3), bptt.LSTM(2, 3)
    b.load_state_dict(a.state_dict())
    x = torch.randn(4, 2, 2, requires_grad=True)
    found = []
    for layer in (a, b):
        (grad,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(grad.square().sum(), [x, *layer.parameters()]))
    for m, r in zip(*found, strict=True):
        assert_close(m, r, **CLOSE)


@needs_compiler
def test_backward_twice_gives_the_same():
    layer, x = compiled.LSTM(2, 3), torch.randn(4, 2, 2)
    loss = layer(x)[0].square().sum()
    parameters = list(layer.parameters())
    first = torch.autograd.grad(loss, parameters, retain_graph=True)
    for g, w in zip(first, torch.autograd.grad(loss, parameters), strict=True):
        assert torch.equal(g, w)


@needs_compiler
def test_other_kinds_of_tensors_are_refused():
    layer = compiled.LSTM(2, 3).double()
    with pytest.raises(TypeError, match=r"float32.*float64"):
        layer(torch.zeros(4, 1, 2, dtype=torch.float64))


@pytest.fixture
def fresh():
    """コンパイルを、もう一度やり直させる。"""
    compiled.library.cache_clear()
    yield
    compiled.library.cache_clear()


@needs_compiler
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86 の CPU が要ります")
@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("without", ["-mno-avx512f", "-mno-avx"])
def test_cpus_with_shorter_lanes(without, monkeypatch):
    monkeypatch.setattr(compiled, "FLAGS", (*compiled.FLAGS, without))
    for batch in BATCHES:
        for hidden in HIDDENS:
            same_as_torch(batch, hidden)


@pytest.mark.usefixtures("fresh")
def test_no_compiler_is_told(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(RuntimeError, match="no-such-compiler を呼べません"):
        compiled.LSTM(2, 3)(torch.zeros(1, 1, 2))


@needs_compiler
@pytest.mark.usefixtures("fresh")
def test_a_failing_compiler_is_told(monkeypatch, tmp_path):
    wrong = tmp_path / "wrong.c"
    wrong.write_text("int f( {", encoding="utf-8")
    monkeypatch.setattr(compiled, "SOURCE", wrong)
    with pytest.raises(RuntimeError, match=r"wrong\.c をコンパイルできません[\s\S]*error"):
        compiled.library()


@pytest.mark.usefixtures("fresh")
def test_a_library_that_cannot_be_loaded_is_told(monkeypatch, tmp_path):
    """/tmp が noexec のときなど。"""
    fake = tmp_path / "cc"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\necho broken > "$2"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    with pytest.raises(RuntimeError, match=r"読み込めません[\s\S]*TMPDIR"):
        compiled.library()
