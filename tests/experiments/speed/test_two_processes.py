"""two_processes：3 通りの動かし方を同じ回数だけ測り、こわれた仲間を見逃さない。"""

import pytest
import torch.distributed

from lstm_text.experiments.speed.two_processes import WAYS, Settings, run, units

TINY = Settings(batches=(3,), length=4, rounds=1, warmup=1, updates=2)
needs_gloo = pytest.mark.skipif(
    not (torch.distributed.is_available() and torch.distributed.is_gloo_available()),
    reason="プロセスをつなぐ gloo のない PyTorch",
)


@needs_gloo
def test_every_way_is_measured_as_often():
    (unit,) = units(TINY)
    seconds = run(unit, TINY)["seconds"]
    assert list(seconds) == list(WAYS)
    assert all(len(each) == TINY.rounds and min(each) > 0 for each in seconds.values())


@needs_gloo
def test_a_process_that_dies_is_told():
    with pytest.raises(RuntimeError, match="答えずに終わりました"):
        run({"batch": 0}, TINY)  # 0 件では、損失を割れない
