"""読者の操作: ひな形を写し、pytest --answers で確かめる。本物の子プロセスで試す。"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest

from tests.exercises import every_exercise
from tests.exercises.engine import answers as engine
from tests.exercises.engine.answers import copy_stubs
from tests.exercises.engine.exercise import Outcome
from tests.exercises.engine.saved import save
from tests.exercises.engine.worker import compiling

ROOT = Path(__file__).parents[3]
EXERCISES = ROOT / "tests" / "exercises"


ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PYTEST_", "PYTHONIOENCODING", "PYTHONUTF8"))
}


def pytest_answers(project, *options, encoding="utf-8", folder="answers"):
    """読者が打つコマンド。終了コードと、印字された文を返す。"""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--answers={folder}", *options],
        cwd=project,
        env={**ENVIRONMENT, "PYTHONIOENCODING": encoding},
        capture_output=True,
        encoding=encoding,
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


def test_a_file_in_place_of_the_answers_is_told(tmp_path, capsys):
    (tmp_path / "answers").write_text("大切", encoding="utf-8")
    for folder in (tmp_path / "answers", tmp_path / "answers" / "中"):
        assert engine.main([str(folder)]) == 1
        assert f"{folder} か、その途中が、フォルダではない" in capsys.readouterr().out
    assert (tmp_path / "answers").read_text(encoding="utf-8") == "大切"
    assert engine.main([]) == engine.main([""]) == 2
    assert engine.main([str(tmp_path / ("長" * 200))]) == 1
    assert "長 に、ひな形を写せません（名前が長すぎます）" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="閉じた管に書けば、別の誤りになります")
def test_stubs_are_all_copied_even_if_the_reader_leaves(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "tests.exercises.engine.answers", str(tmp_path / "answers")],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(list((tmp_path / "answers").iterdir())) == len(list(EXERCISES.glob("ch??/stub.py")))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--hint", each) for each in ("x", "-1", "1.5")),
        *(("--seconds", each) for each in ("nan", "", "0", "-0.0", "-1", "1e-999")),
    ],
)
def test_a_wrong_number_is_told_in_japanese(option, value, project):
    code, text = pytest_answers(project, f"{option}={value}")
    assert code == 4
    assert re.fullmatch(
        rf"{option} には 0 (以上|より大きく) 1,000,000 以下の.+が必要ですが、'.*' でした。\n", text
    )


@pytest.mark.parametrize("compiler", ["  ", '"gcc'])
def test_an_unreadable_compiler_is_no_compiler(compiler, project, monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, "CC", compiler)
    code, text = pytest_answers(project, "-k", "1.1")
    assert code == 0 and rows(text) == {"1.1": ("・", "未着手")}


def test_untouched_stubs_show_no_red(project):
    (project / "answers" / "ch02.py").unlink()
    before = sorted((project / "answers").rglob("*"))
    code, text = pytest_answers(project)
    assert code == 0
    assert "ch02.py がありません。make answers で作れます。" in explanation(text, "2.1")
    assert {outcome for _, outcome in rows(text).values()} == {"未着手"}
    assert "× 要修正 0" in text
    assert "まずは ch01.py の rnn_forward（1.1）から始めましょう。" in text
    assert sorted((project / "answers").rglob("*")) == before


def test_every_kind_of_trouble_leaves_the_others_checked(project):
    write(
        project,
        "ch01",
        rnn_forward="def rnn_forward(*args):\n    while True:\n        try:\n            pass\n"
        "        except BaseException:\n            pass",
        rnn_bptt="def rnn_bptt(*args):\n    import os\n    os._exit(0)",
        state_jacobians="def state_jacobians(w_hh, *args):\n    print(input())",
        clip_by_global_norm=None,
    )
    write(project, "ch02", flip_unit="def flip_unit(x:\n    pass")
    code, text = pytest_answers(project, "--seconds", "3")
    assert code == 1
    found = rows(text)
    told = explanation(text, "1.1")
    assert "rnn_forward の計算が 3 秒たっても終わりません" in told and "遅すぎるのかも" in told
    assert "rnn_bptt の計算の途中で Python ごと終わりました" in explanation(text, "1.2")
    assert "ch01.py の" in explanation(text, "1.3")
    assert "EOFError" in explanation(text, "1.3")
    assert found["1.4"] == ("○", "合格")
    assert "関数 clip_by_global_norm がありません" in explanation(text, "1.5")
    assert "ch02.py の 4 行目 `def flip_unit(x:` を Python として読めません" in text
    assert explanation(text, "2.6") == "    上と同じです。\n"
    assert re.search(r"^  1 章  \d / \d  × × × ○ ×", text, re.MULTILINE)


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
        flip_unit=functions("ch02")["flip_unit"].replace("g = 2 * w_hh", "g = 1 * w_hh"),
    )
    code, text = pytest_answers(project, "-k", "2.1", "--hint", "2")
    assert code == 1
    assert rows(text) == {"2.1": ("×", "要修正")}
    assert (
        "「g でなく、忘却ゲートの k 行を裏返している（順は i, f, g, o）」という誤りと同じ" in text
    )
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
    assert text == "答えのフォルダ answers がありません。make answers で作れます。\n"


def test_answers_elsewhere(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "ch01.py").write_bytes((EXERCISES / "ch01/solution.py").read_bytes())
    code, text = pytest_answers(project, "-k", "1.1", folder=elsewhere)
    assert (code, rows(text)) == (0, {"1.1": ("○", "合格")})


@pytest.mark.parametrize("name", ["plain", "私の 答え"])
def test_answers_beside_the_project(project, name):
    """プロジェクトの外を相対の道で指しても、名前に日本語や空白があってもよい。"""
    beside = project / "プロジェクト"
    beside.mkdir()
    for part in ("conftest.py", "pyproject.toml", "tests"):
        (beside / part).symlink_to(ROOT / part)
    (project / name).mkdir()
    (project / name / "ch01.py").write_bytes((EXERCISES / "ch01/solution.py").read_bytes())
    code, text = pytest_answers(beside, "-k", "1.1", folder=f"../{name}")
    assert (code, rows(text)) == (0, {"1.1": ("○", "合格")})


def test_run_in_another_folder(project):
    code, text = pytest_answers(project / "answers", "--rootdir", project)
    assert code == 4
    assert text.startswith("答えのフォルダ answers が、ここ（")
    assert text.endswith("で打ってください。\n")


def test_several_exercises_in_full_width(project):
    code, text = pytest_answers(project, "-k", "２．１，2.2　１．１")
    assert code == 0
    assert list(rows(text)) == ["1.1", "2.1", "2.2"]


# --- 読めないファイル、書けない文字 --------------------------------------------------------


def test_files_of_every_kind(project):
    answers = project / "answers"
    (answers / "ch01.py").unlink()
    (answers / "ch01.py").mkdir()
    (answers / "ch02.py").write_bytes(b"")
    (answers / "ch03.py").write_text("# メモ", encoding="utf-16")
    windows = (EXERCISES / "ch04/solution.py").read_text(encoding="utf-8").replace("\n", "\r\n")
    (answers / "ch04.py").write_text(windows, encoding="utf-8-sig", newline="")
    (answers / "ch05.py").write_text("import torch\ntorch.tanh = torch.sin\n", encoding="utf-8")
    code, text = pytest_answers(project, "-k", "1.1 2.1 3.1 4.1 5.1")
    assert code == 1
    assert "ch01.py がフォルダになっています。" in explanation(text, "1.1")
    assert "ch02.py に関数 flip_unit がありません。" in explanation(text, "2.1")
    assert "ch03.py の文字コードを読めません。" in explanation(text, "3.1")
    assert rows(text)["4.1"] == ("○", "合格")
    assert "ch05.py が、torch.tanh を置き換えています。" in explanation(text, "5.1")


UNPRINTABLE = {
    "rnn_forward": "def rnn_forward(*args):\n    print('😀', '\\ud800', '\\x1b[31m')",
    "rnn_bptt": "def rnn_bptt(*args):\n    raise ValueError('😀\\ud800')",
    "state_jacobians": "def state_jacobians(*args):\n    return type('😀', (), {})()",
}


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "utf-8"])
def test_unprintable_characters_cost_one_exercise(project, encoding):
    write(project, "ch01", **UNPRINTABLE)
    code, text = pytest_answers(project, "-k", "1", encoding=encoding)
    assert code == 1
    assert re.findall(r"\d\.\d(?= )", re.sub("(?m)^ .*$", "", text)) == [
        exercise.id for exercise in every_exercise() if exercise.number == "1"
    ]
    assert "\\ud800" in text
    assert "\x1b" not in text


# --- 止まらない答え -----------------------------------------------------------------------


def gone(process, seconds=20):
    """そのプロセスが、もう走っていないこと。"""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
            status = Path(f"/proc/{process}/stat")
            if status.exists() and status.read_bytes().rsplit(b")", 1)[1].split()[0] == b"Z":
                return True  # 親に待たれていないだけ
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


posix = pytest.mark.skipif(os.name != "posix", reason="POSIX のプロセスの試験")

LEAVES_CHILDREN = """def rnn_forward(*args):
    import os, subprocess, sys, threading, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open({path!r}, "a") as file:
        print(child.pid, file=file)
    threading.Thread(target=time.sleep, args=(600,)).start()
    if os.fork() == 0:
        with open({path!r}, "a") as file:
            print(os.getpid(), file=file)
