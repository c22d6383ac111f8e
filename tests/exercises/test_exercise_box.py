"""本の練習の箱: 難しさ、ヒント、解答が、問と解答のファイルから作られる。"""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.exercises import every_exercise, find
from tests.exercises.engine.exercise import Kind

ROOT = Path(__file__).parents[2]

PAGE = """# 試し

```{exercise} ユニットの符号を裏返す
:label: ex-2-1

`flip_unit` を書きましょう。
```

```{answer} 2.1
```
"""


def build(folder, *options, text=PAGE):
    """箱が一つの本を作り、そのページの、タグを除いた文を返す。"""
    (folder / "tests").symlink_to(ROOT / "tests")
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", *options]
    done = subprocess.run(
        [*command, "-d", folder / "doctrees", folder / "book", folder / "html"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "html" / "index.html").read_text(encoding="utf-8")


def folded(page):
    """折りたたみの題と中身の文。"""
    parts = re.findall(r"<details.*?<summary.*?>(.*?)</summary>(.*?)</details>", page, re.DOTALL)
    strip = lambda part: html.unescape(re.sub(r"<[^>]+>", "", part)).strip()  # noqa: E731
    return {strip(title): strip(body) for title, body in parts}


def test_box_shows_hints_and_the_solution(tmp_path):
    page = build(tmp_path)
    exercise = find("2.1")
    boxes = folded(page)
    hints = [f"ヒント {i}" for i in range(1, len(exercise.hints) + 1)]
    assert list(boxes) == [*hints, "練習 1 の解答"]
    assert tuple(boxes[title] for title in hints) == exercise.hints
    assert re.search(r"<code[^>]*>.{0,90}w_hh<", page)
    solutions = (ROOT / "tests/exercises/ch02/solution.py").read_text(encoding="utf-8")
    assert boxes["練習 1 の解答"].startswith("def flip_unit(")
    assert boxes["練習 1 の解答"] in solutions
    assert "★★☆" in page
    assert "15 分" in page


def test_a_wrong_code_to_mend_is_shown_before_the_hints(tmp_path):
    mends = [e for e in every_exercise() if e.kind is Kind.MEND]
    assert mends
    exercise = mends[0]
    label = exercise.id.replace(".", "-")
    page = build(tmp_path, text=PAGE.replace("2.1", exercise.id).replace("2-1", label))
    shown = html.unescape(re.sub(r"<[^>]+>", "", page.partition("ヒント 1")[0]))
    assert "間違い探し　難しさ" in shown
    assert "直すコード" in shown and f"def {exercise.name}(" in shown


def test_edition_without_solutions(tmp_path):
    page = build(tmp_path, "-t", "nosolutions")
    assert "ヒント 3" in folded(page)
    assert "解答" not in page
    assert "clone()" not in page
