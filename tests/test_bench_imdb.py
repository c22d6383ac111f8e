"""IMDb の速さの測り方：小さなデータで端から端まで。"""

import pytest
import torch

from benchmarks.imdb import main, table
from lstm_text.experiments import NotHere, bench_imdb, blank
from lstm_text.reviews import Reading, load_reviews


def test_measured_and_shown(monkeypatch):
    data = load_reviews(Reading(limit=40, max_length=10**6), 0.1, seed=0)
    settings = bench_imdb.Settings(repeats=1, slow_reviews=2, fast_reviews=8, batch_size=2)
    values = bench_imdb.measure(data, settings)
    rates = values["tokens_per_second"]
    assert tuple(rates) == bench_imdb.STAGES and all(rate > 0 for rate in rates.values())
    assert values["ratio"] == rates[bench_imdb.STAGES[-1]] / rates[bench_imdb.STAGES[0]]
    record = blank(bench_imdb, settings)
    record.results.append(
        {"unit": {"what": "stages"}, "values": values, "seconds": 1.0, "cpu_seconds": 1.0}
    )
    shown = table(record)
    assert "1.0 倍  素朴" in shown and shown.count("倍") == len(bench_imdb.STAGES)
    torch.set_flush_denormal(False)


def test_needs_the_real_reviews(monkeypatch, capsys):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    with pytest.raises(NotHere, match="本物の IMDb"):
        bench_imdb.run({"what": "stages"}, bench_imdb.Settings())
    assert main([]) == 1
    assert "できません：本物の IMDb" in capsys.readouterr().err


def test_showing_without_a_record(tmp_path, capsys):
    assert main(["--show", "--folder", str(tmp_path)]) == 1
    assert "bench_imdb の記録" in capsys.readouterr().err
