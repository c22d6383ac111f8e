"""linear_scan と scan_layers：どの解き方も 1 時刻ずつの計算と一致し、途中で切っても続けられる。"""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.testing import assert_close

from lstm_text.experiments.races.many_seeds import ManySeeds
from lstm_text.fast import (
    LinearScan,
    MinGRU,
    MinGRUCell,
    MinLSTM,
    MinLSTMCell,
    linear_scan,
    scan_layers,
)
from lstm_text.layers import run_over_time
from lstm_text.models import LastState
from tests.layer_checks import SETTINGS

B, D, H = 4, 3, 5
LENGTHS = [1, 2, 3, 7, 8, 9, 16, 31, 100]
FAST = [linear_scan.scan_doubling, linear_scan.scan_blocks, linear_scan.scan]
LAYERS = [MinGRU, MinLSTM]


def normal(*shape, seed=0, **options):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=source, dtype=torch.float64, **options)


def problem(time, *shape):
    """符号が正にも負にもなり、0 も含む係数。"""
    a, b, h0 = normal(time, *shape), normal(time, *shape, seed=1), normal(*shape, seed=2)
    a.flatten()[::5] = 0
    return [each.requires_grad_() for each in (a, b, h0)]


def gradients(work, inputs):
    output = work(*inputs)
    weight = torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape)
    return output, torch.autograd.grad((output * weight).sum(), inputs)


def double(layer, seed=0):
    with torch.no_grad():
        layer.double()
        for k, parameter in enumerate(layer.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=seed + k))
    return layer


# --- 漸化式 ------------------------------------------------------------------


def test_loop_is_the_definition():
    a, b, h0 = problem(6, B, H)
    h = h0
    for t, state in enumerate(linear_scan.scan_loop(a, b, h0)):
        h = a[t] * h + b[t]
        assert torch.equal(state, h)


