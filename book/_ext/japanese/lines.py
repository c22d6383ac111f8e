"""日本語の改行と空き: 原稿の行の変わり目を空白にせず、式と約物の間では行を変えない。

ブラウザは改行を空白として見せる。両側が全角の文字のときと、片側が全角の約物のときだけ
取り除けば、英語の語の間や、日本語と半角文字の間の空きはそのまま残る。本文に差し込んだ値や強調の
隣の空きも、値が全角の文字で終わっていれば（「ちょうど 0」や「（3〜5）」）、要らない。
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

FULL_WIDTH = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uff60]"
# 約物だけ。同じ並びにある 々〆〇 と、全角の英字と数字は、文字なので除く
PUNCTUATION = r"[\u3000-\u3004\u3008-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff60]"
BREAK = re.compile(rf"(?<={FULL_WIDTH})\n(?={FULL_WIDTH})|(?<={PUNCTUATION})\n|\n(?={PUNCTUATION})")
BETWEEN = re.compile(rf"{FULL_WIDTH} {FULL_WIDTH}")
KEPT = (nodes.literal, nodes.math, nodes.raw)
# ブラウザの禁則は文字どうしにしか効かず、式の直後の「、」は行の頭に来ることがある
OPENING, CLOSING = "（「『【〈《", "、。，．）」』】〉》・：；！？"


class JoinLines(SphinxPostTransform):
    default_priority = 900  # 参照が題名や番号に置き換わったあと

    def run(self, **kwargs):
        for block in self.document.findall(is_prose):
            places = list(places_of_texts(block))
            strings = [parent[i].astext() for parent, i in places]
            for (parent, i), before, text, after in zip(
                places, ["", *strings], strings, [*strings[1:], ""], strict=False
            ):
                if not isinstance(parent, KEPT):
                    now = join(before[-1:], text, after[:1]) if "\n" in text else text
                    parent[i] = nodes.Text(close(before[-1:], now, after[:1]))


class KeepWithFormula(SphinxPostTransform):
    default_priority = JoinLines.default_priority + 1

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            place = next(i for i, node in enumerate(parent.children) if node is formula)
            before, after = (
                parent[i] if 0 <= i < len(parent) and isinstance(parent[i], nodes.Text) else ""
                for i in (place - 1, place + 1)
            )
            opening = before[len(before.rstrip(OPENING)) :]
            closing = after[: len(after) - len(after.lstrip(CLOSING))]
            if opening or closing:
                kept = nodes.inline("", "", *texts(opening), formula, *texts(closing))
                kept["classes"].append("keep")
                first, last = place - bool(before), place + 1 + bool(after)
                outside = before[: len(before) - len(opening)], after[len(closing) :]
                parent[first:last] = [*texts(outside[0]), kept, *texts(outside[1])]


def texts(string):
    """空でなければ、その文字の節 1 つ。"""
    return [nodes.Text(string)] if string else []


def places_of_texts(block):
    """空でない文字の節の、親と番号の組を、読む順に（節の ``parent`` は、空のことがある）。

    MyST は、強調の記号の隣などに空の節を置く。隣の文字を探すときは、とばす。
    """
    for i, child in enumerate(block.children):
        if isinstance(child, nodes.Text):
            if child.astext():
                yield block, i
        else:
            yield from places_of_texts(child)


def is_prose(node):
    return isinstance(node, nodes.TextElement) and not isinstance(
        node, (nodes.Inline, nodes.FixedTextElement)
    )


def join(before, text, after):
    """全角の文字に挟まれた改行を除く。``before`` と ``after`` は前後の 1 文字（なければ空）。"""
    joined = BREAK.sub("", before + text + after)
    return joined[len(before) : len(joined) - len(after)]


def close(before, text, after):
    """全角の文字に挟まれた、端の空きを除く。``before`` と ``after`` は前後の 1 文字。"""
    if before and BETWEEN.match(before + text + after):
        text = text[1:]
    if after and BETWEEN.fullmatch((before + text)[-2:] + after):
        text = text[:-1]
    return text


def setup(app):
    app.add_post_transform(JoinLines)
    app.add_post_transform(KeepWithFormula)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
