"""全ページ: エラーも本の外への要求もなく開き、軽く、読みやすく、axe の重い違反がない。"""

import codecs
import gzip
import locale
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

# 名前のない絵
NAMELESS = """() => [...document.querySelectorAll("svg[role=img]")]
  .filter((e) => !e.ariaLabel?.trim() && !e.querySelector(":scope > title")?.textContent.trim())
  .map((e) => e.outerHTML.slice(0, 120))"""

# 紙の端、または隠す箱の端で切れるもの。読み上げ用の式と、伸びる矢印の部品は、見えないので除く
CUT = """() => {
  const unseen = "mjx-assistive-mml, mjx-assistive-mml *, mjx-ext, mjx-ext *, svg *";
  const right = (e) => e.getBoundingClientRect().right;
  const seen = (root) => [...root.querySelectorAll("*")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && !e.matches(unseen);
  });
  const tell = (e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 60)}`;
  const edge = document.documentElement.clientWidth;
  const clipping = seen(document.querySelector("main")).filter((box) =>
    getComputedStyle(box).overflowX !== "visible" && box.scrollWidth > box.clientWidth + 1
    && seen(box).some((e) => right(e) > right(box) + 1));
  return [...seen(document.body).filter((e) => right(e) > edge + 1), ...clipping].map(tell);
}"""
PAPER = {"width": 680, "height": 1000}  # A4 から、左右 15 mm の余白を除いた幅

# axe の時間は要素の数で決まる。組まれた数式、図の線、色分けされたコードの 1 語ずつ、API と索引の
# 2 つめから先の項目は同じものの繰り返しなので、先に畳む。
# コードと図の色は、下の試験で 1 ページだけ見る。
FOLD = """() => {
  document.querySelectorAll("mjx-container").forEach((e) => e.replaceWith("x"));
  document.querySelectorAll("section > dl.py ~ dl.py, .genindextable li ~ li")
    .forEach((e) => e.remove());
  document.querySelectorAll("pre").forEach((e) => (e.textContent = e.textContent));
  for (const e of document.querySelectorAll("main svg"))
    e.replaceChildren(...e.querySelectorAll(":scope > title, :scope > desc"));
}"""
# テーマは、大きさが変わってから 0.3 秒後に、はみ出すコードをキーボードで動かせるようにする。
# その後で組版が変わることもあるので、残っていれば、もう一度知らせる。
TAB_STOPS = """() => {
  const left = [...document.querySelectorAll("pre, .cell_output > .output")].some((e) =>
    (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight) && e.tabIndex !== 0);
  if (left) dispatchEvent(new Event("resize"));
  return !left;
}"""
THEME = "theme => (document.documentElement.dataset.theme = theme)"
SEVERE = ("serious", "critical")
VIOLATIONS = {"resultTypes": ["violations"]}
CONTRAST = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.fixture(scope="module")
def axe():
    if codecs.lookup(locale.getencoding()).name != "utf-8":
        pytest.skip("axe-playwright-python は、UTF-8 の計算機でしか読み込めません")
    module = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="pip install axe-playwright-python が要ります",
    )
    return module.Axe()


def show_without_transition(page):
    """明暗の切り替えの途中の色を測らないようにする。"""
    page.add_style_tag(content="* { transition: none !important; }")


@pytest.fixture(scope="module", params=PAGES)
def opened(request, new_visit):
    """開き終えたページ。組版に時間がかかるので、試験の数だけ開き直すことはしない。"""
    visit = new_visit()
    visit.open(f"{request.param}.html").wait_for_load_state("networkidle")
    yield visit
    visit.close()


def test_page_opens_quietly(opened):
    assert not opened.problems
    assert opened.page.evaluate(TYPESET) == {"raw": 0, "errors": 0}
    assert opened.page.evaluate(BARE_TABLES) == []
    assert opened.page.evaluate("document.documentElement.lang") == "ja"
    assert opened.page.locator("main h1:visible").count() == 1


def test_page_is_light(opened):
    # body() を待つあいだにも応答が届くので、写しを回る
    bodies = [response.body() for response in list(opened.sizes.values())]
    weight = sum(len(gzip.compress(body, 6)) for body in bodies)
    plain = sum(map(len, bodies))
    print(f"送られる量 {weight / MEGABYTE:.2f} MB、圧縮なし {plain / MEGABYTE:.2f} MB")
    assert weight <= 1.5 * MEGABYTE


def test_page_fits_the_screen(opened):
    for width in (390, 700, 1100):
        opened.page.set_viewport_size({"width": width, "height": 844})
        assert opened.page.evaluate(WIDE) == [], width
    opened.page.set_viewport_size({"width": 1280, "height": 844})


def test_every_picture_has_a_name(opened):
    assert opened.page.evaluate(NAMELESS) == []


def test_printed_page_cuts_nothing(opened):
    page = opened.page
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    cut = page.evaluate(CUT)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 844})
    assert not cut, f"{len(cut)} か所: {cut[:5]}"


