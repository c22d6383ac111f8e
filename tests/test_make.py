"""作業の表 make.py と、そこへ渡すだけの Makefile。

どちらの戸口から入っても同じ作業になり、空白や日本語のある場所でも、UTF-8 でない環境でも動く。
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("words", [["htm"], ["html", "EDITON=x"], ["--help"], ["html=1"]])
def test_unknown_words_are_refused(words):
    with pytest.raises(make.Failed, match=r"がわかりません。使えるのは"):
        make.understand(words)


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


# --- 環境 -------------------------------------------------------------------------


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
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]
    (tmp_path / "html").mkdir()
    working.sphinx("html", tmp_path / "doctrees", tmp_path / "html")
    assert (tmp_path / "html").is_dir()


@pytest.mark.parametrize("build", [".", "..", "/", "book/.."])
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
