"""saved と longer：残した訓練を上書きせず、断るなら何も書かず、どのファイルが違うかを言う。"""

import json
import os
from dataclasses import replace

import pytest
import torch

from lstm_text.datasets import Imdb, load_imdb
from lstm_text.imdb import MODEL, STATE, Settings
from lstm_text.imdb.__main__ import main
from lstm_text.imdb.learn import load_classifier
from lstm_text.imdb.saved import load_trained, require_room, settings_in
from lstm_text.storage import load_tensors, save_tensors
from tests.imdb.conftest import TINY

pytestmark = pytest.mark.usefixtures("builtin_reviews")
KINDS = {STATE: "訓練の途中", MODEL: "訓練した重み"}
DEEP = "[" * 100_000 + "]" * 100_000


def files(folder):
    return {path.name: path.is_file() and path.read_bytes() for path in folder.iterdir()}


def rewrite(path, change):
    """ハッシュは合うが、中身の形が違うファイルにする。"""
    tensors, about = load_tensors(path, KINDS[path.name])
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    about = change(tensors, about) or about
    save_tensors(path, KINDS[path.name], tensors, about)


class TestOtherData:
    @pytest.fixture(params=["builtin", "LSTM_TEXT_DATA", "cache"])
    def kind(self, request, monkeypatch):
        imdb = load_imdb()
        other = Imdb(imdb.test, imdb.train, replace(imdb.source, kind=request.param))
        monkeypatch.setattr("lstm_text.imdb.data.load_imdb", lambda: other)
        return request.param

    @pytest.mark.parametrize("more", [[], ["--epochs=5"]])
    def test_a_refused_resume_writes_nothing(self, copy, kind, more, capsys):
        before = files(copy)
        assert main(["train", f"--out={copy}", "--resume", *more]) == 1
        told = capsys.readouterr()
        assert "エポックの数を" not in told.out
        assert "データから作った語彙が違うので、続けられません。訓練に使ったデータで" in told.err
        how = {
            "builtin": "LSTM_TEXT_DATA でそのフォルダを指定して",
            "LSTM_TEXT_DATA": "LSTM_TEXT_DATA を消し、LSTM_TEXT_OFFLINE=1 にして",
            "cache": "LSTM_TEXT_CACHE で空のフォルダを指定して",
        }
        assert how[kind] in told.err
        assert files(copy) == before
        assert main(["predict", f"--out={copy}", "Good."]) == 0


@pytest.mark.parametrize("more", [[], ["--epochs=5"]])
def test_a_state_of_other_settings_is_refused_before_anything(copy, more, capsys):
    def change(tensors, about):
        about["shape"]["dropout"] = 0.25

    rewrite(copy / STATE, change)
    before = files(copy)
    assert main(["train", f"--out={copy}", "--resume", *more]) == 1
    told = capsys.readouterr()
    assert told.out == "" and "shape.dropout は前が 0.25、今は 0.5" in told.err
    assert files(copy) == before


