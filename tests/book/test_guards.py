"""条件に結びつけた文: 成り立てば文だけが、成り立たなければ注も見え、一覧に出ること。"""

import re

import pytest

from editions.fences import fences
from tests.book.pages import NOTEBOOKS, PAGES
from tests.book.small_book import CHAPTER, finish, start_build

INDEX = "# 本\n\n```{toctree}\none\ntwo\n```\n"

# 実行の結果（measured）が limit を超えないことを条件にした文
BODY = """
:::{{guard}} {names}
:here: この実行では {{glue:text}}`measured` でした。
誤差は 10 を超えませんでした。式 $x$ も、

$$
y = 1
$$

も、条件に結びつけられます。
:::

続く文です。
"""

CELL = """import numpy as np
from myst_nb import glue
measured = {measured}
glue("small", measured <= 10, display=False)
glue("positive", measured > 0, display=False)
glue("measured", measured, display=False)"""


def chapter(measured, names="small"):
    cell = CHAPTER.format(title="章", cell=CELL.format(measured=measured))
    return cell + BODY.format(names=names)


class Told:
    """2 章の本。どちらの章も、測った値の条件に結びつけた文を持つ。"""

    def __init__(self, folder, one, two):
        self.folder = folder
        (folder / "book").mkdir()
        (folder / "book/index.md").write_text(INDEX, encoding="utf-8")
        self.write("one", one)
        self.write("two", two)

    def write(self, name, text):
        (self.folder / f"book/{name}.md").write_text(text, encoding="utf-8")

    def build(self, *options):
        return finish(start_build(self.folder, *options))

    def text(self, name):
        html = (self.folder / f"build/html/{name}.html").read_text("utf-8")
        return re.sub("<[^>]*>", "", html)


NOTE = "この実行では、違う結果になりました"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """章 one の条件は成り立ち、章 two の条件は成り立たない。"""
    return Told(tmp_path_factory.mktemp("told"), chapter(3.5), chapter(12.5))


def test_a_note_tells_what_this_run_found_and_the_build_goes_on(told):
    done = told.build("-j", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "注を付けた文（1 か所）" in done.stdout
    assert re.search(r"two\.md:\d+: 文の条件 small が成り立ちません", done.stdout)
    assert "one.md" not in done.stdout.partition("注を付けた文")[2]

    held, failed = told.text("one"), told.text("two")
    for page in (held, failed):
        assert "誤差は 10 を超えませんでした" in page and "続く文です" in page
    assert NOTE not in held and "1 か所のうち、1 か所が成り立った" in held
    assert NOTE in failed and "この実行では 12.5 でした" in failed
    assert "1 か所のうち、0 か所が成り立った" in failed


def test_in_the_reference_run_a_note_is_a_failure_even_when_nothing_is_rebuilt(told):
    told.build()
    for _ in range(2):
        done = told.build("-D", "guards_strict=1")
        assert done.returncode != 0
        assert re.search(r"WARNING: \S*two\.md:\d+: 文の条件 small", done.stderr)
    assert told.build().returncode == 0


def test_every_condition_must_hold_and_a_mended_page_is_forgotten(tmp_path):
    """条件は NumPy の真偽値でもよい。"""
    names = "small positive"
    book = Told(tmp_path, chapter("np.float64(-1)", names), chapter("np.float64(5)", names))
    done = book.build()
    assert re.search(r"one\.md:\d+: 文の条件 positive が", done.stdout)
    assert "two.md" not in done.stdout.partition("注を付けた文")[2]

    book.write("one", chapter(4, names))
    done = book.build("-D", "guards_strict=1")
    assert done.returncode == 0, done.stderr
    assert "注を付けた文" not in done.stdout
    assert NOTE not in book.text("one")


def test_a_sentence_can_be_bound_to_a_record(tmp_path):
    (tmp_path / "record.json").write_text('{"errors": [0.001, 0.2]}', encoding="utf-8")
    cell = f"""import json
from pathlib import Path
from myst_nb import glue
errors = json.loads(Path({str(tmp_path / "record.json")!r}).read_text())["errors"]
glue("small", max(errors) < 0.01, display=False)
glue("measured", max(errors), display=False)"""
    page = CHAPTER.format(title="章", cell=cell) + BODY.format(names="small")
    book = Told(tmp_path, page, chapter(1))
    done = book.build()
    assert re.search(r"one\.md:\d+: 文の条件 small が", done.stdout)
    assert "この実行では 0.2 でした" in book.text("one")


@pytest.mark.parametrize(
    ("names", "measured", "told"),
    [
        ("tiny", 3, "条件 tiny がありません"),
        ("measured", 3.5, "条件 measured は True か False である必要がありますが、3.5 でした"),
    ],
)
def test_a_condition_that_is_not_one_is_named(tmp_path, names, measured, told):
    done = Told(tmp_path, chapter(measured, names), chapter(1)).build()
    assert done.returncode != 0
    assert told in done.stderr and "one.md" in done.stderr


# --- この本の文 ---------------------------------------------------------------------


def guards(text):
    """text の guard を、囲みの中のものも含めて返す。"""
    for fence in fences(text):
        if fence.name == "guard":
            yield fence
        elif fence.name and fence.name != "code-cell":
            yield from guards(fence.body)


GUARDED = [
    (page.stem, fence) for page in PAGES for fence in guards(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("name", sorted({name for name, _ in GUARDED}))
def test_every_guard_has_its_condition_and_tells_what_was_found(name):
    code = "\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "code")
    for page, fence in GUARDED:
        if page == name:
            # glue(f"claims_as_{number}", …) は、その形の名前を付ける
            glued = re.findall(r'glue\(\s*f?"([^"]+)",', code)
            shapes = [re.sub(r"\\{.+?\\}", r"\\w+", re.escape(each)) for each in glued]
            given = re.compile("|".join(shapes))
            missing = {each for each in fence.argument.split() if not given.fullmatch(each)}
            assert not missing, f"{name}: 条件 {missing} を glue するセルがありません"
            assert re.match(r":here: \S", fence.body), f"{name}: {fence.argument} に :here: がない"
