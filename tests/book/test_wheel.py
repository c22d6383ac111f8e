"""ノートが使う wheel: 中身、準備のセルが見つけて入れること、それだけでどの章のノートも動くこと。"""

import ast
import json
import os
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    packages_distributions,
    requires,
)
from pathlib import Path
from zipfile import ZipFile

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import editions.first_cell
from editions import wheel
from editions.first_cell import fingerprint, first_cell
from lstm_text.experiments.races import recall
from lstm_text.records import code_hash
from run.chapter_source import codes
from tests.book import notebook_runner
from tests.book.pages import NOTEBOOKS
from tests.book.small_book import ROOT
from tests.test_declared_dependencies import PROJECT

NAME = wheel.filename(ROOT)
SITE = "https://book.invalid/notebooks/"  # 実在しない番地
PACKAGES = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]

# 初めから、この数のセルは、訓練も計測もしない。そこまでは、書いてあるとおりに動かす。
LEADING = {"notation": 2, "reproducibility": 2, "checking": 1, "13_exercises": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return wheel.write(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(made, tmp_path_factory):
    """pip で wheel だけを入れたフォルダ。"""
    folder = tmp_path_factory.mktemp("installed")
    command = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    subprocess.run([sys.executable, *command, "--target", folder, made], check=True)
    return folder


# --- 中身 -------------------------------------------------------------------------


def test_the_same_sources_make_the_same_file(made, tmp_path):
    assert wheel.write(ROOT, tmp_path).read_bytes() == made.read_bytes()


def test_pip_reads_what_the_project_declares(installed):
    found = Distribution.at(next(installed.glob("*.dist-info")))
    assert (found.name, found.version) == (PROJECT["name"], PROJECT["version"])
    assert sorted(found.requires) == sorted(PROJECT["dependencies"])
    assert found.metadata["Requires-Python"] == PROJECT["requires-python"]


def test_everything_a_chapter_reads_is_inside(installed):
    book = installed / "lstm_text" / "_book"
    for folder in ("lstm_text", "tests/exercises"):
        for path in (ROOT / folder).rglob("*.py"):
            inside = (installed if folder == "lstm_text" else book) / path.relative_to(ROOT)
            unread = path.name == "alternatives.py" or path.name.startswith(("test_", "sample_"))
            assert inside.is_file() != (folder != "lstm_text" and unread), path
    for path in (ROOT / "book" / "records").rglob("*.json"):
        assert (book / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
    assert sorted(path.name for path in installed.iterdir() if path.is_dir()) == [
        "lstm_text",
        f"lstm_text-{PROJECT['version']}.dist-info",
    ]


def test_edition_without_solutions_holds_no_solutions(tmp_path):
    path = wheel.write(ROOT, tmp_path, (*wheel.UNREAD, *wheel.SOLUTIONS))
    names = ZipFile(path).namelist()
    assert not [name for name in names if "solution" in name or "/large/" in name]
    assert "lstm_text/_book/tests/exercises/ch01/wrong.py" in names


# --- 準備のセル -------------------------------------------------------------------

# 試験の環境には何も入れないように、pip の代わりに、頼まれたものを書き残し、wheel なら開く。
PIP = """\
import sys, zipfile
from pathlib import Path
here = Path(__file__).parents[1]
with open(here / "asked", "a", encoding="utf-8") as file:
    print(sys.argv[-1], file=file)
if not zipfile.is_zipfile(sys.argv[-1]):
    sys.exit("届きません")
zipfile.ZipFile(sys.argv[-1]).extractall(here)
"""


class Reader:
    """空のフォルダ（notes）でノートを開いた読者。places にあるものだけが、入っている。"""

    def __init__(self, folder, *places):
        self.folder, self.places = folder, [folder / "packages", *places]
        self.notes = folder / "notes"
        self.notes.mkdir()
        (folder / "packages" / "pip").mkdir(parents=True)
        # __init__.py がないと、本物の pip のほうが読み込まれる
        (folder / "packages" / "pip" / "__init__.py").write_text("", encoding="utf-8")
        (folder / "packages" / "pip" / "__main__.py").write_text(PIP, encoding="utf-8")

    def run(self, site="", then="", folder=None):
        """準備のセルと、続くコードを動かす。"""
        code = f"{first_cell(NAME, site)}\n{then}"
        return subprocess.run(  # コードは、計算機の文字コードによらず、UTF-8 で渡す
            [sys.executable, "-P", "-S", "-X", "utf8", "-c", os.fsdecode(code.encode())],
            cwd=folder or self.notes,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, self.places)),
                # 万一、本物の pip が動いても、試験の環境を書き換えないように
                "PIP_TARGET": str(self.folder / "packages"),
                "PIP_NO_INDEX": "1",
                "PYTHONUTF8": "1",
            },
            capture_output=True,
            encoding="utf-8",
        )

    def asked(self):
        """pip に頼んだもの。"""
        path = self.folder / "packages" / "asked"
        return set(path.read_text(encoding="utf-8").split("\n")[:-1]) if path.exists() else set()


