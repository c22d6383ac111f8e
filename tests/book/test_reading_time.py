"""章を読む時間: 規則は手で数えた答えと合い、書いた時間は原稿と一緒に変わり、ない原稿は知らせる。"""

import functools
from pathlib import Path

import pytest

from page.reading_time import SECONDS, UNREAD, amounts, minutes
from tests.book.pages import PAGES
from tests.book.small_book import finish, start_build

HERE = Path(__file__).parent


def cell(*tags, lines=("a = 1", "", "    # 説明", "b = 2")):
    option = f":tags: [{', '.join(tags)}]\n" * bool(tags)
    return f"```{{code-cell}} python3\n{option}" + "\n".join(lines) + "\n```\n"


COUNTED_BY_HAND = {
    "文": ("# 題名\n\n忘却**ゲート**は `f_t` です。\n\n- 項\n", {"字": 2 + 9 + 1.5 + 1}),
    "役割と参照": ("{term}`種` と [図](a.md) を見る。", {"字": 1 + 1 + 1 + 4}),
    "前置きと目印": ("---\nfile_format: mystnb\n---\n\n(ch-a)=\n# 題\n\n% 覚え書き\n", {"字": 1}),
    "表": ("| 章 | 値 |\n| --- | --- |\n| $T$ | 100 |\n", {"字": 2 + 1.5, "文中の式": 1}),
    "文中の式": ("状態 $h$ と $c$", {"字": 3, "文中の式": 2}),
    "式 1 行": ("```{math}\n:label: eq-a\nc_t = f_t\n```\n\n$$\nh = o\n$$\n", {"式の行": 2}),
    "式 2 行": ("$$\n\\begin{aligned}\nc &= f \\\\\nh &= o\n\\end{aligned}\n$$\n", {"式の行": 2}),
    "見えるセル": (cell(), {"コードの行": 3}),
    "コードを隠すセル": (cell("hide-input") + "\n" + cell("remove-input"), {"図": 2}),
    "ページに出ないセル": ("文\n\n" + cell("remove-cell"), {"字": 1}),
    "命令": ("```bash\nmake html\n```\n", {"コードの行": 1}),
    "図": ("```{figure} a.svg\n:alt: 読まない\n\n図の説明\n```\n", {"図": 1, "字": 4}),
    "練習": ("```{exercise} 題\n:label: ex-1\n\n書く。\n```\n\n```{answer} 1.1\n```\n", {"字": 3}),
    "問": (
        "::::{question} 2.1\n:title: 読まない\n:kind: 予想\n:choice: a\nどちら $x$\n+++\n"
        "- 左 => 読まない\n- 右側\n+++\n読まない\n::::\n",
        {"字": 3 + 1 + 2, "文中の式": 1},
    ),
    "数の問": (
        ":::{question} 2.2\n:number: a\nいくつ\n+++\n3: 読まない\n> 4: 注\n+++\n読まない\n:::",
        {"字": 3},
    ),
    "畳み": (":::{dropdown} 証明\n長い文\n:::\n", {}),
    "囲みの中": (
        "::::{admonition} 題\n:class: tip\n$x$ の文\n\n" + cell() + "::::\n",
        {"字": 2, "文中の式": 1, "コードの行": 3},
    ),
    "条件に結びつけた文": (":::{guard} ok\n:here: 読まない\n成り立つ。\n:::\n", {"字": 5}),
    "リストの中": ("- 項\n\n  ```bash\n  ls\n  ```\n\n- 次\n", {"字": 2, "コードの行": 1}),
}


@pytest.mark.parametrize("name", COUNTED_BY_HAND)
def test_amounts_are_those_counted_by_hand(name):
    text, expected = COUNTED_BY_HAND[name]
    assert {kind: amount for kind, amount in amounts(text, HERE).items() if amount} == expected


def test_minutes_are_the_seconds_rounded_up_to_five_minutes():
    # 1,000 字 150 秒、文中の式 10 個 20 秒、式 20 行 200 秒、コード 30 行 90 秒、図 2 つ 40 秒の、
    # 合わせて 500 秒
    text = "字" * 1000 + "$x$" * 10 + "\n\n$$\n" + "y\n" * 20 + "$$\n\n"
    text += cell(lines=["a"] * 30) + "\n" + cell("hide-input") * 2
    assert minutes(text, HERE) == 10
    assert minutes(text + "\n" + "字" * 666, HERE) == 10  # 599.9 秒
    assert minutes(text + "\n" + "字" * 667, HERE) == 15  # 600.05 秒
    assert minutes("", HERE) == 0


