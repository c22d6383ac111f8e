"""日本語の全文検索: 打った文から語を取り出し、本の全部の文からじかに探す。

Sphinx の索引には本文を入れない。索引では、文字の節（強調、用語、参照）の境で語が切れ、日本語では、
打った語とも切り方が違うので、本文にある語が見つからないことがある。本の全部の文は 2 MB ほどなので、
じかに探せば、どのページに何回あるかも正しく数えられる。

書き方の違い（全角と半角、大文字と小文字、ひらがなとカタカナ、語末の長音、英語の複数形など）を
そろえ、語に分けるのは search_words.js、ページを選んで見せるのは search.js、探す文を書くのは
search_texts.py。漢字の語をかなで打てば readings.txt の、この本にない言い方で打てば synonyms.txt の
書き方でも探す。ギリシャ文字と数学の記号は TeX での名前と同じに扱うので、「σ」で数式の
``\\sigma`` も見つかる。
"""

import json
import re
from pathlib import Path

from sphinx.search import SearchLanguage

HERE = Path(__file__).parent
READINGS_FILE = HERE / "readings.txt"
SYNONYMS_FILE = HERE / "synonyms.txt"
SYMBOL_NAMES = """
α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu
ν nu ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega
∂ partial ∇ nabla ⊙ odot ∑ sum ∏ prod ∞ infty √ sqrt
"""
SYMBOLS = dict(re.findall(r"(\S) (\w+)", SYMBOL_NAMES))


def rows(text):
    """表の行。空の行と、# で始まる行は除く。"""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def readings(text):
    """読みと、本文での書き方。

    >>> readings("# 表\\nねこ 猫\\nことば 言葉 語\\n")
    {'ねこ': ['猫'], 'ことば': ['言葉', '語']}
    """
    return {reading: words for reading, *words in map(str.split, rows(text))}


def synonyms(text):
    """この本にない言い方と、本文での言い方。

    >>> synonyms("chain rule、連鎖則 → 連鎖律\\n最適化手法 → Adam、最適化\\n")
    {'chain rule': ['連鎖律'], '連鎖則': ['連鎖律'], '最適化手法': ['Adam', '最適化']}
    """
    sides = ([side.strip().split("、") for side in row.split("→")] for row in rows(text))
    return {typed: written for typed_ones, written in sides for typed in typed_ones}


READINGS = readings(READINGS_FILE.read_text(encoding="utf-8"))
SYNONYMS = synonyms(SYNONYMS_FILE.read_text(encoding="utf-8"))


class WholeTexts(SearchLanguage):
    """本文を索引に入れない言語。language_data.js に、表と語の切り方を書く。"""

    lang = "ja"
    language_name = "Japanese"

    @property
    def js_splitter_code(self):
        tables = {"bookSymbols": SYMBOLS, "bookSpellings": READINGS | SYNONYMS}
        code = (HERE / "search_words.js").read_text(encoding="utf-8")
        made = (f"const {name} = {json.dumps(table)};" for name, table in tables.items())
        return "\n".join([*made, code])

    def split(self, text):
        return []

    def word_filter(self, word):
        return True


def setup(app):
    app.add_search_language(WholeTexts)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
