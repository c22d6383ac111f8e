"""できあがったページ（doctree）を、Markdown の文字にする。

コードの出力も、測った値も、番号も、参照先の題も、組み終えたページにあるとおりに残る。図は説明文になる。
強調の印は、ほかの道具で読んでも太字になるように、要るところだけ空白で離す（``japanese.emphasis``）。
"""

import html
import re
import string
import unicodedata

from docutils import nodes
from sphinx import addnodes

from page.page_numbers import number_of

LABEL = re.compile(r'<svg\b[^>]*\baria-label="([^"]+)"')
TAG = re.compile(r"<[^>]+>")
LINE_BREAK = re.compile(r"\s*<br\b")
BREAK = "\\\n"  # Markdown での、行を変える印
ROW, CELL = re.compile(r"<tr.*?</tr>", re.DOTALL), re.compile(r"<t[hd].*?</t[hd]>", re.DOTALL)
# 強調の初めと終わり。どこにも使われない文字で、隣の文字がわかってから取り除く
OPEN, CLOSE = "\ue000", "\ue001"
OPENING = re.compile(rf"(?<=(.)){OPEN}(\*+)(?=(.))")
CLOSING = re.compile(rf"(?<=(.))(\*+){CLOSE}(?=(.))")
STAR = re.compile(r"\*(?=\S)|(?<=\S)\*")
SKIPPED = (
    nodes.comment,
    nodes.substitution_definition,
    nodes.target,
    addnodes.index,
    addnodes.toctree,
)


