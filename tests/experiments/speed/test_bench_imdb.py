"""IMDb の速さの測り方：小さなデータで端から端まで。"""

import pytest
import torch

from lstm_text.experiments import NotHere, blank
from lstm_text.experiments.__main__ import main
from lstm_text.experiments.speed import bench_imdb
from lstm_text.imdb import TextOptions, load_reviews
from tests.bfloat16 import needs_bfloat16


@needs_bfloat16
def test_measured_and_shown(monkeypatch):
    data = load_reviews(TextOptions(limit=40, max_length=10**6), 0.1, seed=0)
    settings = bench_imdb.Settings(repeats=1, slow_reviews=2, fast_reviews=8, batch_size=2)
    values = bench_imdb.measure(data, settings)
    rates = values["tokens_per_second"]
    assert tuple(rates) == bench_imdb.STAGES and all(rate > 0 for rate in rates.values())
    assert values["ratio"] == rates[bench_imdb.STAGES[-1]] / rates[bench_imdb.STAGES[0]]
    record = blank(bench_imdb, settings)
    record.results.append(
        {"unit": {"what": "stages"}, "values": values, "seconds": 1.0, "cpu_seconds": 1.0}
    )
    shown = bench_imdb.table(record)
    assert "1.0 倍  素朴" in shown and shown.count("倍") == len(bench_imdb.STAGES)
    torch.set_flush_denormal(False)


def test_needs_the_real_reviews(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    with pytest.raises(NotHere, match="本物の IMDb"):
        bench_imdb.run({"what": "stages"}, bench_imdb.Settings())
    assert main(["--folder", str(tmp_path), "bench_imdb"]) == 1
    assert "動かせません。本物の IMDb" in capsys.readouterr().err


def test_showing_without_a_record(tmp_path, capsys):
    assert main(["--show", "--folder", str(tmp_path), "bench_imdb"]) == 1
    assert "表を出せる記録がありません" in capsys.readouterr().err
