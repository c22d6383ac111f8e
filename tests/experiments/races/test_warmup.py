"""warmup：学習率の上げ方。しないときは、ふつうの Adam。"""

from itertools import pairwise

import pytest
import torch

from lstm_text.experiments.races.contests import ADDING, adam, compete
from lstm_text.experiments.races.warmup import Settings, run, units, warmed_adam

TINY = Settings(
    seeds=(0, 5), contests=(("adding", "LSTM", 4, 5), ("character", "LSTM", 3, 2)),
    lrs=(1e-2,), warmups=(0, 4), hidden_size=3, batch_size=4,
)  # fmt: skip


def test_the_first_steps_of_a_warmed_adam_are_the_rates():
    """勾配の符号が変わらなければ、Adam の 1 歩は、ちょうど学習率になる。"""
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer, places = warmed_adam(0.1, 4)([weight]), [0.0]
    for _ in range(6):
        optimizer.zero_grad()
        (-weight).sum().backward()
        optimizer.step()
        places.append(weight.item())
    steps = [b - a for a, b in pairwise(places)]
    assert steps == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1], rel=1e-6)


def test_without_a_warmup_it_is_adam():
    unit = next(u for u in units(TINY) if u["contest"] == "adding" and not u["warmup"])
    rows = compete(
        ADDING, "LSTM", TINY.seeds, adam(1e-2), length=4, hidden_size=3, batch_size=4, updates=5
    )
    assert run(unit, TINY)["curve"] == rows


def test_the_warmup_changes_the_training_only():
    for contest in ("adding", "character"):
        without, warmed = (run(u, TINY) for u in units(TINY) if u["contest"] == contest)
        assert without["score"] != warmed["score"] and len(warmed["score"]) == 2
