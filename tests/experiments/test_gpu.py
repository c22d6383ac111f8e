"""GPU で測る組：小さくして CPU で（GPU があれば GPU でも）、端から端まで。"""

from dataclasses import replace

import pytest
import torch

from lstm_text.experiments import find, gpu, is_stale
from lstm_text.experiments.__main__ import main
from lstm_text.experiments.gpu import PARTS, Part, is_done, measure
from lstm_text.experiments.imdb import imdb_language
from lstm_text.imdb import Plan, Shape, TextOptions, load_data
from lstm_text.imdb import Settings as Course
from lstm_text.records import path_of, read

DEVICES = [
    "cpu",
    pytest.param(
        "cuda",
        marks=pytest.mark.skipif(
            not torch.cuda.is_available(), reason="CUDA の使える GPU がありません"
        ),
    ),
]

TINY = {
    "speed": {
        "length": 3, "input_size": 2, "batch_sizes": (2,), "hidden_sizes": (3, 4), "repeats": 2,
        "warmup": 1,
    },
    "layer_devices": {"sizes": ((2, 3, 4, 5),), "kinds": ("LSTM", "GRU"), "repeats": 3},
    "adding": {"seeds": (0, 1), "lengths": (3,), "hidden_size": 3, "batch_size": 2, "updates": 2},
    "recall": {
        "seeds": (0, 1), "lengths": (3,), "models": ("RNN", "LSTM"), "hidden_size": 3,
        "batch_size": 2, "updates": 2, "short_length": 3, "short_updates": 2,
    },
    "imdb_contenders": {},
    "imdb_language": {"held_out": 1},
}  # fmt: skip
"""組のどの部分も、数秒で測れる設定。"""


def tiny(name):
    (part,) = (part for part in PARTS if part.name == name)
    return replace(part, changes=part.changes | TINY[name])


