"""命令への、人がしそうな誤り：評価のないレビューのないデータ、壊れたモデル、手で直した設定。"""

import errno
import json
import locale
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from lstm_text.datasets.find import Lacking
from lstm_text.imdb import MODEL, STATE, TextOptions, load_classifier
from lstm_text.imdb.__main__ import main
from lstm_text.imdb.answers import as_json, read_texts
from lstm_text.imdb.data import load_labelled
from lstm_text.imdb.prediction import Prediction
from tests.imdb.conftest import TINY

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("builtin_reviews")


@pytest.fixture
def labelled_only(monkeypatch):
    def lacking():
        raise Lacking("表には、評価のないレビューがありません。")

    monkeypatch.setattr("lstm_text.imdb.data.load_imdb_unlabelled", lacking)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestLabelledOnly:
    def test_training_and_evaluating_go_on_and_say_so(self, labelled_only, tmp_path, capsys):
        out = f"--out={tmp_path / 'm'}"
        assert main(["train", out, "--epochs=1", *TINY]) == 0
        assert main(["train", out, "--epochs=2", "--resume"]) == 0
        assert main(["evaluate", out]) == 0
        told = capsys.readouterr().out.splitlines()
        note = "知らせ：表には、評価のないレビューがありません。評価のあるレビューだけを使います。"
        assert told.count(note) == 3

    @pytest.mark.parametrize(
        "typed", [["pretrain"], ["train", "--objective=virtual"], ["train", "--vectors=word2vec"]]
    )
    def test_what_needs_them_is_refused(self, labelled_only, typed, tmp_path, capsys):
        assert main([*typed, f"--out={tmp_path / 'm'}", "--limit=60"]) == 1
        told = capsys.readouterr()
        assert told.err == "できません：表には、評価のないレビューがありません。\n"
        assert "知らせ" not in told.out and not (tmp_path / "m").exists()

    def test_the_vocabulary_counts_the_training_part_alone(self):
        data = load_labelled(TextOptions(limit=20), 0.1, 0)
        total = sum(len(data.train.texts[i]) for i in range(len(data.train)))
        assert int(data.frequencies.sum()) in (total, total + 1)  # UNK は少なくとも 1


def test_glove_of_fewer_words_is_told_in_one_line(tmp_path, monkeypatch, capsys):
    rows = "".join(f"{word} {' '.join(['0.5', *['-1.25'] * 49])}\n" for word in ("a", "film"))
    (tmp_path / "glove").mkdir()
    (tmp_path / "glove" / "glove.6B.50d.txt").write_text(rows, encoding="utf-8")
    monkeypatch.setenv("LSTM_TEXT_DATA", str(tmp_path))
    typed = ["--vectors=glove", "--embedding-dim=50", "--limit=60", "--epochs=1"]
    assert main(["train", f"--out={tmp_path / 'm'}", "--hidden-size=3", *typed]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "知らせ：" in line]
    assert len(told) == 1
    assert told[0].startswith("知らせ：glove.6B.50d.txt は 2 語で、配布元の 400,000 語に足りません")


