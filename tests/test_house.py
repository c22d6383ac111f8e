"""家のつくり：地図と実物、部屋の上下、部屋の広さ、書式。"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lstm_text"
EXTENSIONS = ROOT / "book" / "_ext"
WINGS = [path.parent for path in sorted(PACKAGE.rglob("*/__init__.py"))]
ROOMS = 16
LINES = 300


def names(folder):
    """フォルダの中の部屋の名前。``__main__`` は、地図の説明が触れている命令。"""
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def mapped(folder):
    """フォルダの説明（docstring）の表が挙げる名前。"""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    in_rst = re.findall(r"^``(\w+)`` {2,}", text, re.MULTILINE)
    in_markdown = re.findall(r"^\| (\w+)(?:/[\w.]+)? \|", text, re.MULTILINE)
    return in_rst or [name for name in in_markdown if name != "モジュール"]


@pytest.mark.parametrize("folder", [PACKAGE, *WINGS], ids=lambda path: path.name)
def test_the_map_of_a_folder_names_its_rooms(folder):
    listed = mapped(folder)
    assert len(listed) == len(set(listed))
    assert set(listed) == names(folder)


@pytest.mark.parametrize("folder", sorted(EXTENSIONS.glob("*/__init__.py")), ids=str)
def test_the_map_of_an_extension_folder_names_its_modules(folder):
    listed = {name for name in mapped(folder.parent) if name != "kernel"}
    assert listed == names(folder.parent)


def test_the_map_of_the_tests_of_the_book_names_them():
    text = (ROOT / "tests" / "book" / "__init__.py").read_text(encoding="utf-8")
    listed = re.findall(r"test_\w+", text)
    assert len(listed) == len(set(listed))
    assert set(listed) == {path.stem for path in (ROOT / "tests" / "book").glob("test_*.py")}


def test_the_top_floor_is_small():
    assert len(names(PACKAGE)) <= ROOMS


@pytest.mark.parametrize(
    "path", [*sorted(PACKAGE.rglob("*.py")), *sorted(EXTENSIONS.rglob("*.py"))], ids=str
)
def test_a_room_is_read_in_five_minutes(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES or "行あるのは" in text[:500], (
        "長い理由を、初めの行に書いてください"
    )


def test_the_readme_names_the_folders():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## フォルダ\n")[2].partition("\n## ")[0]
    listed = {name.rstrip("/") for name in re.findall(r"^\| `([\w/]+)` \|", table, re.MULTILINE)}
    assert all((ROOT / name).is_dir() for name in listed - {"answers"})
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", "*/*"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode:
        pytest.skip("Git の管理下にない写しです。")
    top = {name.split("/")[0] for name in tracked.stdout.split("\0") if "/" in name}
    shown = {name for name in top if not name.startswith(".")}
    assert {name for name in listed if "/" not in name} == shown | {"answers"}


def run(*command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_the_floors_are_kept():
    command = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    code, told = done.returncode, done.stdout + done.stderr
    assert code == 0, told


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_the_code_is_tidy(command):
    code, told = run("ruff", *command, "--no-cache", ".")
    assert code == 0, told
