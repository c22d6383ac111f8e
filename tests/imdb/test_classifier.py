"""classifier：答えは系列の中だけから、埋め込みは頻度で重みをつけてそろう。"""

import pytest
import torch

from lstm_text import PAD
from lstm_text.imdb import POOLINGS, Classifier, NormalizedEmbedding, Shape, build_classifier

FREQUENCIES = torch.tensor([0.0, 3.0, 9.0, 5.0, 1.0, 2.0, 7.0])
IDS = torch.tensor([[2, 3, 4, 5], [6, 1, PAD, PAD], [2, PAD, PAD, PAD]])
LENGTHS = torch.tensor([4, 2, 1])


def reader(**changes):
    return build_classifier(FREQUENCIES, Shape(embedding_dim=5, hidden_size=4, **changes), seed=0)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pads_and_neighbours_do_not_change_an_answer(pooling):
    model = reader(pooling=pooling).eval()
    together = model(IDS, LENGTHS)
    longer = torch.cat([IDS, torch.full((3, 50), PAD)], dim=1)
    assert torch.allclose(model(longer, LENGTHS), together, atol=1e-6)
    for row, n, logit in zip(IDS, LENGTHS, together, strict=True):
        assert torch.allclose(model(row[None, :n], n[None]), logit, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_parameter_learns(pooling):
    # 要約に掛けるドロップアウトは、たまたま勾配を残らず消すことがある
    model = reader(pooling=pooling, weight_dropout=0.2, dropout=0.0, locked_dropout=0.0)
    model(IDS, LENGTHS).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    # 時刻 1 の softmax は定数なので、長さ 1 の系列だけでは得点の重みに勾配は届かない
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="last、max、mean、attention、concat が必要ですが、'sum'"):
        Shape(pooling="sum")


class TestNormalizedEmbedding:
    def test_weighted_mean_zero_and_variance_one(self):
        torch.manual_seed(0)
        table = NormalizedEmbedding(FREQUENCIES, 5)
        rows = torch.cat([table(torch.tensor([i])).repeat(int(n), 1)
                          for i, n in enumerate(FREQUENCIES)])  # fmt: skip
        assert torch.allclose(rows.mean(dim=0), torch.zeros(5), atol=1e-5)
        assert torch.allclose(rows.var(dim=0, correction=0), torch.ones(5), atol=1e-4)

    def test_scaling_and_shifting_the_weight_changes_nothing(self):
        """ここが敵対的訓練の要：埋め込みを大きくして雑音から逃げることができない。"""
        torch.manual_seed(0)
        table = NormalizedEmbedding(FREQUENCIES, 5)
        before = table(IDS)
        table.weight.data.mul_(30).add_(2)
        assert torch.allclose(table(IDS), before, atol=1e-3)

    def test_pads_are_zero_and_get_no_gradient(self):
        table = NormalizedEmbedding(FREQUENCIES, 5)
        out = table(IDS)
        assert (out[IDS == PAD] == 0).all()
        out.square().sum().backward()
        assert (table.weight.grad[PAD] == 0).all()


def test_the_outer_random_state_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    build_classifier(FREQUENCIES, Shape(), seed=0)
    assert torch.equal(torch.rand(1), expected)


def test_no_tensor_is_made_in_the_wrong_place():
    with torch.device("meta"):
        model = Classifier(FREQUENCIES.to("meta"), Shape(embedding_dim=5, hidden_size=4))
        assert model.embed(IDS.to("meta")).device.type == "meta"
