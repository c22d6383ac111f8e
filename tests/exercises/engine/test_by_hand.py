"""手で書いた重み: 数の入れ子、配列、テンソルのどれでも受け取り、足りないものを一文で言う。"""

import numpy as np
import pytest
import torch

from tests.exercises.engine.by_hand import weights_by_hand
from tests.exercises.engine.exercise import Incorrect, Stage

SHAPES = {"weight": (2, 1), "scale": ()}
WEIGHT = [[1.0], [2.0]]


@pytest.mark.parametrize(
    "weight",
    [
        WEIGHT,
        ((1,), (2,)),
        np.array(WEIGHT, dtype=np.float32),
        torch.tensor(WEIGHT),
        torch.nn.Parameter(torch.tensor(WEIGHT)),
        [torch.tensor([1.0]), np.array([2])],
    ],
)
def test_any_numbers_will_do(weight):
    found = weights_by_hand({"scale": 3, "weight": weight}, SHAPES)
    assert found["weight"].tolist() == WEIGHT and found["scale"] == 3
    assert all(each.dtype == torch.float64 for each in found.values())


@pytest.mark.parametrize(
    ("got", "stage", "words"),
    [
        (None, Stage.TYPE, "None です。return を忘れていませんか。"),
        ([WEIGHT, 3], Stage.TYPE, "辞書（dict）のはずですが、2 個の list です。"),
        ({"weight": WEIGHT}, Stage.TYPE, "キー 'scale' がありません"),
        ({"weight": WEIGHT, "scale": 1, "bias": 0}, Stage.TYPE, "余分なキー 'bias'"),
        ({"weight": [[1], [2, 3]], "scale": 1}, Stage.TYPE, "weight を、数の並びとして読めません"),
        ({"weight": "ab", "scale": 1}, Stage.TYPE, "weight を、数の並びとして読めません"),
        ({"weight": [1, 2], "scale": 1}, Stage.SHAPE, "weight の形は (2, 1) のはずですが、(2,)"),
        ({"weight": WEIGHT, "scale": [1]}, Stage.SHAPE, "scale の形は () のはずですが、(1,)"),
        ({"weight": WEIGHT, "scale": float("nan")}, Stage.VALUE, "scale に、有限でない数"),
    ],
)
def test_what_is_missing_is_told(got, stage, words):
    with pytest.raises(Incorrect) as caught:
        weights_by_hand(got, SHAPES)
    assert caught.value.stage is stage
    assert words in caught.value.sentence
