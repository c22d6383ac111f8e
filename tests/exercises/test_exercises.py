"""練習のすべて。

解答と別の正しい答えは合格し、誤答は名指しで退けられ、ひな形は未着手になる。
本・問・ひな形・解答・誤答のどれかに、ほかと対応しないものはない。
"""

import importlib
import inspect
import re
import time
from pathlib import Path

import pytest
import torch

from tests.exercises import every_exercise, select
from tests.exercises.engine.examine import examine, named
from tests.exercises.engine.exercise import Kind, Outcome

BOOK = Path(__file__).parents[2] / "book"
EXERCISES = every_exercise()

# セルと層、その重みを移す問。誤りの種類が多いので、誤答も多く用意する。
CELLS_AND_LAYERS = {
    *("rnn_forward", "flip_unit", "untie", "gru_step", "from_keras"),
    *("final_states", "minlstm_forward"),
}


def own(kind, chapter):
    """モジュールで定義された、名前が _ で始まらない関数とクラスの名前。"""
    module = importlib.import_module(f"tests.exercises.{chapter}.{kind}")
    return {
        value.__name__
        for value in vars(module).values()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    }


def variants(kind):
    return [
        pytest.param(exercise, name, f, id=f"{exercise.id}-{f.__name__}")
        for exercise in EXERCISES
        for name, f in named(kind, exercise)
    ]


each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
each_chapter = pytest.mark.parametrize("chapter", sorted({e.chapter for e in EXERCISES}))


# --- 答え ---------------------------------------------------------------------


@each_exercise
def test_solution_is_correct_and_quick(exercise):
    if exercise.kind is Kind.EXPLORE:  # torch は、最適化の道具を初めて作るときに、残りを読み込む
        torch.optim.Adam([torch.zeros(1)])
    start = time.process_time()
    report = examine(exercise, exercise.part("solution"))
    assert report.outcome is Outcome.CORRECT, report.sentence
    assert not report.printed
    assert time.process_time() - start < 2


@each_exercise
def test_stub_is_untouched(exercise):
    assert examine(exercise, exercise.part("stub")).outcome is Outcome.UNTOUCHED


@pytest.mark.parametrize(
    "exercise", [e for e in EXERCISES if e.kind is Kind.MEND], ids=lambda exercise: exercise.id
)
def test_stub_to_mend_is_rejected_without_a_clue(exercise):
    """raise の行を消しただけのひな形は退けられ、その名前は誤りの中身を明かさない。"""
    stub = exercise.part("stub")
    source = inspect.getsource(inspect.getmodule(stub))
    found = {}
    exec(re.sub("raise NotImplementedError", "pass", source), found)
    for other in EXERCISES:
        if other.chapter == exercise.chapter and other is not exercise:
            found[other.name] = other.part("solution")
    (name,) = examine(exercise, found[exercise.name]).mistakes
    count = re.fullmatch(r"ひな形のまま（誤りが(?: (\d) つとも)?残っている）", name)[1]
    told = re.search(r"誤りが (\d) つある", stub.__doc__)
    assert told is None or told[1] == (count or "1")


@pytest.mark.parametrize(("exercise", "name", "f"), variants("alternatives"))
def test_alternative_is_correct(exercise, name, f):
    report = examine(exercise, f)
    assert report.outcome is Outcome.CORRECT, f"{name}: {report.sentence}"


@pytest.mark.parametrize(("exercise", "name", "f"), variants("wrong"))
def test_wrong_answer_is_named(exercise, name, f):
    """退けられ、その名前だけが挙がる。つまり、どの二つの誤答も結果が違う。"""
    report = examine(exercise, f)
    assert report.outcome is Outcome.INCORRECT, name
    assert report.mistakes == (name,), report.sentence


# --- そろっているか -------------------------------------------------------------


@each_exercise
def test_exercise_is_complete(exercise):
    assert re.fullmatch(r"[1-9]\d?\.[1-9]", exercise.id)
    assert 1 <= exercise.difficulty <= 3
    assert exercise.minutes > 0
    assert len(exercise.hints) >= 2
    assert len(named("alternatives", exercise)) >= 2
    assert len(named("wrong", exercise)) >= (10 if exercise.name in CELLS_AND_LAYERS else 3)
    names = [name for name, _ in named("wrong", exercise)]
    assert len(set(names)) == len(names)


def test_ids_names_and_titles_are_unique():
    for key in ("id", "name", "title"):
        values = [getattr(exercise, key) for exercise in EXERCISES]
        assert len(set(values)) == len(values)
    assert {exercise.name for exercise in EXERCISES} >= CELLS_AND_LAYERS


@each_exercise
def test_stub_and_solution_agree(exercise):
    stub, solution = (exercise.part(kind) for kind in ("stub", "solution"))
    assert str(inspect.signature(stub)) == str(inspect.signature(solution))
    assert stub.__doc__.startswith(f"練習 {exercise.id}: {exercise.title}。\n")


@each_chapter
@pytest.mark.parametrize("kind", ["stub", "solution", "alternatives", "wrong"])
def test_nothing_is_orphaned(kind, chapter):
    known = {exercise.name for exercise in EXERCISES if exercise.chapter == chapter}
    assert own(kind, chapter) == known


@pytest.mark.parametrize("kind", ["stub", "checks", "solution", "alternatives", "wrong"])
def test_no_chapter_is_orphaned(kind):
    files = {path.parent.name for path in Path(__file__).parent.glob(f"ch*/{kind}.py")}
    assert files == {exercise.chapter for exercise in EXERCISES}


def test_book_and_exercises_agree():
    """本の箱は、問と同じ順に同じ題で並び、そのすぐ後に答えの欄がある。"""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(BOOK.glob("*.md")))
    box = r"^`{3,}\{exercise\} (.+)\n:label: ex-(\d+)-(\d)$"
    boxes = [(f"{m[2]}.{m[3]}", m[1]) for m in re.finditer(box, text, re.MULTILINE)]
    assert boxes == [(exercise.id, exercise.title) for exercise in EXERCISES]
    answers = re.findall(r"^`{3,}\{answer\} (\S+)$", text, re.MULTILINE)
    assert answers == [exercise.id for exercise in EXERCISES]


@each_exercise
def test_section_to_read_exists(exercise):
    (chapter,) = BOOK.glob(f"{exercise.chapter[2:]}_*.md")
    headings = re.findall(r"^#+ (.+)$", chapter.read_text(encoding="utf-8"), re.MULTILINE)
    assert exercise.section in headings


# --- 選び方 -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "ids"),
    [
        ("2.1", ["2.1"]),
        ("step_backward", [e.id for e in EXERCISES if "step_backward" in e.name]),
        ("2.1 or 1.1", ["1.1", "2.1"]),
        ("1.1、2.1", ["1.1", "2.1"]),
        ("", [exercise.id for exercise in EXERCISES]),
        ("2", [exercise.id for exercise in EXERCISES if exercise.number == "2"]),
    ],
)
def test_select(keyword, ids):
    assert [exercise.id for exercise in select(keyword)] == ids


@pytest.mark.parametrize("keyword", ["14.1", "2.10", "2.", "9.9", "2.1 9.9"])
def test_select_rejects(keyword):
    with pytest.raises(ValueError, match="に当たる練習はありません"):
        select(keyword)