FOUND = "from pathlib import Path; import lstm_text; print(lstm_text.__file__, Path.cwd())"


def test_nothing_found_is_said_in_one_sentence(tmp_path):
    reader = Reader(tmp_path)
    done = reader.run()
    told = done.stderr.splitlines()[-1]
    assert done.returncode != 0 and not reader.asked()
    assert told.startswith("ModuleNotFoundError: この本のパッケージが見つかりません。")
    assert NAME in told and str(reader.notes) in told


def test_the_wheel_beside_the_notebook_is_installed(tmp_path, made):
    reader = Reader(tmp_path)
    (reader.notes / NAME).write_bytes(made.read_bytes())
    done = reader.run(SITE, FOUND)
    package = tmp_path / "packages" / "lstm_text"
    assert done.stdout.split() == [str(package / "__init__.py"), str(package / "_book" / "book")]
    assert reader.asked() == {NAME}


def test_the_wheel_comes_from_the_site_when_its_address_is_known(tmp_path):
    reader = Reader(tmp_path)
    told = reader.run(SITE).stderr.splitlines()[-2:]
    assert reader.asked() == {SITE + NAME}
    assert told == [f"RuntimeError: {SITE + NAME} を入れられませんでした。", "届きません"]


def test_a_package_without_the_records_is_replaced(tmp_path, made):
    bare = tmp_path / "packages" / "lstm_text"
    reader = Reader(tmp_path)
    bare.mkdir()
    (bare / "__init__.py").write_text("", encoding="utf-8")
    (reader.notes / NAME).write_bytes(made.read_bytes())
    assert reader.run(then=FOUND).stdout.split()[1] == str(bare / "_book" / "book")


def test_the_installed_wheel_is_used_as_it_is(tmp_path, installed):
    reader = Reader(tmp_path, installed)
    assert reader.run(SITE, FOUND).stdout.split()[0].startswith(str(installed))
    assert not reader.asked()


def test_the_repository_above_comes_before_an_installed_one(tmp_path, installed):
    """2 つのリポジトリが 1 つの環境にあっても、ノートの上にあるほうを使う。別のプロセスでも。"""
    reader, ours = Reader(tmp_path, installed), tmp_path / "ours"
    for name in ("book/records", "tests/exercises", "lstm_text", "notes"):
        (ours / name).mkdir(parents=True)
    (ours / "lstm_text" / "__init__.py").write_text("", encoding="utf-8")
    again = f"import subprocess; subprocess.run([sys.executable, '-c', {FOUND!r}], check=True)"
    done = reader.run(SITE, f"{FOUND}\nsys.stdout.flush()\n{again}", folder=ours / "notes")
    here = [str(ours / "lstm_text" / "__init__.py"), str(ours / "book")]
    assert done.stdout.split() == [*here, *here], done.stderr


def test_the_cell_can_be_run_again(tmp_path, installed):
    reader = Reader(tmp_path, installed)
    done = reader.run(then=f"{first_cell(NAME, '')}\n{FOUND}")
    assert done.stdout.split()[1] == str(installed / "lstm_text" / "_book" / "book"), done.stderr


# --- ノートと wheel が、別の日のもの ---------------------------------------------

OTHER = "このノートを作ったときのものと違います"


def changed(made, folder, name):
    """中の 1 つだけが違う wheel。名前は同じ。"""
    with ZipFile(made) as old, ZipFile(folder / NAME, "w") as new:
        for each in old.namelist():
            new.writestr(each, old.read(each) + (b"\n" if each == name else b""))
    return folder / NAME


def mark_of(path, folder):
    """wheel を開いて見た、中身のハッシュ。"""
    ZipFile(path).extractall(folder)
    package = folder / "lstm_text"
    return fingerprint(package, package / "_book" / "book" / "records")


@pytest.fixture
def same(made, monkeypatch, tmp_path):
    """いまの wheel と同じときに作ったノート。"""
    mark = mark_of(made, tmp_path / "whole")
    monkeypatch.setattr(editions.first_cell, "made_with", lambda: mark)


