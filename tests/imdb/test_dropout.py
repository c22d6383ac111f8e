"""dropout：マスクは時刻によらず一定で、系列ごとに違い、評価では消え、もとの重みは残る。"""

import pytest
import torch
from torch import nn

from lstm_text import PAD, UNK
from lstm_text.imdb import LockedDropout, WeightDropLSTM, WordDropout
from lstm_text.models import run

X = torch.randn(6, 9, 5, generator=torch.Generator().manual_seed(0))
LENGTHS = torch.tensor([9, 1, 4, 9, 2, 7])


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


class TestWordDropout:
    ids = torch.tensor([[5, 6, 7, PAD]]).repeat(20_000, 1)

    def test_share_of_words_and_no_pads(self):
        out = WordDropout(0.3)(self.ids)
        assert (out[:, 3] == PAD).all()
        replaced = out[:, :3] == UNK
        assert replaced.double().mean().item() == pytest.approx(0.3, abs=0.01)  # 5σ は 0.0094
        assert (out[:, :3][~replaced] == self.ids[:, :3][~replaced]).all()

    def test_positions_differ_by_sample(self):
        assert len({tuple(row) for row in WordDropout(0.5)(self.ids[:100]).tolist()}) > 1

    def test_off_in_eval_and_the_input_is_left_alone(self):
        before = self.ids.clone()
        assert torch.equal(WordDropout(0.9).eval()(self.ids), self.ids)
        WordDropout(0.9)(self.ids)
        assert torch.equal(self.ids, before)


class TestLockedDropout:
    def test_mask_is_constant_over_time_and_differs_by_sample(self):
        mask = LockedDropout(0.5)(torch.ones(50, 9, 5))
        assert (mask == mask[:, :1]).all()
        assert set(mask.unique().tolist()) == {0.0, 2.0}
        assert len({tuple(row) for row in mask[:, 0].tolist()}) > 1

    def test_expectation_is_the_input(self):
        out = LockedDropout(0.4)(torch.ones(20_000, 1, 5)).mean(dim=0)
        assert torch.allclose(out, torch.ones(1, 5), atol=0.03)

    def test_off_in_eval(self):
        assert torch.equal(LockedDropout(0.9).eval()(X), X)


class TestWeightDropLSTM:
    @pytest.fixture(params=[(1, False), (2, True)], ids=["one", "two-both-ways"])
    def pair(self, request):
        layers, both = request.param
        ours = WeightDropLSTM(5, 4, layers, bidirectional=both, weight_dropout=0.5)
        theirs = nn.LSTM(5, 4, layers, bidirectional=both, batch_first=True)
        theirs.load_state_dict(ours.state_dict())
        return ours, theirs

    def test_in_eval_it_is_nn_lstm(self, pair):
        ours, theirs = (module.eval() for module in pair)
        assert torch.equal(ours(X)[0], theirs(X)[0])
        for a, b in zip(run(ours, X, LENGTHS), run(theirs, X, LENGTHS), strict=True):
            assert torch.equal(a, b)

    @pytest.mark.parametrize("forward", [lambda m: m(X)[0], lambda m: run(m, X, LENGTHS)[0]])
    def test_a_new_mask_each_forward_and_the_raw_weight_stays(self, pair, forward):
        ours, _ = pair
        raw = {name: value.clone() for name, value in ours.state_dict().items()}
        first, second = forward(ours), forward(ours)
        assert not torch.equal(first, second)
        first.sum().backward()
        for name, value in ours.named_parameters():
            assert torch.equal(value, raw[name])
            assert isinstance(value, nn.Parameter) and value.grad is not None
        assert [w is v for w, v in zip(ours._flat_weights, ours.parameters(), strict=True)]

    def test_gradient_reaches_kept_weights_only(self):
        lstm = WeightDropLSTM(5, 4, weight_dropout=0.5)
        torch.manual_seed(3)
        (_, dropped, *_), *_ = lstm.all_weights
        torch.manual_seed(3)
        lstm(X)[0].square().sum().backward()
        gradient = lstm.weight_hh_l0.grad
        assert (gradient[dropped == 0] == 0).all()
        assert (gradient[dropped != 0] != 0).all()

    def test_one_mask_for_every_step(self):
        """間引いた重みをもつふつうの LSTM と、全時刻で一致する。"""
        lstm, plain = WeightDropLSTM(5, 4, weight_dropout=0.5), nn.LSTM(5, 4, batch_first=True)
        torch.manual_seed(3)
        (_, dropped, *_), *_ = lstm.all_weights
        plain.load_state_dict(lstm.state_dict() | {"weight_hh_l0": dropped.detach()})
        torch.manual_seed(3)
        assert torch.equal(lstm(X)[0], plain(X)[0])

    def test_an_error_inside_leaves_the_weights(self):
        lstm = WeightDropLSTM(5, 4)
        with pytest.raises(RuntimeError):
            lstm(torch.zeros(1, 2, 99))
        assert lstm._flat_weights[1] is lstm.weight_hh_l0


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2])
def test_rates_outside_are_refused(rate):
    for make in (WordDropout, LockedDropout, lambda p: WeightDropLSTM(2, 2, weight_dropout=p)):
        with pytest.raises(ValueError, match="0 以上 1 未満の数が必要"):
            make(rate)
