"""検索の表：用語集の見出し語を、どれもかなで引ける（readings.txt）。言い換えに重なりがない（synonyms.txt）。"""

import re
import unicodedata
from pathlib import Path

from japanese.search import READINGS, READINGS_FILE, SYNONYMS, SYNONYMS_FILE, readings, rows

GLOSSARY = Path(__file__).parents[2] / "book" / "glossary.md"
KANJI = re.compile(r"[\u3400-\u9fff\u3005]")


def headwords(text):
    """用語集の見出し語（英語の名も）。"""
    blocks = re.findall(r"^```\{glossary\}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if re.match(r"\S", line)]


def unread(words, table):
    """漢字があるのに、読みのない部分。"""
    read = {word for written in table.values() for word in written}
    parts = [part for word in words for part in word.split() if KANJI.search(part)]
    return [part for part in parts if part not in read]


def test_every_headword_with_kanji_has_a_reading():
    words = headwords(GLOSSARY.read_text(encoding="utf-8"))
    assert len(words) > 150
    assert unread(words, READINGS) == []


def test_a_missing_reading_is_noticed():
    words = headwords(
        "```{glossary}\n単純 RNN\nsimple RNN\n  説明。\n\nゲート\ngate\n  説明。\n```\n"
    )
    assert words == ["単純 RNN", "simple RNN", "ゲート", "gate"]
    assert unread(words, {}) == ["単純"]
    assert unread(words, readings("たんじゅん 単純\n")) == []


def test_readings_are_kana_as_they_are_searched():
    for reading, words in READINGS.items():
        assert re.fullmatch(r"[ぁ-んー]+", reading) and reading == unicodedata.normalize(
            "NFKC", reading
        )
        assert words and all(KANJI.search(word) for word in words)


def test_no_reading_is_written_twice():
    assert len(rows(READINGS_FILE.read_text(encoding="utf-8"))) == len(READINGS) > 100


def test_no_synonym_is_written_twice():
    sides = [row.split(" → ") for row in rows(SYNONYMS_FILE.read_text(encoding="utf-8"))]
    assert all(len(side) == 2 for side in sides)
    typed = [word for words, _ in sides for word in words.split("、")]
    assert len(typed) == len(SYNONYMS) > 100
    assert all(typed) and not [word for word in typed if word in READINGS]
