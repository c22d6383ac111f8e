"""検索: 用語集の見出し語と索引の項目のすべてで、その語の載ったページが見つかり、文が見える。"""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from japanese.search import READINGS, SYMBOLS, fold

BOOK = Path(__file__).parents[2] / "book"

RESULTS = """async () => {
  const ready = () => document.querySelector("#search-results p.search-summary")
    && !/検索中|Searching/.test(document.querySelector("#search-results h2")?.textContent ?? "");
  for (let i = 0; i < 100 && !ready(); i++) await new Promise((r) => setTimeout(r, 50));
  return [...document.querySelectorAll("ul.search li > a")].map((a) => a.getAttribute("href"));
}"""

# 画面の検索と同じ関数で、語ごとに上位 5 件を引く（結果の一覧を描くところだけを省く）。
FIRST_PAGES = """(words) => words.map((word) =>
  Search._performSearch(...Search._parseQuery(foldText(word)))
    .reverse().slice(0, 5).map((found) => found[0])
)"""


class Terms(HTMLParser):
    """<dt> や索引の項目の文字を集める。"""

    def __init__(self, wanted):
        super().__init__()
        self.wanted, self.found, self.inside = wanted, [], False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if self.wanted(tag, attributes):
            self.inside = True
            self.found.append("")
        elif "headerlink" in (attributes.get("class") or ""):
            self.inside = False

    def handle_endtag(self, tag):
        if tag in ("dt", "a"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.found[-1] += data


def texts(path, wanted):
    parser = Terms(wanted)
    parser.feed(path.read_text(encoding="utf-8"))
    return [text.strip() for text in parser.found if text.strip()]


def glossary(site):
    return texts(
        site / "glossary.html",
        lambda tag, a: tag == "dt" and (a.get("id") or "").startswith("term"),
    )


def index_entries(site):
    """索引の項目。括弧の中の断り（どのクラスのものか）は除く。"""
    entries = texts(
        site / "genindex.html", lambda tag, a: tag == "a" and "html#" in a.get("href", "")
    )
    names = (re.sub(r"\s*[（(].*", "", entry) for entry in entries)
    return sorted({name for name in names if re.match(r"\w", name)})


def test_every_term_and_index_entry_is_found(visit, site):
    visit = visit()
    page = visit.open("search.html")
    words = [*glossary(site), *index_entries(site)]
    assert len(words) > 150
    pages = {
        path.stem: re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8")).lower()
        for path in site.glob("*.html")
    }
    found = page.evaluate(FIRST_PAGES, words)
    missed = [
        word
        for word, names in zip(words, found, strict=True)
        if not any(word.lower() in pages[name] for name in names)
    ]
    print(f"検索の再現率: {1 - len(missed) / len(words):.4f}（{len(words)} 語）")
    assert not missed, "、".join(missed)
    assert not visit.problems


@pytest.mark.parametrize("word", ["忘却ゲート", "定誤差カルーセル", "勾配クリッピング", "pack"])
def test_a_typed_word_is_found(visit, word):
    visit = visit()
    page = visit.open("search.html")
    box = page.locator("#search-form input[name=q], main input[name=q]").first
    box.fill(word)
    box.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    assert page.evaluate(RESULTS)
    assert not visit.problems


def test_search_box_in_the_header_leads_to_highlighted_words(visit):
    visit = visit()
    page = visit.open("index.html")
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input[name=q]").fill("忘却ゲート")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.evaluate(RESULTS)
    assert page.locator("ul.search li").count() >= 3
    page.locator("ul.search li > a").first.click()
    page.wait_for_load_state("load")
    assert page.locator("span.highlighted").count() > 0
    assert not visit.problems


def search(visit, word):
    """word を検索したページと、結果のリンク先。"""
    page = visit.open(f"search.html?q={word}")
    return page, page.evaluate(RESULTS)


SAME = [
    ("ＬＳＴＭ", "LSTM"),
    ("gru", "ＧＲＵ"),
    ("ﾊﾟﾃﾞｨﾝｸﾞ", "パディング"),
    ("ぱでぃんぐ", "パディング"),
]


@pytest.mark.parametrize("typed, usual", SAME)
def test_the_way_of_writing_does_not_matter(visit, typed, usual):
    visit = visit()
    found = [search(visit, word)[1] for word in (typed, usual)]
    assert found[0] and found[0] == found[1]
    assert not visit.problems


def test_kana_finds_what_is_written_in_kanji(visit):
    visit = visit()
    _, written = search(visit, "猫")
    page, found = search(visit, "ネコ")
    assert found and set(found) >= set(written)
    assert "猫" in page.locator("ul.search mark").all_inner_texts()
    pages = page.locator("ul.search > li").count()
    told = page.locator("p.search-summary").inner_text()
    assert told.startswith(f"「ネコ」か「猫」は {pages} ページにあります")
    _, both = search(visit, "ぼうきゃく げーと")  # 2 つの語でも、片方だけでも
    assert both == search(visit, "忘却 ゲート")[1]
    assert search(visit, "constructor")[0].locator("p.search-summary").inner_text()
    assert not visit.problems


def test_every_reading_finds_its_word(visit, site):
    page = visit().open("search.html")
    spelled = page.evaluate("readings => readings.map(otherSpellings)", list(READINGS))
    assert dict(zip(READINGS, spelled, strict=True)) == READINGS
    words = [word for written in READINGS.values() for word in written]
    for word, names in zip(words, page.evaluate(FIRST_PAGES, words), strict=True):
        pages = [(site / f"{name}.html").read_text(encoding="utf-8") for name in names]
        assert any(word in re.sub(r"<[^>]*>", "", text) for text in pages), word


def test_both_sides_fold_words_alike(visit):
    page = visit().open("search.html")
    words = ["ＬＳＴＭ", "ｹﾞｰﾄ", "ヴェクトル", "パディング", "①", "Σ", "a_b", "々ヶ", "㎏"]
    words += [*SYMBOLS, "σ(a)", "∂L/∂h", "5 µs", "≈", "λx"]
    assert page.evaluate("words => words.map(foldText)", words) == [fold(word) for word in words]


def test_each_result_shows_the_sentence_with_the_word_marked(visit, site):
    visit = visit()
    page, _ = search(visit, "ぱでぃんぐ")
    shown = page.locator("ul.search p.context")
    marks = shown.locator("mark").all_inner_texts()
    assert marks and {fold(mark) for mark in marks} == {"ぱでぃんぐ"}
    for place in page.locator("ul.search ul > li").all()[:5]:
        href = place.locator("a").first.get_attribute("href")
        name, _, anchor = href.partition("#")
        source = (site / name).read_text(encoding="utf-8")
        assert f'id="{anchor}"' in source
        words = place.locator("p.context").inner_text().strip("…")
        assert len(words) < 200 and "\n" not in words
    assert not visit.problems


# 打った語と、見つかった文で印を付ける語の 1 つ。打ったとおりの形では、本文にない
TYPED = {
    '"勾配消失"': "勾配消失",
    "「忘却ゲート」": "忘却ゲート",
    "tanh(a)": "tanh",
    "$h_t$": "h_t",
    "忘却ゲートの偏り": "偏り",
    "LSTMとGRUの違い": "gru",
    "ＬＳＴＭ（ｹﾞｰﾄ）": "ゲート",
}


@pytest.mark.parametrize("typed", TYPED)
def test_each_page_shows_a_sentence_however_the_word_is_typed(visit, typed):
    visit = visit()
    page, found = search(visit, quote(typed))
    assert found
    pages = page.locator("ul.search > li")
    assert pages.filter(has=page.locator("p.context")).count() == pages.count()
    marks = {fold(mark) for mark in page.locator("ul.search mark").all_inner_texts()}
    assert fold(TYPED[typed]) in {each.strip() for each in marks}
    assert not visit.problems


def test_one_letter_is_not_a_part_of_another_word(visit):
    page, found = search(visit(), "h")
    assert found
    around = page.evaluate("""() => [...document.querySelectorAll("ul.search mark")].map((mark) =>
      (mark.previousSibling?.textContent ?? "").slice(-1) + mark.textContent
      + (mark.nextSibling?.textContent ?? "").slice(0, 1))""")
    assert around and not [text for text in around if re.search("[a-z0-9]{2}", text.lower())]


def test_a_page_without_the_word_shows_how_it_begins(visit, site):
    visit = visit()
    page = visit.open("search.html")
    page.evaluate("Search._performSearch = () => [['02_lstm', '', '', null, 1, '', 'text']]")
    page.evaluate("""() => {
      for (const n of ["title", "status", "output"]) Search[n] = document.createElement("div");
      return Search.query("鯨の骨格標本");
    }""")
    shown = page.evaluate("Search.output.querySelector('li > p.context').textContent")
    assert shown.strip("…") in re.sub(r"<[^>]*>", "", (site / "02_lstm.html").read_text("utf-8"))
    assert len(shown) > 20 and not visit.problems


def written_symbols():
    """この本の数式に出る、文字のような記号。"""
    text = "".join(path.read_text(encoding="utf-8") for path in BOOK.glob("*.md"))
    used = set(re.findall(r"\\(?:var)?([a-z]+)", text))
    return [symbol for symbol, name in SYMBOLS.items() if name in used]


def test_a_symbol_finds_the_formulas_with_it(visit):
    visit = visit()
    symbols = written_symbols()
    assert {"σ", "∂", "δ", "⊙"} <= set(symbols)
    page = visit.open("search.html")
    found = dict(zip(symbols, page.evaluate(FIRST_PAGES, symbols), strict=True))
    assert all(found.values()), found
    for symbol in ("σ", "∂"):
        page, _ = search(visit, quote(symbol))
        marks = page.locator("ul.search mark").all_inner_texts()
        assert marks and {fold(mark) for mark in marks} <= {fold(symbol), SYMBOLS[symbol]}
    assert not visit.problems


def test_api_names_wait_behind_one_line(visit):
    visit = visit()
    page, _ = search(visit, "LSTM")
    pages = page.locator("ul.search > li > a").all()
    hrefs = [link.get_attribute("href") for link in pages]
    assert len(hrefs) == len(set(hrefs)) > 5
    assert not [href for href in hrefs[:-1] if href.startswith("api")]
    api = page.locator("details.search-api")
    names = api.locator("li")
    assert names.count() > 20 and not names.first.is_visible()
    for name in names.all_text_contents():  # どの名前も lstm_text で始まる
        assert "lstm" in name.split()[0].lower().removeprefix("lstm_text.")
    assert f"（{names.count()} 件）" in api.locator("summary").inner_text()
    told = page.locator("p.search-summary").inner_text()
    assert f"{len(hrefs)} ページ" in told and f"{names.count()} 件" in told
    api.locator("summary").click()
    assert names.first.is_visible()


def test_nothing_found_is_told(visit):
    page, found = search(visit(), "鯨の骨格標本")
    assert found == []
    assert "見つかりませんでした" in page.locator("p.search-summary").inner_text()


def test_results_fit_a_phone(visit):
    page, _ = search(visit(390, "dark"), "LSTM")
    page.locator("details.search-api summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_search_works_on_an_opened_file(browser, site):
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(f"{(site / 'search.html').as_uri()}?q=LSTM")
    assert page.evaluate(RESULTS)
    assert page.locator("ul.search p.context mark").count() > 5
    page.locator("ul.search li > a").first.click()
    page.wait_for_selector("span.highlighted", state="attached")
    page.close()
    assert not problems
