"""ページのまわり: 記録やスクリプトを断るブラウザ、404.html、Markdown のコピー、目次、印刷。"""

import pytest

DENIED = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
  });
}"""
# 読めるが、書けない（空きがない）。前に覚えたものは残っている
FULL = """
  const before = { mode: "dark", theme: "dark", "lstm_text.progress.1": "{}" };
  for (const [key, value] of Object.entries(before)) localStorage.setItem(key, value);
  Storage.prototype.setItem = () => { throw new DOMException("exceeded", "QuotaExceededError"); };
"""
# ほんとうに満杯にする
FILLED = """
  for (let size = 1 << 23; size >= 1; size = size >> 1) {
    try { localStorage.setItem("filler" + size, "x".repeat(size)); } catch {}
  }
"""


@pytest.fixture(params=[DENIED, FULL, FILLED], ids=["denied", "full", "filled"])
def private(request, visit):
    """何も記録できないブラウザ。"""
    visit = visit()
    visit.page.context.add_init_script(request.param)
    return visit


def test_search_works_where_nothing_can_be_kept(private):
    page = private.open("search.html?q=忘却ゲート")
    page.wait_for_selector("ul.search mark")
    page.locator("ul.search li > a").first.click()
    page.wait_for_load_state("load")
    assert not private.problems


def test_theme_can_be_changed_where_nothing_can_be_kept(private):
    page = private.open("02_lstm.html")
    page.locator(".theme-switch-button:visible").click()
    page.locator(".theme-change-button[data-mode=dark]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert not private.problems


def test_answers_still_know_that_nothing_is_kept(private):
    page = private.open("02_lstm.html")
    kept = page.evaluate("""() => {
      try { localStorage.setItem("lstm_text.progress.1", "{}"); return true; }
      catch { return false; }
    }""")
    assert not kept


def test_what_was_kept_before_is_still_read_where_nothing_more_can_be(visit):
    visit = visit()
    visit.page.context.add_init_script(FULL)
    page = visit.open("02_lstm.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("localStorage.getItem('lstm_text.progress.1')") == "{}"
    page.evaluate("localStorage.removeItem('lstm_text.progress.1')")
    assert page.evaluate("localStorage.getItem('lstm_text.progress.1')") is None
    assert not visit.problems


def test_storage_is_left_alone_where_it_works(visit):
    page = visit().open("02_lstm.html")
    assert page.evaluate("localStorage instanceof Storage")
    assert page.evaluate("Object.keys(localStorage).every((key) => key !== 'probe')")


@pytest.mark.parametrize("place", ["none.html", "a/b/c/none.html"])
def test_missing_page_finds_the_way_home_at_any_depth(visit, site, address, place):
    page = visit().page
    page.route(f"**/{place}", lambda route: route.fulfill(status=404, path=site / "404.html"))
    page.goto(f"{address}/{place}")
    links = page.locator("a")
    page.wait_for_load_state("networkidle")
    assert [link.evaluate("a => a.href") for link in links.all()] == [
        f"{address}/index.html",
        f"{address}/search.html",
    ]


def test_missing_page_works_as_a_file(browser, site):
    page = browser.new_page()
    page.goto((site / "404.html").as_uri())
    page.locator("a").first.click()
    page.wait_for_load_state("load")
    assert page.url == (site / "index.html").as_uri()
    page.close()


@pytest.mark.parametrize("as_file", [False, True])
def test_markdown_button_copies_the_page(visit, site, address, as_file):
    page = visit().page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto((site / "04_gru.html").as_uri() if as_file else f"{address}/04_gru.html")
    button = page.locator(".btn-copy-markdown-button")
    button.click()
    page.wait_for_function("e => e.getAttribute('aria-label') === 'コピーしました'",
                           arg=button.element_handle())  # fmt: skip
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == (site / "04_gru.md").read_text(encoding="utf-8").strip()


def test_markdown_button_is_a_link_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "04_gru.html").as_uri())
    href = page.locator(".btn-copy-markdown-button").get_attribute("href")
    assert (site / href).is_file()
    context.close()


def test_page_reads_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto((site / "02_lstm.html").as_uri())
    color = "([name, kind]) => getComputedStyle(document.querySelector(name))[kind]"
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(color, ["#pst-header", "backgroundColor"]) == "rgb(255, 255, 255)"
    assert page.evaluate(color, ["body", "color"]) == "rgb(34, 40, 50)"
    assert "式の表示には、スクリプト" in page.locator("noscript .no-script").inner_text()
    page.goto((site / "search.html").as_uri())
    assert page.locator(".no-script").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_follows_the_machine_with_scripts(visit, scheme):
    page = visit(scheme=scheme).open("02_lstm.html")
    root = page.evaluate("({ ...document.documentElement.dataset })")
    assert (root["mode"], root["theme"]) == ("auto", scheme)
    assert not page.locator(".no-script").count()


def test_contents_follow_a_jump(visit):
    page = visit().open("02_lstm.html")
    links = "#pst-page-toc-nav a"
    for share in (0.3, 0.8, 0.1, 0.55):
        page.evaluate(
            """async (share) => {
              const top = share * document.documentElement.scrollHeight;
              scrollTo({ top, behavior: "instant" });
              await new Promise((done) => addEventListener("scroll", done, { once: true }));
            }""",
            share,
        )
        here = page.evaluate(
            """(links) => [...document.querySelectorAll(links)].findLast(({ hash }) =>
              document.querySelector(hash).getBoundingClientRect().top < 0.3 * innerHeight).hash""",
            links,
        )
        marked = page.locator(f"{links}.active")
        assert [each.get_attribute("href") for each in marked.all()] == [here]
        assert marked.get_attribute("aria-current") == "true"
    last = page.locator(links).last  # 画面の上まで来ない節も、選べば、その節
    last.click()
    page.wait_for_timeout(500)
    assert "active" in last.get_attribute("class")


def test_a_dark_page_is_printed_light(visit):
    page = visit(scheme="dark").open("02_lstm.html")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    during = page.evaluate(f"""() => {{
      window.dispatchEvent(new Event("beforeprint"));
      const theme = {theme};
      window.dispatchEvent(new Event("afterprint"));
      return theme;
    }}""")
    assert during == "light" and page.evaluate(theme) == "dark"
    # 印刷の知らせが来なくても、文字は黒く、地は白い
    page.emulate_media(media="print")
    bright = """(names) => names.map((name) => {
      const style = getComputedStyle(document.querySelector(name));
      const sum = (color) => color.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0);
      return [sum(style.color), style.backgroundColor, sum(style.backgroundColor)];
    })"""
    names = ["body", "article h2", "article p", "article .highlight pre", "article .diagram"]
    names += ["article .highlight pre span", "article table td", "article summary"]
    for name, (ink, ground, light) in zip(names, page.evaluate(bright, names), strict=True):
        assert ink < 300, name
        assert ground == "rgba(0, 0, 0, 0)" or light > 600, name


def test_only_formulas_wider_than_the_paper_are_shrunk(visit):
    page = visit().open("11_bptt.html")
    page.emulate_media(media="print")
    sizes = """() => [...document.querySelectorAll('article > section div.math mjx-container')]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    page.set_viewport_size({"width": 3000, "height": 1000})
    usual = page.evaluate(sizes)
    page.set_viewport_size({"width": 300, "height": 1000})
    narrow = page.evaluate(sizes)
    assert max(narrow) == pytest.approx(max(usual))
    assert min(narrow) < min(usual)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["01_rnn", "02_lstm", "05_bidirectional", "07_imdb"])
def test_paper_shows_the_picture_instead_of_the_play(visit, width, name):
    page = visit(width).open(f"{name}.html")
    page.locator("figure.play .play-box").last.wait_for()
    page.emulate_media(media="print")
    figures = page.locator("figure.play").all()
    assert figures
    for figure in figures:
        assert figure.locator(".diagram").is_visible()
        assert not figure.locator(".play-box").is_visible()  # 数字の表も、この中にある
