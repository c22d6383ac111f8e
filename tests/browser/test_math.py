"""数式: 読みだけが読み上げられ、はみ出す式はキーボードで動かせること。"""

import re

import pytest

HIDDEN_STOPS = """() => document.querySelectorAll(
  '[aria-hidden="true"] :is([tabindex], a, button, input)').length"""
OUTSIDE = """() => [...document.querySelectorAll("article [role=math]")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.tabIndex !== 0).length"""
NEEDLESS = """() => [...document.querySelectorAll("article [role=math][tabindex]")]
  .filter((box) => box.scrollWidth <= box.clientWidth + 1).length"""
# 段落からはみ出し、動かす箱（表と、選べる式）の中にない、文中の式の読み
CUT = """() => [...document.querySelectorAll("article span.math")].filter((formula) => {
  const block = formula.closest("p, li, td, th, dd, label, figcaption, h1, h2, h3, h4");
  const inside = formula.querySelector("mjx-math").getBoundingClientRect();
  return inside.right > block.getBoundingClientRect().right + 1
    && !formula.querySelector('[role="math"][tabindex]')
    && !formula.closest(".pst-scrollable-table-container");
}).map((formula) => formula.querySelector('[role="math"]').ariaLabel)"""
# 文中の式が、動かす箱になって縦に切れる高さ
TALLER = """() => Math.max(...[...document.querySelectorAll("span.math > [role=math][tabindex]")]
  .map((box) => box.scrollHeight - box.clientHeight))"""

WITH_FORMULA = """(links) => links.findIndex((link) =>
  window.bookTerms[decodeURIComponent(link.hash.slice(1))].includes('role="math"'))"""


def test_only_the_reading_is_read(visit):
    page = visit().open("02_lstm.html")
    inline = page.locator("article span.math").first
    assert re.fullmatch(r'- math "[^"\\]+"', inline.aria_snapshot().strip())
    block = page.locator("article div.math:has(.eqno)").first
    told = block.aria_snapshot()
    assert told.count("- math ") == 1 and "イコール" in told and "\\" not in told
    assert re.search(r"^- text: \(2\.\d+\)$", told, re.MULTILINE)  # 番号は、読みの外にある


@pytest.mark.parametrize("first", [390, 3000])
def test_wide_formulas_can_be_moved_by_keyboard(visit, first):
    page = visit(first).open("11_bptt.html")
    page.wait_for_load_state("networkidle")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(f"({OUTSIDE})() === 0")
    assert page.locator('article [role="math"][tabindex="0"]').count() > 0
    assert page.evaluate(HIDDEN_STOPS) == 0
    box = page.locator('article [role="math"][tabindex="0"]').first
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(box) => box.scrollLeft > 0", arg=box.element_handle())
    page.set_viewport_size({"width": 3000, "height": 844})  # 収まる式では、止まらない
    page.wait_for_function(f"({NEEDLESS})() === 0")


@pytest.mark.parametrize("width", [390, 1280])
def test_inline_formulas_are_not_cut_in_large_letters(visit, width):
    page = visit(width).open("11_bptt.html")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.querySelectorAll('article details').forEach((e) => (e.open = true))")
    page.wait_for_function(f"({OUTSIDE})() === 0")
    page.wait_for_function(f"({CUT})().length === 0")
    assert page.locator('span.math > [role="math"][tabindex]').count() > 0
    assert page.evaluate(TALLER) == 0


def test_formula_tells_where_it_goes_on(visit):
    page = visit(390).open("11_bptt.html")
    box = page.locator('article div.math > [role="math"].more-right').first
    box.wait_for()
    assert "gradient" in box.evaluate("e => getComputedStyle(e).maskImage")
    assert not box.evaluate("e => e.matches('.more-left')")
    handle = box.element_handle()
    handle.evaluate("e => (e.scrollLeft = e.scrollWidth)")
    page.wait_for_function("e => e.matches('.more-left:not(.more-right)')", arg=handle)
    page.emulate_media(media="print")
    assert handle.evaluate("e => getComputedStyle(e).maskImage") == "none"


def test_term_tip_reads_its_formulas(visit):
    page = visit().open("01_rnn.html")
    links = page.locator("a.reference:has(.std-term)")
    link = links.nth(links.evaluate_all(WITH_FORMULA))
    link.focus()
    tip = page.locator("#" + link.get_attribute("aria-describedby"))
    assert tip.locator("mjx-container").count() > 0
    assert "- math " in tip.aria_snapshot() and "\\" not in tip.aria_snapshot()
