"""日本語の強調: CommonMark の規則が、語を空けない文では働かないところを直す。

CommonMark では、約物の隣の ``**`` は、反対の隣が文字だと、開きとも閉じともみなされない。日本語では
語のあいだを空けないので、``**ゲート（gate）**は`` も ``。**$k$ 歩で**`` も太字にならない。
``*`` は、次が空白でなければ開き、前が空白でなければ閉じとする。
"""

from markdown_it.common.utils import isWhiteSpace
from markdown_it.rules_inline.state_inline import Scanned, StateInline

by_commonmark = StateInline.scanDelims


def scan_delimiters(state, start, within_words):
    """``start`` からの印が、開きと閉じになれるかと、その数。``_`` は CommonMark のとおり。"""
    scanned = by_commonmark(state, start, within_words)
    if not within_words:
        return scanned
    end = start + scanned.length
    before = state.src[start - 1] if start > 0 else " "
    after = state.src[end] if end < state.posMax else " "
    opens, closes = (not isWhiteSpace(ord(character)) for character in (after, before))
    return Scanned(opens, closes, scanned.length)


def setup(app):
    StateInline.scanDelims = scan_delimiters
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
