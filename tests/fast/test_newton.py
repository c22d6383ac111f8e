"""newton と tangents：1 時刻ずつの計算と出力も勾配も一致し、k 歩で初めの k 時刻が正確になる。"""

import itertools
from functools import partial

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck
from torch.nn.functional import cross_entropy, linear
from torch.testing import assert_close

from lstm_text.cells import GRUCell, LSTMCell, RNNCell
from lstm_text.fast import newton
from lstm_text.fast.tangents import Steps, dense, per_unit, scan_matrices
from lstm_text.tasks import first_symbol
from tests.layer_checks import SETTINGS, B, D, H, T, assert_same, by_lengths, flat, make, sample

PAIRS = [
    (newton.LSTM, nn.LSTM),
    (newton.GRU, nn.GRU),
    (newton.QuasiLSTM, nn.LSTM),
    (newton.QuasiGRU, nn.GRU),
]
CELLS = [RNNCell, GRUCell, LSTMCell]
SLOPES = [dense, per_unit]
TOLERANCE = {"rtol": 0, "atol": 1e-10}


@pytest.fixture(autouse=True)
def _exact():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def problem(cell, time, batch=2, inputs=3, hidden=4, scale=1.0):
    """標準正規乱数の ``scale`` 倍の重みと、標準正規乱数の入力と初期状態。"""
    rows = cell.gates * hidden
    shapes = (rows, inputs), (rows, hidden), (rows,), (rows,)
    weights = tuple(scale * torch.randn(shape) for shape in shapes)
    state = tuple(torch.randn(batch, hidden) for _ in range(cell.states))
    return torch.randn(time, batch, inputs), state, weights


def one_by_one(cell, x, state, weights):
    """1 時刻ずつ計算した全時刻の状態 (time, batch, hidden, states)。"""
    w_ih, w_hh, b_ih, b_hh = weights
    found = []
    for x_t in x:
        state = cell.step(linear(x_t, w_ih, b_ih), state, w_hh, b_hh)
        found.append(torch.stack(state, dim=-1))
    return torch.stack(found)


def prepared(cell, x, state, weights, slopes):
    """:func:`newton.guesses` に渡すもの。見当は 0 から始める。"""
    w_ih, w_hh, b_ih, b_hh = weights
    steps, start = Steps(cell, linear(x, w_ih, b_ih), w_hh, b_hh), torch.stack(state, dim=-1)
    return steps, partial(slopes, steps), start, torch.zeros(len(x), *start.shape)


# --- 傾きと走査 ----------------------------------------------------------------


