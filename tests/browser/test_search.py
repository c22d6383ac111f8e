"""検索: 用語集の見出し語と索引の項目のすべてで、その語の載ったページが見つかり、文が見える。"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from japanese.search import READINGS, SYMBOLS, SYNONYMS

BOOK = Path(__file__).parents[2] / "book"

RESULTS = """async () => {
  const ready = () => document.querySelector("#search-results p.search-summary")
    && !/検索中|Searching/.test(document.querySelector("#search-results h2")?.textContent ?? "");
  for (let i = 0; i < 100 && !ready(); i++) await new Promise((r) => setTimeout(r, 50));
  return [...document.querySelectorAll("ul.search li > a")].map((a) => a.getAttribute("href"));
}"""

# 画面の検索と同じ関数で、語ごとに、上位の 5 ページと、初めの API の名前を引く（一覧は描かない）。
FIRST_PAGES = """async (words) => {
  const found = [];
  for (const word of words) {
    const { pages, objects } = await bookSearch(word);
    found.push([...pages.slice(0, 5), ...objects.slice(0, 1)]);
  }
  return found.map((pages) => pages.map(({page}) => page));
}"""


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
    page = visit.open(f"search.html?q={quote(word)}")
    return page, page.evaluate(RESULTS)


def told(page):
    return page.locator("p.search-summary").inner_text()


def folded(page, words):
    """書き方の違いをなくした形。"""
    return page.evaluate("words => words.map(foldText)", list(words))


def marks(page):
    return page.locator("ul.search mark").all_inner_texts()


SAME = [
    ("ＬＳＴＭ", "LSTM"),
    ("gru", "ＧＲＵ"),
    ("ﾊﾟﾃﾞｨﾝｸﾞ", "パディング"),
    ("ぱでぃんぐ", "パディング"),
    ("パラメーター", "パラメータ"),
    ("ぱらめーたー", "パラメータ"),
    ("逆伝搬", "逆伝播"),
    ("chrono初期化", "chrono 初期化"),
    ("第3章", "第 3 章"),
    ("第三章", "第 3 章"),
    ("式2.1", "式 (2.1)"),
    ("gates", "gate"),
    ("ＲＮＮｓ", "RNN"),
    ("pack padded sequences", "pack_padded_sequence"),
    ("back propagation", "backpropagation"),
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
    assert "猫" in marks(page)
    pages = page.locator("ul.search > li").count()
    assert told(page).startswith(f"「ネコ」か「猫」は {pages} ページにあります")
    _, both = search(visit, "ぼうきゃく げーと")  # 2 つの語でも、片方だけでも
    assert both == search(visit, "忘却 ゲート")[1]
    assert told(search(visit, "constructor")[0])
    assert not visit.problems


def test_every_reading_finds_its_word(visit, site):
    page = visit().open("search.html")
    spelled = page.evaluate("readings => readings.map(otherSpellings)", list(READINGS))
    assert dict(zip(READINGS, spelled, strict=True)) == READINGS
    words = [word for written in READINGS.values() for word in written]
    for word, names in zip(words, page.evaluate(FIRST_PAGES, words), strict=True):
        pages = [(site / f"{name}.html").read_text(encoding="utf-8") for name in names]
        assert any(word in re.sub(r"<[^>]*>", "", text) for text in pages), word


# 打った形と、そろえた形
FOLDED = {
    "ＬＳＴＭ": "lstm",
    "ｹﾞｰﾄ": "げーと",
    "①": "1",
    "㎏": "kg",
    "Σ": " sigma ",
    "σ(a)": " sigma (a)",
    "5 µs": "5  mu s",
    "≈": "≈",
    "a_b": "a_b",
    # 語末の長音。短い語と、語の中のものは残す
    "パラメーターの数": "ぱらめーたの数",
    "ぱらめーたー": "ぱらめーた",
    "エンコーダーデコーダー": "えんこーだーでこーだ",
    "キー": "きー",
    "エラー": "えらー",
    "ゲート": "げーと",
    # ヴと、書き方の 2 つある漢字
    "ヴェクトル": "べくとる",
    "ヴ": "ぶ",
    "逆伝搬": "逆伝播",
    # 英語の複数形。ss と is で終わる語は残す
    "gates": "gate",
    "losses": "loss",
    "batches": "batch",
    "memories": "memory",
    "class": "class",
    "analysis": "analysis",
    "hidden_states": "hidden_state",
    "LSTMs": "lstm",
}

# 句読点や記号の混じった問いと、そろうページがあるはずの語（.* は記号だけ）
PUNCTUATED = {
    "LSTMとは何ですか．": ["LSTM", "何"],
    "LSTMとは…": ["LSTM"],
    "LSTM，GRU": ["LSTM", "GRU"],
    "第2章．": ["第2章"],
    "３．５": ["3.5"],
    "25 %": ["25%"],
    "what is LSTM.": ["LSTM"],
    "output[..., -1]": ["output", "-1]"],
    "w[...]": ["w"],
    "print(...)": ["print"],
    "f(.)": ["f"],
    ".*": [".*"],
    "`torch.compile`": ["torch.compile"],
}


@pytest.mark.parametrize("typed", PUNCTUATED)
def test_punctuation_is_not_a_word(visit, typed):
    visit = visit()
    page, found = search(visit, typed)
    assert found and "ページ" in told(page)
    words = page.evaluate("async (typed) => (await bookSearch(typed)).parts", typed)
    assert [each["word"] for each in words] == PUNCTUATED[typed]
    assert not visit.problems


def test_any_mark_can_be_typed(visit):
    visit = visit()
    page = visit.open("search.html")
    marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~…．，、。・〜ー（）［］"
    failed = """async (queries) => {
      const failed = [];
      for (const query of queries) await bookSearch(query).catch(() => failed.push(query));
      return failed;
    }"""
    queries = [
        form.format(m) for m in marks for form in ("{}", "a{}", "{}a", "語 {} a", "a{0}{0}", "-{}")
    ]
    assert page.evaluate(failed, queries) == []
    assert not visit.problems


def test_a_failure_is_told(visit):
    visit = visit()
    page, _ = search(visit, "LSTM")
    page.evaluate("""async () => {
      bookSearch = async () => { throw new Error("わざと"); };
      await Search.query("LSTM");
    }""")
    assert "うまくいかなくなりました" in told(page)
    assert visit.problems == ["Error: わざと\n    at bookSearch"] or "わざと" in visit.problems[0]


def test_ways_of_writing_are_folded(visit):
    page = visit().open("search.html")
    assert dict(zip(FOLDED, folded(page, FOLDED), strict=True)) == FOLDED
    assert folded(page, SYMBOLS) == [f" {name} " for name in SYMBOLS.values()]


def test_every_synonym_finds_its_word(visit):
    visit = visit()
    page = visit.open("search.html")
    spelled = page.evaluate("words => words.map(otherSpellings)", list(SYNONYMS))
    assert dict(zip(SYNONYMS, spelled, strict=True)) == SYNONYMS
    words = sorted({word for written in SYNONYMS.values() for word in written})
    counts = page.evaluate(
        """async (words) => {
          const counts = [];
          for (const word of words) {
            counts.push((await bookSearch(word)).pages.filter(({whole}) => whole).length);
          }
          return counts;
        }""",
        words,
    )
    assert not [word for word, count in zip(words, counts, strict=True) if not count]
    assert not visit.problems


# 打った語と、先頭のページ、そのページで初めに見せる節
FOUND = [
    # 題がぴったりの章（用語は、用語集が先）
    ("LSTM", "glossary", "LSTM、long short-term memory"),
    ("勾配消失", "glossary", "勾配消失、vanishing gradient"),
    ("nn.LSTM", "02_lstm", "自分で書いて、nn.LSTM と一致させる"),
    ("記号", "notation", "記号"),
    ("参考文献", "bibliography", "参考文献"),
    ("第 3 章", "03_adding", "長い記憶を試す"),
    ("2章", "02_lstm", "LSTM"),
    ("3 章", "03_adding", "長い記憶を試す"),
    ("第二章", "02_lstm", "LSTM"),
    ("十章", "10_claims", "主張と検証"),
    ("第十二章", "12_parallel", None),
    ("式2.1", "02_lstm", None),
    # 言い換え
    ("誤差逆伝播法", "glossary", "逆伝播、backpropagation"),
    ("オーバーフィッティング", "glossary", "過学習、overfitting"),
    ("アテンション", "glossary", "注意機構、attention"),
    ("トランスフォーマー", "glossary", "Transformer"),
    ("隠れ層", "glossary", "隠れ状態、hidden state"),
    ("勾配消失問題", "glossary", "勾配消失、vanishing gradient"),
    ("chain rule", "01_rnn", None),
    ("many to many", "01_rnn", "RNN の使いみち：いつ読み、いつ答えるか"),
    ("多対一", "01_rnn", "RNN の使いみち：いつ読み、いつ答えるか"),
    ("サンプリング", "06_generation", None),
    ("セルステート", "glossary", "セル状態、cell state"),
    ("索引", "glossary", "用語集"),
    ("エルマン", "01_rnn", None),
    # 語の頭だけの一致（chosen、rocks）より、語そのもの
    ("Cho", "bibliography", None),
    # 文の形の問い
    ("忘却ゲートとは", "glossary", "忘却ゲート、forget gate"),
    ("なぜLSTMは勾配が消えないの", "glossary", "勾配消失、vanishing gradient"),
    ("バッチサイズはいくつがいい", "glossary", "ミニバッチ、mini-batch"),
    ("学習率はいくつ", "glossary", "学習率、learning rate"),
    ("勾配消失の原因", "glossary", "勾配消失、vanishing gradient"),
    ("LSTMの仕組み", "glossary", "LSTM、long short-term memory"),
    ("what is LSTM", "glossary", "LSTM、long short-term memory"),
    # 英語の複数形と分かち書き
    ("vanishing gradients", "glossary", "勾配消失、vanishing gradient"),
    ("hidden states", "glossary", "隠れ状態、hidden state"),
    # 強調や参照の境をまたぐ語
    ("忘却ゲートという部品", "index", "「覚えられる」を確かめる"),
    # 番号と数
    ("図 2.4", "02_lstm", None),
    ("図2.4", "02_lstm", None),
    ("式 (10.1)", "10_claims", None),
    ("表 10.1", "10_claims", None),
    ("練習 2.3", "02_lstm", None),
    ("1/12", "03_adding", "何も覚えないと、誤差はいくつか"),
    ("長短期記憶 1997", "glossary", None),
]

FIRST = """async (word) => {
  for (const n of ["title", "status", "output"]) Search[n] = document.createElement("div");
  document.createElement("div").append(Search.output);
  await Search.query(word);
  const [page, section] = ["li > a", "li li > a"].map((link) => Search.output.querySelector(link));
  return [page?.getAttribute("href").replace(".html", ""), section?.textContent];
}"""


def test_the_page_and_section_that_tell_most_come_first(visit):
    visit = visit()
    page = visit.open("search.html?q=LSTM")
    page.evaluate(RESULTS)
    first = [(word, *page.evaluate(FIRST, word)) for word, _, _ in FOUND]
    wrong = [
        (got, wanted)
        for got, wanted in zip(first, FOUND, strict=True)
        if got[1] != wanted[1] or wanted[2] not in (None, got[2])
    ]
    assert not wrong
    assert not visit.problems


def test_a_term_is_followed_by_the_chapter_that_explains_it(visit):
    visit = visit()
    chapters = {"LSTM": "02_lstm", "RNN": "01_rnn", "GRU": "04_gru", "勾配消失": "01_rnn"}
    page = visit.open("search.html")
    found = page.evaluate(FIRST_PAGES, list(chapters))
    assert [pages[:2] for pages in found] == [["glossary", name] for name in chapters.values()]


def test_pages_with_the_very_word_are_counted_and_come_first(visit, site):
    visit = visit()
    word = "忘却ゲートのバイアス"
    page, _ = search(visit, word)
    held = page.evaluate(
        """async (word) => (await bookSearch(word)).pages.map(({sections}) =>
          sections.some(({title, text}) => (title + text).includes(word)))""",
        word,
    )
    whole = held.count(True)
    assert 0 < whole < len(held) and held == sorted(held, reverse=True)
    assert f"「{word}」は {whole} ページにあります" in told(page)
    assert f"のそろうページは {len(held) - whole} あります" in told(page)


# 打った問いと、件数の文の初め（{} は、引いた語がどれもあるページの数）
COUNTED = {
    "CUDA out of memory": "「CUDA」と「out」と「memory」のそろうページは {} あります。",
    "loss が nan になる": "「loss」と「nan」のそろうページは {} あります。",
    "LTSM 忘却": "「LTSM」と「忘却」のそろうページはありません。",
    "忘却ゲート": "「忘却ゲート」は {} ページにあります。",
    "transformer": "「transformer」は {} ページにあります。",
    "recurr": "「recurr」で始まる語は {} ページにあります。",
    "鯨骨 鯨肉": "「鯨骨」と「鯨肉」は見つかりませんでした。",
}


@pytest.mark.parametrize("typed", COUNTED)
def test_the_count_is_of_what_was_searched(visit, typed):
    page, _ = search(visit(), typed)
    whole = page.evaluate(
        """async (typed) => {
          const { typed: words, pages } = await bookSearch(typed);
          return pages.filter(({ sections }) => words.every(({ forms }) =>
            sections.some(({ folded }) => has(folded, forms)))).length;
        }""",
        typed,
    )
    assert told(page).startswith(COUNTED[typed].format(whole))


def test_a_short_word_is_not_the_start_of_another(visit):
    visit = visit()
    for typed in ("Cho", "ROC", "Mac", "sin波"):
        page, _ = search(visit, typed)
        wanted = {typed.lower(), *typed.lower().removesuffix("波").split(), "波"}
        assert set(folded(page, marks(page))) <= wanted, typed


def test_the_very_word_comes_before_its_beginning(visit):
    page = visit().open("search.html")
    held = page.evaluate("""async () => (await bookSearch("train")).pages.map(({ sections }) =>
      sections.some(({ folded }) => /(?<![a-z0-9])train(?![a-z0-9])/.test(folded)))""")
    assert True in held and held == sorted(held, reverse=True)


def test_other_ways_to_say_it_find_a_page(visit):
    page = visit().open("search.html")
    words = [
        "サンプリング",
        "セルステート",
        "おそい",
        "ホッホライター",
        "シュミットフーバー",
        "エルマン",
    ]
    words += ["索引", "式2.1", "many to one", "one to many"]
    found = page.evaluate(FIRST_PAGES, words)
    assert not [word for word, pages in zip(words, found, strict=True) if not pages]


def test_a_slip_is_pointed_out(visit):
    visit = visit()
    for typed, meant in {
        "LTSM": "LSTM",
        "忘却ゲト": "忘却ゲート",
        "transfomer": "Transformer",
        "GUR": "GRU",  # Gurevych は別の語
        "packpaddedsequence": "pack_padded_sequence",
        "pack_paded_sequence": "pack_padded_sequence",
    }.items():
        page, _ = search(visit, typed)
        assert meant in page.locator("p.search-summary a").all_inner_texts()
    page.locator("p.search-summary a").first.click()
    page.wait_for_url("**/search.html?q=pack_padded_sequence")
    assert page.evaluate(RESULTS)
    assert not visit.problems


def test_many_words_in_kana_are_searched_at_once(visit):
    visit = visit()
    page, found = search(visit, "きおく わすれる おぼえる ことば")
    assert found and told(page).startswith(
        "「きおく」と「わすれる」と「おぼえる」と「ことば」のそろう"
    )
    page, found = search(visit, "ことば ねこ " * 6)
    assert found and told(page).startswith("「ことば」と「ねこ」のそろう")
    assert page.evaluate(FIRST, "鯨骨" * 50_000) == [None, None]  # 長すぎる語は、初めだけを引く
    assert not visit.problems


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%E3%80%80", "?q=%E3%80%8C%E3%80%8D"])
def test_nothing_typed_is_asked_for(visit, query):
    visit = visit()
    page = visit.open(f"search.html{query}")
    summary = page.locator("p.search-summary[role=status]")
    summary.filter(has_text="探す語を入れてください").wait_for()
    assert page.locator("ul.search li").count() == 0
    assert not visit.problems


def test_the_result_is_announced(visit):
    page, _ = search(visit(), "LSTM")
    assert "ページにあります" in page.locator("[role=status]").inner_text()


def test_api_names_are_found_from_the_start_of_a_word(visit):
    visit = visit()
    listed = "details.search-api li a"
    names = search(visit, "pooling")[0].locator(listed).all_text_contents()
    assert "lstm_text.models.AttentionPooling" in names
    assert search(visit, "nn")[0].locator(listed).count() == 0
    names = search(visit, "STM")[0].locator(listed).all_text_contents()
    assert not [name for name in names if "LSTM" in name.split(".")[-1]]


def test_texts_have_no_pictures_and_no_tex(site):
    commands = {
        name
        for path in BOOK.glob("*.md")
        for math in re.findall(r"\$([^$]+)\$", path.read_text(encoding="utf-8"))
        for name in re.findall(r"\\[A-Za-z]{3,}", math)
    }
    assert len(commands) > 40
    unwanted = re.compile(
        "|".join(["sd-octicon", "<svg[^>]*sd-", *(re.escape(c) + r"(?![a-z])" for c in commands)])
    )
    for path in (site / "_static" / "search").glob("*.js"):
        page = json.loads(path.read_text(encoding="utf-8").partition(" = ")[2].rstrip(";\n"))
        for _, title, text in page["sections"]:
            assert not (left := unwanted.search(title + text)), (path.stem, title, left)


def test_each_result_shows_the_sentence_with_the_word_marked(visit, site):
    visit = visit()
    page, _ = search(visit, "ぱでぃんぐ")
    shown = page.locator("ul.search p.context")
    marked = shown.locator("mark").all_inner_texts()
    assert marked and set(folded(page, marked)) == {"ぱでぃんぐ"}
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
    page, found = search(visit, typed)
    assert found
    pages = page.locator("ul.search > li")
    assert pages.filter(has=page.locator("p.context")).count() == pages.count()
    wanted, *marked = folded(page, [TYPED[typed], *marks(page)])
    assert wanted in {each.strip() for each in marked}
    assert not visit.problems


def test_one_letter_is_not_a_part_of_another_word(visit):
    page, found = search(visit(), "h")
    assert found
    around = page.evaluate("""() => [...document.querySelectorAll("ul.search mark")].map((mark) =>
      (mark.previousSibling?.textContent ?? "").slice(-1) + mark.textContent
      + (mark.nextSibling?.textContent ?? "").slice(0, 1))""")
    assert around and not [text for text in around if re.search("[a-z0-9]{2}", text.lower())]


def test_a_page_found_by_its_number_shows_how_it_begins(visit, site):
    visit = visit()
    page, found = search(visit, "第 2 章")
    assert found[0] == "02_lstm.html"
    shown = page.locator("ul.search > li").first.locator("p.context").first.inner_text()
    assert shown.strip("…") in re.sub(r"<[^>]*>", "", (site / "02_lstm.html").read_text("utf-8"))
    assert len(shown) > 5 and not visit.problems


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
        page, _ = search(visit, symbol)
        marked = folded(page, marks(page))
        assert marked and set(marked) <= {f" {SYMBOLS[symbol]} ", SYMBOLS[symbol]}
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
    assert f"{len(hrefs)} ページ" in told(page) and f"{names.count()} 件" in told(page)
    api.locator("summary").click()
    assert names.first.is_visible()


def test_nothing_found_is_told(visit):
    page, found = search(visit(), "鯨の骨格標本")
    assert found == []
    assert "見つかりませんでした" in told(page)


def test_results_fit_a_phone(visit):
    page, _ = search(visit(390, "dark"), "LSTM")
    page.locator("details.search-api summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_long_word_fits_a_phone(visit):
    for word in ("x" * 100, "鯨" * 100):
        page, _ = search(visit(390), word)
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
