"""tasks：課題の性質を、式と遅いループで確かめる。"""

import math
from fractions import Fraction

import pytest
import torch

from lstm_text import tasks
from lstm_text.device import generator


def test_first_symbol():
    x, y = tasks.first_symbol(200, 7, generator(0), symbols=4)
    assert x.shape == (200, 7, 4) and y.dtype == torch.int64
    assert torch.equal(x.sum(dim=(1, 2)), torch.ones(200))
    assert torch.equal(x[:, 0].argmax(dim=1), y)
    assert set(y.tolist()) == {0, 1, 2, 3}


def test_adding_by_a_slow_loop():
    x, y = tasks.adding(300, 9, generator(0))
    for sample, target in zip(x.tolist(), y.tolist(), strict=True):
        marked = [value for value, mark in sample if mark == 1]
        assert len(marked) == 2 and all(0 <= value < 1 for value, _ in sample)
        assert sum(marked) == pytest.approx(target[0], abs=1e-6)


def test_adding_marks_are_uniform_and_answering_one_costs_a_sixth():
    x, y = tasks.adding(20_000, 5, generator(0))
    # 各位置に印が付く確率は 2/5。標準誤差 √(0.4 × 0.6 / 20000) = 0.0035 の 5 倍まで
    assert (x[..., 1].mean(dim=0) - 0.4).abs().max() < 5 * 0.0035
    assert ((y - 1) ** 2).mean().item() == pytest.approx(1 / 6, abs=0.01)


def test_damped_oscillation_by_the_formula():
    x, y = tasks.damped_oscillation()
    assert len(x) == 200 and x[-1].item() == pytest.approx(5 * math.pi)
    for k in (0, 1, 57, 199):
        t = 5 * math.pi * k / 199
        assert y[k].item() == pytest.approx(math.exp(-t / 5) * math.cos(t), abs=1e-5)


def test_windows_by_a_slow_loop():
    series = torch.randn(30, generator=generator(0))
    inputs, targets = tasks.windows(series, 8)
    assert inputs.shape == targets.shape == (22, 8, 1)
    for n in range(22):
        for t in range(8):
            assert inputs[n, t, 0] == series[n + t]
            assert targets[n, t, 0] == series[n + t + 1]


def test_windows_do_not_share_memory_with_the_series():
    series = torch.arange(6.0)
    inputs, _ = tasks.windows(series, 2)
    inputs.zero_()
    assert torch.equal(series, torch.arange(6.0))


def test_look_ahead_tags_by_a_slow_loop():
    x, tags = tasks.look_ahead_tags(50, 6, generator(0), symbols=5)
    for row, tag in zip(x.tolist(), tags.tolist(), strict=True):
        assert tag == [int(row[t + 1] > row[t]) for t in range(5)] + [tasks.IGNORE]


@pytest.mark.parametrize("symbols", [2, 3, 7, 10])
def test_best_one_way_accuracy_by_enumeration(symbols):
    right = 0
    for now in range(symbols):
        rises = sum(after > now for after in range(symbols))
        right += max(rises, symbols - rises)
    assert tasks.best_one_way_accuracy(symbols) == Fraction(right, symbols**2)


@pytest.mark.parametrize(
    "make",
    [tasks.first_symbol, tasks.adding, tasks.look_ahead_tags, tasks.reversed_digits],
)
def test_same_generator_same_data(make):
    a, b, c = (make(5, 8, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(a[0], b[0]) and torch.equal(a[1], b[1])
    assert not torch.equal(a[0], c[0])


@pytest.mark.parametrize(
    "call",
    [
        lambda: tasks.first_symbol(0, 5, generator(0)),
        lambda: tasks.first_symbol(5, 0, generator(0)),
        lambda: tasks.first_symbol(5, 5, generator(0), symbols=1),
        lambda: tasks.adding(5, 1, generator(0)),
        lambda: tasks.damped_oscillation(1),
        lambda: tasks.windows(torch.zeros(5), 5),
        lambda: tasks.windows(torch.zeros(5), 0),
        lambda: tasks.windows(torch.zeros(5, 2), 2),
        lambda: tasks.look_ahead_tags(5, 1, generator(0)),
        lambda: tasks.reversed_digits(0, 3, generator(0)),
        lambda: tasks.reversed_digits(2, 3, generator(0), shortest=0),
        lambda: tasks.reversed_digits(2, 3, generator(0), shortest=4),
        lambda: tasks.best_one_way_accuracy(1),
    ],
)
def test_bad_input_is_told_in_japanese(call):
    with pytest.raises(ValueError, match=r"必要ですが|なければなりませんが"):
        call()


def test_reversed_digits_by_a_slow_loop():
    source, lengths, target = tasks.reversed_digits(300, 7, generator(0), shortest=2)
    assert source.shape == target.shape == (300, 7)
    assert set(lengths.tolist()) == {2, 3, 4, 5, 6, 7}
    for row, length, answer in zip(source.tolist(), lengths.tolist(), target.tolist(), strict=True):
        assert all(1 <= digit <= 10 for digit in row[:length])
        assert answer[:length] == row[:length][::-1]
        assert row[length:] == answer[length:] == [0] * (7 - length)


def test_the_digits_and_the_lengths_are_uniform():
    source, lengths, _ = tasks.reversed_digits(20_000, 4, generator(0))
    # 標準誤差の 5 倍まで
    assert (lengths.bincount(minlength=5)[1:] / 20_000 - 0.25).abs().max() < 5 * 0.0031
    assert (source[:, 0].bincount(minlength=11)[1:] / 20_000 - 0.1).abs().max() < 5 * 0.0022