"""


@posix
def test_children_of_an_answer_end_with_the_check(project):
    note = project / "children.txt"
    write(project, "ch01", rnn_forward=LEAVES_CHILDREN.format(path=str(note)))
    code, text = pytest_answers(project, "-k", "1.1 1.4")
    assert code == 1
    assert [line.split()[1] for line in text.splitlines() if line[0] in "○×"] == ["1.1", "1.4"]
    assert rows(text)["1.4"] == ("○", "合格")
    assert all(gone(int(line)) for line in note.read_text(encoding="utf-8").split())


ENDLESS = """def rnn_forward(*args):
    import os
    with open({path!r}, "w") as file:
        print(os.getpid(), file=file, flush=True)
    while True:
        pass
"""


@posix
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 2), (signal.SIGKILL, -9)])
def test_stopped_by_the_reader(project, sent, code):
    """Ctrl-C でも、端末ごと閉じられても、答えのプロセスは残らない。"""
    note = project / "worker.txt"
    write(project, "ch01", rnn_forward=ENDLESS.format(path=str(note)))
    command = [sys.executable, "-m", "pytest", "--answers=answers", "--seconds=300", "-k", "1.1"]
    shell = subprocess.Popen(
        command,
        cwd=project,
        env={**ENVIRONMENT, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # 裏で動かした試験は SIGINT を無視する設定を受け継ぐ。読者の端末と同じにする。
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with shell:
        while not (note.exists() and note.read_text(encoding="utf-8").strip()):
            assert shell.poll() is None
            time.sleep(0.1)
        shell.send_signal(sent)
        text = shell.stdout.read()
        assert shell.wait(60) == code
    assert text == ("中断しました。\n" if sent == signal.SIGINT else "")
    assert gone(int(note.read_text(encoding="utf-8")))


class Scripted:
    """決めた出来事を順に届ける、子プロセスの代わり。"""

    script: ClassVar[list] = []

    def __init__(self, *args):
        pass

    def event(self, seconds):
        return self.script.pop(0)

    def stop(self):
        pass


PLAN = ["plan", [["2.1", "ch02", "flip_unit", "題", "実装"]]]
DONE = ["done", "合格", [], []]


def scripted(monkeypatch, *events):
    monkeypatch.setattr(Scripted, "script", [PLAN, ["loading"], ["checking"], *events])
    monkeypatch.setattr(engine, "Worker", Scripted)
    return list(engine.results("answers", "", 0, 10))


def test_compiling_is_waited_for(monkeypatch):
    (result,) = scripted(monkeypatch, *[["compiling"]] * 200, DONE)
    assert result.outcome is Outcome.CORRECT


def test_compiling_without_end_is_stopped(monkeypatch):
    (result,) = scripted(monkeypatch, *[["compiling"]] * 400, DONE)
    assert "flip_unit の計算が 300 秒たっても終わりません" in result.lines[0]


def test_only_the_compiler_is_compiling():
    frame = sys._getframe()
    assert not compiling(frame)
    namespace = {"__name__": "torch._dynamo.convert_frame", "compiling": compiling, "sys": sys}
    exec("def compile_now():\n    return compiling(sys._getframe())", namespace)
    assert namespace["compile_now"]()


# --- JSON -----------------------------------------------------------------------------------


def test_results_are_saved(project):
    wrong = functions("ch02")["flip_unit"].replace("g = 2 * w_hh", "g = 1 * w_hh")
    write(project, "ch02", flip_unit=wrong)
    saved = project / "結果.json"
    pytest_answers(project, "--json", saved)
    content = json.loads(saved.read_text(encoding="utf-8"))
    exercises = every_exercise()
    assert content["format"] == 1
    assert [
        (each["id"], each["name"], each["title"], each["kind"]) for each in content["exercises"]
    ] == [(e.id, e.name, e.title, e.kind.value) for e in exercises]
    found = {each["id"]: (each["outcome"], each["mistakes"]) for each in content["exercises"]}
    assert found["1.1"] == ("未着手", [])
    assert found["2.1"] == (
        "要修正",
        ["g でなく、忘却ゲートの k 行を裏返している（順は i, f, g, o）"],
    )
    assert found["2.4"] == ("合格", [])
    write(project, "ch02")
    pytest_answers(project, "--json", saved, "-k", "2.1")
    again = json.loads(saved.read_text(encoding="utf-8"))
    changed = [
        after
        for before, after in zip(content["exercises"], again["exercises"], strict=True)
        if before != after
    ]
    assert [(each["id"], each["outcome"]) for each in changed] == [("2.1", "合格")]
    assert [path.name for path in project.glob("*.json*")] == ["結果.json"]


ONE = {"id": "10.1", "outcome": "合格"}
TWO = {"id": "9.3", "outcome": "要修正"}


def test_saved_results_are_merged_in_order(tmp_path):
    path = tmp_path / "x.json"
    save(path, [ONE], whole=True)
    save(path, [TWO], whole=False)
    assert json.loads(path.read_text(encoding="utf-8"))["exercises"] == [TWO, ONE]
    save(path, [TWO], whole=True)
    assert json.loads(path.read_text(encoding="utf-8"))["exercises"] == [TWO]


OTHER_FILES = [
    *(b"", b"{", b"[]", b"\xff", b"3", b'{"format": 1}'),
    b'{"format": 2, "exercises": []}',
    b'{"format": 1, "exercises": [{}]}',
    b'{"format": 1, "exercises": [{"id": "a"}]}',
]


@pytest.mark.parametrize("before", OTHER_FILES)
def test_other_files_are_not_merged(before, tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(before)
    save(path, [ONE], whole=False)
    assert json.loads(path.read_text(encoding="utf-8")) == {"format": 1, "exercises": [ONE]}


def test_unwritable_results_are_told(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for name, reason in (
        ("folder", "フォルダです"),
        ("nai/x.json", "そのフォルダがありません"),
        ("file/x.json", "途中がフォルダではありません"),
    ):
        with pytest.raises(ValueError, match=f"書けません（{reason}）。"):
            save(tmp_path / name, [ONE], whole=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_the_shell_does_not_load_torch():
    script = "import sys, tests.exercises.engine.answers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0
