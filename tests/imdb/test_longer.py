"""longer：エポックの数を増やす途中のどこで止められても、続きから同じ所に着く。"""

import pytest
import torch

from lstm_text.imdb import (
    MODEL,
    STATE,
    Plan,
    Settings,
    Shape,
    TextOptions,
    best_weights,
    load_classifier,
    load_reviews,
    teach,
)
from lstm_text.imdb.longer import add_epochs
from lstm_text.storage import load_tensors, replacing


def settings(epochs):
    return Settings(TextOptions(limit=20), Shape(4, 3), plan=Plan(epochs))


def go_on(folder, epochs):
    data = load_reviews(settings(epochs).reading, 0.1, 0)
    return teach(settings(epochs), folder, data, torch.device("cpu"))


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def two(tmp_path):
    go_on(tmp_path / "two", 2)
    return tmp_path / "two"


def test_only_the_number_changes(two):
    states = []
    for epochs in (2, 3):
        add_epochs(two, epochs)
        state, model = load_tensors(two / STATE, "訓練の途中"), best_weights(two)
        assert state.about["plan"]["epochs"] == model[1]["plan"]["epochs"] == epochs
        assert load_classifier(two)[2] == settings(epochs)
        states.append({name: tensor.clone() for name, tensor in state.tensors.items()})
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_the_same_number_and_fewer_change_nothing(two):
    before = files(two)
    assert add_epochs(two, 2) == add_epochs(two, 1) == ""
    assert files(two) == before


def test_it_tells_the_learning_rates_on_both_sides(two):
    rate = Plan(epochs=5).rate(2 / 5)
    assert f"学習率は 0 から {rate:.2g} に変わり" in add_epochs(two, 5)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("writes", [1, 2])
def test_killed_between_the_files(two, writes, tmp_path, monkeypatch):
    def stop(path):
        if path.name == (MODEL, STATE)[writes - 1]:
            raise Killed
        return replacing(path)

    with monkeypatch.context() as patch:
        patch.setattr("lstm_text.storage.tensors.replacing", stop)
        with pytest.raises(Killed):
            add_epochs(two, 3)
    assert load_tensors(two / STATE, "訓練の途中").about["plan"]["epochs"] == 2
    assert "2 から 3 に" in add_epochs(two, 3)
    broken = go_on(two, 3)
    whole = tmp_path / "whole"
    go_on(whole, 2)
    add_epochs(whole, 3)
    unbroken = go_on(whole, 3)
    assert [row["loss"] for row in broken] == [row["loss"] for row in unbroken]
    assert (two / MODEL).read_bytes() == (whole / MODEL).read_bytes()
