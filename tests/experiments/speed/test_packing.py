"""packing：2 通りは同じ勾配を出し、測るミニバッチは、数えたとおりのパディングを持つ。"""

import pytest
import torch
from torch import nn

from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb import few_reviews
from lstm_text.experiments.speed import packing
from lstm_text.records import Record

TINY = packing.Settings(
    seeds=(0, 1, 2), pools=(("混ぜる", 1), ("集める", 4)), batch_sizes=(3,), input_size=2,
    hidden_size=3, repeats=2,
)  # fmt: skip
LENGTHS = torch.tensor([9, 1, 8, 2, 7, 3, 9, 1, 8, 2, 7, 3])


def test_both_ways_give_the_same_gradients():
    layer = nn.LSTM(2, 3, batch_first=True).double()
    lengths, gradients = torch.tensor([2, 5, 1]), []
    x = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(0)).double()
    for way in packing.WAYS.values():
        layer.zero_grad()
        each = x.clone().requires_grad_()
        way(layer, each, lengths).square().mean().backward()
        gradients.append([each.grad, *(p.grad.clone() for p in layer.parameters())])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_the_padding_is_that_counted_cell_by_cell():
    for unit in packing.units(TINY):
        pool = dict(TINY.pools)[unit["batches"]]
        values = packing.measure(LENGTHS, unit["batch"], pool, TINY)
        assert len(values["packed"]) == len(values["padded"]) == len(TINY.seeds)
        assert all(ms >= 0 for name in packing.WAYS for ms in values[name])
        for share, longest in zip(values["padding"], values["longest"], strict=True):
            assert longest in LENGTHS
            # 3 件の合計は、割合から逆算すると整数になる
            cells = 3 * longest
            assert (1 - share) * cells == pytest.approx(round((1 - share) * cells), abs=1e-2)


def test_batches_of_near_lengths_have_less_padding():
    mixed, near = (packing.measure(LENGTHS, 3, pool, TINY)["padding"] for _, pool in TINY.pools)
    assert sum(near) < sum(mixed)


def test_the_lengths_are_those_of_the_reviews(monkeypatch):
    class Made:
        class train:
            texts = ("A good film.", "Bad.", "one two three four five six seven")

    monkeypatch.setattr(packing, "imdb", lambda: Made)
    lengths = packing.review_lengths(packing.Settings(reviews=3, max_length=5))
    assert sorted(lengths.tolist()) == [2, 4, 5]


def test_the_table_tells_the_ratio_of_each_batch():
    values = {"packed": [6.0, 3.0], "padded": [2.0, 3.0], "padding": [0.5, 0.1], "longest": [4, 4]}
    machine = {"kind": "cpu", "device": "ある CPU", "threads": 1, "python": "3.12"}
    result = {"unit": {"batches": "混ぜる", "batch": 32}, "values": values, "seconds": 1.0,
              "cpu_seconds": 1.0}  # fmt: skip
    record = Record("packing", "", {}, machine, {}, "", "", "2026-01-01", [result])
    assert "混ぜる、32：3.00 1.00　30 %" in packing.table(record)


def test_the_builtin_reviews_are_not_enough(monkeypatch):
    class Made:
        class source:
            is_builtin = True

    monkeypatch.setattr(few_reviews, "load_imdb", lambda: Made)
    few_reviews.imdb.cache_clear()
    with pytest.raises(NotHere, match="本物の IMDb が必要"):
        few_reviews.imdb()
    few_reviews.imdb.cache_clear()
