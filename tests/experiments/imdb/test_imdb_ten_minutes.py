"""imdb_ten_minutes：早期終了、移動平均、端から端まで。"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from lstm_text.datasets import Imdb, Source
from lstm_text.device import seeded
from lstm_text.experiments.imdb import imdb_ten_minutes
from lstm_text.experiments.imdb.exchanges import NAMES, PLACES, YEARS, exchanged, wavering
from lstm_text.experiments.imdb.imdb_contenders import RATES
from lstm_text.experiments.imdb.imdb_ten_minutes import (
    NETWORKS,
    Settings,
    practise,
    run,
    units,
)
from lstm_text.experiments.imdb.minute import prepare
from lstm_text.records import unpack
from lstm_text.text import collate, tokenize
from tests.experiments.imdb.test_imdb_contenders import reviews


class Words(nn.Module):
    """語ごとの点を足すだけのモデル。"""

    def __init__(self):
        super().__init__()
        self.points = nn.Embedding(9, 1)

    def forward(self, ids, lengths):
        return self.points(ids).sum(dim=(1, 2))


BATCHES = [collate([[2, 3], [4]], [1.0, 0.0]), collate([[5], [6, 7]], [0.0, 1.0])]


@pytest.mark.parametrize(
    ("points", "patience", "stops", "chosen"),
    [
        ([0.5, 0.6, 0.7, 0.8], 2, 4, 4),  # 上がり続ければ、終わりまで
        ([0.7, 0.6, 0.5, 0.9], 2, 3, 1),  # 2 回続けて超えなければ、やめる
        ([0.7, 0.6, 0.8, 0.8], 2, 4, 3),  # 同じ点は、超えたことにならない
        ([0.7, 0.6, 0.5, 0.9], 1, 2, 1),
        ([0.7, 0.6, 0.5, 0.9], 3, 4, 4),
    ],
)
def test_training_stops_when_validation_has_stopped_rising(points, patience, stops, chosen):
    seen = []

    def validate(model):
        seen.append(model.points.weight.detach().clone())
        return points[len(seen) - 1]

    with seeded(0):
        best, minutes = practise(Words(), BATCHES, 3, 0.1, validate, Settings(4, patience))
    assert [minute["validation"] for minute in minutes] == points[:stops]
    assert torch.equal(best.points.weight, seen[chosen - 1])
    assert not best.training


def test_the_answers_come_from_the_running_average_of_the_weights():
    seen = []
    with seeded(0):
        model = Words()
        start = model.points.weight.detach().double().clone()
        practise(model, BATCHES, 7, 0.1, lambda m: seen.append(m.points.weight) or 1.0, Settings(1))
    # 同じ訓練を、平均も手で取りながら
    weight = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([weight], 0.1, betas=(0.9, 0.98))
    average = None
    for step in range(7):
        ids, _, labels = BATCHES[step % 2]
        optimizer.param_groups[0]["lr"] = 0.1 * (step + 1) / imdb_ten_minutes.WARM_UP
        loss = binary_cross_entropy_with_logits(weight[ids].sum(dim=(1, 2)), labels.double())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([weight], 1.0)
        optimizer.step()
        now = weight.detach().clone()
        average = now if average is None else average + (now - average) * 9 / (step + 10)
    torch.testing.assert_close(seen[0].double(), average, atol=1e-6, rtol=0)


@pytest.fixture
def known(monkeypatch):
    material = prepare(Imdb(reviews(300, 0), reviews(60, 1), Source("cache", "IMDb", "")))
    monkeypatch.setattr(imdb_ten_minutes, "material", lambda: material)
    monkeypatch.setattr(imdb_ten_minutes, "RATES", dict.fromkeys(RATES, 0.05))
    return material


@pytest.mark.parametrize("model", NETWORKS)
def test_every_network_learns_and_answers_every_question(model, known):
    values = run({"model": model, "seed": 0}, Settings(minutes=6))
    assert values["test"] > 0.9
    assert unpack(values["right"], 60).mean() == values["test"]
    scores = [minute["validation"] for minute in values["minutes"]]
    assert values["validation"] == max(scores)
    spent = [minute["cpu_seconds"] for minute in values["minutes"]]
    assert spent == sorted(spent)
    assert set(values["exchanged"]) == set(PLACES)


def test_no_unit_is_asked_twice_and_each_network_has_a_rate():
    asked = units(Settings())
    assert len({str(unit) for unit in asked}) == len(asked) == 2 * len(NETWORKS)
    assert set(NETWORKS) == set(RATES)


@pytest.mark.parametrize(("kind", "fillings"), [("名前", NAMES), ("年", YEARS)])
def test_an_exchange_changes_one_place_and_nothing_else(kind, fillings):
    for group in exchanged(kind):
        assert len(set(group)) == len(fillings)
        pairs = zip(group, fillings, strict=True)
        rests = {text.replace(filling, "□", 1) for text, filling in pairs}
        assert len(rests) == 1


def test_wavering_counts_the_sentences_whose_answer_hangs_on_the_exchanged_words():
    def by_year(token_lists):
        return np.array(["1999" in tokens for tokens in token_lists])

    groups = exchanged("名前")
    # どの名前でも同じ年が入っているので、名前を取り替えても答えは変わらない
    assert all(len({"1999" in tokenize(text) for text in group}) == 1 for group in groups)
    assert wavering(by_year) == {"名前": 0.0, "年": 1.0}