def test_included_code_is_counted_as_it_is_shown(tmp_path):
    (tmp_path / "code.py").write_text(
        'import a\n\n\ndef f():\n    """説明"""\n    b = 1\n    return b\n', encoding="utf-8"
    )
    include = "```{literalinclude} code.py\n"
    for options, shown in {
        "": 5,
        ":pyobject: f\n": 4,
        ":pyobject: f\n:no-docstring:\n": 3,
        ':pyobject: f\n:start-at: "b = 1"\n:dedent: 4\n': 2,
        ":lines: 1\n": 1,
        ":pyobject: g\n": 0,  # 見せられないことは、literalinclude が知らせる
    }.items():
        assert amounts(f"{include}{options}```\n", tmp_path)["コードの行"] == shown


@pytest.mark.parametrize(
    "more", ["文。\n", "式 $x$ 。\n", "$$\ny\n$$\n", cell(), cell("hide-input"), "```\nls\n```\n"]
)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_anything_more_to_read_takes_more_time(page, more):
    assert seconds(page, f"\n\n{more}") > seconds(page)


@functools.cache
def seconds(page, more=""):
    """原稿の後に more を足したものを読む秒数。"""
    found = amounts(page.read_text(encoding="utf-8") + more, page.parent)
    return sum(SECONDS[kind] * amount for kind, amount in found.items())


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_takes_no_time(name):
    assert not any(amounts(f"```{{{name}}} a\n文と $x$\n```\n", HERE).values())


# --- 本の中で ---------------------------------------------------------------------

PREFACE = """# 本

長い章は{reading-time}`long`。
全部で{reading-time}`short, long`。

```{toctree}
short
long
```
"""


class Book:
    def __init__(self, folder):
        self.folder = folder
        (folder / "book").mkdir()

    def write(self, name, text):
        (self.folder / f"book/{name}").write_text(text, encoding="utf-8")

    def build(self, *options):
        return finish(start_build(self.folder, *options))

    def page(self, name):
        return (self.folder / f"build/html/{name}").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path):
    made = Book(tmp_path)
    made.write("index.md", PREFACE)
    made.write("short.md", "# 短い章\n\n読む時間：{reading-time}`short`。\n")
    included = "```{literalinclude} code.py\n```\n"
    made.write("long.md", f"# 長い章\n\n{'字' * 22_000}\n\n{included}")
    made.write("code.py", "a = 1\n")
    return made


def test_the_time_is_told_and_follows_the_chapters(book):
    done = book.build("-j", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "読む時間：5 分。" in book.page("short.html")
    # 22,000 字でちょうど 55 分。見出しとコードの 1 行で切り上がる
    assert "長い章は1 時間。" in book.page("index.html")
    assert "全部で1 時間 5 分。" in book.page("index.html")

    book.write("code.py", "a = 1\n" * 200)  # 10 分増える
    assert book.build("-j", "2").returncode == 0
    assert "長い章は1 時間 10 分。" in book.page("index.html")

    book.write("long.md", "# 長い章\n\n短くなった。\n")
    assert book.build("-j", "2").returncode == 0
    assert "全部で10 分。" in book.page("index.html")


def test_an_unknown_page_is_told_where_it_is_written(book):
    book.write("short.md", "# 短い章\n\n1 行\n\n読む時間：{reading-time}`short, nowhere`。\n")
    done = book.build()
    assert done.returncode != 0
    (told,) = [line for line in done.stderr.splitlines() if "nowhere" in line]
    assert "short.md:5" in told and "読む時間を求める原稿 nowhere がありません" in told


def test_the_time_of_one_section(book):
    code = "```bash\n## 見出しではない\n```\n"
    part = f"(part)=\n## 部\n\n{'字' * 3_000}\n\n{code}\n### 節\n\n文。\n"
    after = f"\n## 次の部\n\n{'字' * 9_000}\n"
    book.write("long.md", f"# 長い章\n\n{'字' * 9_000}\n\n{part}{after}")
    book.write("short.md", "# 短い章\n\n部だけなら {reading-time}`long#part`。\n")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "部だけなら 10 分。" in book.page("short.html")

    book.write("short.md", "# 短い章\n\n{reading-time}`long#nowhere`\n")
    done = book.build()
    assert done.returncode != 0 and "節のラベル nowhere" in done.stderr


def test_the_time_is_told_in_an_epub(book):
    done = book.build("-b", "epub")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部で1 時間 5 分。" in book.page("index.xhtml")
