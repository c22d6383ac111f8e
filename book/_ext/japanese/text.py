"""日本語の文の、Markdown と HTML では崩れるところを直す。

強調
    CommonMark の規則では、全角の約物の直後の ``**`` は、次が文字だと閉じとみなされない。
    約物を文字と同じに扱い、``**忘却ゲート（forget gate）**は`` を太字にする。
改行
    原稿の改行は HTML では空白になる。全角の文字にはさまれた改行は取り除く。
"""

import re

from docutils import nodes
from markdown_it.rules_inline import state_inline
from sphinx.transforms.post_transforms import SphinxPostTransform

FULL_WIDTH = range(0x3000, 0x10000)
BREAK = re.compile(r"(?<=[\u3000-\uffff])\n(?=[\u3000-\uffff])")
is_punctuation = state_inline.isPunctChar


def is_half_width_punctuation(character):
    return ord(character) not in FULL_WIDTH and is_punctuation(character)


VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.math, nodes.math_block, nodes.raw)


class JoinLines(SphinxPostTransform):
    default_priority = 900  # 参照が文字になったあと

    def run(self, **kwargs):
        for text in list(self.document.findall(nodes.Text)):
            if "\n" in text and not isinstance(text.parent, VERBATIM):
                text.parent.replace(text, nodes.Text(joined(text)))


def joined(text):
    """text から余分な改行を除く。端の改行は、となりの要素の端の文字も見て決める。"""
    siblings = text.parent.children
    place = next(i for i, node in enumerate(siblings) if node is text)
    before = siblings[place - 1].astext()[-1:] if place else ""
    after = siblings[place + 1].astext()[:1] if place + 1 < len(siblings) else ""
    return BREAK.sub("", before + text + after).removeprefix(before).removesuffix(after)


def setup(app):
    state_inline.isPunctChar = is_half_width_punctuation
    app.add_post_transform(JoinLines)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
