"""README（と、本の中の命令）が言っていることは、本当にあるか。"""

import re
from pathlib import Path

import pytest

import make
from editions.fences import fences
from lstm_text import __version__

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "book").glob("*.md"))]
PACKAGE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lstm_text").rglob("*.py"))


def commands(text):
    """文中の ``make 目的 名前=値`` を、目的と、名前の並びに分ける。"""
    for match in re.finditer(r"(?:^|`)make ([a-z]+)((?: [A-Z]+=[\w.]*)*)", text, re.MULTILINE):
        yield match[1], re.findall(r"([A-Z]+)=", match[2])


def test_readme_shows_the_commands():
    assert {"html", "test", "answers", "check"} <= {target for target, _ in commands(README)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_commands_exist(page):
    for target, variables in commands(page.read_text(encoding="utf-8")):
        assert target in make.TASKS, f"make {target} はありません"
        for variable in variables:
            assert variable in make.SETTINGS, f"{variable}= は使われていません"


def test_environment_variables_are_the_packages():
    pattern = r"LSTM_TEXT_[A-Z]+"
    assert set(re.findall(pattern, README)) == set(re.findall(pattern, PACKAGE))


def test_linked_files_exist():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).is_file(), f"{target} がありません"


def test_data_layout_is_the_packages():
    layout = next(fence.body for fence in fences(README) if fence.argument == "text")
    for name in re.findall(r"[\w.-]+/[\w.-]+", layout):
        assert any(part in PACKAGE for part in (name, name.split("/")[-1])), name


def test_pytest_options_exist():
    conftest = (ROOT / "conftest.py").read_text(encoding="utf-8")
    for command in re.findall(r"`pytest ([^`]+)`", README):
        for option in set(re.findall(r"--\w+", command)):
            assert f'"{option}"' in conftest


def test_citation_has_the_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {__version__}" in citation
