"""frameworks：別のプロセスとのやりとりと、どの層も同じ式を計算すること。"""

import sys

import pytest
import torch

from lstm_text.experiments import NotHere
from lstm_text.experiments.speed import frameworks, keras_worker
from lstm_text.fast import compiled, compiler

TINY = frameworks.Settings(sizes=((2, 3, 4, 5),), words=9, repeats=2, warmup=1)


PARROT = """
import json, sys
sys.stdout.reconfigure(encoding="utf-8")
print("ライブラリの知らせ")
print("ANSWER " + json.dumps({"keras": "0", "tensorflow": "0"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = sum(asked.values()) if isinstance(asked, dict) else len(asked)
    print("ANSWER " + json.dumps(answer), flush=True)
"""
"""TensorFlow のかわりに、決まった答えを返すプログラム。"""


@pytest.fixture
def worker():
    with keras_worker.started(sys.executable, PARROT) as process:
        yield process
    assert process.process.returncode == 0


def test_the_worker_answers_line_by_line(worker):
    assert worker.versions == {"keras": "0", "tensorflow": "0"}
    assert worker.ask({"batch": 2, "length": 3}) == 5
    assert worker.ask("TensorFlow") == len("TensorFlow")


def test_a_worker_that_ends_without_an_answer_is_told():
    with (
        pytest.raises(RuntimeError, match="答えずに終わりました"),
        keras_worker.started(sys.executable, ""),
    ):
        pass


def test_the_worker_is_stopped_when_the_measurement_fails():
    with pytest.raises(ZeroDivisionError), keras_worker.started(sys.executable, PARROT) as worker:
        raise ZeroDivisionError
    assert worker.process.returncode is not None


@pytest.mark.skipif(not compiler.available(), reason="C のコンパイラがない")
def test_every_update_is_measured_in_turn(worker):
    values = frameworks.measure(worker, TINY.sizes[0], TINY)
    assert list(values) == [*frameworks.WAYS, *frameworks.THEIRS]
    assert all(len(each) == TINY.repeats for each in values.values())
    assert values["Keras"] == [5.0, 5.0]
    assert min(values["C"]) > 0


@pytest.mark.skipif(not compiler.available(), reason="C のコンパイラがない")
def test_our_classifiers_compute_the_same():
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    theirs = frameworks.Classifier(torch.nn.LSTM, 9, 4, 5)
    ours = frameworks.Classifier(compiled.LSTM, 9, 4, 5)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(ids), theirs(ids))
    with frameworks.without_onednn():
        torch.testing.assert_close(theirs(ids), ours(ids))


def test_the_program_is_python_and_answers_to_every_name():
    compile(keras_worker.PROGRAM, "PROGRAM", "exec")
    assert all(f'"{name}": ' in keras_worker.PROGRAM for name in frameworks.THEIRS)


@pytest.mark.parametrize("where", [None, "ない所/python"])
def test_without_tensorflow_the_experiment_says_so(monkeypatch, where):
    monkeypatch.delenv(frameworks.VARIABLE, raising=False)
    if where:
        monkeypatch.setenv(frameworks.VARIABLE, where)
    for unit in frameworks.units(TINY):
        with pytest.raises(NotHere, match=frameworks.VARIABLE):
            frameworks.run(unit, TINY)
