"""encoders：答えは系列の中だけから。畳み込みと Transformer は、遅い計算と一致する。"""

import pytest
import torch
from torch import nn
from torch.nn.functional import softmax

from lstm_text import PAD
from lstm_text.fast import MinGRU
from lstm_text.imdb import AttentionClassifier, Convolution, Recurrent, SmallTransformer

IDS = torch.tensor([[2, 3, 4, 5, 6], [6, 1, PAD, PAD, PAD], [2, PAD, PAD, PAD, PAD]])
LENGTHS = torch.tensor([5, 2, 1])

ENCODERS = {
    "RNN": lambda: Recurrent(nn.RNN(6, 3, batch_first=True, bidirectional=True)),
    "LSTM": lambda: Recurrent(nn.LSTM(6, 3, batch_first=True, bidirectional=True)),
    "GRU": lambda: Recurrent(nn.GRU(6, 3, batch_first=True, bidirectional=True)),
    "minGRU": lambda: Recurrent(MinGRU(6, 3, batch_first=True, bidirectional=True)),
    "LSTM（単方向）": lambda: Recurrent(nn.LSTM(6, 6, batch_first=True)),
    "畳み込み": lambda: Convolution(6, 8, width=3),
    "Transformer": lambda: SmallTransformer(6, heads=2, layers=2, positions=99),
}


@pytest.fixture(params=ENCODERS, ids=str)
def reader(request):
    torch.manual_seed(0)
    frequencies = torch.tensor([0.0, 3.0, 9.0, 5.0, 1.0, 2.0, 7.0])
    return AttentionClassifier(frequencies, 6, ENCODERS[request.param]()).eval().double()


def test_pads_and_neighbours_do_not_change_an_answer(reader):
    together = reader(IDS, LENGTHS)
    longer = torch.cat([IDS, torch.full((3, 50), PAD)], dim=1)
    assert torch.allclose(reader(longer, LENGTHS), together, atol=1e-9)
    for row, n, logit in zip(IDS, LENGTHS, together, strict=True):
        assert torch.allclose(reader(row[None, :n], n[None]), logit, atol=1e-9)


def test_every_parameter_learns(reader):
    reader.train()
    reader(IDS, LENGTHS).sum().backward()
    silent = {name for name, p in reader.named_parameters() if not p.grad.abs().sum() > 0}
    assert not silent


def test_the_order_of_words_matters(reader):
    there, back = torch.tensor([[2, 3, 4]]), torch.tensor([[4, 3, 2]])
    n = torch.tensor([3])
    assert (reader(there, n) - reader(back, n)).abs() > 1e-6


def test_convolution_sees_only_its_window():
    convolution = Convolution(2, 3, width=3)
    x = torch.randn(1, 9, 2, generator=torch.Generator().manual_seed(0))
    before = convolution(x, torch.tensor([9]))
    x[0, 4] += 1
    moved = (convolution(x, torch.tensor([9])) - before).abs().sum(dim=2)[0] > 0
    assert moved.nonzero().flatten().tolist() == [3, 4, 5]


def test_transformer_is_attention_written_out():
    encoder = SmallTransformer(4, heads=1, layers=1, positions=9).eval().double()
    x = torch.randn(1, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    n = torch.tensor([3])
    layer, z = encoder.layers[0], x[0, :3] + encoder.positions[:3]
    normed = layer.norm1(z)
    attention = layer.self_attn
    q, k, v = (normed @ attention.in_proj_weight.T + attention.in_proj_bias).chunk(3, dim=-1)
    rows = [softmax(k @ each / 2, dim=0) @ v for each in q]  # √4 = 2
    z = z + torch.stack(rows) @ attention.out_proj.weight.T + attention.out_proj.bias
    want = z + layer.linear2(torch.relu(layer.linear1(layer.norm2(z))))
    assert torch.allclose(encoder(x, n)[0, :3], want, atol=1e-9)
