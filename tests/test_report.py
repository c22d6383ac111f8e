"""環境の報告：ブラウザを、PATH と、Mac と Windows のいつもの場所に探す。"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_text import __main__ as report


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path, monkeypatch):
    """ブラウザの 1 つもない計算機。"""
    for name in ("CHROMIUM", *report.WINDOWS):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PATHEXT", ".exe")
    monkeypatch.setattr(report, "MAC", (str(tmp_path / "Applications"), "~/Applications"))


def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o755)
    return str(path)


def test_nothing_is_none():
    assert report.find_browser() is None
    assert next(report.REPORT["Chromium"]()).startswith("なし")


@pytest.mark.parametrize("name", report.BROWSERS)
def test_on_the_path(tmp_path, name):
    suffix = ".exe" if os.name == "nt" else ""
    found = executable(tmp_path / f"{name}{suffix}")
    assert os.path.samefile(report.find_browser(), found)


@pytest.mark.parametrize("name", report.MAC_BROWSERS)
def test_among_the_applications_of_a_mac(tmp_path, name):
    found = executable(tmp_path / "Applications" / f"{name}.app" / "Contents" / "MacOS" / name)
    assert report.find_browser() == found


@pytest.mark.parametrize("variable", report.WINDOWS)
@pytest.mark.parametrize("inside", report.WINDOWS_BROWSERS)
def test_among_the_programs_of_windows(tmp_path, monkeypatch, variable, inside):
    monkeypatch.setenv(variable, str(tmp_path / "Program Files"))
    found = executable(tmp_path / "Program Files" / inside)
    assert report.find_browser() == found


def test_the_named_one_comes_first(tmp_path, monkeypatch):
    executable(tmp_path / "chromium.exe")
    found = executable(tmp_path / "mine.exe")
    monkeypatch.setenv("CHROMIUM", found)
    assert report.find_browser() == found
    monkeypatch.setenv("CHROMIUM", os.path.join("~", "mine.exe"))
    assert report.find_browser() == found


@pytest.mark.parametrize("given", ["ない", ".", "/ない/chrome"])
def test_the_named_one_that_does_not_run_is_told(monkeypatch, given):
    monkeypatch.setenv("CHROMIUM", given)
    with pytest.raises(FileNotFoundError, match=f"環境変数 CHROMIUM の {given} を動かせません"):
        report.find_browser()


def reporting(monkeypatch, look):
    monkeypatch.setattr(report, "REPORT", {"一": look, "二": lambda: iter(["ある"])})


def test_what_cannot_be_looked_up_does_not_stop_the_rest(monkeypatch, capsys):
    def broken():
        yield "ここまで"
        raise BrokenPipeError("調べる先が閉じている")

    reporting(monkeypatch, broken)
    assert report.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        "一：ここまで",
        "一：調べられません（BrokenPipeError: 調べる先が閉じている）",
        "二：ある",
    ]


@pytest.mark.parametrize("variable", ["LSTM_TEXT_CACHE", "LSTM_TEXT_DATA"])
def test_a_folder_of_an_unknown_user_is_told_in_japanese(monkeypatch, variable):
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
    monkeypatch.setenv(variable, "~だれでもない人/a")
    lines = list(report._lines(report._data))
    assert any(f"{variable} のフォルダ ~だれでもない人/a の ~ の後の名前の" in x for x in lines)
    assert not any("Error" in line for line in lines)


def test_an_open_quotation_is_no_compiler(monkeypatch):
    monkeypatch.setenv("CC", '"gcc')
    assert list(report._lines(report._compiler)) == [
        'なし（環境変数 CC の値 "gcc の引用符が閉じていません）'
    ]
    monkeypatch.setenv("CC", " ")
    assert "なし" in next(report._lines(report._compiler))


def test_ctrl_c_is_told_in_japanese(monkeypatch, capsys):
    def stop():
        raise KeyboardInterrupt

    reporting(monkeypatch, stop)
    assert report.main() == 130
    assert capsys.readouterr() == ("", "止めました。\n")


@pytest.mark.skipif(os.name == "nt", reason="閉じた管に書けば、別の誤りになります")
def test_a_reader_may_leave_early():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "lstm_text"],
        cwd=Path(__file__).parents[1],
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