@pytest.mark.parametrize("time", [1, 2, 3, 7, 8, 9, 31])
def test_the_scan_of_matrices_is_the_loop(time):
    a, b = torch.randn(time, B, H, H), torch.randn(time, B, H)
    h, states = torch.zeros(B, H), []
    for a_t, b_t in zip(a, b, strict=True):
        h = torch.einsum("bij,bj->bi", a_t, h) + b_t
        states.append(h)
    assert_close(scan_matrices(a, b), torch.stack(states), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_dense_slopes_are_the_jacobian_of_the_cell(cell):
    x, state, (w_ih, w_hh, b_ih, b_hh) = problem(cell, 1, batch=1)
    gates_x = linear(x, w_ih, b_ih)

    def flat_step(s):
        new = cell.step(gates_x[0], s.view(1, 4, cell.states).unbind(-1), w_hh, b_hh)
        return torch.stack(new, dim=-1).flatten()

    start = torch.stack(state, dim=-1)
    expected = torch.autograd.functional.jacobian(flat_step, start.flatten())
    found = dense(Steps(cell, gates_x, w_hh, b_hh), start.unsqueeze(0))
    assert_close(found[0, 0, 0], expected, **TOLERANCE)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_slopes_per_unit_are_the_blocks_on_the_diagonal(cell, bias):
    x, _, (w_ih, w_hh, b_ih, b_hh) = problem(cell, 5)
    steps = Steps(cell, linear(x, w_ih, b_ih), w_hh, b_hh if bias else None)
    previous = torch.randn(5, 2, 4, cell.states)
    n = cell.states
    blocks = dense(steps, previous).view(5, 2, 4, n, 4, n).diagonal(dim1=2, dim2=4)
    assert_close(per_unit(steps, previous), blocks.movedim(-1, 2), **TOLERANCE)


# --- 見当を直す ----------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("slopes", SLOPES)
@pytest.mark.parametrize("scale", [0.1, 1.0, 4.0])
def test_after_k_steps_the_first_k_times_are_exact(cell, slopes, scale):
    given = problem(cell, 20, scale=scale)
    true = one_by_one(cell, *given)
    found = newton.guesses(*prepared(cell, *given, slopes))
    for k, (guess, _) in enumerate(itertools.islice(found, 21)):
        assert_close(guess[:k], true[:k], **TOLERANCE)


@pytest.mark.parametrize("cell", CELLS)
def test_the_error_is_squared_at_each_step_near_the_answer(cell):
    given = problem(cell, 200, hidden=8, scale=0.3)
    true = one_by_one(cell, *given)
    found = newton.guesses(*prepared(cell, *given, dense))
    errors = [(guess - true).abs().max().item() for guess, _ in itertools.islice(found, 8)]
    near = [pair for pair in itertools.pairwise(errors) if 1e-6 < pair[0] < 1e-1]
    assert near and all(after < 10 * before**2 for before, after in near)


@pytest.mark.parametrize("slopes", SLOPES)
def test_a_recurrence_of_first_order_takes_one_step(slopes):
    x, state, (w_ih, w_hh, b_ih, b_hh) = problem(GRUCell, 50)
    weights = w_ih, torch.zeros_like(w_hh), b_ih, b_hh  # ゲートが状態を見ない
    (hidden,), steps = newton.run(GRUCell, x, state, weights, slopes)
    assert steps == 1
    assert_close(hidden, one_by_one(GRUCell, x, state, weights)[..., 0], **TOLERANCE)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("slopes", SLOPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [3.0, 30.0])
def test_wild_weights_still_converge_within_the_length(cell, slopes, dtype, scale):
    """接線の積があふれても、系列長の歩数で、どの時刻も 1 つ前の時刻の次になる。"""
    x, state, weights = problem(cell, 120, scale=scale)
    x, *state = (each.to(dtype) for each in (x, *state))
    w_ih, w_hh, b_ih, b_hh = (each.to(dtype) for each in weights)
    states, steps = newton.run(cell, x, state, (w_ih, w_hh, b_ih, b_hh), slopes)
    assert steps <= 120
    for t in range(120):
        before = state if t == 0 else [each[t - 1] for each in states]
        after = cell.step(linear(x[t], w_ih, b_ih), before, w_hh, b_hh)
        limit = 1e-4 if dtype == torch.float32 else 1e-9
        for mine, true in zip(states, after, strict=True):
            assert_close(mine[t], true, rtol=limit, atol=limit)


@pytest.mark.parametrize("limit", [0, 1])
def test_too_few_steps_are_told(limit):
    with pytest.raises(RuntimeError, match=rf"^{limit} 歩のうちに収束する必要がありますが"):
        newton.run(GRUCell, *problem(GRUCell, 30), limit=limit)


# --- 層 -----------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("batch", [(B,), ()])
def test_equals_torch(ours, theirs, settings, batch):
    a, b = make(ours, theirs, settings)
    x, states, state = sample(a, batch)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, atol=1e-10)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize(
    ("time", "batch", "hidden", "scale"),
    [(1, 1, 1, 1.0), (2, 3, 4, 1.0), (37, 2, 5, 1.0), (12, 2, 6, 3.0), (600, 1, 3, 0.5)],
)
def test_equals_torch_for_normal_weights(ours, theirs, time, batch, hidden, scale):
    a, b = ours(D, hidden, batch_first=True), theirs(D, hidden, batch_first=True)
    for parameter in b.parameters():
        nn.init.normal_(parameter, 0, scale)
    a.load_state_dict(b.state_dict())
    x = torch.randn(batch, time, D, requires_grad=True)
    assert_same(flat(*a(x)), flat(*b(x)), [x], a, b, atol=1e-10)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_equals_torch_for_trained_weights(ours, theirs):
    source = torch.Generator().manual_seed(0)
    b, head = theirs(10, 8, batch_first=True), nn.Linear(8, 10)
    optimizer = torch.optim.Adam([*b.parameters(), *head.parameters()], 1e-2)
    losses = []
    for _ in range(150):
        x, y = first_symbol(16, 5, source)
        loss = cross_entropy(head(b(x.double())[0][:, -1]), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < losses[0] / 2  # 訓練で重みが動いた
    a = ours(10, 8, batch_first=True)
    a.load_state_dict(b.state_dict())
    x = first_symbol(3, 80, source)[0].double().requires_grad_()
    assert_same(flat(*a(x)), flat(*b(x)), [x], a, b, atol=1e-10)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_lengths_equal_torchs_packing(ours, theirs):
    a, b = make(ours, theirs, {"num_layers": 2, "bidirectional": True})
    x, states, state = sample(a)
    mine, reference = by_lengths(a, b, x, state)
    assert_same(mine, reference, [x, *states], a, b, atol=1e-10)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("wanted", [0, 1, -1])
def test_a_loss_on_one_output_only(ours, theirs, wanted):
    a, b = make(ours, theirs, {})
    x, states, state = sample(a)
    assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b, wanted, atol=1e-10)


@pytest.mark.parametrize("ours", [newton.LSTM, newton.GRU, newton.QuasiLSTM, newton.QuasiGRU])
def test_numerical_derivatives(ours):
    layer = ours(2, 3)
    states = [torch.randn(1, 2, 3, requires_grad=True) for _ in range(layer.cell.states)]
    x = torch.randn(4, 2, 2, requires_grad=True)

    def output(x, *states):
        return layer(x, states if len(states) > 1 else states[0])[0]

    assert gradcheck(output, (x, *states), check_undefined_grad=False)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_float32_stays_float32(ours, theirs):
    a, b = make(ours, theirs, {"batch_first": True})
    a, b, x = a.float(), b.float(), torch.randn(B, 50, D).float()
    output, expected = a(x)[0], b(x)[0]
    assert output.dtype == torch.float32
    assert_close(output, expected, rtol=0, atol=2e-5)


def test_a_second_derivative_is_refused():
    layer = newton.GRU(D, H)
    x = torch.randn(T, B, D, requires_grad=True)
    with pytest.raises(RuntimeError, match="1 階の微分まで"):
        torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)


def test_nothing_is_recorded_without_gradients():
    layer = newton.LSTM(D, H)
    with torch.no_grad():
        output, _ = layer(torch.randn(T, B, D))
    assert not output.requires_grad
