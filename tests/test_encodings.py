"""どの計算機でも同じに読み書きする：文字を扱う所は、文字コードを言う。"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("make.py", "lstm_text/**/*.py", "book/_ext/**/*.py", "tests/exercises/**/*.py")
TESTS = (
    "tests/test_*.py",
    *(f"tests/{n}/**/*.py" for n in ("book", "browser", "datasets", "imdb")),
)
IN_A_RECORD = {  # 直すと記録が古くなる。測り直すときに直す
    "lstm_text/experiments/speed/memory_use.py": 2,  # /proc の数字
}


def handles_text(call):
    """文字のファイルを開くか、子のプロセスの文字を受け取るか。"""
    text = keywords(call).get("text", keywords(call).get("universal_newlines"))
    return opens_text(call) or getattr(text, "value", None) is True


def name_of(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def keywords(call):
    return {each.arg: each.value for each in call.keywords}


def opens_text(call):
    """文字のファイルを開くか。"""
    name, named = name_of(call), keywords(call)
    if name in ("open", "fdopen"):
        # path.open("rb") のモードは初めの引数、open(path, "rb") では 2 つめ
        first = name == "open" and isinstance(call.func, ast.Attribute)
        mode = named.get("mode", next(iter(call.args[0 if first else 1 :]), ast.Constant("r")))
        mode = getattr(mode, "value", None)  # 式なら、モードではない（os.open など）
        return isinstance(mode, str) and set(mode) <= set("rwxat+")
    return name in ("read_text", "write_text")


def says(call):
    place = {"read_text": 0, "write_text": 1}.get(name_of(call), len(call.args))
    return "encoding" in keywords(call) or len(call.args) > place


def silent(source, handles=handles_text):
    """文字コードを言わずに、文字を読み書きする呼び出し。"""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [ast.unparse(call) for call in calls if handles(call) and not says(call)]


@pytest.mark.parametrize(
    "call",
    [
        "open(path)",
        "open(path, 'w')",
        "path.open()",
        "path.open(mode='a')",
        "os.fdopen(number, 'w')",
        "path.read_text()",
        "path.write_text(words)",
        "subprocess.run(command, text=True)",
    ],
)
def test_silence_is_found(call):
    assert len(silent(call)) == 1
    assert silent(f"{call[:-1]}, encoding='utf-8')".replace("(, ", "(")) == []


@pytest.mark.parametrize(
    "call",
    [
        *("open(path, 'rb')", "path.open('rb')", "os.open(os.devnull, os.O_WRONLY)"),
        *("f(text=words)", "path.read_text('utf-8')", "path.write_text(words, 'utf-8')"),
    ],
)
def test_bytes_need_no_word(call):
    assert silent(call) == []


def test_every_text_is_read_and_written_with_its_encoding_said():
    found = {}
    for path in (path for place in PLACES for path in ROOT.glob(place)):
        if calls := silent(path.read_text(encoding="utf-8")):
            found[path.relative_to(ROOT).as_posix()] = calls
    known = {name: len(calls) for name, calls in found.items() if name in IN_A_RECORD}
    assert known == IN_A_RECORD
    assert found.keys() == known.keys(), found


def test_tests_say_the_encoding_of_their_files():
    """子の答えは、計算機の文字コードのままでよい（text=True）。"""
    paths = {path for place in TESTS for path in ROOT.glob(place)}
    found = {p.name: silent(p.read_text(encoding="utf-8"), opens_text) for p in paths}
    assert not {name: calls for name, calls in found.items() if calls}
