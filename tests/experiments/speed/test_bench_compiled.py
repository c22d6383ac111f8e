"""bench_compiled：小さく測り、記録と表になる。"""

from dataclasses import replace
from pathlib import Path

import pytest

from lstm_text.experiments import NotHere, make
from lstm_text.experiments.speed import bench_compiled
from lstm_text.fast import compiled, recurrent
from lstm_text.records import read

RECORDS = Path(__file__).parents[3] / "book" / "records"
TINY = replace(
    bench_compiled.Settings(),
    hiddens=(8,),
    batches=(1, 4),
    lengths=(3,),
    features=2,
    seconds=0.0,
    least=3,
)
needs_compiler = pytest.mark.skipif(
    not compiled.available(),
    reason="C のコンパイラ（cc か、環境変数 CC）が要ります",
)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    list(make(bench_compiled, TINY, folder))
    return read("bench_compiled", folder)


def test_every_size_is_measured_once_for_each_layer():
    settings = bench_compiled.Settings()
    sizes = [
        (unit["kind"], *unit["size"])
        for unit in bench_compiled.units(settings)
        if unit["what"] == "layer"
    ]
    assert len(sizes) == len(set(sizes)) == 2 * 4 * 3 * 2
    assert ("GRU", 64, 256, 64, 512) in sizes


@needs_compiler
def test_times_are_positive_and_forward_is_a_part(record):
    values = record.values(what="layer", kind="GRU", size=[4, 3, 2, 8])
    assert list(values) == ["torch.nn", "手書き", "C"]
    for each in values.values():
        assert 0 < each["forward"]["median"] < each["both"]["median"]
        low, high = each["both"]["quartiles"]
        assert low <= each["both"]["median"] <= high


@needs_compiler
def test_the_table_shows_every_size(record):
    lines = bench_compiled.table(record).splitlines()
    assert sum("床" in line and "手書き" in line and " C " in line for line in lines) == 4
    assert compiled.version() in lines[1]


def test_floor_counts_the_products():
    # 順伝播：入力側と状態側。逆伝播：dh、重みの勾配 2 つ。どれも 2·B·(行)·(列) 回
    batch, length, features, hidden = 2, 3, 4, 5
    each = 2 * batch * length * 3 * hidden
    right = each * (2 * features + 3 * hidden)
    found = bench_compiled.floor("GRU", [batch, length, features, hidden], 1e-6)
    assert found == pytest.approx(right)


def test_no_compiler_is_told(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(NotHere, match="コンパイラ"):
        bench_compiled.run({"what": "compiler"}, TINY)


def test_the_record_was_measured_with_this_c_source():
    record = read("bench_compiled", RECORDS, "cpu")
    assert record.values(what="compiler")["source"] == recurrent.digest()
