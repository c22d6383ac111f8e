"""engine：動かす、途中で止められても続きから、命令の言うこと。"""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from lstm_text import experiments, layers
from lstm_text.datasets.find import Lacking
from lstm_text.device import generator
from lstm_text.experiments import NotHere, blank, find, is_stale, is_up_to_date, make, names
from lstm_text.experiments.__main__ import main
from lstm_text.experiments.races import open_gates, recall, zero_bias
from lstm_text.records import read

TINY = replace(
    recall.Settings(),
    seeds=(0, 1),
    models=("RNN", "LSTM（chrono）"),
    lengths=(3, 4),
    two_way_length=3,
    hidden_size=4,
    batch_size=4,
    updates=3,
    short_models=("GRU",),
    short_length=3,
    short_updates=2,
)


def numbers(record):
    """記録のうち、測るたびに変わってよいものを除いた部分。"""
    results = [{"unit": r["unit"], "values": r["values"]} for r in record.results]
    return asdict(replace(record, results=results, date="", commit=""))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """止めずに作った記録。"""
    folder = tmp_path_factory.mktemp("whole")
    list(make(recall, TINY, folder))
    return read("recall", folder)


def test_every_experiment_keeps_the_contract():
    for name in names():
        module = find(name)
        settings = module.Settings()
        assert settings.seeds and all(isinstance(seed, int) for seed in settings.seeds)
        units = module.units(settings)
        assert units and json.loads(json.dumps(units)) == units
        assert all(units.count(unit) == 1 for unit in units)
        assert callable(module.run) and experiments.title(module)


@pytest.mark.parametrize(
    "name",
    [
        "recall",
        "zero_bias",
        "open_gates",
        "tied_gates",
        "adding",
        "clipping",
        "depth",
        "forget_bias",
        "orthogonal",
        "newton",
    ],
)
def test_claims_are_tested_with_at_least_ten_seeds(name):
    assert len(find(name).Settings().seeds) >= 10


def test_zero_bias_starts_with_forget_gates_exactly_half_open():
    """W_hh を 0 にすれば、どの忘却ゲートも σ(0) = 0.5 になる。"""
    layer = layers.LSTM(10, 3, batch_first=True)
    model = zero_bias._from_zero(layer)
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
        layer.weight_ih_l0.zero_()
        _, (_, c) = layer(torch.zeros(1, 1, 10), (torch.zeros(1, 1, 3), torch.ones(1, 1, 3)))
        _, (_, from_zero) = layer(
            torch.zeros(1, 1, 10), (torch.zeros(1, 1, 3), torch.zeros(1, 1, 3))
        )
    assert torch.allclose(c - from_zero, torch.full_like(c, 0.5))
    assert model.recurrent is layer
    tiny = zero_bias.Settings(seeds=(0, 1), lengths=(3,), hidden_size=4, batch_size=4, updates=2)
    assert len(zero_bias.run({"length": 3}, tiny)["accuracy"]) == 2


@pytest.mark.parametrize(
    ("start", "wanted"), [("i と o", [3, None, None, 3]), ("f", [None, 3, None, None])]
)
def test_opened_gates_start_open_and_the_others_as_in_pytorch(start, wanted):
    """開けるゲートの和だけが 3 になり、ほかの重みは変わらない。"""
    layer, before = layers.LSTM(10, 5), layers.LSTM(10, 5)
    before.load_state_dict(layer.state_dict())
    open_gates.STARTS[start](layer)
    sums = [(one.bias_ih_l0 + one.bias_hh_l0).view(4, 5) for one in (layer, before)]
    for opened, default, value in zip(*sums, wanted, strict=True):
        assert torch.allclose(opened, default if value is None else torch.full((5,), float(value)))
    assert torch.equal(layer.weight_hh_l0, before.weight_hh_l0)


def test_half_open_gates_are_those_of_an_lstm_whose_gates_cannot_move():
    """ゲートの行を 0 にした nn.LSTM と一致する。"""
    layer, oracle = layers.LSTM(3, 4), torch.nn.LSTM(3, 4)
    oracle.load_state_dict(layer.state_dict())
    with torch.no_grad():
        for weight in oracle.parameters():
            rows = weight.view(4, 4, -1)
            rows[[0, 1, 3]] = 0
    x = torch.randn(6, 2, 3, generator=generator(0))
    got, want = open_gates.half_open(layer)(x)[0], oracle(x)[0]
    assert torch.allclose(got, want, atol=1e-6)


def test_a_record_is_complete(whole):
    assert [r["unit"] for r in whole.results] == recall.units(TINY)
    values = whole.values(model="RNN", length=4)
    assert len(values["accuracy"]) == 2 and values["curve"][-1]["update"] == 3
    assert not is_stale(whole)


def test_a_record_is_stale_when_its_code_changed_or_vanished():
    record = blank(recall, TINY)
    assert not is_stale(record) and not is_stale(record, recall)
    assert is_stale(replace(record, code="0" * 16))
    assert is_stale(replace(record, name="gone"))
    assert is_stale(record, zero_bias)


