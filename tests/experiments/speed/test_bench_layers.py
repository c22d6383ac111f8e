"""bench_layers：小さく測り、記録と表になる。"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lstm_text.experiments import make
from lstm_text.experiments.__main__ import main
from lstm_text.experiments.speed import bench_layers
from lstm_text.fast import compiler
from lstm_text.records import read

RECORDS = Path(__file__).parents[3] / "book" / "records"

TINY = replace(
    bench_layers.Settings(),
    kinds=("RNN", "LSTM"),
    sizes=((8, 3, 4, 32),),
    alone=((1, 3, 4, 32),),
    base=(8, 3, 4, 32),
    lengths=(3, 6),
    batches=(8,),
    hiddens=(32,),
    seconds=0.0,
    least=3,
)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench_layers, "peak_memory", lambda name, kind, size: 2.0)
        patch.setenv("CXX", "no-such-compiler")  # torch.compile には何十秒もかかる
        list(make(bench_layers, TINY, folder))
    return read("bench_layers", folder)


def test_every_point_of_the_curves_is_measured_once():
    sizes = [tuple(unit["size"]) for unit in bench_layers.units(TINY) if unit["what"] == "layer"]
    once = [(8, 3, 4, 32), (1, 3, 4, 32), (8, 6, 4, 32)]
    assert sizes == [size for size in once for _ in ("RNN", "LSTM")]
    units = bench_layers.units(bench_layers.Settings())
    batch, length, features, hidden = bench_layers.Settings().base
    for each in bench_layers.Settings().lengths:
        for kind in bench_layers.Settings().kinds:
            unit = {"what": "layer", "kind": kind, "size": [batch, each, features, hidden]}
            assert units.count(unit) == 1
    assert hidden in bench_layers.Settings().hiddens and length in bench_layers.Settings().lengths


def test_times_are_positive_and_forward_is_a_part(record):
    values = record.values(what="layer", kind="LSTM", size=[8, 3, 4, 32])
    assert list(values) == bench_layers.libraries()
    for each in values.values():
        assert 0 < each["forward"]["median"] < each["both"]["median"]
        low, high = each["both"]["quartiles"]
        assert low <= each["both"]["median"] <= high


def test_no_compiler_no_c(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert "C" not in bench_layers.libraries()
    assert bench_layers.run({"what": "compiler"}, TINY)["C"]["compiler"] == ""


def test_torch_compile_is_skipped_without_a_compiler(record):
    assert record.values(what="torch.compile") == {}


def test_the_record_was_measured_with_this_c_source():
    record = read("bench_layers", RECORDS, "cpu")
    assert record.values(what="compiler")["C"]["source"] == compiler.digest()


def test_the_table_shows_every_layer_as_ratios(record):
    lines = bench_layers.table(record).splitlines()
    assert sum("手書き" in line and "読みやすいセル" in line for line in lines) == 6
    c_rows = [line for line in lines if " C " in line and "nn" in line]
    assert len(c_rows) == (6 if compiler.available() else 0)
    assert sum("床" in line for line in lines) == 4  # 表の大きさと、それに重なる曲線の大きさ


def test_ratio_is_ours_over_theirs():
    values = {
        "torch.nn": {"both": {"median": 2.0}, "memory": 0.0},
        "手書き": {"both": {"median": 1.0}, "memory": 3.0},
    }
    assert bench_layers.ratio(values, "both", "手書き") == 0.5
    assert bench_layers.ratio(values, "memory", "手書き") != bench_layers.ratio(
        values, "memory", "手書き"
    )


def test_floor_counts_the_products():
    # 順伝播：入力側と状態側。逆伝播：dh、重みの勾配 2 つ。どれも 2·B·(行)·(列) 回
    batch, length, features, hidden = 2, 3, 4, 5
    each = 2 * batch * 4 * hidden * length
    together = each * features * 2 + each * hidden  # 入力側の 2 回と、W_hh の勾配
    step_by_step = each * hidden * 2  # 状態側の順伝播と逆伝播
    rates = {"step": {"@": 1e-6, "oneDNN": 5e-7}, "chunk": {"@": 1e-6, "oneDNN": 4e-6}}
    found = bench_layers.floor("LSTM", [batch, length, features, hidden], rates)
    assert found == pytest.approx(together / 4 + step_by_step)


@pytest.mark.skipif(sys.platform != "linux", reason="メモリは Linux でだけ測ります")
def test_more_time_steps_need_more_memory():
    short, long = (
        bench_layers.peak_memory("手書き", "LSTM", (16, length, 8, 128)) for length in (64, 512)
    )
    assert long > short + 10  # 448 時刻 × 16 系列 × 768 個 × 4 バイト = 21 MiB


def test_show_prints_the_table_of_a_record(tmp_path, record, capsys):
    from lstm_text.records import write

    write(record, tmp_path)
    assert main(["--show", "--folder", str(tmp_path), "bench_layers"]) == 0
    assert "torch.nn を 1 としたときの比" in capsys.readouterr().out