def test_page_is_accessible(opened, axe):
    page = opened.page
    show_without_transition(page)
    page.evaluate(FOLD)  # ページが変わるので、この試験は最後に置く
    page.wait_for_function(TAB_STOPS, polling=500)  # 前の試験で、画面の幅が変わっている
    found = []
    for theme, options in (("light", VIOLATIONS), ("dark", CONTRAST)):  # 暗い表示で変わるのは色だけ
        page.evaluate(THEME, theme)
        response = axe.run(page, options=options).response
        severe = [rule for rule in response["violations"] if rule["impact"] in SEVERE]
        print(
            f"{theme}: 合格 {len(response['passes'])}、違反 {len(response['violations'])}"
            f"（うち重い {len(severe)}） {[rule['id'] for rule in response['violations']]}"
        )
        found += [
            f"{theme} {rule['id']} {len(rule['nodes'])} か所: {node['html'][:160]}\n"
            f"    {node['failureSummary'][:300]}"
            for rule in severe
            for node in rule["nodes"][:3]
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_and_figures_have_contrast(visit, axe, theme):
    page = visit().open("13_exercises.html")
    show_without_transition(page)
    page.evaluate(THEME, theme)
    response = axe.run(page, options=CONTRAST).response
    assert not [node["html"] for rule in response["violations"] for node in rule["nodes"]]


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
    page.wait_for_url("**#main-content")


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


def test_copy_button_has_a_name_and_keeps_the_focus(visit):
    page = visit().open("02_lstm.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("button.copybtn:visible").first
    assert button.get_attribute("aria-label") == "コードをコピー"
    assert button.locator("svg:not([aria-hidden=true]), title").count() == 0
    page.keyboard.press("Tab")
    button.focus()
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_function("e => e.matches('.success:focus')", arg=button.element_handle())


@pytest.mark.parametrize("name", ["primary", "secondary"])
def test_escape_goes_back_to_the_button_that_opened_the_contents(visit, name):
    page = visit(390).open("02_lstm.html")
    page.keyboard.press("Tab")
    button = page.locator(f"button.{name}-toggle").first
    button.focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("e => e.matches(':focus-visible')", arg=button.element_handle())


def test_header_buttons_have_names_and_rings(visit):
    page = visit().open("02_lstm.html")
    page.keyboard.press("Tab")
    buttons = page.locator(".bd-header-article .btn:visible").all()
    assert len(buttons) > 4
    for button in buttons:
        assert button.get_attribute("aria-label")
        button.focus()
        assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_way_back_to_the_top_stays_in_the_corner_of_a_phone(visit):
    page = visit(390).open("02_lstm.html")
    page.evaluate("scrollTo(0, 5000)")
    page.mouse.wheel(0, -300)
    button = page.locator("#pst-back-to-top")
    button.wait_for()
    box = button.bounding_box()
    assert box["width"] <= 48 and box["x"] + box["width"] > 370
    assert button.inner_text().strip() == "ページの先頭へ"


def test_long_names_are_not_cut_in_large_letters(visit):
    page = visit().open("05_bidirectional.html")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    cut = """() => [...document.querySelectorAll("article :is(.admonition, .exercise) p code")]
      .filter((e) => e.getBoundingClientRect().right
        > e.closest("p").getBoundingClientRect().right + 1).map((e) => e.textContent)"""
    assert page.evaluate(cut) == []


@pytest.mark.parametrize("name", ["01_rnn", "02_lstm", "05_bidirectional", "api"])
def test_a_phone_holds_large_letters(visit, name):
    page = visit(390).open(f"{name}.html")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    # 動かせる図は、字の大きさに合わせて描き直すのに、少しかかる
    page.wait_for_function("document.documentElement.scrollWidth <= 390", timeout=20_000)


def test_printed_page_hides_the_furniture_and_opens_what_is_folded(visit):
    page = visit().open("02_lstm.html")
    inside = page.locator("details:is(.solution, .sd-dropdown, .hide) > :not(summary)")
    assert not inside.first.is_visible()
    page.emulate_media(media="print")
    assert [part.is_visible() for part in inside.all()] == [True] * inside.count()
    for furniture in (".bd-sidebar-primary", ".copybtn", ".bd-header-article"):
        assert not page.locator(furniture).first.is_visible(), furniture
    assert page.pdf()[:5] == b"%PDF-"


def test_what_is_too_wide_for_paper_is_noticed(visit):
    page = visit().open("02_lstm.html")
    page.locator("article").evaluate("""e => e.insertAdjacentHTML("beforeend",
      `<div style="overflow: hidden"><p style="width: 900px">広い</p></div>`)""")
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    assert len([cut for cut in page.evaluate(CUT) if "広い" in cut]) > 1


def test_term_shows_its_meaning(visit):
    page = visit().open("02_lstm.html")
    link = page.locator("a.reference:has(.std-term)").first
    link.focus()
    tip = page.locator("#" + link.get_attribute("aria-describedby"))
    assert tip.is_visible() and len(tip.inner_text()) > 10
    page.keyboard.press("Escape")
    assert not tip.is_visible()