def test_the_time_of_other_processes_counts(tmp_path, monkeypatch):
    """起こしたプロセスだけが働いても、CPU を使った時間に入る。"""
    busy = "import time\nwhile time.process_time() < 1:\n    sum(range(9999))"

    def run(unit, settings):
        subprocess.run([sys.executable, "-c", busy], check=True)
        return {"accuracy": 1.0}

    monkeypatch.setattr(recall, "run", run)
    monkeypatch.setattr(recall, "units", lambda settings: [{"seed": 0}])
    list(make(recall, TINY, tmp_path))
    assert read("recall", tmp_path).results[0]["cpu_seconds"] > 0.9


def test_an_interrupted_run_goes_on_where_it_stopped(whole, tmp_path):
    runs = make(recall, TINY, tmp_path)
    assert [next(runs) for _ in range(3)] == [(0, 6), (1, 6), (2, 6)]
    runs.close()
    assert [path.name for path in tmp_path.iterdir()] == ["recall.cpu.partial"]
    assert next(make(recall, TINY, tmp_path)) == (2, 6)
    assert list(make(recall, TINY, tmp_path))[-1] == (6, 6)
    assert [path.name for path in tmp_path.iterdir()] == ["recall.cpu.json"]
    assert numbers(read("recall", tmp_path)) == numbers(whole)