def markdown(doctree, numbers):
    """ページ全体の Markdown。numbers は、図や式の id から番号を引く。"""
    text = "\n\n".join(block for block in Writer(numbers).blocks(doctree) if block.strip())
    return spaced(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


class Writer:
    """ノードの種類ごとに 1 つずつの、文字にするやり方。"""

    def __init__(self, numbers):
        self.numbers, self.depth = numbers, 0

    def blocks(self, node):
        """node の子を、段落ごとの文字にする。"""
        for child in node.children:
            if isinstance(child, SKIPPED):
                continue
            names = (f"block_{kind.__name__}" for kind in type(child).__mro__)
            if name := next((name for name in names if hasattr(self, name)), None):
                yield getattr(self, name)(child)
            elif isinstance(child, nodes.TextElement | nodes.Text):
                yield self.inline(child)
            else:
                yield from self.blocks(child)

    def text(self, node):
        return "\n\n".join(block for block in self.blocks(node) if block.strip())

    # --- 段落 -------------------------------------------------------------------

    def block_section(self, node):
        self.depth += 1
        text = self.text(node)
        self.depth -= 1
        return text

    def block_title(self, node):
        inside = isinstance(node.parent, nodes.section)
        return f"{'#' * self.depth} {self.inline(node)}" if inside else self.titled(node)

    def titled(self, node):
        """表や練習の題。番号があれば、その後に。"""
        return f"**{'　'.join(filter(None, [number_of(node, self.numbers), self.inline(node)]))}**"

    def block_caption(self, node):
        number = number_of(node, self.numbers)
        return f"**{number}**　{self.inline(node)}" if number else self.inline(node)

    def block_rubric(self, node):
        return f"**{self.inline(node)}**"

    def block_literal_block(self, node):
        language = node.get("language", "")
        language = {"ipython3": "python", "default": "", "none": "", "myst-ansi": ""}.get(
            language, language
        )
        return fenced(node.astext(), language)

    def block_doctest_block(self, node):
        return fenced(node.astext(), "python")

    def block_math_block(self, node):
        number = re.search(r"[\d.]+", number_of(node, self.numbers))
        tag = f" \\tag{{{number[0]}}}" if number else ""
        return f"$$\n{node.astext().strip()}{tag}\n$$"

    def block_block_quote(self, node):
        return prefixed(self.text(node), "> ", "> ")

    def block_bullet_list(self, node):
        return "\n".join(prefixed(self.text(item), "- ", "  ") for item in node.children)

    def block_enumerated_list(self, node):
        items = enumerate(node.children, node.get("start", 1))
        return "\n".join(prefixed(self.text(item), f"{i}. ", "   ") for i, item in items)

    def block_definition_list_item(self, node):
        terms = [escaped(t.astext()) for t in node.children if isinstance(t, nodes.term)]
        return f"**{'、'.join(terms)}**\n\n" + self.text(node[-1])

    def block_field(self, node):
        return f"**{self.inline(node[0])}**\n\n{self.text(node[1])}"

    def block_desc_signature(self, node):
        return f"`{node.astext()}`"

    def block_image(self, node):
        return picture(node.get("alt", ""))

    def block_raw(self, node):
        return from_html(node.astext()) if "html" in node.get("format", "").split() else ""

    def block_table(self, node):
        rows = [
            [one_line(self.text(entry)).replace("|", "\\|") for entry in row.children]
            for row in node.findall(nodes.row)
        ]
        title = node.next_node(nodes.title)
        return (f"{self.titled(title)}\n\n" if title else "") + table(rows)

    def block_question_hints(self, node):
        return ""  # 答える欄のあるページだけのもの

    def block_question_answer(self, node):
        return folded(f"問 {node['number']} の答えと解説", self.text(node))

    def block_solution_node(self, node):
        exercise = self.numbers.get(node.get("target_label"), "練習")
        rest = [c.deepcopy() for c in node.children if not isinstance(c, nodes.title)]
        return folded(f"{exercise} の解答", self.text(nodes.container("", *rest)))

    def block_dropdown_main(self, node):
        title, *rest = node.children
        return folded(
            self.inline(title), self.text(nodes.container("", *[c.deepcopy() for c in rest]))
        )

    # --- 行の中 -----------------------------------------------------------------

    def inline(self, node):
        if isinstance(node, nodes.Text):
            return escaped(node.astext())
        inside = "".join(self.inline(c) for c in node.children if not isinstance(c, SKIPPED))
        if isinstance(node, nodes.raw):
            return self.block_raw(node)
        if isinstance(node, nodes.literal):
            return f"`{node.astext()}`"
        if isinstance(node, nodes.math):
            return f"${node.astext()}$"
        if inside and isinstance(node, nodes.strong):
            return f"{OPEN}**{inside}**{CLOSE}"
        if inside and isinstance(node, nodes.emphasis):
            return f"{OPEN}*{inside}*{CLOSE}"
        if isinstance(node, nodes.image):
            return picture(node.get("alt", ""))
        if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
            return f"[{inside}]({node['refuri']})"
        return inside


def escaped(text):
    """強調の印ではない * を、そのまま出る書き方にする。"""
    return STAR.sub(r"\*", text)


def spaced(text):
    """CommonMark でも働くように、強調の印を空白で離し、初めと終わりの目印を除く。

    >>> spaced(f"この{OPEN}**層（layer）**{CLOSE}を{OPEN}**太字**{CLOSE}に。")
    'この**層（layer）** を**太字**に。'
    """

    def opening(match):
        before, mark, inside = match.groups()
        apart = before == CLOSE or (is_mark(inside) and is_letter(before))
        return f" {mark}" if apart else mark

    def closing(match):
        inside, mark, after = match.groups()
        return f"{mark} " if is_mark(inside) and after != OPEN and is_letter(after) else mark

    text = CLOSING.sub(closing, OPENING.sub(opening, text))
    return text.replace(OPEN, "").replace(CLOSE, "")


def is_mark(character):
    """約物か記号か。"""
    return unicodedata.category(character)[0] in "PS"


def is_letter(character):
    """約物でも空白でもないか。ASCII の外の記号を約物とみなすかは、道具によって違う。"""
    kind = unicodedata.category(character)[0]
    return not (kind in "PZ" or character.isspace() or character in string.punctuation)


def fenced(text, language=""):
    """中にある囲みより長い囲みで、text を囲む。"""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def prefixed(text, first, rest):
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((rest + line).rstrip() for line in lines[1:])])


def folded(title, text):
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def picture(alt):
    """図の代わりの文。"""
    return f"（図：{alt}）" if alt else ""


def table(rows):
    """Markdown の表。初めの行が見出し。"""
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def from_html(source):
    """HTML の出力から、図の説明文、表、文字を取り出す。

    >>> from_html('<svg aria-label="下がる線"><path/></svg>')
    '（図：下がる線）'
    """
    if seen := labels(source):
        return "\n\n".join(map(picture, seen))
    return table(table_rows(source)) or (BREAK if LINE_BREAK.match(source) else plain(source))


def labels(source):
    """HTML の中の図の説明文。"""
    return [html.unescape(label) for label in LABEL.findall(source)]


def table_rows(source):
    """HTML の中の表の、行ごとの欄。"""
    return [[plain(cell) for cell in CELL.findall(row)] for row in ROW.findall(source)]


def one_line(text):
    """表の欄に書けるように、1 行にした text。"""
    return " ".join(text.replace(BREAK, "<br>").split())


def plain(source):
    return " ".join(html.unescape(TAG.sub("", source)).split())
