"""問（{question}）の書き方を読む。

問の文、選択肢かヒント、解説の 3 つを、``+++`` だけの行で区切って書く。ここでは文字として
読むだけで、Sphinx を使わない。ノートや読む時間の計算も、ここから読む。
"""

import re
from typing import NamedTuple

FORMS = ("number", "choice", "order")  # 答え方: 数、選ぶ、並べる
ELSE = "else"
DIFFERENT = "この実行での正しい答えは「{answer}」です。"

BREAK = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
ITEM = re.compile(r"[-*][ \t]+(?P<text>.+)")
HINT = re.compile(
    r"(?P<relation>[<>]=?|)[ \t]*(?P<value>else|\{[\w.-]+\}|[-+\d][\d.,/eE+ -]*?)"
    r"[ \t]*[:：][ \t]*(?P<text>.+)"
)
PARTS = "問の文、選択肢かヒント、解説の 3 つを、+++ の行で区切って書く必要があります"
HINT_FORM = {
    "number": "「480: …」「{glue の名前}: …」「> 480: …」「else: …」",
    "order": "「2 1 3: …」「else: …」",
}


class Malformed(ValueError):
    """問の書き方の誤り。文はそのまま、書いた人に見せる。"""


class Hint(NamedTuple):
    """ある答えの人へのヒント。"""

    relation: str  # "" なら等しいとき。"<"、"<="、">"、">=" もある
    value: str  # 数、{glue の名前}、項目の番号の並び、else。選ぶ問では選択肢の番号
    text: str


class Content(NamedTuple):
    """問の中身。"""

    text: str
    items: tuple[str, ...]  # 選択肢か、並べる項目。数の問では空
    hints: tuple[Hint, ...]
    explanation: str


def parse(body: str, form: str) -> Content:
    """問の中身を読む。

    Parameters
    ----------
    body : str
        囲みの中身から、先頭の ``:名前: 値`` を除いたもの。
    form : str
        答え方。``FORMS`` のどれか。

    Raises
    ------
    Malformed
        書き方が違うとき。

    Examples
    --------
    >>> made = parse("どちら？\\n+++\\n- 左\\n- 右 => 逆です。\\n+++\\n左です。", "choice")
    >>> made.items, made.hints
    (('左', '右'), (Hint(relation='', value='2', text='逆です。'),))
    """
    parts = blocks(body)
    if len(parts) != 3 or not all(parts):
        raise Malformed(f"{PARTS}（中身のあるものは {sum(map(bool, parts))} つでした）。")
    lines = logical_lines(parts[1])
    items = [match["text"] for line in lines if (match := ITEM.fullmatch(line))]
    rest = [line for line in lines if not ITEM.fullmatch(line)]
    if form == "choice":
        items, hints = choices(items, rest)
    else:
        hints = [read_hint(line, form) for line in rest]
    check_items(items, form)
    check_hints(hints, form)
    return Content(parts[0], tuple(items), tuple(hints), parts[2])


def blocks(body):
    """``+++`` で区切られた部分。

    >>> blocks("問\\n+++\\n- 項")
    ['問', '- 項']
    """
    return [part.strip("\n") for part in BREAK.split(body)]


def logical_lines(text):
    """字下げした続きの行を、前の行につないだ行。"""
    lines = []
    for line in text.split("\n"):
        if line[:1].isspace() and lines and line.strip():
            lines[-1] += " " + line.strip()
        elif line.strip():
            lines.append(line.strip())
    return lines


def choices(items, rest):
    """選択肢と、それを選んだ人へのヒントに分ける。"""
    if rest:
        raise Malformed(
            f"選択肢は「- 選択肢 => ヒント」と書く必要がありますが、「{rest[0]}」でした。"
        )
    pairs = [[part.strip() for part in item.split("=>", 1)] for item in items]
    hints = [Hint("", str(i), pair[1]) for i, pair in enumerate(pairs, 1) if len(pair) > 1]
    return [pair[0] for pair in pairs], hints


def read_hint(line, form):
    match = HINT.fullmatch(line)
    if not match:
        raise Malformed(f"ヒントは{HINT_FORM[form]}と書く必要がありますが、「{line}」でした。")
    return Hint(**match.groupdict())


def check_items(items, form):
    if form == "number" and items:
        raise Malformed(f"数の問に選択肢は書けませんが、「- {items[0]}」がありました。")
    if form != "number" and len(items) < 2:
        raise Malformed(f"選択肢か項目が 2 つ以上要りますが、{len(items)} つでした。")
    if not all(items) or len(set(items)) < len(items):
        raise Malformed("選択肢か項目に、空のものか、同じものがあります。")


def check_hints(hints, form):
    if any(not hint.text for hint in hints):
        raise Malformed("空のヒントがあります。")
    conditions = [hint[:2] for hint in hints]
    if twice := [value for value in conditions if conditions.count(value) > 1]:
        raise Malformed(f"「{''.join(twice[0])}」へのヒントが 2 つあります。")
    if form != "choice" and ("", ELSE) not in conditions:
        raise Malformed("ほかのどの答えにも当てはまらない人への「else: ヒント」が要ります。")


def read_number(text: str) -> float:
    """ヒントの条件や、許す差に書いた数。分数と、桁を区切る「,」も読む。

    >>> read_number("3/4"), read_number("1,024")
    (0.75, 1024.0)

    Raises
    ------
    Malformed
        数でないとき。
    """
    try:
        top, _, bottom = text.replace(",", "").partition("/")
        return float(top) / float(bottom) if bottom else float(top)
    except (ValueError, ZeroDivisionError):
        raise Malformed(f"数が要りますが、「{text}」でした。") from None


def shown(body: str) -> tuple[str, str]:
    """囲みの中身から、ヒントを除いた、問と解説の Markdown。

    >>> shown("どちら？\\n+++\\n- 左\\n- 右 => 逆です。\\n+++\\n左です。")
    ('どちら？\\n\\n- 左\\n- 右', '左です。')
    """
    text, middle, explanation = (*blocks(body), "", "")[:3]
    items = [line.partition("=>")[0].rstrip() for line in logical_lines(middle)]
    listed = "\n".join(item for item in items if ITEM.fullmatch(item))
    return "\n\n".join(filter(None, (text, listed))), explanation
