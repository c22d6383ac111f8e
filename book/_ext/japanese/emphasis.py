"""日本語の強調: CommonMark の規則が、全角の約物の隣では働かないところを直す。

CommonMark では、全角の約物の直後の ``**`` は、次が文字だと閉じとみなされない。約物を文字と同じに
扱い、``**忘却ゲート（forget gate）**は`` を太字にする。
"""

from markdown_it.rules_inline import state_inline

FULL_WIDTH = range(0x3000, 0x10000)
is_punctuation = state_inline.isPunctChar


def is_half_width_punctuation(character):
    return ord(character) not in FULL_WIDTH and is_punctuation(character)


def setup(app):
    state_inline.isPunctChar = is_half_width_punctuation
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
