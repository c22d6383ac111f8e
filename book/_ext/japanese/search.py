"""日本語の全文検索: 索引も検索語も、同じ形にそろえてから、同じ二文字組（bigram）に切る。

Sphinx 標準の日本語検索は、索引だけを単語に区切り、検索語は区切らない。そのため本文に
ある語でも見つからないことが多い。両側を同じ規則で切れば、本文にある語は必ず見つかる。
全角の英数字、半角のカタカナ、大文字と小文字、ひらがなとカタカナは、同じものとして扱う。
漢字で書く語をかなで打てば、readings.txt にある書き方でも探す（「ねこ」なら「猫」も）。
ギリシャ文字と数学の記号は TeX での名前と同じに扱うので、「σ」で数式の ``\\sigma`` も見つかる。
結果の見せ方は search.js、結果に添える文は search_texts.py にある。
"""

import json
import re
import unicodedata
from pathlib import Path

from sphinx.search import SearchLanguage

RUN = re.compile(r"[a-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff\u3005]+")
HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
READINGS_FILE = Path(__file__).with_name("readings.txt")
SYMBOL_NAMES = """
α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu
ν nu ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega
∂ partial ∇ nabla ⊙ odot ∑ sum ∏ prod ∞ infty √ sqrt
"""
SYMBOLS = dict(re.findall(r"(\S) (\w+)", SYMBOL_NAMES))
FOLDED = HIRAGANA | {ord(symbol): f" {name} " for symbol, name in SYMBOLS.items()}


def readings(text):
    """読みと、本文での書き方。

    >>> readings("# 表\\nねこ 猫\\nことば 言葉 語\\n")
    {'ねこ': ['猫'], 'ことば': ['言葉', '語']}
    """
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {reading: words for reading, *words in filter(None, rows)}


READINGS = readings(READINGS_FILE.read_text(encoding="utf-8"))


class JapaneseBigrams(SearchLanguage):
    """英数字は語のまま、かな・漢字の連なりは二文字組にする。"""

    lang = "ja"
    language_name = "Japanese"
    js_splitter_code = r"""
var bookSymbols = new Map(Object.entries(SYMBOLS));
var foldText = (text) => text.normalize("NFKC").toLowerCase()
  .replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))
  .replace(/[\u0370-\u03ff\u2200-\u22ff]/g,
    (c) => bookSymbols.has(c) ? ` ${bookSymbols.get(c)} ` : c);
var queryRuns = (q) => foldText(q)
  .match(/[a-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff\u3005]+/gu) || [];
var splitQuery = (q) => queryRuns(q)
  .flatMap((w) => /^[a-z0-9_]/.test(w) || w.length === 1 ? [w]
    : Array.from({length: w.length - 1}, (_, i) => w.slice(i, i + 2)));
// かなの語を、本文での書き方に替えたもの
var bookReadings = new Map(Object.entries(READINGS));
var otherSpellings = (query) => query.split(/[\s、。]+/).filter(Boolean)
  .map((word) => [word, ...(bookReadings.get(foldText(word)) ?? [])])
  .reduce((heads, forms) => heads.flatMap((head) => forms.map((form) => [...head, form])), [[]])
  .slice(1).map((words) => words.join(" "));
""".replace("READINGS", json.dumps(READINGS, ensure_ascii=False)).replace(
        "SYMBOLS", json.dumps(SYMBOLS, ensure_ascii=False)
    )

    def split(self, text):
        return [part for run in RUN.findall(fold(text)) for part in _parts(run)]

    def word_filter(self, word):
        return True


def fold(text):
    """書き方の違いをなくした形。

    >>> fold("ＬＳＴＭ のｹﾞｰﾄ")
    'lstm のげーと'
    >>> fold("σ(a)")
    ' sigma (a)'
    """
    return unicodedata.normalize("NFKC", text).lower().translate(FOLDED)


def _parts(run):
    """索引に入れる形。かな・漢字は、1 文字の語でも見つかるように、1 文字ずつも入れる。"""
    if run[0].isascii():
        return [run]
    return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]


def setup(app):
    app.add_search_language(JapaneseBigrams)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
