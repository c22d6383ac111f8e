"""serving：小さなデータで端から端まで。"""

import codecs
import locale
import os

import pytest
import torch

from lstm_text.experiments import NotHere, blank
from lstm_text.experiments.speed import serving
from lstm_text.experiments.speed.fresh_process import PROGRAMS
from lstm_text.experiments.speed.serving_measured import FILES, FOLDED, PYTORCH
from lstm_text.imdb import load_data

TINY = serving.Settings(
    limit=40, embedding_dim=6, hidden_size=4, epochs=1, lengths=(1, 7), rounds=2, starts=1
)


@pytest.fixture(scope="module")
def values():
    if os.name == "posix" and codecs.lookup(locale.getencoding()).name == "shift_jis":
        pytest.skip("この文字コードでは、別のプロセスに渡すプログラムの \\ が、ほかの字になります")
    for name in ("onnx", "onnxruntime"):
        pytest.importorskip(name, reason=f"{name} が入っていません。")
    training = serving.recipe(TINY, seed=0)
    found = serving.measure(load_data(training), training, TINY)
    torch.set_flush_denormal(False)
    return found


def test_every_answer_is_compared_with_the_one_of_pytorch(values):
    answers = values["answers"]
    assert answers["count"] == 40 and answers["spread"] > 0
    assert answers[PYTORCH]["largest"] == answers[PYTORCH]["changed"] == 0
    for name in (FOLDED, "ONNX Runtime"):
        assert answers[name]["largest"] < 1e-5
        assert answers[name]["accuracy"] == answers[PYTORCH]["accuracy"]
    words, everything = (answers[name]["largest"] for name in list(FILES)[1:])
    assert 1e-6 < words < 0.5 and 1e-6 < everything < 0.5


def test_every_length_is_timed_for_everyone(values):
    assert list(values["milliseconds"]) == ["1", "7"]
    for row in values["milliseconds"].values():
        assert list(row) == [PYTORCH, FOLDED, *FILES]
        for each in row.values():
            low, high = each["quartiles"]
            assert 0 < low <= each["median"] <= high


def test_fresh_processes_agree_and_pytorch_comes_on_top_of_its_import(values):
    starts = values["starts"]
    assert list(starts) == list(PROGRAMS)
    assert starts["PyTorch"]["answer"] == pytest.approx(starts["ONNX Runtime"]["answer"], abs=1e-6)
    assert starts["Python だけ"]["answer"] is None
    if starts["PyTorch"]["memory"]:  # Linux
        order = ["Python だけ", "import torch だけ", "PyTorch"]
        memory = [starts[name]["memory"] for name in order]
        assert memory == sorted(memory) and memory[0] < starts["ONNX Runtime"]["memory"]


def test_int8_files_are_smaller(values):
    sizes = values["bytes"]
    assert list(sizes) == [PYTORCH, *FILES]
    assert values["installed"]["torch"] > values["installed"]["onnxruntime"] > 1e6


def test_the_table_names_everyone(values):
    record = blank(serving, TINY)
    record.results.append(
        {"unit": {"seed": 0}, "values": values, "seconds": 1.0, "cpu_seconds": 1.0}
    )
    shown = serving.table(record)
    assert all(name in shown for name in [PYTORCH, FOLDED, *FILES, *PROGRAMS])


def test_needs_the_real_reviews(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: name)
    with pytest.raises(NotHere, match="本物の IMDb"):
        serving.run({"seed": 0}, TINY)


def test_needs_onnx(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    with pytest.raises(
        NotHere, match=r'onnx と onnxruntime が必要です（pip install -e "\.\[onnx\]'
    ):
        serving.run({"seed": 0}, TINY)