def test_a_killed_process_leaves_whole_units_only(whole, tmp_path):
    code = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from lstm_text.experiments import make
        from lstm_text.experiments.races import recall
        settings = recall.{TINY!r}
        for done, total in make(recall, settings, Path({str(tmp_path)!r})):
            print(done, flush=True)
            time.sleep(0.3 * (done == 3))
    """)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    while process.stdout.readline().strip() != "3":
        assert process.poll() is None
    time.sleep(0.3 + 0.005 * (os.getpid() % 7))  # いつもぴったり同じ所で止めない
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    list(make(recall, TINY, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["recall.cpu.json"]
    assert numbers(read("recall", tmp_path)) == numbers(whole)


def test_another_configuration_starts_anew(tmp_path):
    runs = make(recall, TINY, tmp_path)
    for _ in range(3):
        next(runs)
    runs.close()
    assert next(make(recall, replace(TINY, lr=0.1), tmp_path))[0] == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": "recall"}', b"\xff"])
def test_a_broken_partial_file_is_ignored(content, whole, tmp_path):
    (tmp_path / "recall.cpu.partial").write_bytes(content)
    list(make(recall, TINY, tmp_path))
    assert numbers(read("recall", tmp_path)) == numbers(whole)


@pytest.mark.parametrize(
    "results",
    [
        None,
        [{}],
        [None],
        1,
        [{"unit": {"model": "RNN", "length": 3}, "values": {}}],
        "NaN",
        "1e999",
    ],
)
def test_a_partial_file_with_broken_results_starts_anew(results, whole, tmp_path):
    data = asdict(whole) | {"results": results}
    if isinstance(results, str):  # 有限でない数。このまま使うと、測り終えてから書けない
        data["results"] = whole.results[:2]
    text = json.dumps(data)
    if isinstance(results, str):
        text = re.sub(r'"seconds": [\d.]+', f'"seconds": {results}', text)
    (tmp_path / "recall.cpu.partial").write_text(text, encoding="utf-8")
    assert next(make(recall, TINY, tmp_path)) == (0, 6)
    (tmp_path / "recall.cpu.partial").write_text(
        json.dumps(asdict(whole) | {"results": whole.results[:2]}), encoding="utf-8"
    )
    assert next(make(recall, TINY, tmp_path)) == (2, 6)


@pytest.mark.parametrize("folder", ["file/records", "gone", "/proc/none"])
def test_a_folder_that_cannot_be_written_is_refused_before_measuring(
    folder, monkeypatch, tmp_path, capsys
):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(recall, "run", lambda unit, settings: pytest.fail("測った"))
    assert main(["--folder", str(tmp_path / folder), "recall"]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"できません：{tmp_path / folder} に書けません（")
    assert told.endswith("）。書けるフォルダを指定してください。")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "gone"]


def test_trying_to_write_leaves_nothing(tmp_path):
    assert next(make(recall, TINY, tmp_path / "a/b")) == (0, 6)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def tiny_recall(monkeypatch):
    """命令からも小さな設定で動くようにし、ほかの実験を隠す。"""
    monkeypatch.setattr(recall, "Settings", lambda: TINY)
    monkeypatch.setattr("lstm_text.experiments.__main__.names", lambda: ["recall"])


def test_the_command_makes_only_what_is_missing(tiny_recall, tmp_path, capsys):
    assert main(["--folder", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "デバイス：" in out and "recall" in err and "6/6" in err
    assert is_up_to_date(recall, tmp_path)
    before = (tmp_path / "recall.cpu.json").stat().st_mtime_ns
    assert main(["--folder", str(tmp_path)]) == 0
    assert "新しい記録があります" in capsys.readouterr().out
    assert (tmp_path / "recall.cpu.json").stat().st_mtime_ns == before
    assert main(["--folder", str(tmp_path), "recall"]) == 0  # 名前を言えば、測り直す
    assert (tmp_path / "recall.cpu.json").stat().st_mtime_ns != before


def test_a_broken_record_is_made_again(tiny_recall, tmp_path):
    (tmp_path / "recall.cpu.json").write_text("{", encoding="utf-8")
    assert main(["--folder", str(tmp_path)]) == 0
    assert read("recall", tmp_path).seeds == [0, 1]


def test_the_list_tells_what_is_recorded_and_what_is_stale(tiny_recall, tmp_path, capsys):
    list(make(recall, TINY, tmp_path))
    main(["--list", "--folder", str(tmp_path)])
    assert "    記録：20" in capsys.readouterr().out
    path = tmp_path / "recall.cpu.json"
    text = path.read_text(encoding="utf-8").replace(read("recall", tmp_path).code, "0" * 16)
    path.write_text(text, encoding="utf-8")
    main(["--list", "--folder", str(tmp_path)])
    assert "    古い記録：20" in capsys.readouterr().out


def test_a_broken_record_does_not_hide_the_others(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("lstm_text.experiments.__main__.names", lambda: ["adding", "recall"])
    list(make(recall, TINY, tmp_path))
    (tmp_path / "adding.cpu.json").write_text("{", encoding="utf-8")
    assert main(["--list", "--folder", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "    記録：20" in out and "adding  " in out
    assert err.startswith(f"できません：{tmp_path / 'adding.cpu.json'} は壊れています。")
    assert main(["--list", "--folder", str(tmp_path), "recall"]) == 0


def test_a_table_that_cannot_be_made_does_not_hide_the_others(monkeypatch, tmp_path, capsys):
    def table(record):
        return record.values(model="ない")["accuracy"]

    for experiment, shown in ((recall, table), (zero_bias, lambda record: "表")):
        monkeypatch.setattr(experiment, "table", shown, raising=False)
    monkeypatch.setattr(
        "lstm_text.experiments.__main__.names", lambda: ["adding", "recall", "zero_bias"]
    )
    list(make(recall, TINY, tmp_path))
    tiny = zero_bias.Settings(seeds=(0,), lengths=(3,), hidden_size=4, batch_size=4, updates=2)
    list(make(zero_bias, tiny, tmp_path))
    (tmp_path / "zero_bias.cuda.json").write_text("[]", encoding="utf-8")
    assert main(["--show", "--folder", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == "表\n"
    first, second = err.splitlines()
    assert first.startswith("できません：recall の表を作れません（") and "測り直して" in first
    assert "zero_bias.cuda.json は記録の形をしていません。" in second


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ValueError("壊れています。"), 1, "できません：壊れています。"),
        (
            PermissionError(13, "Permission denied", "a"),
            1,
            "できません：a を読み書きできません（許可",
        ),
        (KeyboardInterrupt(), 130, "止めました。もう一度動かせば、続きから測ります。"),
    ],
)
def test_what_stops_the_command_is_told_in_one_line(
    error, code, told, tiny_recall, monkeypatch, tmp_path, capsys
):
    def stop(unit, settings):
        raise error

    monkeypatch.setattr(recall, "run", stop)
    assert main(["--folder", str(tmp_path), "recall"]) == code
    assert capsys.readouterr().err.splitlines()[-1].startswith(told)


@pytest.mark.parametrize("reason", [NotHere, Lacking])
def test_what_cannot_run_here_does_not_stop_the_others(
    reason, tiny_recall, monkeypatch, tmp_path, capsys
):
    def no_data(unit, settings):
        raise reason("本物の IMDb が必要です。")

    monkeypatch.setattr(recall, "run", no_data)
    assert main(["--folder", str(tmp_path)]) == 1
    assert "recall：動かせません。本物の IMDb が必要です。" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_name_lists_the_known_ones(capsys):
    assert main(["recal"]) == 1
    assert "recal という実験はありません。あるもの：" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--colour"], "--colour という引数はありません。"),
        (["--fold=x"], "--fold=x という引数はありません。"),
        (["--folder"], "--folder には値が必要です。"),
        (["--list=yes"], "--list に値は付けられませんが、'yes' でした。"),
        (["--budget=x"], "--budget には数が必要ですが、'x' でした。"),
        ([f"--folder={__file__}", "recall"], "--folder にはフォルダが必要ですが、"),
    ],
)
def test_wrong_arguments_are_told_in_japanese(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    told = capsys.readouterr()
    assert told.out == "" and f"引数が違います：{message}" in told.err
    assert not re.search("usage|error|argument|option", told.err)


def test_help_is_in_japanese(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert told.startswith("使い方：python -m lstm_text.experiments")
    assert not re.search("usage|options|arguments", told)


def test_the_package_does_not_know_the_book():
    for path in Path(experiments.__file__).parents[1].rglob("*.py"):
        assert "book/" not in path.read_text(encoding="utf-8"), path