@pytest.fixture(params=DEVICES)
def device(request, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", request.param)
    yield request.param
    torch.set_flush_denormal(False)


class Clock:
    """見るたびに 1 秒進む時計。"""

    def __init__(self):
        self.now = -1.0

    def __call__(self):
        self.now += 1.0
        return self.now


def test_every_part_is_here():
    assert {part.name for part in PARTS} == set(TINY)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_measures_what_the_cpu_record_measures_too(part):
    """CPU の記録と突き合わせるには、同じ単位がなければならない。"""
    ordinary = find(part.name).units(find(part.name).Settings())
    units = part.units()
    assert units and part.why
    assert [unit for unit in units if unit in ordinary]
    if part.name != "imdb_language":  # 4 分の 1 エポックは、GPU でだけ測る
        assert all(unit in ordinary for unit in units)


def test_the_whole_set_is_measured_in_one_call(device, tmp_path):
    parts = [tiny(name) for name in TINY]
    *_, last = measure(parts, tmp_path)
    # テストは内蔵のデータで動くので、本物の IMDb の要る 2 つは動かせない
    assert last == (
        "測り終えた記録：speed、layer_devices、adding、recall。"
        "まだ：imdb_contenders（動かせない）、imdb_language（動かせない）。"
        "もう一度打てば、続きから測ります。"
    )
    for part in parts[:4]:
        record = read(part.name, tmp_path, device)
        assert [result["unit"] for result in record.results] == part.units()
        assert record.kind == device and not is_stale(record)
        assert is_done(part, tmp_path)
    assert list(measure(parts[:4], tmp_path)) == [
        "測り終えた記録：speed、layer_devices、adding、recall。"
    ]


def test_time_runs_out_and_the_next_call_goes_on(device, tmp_path):
    parts = [tiny("speed"), tiny("recall")]
    first = list(measure(parts, tmp_path, budget=1.5, clock=Clock()))
    assert first[-1] == (
        "測り終えた記録：なし。まだ：speed（2 件中 1 件）、recall（5 件中 0 件）。"
        "もう一度打てば、続きから測ります。"
    )
    assert [path.name for path in tmp_path.iterdir()] == [f"speed.{device}.partial"]
    kept = (tmp_path / f"speed.{device}.partial").read_text(encoding="utf-8")
    told = list(measure(parts, tmp_path))
    assert told[0].startswith("speed 2/2")
    assert told[-1] == "測り終えた記録：speed、recall。"
    assert kept[kept.index('"values"') :][:60] in path_of("speed", device, tmp_path).read_text(
        encoding="utf-8"
    )


def test_a_fuller_record_of_the_same_code_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cpu")
    fuller = tiny("recall")
    fewer = replace(fuller, changes=fuller.changes | {"models": ("LSTM",)})
    list(measure([fuller], tmp_path))
    before = path_of("recall", "cpu", tmp_path).stat().st_mtime_ns
    list(measure([fewer], tmp_path))
    assert path_of("recall", "cpu", tmp_path).stat().st_mtime_ns == before
    path_of("recall", "cpu", tmp_path).write_text("{", encoding="utf-8")
    assert not is_done(fewer, tmp_path)


def test_language_model_on_each_device(device):
    course = Course(TextOptions(limit=40), Shape(4, 2), plan=Plan(epochs=1, batch_size=4))
    data = load_data(course)
    part, whole = (imdb_language.measure(course, data, share, held_out=2) for share in (0.3, 1.0))
    assert 0 < part["updates"] < whole["updates"] and part["tokens"] < whole["tokens"]
    assert whole["tokens"] == sum(data.pretraining.lengths)
    assert part["tokens_per_second"] > 0 and part["bits"] > 0


def test_the_numbers_of_the_gpu_are_those_of_the_cpu(device):
    """CPU では同じことを 2 度して比べるだけだが、同じ道を通る。"""
    course = Course(
        TextOptions(limit=40), Shape(4, 2, locked_dropout=0.0), plan=Plan(epochs=1, batch_size=4)
    )
    data = load_data(course)
    here = imdb_language.measure(course, data, 0.5, held_out=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTM_TEXT_DEVICE", "cpu")
        there = imdb_language.measure(course, data, 0.5, held_out=2)
    assert here["updates"] == there["updates"]
    assert here["loss"] == pytest.approx(there["loss"], rel=1e-3)
    assert here["bits"] == pytest.approx(there["bits"], rel=1e-3)


def test_the_command_refuses_a_cpu(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cpu")
    assert main(["--gpu", "--folder", str(tmp_path)]) == 1
    assert "CUDA の使える GPU が必要ですが、いまのデバイスは cpu です" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_tells_what_is_left(tmp_path, monkeypatch, capsys):
    """GPU の代わりに、CPU を CUDA と名乗らせる。"""
    monkeypatch.setattr(gpu, "PARTS", (tiny("speed"),))
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cpu")

    class Named:
        type = "cuda"

    monkeypatch.setattr("lstm_text.experiments.__main__.get_device", Named)
    monkeypatch.setattr("lstm_text.experiments.__main__.describe", lambda device: "名前")
    assert main(["--gpu", "--folder", str(tmp_path), "--budget", "0"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "デバイス：名前",
        "測り終えた記録：なし。まだ：speed（2 件中 0 件）。もう一度打てば、続きから測ります。",
    ]
    assert main(["--gpu", "--folder", str(tmp_path)]) == 0
    assert "測り終えた記録：speed。" in capsys.readouterr().out


def test_the_layers_of_all_three_are_timed(device):
    part = tiny("layer_devices")
    for unit in part.units():
        values = find("layer_devices").run(unit, part.settings())
        assert list(values) == ["torch.nn", "手書き", "読みやすいセル", "all"]
        assert all(len(each) == 3 for each in values["all"].values())
        assert min(min(each) for each in values["all"].values()) > 0


def test_a_part_is_named_once():
    assert len({part.name for part in PARTS}) == len(PARTS)
    with pytest.raises(ValueError, match="という実験はありません"):
        Part("gone", "ない").units()
