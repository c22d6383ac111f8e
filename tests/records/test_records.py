"""records：書いた記録が読めること、壊れた記録を読まないこと、古い記録がわかること。"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_text import records
from lstm_text.experiments import blank
from lstm_text.experiments.races import recall
from lstm_text.records import Record, pack, read, read_all, show, spread, to_json, write

BOOK = Path(__file__).parents[2] / "book" / "records"


@pytest.fixture
def record():
    now = blank(recall, recall.Settings())
    results = [
        {"unit": {"model": m, "length": t}, "values": {"accuracy": [0.5, None]}}
        | {"seconds": 1.5, "cpu_seconds": 1.25}
        for m in ("RNN", "GRU")
        for t in (5, 10)
    ]
    return replace(now, results=results)


def test_what_is_written_is_read_back(record, tmp_path):
    path = write(record, tmp_path / "new")
    assert path.name == "recall.cpu.json"
    assert read("recall", tmp_path / "new") == record
    assert read_all(tmp_path / "new") == {"recall": [record]}


def test_cpu_and_cuda_have_their_columns(record, tmp_path):
    on_gpu = replace(record, machine=record.machine | {"kind": "cuda", "device": "ある GPU"})
    write(on_gpu, tmp_path)
    assert read("recall", tmp_path) == on_gpu  # CPU の記録がなければ、CUDA の記録
    write(record, tmp_path)
    assert [r.kind for r in read_all(tmp_path)["recall"]] == ["cpu", "cuda"]
    assert read("recall", tmp_path).kind == "cpu"
    assert read("recall", tmp_path, "cuda") == on_gpu


def test_results_are_found_by_what_was_measured(record):
    assert len(record.select(model="RNN")) == 2
    assert record.values(model="RNN", length=10) == {"accuracy": [0.5, None]}
    with pytest.raises(KeyError, match=r"結果は 1 つ必要ですが、2 個でした.*合うもの"):
        record.values(model="RNN")
    with pytest.raises(KeyError, match=r"0 個でした.*あるもの.*'length': 5"):
        record.values(model="LSTM")


def test_the_origin_says_when_where_and_with_what(record):
    origin = replace(record, commit="").origin()
    for part in (record.date, record.machine["device"], "スレッド", torch.__version__, "6 秒"):
        assert part in origin
    assert "コミット 不明" in origin


def test_no_number_that_json_does_not_know(record, tmp_path):
    record.results[0]["values"]["accuracy"][0] = float("nan")
    with pytest.raises(ValueError, match="有限の値が必要"):
        write(record, tmp_path)
    record.results[0]["values"]["accuracy"] = torch.zeros(2)
    with pytest.raises(ValueError, match="JSON にできる"):
        write(record, tmp_path)
    assert not list(tmp_path.iterdir())


def test_numbers_stand_on_one_line_and_strings_are_kept():
    data = {"a": [1, 2.5, None], "b": [["x, y", "[ ]\n"], []], "c": [{"d": [1]}]}
    text = to_json(data)
    assert json.loads(text) == data
    assert ' "a": [1, 2.5, null],\n' in text and '"d": [1]\n' in text


def test_half_a_file_is_not_a_record(record, tmp_path):
    path = write(record, tmp_path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match="壊れています"):
        read("recall", tmp_path)
    path.write_bytes(b"\xff\x00")
    with pytest.raises(ValueError, match="壊れています"):
        read("recall", tmp_path)


BROKEN = {
    "別のもの": ([1, 2], "全体には dict が必要"),
    "欄がない": (lambda d: d.pop("code"), "code の欄がありません"),
    "知らない欄": (lambda d: d.update(accuracy=1), "accuracy という欄は知りません"),
    "型が違う": (lambda d: d.update(commit=3), "commit には str が必要ですが、3 でした"),
    "計算機": (lambda d: d["machine"].pop("threads"), "machine の threads の欄がありません"),
    "デバイス": (lambda d: d["machine"].update(kind="tpu"), "cpu か cuda が必要ですが、'tpu'"),
    "種がない": (lambda d: d["settings"].pop("seeds"), "seeds には整数の並び"),
    "種が数でない": (lambda d: d["settings"].update(seeds=["0"]), "seeds には整数の並び"),
    "日付": (lambda d: d.update(date="昨日"), "日付が必要ですが、'昨日'"),
    "秒": (lambda d: d["results"][1].update(seconds="長い"), "2 番目の結果の seconds には数"),
    "暦にない日付": (lambda d: d.update(date="2026-99-99"), "日付が必要ですが、'2026-99-99'"),
    "全角の日付": (lambda d: d.update(date="２０２６-11-22"), "日付が必要ですが、'２０"),
    "詰めた日付": (lambda d: d.update(date="20261122"), "日付が必要ですが、'20261122'"),
    "負の秒": (lambda d: d["results"][1].update(seconds=-5), "seconds には 0 以上の数.*-5 で"),
    "負の CPU": (lambda d: d["results"][0].update(cpu_seconds=-0.5), "cpu_seconds には 0 以上の"),
    "版が数": (lambda d: d["versions"].update(torch=2.13), "versions の torch には str が必要"),
    "真偽値": (lambda d: d["results"][0].update(seconds=True), "1 番目の結果の seconds"),
}


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN)
def test_a_file_of_another_shape_is_refused_in_japanese(change, message, record, tmp_path):
    data = asdict(record)
    if callable(change):
        change(data)
    else:
        data = change
    path = tmp_path / "recall.cpu.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValueError, match=message) as error:
        read("recall", tmp_path)
    assert str(path) in str(error.value)


def test_a_deep_nest_is_refused(tmp_path):
    (tmp_path / "recall.cpu.json").write_text("[" * 100_000, encoding="utf-8")
    for look in (lambda: read("recall", tmp_path), lambda: read_all(tmp_path)):
        with pytest.raises(
            ValueError, match=r"json は壊れています。入れ子が深すぎて、読めません。"
        ):
            look()


@pytest.mark.parametrize("field", ["date", "seconds"])
def test_a_field_given_twice_is_refused(field, record, tmp_path):
    path = write(record, tmp_path)
    text = path.read_text(encoding="utf-8").replace(f'"{field}":', f'"{field}": 1, "{field}":', 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"壊れています。.*同じ名前の欄 {field} が、2 つあります"):
        read("recall", tmp_path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("field", ["0.5", "1.25"])
def test_a_number_that_is_not_finite_is_refused(number, field, record, tmp_path):
    path = write(record, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(field, number), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"壊れています。.*有限でない数 {number} があります"):
        read("recall", tmp_path)


def test_a_renamed_file_is_noticed(record, tmp_path):
    write(record, tmp_path).rename(tmp_path / "adding.cpu.json")
    with pytest.raises(ValueError, match="ファイルの名前と中身が合いません"):
        read("adding", tmp_path)


def test_spread_counts_what_diverged():
    assert spread([0.0, 1.0], digits=1, scale=100) == "50.0 ± 70.7（0.0〜100.0）"
    assert spread([2.0]) == "2.00 ± 0.00（2.00〜2.00）"
    assert spread([None, None]) == "なし 2"


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.c*.json")), ids=lambda path: path.name)
def test_every_record_of_the_book_has_the_shape(path):
    name, kind, _ = path.name.split(".")
    record = read(name, BOOK, kind)
    assert isinstance(record, Record) and record.results
    assert records.to_json(asdict(record)) == path.read_text(encoding="utf-8")


def test_packed_answers_are_not_printed(record):
    right = pack(np.arange(25_000) % 3 > 0)
    result = record.results[0] | {"values": {"right": right, "mean": 0.5}}
    shown = show([replace(record, results=[result])], is_stale=lambda record: False).data
    assert right not in shown and "<td>0.5</td>" in shown
