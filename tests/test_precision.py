"""precision：bf16 でも訓練でき、外の設定は変わらない。"""

import pytest
import torch

from lstm_text.device import PRECISIONS, precision
from lstm_text.imdb import Adversarial, Shape, build_classifier
from tests.bfloat16 import needs_bfloat16

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", PRECISIONS)
def test_settings_outside_are_restored(name):
    before = torch.get_float32_matmul_precision()
    with pytest.raises(KeyError), precision(name, CPU):
        raise KeyError
    assert torch.get_float32_matmul_precision() == before
    assert not torch.is_autocast_enabled("cpu")


def test_tf32_is_asked_for_inside():
    with precision("tf32", CPU):
        assert torch.get_float32_matmul_precision() == "high"


def test_unknown_name():
    with pytest.raises(ValueError, match="float32、tf32、bfloat16 が必要ですが、'fp8'"), \
            precision("fp8", CPU):  # fmt: skip
        pass


@needs_bfloat16
def test_bfloat16_gradients_are_close_to_float32():
    ids, lengths = torch.randint(2, 50, (8, 30)), torch.full((8,), 30)
    labels = (ids[:, 0] > 25).float()
    gradients = {}
    for name in ("float32", "bfloat16"):
        model = build_classifier(torch.ones(50), Shape(8, 8, locked_dropout=0, dropout=0), seed=0)
        with precision(name, CPU):
            for loss in Adversarial(1.0).losses(model, ids, lengths, labels):
                assert loss.dtype == torch.float32
                (loss / 8).backward()
        assert all(p.dtype == p.grad.dtype == torch.float32 for p in model.parameters())
        gradients[name] = torch.cat([p.grad.flatten() for p in model.parameters()])
    a, b = gradients.values()
    assert torch.cosine_similarity(a, b, dim=0) > 0.99
    assert not torch.equal(a, b)  # 本当に粗く計算した
