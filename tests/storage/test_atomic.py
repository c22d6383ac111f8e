"""atomic と reasons：書きかけの片づけ、試し書き、端末に見せる言葉。"""

import errno
import os
import subprocess
import sys
import time

import pytest

from lstm_text.imdb import __main__ as imdb_command
from lstm_text.storage import reason, replacing, require_writable, sweep, telling

MEMORY = {errno.ENOMEM}  # IMDb の命令は、モデルを小さくするように言う
CLOSED = {errno.EPIPE, errno.ESHUTDOWN}  # 読み手が先に終わったとき。何も言わずに終わる


def test_only_old_half_written_files_of_the_same_name_are_swept(tmp_path):
    ages = {".a.json.abcdefgh": 2, ".a.json.abcdefg_": 0.9, ".a.json.abc": 2, ".b.json.abcdefgh": 2}
    for name, hours in (ages | {"a.json": 2, ".a.json.abcdefgh.bak": 2}).items():
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, times=(time.time() - 3_600 * hours,) * 2)
    before = {path.name for path in tmp_path.iterdir()}
    sweep(tmp_path / "a.json")
    assert before - {path.name for path in tmp_path.iterdir()} == {".a.json.abcdefgh"}
    sweep(tmp_path / "nowhere/a.json")


def test_what_replacing_leaves_when_killed_is_swept(tmp_path):
    writing = replacing(tmp_path / "a.json")
    with writing as file:
        (half,) = tmp_path.iterdir()
        name = half.name
        file.write(b"x")
    half.write_bytes(b"half")  # 同じ名前の書きかけが残ったとする
    os.utime(half, times=(0, 0))
    sweep(tmp_path / "a.json")
    assert name.startswith(".a.json.") and [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_writable_folder_is_left_as_it_was(tmp_path):
    for folder in (tmp_path, tmp_path / "a/b"):
        require_writable(folder)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError, match=r"file/a に書けません（途中に、フォルダでない"):
        require_writable(tmp_path / "file/a")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match=r"link に書けません（ありません）。書けるフォルダ"):
        require_writable(tmp_path / "link")


@pytest.mark.parametrize(
    "error",
    [
        *(
            OSError(number, os.strerror(number), "a")
            for number in {*errno.errorcode} - MEMORY - CLOSED
        ),
        OSError(errno.EACCES, "Permission denied"),
        OSError("通信できません。"),
        ValueError("壊れています。"),
    ],
    ids=repr,
)
def test_the_imdb_command_tells_it_in_the_same_words(error, monkeypatch, capsys):
    def broken(*given):
        raise error

    assert telling(broken) == 1
    told = capsys.readouterr().err
    monkeypatch.setattr(imdb_command, "_predict", broken)
    assert imdb_command.main(["predict", "--out", "none", "A film."]) == 1
    assert capsys.readouterr().err == told


def test_a_reader_who_leaves_first_is_no_trouble():
    code = "from lstm_text.storage import telling\nimport sys\n"
    code += "sys.exit(telling(lambda: [print(n, flush=True) for n in range(10**6)] and 0))"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as command:
        assert command.stdout.readline() == b"0" + os.linesep.encode()
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == 1


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.ELOOP])
def test_a_very_long_name_does_not_fill_the_screen(number):
    told = reason(OSError(number, os.strerror(number), "長" * 1_000))
    assert len(told) < 300 and "長… を読み書きできません（" in told and told.isprintable()
    assert not {"long", "many"} & set(told.split())


@pytest.mark.parametrize(("error", "code"), [(OSError("a"), 1), (KeyboardInterrupt(), 130)])
def test_the_codes_are_those_of_the_imdb_command(error, code, monkeypatch, capsys):
    def stop(*_):
        raise error

    monkeypatch.setattr(imdb_command, "_predict", stop)
    assert imdb_command.main(["predict", "a"]) == telling(stop) == code
    first, second = capsys.readouterr().err.splitlines()
    assert first == second
