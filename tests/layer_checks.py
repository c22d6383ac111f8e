"""層の試験（layers、bptt、compiled、newton、scan）に共通の、大きさ、設定、torch.nn との比べ方。"""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence
from torch.testing import assert_close

T, B, D, H = 6, 4, 3, 5
LENGTHS = torch.tensor([4, 6, 1, 3])
SETTINGS = [
    {},
    {"batch_first": True},
    {"bidirectional": True},
    {"num_layers": 3},
    {"bias": False, "batch_first": True},
    {"num_layers": 2, "bidirectional": True, "batch_first": True},
]


def make(ours, theirs, settings):
    b = theirs(D, H, **settings)
    a = ours(D, H, **settings)
    assert str(a.load_state_dict(b.state_dict())) == "<All keys matched successfully>"
    return a, b


def sample(layer, batch=(B,)):
    shape = (*batch, T, D) if layer.batch_first else (T, *batch, D)
    x = torch.randn(shape, requires_grad=True)
    k = layer.num_layers * (2 if layer.bidirectional else 1)
    states = [torch.randn(k, *batch, H, requires_grad=True) for _ in range(layer.cell.states)]
    return x, states, (tuple(states) if len(states) > 1 else states[0])


def flat(output, state):
    return [output, *(state if isinstance(state, tuple) else (state,))]


def by_lengths(a, b, x, state):
    """長さを渡した ``a`` と、詰めて渡した ``b`` の、出力と最後の状態。"""
    packed = pack_padded_sequence(x, LENGTHS, a.batch_first, enforce_sorted=False)
    output, last = b(packed, state)
    output, _ = pad_packed_sequence(output, a.batch_first, total_length=T)
    return flat(*a(x, state, lengths=LENGTHS)), flat(output, last)


def assert_same(mine, reference, inputs, a, b, wanted=None, rtol=0, atol=1e-12):
    """出力も、``wanted`` 番目の出力（省くと全部）から作った損失の勾配も同じ。"""
    for m, r in zip(mine, reference, strict=True):
        assert_close(m, r, rtol=rtol, atol=atol)
    grads = []
    for results, module in ((mine, a), (reference, b)):
        used = results if wanted is None else [results[wanted]]
        total = sum((r * torch.linspace(-1, 1, r.numel()).reshape(r.shape)).sum() for r in used)
        leaves = [*inputs, *dict(sorted(module.named_parameters())).values()]
        grads.append(torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True))
    for g, w in zip(*grads, strict=True):
        g, w = (torch.zeros(1) if each is None else each for each in (g, w))
        assert_close(g.expand_as(w), w, rtol=rtol, atol=10 * atol)


def against_torch(pairs):
    """どの層の組（この本のもの、torch.nn のもの）も通る試験。試験のクラスの親にする。"""

    @pytest.mark.parametrize(("ours", "theirs"), pairs)
    class AgainstTorch:
        @pytest.mark.parametrize("settings", SETTINGS)
        @pytest.mark.parametrize("batch", [(B,), ()])
        def test_equals_torch(self, ours, theirs, settings, batch):
            a, b = make(ours, theirs, settings)
            x, states, state = sample(a, batch)
            assert_same(flat(*a(x, state)), flat(*b(x, state)), [x, *states], a, b)

        @pytest.mark.parametrize("settings", SETTINGS)
        def test_lengths_equal_torchs_packing(self, ours, theirs, settings):
            a, b = make(ours, theirs, settings)
            x, states, state = sample(a)
            assert_same(*by_lengths(a, b, x, state), [x, *states], a, b)

        @pytest.mark.parametrize("enforce_sorted", [True, False])
        def test_packed_in_packed_out(self, ours, theirs, enforce_sorted):
            a, b = make(ours, theirs, {"bidirectional": True})
            sequences = [torch.randn(n, D) for n in (5, 4, 4, 2)]
            if not enforce_sorted:
                sequences.reverse()
            packed = pack_sequence(sequences, enforce_sorted=enforce_sorted)
            (mine, mine_state), (reference, reference_state) = a(packed), b(packed)
            for m, r in zip(mine[1:], reference[1:], strict=True):
                assert (m is None and r is None) or torch.equal(m, r)
            for m, r in zip(
                flat(mine.data, mine_state), flat(reference.data, reference_state), strict=True
            ):
                assert_close(m, r, rtol=0, atol=1e-12)

    return AgainstTorch
