"""どの命令も、端末の文字コードで書けない文字で止まらない。"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "lstm_text": "lstm_text：",
    "lstm_text.datasets": "データ：",
    "lstm_text.imdb": "使い方：",
    "lstm_text.experiments": "recall  ",
}
WORDS = {"lstm_text.imdb": ["--help"], "lstm_text.experiments": ["--list", "recall"]}


def test_every_command_of_the_package_is_here():
    found = sorted(ROOT.glob("lstm_text/**/__main__.py"))
    assert {".".join(path.parent.relative_to(ROOT).parts) for path in found} == COMMANDS.keys()


@pytest.mark.parametrize("encoding", ["ascii", "cp932"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_character_stops_a_command(command, encoding, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", command, *WORDS.get(command, [])],
        cwd=ROOT,
        capture_output=True,
        env={
            **os.environ,
            "PYTHONIOENCODING": f"{encoding}:strict",
            "LSTM_TEXT_OFFLINE": "1",
            "LSTM_TEXT_CACHE": str(tmp_path / os.fsdecode("映画 · 😀".encode())),
        },
    )
    out, err = (each.decode(encoding) for each in (done.stdout, done.stderr))
    assert done.returncode == 0, err
    shown = COMMANDS[command].encode(encoding, "replace").decode(encoding)
    assert shown in out and "Traceback" not in err and "UnicodeEncodeError" not in out
