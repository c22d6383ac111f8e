"""__main__：端末の命令。kill -9、壊れたファイル、変わった文章、書けない文字。"""

import errno
import io
import json
import locale
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lstm_text.datasets import Imdb, OpinionWords, load_imdb
from lstm_text.imdb import LESSONS, MODEL, STATE, Settings, lessons, load_classifier
from lstm_text.imdb.__main__ import main
from lstm_text.imdb.arguments import DEFAULTS
from lstm_text.storage import load_tensors
from tests.imdb.conftest import TINY
from tests.imdb.test_distributed import torchrun

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("builtin_reviews")


def rows(folder):
    return load_tensors(folder / STATE, "訓練の途中").about["rows"]


def weights(folder):
    return {
        name: value.clone()
        for name, value in load_tensors(folder / STATE, "訓練の途中").tensors.items()
    }


class TestTrain:
    def test_says_what_it_read_and_where_it_ran(self, tmp_path, capsys):
        assert main(["train", f"--out={tmp_path / 'm'}", "--epochs=1", *TINY]) == 0
        out = capsys.readouterr().out
        assert "デバイス：cpu" in out and "IMDb の映画レビューではなく" in out
        assert "訓練 54 件、検証 6 件、テスト 60 件" in out

    def test_one_folder_of_plain_files(self, trained):
        assert sorted(path.name for path in trained.iterdir()) == [
            "config.json", MODEL, STATE, "vocabulary.json"
        ]  # fmt: skip
        for path in trained.iterdir():
            content = path.read_bytes()
            assert b"pickle" not in content and not content.startswith(b"\x80")
        config = json.loads((trained / "config.json").read_text(encoding="utf-8"))
        assert config["plan"]["epochs"] == 2 and config["mixture"] == {"lessons": LESSONS}

    def test_a_second_training_needs_a_word(self, trained, capsys):
        assert main(["train", f"--out={trained}", "--epochs=2", *TINY]) == 1
        assert "続きからなら --resume を" in capsys.readouterr().err
        assert main(["train", f"--out={trained}", "--epochs=2", "--resume", *TINY]) == 0

    def test_resuming_with_other_settings_is_refused(self, copy, capsys):
        assert main(["train", f"--out={copy}", "--resume", "--dropout=0.3"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "shape.dropout は前が 0.5、今は 0.3" in told.err

    def test_more_epochs_go_on_from_the_finished_ones(self, copy, capsys):
        before = capsys.readouterr() and rows(copy)
        assert main(["train", f"--out={copy}", "--resume", "--epochs=3"]) == 0
        told = capsys.readouterr().out
        assert "\nエポックの数を 2 から 3 に増やします。学習率は 0 から 0.0014 に" in told
        after = rows(copy)
        assert after[:2] == before and [row["epoch"] for row in after] == [1, 2, 3]
        assert main(["predict", f"--out={copy}", "Good."]) == 0
        assert load_classifier(copy)[2].plan.epochs == 3
        assert main(["train", f"--out={copy}", "--resume"]) == 0
        assert rows(copy) == after

    def test_resume_alone_goes_on_bit_for_bit(self, trained, tmp_path, monkeypatch, capsys):
        def stop(self, progress):
            if progress.epoch == 2:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("lstm_text.imdb.__main__._Bar.__call__", stop)
            assert main(["train", f"--out={tmp_path}", "--epochs=2", *TINY]) == 130
        assert main(["train", f"--out={tmp_path}", "--resume"]) == 0
        assert "初めから" not in capsys.readouterr().out
        one, two = weights(trained), weights(tmp_path)
        assert all(torch.equal(one[name], two[name]) for name in one)
        assert (trained / MODEL).read_bytes() == (tmp_path / MODEL).read_bytes()

    def test_resuming_nothing_is_told(self, tmp_path, capsys):
        assert main(["train", f"--out={tmp_path}", "--epochs=1", "--resume", *TINY]) == 0
        assert "続ける訓練がないので、初めから訓練します" in capsys.readouterr().out

    def test_lessons_are_mixed_in_and_remembered(self, trained, tmp_path, capsys, monkeypatch):
        words = OpinionWords(("good", "fine"), ("bad", "dull"))
        monkeypatch.setattr(lessons, "opinion_words", lambda token_lists, labels: words)
        monkeypatch.setattr(lessons, "ENOUGH", 2)
        train = ["train", f"--out={tmp_path}"]
        assert main([*train, "--epochs=2", "--lessons=20", *TINY]) == 0
        assert "否定を教える短い文を 20 件混ぜます" in capsys.readouterr().out
        assert load_classifier(tmp_path)[1:] == load_classifier(trained)[1:]
        one, two = weights(trained), weights(tmp_path)
        assert not torch.equal(one["model.head.weight"], two["model.head.weight"])
        assert main([*train, "--resume"]) == 0
        assert main([*train, "--resume", "--lessons=21"]) == 1
        assert "mixture.lessons は前が 20、今は 21" in capsys.readouterr().err
        config = (tmp_path / "config.json").read_text(encoding="utf-8").replace("20", "21")
        (tmp_path / "config.json").write_text(config, encoding="utf-8")
        assert main([*train, "--resume"]) == 1
        assert "mixture.lessons は前が 20、今は 21" in capsys.readouterr().err
        assert main(["predict", f"--out={tmp_path}", "Good."]) == 0

    def test_the_smallest_of_everything(self, tmp_path, capsys):
        sizes = ["embedding-dim", "hidden-size", "read-length", "batch-size", "epochs", "lessons"]
        smallest = [*(f"--{name}=1" for name in sizes), f"--seed={2**63 - 1}"]
        smallest += ["--limit=11", "--vocab-size=3", "--max-length=2"]
        assert main(["train", f"--out={tmp_path}", *smallest]) == 0
        assert "検証 1 件" in capsys.readouterr().out
        assert main(["evaluate", f"--out={tmp_path}"]) == 0
        assert main(["predict", f"--out={tmp_path}", "Good."]) == 0

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["train", "--epochs", "x"], "--epochs には 1 以上 1,000,000 以下の整数が"),
            (["train", "--epochs"], "--epochs には値が必要です"),
            (["train", "--colour"], "--colour という引数はありません"),
            (["train", "--resume=yes"], "--resume に値は付けられませんが、'yes' でした"),
            ([], "命令 が必要です"),
            (["sing"], "命令 に 'sing' はありません。使えるのは 'train', 'pretrain'"),
            (["train", "--re"], "--re という引数はありません"),
            (["train", "--epoch=3"], "--epoch=3 という引数はありません"),
            (["predict", "--fil", "x"], "--fil という引数はありません"),
            (["train", "--workers=3", "more"], "--workers=3 more という引数はありません"),
        ],
    )
    def test_wrong_arguments_are_told_in_japanese(self, arguments, message, capsys):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
        told = capsys.readouterr()
        assert told.out == "" and message in told.err
        assert not re.search("usage|error|argument|option", told.err)

    @pytest.mark.parametrize(
        ("argument", "message"),
        [
            ("--pooling=sum", "pooling には last、max"),
            ("--vectors=glove", "--embedding-dim 50 か 100 が必要"),
            ("--objective=hard", "objective には supervised"),
            ("--language-model=none", "none/model.safetensors がありません"),
        ],
    )
    def test_wrong_values_are_told_in_japanese(self, tmp_path, argument, message, capsys):
        assert main(["train", f"--out={tmp_path / 'm'}", "--limit=60", argument]) == 1
        told = capsys.readouterr()
        assert told.out == "" and message in told.err

    @pytest.mark.parametrize("command", [[], ["train"], ["predict"]], ids=str)
    def test_help_is_in_japanese(self, command, capsys):
        with pytest.raises(SystemExit, match="0"):
            main([*command, "--help"])
        told = capsys.readouterr().out
        assert told.startswith("使い方：python -m lstm_text.imdb")
        assert not re.search("usage|options|arguments", told)

    def test_a_precision_the_processor_lacks(self, tmp_path, monkeypatch, capsys):
        def refuse(*_):
            raise RuntimeError("could not create a primitive descriptor for the LSTM")

        monkeypatch.setattr("torch.nn.LSTM.forward", refuse)
        assert main(["train", f"--out={tmp_path / 'm'}", "--precision=bfloat16"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and not (tmp_path / "m").exists()
        assert told.err == (
            "できません：この CPU では、PyTorch が bfloat16 の LSTM を計算できません。"
            "--precision float32 にしてください。\n"
        )

    def test_a_file_in_place_of_the_folder(self, tmp_path, capsys):
        (tmp_path / "m").write_text("", encoding="utf-8")
        assert main(["train", f"--out={tmp_path / 'm'}"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "--out にはフォルダが必要ですが" in told.err

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (MemoryError(), "メモリが足りません"),
            (torch.OutOfMemoryError("CUDA out of memory."), "メモリが足りません"),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes"), "メモリが"),
            (PermissionError(errno.EACCES, "no", "m/state"), "m/state を読み書きできません"),
        ],
    )
    def test_what_the_machine_lacks_is_told_in_japanese(self, error, message, monkeypatch, capsys):
        def fail(*_):
            raise error

        monkeypatch.setattr("lstm_text.imdb.__main__.load_data", fail)
        assert main(["train", "--out=none"]) == 1
        assert capsys.readouterr().err.startswith(f"できません：{message}")

    @pytest.mark.parametrize("encoding", ["ascii", "cp932"])
    def test_what_a_terminal_cannot_print_stops_nothing(self, encoding, tmp_path, monkeypatch):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", streams[0])
            patch.setattr("sys.stderr", streams[1])
            assert main(["train", f"--out={tmp_path}", "--epochs=1", *TINY]) == 0
            assert main(["evaluate", f"--out={tmp_path}"]) == 0
            assert main(["predict", f"--out={tmp_path}", "A good film 😀 \ud800", ""]) == 1
            for stream in streams:
                stream.flush()
        out = streams[0].buffer.getvalue().decode(encoding)
        assert "? torch" in out and "film" in out


def start(folder):
    return subprocess.Popen(
        [sys.executable, "-m", "lstm_text.imdb", "train", f"--out={folder}", "--epochs=12",
         "--resume", *TINY],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "LSTM_TEXT_OFFLINE": "1"},
    )  # fmt: skip


def test_kill_9_loses_at_most_one_epoch_and_resumes_bit_for_bit(tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    process = start(broken)
    while not (broken / STATE).exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    done = len(load_tensors(broken / STATE, "訓練の途中").about["rows"])
    assert 1 <= done < 12
    for folder in (broken, unbroken):
        process = start(folder)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    one, two = weights(unbroken), weights(broken)
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert (unbroken / MODEL).read_bytes() == (broken / MODEL).read_bytes()


def test_torchrun_trains_the_same_model(tmp_path):
    plain = [*TINY, "--weight-dropout=0", "--word-dropout=0", "--locked-dropout=0", "--dropout=0"]
    plain += ["--epochs=2", "--batch-size=9"]
    assert main(["train", f"--out={tmp_path / 'one'}", *plain]) == 0
    done = torchrun("-m", "lstm_text.imdb", "train", f"--out={tmp_path / 'two'}", *plain)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("デバイス：") == 1
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    for name in one:
        assert torch.allclose(one[name], two[name], atol=2e-3), name


class TestBroken:
    @pytest.mark.parametrize("name", [MODEL, "vocabulary.json", "config.json"])
    def test_missing_or_cut_short(self, copy, name, capsys):
        whole = (copy / name).read_bytes()
        for content in (b"", whole[: len(whole) // 2]):
            (copy / name).write_bytes(content)
            assert main(["predict", f"--out={copy}", "Good."]) == 1
            assert name in capsys.readouterr().err
        (copy / name).unlink()
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert name in capsys.readouterr().err

    def test_a_state_cut_short_is_not_resumed(self, copy, capsys):
        whole = (copy / STATE).read_bytes()
        for content in (b"", whole[: len(whole) // 2]):
            (copy / STATE).write_bytes(content)
            assert main(["train", f"--out={copy}", "--resume"]) == 1
            told = capsys.readouterr()
            assert told.out == "" and f"{copy / STATE} を読めません" in told.err

    def test_a_state_without_its_settings_is_not_resumed(self, copy, capsys):
        (copy / "config.json").unlink()
        assert main(["train", f"--out={copy}", "--resume"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "config.json がないので、続けられません" in told.err

    def test_what_a_killed_writing_left_is_not_in_the_way(self, copy, trained):
        half = (copy / STATE).read_bytes()[:99]
        (copy / f".{STATE}.half").write_bytes(half)
        assert main(["train", f"--out={copy}", "--resume"]) == 0
        assert rows(copy) == rows(trained)

    def test_tampered(self, copy, capsys):
        content = bytearray((copy / MODEL).read_bytes())
        content[-1] ^= 1
        (copy / MODEL).write_bytes(content)
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "書き換えられています" in capsys.readouterr().err

    def test_another_vocabulary(self, copy, capsys):
        words = json.loads((copy / "vocabulary.json").read_text(encoding="utf-8"))["words"]
        (copy / "vocabulary.json").write_text(json.dumps({"words": words[::-1]}), encoding="utf-8")
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "重みのファイルの語彙と違います" in capsys.readouterr().err

    @pytest.mark.parametrize("change", [{"hidden_size": 5}, {"unknown": 1}, {"pooling": "sum"}])
    def test_another_configuration(self, copy, change, capsys):
        config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
        config["shape"] |= change
        (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "できません：" in capsys.readouterr().err

    @pytest.mark.parametrize("content", ["[]", "{}", '{"reading": 3}', "null"])
    def test_a_configuration_of_another_form(self, copy, content, capsys):
        (copy / "config.json").write_text(content, encoding="utf-8")
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "の形が違います" in capsys.readouterr().err

    def test_another_version(self, copy, monkeypatch, capsys):
        monkeypatch.setattr("lstm_text.storage.tensors.VERSION", 2)
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "形式の版 1 で書かれています" in capsys.readouterr().err

    def test_a_pickle_in_its_place_is_not_opened(self, copy, capsys):
        torch.save({"w": torch.zeros(1)}, copy / MODEL)
        assert main(["predict", f"--out={copy}", "Good."]) == 1
        assert "safetensors のファイルではありません" in capsys.readouterr().err


class TestPredict:
    @pytest.mark.parametrize(
        "text",
        ["A good film!", "名作だった", "очень хорошо", "😀😀", "<b>good</b><br />", "a\x00b",
         "&amp;", "<unk>", "\ud800"],
    )  # fmt: skip
    def test_any_text_gets_an_answer_with_the_share_of_unknown_words(self, trained, text, capsys):
        assert main(["predict", f"--out={trained}", text]) == 0
        assert "確信度" in (out := capsys.readouterr().out) and "語彙にない語" in out
        assert "ロジットを動かした語：" in out

    @pytest.mark.parametrize("text", ["", "  ", "<br /><br />", "\x00"])
    def test_a_text_without_words_is_refused(self, trained, text, capsys):
        assert main(["predict", f"--out={trained}", text]) == 1
        assert "語を 1 つ以上含む文章が必要" in capsys.readouterr().err

    def test_a_hundred_thousand_words(self, trained, capsys):
        assert main(["predict", f"--out={trained}", "good film " * 50_000]) == 0
        assert "100,000 トークンのうち、先頭の 1,000 だけ" in capsys.readouterr().out

    def test_from_the_standard_input_in_any_encoding(self, trained):
        done = subprocess.run(
            [sys.executable, "-m", "lstm_text.imdb", "predict", f"--out={trained}"],
            input=b"A good film \xff\x00", capture_output=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert done.returncode == 0 and "確信度" in done.stdout.decode(
            locale.getpreferredencoding(False)
        )


class TestEvaluate:
    def test_tables(self, trained, capsys):
        assert main(["evaluate", f"--out={trained}"]) == 0
        out = capsys.readouterr().out
        for part in (
            "テストの精度",
            "標準誤差",
            "長さ（トークン）ごと",
            "否定の語",
            "期待較正誤差",
        ):
            assert part in out

    def test_on_other_data_is_refused(self, trained, monkeypatch, capsys):
        imdb = load_imdb()
        other = Imdb(imdb.test, imdb.train, imdb.source)
        monkeypatch.setattr("lstm_text.imdb.data.load_imdb", lambda: other)
        assert main(["evaluate", f"--out={trained}"]) == 1
        assert "訓練のときと違います" in capsys.readouterr().err


def test_pretraining_then_fine_tuning(tmp_path, capsys):
    size = ["--limit=60", "--embedding-dim=4", "--hidden-size=3", "--epochs=1"]
    lm = tmp_path / "lm"
    assert main(["pretrain", f"--out={lm}", *size]) == 0
    assert "val_bits" in capsys.readouterr().out
    tuned = tmp_path / "tuned"  # 大きさは、打たなければ言語モデルのもの
    start = [f"--language-model={lm}", "--limit=60", "--epochs=1"]
    assert main(["train", f"--out={tuned}", *start]) == 0
    shape = load_classifier(tuned)[2].shape
    assert (shape.embedding_dim, shape.hidden_size, shape.pooling) == (4, 3, "attention")
    assert main(["predict", f"--out={lm}", "Good."]) == 1
    assert "事前学習のフォルダではありませんか" in capsys.readouterr().err
    assert main(["train", f"--out={tmp_path / 'x'}", *start, "--hidden-size=9"]) == 1
    error = capsys.readouterr().err  # 進み具合の行が、先に出ていない
    assert error.startswith("できません：") and "recurrent.weight_ih_l0" in error
    assert main(["train", f"--out={lm}", "--resume"]) == 1
    assert "train の設定ではありません" in capsys.readouterr().err


def test_settings_come_back_as_they_were(trained):
    _, _, settings = load_classifier(trained)
    assert settings.plan == replace(DEFAULTS["train"].plan, batch_size=10)
    assert settings.lesson.objective == "adversarial"
    with pytest.raises(ValueError, match="設定の形が違います"):
        Settings.from_dict({"plan": {}})