class TestBrokenModel:
    @pytest.mark.parametrize("more", [[], ["--epochs=2"], ["--epochs=5"]])
    @pytest.mark.parametrize("how", ["missing", "empty", "half", "flipped"])
    def test_it_is_not_resumed_and_nothing_is_written(self, copy, how, more, capsys):
        content = bytearray((copy / MODEL).read_bytes())
        content[-1] ^= 1
        broken = {"empty": b"", "half": content[: len(content) // 2], "flipped": content}
        if how == "missing":
            (copy / MODEL).unlink()
        else:
            (copy / MODEL).write_bytes(broken[how])
        before = files(copy)
        assert main(["train", f"--out={copy}", "--resume", *more]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "エポックの重みがないので、続けられません。控えから" in told.err
        assert files(copy) == before


class TestSettingsChangedByHand:
    @pytest.mark.parametrize(
        ("group", "name", "value", "message"),
        [
            ("mixture", "lessons", None, "0 以上 1,000,000 以下の整数が必要ですが、'null'"),
            ("shape", "hidden_size", -3, "1 以上 10,000 以下の整数が必要ですが、'-3'"),
            ("shape", "hidden_size", 3.0, "1 以上 10,000 以下の整数が必要ですが、'3.0'"),
            ("shape", "dropout", 2, "0 以上 1 未満の数が必要ですが、'2'"),
            ("shape", "pooling", None, "文字列が必要ですが、'null'"),
            ("reading", "limit", "x", "0（すべて）か、11 以上の整数"),
            ("plan", "epochs", True, "1 以上 1,000,000 以下の整数が必要ですが、'true'"),
            (
                "plan",
                "learning_rate",
                float("nan"),
                "0 より大きく 1,000,000 以下の数が必要ですが、'NaN'",
            ),
            ("lesson", "language_model", [], "文字列が必要ですが、'[]'"),
        ],
    )
    def test_it_is_refused_with_the_name(self, copy, group, name, value, message, capsys):
        config = json.loads((copy / "config.json").read_bytes())
        config[group][name] = value
        (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
        assert main(["train", f"--out={copy}", "--resume"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and f"config.json の {group}.{name} には" in told.err
        assert f"には{'' if message.startswith('文') else ' '}{message}" in told.err


class TestMachine:
    @pytest.mark.parametrize(
        ("number", "japanese"),
        [
            (errno.ENOENT, "ありません"),
            (errno.ENOTDIR, "途中に、フォルダでないものがあります"),
            (errno.EISDIR, "フォルダです"),
            (errno.EACCES, "許可がありません"),
            (errno.ENOSPC, "ディスクに空きがありません"),
            (errno.EROFS, "読み取りだけの場所です"),
        ],
    )
    @pytest.mark.parametrize("place", [("m/state",), ()])
    def test_its_words_are_japanese(self, number, japanese, place, monkeypatch, capsys):
        def fail(*_):
            raise OSError(number, os.strerror(number), *place)

        monkeypatch.setattr("lstm_text.imdb.__main__.load_data", fail)
        assert main(["train", "--out=none"]) == 1
        name = "m/state" if place else "ファイル"
        assert (
            capsys.readouterr().err == f"できません：{name} を読み書きできません（{japanese}）。\n"
        )

    @pytest.mark.parametrize("file", [None, "-"])
    def test_a_closed_standard_input_is_told(self, file, monkeypatch):
        monkeypatch.setattr("sys.stdin", None)
        with pytest.raises(ValueError, match="標準入力が閉じています。文章を引数に"):
            list(read_texts(Namespace(texts=[], file=file)))

    @pytest.mark.skipif(os.name == "nt", reason="sh がありません")
    def test_a_shell_may_close_it(self, trained):
        command = [sys.executable, "-m", "lstm_text.imdb", "predict", f"--out={trained}"]
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *command],
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1 and "標準入力が閉じています" in done.stderr.decode(
            locale.getencoding()
        )


class TestNoteInJson:
    @pytest.mark.parametrize(
        ("unknown", "note"),
        [
            (1, "わかりません：どの語も語彙にありません（読めるのは英語だけです）。"),
            (0.75, "半分より多くの語が語彙にありません（読めるのは英語だけです）。"),
            (0.5, None),
        ],
    )
    def test_it_is_what_the_first_line_says(self, unknown, note):
        row = json.loads(as_json("a b c d", Prediction(0.75, unknown), 9))
        assert (row["note"], row["label"], row["probability"]) == (note, "肯定", 0.75)

    def test_a_text_without_words_has_one_too(self):
        assert json.loads(as_json("", None, 9))["note"] == "文章に語が 1 つもありません。"

    def test_unknown_words_only(self, trained, capsys):
        assert main(["predict", f"--out={trained}", "zzz qqq", "--json"]) == 0
        row = json.loads(capsys.readouterr().out)
        assert row["known_words"] == 0 and row["note"].startswith("わかりません：")


def test_a_finished_training_is_still_whole(trained):
    assert (trained / STATE).exists() and load_classifier(trained)[2].plan.epochs == 2