@pytest.mark.parametrize("left_out", [(), wheel.SOLUTIONS], ids=["whole", "nosolutions"])
def test_the_mark_is_of_the_sources(tmp_path, left_out):
    path = wheel.write(ROOT, tmp_path, (*wheel.UNREAD, *left_out))
    sources = fingerprint(ROOT / "lstm_text", ROOT / "book" / "records")
    assert mark_of(path, tmp_path / "whole") == sources


def test_a_wheel_of_the_same_day_is_used_without_a_word(tmp_path, made, same):
    reader = Reader(tmp_path)
    (reader.notes / NAME).write_bytes(made.read_bytes())
    assert not reader.run(SITE, FOUND).stderr


@pytest.mark.parametrize(
    "name", ["lstm_text/layers.py", "lstm_text/_book/book/records/adding.cpu.json"]
)
def test_a_wheel_of_another_day_is_told(tmp_path, made, same, name):
    reader = Reader(tmp_path)
    assert name in ZipFile(made).namelist()
    changed(made, reader.notes, name)
    for _ in range(2):  # 入れたときも、もう入っているときも
        done = reader.run(SITE, FOUND)
        assert done.returncode == 0 and OTHER in done.stderr
        assert NAME in done.stderr and "%pip uninstall -y lstm_text" in done.stderr


def test_what_a_chapter_does_not_compute_with_is_not_told(tmp_path, made, same):
    """解答を載せない版の wheel も、同じ日のもの。"""
    reader = Reader(tmp_path)
    changed(made, reader.notes, "lstm_text/_book/tests/exercises/ch01/wrong.py")
    assert not reader.run(SITE, FOUND).stderr


# --- wheel だけで動く -------------------------------------------------------------


def needed(declared):
    """宣言した依存と、それが要る（入っている）配布物の名前。"""
    found, waiting = set(), list(map(Requirement, declared))
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(name)
            with suppress(PackageNotFoundError):
                waiting += map(Requirement, requires(name) or [])
    return found


def imports_and_reads(cells):
    """セルの、関数の中までの import と、名前を書いて記録を読む呼び出し。"""
    imports, reads = [], []
    for node in ast.walk(ast.parse("\n".join(map(TransformerManager().transform_cell, cells)))):
        match node:
            case ast.Import() | ast.ImportFrom():
                imports.append(ast.unparse(node))
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="records"), attr="read" | "read_all"),
                args=arguments,
            ) if all(isinstance(argument, ast.Constant) for argument in arguments):
                reads.append(ast.unparse(node))
    return "\n".join(dict.fromkeys(imports + reads))


def test_every_notebook_finds_what_it_needs_in_an_empty_folder(tmp_path, installed):
    """どの章でも、宣言した依存と wheel だけで、import が通り、記録が読める。

    全部のセルを動かすと何十分もかかる。配ったノートに固有の壊れ方（パッケージ、記録、練習が
    見つからない）は、import と、記録を読むところに現れるので、それらをすべて拾って動かす。
    訓練も計測もしないセル（LEADING）は、書いてあるとおりに動かす。
    """
    notebooks = {}
    for name, notebook in NOTEBOOKS.items():
        cells = codes(notebook)
        setup, whole = first_cell(NAME, ""), cells[: LEADING.get(name, 0)]
        notebooks[name] = [setup, *whole, imports_and_reads(cells)]
    experiment = f"import {recall.__name__} as it\nfrom lstm_text.records import code_hash\n"
    expected = f"assert code_hash(it.run) == {code_hash(recall.run)!r}"
    notebooks["記録の新しさ"] = [first_cell(NAME, ""), experiment + expected]
    allowed = needed(PROJECT["dependencies"]) | {"lstm-text"}
    modules = [
        module
        for module, names in packages_distributions().items()
        if not allowed.isdisjoint(map(canonicalize_name, names))
    ]
    order = {
        "modules": [*modules, "lstm_text", "tests"],
        "distributions": sorted(allowed),
        "folder": str(tmp_path),
        "notebooks": notebooks,
    }
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-X", "utf8", notebook_runner.__file__],
        input=json.dumps(order),
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(installed), *PACKAGES]),
            "MPLBACKEND": "Agg",
            "IPYTHONDIR": str(tmp_path / "ipython"),
        },
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    failed = json.loads(done.stdout.splitlines()[-1])
    assert not failed, "\n\n".join(f"{name}: {reason}" for name, reason in failed.items())
