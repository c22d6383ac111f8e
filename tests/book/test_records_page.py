"""book/records.md：どの記録にも節があり、古い記録にはそう書かれること。"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lstm_text.experiments import is_stale
from lstm_text.records import STALE, read_all, show

BOOK = Path(__file__).parents[2] / "book"
PAGE = (BOOK / "records.md").read_text(encoding="utf-8")
RECORDED = read_all(BOOK / "records")


def test_the_page_has_a_section_for_each_record_and_no_other():
    shown = re.findall(r'^show\(recorded\["(\w+)"\], is_stale\)$', PAGE, re.MULTILINE)
    assert sorted(shown) == sorted(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_the_section_has_an_anchor_and_the_file(name):
    assert f"(record-{name.replace('_', '-')})=\n## " in PAGE
    if "cpu" in [record.kind for record in RECORDED[name]]:  # GPU の記録は、GPU の節が挙げる
        file = f"{name}.cpu.json"
        assert f"{{download}}`{file} <records/{file}>`" in PAGE


@pytest.mark.parametrize("name", RECORDED)
def test_a_record_is_fresh_or_marked_on_the_page(name):
    page = show(RECORDED[name], is_stale).data
    assert page.count(STALE) == sum(map(is_stale, RECORDED[name]))
    for record in RECORDED[name]:
        assert record.date in page and record.machine["device"] in page


@pytest.fixture
def record():
    (record, *_) = RECORDED["imdb_chapter"]
    numbers = [{"accuracy": [0.5, 1.0], "curve": [{"loss": 1}]}, {"accuracy": [None, 0.25]}]
    return replace(
        record,
        settings={"seeds": [0, 1], "name": "a<b", "plan": {"epochs": 2, "lr": 4e-3}},
        results=[
            {"unit": {"length": t}, "values": v, "seconds": 2.0, "cpu_seconds": 1.0}
            for t, v in zip((5, 10), numbers, strict=True)
        ],
    )


def test_a_stale_record_is_marked(record):
    assert STALE in show([replace(record, code="0" * 16)], is_stale).data


def test_cpu_and_cuda_have_their_columns(record):
    on_gpu = replace(
        record,
        machine=record.machine | {"kind": "cuda", "device": "ある GPU"},
        results=record.results[:1],
    )
    page = show([record, on_gpu], is_stale).data
    header = re.findall("<th>(.*?)</th>", page)
    assert header == ["length", "accuracy（cpu）", "accuracy（cuda）", "秒（cpu）", "秒（cuda）"]
    assert re.findall("<td>(.*?)</td>", page) == [
        "5", "0.75 ± 0.354（0.5〜1）", "0.75 ± 0.354（0.5〜1）", "2.0", "2.0",
        "10", "0.25 ± 0（0.25〜0.25）、なし 1", "", "2.0", "",
    ]  # fmt: skip
    assert "ある GPU" in page and "a&lt;b" in page


def test_settings_inside_settings_are_written_out(record):
    page = show([record], is_stale).data
    assert "設定：seeds = 0・1、name = a&lt;b、plan = （epochs = 2、lr = 0.004）" in page


def test_a_wide_table_is_turned_on_its_side(record):
    values = {f"量{k}": k for k in range(20)}
    wide = replace(record, results=[record.results[0] | {"values": values}])
    page = show([wide], is_stale).data
    assert re.findall("<th>(.*?)</th>", page) == ["length", "5"]
    assert "<tr><td>量7</td><td>7</td></tr>" in page
