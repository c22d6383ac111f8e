"""日本語の強調: ``**忘却ゲート（forget gate）**は`` を太字にする。

CommonMark の規則では、全角の約物の直後の ``**`` は、次が文字だと閉じとみなされない。
全角の約物を文字と同じに扱えば、日本語の文でも思ったとおりに閉じる。
"""

from markdown_it.rules_inline import state_inline

FULL_WIDTH = range(0x3000, 0x10000)
is_punctuation = state_inline.isPunctChar


def is_half_width_punctuation(character):
    return ord(character) not in FULL_WIDTH and is_punctuation(character)


def setup(app):
    state_inline.isPunctChar = is_half_width_punctuation
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
