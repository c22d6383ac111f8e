"""films：多数決と、それが役に立たなくなる重み。"""

from collections import Counter

import numpy as np
import pytest
import torch

from lstm_text.experiments.imdb.films import balancing_weights, majority, votes

FILMS = [f"tt{film}" for film in np.random.default_rng(0).integers(0, 40, 400)]


def test_majority_against_counting():
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 2, 400).tolist()
    votes = Counter(zip(FILMS, labels, strict=True))
    overall = 2 * sum(labels) >= len(labels)
    asked = [*dict.fromkeys(FILMS), "tt-unknown"]
    for film, answer in zip(asked, majority(FILMS, labels, asked), strict=True):
        yes, no = votes[film, 1], votes[film, 0]
        assert answer == (overall if yes == no else yes > no)


@pytest.mark.parametrize("seed", range(10))
def test_a_balanced_majority_is_a_coin(seed):
    random = np.random.default_rng(seed)
    taste = random.random(40)
    known, asked = (random.integers(0, 45, n) % 44 for n in (300, 200))
    labels = [(random.random(len(part)) < taste[part % 40]).astype(int) for part in (known, asked)]
    found = votes(list(map(str, known)), labels[0], list(map(str, asked)))
    weights = balancing_weights(found, labels[1])
    voted = torch.from_numpy(found != 0)
    right = torch.from_numpy((found > 0) == (labels[1] == 1))
    assert weights.mean().item() == pytest.approx(1)
    assert (weights[~voted] == 1).all()
    assert weights[voted & right].sum().item() == pytest.approx(weights[voted].sum().item() / 2)
    assert len(set(weights[voted & right].tolist())) == 1  # 同じ側のレビューは、同じ重み


@pytest.mark.parametrize("labels", [[1, 0], [0, 1]])
def test_balancing_needs_both_sides(labels):
    with pytest.raises(ValueError, match="両方が必要ですが、"):
        balancing_weights([3, -2], labels)
