"""本のすべてのページ: id が重ならず、# の行き先があり、数式に読みがある（ブラウザは要らない）。"""

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tests.book.markup import mistakes


def test_pages_have_no_mistakes(site):
    pages = {path.name: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    assert not {name: found for name, page in pages.items() if (found := mistakes(page))}


def test_every_formula_has_a_reading(site):
    for path in site.glob("*.html"):
        formulas = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(".math")
        spoken = [formula.select_one('[role="math"]') for formula in formulas]
        assert all(formula and "\\" not in formula["aria-label"] for formula in spoken), path.name


def test_markdown_copies_are_bold_where_the_pages_are(site):
    parser = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    for path in site.glob("*.md"):
        text = path.read_text(encoding="utf-8").replace(r"\*", "")  # 印ではない *
        tokens = [token for block in parser.parse(text) for token in block.children or ()]
        left = [t.content for t in tokens if t.type == "text" and "**" in t.content]
        assert not left, f"{path.name}: {left[:3]}"
