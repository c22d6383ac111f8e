"""answers：どこからでも文章を読み、どの文章にも答えるか、答えられないと言う。"""

import io
import json
import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest
import torch

from lstm_text.imdb import Plan, Settings, Shape, TextOptions, load_classifier, predict, teach
from lstm_text.imdb import load_reviews as load
from lstm_text.imdb.__main__ import main
from lstm_text.imdb.answers import as_json, read_texts
from tests.imdb.test_command import ROOT

REVIEWS = "\ufeffA good film.\r\n\r\nBad\x85 film\u2028here.\r\n名作".encode()
LINES = ["A good film.", "", "Bad\x85 film\u2028here.", "名作"]


def asked(words=(), file=None, lines=False):
    return read_texts(Namespace(texts=list(words), file=file, lines=lines))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    settings = Settings(TextOptions(limit=20), Shape(4, 3), plan=Plan(epochs=1))
    teach(settings, folder, load(settings.reading, 0.1, 0), torch.device("cpu"))
    return folder


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_bytes(REVIEWS)
    return path


class TestTexts:
    def test_a_file_has_a_text_in_each_line(self, reviews):
        assert asked(file=reviews) == LINES
        reviews.write_bytes(b"one\ntwo\n")
        assert asked(file=reviews) == ["one", "two"]

    def test_the_standard_input_is_one_text_or_lines(self, monkeypatch):
        for lines, found in ((False, [REVIEWS.decode("utf-8-sig")]), (True, LINES)):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(REVIEWS)))
            assert asked(lines=lines) == found

    def test_a_file_in_another_encoding_is_refused(self, reviews):
        reviews.write_bytes("よい映画".encode("cp932"))
        with pytest.raises(ValueError, match="UTF-8 ではありません（1 バイトめ）"):
            asked(file=reviews)

    def test_nothing_to_read(self, reviews, monkeypatch):
        with pytest.raises(FileNotFoundError, match="none というファイルがありません"):
            asked(file=reviews.with_name("none"))
        reviews.write_bytes(b"\xef\xbb\xbf")
        with pytest.raises(ValueError, match=r"reviews.txt に、文章が 1 つもありません"):
            asked(file=reviews)
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
        with pytest.raises(ValueError, match="標準入力 に、文章が 1 つもありません"):
            asked(lines=True)

    def test_from_one_place_only(self, reviews):
        for places in ({"words": ["a"], "file": reviews}, {"words": ["a"], "lines": True}):
            with pytest.raises(ValueError, match="どれか 1 つだけ"):
                asked(**places)


class TestAnswers:
    def test_an_empty_text_does_not_stop_the_others(self, model, reviews, capsys):
        assert main(["predict", f"--out={model}", f"--file={reviews}"]) == 1
        told = capsys.readouterr()
        assert told.out.count("ロジットを動かした語") == 3
        assert told.err == (
            "できません：2 番めの文章：語を 1 つ以上含む文章が必要ですが、'' でした。\n"
        )

    @pytest.mark.parametrize("typed", [["-1/10"], ["--", "-1/10"]])
    def test_a_text_that_begins_with_a_hyphen(self, model, typed, capsys):
        assert main(["predict", f"--out={model}", *typed]) == 0
        assert "確信度" in capsys.readouterr().out

    def test_unknown_words_only_are_told_in_the_first_line(self, model, capsys):
        assert main(["predict", f"--out={model}", "zzz qqq", "film zzz"]) == 0
        first, _, second, _ = capsys.readouterr().out.splitlines()
        assert first.startswith("わかりません：どの語も語彙にありません。")
        assert "語彙にない語 100%" in first
        assert second.startswith(("肯定", "否定")) and "語彙にない語 50%" in second

    def test_one_json_in_each_line(self, model, reviews, capsys):
        assert main(["predict", f"--out={model}", f"--file={reviews}", "--json"]) == 1
        rows = [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]
        assert [row["text"] for row in rows] == LINES
        classifier, vocabulary, settings = load_classifier(model)
        for row in rows:
            if row["text"]:
                found = predict(classifier, vocabulary, row["text"], settings.reading.read_length)
                assert row["label"] == found.label
                assert row["probability"] == pytest.approx(found.probability, abs=1e-6)
                assert row["unknown"] == found.unknown
            else:
                assert (row["label"], row["probability"], row["unknown"]) == (None,) * 3

    @pytest.mark.parametrize("encoding", ["ascii", "cp932", "utf-8"])
    def test_json_loses_nothing_in_any_encoding(self, encoding, monkeypatch):
        stream = io.TextIOWrapper(io.BytesIO(), encoding)
        monkeypatch.setattr("sys.stdout", stream)
        row = as_json("名作 😀", None).encode(encoding)
        assert json.loads(row.decode(encoding))["text"] == "名作 😀"

    def test_a_reader_may_leave_early(self, model, reviews):
        reviews.write_bytes(b"A good film.\n" * 2_000)
        process = subprocess.Popen(
            [sys.executable, "-m", "lstm_text.imdb", "predict", f"--out={model}",
             f"--file={reviews}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) == 1
