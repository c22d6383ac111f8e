"""読者の操作: ひな形を写し、pytest --answers で確かめる。本物の子プロセスで試す。"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exercises.engine.answers import copy_stubs

ROOT = Path(__file__).parents[3]
EXERCISES = ROOT / "tests" / "exercises"


def pytest_answers(project, *options):
    """読者が打つコマンド。終了コードと、印字された文を返す。"""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--answers", "answers", *options],
        cwd=project,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.stderr == ""
    assert "Traceback" not in done.stdout
    assert "test session starts" not in done.stdout
    return done.returncode, done.stdout


def functions(chapter):
    """解答のファイルの、関数ごとのソース。"""
    text = (EXERCISES / chapter / "solution.py").read_text(encoding="utf-8")
    return {
        node.name: ast.get_source_segment(text, node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def write(project, chapter, **replaced):
    """解答のうち、いくつかの関数を取り替えたファイル。"""
    sources = {**functions(chapter), **replaced}
    body = "\n\n\n".join(["import torch", *filter(None, sources.values())])
    (project / "answers" / f"{chapter}.py").write_text(body, encoding="utf-8")


def rows(text):
    """結果の見出し: {"2.1": ("○", "合格")}"""
    found = re.findall(r"^(\S) (\d+\.\d) (合格|要修正|未着手)　", text, re.MULTILINE)
    return {id: (mark, outcome) for mark, id, outcome in found}


def explanation(text, id):
    """その問の見出しに続く文。"""
    return re.search(rf"^\S {re.escape(id)} .*\n((?:    .*\n)*)", text, re.MULTILINE)[1]


@pytest.fixture
def project(tmp_path):
    """写したばかりのひな形がある、プロジェクトの一番上。"""
    for name in ("conftest.py", "pyproject.toml", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    list(copy_stubs(tmp_path / "answers"))
    return tmp_path


def test_stubs_are_copied_and_never_overwritten(tmp_path):
    first = list(copy_stubs(tmp_path / "answers"))
    assert all(line.endswith("作りました") for line in first)
    stub = tmp_path / "answers" / "ch01.py"
    assert stub.read_bytes() == (EXERCISES / "ch01/stub.py").read_bytes()
    stub.write_text("# 私の答え", encoding="utf-8")
    (tmp_path / "answers" / "ch02.py").unlink()
    second = list(copy_stubs(tmp_path / "answers"))
    assert stub.read_text(encoding="utf-8") == "# 私の答え"
    assert [line for line in second if line.endswith("作りました")] == [
        f"{tmp_path / 'answers' / 'ch02.py'}　作りました"
    ]


def test_untouched_stubs_show_no_red(project):
    (project / "answers" / "ch02.py").unlink()
    before = sorted((project / "answers").rglob("*"))
    code, text = pytest_answers(project)
    assert code == 0
    assert "ch02.py がありません。make answers で作れます。" in explanation(text, "2.1")
    assert {outcome for _, outcome in rows(text).values()} == {"未着手"}
    assert "× 要修正 0" in text
    assert "まずは ch01.py の rnn_step（1.1）から始めましょう。" in text
    assert sorted((project / "answers").rglob("*")) == before


def test_every_kind_of_trouble_leaves_the_others_checked(project):
    write(
        project,
        "ch01",
        rnn_step="def rnn_step(*args):\n    while True:\n        try:\n            pass\n"
        "        except BaseException:\n            pass",
        rnn_forward="def rnn_forward(*args):\n    import os\n    os._exit(0)",
        rnn_bptt="def rnn_bptt(x, *args):\n    print(input())",
        clip_by_global_norm=None,
    )
    write(project, "ch02", lstm_step="def lstm_step(x:\n    pass")
    code, text = pytest_answers(project, "--seconds", "3")
    assert code == 1
    found = rows(text)
    assert "rnn_step の計算が 3 秒たっても終わりません" in explanation(text, "1.1")
    assert "rnn_forward の計算の途中で Python ごと終わりました" in explanation(text, "1.2")
    assert "ch01.py の" in explanation(text, "1.3")
    assert "EOFError" in explanation(text, "1.3")
    assert found["1.4"] == ("○", "合格")
    assert "関数 clip_by_global_norm がありません" in explanation(text, "1.5")
    assert "ch02.py の 4 行目 `def lstm_step(x:` を Python として読めません" in text
    assert explanation(text, "2.6") == "    上と同じです。\n"
    assert re.search(r"^  1 章  1 / 5  × × × ○ ×$", text, re.MULTILINE)


def test_files_that_do_not_load(project):
    (project / "answers" / "ch01.py").write_text("while True:\n    pass\n", encoding="utf-8")
    (project / "answers" / "ch02.py").write_text(
        "import torch\nimport nai_mono\n", encoding="utf-8"
    )
    code, text = pytest_answers(project, "-k", "1 or 2", "--seconds", "3")
    assert code == 1
    assert "ch01.py の読み込みが 3 秒たっても終わりません" in explanation(text, "1.1")
    assert "ch02.py の 2 行目 `import nai_mono` でエラー" in explanation(text, "2.1")
    assert "ModuleNotFoundError" in explanation(text, "2.1")


def test_one_exercise_with_hints(project):
    write(
        project,
        "ch02",
        lstm_step=functions("ch02")["lstm_step"].replace("i, f, g, o =", "f, i, g, o ="),
    )
    code, text = pytest_answers(project, "-k", "2.1", "--hint", "2")
    assert code == 1
    assert rows(text) == {"2.1": ("×", "要修正")}
    assert "「忘却ゲートと入力ゲートが逆」という誤りと同じ結果です。" in text
    assert "ヒント 2: " in text
    assert "ヒント 3: " not in text
    assert "進み具合" not in text


def test_everything_solved(project):
    for solution in EXERCISES.glob("ch*/solution.py"):
        answer = project / "answers" / f"{solution.parent.name}.py"
        answer.write_bytes(solution.read_bytes())
    code, text = pytest_answers(project)
    assert code == 0
    assert "全問合格です。" in text


def test_unknown_exercise(project):
    code, text = pytest_answers(project, "-k", "14.1")
    assert code == 4
    assert text == "「14.1」に当たる練習はありません。-k 2.1 のように番号で選びます。\n"


def test_missing_folder(project):
    shutil.rmtree(project / "answers")
    code, text = pytest_answers(project)
    assert code == 4
    assert text == "答えのフォルダー answers がありません。make answers で作れます。\n"


def test_the_shell_does_not_load_torch():
    script = "import sys, tests.exercises.engine.answers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0
