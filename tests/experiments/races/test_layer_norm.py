"""layer_norm、orthogonal：比べる 2 つが名前どおりで、届いた回数が曲線から決まること。"""

import torch

from lstm_text.experiments.races import layer_norm, orthogonal
from lstm_text.experiments.races.contests import RECALL
from lstm_text.experiments.races.normalised import LayerNormLSTM
from lstm_text.experiments.races.swapped import ReLURNN
from lstm_text.layers import LSTM, RNN


def test_the_updates_are_those_of_the_first_score_that_reaches_the_goal():
    settings = layer_norm.Settings(
        seeds=(0, 5), lrs=(2e-2,), contests=(("recall", 2, 60, 0.9), ("adding", 3, 20, 0.2)),
        hidden_size=12, batch_size=16, every=5, shown=5,
    )  # fmt: skip
    for unit in layer_norm.units(settings):
        values = layer_norm.run(unit, settings)
        assert values["score"] == values["curve"][-1]["score"]
        for k, reached in enumerate(values["updates"]):
            scores = {row["update"]: row["score"][k] for row in values["curve"]}
            sign = 1 if unit["contest"] == "recall" else -1
            there = [u for u, score in scores.items() if sign * score >= sign * unit["goal"]]
            assert reached == (min(there) if there else None)


def test_the_two_models_differ_in_the_normalisation_only():
    layer = LSTM(3, 2)
    kinds = {name: type(change(layer)) for name, change in layer_norm.LAYERS.items()}
    assert kinds == {"LSTM": LSTM, "層正規化": LayerNormLSTM}


def test_each_start_is_what_its_name_says():
    settings = orthogonal.Settings(seeds=(0,), contests=(("recall", 3, 1e-3, 1),), hidden_size=4)
    for unit in orthogonal.units(settings):
        base, change = orthogonal.STARTS[unit["model"]]
        layer = change(RNN(10, 4, batch_first=True))
        assert isinstance(layer, ReLURNN) == ("ReLU" in unit["model"])
        assert torch.equal(layer.weight_hh_l0, torch.eye(4)) == ("単位行列" in unit["model"])
        assert (base == "直交 RNN") == ("直交" in unit["model"])
        assert len(orthogonal.run(unit, settings)["score"]) == 1


def test_the_contest_itself_is_left_alone():
    assert type(RECALL.head(RNN(10, 4, batch_first=True)).recurrent) is RNN