class TestRoom:
    @pytest.mark.parametrize("name", [STATE, MODEL, "config.json", "vocabulary.json"])
    @pytest.mark.parametrize("command", ["train", "pretrain"])
    def test_each_of_the_files_is_kept(self, name, command, tmp_path, capsys):
        (tmp_path / name).write_text('{"name": "mine"}', encoding="utf-8")
        before = files(tmp_path)
        for more in ([], ["--resume"]):
            assert main([command, f"--out={tmp_path}", *more]) == 1
            told = capsys.readouterr()
            assert told.out == "" and str(tmp_path) in told.err and files(tmp_path) == before

    def test_without_the_state_a_trained_model_is_kept(self, copy, capsys):
        (copy / STATE).unlink()
        before = files(copy)
        for more in ([], ["--resume"], ["--resume", "--epochs=9"]):
            assert main(["train", f"--out={copy}", "--epochs=2", *TINY, *more]) == 1
            assert MODEL in capsys.readouterr().err and files(copy) == before

    def test_what_was_stopped_in_its_first_epoch_may_go_on(self, copy, capsys):
        for name in (STATE, MODEL):
            (copy / name).unlink()
        assert main(["train", f"--out={copy}", *TINY]) == 1
        assert main(["train", f"--out={copy}", "--resume"]) == 0
        assert "続ける訓練がないので、初めから訓練します" in capsys.readouterr().out
        assert load_classifier(copy)[2].plan.epochs == 2

    def test_other_files_are_no_obstacle(self, tmp_path):
        (tmp_path / "memo.txt").touch()
        require_room(tmp_path, resume=False)

    @pytest.mark.parametrize("name", ["vocabulary.json", MODEL])
    def test_a_folder_in_place_of_a_file_is_named(self, copy, name, capsys):
        (copy / name).unlink()
        (copy / name).mkdir()
        assert main(["train", f"--out={copy}", "--resume"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and f"{copy / name} にはファイルが必要ですが" in told.err


class TestUnwritable:
    @pytest.fixture(autouse=True)
    def no_data(self, monkeypatch):
        monkeypatch.setattr("lstm_text.imdb.__main__.load_data", None)  # 読む前に断る

    def test_inside_a_file(self, copy, capsys):
        assert main(["train", f"--out={copy / 'config.json' / 'b'}"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "b に書けません（途中に、フォルダでないものがあり" in told.err

    @pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="/proc がありません")
    def test_where_nothing_can_be_made(self, capsys):
        assert main(["train", "--out=/proc/x"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "/proc/x に書けません（ファイルを作れない場所です）" in told.err

    @pytest.mark.skipif(os.name == "nt", reason="名前の長さの上限が違います")
    @pytest.mark.parametrize("command", [["train"], ["predict", "Good."], ["evaluate"]])
    def test_a_name_too_long(self, command, tmp_path, capsys):
        assert main([*command, f"--out={tmp_path / ('m' * 300)}"]) == 1
        told = capsys.readouterr()
        assert told.out == "" and "（名前が長すぎます）" in told.err


def drop(*names):
    def change(tensors, about):
        for name in names:
            (about if name in about else tensors).pop(name)

    return change


def listed(tensors, about):
    return [about]


class TestForms:
    """ハッシュは合っているのに、中身の形が違うファイル。"""

    def say(self, typed, capsys):
        assert main(typed) == 1
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("できません：")
        assert told.err.count("\n") == 1 and "recursion" not in told.err
        return told.err

    @pytest.mark.parametrize("command", [["predict", "Good."], ["evaluate"]])
    def test_a_model_with_another_form_inside(self, copy, command, capsys):
        typed = [*command, f"--out={copy}"]
        rewrite(copy / MODEL, listed)
        assert f"{copy / MODEL} に添えた情報の形が違います" in self.say(typed, capsys)

    @pytest.mark.parametrize("content", ["[]", "3", "null", DEEP, '{"kind": "訓練した重み"}'])
    def test_a_model_without_its_header(self, copy, content, capsys):
        from safetensors.torch import save_file

        save_file({"w": torch.zeros(1)}, copy / MODEL, {"lstm_text": content})
        assert str(copy / MODEL) in self.say(["predict", f"--out={copy}", "Good."], capsys)
        assert str(copy / MODEL) in self.say(["train", f"--out={copy}", "--resume"], capsys)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (listed, "に添えた情報の形が違います。"),
            (drop("plan"), "（plan の組がありません）"),
            (drop("rows"), "（rows がエポックごとの数値ではありません）"),
            (lambda t, about: about | {"rows": [3]}, "（rows がエポックごとの数値では"),
            (lambda t, about: about | {"rows": [{"score": "x"}]}, "（rows がエポックごとの数値"),
            (lambda t, about: about | {"plan": {"epochs": 0}}, "（plan：epochs と batch_size は"),
            (lambda t, about: about | {"plan": {"x": 0}}, "（plan："),
            (drop("model.head.weight"), "の重み head.weight が、"),
            (lambda t, about: t.update({"model.head.weight": torch.ones(9)}), "head.weight"),
            (lambda t, about: t.update({"model.more": torch.zeros(1)}), "の重み more が、"),
            (drop("vocabulary"), "続けられません"),
        ],
    )
    def test_a_state_with_another_form(self, copy, change, message, capsys):
        rewrite(copy / STATE, change)
        before = files(copy)
        for more in ([], ["--epochs=9"]):
            assert main(["train", f"--out={copy}", "--resume", *more]) == 1
            told = capsys.readouterr().err
            assert told.startswith("できません：") and told.count("\n") == 1
            assert str(copy) in told and message in told
            assert files(copy) == before

    @pytest.mark.parametrize("name", ["config.json", "vocabulary.json"])
    def test_a_deep_nest_is_named(self, copy, name, capsys):
        (copy / name).write_text(DEEP, encoding="utf-8")
        assert f"{copy / name} の入れ子が" in self.say(["predict", f"--out={copy}", "a"], capsys)
        if name == "config.json":
            told = self.say(["train", f"--out={copy}", "--resume"], capsys)
            assert f"{copy / name} の入れ子が" in told

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda config: {"name": "mine"}, "（reading の組がありません）"),
            (lambda config: config | {"shape": [1]}, "（shape の組がありません）"),
            (lambda config: config["plan"].update(colour=1), "（plan に、知らない欄 colour が"),
            (lambda config: config["shape"].update(pooling="sum"), "の値が違います：pooling には"),
            (lambda config: config["plan"].update(epochs="x"), "の plan.epochs には 1 以上"),
            (lambda config: config["reading"].update(read_length=1000.0), "が必要ですが、'1000.0'"),
            (lambda config: config["reading"].update(limit=60.0), "の reading.limit には 0（"),
            (lambda config: config["reading"].update(limit="60"), "の reading.limit には 0（"),
            (lambda config: config["shape"].update(hidden_size=3.0), "が必要ですが、'3.0' でした"),
            (lambda config: config["shape"].update(num_layers=True), "が必要ですが、'true' でした"),
            (lambda config: config["lesson"].update(vectors=1), "vectors には文字列が必要ですが"),
        ],
    )
    def test_a_configuration_is_named(self, copy, change, message, capsys):
        config = json.loads((copy / "config.json").read_bytes())
        config = change(config) or config
        (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
        for command in (["predict", "a"], ["evaluate"]):
            told = self.say([*command, f"--out={copy}"], capsys)
            assert f"{copy / 'config.json'} の" in told and message in told

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (listed, "に添えた情報の形が違います"),
            (drop("shape"), "（shape の組がありません）"),
            (drop("vocabulary"), "の vocabulary には文字列が必要ですが、'null'"),
            (lambda t, a: a["shape"].update(hidden_size="4"), "の shape.hidden_size には 1 以上"),
            (lambda t, a: a["reading"].update(vocab_size=2), "の reading.vocab_size には 3 以上"),
        ],
    )
    def test_a_language_model_with_another_form(self, copy, tmp_path, change, message, capsys):
        rewrite(copy / MODEL, change)
        typed = ["train", f"--out={tmp_path / 'm'}", f"--language-model={copy}"]
        told = self.say(typed, capsys)
        assert f"{copy / MODEL} " in told and message in told


def test_what_is_whole_is_read_as_before(trained):
    one, two = load_trained(trained), load_classifier(trained)
    assert one[1:] == two[1:]
    assert (
        settings_in(json.loads((trained / "config.json").read_bytes()), Settings, trained)
        == (two[2])
    )
