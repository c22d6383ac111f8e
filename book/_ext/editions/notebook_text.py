"""章の MyST の文を、ノートで読める Markdown にする。

参照先の題や測った値は、``page`` が教える（notebooks の ``Page``）。
"""

import re

from editions.fences import fences, options
from exercises.question_content import DIFFERENT, FORMS, parse, shown
from exercises.question_key import key_of, right_answer
from run.guards import BOOK, NAMELESS, TITLE

# ノートでは働かないもの。
HIDDEN = ("toctree", "bibliography", "execution-table", "large-answer", "solution")
PICTURES = ("figure", "play")

ROLE = re.compile(r"\{(?P<role>[\w:-]+)\}`(?P<target>[^`]+)`")
TITLED = re.compile(r"(?P<title>.*?)\s*<(?P<target>[^<>]+)>")
EXPLANATION = re.compile(r"<details><summary>問 .*?</details>\n*", re.DOTALL)
EXERCISE = re.compile(r"ex-(\d+)-(\d+)")

CHECK = """\
書いた関数は、新しいセルで次のようにして確かめます。

```python
from tests.exercises import check

check("{number}", {name})
```"""


def readable(text, page):
    """MyST の文を、ノートで読める Markdown にする。

    Parameters
    ----------
    text : str
    page : Page
        参照先の題、式の番号、文献、測った値、読む時間、載せるコードを教えるもの。

    Returns
    -------
    str
    """
    text = without_directives(re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE), page)
    lines, done = [], 0
    for code in [fence for fence in fences(text) if not fence.name]:
        lines += [*_roles(text.split("\n")[done : code.first], page)]
        lines += text.split("\n")[code.first : code.end]
        done = code.end
    lines += _roles(text.split("\n")[done:], page)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_directives(text, page):
    """囲みのディレクティブを、ふつうの Markdown にする。"""
    lines = text.split("\n")
    for fence in reversed(list(fences(text))):
        if fence.name:
            lines[fence.first : fence.end] = ["", *_plain(fence, page), ""]
    return "\n".join(lines)


def _plain(fence, page):
    """ディレクティブを、ふつうの Markdown にした行。"""
    if fence.name in HIDDEN:
        return []
    if fence.name == "math":
        return _math(fence, page)
    if fence.name == "literalinclude":
        return _code(page.included(fence), options(fence).get("language", "python"))
    if fence.name == "answer":
        return _answer(fence.argument, page)
    if fence.name == "question":
        return _question(fence, page)
    if fence.name == "list-table":
        number = page.number(options(fence).get("name"))
        title = f"{number}　{fence.argument}" if number else fence.argument
        return [f"**{title}**", "", *_table(fence.text())]
    inside = without_directives(fence.text(), page)
    if fence.name in PICTURES:
        number, seen = page.number(options(fence).get("name")), options(fence).get("alt", "")
        return [f"**{number or '図'}**（絵は、本のページにあります）", "", seen, "", inside]
    if fence.name == "guard":  # 引数は、題ではなく条件の名前
        return [inside, *_note(fence, page)]
    return [_title(fence), "", inside]


def _title(fence):
    number = EXERCISE.fullmatch(options(fence).get("label", ""))
    title = f"練習 {number[1]}.{number[2]}　{fence.argument}" if number else fence.argument
    return f"**{title}**" if title else ""


def _math(fence, page):
    label = options(fence).get("label")
    tag = [rf"\tag{{{page.equation(label)}}}"] if label else []
    return ["$$", fence.text(), *tag, "$$"]


def _code(code, language):
    return [f"```{language}", *code.rstrip("\n").split("\n"), "```"]


def _answer(number, page):
    """直すコードと、答えの確かめ方。ヒントと解答は、本のページにある。"""
    name, code = page.exercise(number)
    told = CHECK.format(number=number, name=name).split("\n")
    return [*_code(code, "python"), "", *told] if code else told


def _question(fence, page):
    """問と選択肢と、畳んだ解説。ヒントは、答える欄のあるページだけのもの。"""
    settings, (text, explanation) = options(fence), shown(fence.text())
    title = f"**問 {fence.argument}（{settings.get('kind', '')}）　{settings.get('title', '')}**"
    folded = [
        f"<details><summary>問 {fence.argument} の答えと解説</summary>",
        "",
        without_directives(explanation, page),
        *_difference(fence, page),
        "",
        "</details>",
    ]
    return [title, "", without_directives(text, page), "", *folded]


def _difference(fence, page):
    """本を作った実行の答えが、解説の答えと違ったときの注。"""
    settings = options(fence)
    form = next((form for form in FORMS if form in settings), None)
    if form is None or page.value(settings[form]) is None:
        return []
    content = parse(fence.text(), form)
    key, misfits = key_of(content, settings, page.value)
    if not misfits or any(inner.name == "guard" for inner in fences(content.explanation)):
        return []
    answer = right_answer(content, key, settings.get("unit", ""))
    return ["", f"**{TITLE}。** {BOOK}{DIFFERENT.format(answer=answer)}"]


def _note(fence, page):
    """本を作った実行で条件が成り立たなかった文の、すぐ後に付ける注。"""
    if not any(page.value(name) == "False" for name in fence.argument.split()):
        return []
    return ["", f"**{TITLE}。** {BOOK}{options(fence).get('here', NAMELESS)}"]


def _table(text):
    """``* - 項`` と ``  - 項`` の並びを、Markdown の表にした行。"""
    rows = []
    for line in text.split("\n"):
        if line.startswith("* -"):
            rows.append([])
        if line.startswith(("* -", "  -")):
            rows[-1].append(line[3:].strip().replace("|", r"\|"))
        elif line.strip():
            rows[-1][-1] += f" {line.strip()}"
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return [head, "|" + " --- |" * len(rows[0]), *body]


def _roles(lines, page):
    """役割（{ref} など）を、読める文にした行。役割は、行をまたがない。"""
    return [ROLE.sub(lambda match: role(match["role"], match["target"], page), x) for x in lines]


def role(name, target, page):
    """役割 1 つを、読める文にする。"""
    titled = TITLED.fullmatch(target)
    if exercise := EXERCISE.fullmatch(target):
        return f"練習 {exercise[1]}.{exercise[2]}"
    if name in ("ref", "numref", "doc"):
        number = page.number(target) if name == "numref" else None
        return titled["title"] if titled else number or f"「{page.title(target)}」"
    if name == "eq":
        return f"式 ({page.equation(target)})"
    if name.startswith("cite"):
        return f"（{page.citation(target)}）" if name == "cite:p" else page.citation(target)
    if name == "glue:text":
        return page.value(target) or "（測った値）"
    if name == "reading-time":
        return page.reading_time(target)
    text = titled["title"] if titled else target
    if name in ("term", "download"):
        return text
    return f"`{text.rpartition('.')[2] if text.startswith('~') else text}`"
