"""arguments：既定の設定、保存した設定の続き、- で始まる文章。"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lstm_text.experiments.imdb import imdb_films
from lstm_text.imdb import Lesson, MixedSettings, Mixture, Plan, Settings, Shape
from lstm_text.imdb.arguments import DEFAULTS, parse, settings_of


class TestDefaults:
    def test_training_follows_the_recipe_of_the_chapter(self):
        measured, default = imdb_films.Settings(), DEFAULTS["train"]
        assert (default.shape, default.plan) == (measured.shape, measured.plan)
        assert default.reading.max_length == measured.max_length
        assert default.reading.read_length == measured.read_length

    @pytest.mark.parametrize("command", DEFAULTS)
    def test_nothing_typed_is_the_default(self, command):
        assert settings_of(parse([command])) == DEFAULTS[command]

    def test_a_typed_value_is_laid_over_the_default(self):
        found = settings_of(parse(["train", "--epochs=3", "--lessons=7", "--objective=virtual"]))
        default = DEFAULTS["train"]
        assert found == replace(
            default,
            plan=replace(default.plan, epochs=3),
            mixture=Mixture(7),
            lesson=Lesson("virtual"),
        )

    @pytest.mark.parametrize(("command", "epochs"), [("train", 2), ("pretrain", Plan().epochs)])
    def test_help_shows_them(self, command, epochs, capsys):
        with pytest.raises(SystemExit, match="0"):
            parse([command, "--help"])
        assert f"エポックの数（{epochs}）" in capsys.readouterr().out

    def test_glove_comes_in_two_sizes(self):
        with pytest.raises(ValueError, match="--embedding-dim 50 か 100 が必要ですが、64"):
            settings_of(parse(["train", "--vectors=glove"]))
        chosen = parse(["train", "--vectors=glove", "--embedding-dim=50"])
        assert settings_of(chosen).lesson.vectors == "glove"


class TestResume:
    SAVED = MixedSettings(
        shape=Shape(embedding_dim=7, dropout=0.25), plan=Plan(epochs=3), mixture=Mixture(5)
    )

    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "config.json").write_text(json.dumps(asdict(self.SAVED)), encoding="utf-8")
        return tmp_path

    def resume(self, folder, *typed, command="train"):
        return settings_of(parse([command, f"--out={folder}", "--resume", *typed]))

    def test_nothing_typed_is_what_was_saved(self, folder):
        assert self.resume(folder) == self.SAVED

    def test_the_same_may_be_typed(self, folder):
        assert self.resume(folder, "--dropout=0.25", "--lessons=5") == self.SAVED

    def test_another_value_is_refused_with_both(self, folder):
        with pytest.raises(ValueError, match=r"shape.dropout は前が 0.25、今は 0.5。"):
            self.resume(folder, "--dropout=0.5")
        with pytest.raises(ValueError, match=r"mixture.lessons は前が 5、今は 6"):
            self.resume(folder, "--lessons=6")

    def test_only_more_epochs_may_differ(self, folder):
        wanted = self.resume(folder, "--epochs=4")
        assert wanted == replace(self.SAVED, plan=replace(self.SAVED.plan, epochs=4))
        with pytest.raises(ValueError, match=r"epochs は前が 3、今は 2。.*増やすことだけです"):
            self.resume(folder, "--epochs=2")
        with pytest.raises(ValueError, match=r"られません：plan.seed は前が 0、今は 1。"):
            self.resume(folder, "--epochs=4", "--seed=1")

    def test_without_resume_the_saved_are_not_read(self, folder):
        assert settings_of(parse(["train", f"--out={folder}"])) == DEFAULTS["train"]

    def test_nothing_saved_yet(self, tmp_path):
        assert self.resume(tmp_path, "--epochs=9").plan.epochs == 9

    def test_the_other_command(self, folder):
        with pytest.raises(ValueError, match="pretrain の設定ではありません（別の命令か"):
            self.resume(folder, command="pretrain")
        (folder / "config.json").write_text(json.dumps(asdict(Settings())), encoding="utf-8")
        with pytest.raises(ValueError, match="json は train の設定ではありません（別の命令か"):
            self.resume(folder)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "JSON として読めません"),
            ("\x00", "JSON として読めません"),
            ("[]", "json の形が違います"),
            ("null", "json の形が違います"),
            (json.dumps(dict.fromkeys(asdict(SAVED), 3)), "設定の形が違います"),
        ],
    )
    def test_a_broken_file(self, folder, content, message):
        (folder / "config.json").write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            self.resume(folder)


class TestTexts:
    @pytest.mark.parametrize(
        ("typed", "texts"),
        [
            (["-1/10"], ["-1/10"]),
            (["--", "-1/10"], ["-1/10"]),
            (["good", "-1/10", "--json"], ["good", "-1/10"]),
            (["- bad", "--out", "m", "-h is bad"], ["- bad", "-h is bad"]),
            (["-- what a film"], ["-- what a film"]),
            (["good", "--", "--json"], ["good", "--json"]),
            (["--", "--", "bad"], ["--", "bad"]),
            ([""], [""]),
            ([], []),
        ],
    )
    def test_what_begins_with_a_hyphen_is_a_text(self, typed, texts):
        assert parse(["predict", *typed]).texts == texts

    @pytest.mark.parametrize("typed", ["-f", "-fa.txt", "--File=a", "--JSON", "-O", "--file2=a b"])
    def test_an_unknown_option_is_not_a_text(self, typed, capsys):
        with pytest.raises(SystemExit, match="2"):
            parse(["predict", typed, "good"])
        told = capsys.readouterr().err
        assert f"{typed.partition('=')[0]} という引数はありません" in told
        assert told.endswith("説明は python -m lstm_text.imdb predict --help\n")
        assert parse(["predict", "--", typed, "good"]).texts == [typed, "good"]

    def test_help_with_more_is_not_a_text(self, capsys):
        with pytest.raises(SystemExit):  # 説明を出すか断るかは、Python の版による
            parse(["predict", "-h2"])

    def test_options_stand_anywhere(self):
        chosen = parse(["predict", "--json", "-1/10", "--out", "m", "good"])
        assert (chosen.json, str(chosen.out), chosen.texts) == (True, "m", ["-1/10", "good"])

    def test_a_misspelt_option_is_not_a_text(self, capsys):
        with pytest.raises(SystemExit, match="2"):
            parse(["predict", "--jsno", "good"])
        assert "--jsno という引数はありません" in capsys.readouterr().err


class TestPlaces:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        for name in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(name, str(tmp_path))
        return tmp_path

    def test_a_tilde_the_shell_left_is_the_home_folder(self, home):
        assert parse(["train", "--out=~/m"]).out == home / "m"
        assert parse(["train", "--language-model=~/m"]).language_model == str(home / "m")
        chosen = parse(["predict", "--out=~/m", "--file=~/a.txt"])
        assert (chosen.out, chosen.file) == (home / "m", home / "a.txt")
        assert parse(["predict", "--out=a/~/m"]).out == Path("a/~/m")

    def test_the_standard_input_and_no_language_model_stay(self):
        assert parse(["predict", "--file=-"]).file == "-"
        assert parse(["train", "--language-model="]).language_model == ""

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            (["train", "--out="], "--out にはフォルダの名前が必要ですが、空でした。"),
            (["predict", "--out", ""], "--out にはフォルダの名前が必要ですが、空でした。"),
            (["predict", "--file="], "--file にはファイルの名前が必要ですが、空でした。"),
            (["evaluate", "--out=~だれも/x"], "が必要ですが、~だれも/x の ~ がどこかわかりません"),
        ],
    )
    def test_an_empty_place_and_nobody_are_refused(self, typed, message, capsys):
        with pytest.raises(SystemExit, match="2"):
            parse(typed)
        told = capsys.readouterr().err
        assert message in told and "argument" not in told


@pytest.mark.parametrize("command", ["train", "pretrain", "evaluate", "predict"])
def test_a_wrong_word_leads_to_the_help_of_its_own_command(command, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse([command, "--foo"])
    assert f"説明は python -m lstm_text.imdb {command} --help\n" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        parse(["--foo", command])
    assert "説明は python -m lstm_text.imdb --help\n" in capsys.readouterr().err
