"""作業の表 make.py と、そこへ渡すだけの Makefile。

どちらの戸口から入っても同じ作業になり、空白や日本語のある場所でも、UTF-8 でない環境でも動く。
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from urllib.request import pathname2url

import pytest

import make

ROOT = Path(make.__file__).parent

GNU_MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(GNU_MAKE is None, reason="make がありません")
posix = pytest.mark.skipif(os.name == "nt", reason="シェルのスクリプトを使う試験です")


class Recorded(make.Workshop):
    """命令を動かさずに、書き留める。"""

    def __init__(self, **settings):
        self.commands = []
        super().__init__({name: value for name, (value, _) in make.SETTINGS.items()} | settings)

    def run(self, *command, **environment):
        self.commands.append([str(part) for part in command])


def shop(folder, **settings):
    """``folder`` の中だけを使う仕事場。"""
    return Recorded(**{"VENV": str(folder / "venv"), "BUILD": str(folder / "build")} | settings)


def utf8(name):
    """UTF-8 で書かれた名前。試験を動かす環境が、ほかの文字コードでも。"""
    return os.fsdecode(name.encode())


def call(*words, **environment):
    """じかに動かして、終了コードと、2 つの出力を返す。"""
    done = subprocess.run(
        [sys.executable, ROOT / "make.py", *words],
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


# --- 2 つの戸口 -------------------------------------------------------------------


def test_makefile_has_every_task():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^TASKS := (.+)$", makefile, re.MULTILINE)[1].split() == list(make.TASKS)
    assert re.search(r"^\.PHONY: \$\(TASKS\)$", makefile, re.MULTILINE)


@needs_make
@posix
def test_makefile_passes_everything_on(tmp_path):
    """空白のある値も、空の値も、空白のある場所の Python も、そのまま届く。"""
    folder = tmp_path / "Python 3"
    folder.mkdir()
    python = folder / "python"
    python.write_text('#!/bin/sh\nfor each in "$@"; do echo "<$each>"; done\n', encoding="utf-8")
    python.chmod(0o755)
    words = ["check", f"PYTHON={python}", "EX=2.1 or 2.2", "VENV=", "BUILD=作った もの"]
    done = subprocess.run(
        [GNU_MAKE, "-C", ROOT, "--no-print-directory", *words],
        capture_output=True,
        text=True,  # 渡した文字のまま、計算機の文字コードで返る
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
    )
    told = re.findall("<(.*)>", done.stdout)
    assert told[:2] == ["make.py", "check"]
    assert sorted(told[2:]) == sorted(words[1:])


@needs_make
@posix
@pytest.mark.parametrize("python", ["/ない/python", "/", os.devnull])
def test_makefile_names_a_python_that_does_not_run(python):
    done = subprocess.run(
        [GNU_MAKE, "-C", ROOT, "help", f"PYTHON={utf8(python)}"], capture_output=True
    )
    assert done.returncode and "を動かせません" in done.stderr.decode("utf-8", "replace")


@posix
@pytest.mark.parametrize("words", [["help"], ["clean", "help"]])
def test_a_reader_who_stops_early_is_no_error(words, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, ROOT / "make.py", *words, f"BUILD={tmp_path / 'build'}"],
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (words != ["help"], b"")


def test_an_old_python_can_read_make_py_and_is_told(monkeypatch, capsys):
    ast.parse((ROOT / "make.py").read_text(encoding="utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(make.sys, "version_info", (3, 9, 18, "final", 0))
    monkeypatch.setattr(make.platform, "python_version", lambda: "3.9.18")
    assert make.main(["help"]) == 1
    out, err = capsys.readouterr()
    assert re.match(r"Python 3\.11 以上が必要ですが、.+ は Python 3\.9\.18 です。", err)
    assert not out


def test_help_names_every_task_and_setting():
    code, out, _ = call(PYTHONIOENCODING="utf-8")
    listed = re.findall(r"^  (\w+) ", out.decode("utf-8"), re.MULTILINE)
    assert code == 0
    assert listed == [*make.TASKS, *make.SETTINGS]


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "utf-8"])
def test_every_terminal_can_show_help_and_errors(encoding):
    assert call("help", PYTHONIOENCODING=encoding, PYTHONUTF8="0")[0] == 0
    code, _, err = call(utf8("本を作る😀"), PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert code == 1
    assert b"Traceback" not in err


@pytest.mark.parametrize("words", [["htm"], ["html", "EDITON=x"], ["--hlep"], ["html=1"]])
def test_unknown_words_are_refused(words):
    with pytest.raises(make.Failed, match=r"がわかりません。使えるのは"):
        make.understand(words)


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["html", "--help", "EX=2.1"]])
def test_asking_for_help_in_the_usual_way(words):
    assert make.understand(words)[0] == ["help"]


@needs_make
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nai"], 2, "nai がわかりません。使えるのは help、html"),
        (["-B", "本 を"], 2, "本 を がわかりません。使えるのは help、html"),
        (["-B", "help"], 0, ""),
        ([], 0, ""),
    ],
)
def test_makefile_refuses_unknown_words_in_japanese(words, code, said):
    done = subprocess.run(
        [GNU_MAKE, "-C", ROOT, *map(utf8, words), f"PYTHON={sys.executable}"],
        capture_output=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        | {"PYTHONIOENCODING": "utf-8"},
    )
    told = done.stderr.decode("utf-8")
    assert (done.returncode, told.startswith(said)) == (code, True)
    assert "No rule" not in told and (done.stdout.count(b"\n") > 20) == (code == 0)


def test_words_become_tasks_and_settings(monkeypatch):
    monkeypatch.setenv("NAME", "WSL が決める名前")
    monkeypatch.setenv("VENV", "")
    names, settings = make.understand(["test", "html", "EX=2.1=?", "STRICT=1"])
    assert names == ["test", "html"]
    assert (settings["EX"], settings["STRICT"], settings["NAME"]) == ("2.1=?", "1", "")
    assert settings["VENV"] == ""


@posix
def test_place_the_locale_cannot_spell(tmp_path):
    """日本語の名前のフォルダの中で、UTF-8 でない環境から。"""
    place = tmp_path / utf8("本 の場所")
    place.mkdir()
    shutil.copy(ROOT / "make.py", place)
    for name in ("requirements.txt", "constraints.txt", "pyproject.toml"):
        (place / name).write_text("", encoding="utf-8")
    made = place / utf8("環 境")
    done = subprocess.run(
        [sys.executable, place / "make.py", "answers", f"VENV={made}"],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PIP_NO_INDEX": "1"},
        timeout=300,
    )
    assert b"Traceback" not in done.stderr  # 入れるもの（本のパッケージ）がないので、pip が断る
    assert (made / "pyvenv.cfg").is_file()


# --- 場所 -------------------------------------------------------------------------


def test_a_tilde_the_shell_left_is_the_home_folder(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "版.txt").touch()
    settings = {"VENV": "~/v", "BUILD": "~/b", "CONSTRAINTS": "~/版.txt", "JSON": "~/j"}
    working = Recorded(**settings)
    assert (working.venv, working.build) == (tmp_path / "v", tmp_path / "b")
    assert working.constraints == tmp_path / "版.txt"
    assert Recorded(VENV="", PYTHON="~/python").python == str(tmp_path / "python")
    monkeypatch.setattr(Recorded, "environment", lambda self: None)
    make.check(working)
    assert working.commands[0][-2:] == ["--json", str(tmp_path / "j")]


def test_a_tilde_of_nobody_is_named():
    with pytest.raises(make.Failed, match=r"~だれもいない/x の ~ がどこかわかりません"):
        Recorded(BUILD="~だれもいない/x")


@pytest.mark.parametrize("name", ["VENV", "BUILD"])
@pytest.mark.parametrize("inside", ["", "/中"])
def test_a_file_given_as_a_folder_is_named(name, inside):
    with pytest.raises(make.Failed, match=rf"^{name}=README\.md.*はファイルです"):
        Recorded(**{name: f"README.md{inside}"})


@posix
def test_what_the_system_refuses_is_told_without_a_traceback():
    code, _, err = call("clean", f"BUILD={utf8('長' * 100)}", PYTHONUTF8="1")
    assert (code, b"Traceback" in err) == (1, False)
    assert "を扱えません" in err.decode("utf-8")


# --- 環境 -------------------------------------------------------------------------


def another_copy(folder):
    """pip が、この環境の lstm_text は folder の写しだと書き残した環境。"""
    made = folder / "venv"
    venv.create(made, with_pip=False, symlinks=os.name != "nt")
    site = next(path for path in made.rglob("site-packages") if path.is_dir())
    told = site / "lstm_text-1.0.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Name: lstm_text\nVersion: 1.0.0\n", encoding="utf-8")
    source = {
        "dir_info": {"editable": True},
        "url": "file://" + pathname2url(str(folder / "もう 1 つ")),
    }
    (told / "direct_url.json").write_text(json.dumps(source), encoding="utf-8")
    return folder / "もう 1 つ"


def test_environment_of_another_copy_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # この写しの egg-info に、だまされない
    other = another_copy(tmp_path)
    working = shop(tmp_path)
    working._refuse_shared()  # もう 1 つの写しは、もうない（移した）
    other.mkdir()
    (other / "pyproject.toml").touch()
    for each in (working, shop(tmp_path, VENV="", PYTHON=working.python)):
        with pytest.raises(
            make.Failed, match=r"もう 1 つの写し .+もう 1 つ が使っています"
        ) as told:
            each.environment()
        assert f'"{each.python}" -m pip uninstall lstm_text' in str(told.value)
        assert not each.commands
    monkeypatch.setattr(make, "ROOT", other)
    working._refuse_shared()


def test_environment_without_another_copy_is_taken(tmp_path):
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    assert make.installed_copy(shop(tmp_path).python) is None
    assert make.installed_copy(str(tmp_path / "ない")) is None


def test_environment_is_made_once_and_again_when_the_needs_change(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(Recorded, "_make_python", lambda self: made.append(self))
    monkeypatch.setattr(Recorded, "_has_torch", lambda self: True)
    constraints = tmp_path / "版.txt"
    constraints.write_text("# 説明\nnumpy==2.0.0\n", encoding="utf-8")
    installed = []
    for text in (None, None, "numpy==2.1.0\n"):
        if text:
            constraints.write_text(text, encoding="utf-8")
        working = shop(tmp_path, CONSTRAINTS=str(constraints))
        working.environment("pdf")
        installed.append([command[-1] for command in working.commands])
    assert installed == [[".", ".[pdf]"], [], [".", ".[pdf]"]]


@pytest.mark.parametrize("has_torch", [True, False])
def test_what_pip_reads_is_ascii_and_leaves_a_torch_alone(tmp_path, monkeypatch, has_torch):
    monkeypatch.setattr(Recorded, "_has_torch", lambda self: has_torch)
    working = shop(tmp_path)
    for name in ("requirements.txt", "constraints.txt"):
        copy = working._plain(ROOT / name, tmp_path, working._torch_first)
        text = copy.read_text(encoding="ascii")
        wanted = re.sub(r"(?m)^(#.*)?\n", "", (ROOT / name).read_text(encoding="utf-8"))
        if has_torch:
            wanted = re.sub(r"(?m)^torch==.*\n", "", wanted)
        assert text == wanted
    assert ("torch==" in (tmp_path / "requirements.txt").read_text(encoding="utf-8")) != has_torch


def test_python_of_the_environment_on_each_system(tmp_path, monkeypatch):
    assert shop(tmp_path).python == str(tmp_path / "venv" / "bin" / "python")
    working = shop(tmp_path)
    monkeypatch.setattr(make.os, "name", "nt")
    assert working.python == str(tmp_path / "venv" / "Scripts" / "python.exe")


def test_environment_whose_python_has_gone_is_made_again(tmp_path):
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /gone\n", encoding="utf-8")
    (venv / "bin" / "python").write_text("", encoding="utf-8")
    working = shop(tmp_path)
    working._make_python()
    assert working.commands == [[sys.executable, "-m", "venv", str(venv)]]
    assert not (venv / "bin").exists()


def test_folder_that_is_no_environment_is_kept(tmp_path):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "大切.txt").write_text("消さない", encoding="utf-8")
    with pytest.raises(make.Failed, match="環境ではない"):
        shop(tmp_path)._make_python()
    assert (tmp_path / "venv" / "大切.txt").is_file()


@posix
def test_old_and_missing_python_are_named(tmp_path):
    old = tmp_path / "python 3.9"
    old.write_text("#!/bin/sh\necho 3.9.18\n", encoding="utf-8")
    old.chmod(0o755)
    with pytest.raises(make.Failed, match=r"3\.11 以上が必要ですが、.+ は Python 3\.9\.18 です"):
        shop(tmp_path, PYTHON=str(old))._make_python()
    with pytest.raises(make.Failed, match="を動かせません"):
        shop(tmp_path, PYTHON=str(tmp_path / "ない"))._make_python()


@posix
@pytest.mark.parametrize("said", ["こんにちは", "", "3.x.1"])
def test_what_is_no_python_is_named(tmp_path, said):
    strange = tmp_path / "python"
    strange.write_text(f"#!/bin/sh\necho {said}\n", encoding="utf-8")
    strange.chmod(0o755)
    with pytest.raises(make.Failed, match=f"版ではなく「{said}」と答えました"):
        shop(tmp_path, PYTHON=str(strange))._make_python()


def test_managed_python_is_refused_in_japanese(tmp_path, monkeypatch):
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr(make, "output", lambda *command: f"{tmp_path} True")
    working = shop(tmp_path, VENV="")
    with pytest.raises(make.Failed, match="OS が管理する Python"):
        working._pip(tmp_path, "-e", ".")
    monkeypatch.setattr(make, "output", lambda *command: f"{tmp_path} False")
    working._pip(tmp_path, "-e", ".")
    assert working.commands


def test_missing_constraints_are_named(tmp_path):
    with pytest.raises(make.Failed, match=r"CONSTRAINTS=ない\.txt"):
        shop(tmp_path, CONSTRAINTS="ない.txt")


# --- 作業 -------------------------------------------------------------------------


class Failing(Recorded):
    """sphinx が失敗する。"""

    def run(self, *command, **environment):
        super().run(*command, **environment)
        raise make.Failed("")


def test_what_a_broken_build_left_is_thrown_away(tmp_path):
    settings = {"VENV": "", "BUILD": str(tmp_path)}
    with pytest.raises(make.Failed):
        Failing(**settings).sphinx("html", tmp_path / "doctrees", tmp_path / "html")
    for name in ("html", "doctrees", "cache"):
        (tmp_path / name).mkdir()
    working = Recorded(**settings)
    working.sphinx("html", tmp_path / "doctrees", tmp_path / "html")
    assert sorted(path.name for path in tmp_path.iterdir()) == [make.MADE_BY_US, "cache"]
    (tmp_path / "html").mkdir()
    working.sphinx("html", tmp_path / "doctrees", tmp_path / "html")
    assert (tmp_path / "html").is_dir()


@pytest.mark.parametrize("build", [".", "..", "/", "book/..", "book", "tests", "./lstm_text"])
def test_clean_keeps_the_project(build):
    with pytest.raises(make.Failed, match="消しません"):
        make.clean(Recorded(BUILD=build))
    assert Path(__file__).is_file()


def test_clean_removes_the_build(tmp_path):
    working = shop(tmp_path)
    make.clean(working)
    working.build.mkdir()
    make.clean(working)
    assert not working.build.exists()


MAKERS = {
    "data": make.data,
    "linkcheck": make.linkcheck,
    "sphinx": lambda working: working.sphinx("html", "doctrees", "html"),
    "stamp": lambda working: working._stamp("ready", ""),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("there", [True, False])
def test_clean_removes_what_we_made_anywhere(tmp_path, monkeypatch, maker, there):
    monkeypatch.setattr(Recorded, "environment", lambda self: None)
    working = shop(tmp_path, VENV="")
    if there:
        working.build.mkdir()
    MAKERS[maker](working)
    (working.build / "html").mkdir(parents=True)
    make.clean(working)
    assert not working.build.exists()


@pytest.mark.parametrize("maker", MAKERS)
def test_clean_keeps_a_folder_that_was_there_before(tmp_path, monkeypatch, maker):
    monkeypatch.setattr(Recorded, "environment", lambda self: None)
    working = shop(tmp_path, VENV="")
    working.build.mkdir()
    (working.build / "大切.txt").touch()
    MAKERS[maker](working)
    with pytest.raises(make.Failed, match=r"印（.+）がないので、消しません.+自分で消して"):
        make.clean(working)
    assert (working.build / "大切.txt").is_file()


def test_clean_removes_the_environment_in_the_build(tmp_path):
    working = shop(tmp_path, VENV=str(tmp_path / "build" / "venv"))
    working._make_python()
    working.venv.mkdir()
    (working.venv / "pyvenv.cfg").touch()
    make.clean(working)
    assert not working.build.exists()


def test_clean_removes_the_usual_build_of_old(tmp_path, monkeypatch):
    """印を付け始める前に作った build も、これまでどおり消せる。"""
    monkeypatch.setattr(make, "ROOT", tmp_path)
    for build in ("build", "./build", str(tmp_path / "build"), ""):
        (tmp_path / "build" / "html").mkdir(parents=True)
        make.clean(Recorded(BUILD=build, CONSTRAINTS=""))
        assert not (tmp_path / "build").exists()


@posix
def test_clean_does_not_follow_a_link(tmp_path, monkeypatch):
    monkeypatch.setattr(make, "ROOT", tmp_path / "本")
    (tmp_path / "大切").mkdir()
    (tmp_path / "大切" / "な.txt").touch()
    (tmp_path / "本").mkdir()
    (tmp_path / "本" / "build").symlink_to(tmp_path / "大切")
    with pytest.raises(make.Failed, match="リンク"):
        make.clean(Recorded(CONSTRAINTS=""))
    assert (tmp_path / "大切" / "な.txt").is_file()
