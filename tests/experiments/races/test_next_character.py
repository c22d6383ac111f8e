"""next_character：文章の分け方、1 文字先、評価。"""

import math

import torch

from lstm_text.datasets.builtin import neko_excerpt
from lstm_text.device import generator
from lstm_text.experiments.races.contests import adam, compete
from lstm_text.experiments.races.next_character import (
    NEXT_CHARACTER,
    characters,
    held_out_pieces,
    some_pieces,
)


def test_the_text_is_split_in_order():
    train, validation, kinds = characters()
    assert len(train) + len(validation) == len("".join(neko_excerpt().split()))
    assert len(validation) == (len(train) + len(validation)) // 10
    assert set(torch.cat([train, validation]).tolist()) <= set(range(kinds))


def test_a_common_character_has_one_number_and_a_rare_one_that_of_rare():
    train, _, _ = characters()
    text = "".join(neko_excerpt().split())[: len(train)]
    number = {}
    for char, i in zip(text, train.tolist(), strict=True):
        assert number.setdefault(char, i) == i
    rare = {char for char in number if text.count(char) < 5}
    assert len({number[char] for char in rare}) == 1
    common = set(number) - rare
    assert len({number[char] for char in common}) == len(common)


def test_the_targets_are_one_character_ahead():
    train, validation, _ = characters()
    x, y = some_pieces(4, 7, generator(0))
    assert x.shape == y.shape == (4, 7) and torch.equal(x[:, 1:], y[:, :-1])
    joined = "".join(map(chr, train.tolist()))
    for piece, after in zip(x.tolist(), y.tolist(), strict=True):
        assert "".join(map(chr, [*piece, after[-1]])) in joined
    x, y = held_out_pieces(20)
    assert torch.equal(x.flatten(), validation[: x.numel()])
    assert torch.equal(y.flatten(), validation[1 : x.numel() + 1])


def test_learning_beats_knowing_nothing():
    rows = compete(
        NEXT_CHARACTER, "LSTM", [0], adam(2e-2),
        length=5, hidden_size=8, batch_size=16, updates=40,
    )  # fmt: skip
    assert rows[-1]["score"][0] < math.log(characters()[2]) - 0.5
