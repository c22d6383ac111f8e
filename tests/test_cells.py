"""cells：PyTorch のセルと、出力も勾配も一致する。"""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_text import cells

B, D, H = 3, 4, 5
PAIRS = [
    (cells.RNNCell, nn.RNNCell),
    (cells.LSTMCell, nn.LSTMCell),
    (cells.GRUCell, nn.GRUCell),
]


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


def state_for(cell, *shape):
    states = [torch.randn(*shape, H, requires_grad=True) for _ in range(cell.states)]
    return tuple(states) if len(states) > 1 else states[0]


def flat(result):
    return result if isinstance(result, tuple) else (result,)


def gradients(results, inputs):
    weights = [torch.linspace(-1, 1, r.numel()).reshape(r.shape) for r in results]
    total = sum((r * w).sum() for r, w in zip(results, weights, strict=True))
    return torch.autograd.grad(total, inputs)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(B,), ()])
def test_equals_torch_in_outputs_and_gradients(ours, theirs, bias, batch):
    a, b = ours(D, H, bias=bias), theirs(D, H, bias=bias)
    a.load_state_dict(b.state_dict())
    x = torch.randn(*batch, D, requires_grad=True)
    state = state_for(a, *batch)
    mine, reference = flat(a(x, state)), flat(b(x, state))
    for m, r in zip(mine, reference, strict=True):
        assert_close(m, r, rtol=0, atol=1e-12)
    got = gradients(mine, [x, *flat(state), *a.parameters()])
    want = gradients(reference, [x, *flat(state), *b.parameters()])
    for g, w in zip(got, want, strict=True):
        assert_close(g, w, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_no_state_means_zero_state(ours, theirs):
    a, b = ours(D, H), theirs(D, H)
    a.load_state_dict(b.state_dict())
    x = torch.randn(B, D)
    for m, r in zip(flat(a(x)), flat(b(x)), strict=True):
        assert_close(m, r, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_same_seed_gives_torchs_initial_weights(ours, theirs):
    torch.manual_seed(7)
    a = ours(D, H)
    torch.manual_seed(7)
    b = theirs(D, H)
    for m, r in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.equal(m, r)


def test_reset_before_gru_by_a_slow_loop():
    cell = cells.ResetBeforeGRUCell(D, H)
    x, h = torch.randn(B, D), torch.randn(B, H)
    want = torch.empty(B, H)
    w_ih, w_hh, b_ih, b_hh = (p.detach() for p in cell.parameters())
    for n in range(B):
        r, z = torch.empty(H), torch.empty(H)
        for j in range(H):
            r[j] = 1 / (1 + torch.exp(-(w_ih[j] @ x[n] + b_ih[j] + w_hh[j] @ h[n] + b_hh[j])))
            k = H + j
            z[j] = 1 / (1 + torch.exp(-(w_ih[k] @ x[n] + b_ih[k] + w_hh[k] @ h[n] + b_hh[k])))
        for j in range(H):
            k = 2 * H + j
            new = torch.tanh(w_ih[k] @ x[n] + b_ih[k] + w_hh[k] @ (r * h[n]) + b_hh[k])
            want[n, j] = (1 - z[j]) * h[n, j] + z[j] * new
    assert_close(cell(x, h), want, rtol=0, atol=1e-12)


def test_the_two_grus_agree_only_where_the_reset_gate_is_open():
    after, before = cells.GRUCell(D, H), cells.ResetBeforeGRUCell(D, H)
    before.load_state_dict(after.state_dict())
    x, h = torch.randn(B, D), torch.randn(B, H)
    assert (after(x, h) - before(x, h)).abs().max() > 1e-2
    with torch.no_grad():
        for cell in (after, before):
            cell.bias_ih[:H] = 50  # r = 1
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(before, name)[H : 2 * H] *= -1  # z と 1 - z の読み替え
    assert_close(after(x, h), before(x, h), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", [c for c, _ in PAIRS] + [cells.ResetBeforeGRUCell])
def test_gradcheck(cell):
    cell = cell(D, H)
    x = torch.randn(B, D, requires_grad=True)

    def step(x, *state):
        return cell(x, state if cell.states > 1 else state[0])

    assert torch.autograd.gradcheck(step, (x, *flat(state_for(cell, B))))


@pytest.mark.parametrize("cell", [c for c, _ in PAIRS])
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (torch.zeros(B, D + 1, dtype=torch.float64), ValueError, "最後の次元は 4"),
        (torch.zeros(B, D, dtype=torch.float32), TypeError, "dtype"),
        (torch.zeros(B, D, dtype=torch.int64), TypeError, "dtype"),
        (torch.zeros(2, B, D, dtype=torch.float64), ValueError, "形"),
        ([[0.0] * D], ValueError, "list"),
    ],
)
def test_bad_input_is_told_in_japanese(cell, x, error, words):
    with pytest.raises(error, match=words):
        cell(D, H)(x)


@pytest.mark.parametrize("cell", [cells.RNNCell, cells.GRUCell])
def test_bad_state(cell):
    with pytest.raises(ValueError, match=r"\(3, 5\) が必要"):
        cell(D, H)(torch.zeros(B, D), torch.zeros(1, H))


@pytest.mark.parametrize("state", [torch.zeros(B, H), (torch.zeros(B, H),)])
def test_lstm_state_must_be_a_pair(state):
    with pytest.raises(TypeError, match=r"\(h, c\)"):
        cells.LSTMCell(D, H)(torch.zeros(B, D), state)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (-1, 3)])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match="1 以上"):
        cells.RNNCell(*sizes)


@pytest.mark.parametrize("cell", [c for c, _ in PAIRS] + [cells.ResetBeforeGRUCell])
def test_no_tensor_is_made_on_another_device(cell):
    with torch.device("meta"):
        cell = cell(D, H)
    x = torch.empty(B, D, device="meta")
    assert flat(cell(x))[0].is_meta
