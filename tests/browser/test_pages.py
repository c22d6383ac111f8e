"""全ページ: エラーも本の外への要求もなく開き、読みやすく、軽い。"""

import gzip
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
PAGES = [*sorted(path.stem for path in BOOK.glob("*.md")), "genindex", "search"]
MEGABYTE = 1e6

TYPESET = """() => ({
  raw: [...document.querySelectorAll(".math")]
    .filter(e => !e.querySelector("mjx-container")).length,
  errors: document.querySelectorAll("mjx-merror, [data-mjx-error]").length,
})"""
# 表に組まれず、縦棒のまま出た Markdown の表
BARE_TABLES = """() => [...document.querySelectorAll("main p")]
  .map(e => e.textContent.trim()).filter(text => /^\\|.*\\|/.test(text))"""
WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll("article *")]
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 5).map(e => e.outerHTML.slice(0, 120))
  : []"""


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_quietly_and_fits_a_phone(visit, name):
    visit = visit()
    page = visit.open(f"{name}.html")
    page.wait_for_load_state("networkidle")
    assert not visit.problems
    assert page.evaluate(TYPESET) == {"raw": 0, "errors": 0}
    assert page.evaluate(BARE_TABLES) == []
    assert page.evaluate("document.documentElement.lang") == "ja"
    assert page.locator("main h1:visible").count() == 1
    bodies = [response.body() for response in visit.sizes.values()]
    weight = sum(len(gzip.compress(body, 6)) for body in bodies)
    plain = sum(map(len, bodies))
    print(f"{name}: 送られる量 {weight / MEGABYTE:.2f} MB、圧縮なし {plain / MEGABYTE:.2f} MB")
    assert weight <= 1.5 * MEGABYTE
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(WIDE) == []


def test_dark_mode_is_dark(visit):
    page = visit(scheme="dark").open("02_lstm.html")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 64
    page = visit(scheme="light").open("02_lstm.html")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(map(int, re.findall(r"\d+", colour)[:3])) > 200


def test_solutions_unfold_by_keyboard(visit):
    page = visit().open("02_lstm.html")
    solution = page.locator("details.solution").first
    assert not solution.evaluate("e => e.open")
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    assert solution.evaluate("e => e.open")


def test_first_tab_stop_skips_to_the_text(visit):
    page = visit().open("02_lstm.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "本文へ"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")


def test_copy_button_copies_the_code_only(visit):
    page = visit().open("02_lstm.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = page.locator("div.cell_input div.highlight").nth(1)
    code = block.locator("pre").inner_text()
    block.hover()
    block.locator("button.copybtn").click()
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.clipboard.readText()").strip() == code.strip()
    assert page.locator("div.cell_output button.copybtn").count() == 0


def test_printed_page_hides_the_furniture_and_keeps_solutions_folded(visit):
    page = visit().open("02_lstm.html")
    page.emulate_media(media="print")
    assert page.locator("details.solution[open]").count() == 0
    for furniture in (".bd-sidebar-primary", ".copybtn", ".bd-header-article"):
        assert not page.locator(furniture).first.is_visible(), furniture
    assert page.pdf()[:5] == b"%PDF-"


def test_term_shows_its_meaning(visit):
    page = visit().open("02_lstm.html")
    link = page.locator("a.reference:has(.std-term)").first
    link.focus()
    tip = page.locator("#" + link.get_attribute("aria-describedby"))
    assert tip.is_visible() and len(tip.inner_text()) > 10
    page.keyboard.press("Escape")
    assert not tip.is_visible()
