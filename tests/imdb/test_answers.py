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
from lstm_text.text import tokenize
from tests.imdb.test_command import ROOT

REVIEWS = "\ufeffA good film.\r\n\r\nBad\x85 film\u2028here.\r\n名作".encode()
LINES = ["A good film.", "", "Bad\x85 film\u2028here.", "名作"]


def asked(words=(), file=None):
    return [text for _, text in read_texts(Namespace(texts=list(words), file=file))]


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
        for file, found in ((None, [REVIEWS.decode("utf-8-sig")]), ("-", LINES)):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(REVIEWS)))
            assert asked(file=file) == found

    def test_a_line_in_another_encoding_is_named(self, reviews):
        reviews.write_bytes("Good.\na 映画\n".encode("cp932"))
        texts = read_texts(Namespace(texts=[], file=reviews))
        assert next(texts)[1] == "Good."
        message = r"reviews.txt の 2 行めは UTF-8 ではありません（3 バイトめが 89）"
        with pytest.raises(ValueError, match=message):
            next(texts)

    @pytest.mark.parametrize(
        "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
    )
    def test_utf16_is_told(self, encoding, reviews, monkeypatch):
        content = "Good.\nI hated it.\n".encode(encoding)
        name = encoding[:6].upper()
        message = f"は {name} のようです。UTF-8 で保存し直してください。"
        for file, where in ((None, "標準入力"), ("-", "標準入力の 1 行め"), (reviews, "の 1 行め")):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
            reviews.write_bytes(content)
            with pytest.raises(ValueError, match=where + message):
                asked(file=file)

    def test_one_zero_in_utf8_is_read(self, reviews, monkeypatch):
        for text in ("a\0b", "A good\0 film."):
            reviews.write_bytes(text.encode())
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
            assert asked() == asked(file=reviews) == [text]

    def test_nothing_to_read(self, reviews, monkeypatch):
        with pytest.raises(FileNotFoundError, match="none というファイルがありません"):
            asked(file=reviews.with_name("none"))
        with pytest.raises(ValueError, match=r"--file にはファイルが必要ですが、.*フォルダでした"):
            asked(file=reviews.parent)
        reviews.write_bytes(b"")
        with pytest.raises(ValueError, match=r"reviews.txt に、文章が 1 つもありません"):
            asked(file=reviews)
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
        with pytest.raises(ValueError, match="標準入力に、文章が 1 つもありません"):
            asked(file="-")

    def test_from_one_place_only(self, reviews):
        with pytest.raises(ValueError, match="どちらか 1 つだけ"):
            asked(["a"], reviews)


class TestAnswers:
    def test_an_empty_text_does_not_stop_the_others(self, model, reviews, capsys):
        assert main(["predict", f"--out={model}", f"--file={reviews}"]) == 1
        told = capsys.readouterr()
        assert told.out.count("ロジットを動かした語") == 3
        assert told.err == (
            f"できません：{reviews} の 2 行め：語を 1 つ以上含む文章が必要ですが、'' でした。\n"
        )
        assert main(["predict", f"--out={model}", "good", ""]) == 1
        assert "できません：2 番めの文章：語を" in capsys.readouterr().err

    @pytest.mark.parametrize("typed", [["-1/10"], ["--", "-1/10"]])
    def test_a_text_that_begins_with_a_hyphen(self, model, typed, capsys):
        assert main(["predict", f"--out={model}", *typed]) == 0
        assert "確信度" in capsys.readouterr().out

    def test_unknown_words_only_are_told_in_the_first_line(self, model, capsys):
        assert main(["predict", f"--out={model}", "zzz qqq", "film zzz"]) == 0
        first, _, second, _ = capsys.readouterr().out.splitlines()
        assert first.startswith("わかりません：どの語も語彙にありません（")
        assert "語彙にない語 100%" in first
        assert second.startswith(("肯定", "否定")) and "語彙にない語 50%" in second
        assert "英語だけ" in first and "英語だけ" not in second

    @pytest.mark.parametrize("text", ["名作だった。good", "Ｇｏｏｄ ｆｉｌｍ", "😀😀😀"])
    def test_what_is_not_english_is_told(self, model, text, capsys):
        assert main(["predict", f"--out={model}", text]) == 0
        assert "読めるのは英語だけです" in capsys.readouterr().out.splitlines()[0]

    def test_what_is_left_unread_is_told(self, model, capsys):
        assert main(["predict", f"--out={model}", "good " * 1_001]) == 0
        assert "（1,001 トークンのうち、先頭の 1,000 だけ）" in capsys.readouterr().out
        assert main(["predict", f"--out={model}", "--json", "zzz " + "good " * 1_001]) == 0
        row = json.loads(capsys.readouterr().out)
        assert [row[name] for name in ("words", "read_words", "known_words")] == [1_002, 1_000, 999]

    @pytest.mark.parametrize(("letters", "shown"), [(40, "z" * 40), (41, f"{'z' * 40}…")])
    def test_a_very_long_word_is_cut(self, model, letters, shown, capsys):
        assert main(["predict", f"--out={model}", "z" * letters]) == 0
        assert f"ロジットを動かした語：{shown} " in capsys.readouterr().out

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
                tokens = tokenize(row["text"])
                assert row["words"] == row["read_words"] == len(tokens)
                assert row["known_words"] == sum(token in vocabulary.tokens for token in tokens)
            else:
                assert (row["label"], row["probability"], row["words"]) == (None, None, 0)

    @pytest.mark.parametrize("encoding", ["ascii", "cp932", "utf-8"])
    def test_json_loses_nothing_in_any_encoding(self, encoding, monkeypatch):
        stream = io.TextIOWrapper(io.BytesIO(), encoding)
        monkeypatch.setattr("sys.stdout", stream)
        row = as_json("名作 😀", None, 9).encode(encoding)
        assert json.loads(row.decode(encoding))["text"] == "名作 😀"

    def test_each_line_is_answered_before_the_next_is_written(self, model):
        process = subprocess.Popen(
            [sys.executable, "-m", "lstm_text.imdb", "predict", f"--out={model}", "--file=-",
             "--json"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        with process:
            for text in ("A good film.", "A bad film."):
                process.stdin.write(f"{text}\n".encode())
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["text"] == text
            process.stdin.close()
            assert process.wait(60) == 0

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