@pytest.mark.parametrize("fast", FAST)
@pytest.mark.parametrize("time", LENGTHS)
@pytest.mark.parametrize("shape", [(B, H), (1, H), ()])
def test_equals_the_loop_in_values_and_gradients(fast, time, shape):
    inputs = problem(time, *shape)
    got, want = gradients(fast, inputs), gradients(linear_scan.scan_loop, inputs)
    assert_close(got, want, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("time", LENGTHS)
def test_log_scan_equals_the_loop_where_all_is_positive(time):
    inputs = [each.detach().abs().add(0.01).requires_grad_() for each in problem(time, B, H)]
    in_logs = gradients(lambda *each: linear_scan.scan_log(*(x.log() for x in each)), inputs)
    assert_close(in_logs, gradients(linear_scan.scan_loop, inputs), rtol=1e-9, atol=1e-9)


def test_log_scan_starts_from_zero_too():
    a, b, _ = (each.detach().abs() + 0.01 for each in problem(7, B, H))
    zero = torch.zeros(B, H, dtype=torch.float64)
    got = linear_scan.scan_log(a.log(), b.log(), zero.log())
    assert_close(got, linear_scan.scan_loop(a, b, zero), rtol=1e-12, atol=1e-12)


def test_combine_is_associative_but_not_commutative():
    p, q, r = ((normal(H, seed=k), normal(H, seed=9 + k)) for k in range(3))
    one = linear_scan.combine(linear_scan.combine(p, q), r)
    other = linear_scan.combine(p, linear_scan.combine(q, r))
    assert_close(one, other, rtol=1e-14, atol=1e-14)
    assert not torch.allclose(linear_scan.combine(p, q)[1], linear_scan.combine(q, p)[1])


@pytest.mark.parametrize("fast", [*FAST, linear_scan.scan_loop])
@pytest.mark.parametrize("at", [1, 5, 12])
def test_a_sequence_can_be_cut_anywhere(fast, at):
    a, b, h0 = problem(13, B, H)
    first = fast(a[:at], b[:at], h0)
    second = fast(a[at:], b[at:], first[-1])
    assert_close(torch.cat([first, second]), fast(a, b, h0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("time", [1, 2, 7])
def test_gradcheck(time):
    inputs = problem(time, 2, 2)
    assert torch.autograd.gradcheck(LinearScan.apply, inputs)
    assert torch.autograd.gradgradcheck(LinearScan.apply, inputs)


def test_works_under_vmap():
    a, b, h0 = problem(9, 3, H)
    together = torch.vmap(linear_scan.scan, in_dims=(1, 1, 0), out_dims=1)(a, b, h0)
    assert_close(together, linear_scan.scan(a, b, h0))


@pytest.mark.parametrize("fast", FAST)
def test_float32_error_stays_small_over_16384_steps(fast):
    time = 16_384
    a = torch.sigmoid(3 + normal(time, B, H))
    b, h0 = normal(time, B, H, seed=1), normal(B, H, seed=2)
    exact = linear_scan.scan_loop(a, b, h0)
    rounded = fast(a.float(), b.float(), h0.float())
    assert_close(rounded.double(), exact, rtol=0, atol=1e-5 * exact.abs().max().item())


def test_log_scan_loses_digits_over_16384_steps():
    a = torch.full((16_384,), 0.5, dtype=torch.float64)
    b, h0 = torch.ones_like(a), torch.tensor(1.0, dtype=torch.float64)

    def error(work, *inputs):
        return (work(*(each.float() for each in inputs)).double() / 2 - 1)[100:].abs().max()

    direct = error(linear_scan.scan, a, b, h0)
    in_logs = error(linear_scan.scan_log, a.log(), b.log(), h0.log())
    assert direct < 1e-6 < 1e-4 < in_logs < 1e-2


@pytest.mark.parametrize(
    ("a", "b", "h0"), [((4, 2), (4, 3), (2,)), ((4, 2), (4, 2), (4, 2)), ((4, 2), (3, 2), (2,))]
)
def test_shapes_that_do_not_fit_are_named(a, b, h0):
    with pytest.raises(ValueError, match=r"同じ形 \(time, …\)"):
        linear_scan.scan(torch.zeros(a), torch.zeros(b), torch.zeros(h0))


def test_an_empty_sequence_is_named():
    with pytest.raises(ValueError, match="長さ 0"):
        linear_scan.scan(torch.zeros(0, 2), torch.zeros(0, 2), torch.zeros(2))


# --- 層 ----------------------------------------------------------------------


def by_hand(layer, x, h):
    """論文の式を、割り算も含めてそのまま書いた 1 層。(time, batch, …)。"""
    gates = (x @ layer.weight_ih_l0.T + layer.bias_ih_l0).chunk(layer.cell.gates, dim=-1)
    output = []
    for each in zip(*gates, strict=True):
        if isinstance(layer, MinGRU):
            z, n = each
            h = torch.sigmoid(z) * h + (1 - torch.sigmoid(z)) * n
        else:
            i, f, g = torch.sigmoid(each[0]), torch.sigmoid(each[1]), each[2]
            h = f / (f + i) * h + i / (f + i) * g
        output.append(h)
    return torch.stack(output)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("time", [1, 6, 17])
def test_layer_is_the_paper(kind, time):
    layer = double(kind(D, H))
    x, h0 = normal(time, B, D, requires_grad=True), normal(B, H, seed=1, requires_grad=True)
    leaves = [x, h0, *layer.parameters()]
    results = [layer(x, h0.unsqueeze(0))[0], by_hand(layer, x, h0)]
    grads = [torch.autograd.grad(r.square().sum(), leaves) for r in results]
    assert_close(results[0], results[1], rtol=0, atol=1e-12)
    assert_close(grads[0], grads[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_scan_equals_the_cell_in_a_loop(kind, settings, monkeypatch):
    layer = double(kind(D, H, **settings))
    x = normal(B, 7, D, requires_grad=True)
    x_in = x if layer.batch_first else x.transpose(0, 1)
    k = layer.num_layers * len(layer.directions)
    h0 = normal(k, B, H, seed=1, requires_grad=True)
    lengths = torch.tensor([7, 3, 1, 5])
    leaves = [x, h0, *layer.parameters()]

    def outputs():
        results = layer(x_in, h0, lengths)
        return *results, *torch.autograd.grad(sum(r.square().sum() for r in results), leaves)

    fast = outputs()
    monkeypatch.setattr(
        scan_layers.ScanLayer,
        "_run_over_time",
        lambda self, *args, **rest: run_over_time(self.cell, *args, **rest),
    )
    assert_close(fast, outputs(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("at", [1, 6, 10])
def test_state_carries_over_a_cut(kind, at):
    layer = double(kind(D, H, num_layers=2))
    x, h0 = normal(11, B, D), normal(2, B, H, seed=1)
    whole, last = layer(x, h0)
    first, middle = layer(x[:at], h0)
    second, end = layer(x[at:], middle)
    assert_close(torch.cat([first, second]), whole, rtol=0, atol=1e-12)
    assert_close(end, last, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_padding_and_neighbours_do_not_matter(kind, settings):
    layer = double(kind(D, H, **settings | {"batch_first": True}))
    lengths = [6, 2, 1, 4]
    x = normal(B, 6, D)
    noisy = x.clone()
    for b, n in enumerate(lengths):
        noisy[b, n:] = 1e3
    results = layer(x, lengths=lengths), layer(noisy, lengths=lengths)
    assert_close(results[0], results[1], rtol=0, atol=0)
    output, h_n = results[0]
    for b, n in enumerate(lengths):
        alone, last = layer(x[b : b + 1, :n])
        assert_close(output[b : b + 1, :n], alone, rtol=0, atol=1e-12)
        assert_close(h_n[:, b : b + 1], last, rtol=0, atol=1e-12)
        assert not output[b, n:].any()


@pytest.mark.parametrize("kind", LAYERS)
def test_packed_and_unbatched_inputs(kind):
    layer = double(kind(D, H, bidirectional=True, batch_first=True))
    x, lengths = normal(3, 6, D), torch.tensor([4, 6, 1])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, h_n = layer(packed)
    want, want_h = layer(x, lengths=lengths)
    got, _ = pad_packed_sequence(output, batch_first=True)
    assert_close(got, want)
    assert_close(h_n, want_h)
    assert_close(layer(x[1])[0], layer(x[1:2])[0][0])


@pytest.mark.parametrize("cell_class", [MinGRUCell, MinLSTMCell])
def test_cell_takes_one_step_of_the_layer(cell_class):
    layer = double({MinGRUCell: MinGRU, MinLSTMCell: MinLSTM}[cell_class](D, H))
    cell = cell_class(D, H).double()
    cell.load_state_dict({"weight_ih": layer.weight_ih_l0, "bias_ih": layer.bias_ih_l0})
    x, h = normal(B, D), normal(B, H, seed=1)
    assert_close(cell(x, h), layer(x[None], h[None])[0][0])
    assert_close(cell(x), layer(x[None])[0][0])
    with pytest.raises(ValueError, match="隠れ状態"):
        cell(x, h[:1])


@pytest.mark.parametrize("kind", LAYERS)
def test_closed_and_open_gates_have_finite_gradients(kind):
    layer = kind(1, 1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(1.0)
    for value in (-300.0, 300.0):
        x = torch.full((5, 1, 1), value, requires_grad=True)
        output, _ = layer(x)
        output.sum().backward()
        assert output.isfinite().all()
        assert x.grad.isfinite().all()


@pytest.mark.parametrize("kind", LAYERS)
def test_keep_bias_sets_what_remains(kind):
    layer = kind(D, H, num_layers=2)
    scan_layers.keep_bias_(layer, 3.0)
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
    _, h_n = layer(torch.zeros(1, 1, D), torch.ones(2, 1, H))
    candidate = layer.bias_ih_l0.view(layer.cell.gates, H)[-1]
    keep = torch.tensor(3.0).sigmoid()
    assert_close(h_n[0, 0], keep + (1 - keep) * candidate)


@pytest.mark.parametrize("kind", LAYERS)
def test_goes_into_models_and_many_seeds(kind):
    models = [LastState(kind(D, H, 2, batch_first=True), 1) for _ in range(3)]
    x = normal(3, B, 9, D).float()
    together = ManySeeds(copy.deepcopy(models))(x)
    alone = torch.stack([model(each) for model, each in zip(models, x, strict=True)])
    assert_close(together, alone)
    assert models[0](x[0], torch.tensor([9, 2, 5, 1])).shape == (B, 1)


@pytest.mark.parametrize("kind", LAYERS)
def test_runs_on_the_meta_device(kind):
    layer = kind(D, H, num_layers=2, bidirectional=True).to("meta")
    output, h_n = layer(torch.zeros(7, B, D, device="meta"))
    assert output.is_meta
    assert h_n.shape == (4, B, H)


@pytest.mark.parametrize("kind", LAYERS)
def test_errors_are_those_of_the_other_layers(kind):
    layer = kind(D, H)
    with pytest.raises(ValueError, match="初期状態の形は"):
        layer(torch.zeros(4, B, D), torch.zeros(1, B + 1, H))
    with pytest.raises(ValueError, match="入力の最後の次元は 3"):
        layer(torch.zeros(4, B, D + 1))
    with pytest.raises(TypeError, match="dtype"):
        layer(torch.zeros(4, B, D).double())
    with pytest.raises(ValueError, match="1 以上"):
        kind(0, H)


def test_parameters_are_fewer():
    def count(layer):
        return sum(p.numel() for p in layer.parameters())

    assert count(MinGRU(D, H)) == 2 * H * (D + 1)
    assert count(MinLSTM(D, H)) == 3 * H * (D + 1)
    assert count(nn.GRU(D, H)) == 3 * H * (D + H + 2)
