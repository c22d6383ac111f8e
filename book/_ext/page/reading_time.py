"""章を読む時間: 原稿から、1 つの規則（:func:`minutes`）で求める。時間を手で書くところはない。

    **読む時間**：{reading-time}`02_lstm`。

原稿の名前を「,」で区切って並べれば、その合計になる。

    1 日めは、{reading-time}`01_rnn, 02_lstm, 03_adding` です。

名前の後に「#」と節のラベルを書けば、その節だけの時間になる。

    第 1 部だけなら {reading-time}`09_practice#sec-practice-choose`。
"""

import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from unicodedata import east_asian_width

from docutils import nodes
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from sphinx.config import Config
from sphinx.directives.code import LiteralIncludeReader
from sphinx.util.docutils import SphinxRole

from editions.fences import fences, options
from exercises.question_content import shown
from page.shown_code import chosen

SECONDS = {"字": 60 / 400, "文中の式": 2, "式の行": 10, "コードの行": 3, "図": 20}
STEP = 5  # 分

# 中身を数えない囲み。畳んであるものと、読むものでないもの。
UNREAD = (
    *("answer", "large-answer", "solution", "dropdown"),
    *("bibliography", "eval-rst", "execution-table", "raw", "toctree"),
)
PICTURES = ("figure", "play")
INCLUDED = re.compile(r"^[ \t]*[`:]{3,}\{literalinclude\} *(\S+)", re.MULTILINE)

parser = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(front_matter_plugin)
    .use(myst_block_plugin)
    .use(myst_role_plugin)
    .use(dollarmath_plugin)
)


class UnknownPage(LookupError):
    """読む時間を求められた原稿か、その中の節がない。"""


def minutes(text, folder):
    """原稿を読むのにかかる、おおよその時間。

    次の秒数を足し、5 分の単位に切り上げる。

    ================ ====== ==========================================================
    読むもの         秒     数え方
    ================ ====== ==========================================================
    字               0.15   文、見出し、表、図の説明、問と選択肢、練習の問。半角は 2 つで 1 字
    文中の式         2      ``$`` で挟んだもの 1 つ
    式の行           10     行を分けて置いた式の、原稿での 1 行（環境の始めと終わりは除く）
    コードの行       3      見えているコードの、空でない 1 行。読み込んで見せるものも含む
    図               20     置いた図と、コードを隠して結果だけを見せるセル
    ================ ====== ==========================================================

    問と練習を解く時間、畳んである補足やヒントや解答、ページに出ないセル、セルの出力の文字は
    数えない。囲みの題も数えない。

    1 字 0.15 秒は、1 分に 400 字の速さ。小学校の高学年向けの文章を大人が声に出して読む速さは、
    日本語で 1 分に 357 字と測られている（Trauzettel-Klosinski and Dietz 2012,
    https://doi.org/10.1167/iovs.11-8284）。黙って読めばもっと速いが、この本の文章はもっと難しいので、
    少しだけ速い 400 字とする。半角を 2 つで 1 字とするのは、同じ測定で、アルファベットの 1 字に
    かかる時間が、日本語の 1 字の半分ほどだから。ほかの秒数は、測ったものではなく、決めたもの。

    Parameters
    ----------
    text : str
        MyST の原稿。
    folder : Path
        原稿のあるフォルダ。``literalinclude`` が見せるファイルを、ここから探す。

    Returns
    -------
    int
        5 の倍数。

    Examples
    --------
    2,000 字がちょうど 5 分、それより少しでも長ければ 10 分になる。

    >>> minutes("字" * 2000, Path())
    5
    >>> minutes("字" * 2000 + " $x$", Path())
    10
    """
    seconds = sum(SECONDS[kind] * amount for kind, amount in amounts(text, folder).items())
    return STEP * math.ceil(round(seconds, 3) / (60 * STEP))


def amounts(text, folder):
    """``SECONDS`` のそれぞれが、原稿にいくつあるか。

    >>> amounts("式 $x$ と `nn.GRU`", Path())
    Counter({'字': 5.0, '文中の式': 1})
    """
    found, lines = Counter(), text.split("\n")
    for fence in reversed(list(fences(text))):
        found.update(in_fence(fence, folder))
        lines[fence.first : fence.end] = [""]
    found.update(in_prose("\n".join(lines)))
    return found


def in_fence(fence, folder):
    """囲みの中にあるもの。"""
    if fence.name in UNREAD:
        return {}
    if fence.name is None:
        return {"コードの行": written(fence.body)}
    if fence.name == "code-cell":
        return in_cell(fence)
    if fence.name == "literalinclude":
        return {"コードの行": written(included(fence, folder))}
    if fence.name == "math":
        return {"式の行": rows(fence.text())}
    if fence.name == "question":
        return amounts(shown(fence.text())[0], folder)
    inside = amounts(fence.text(), folder)
    if fence.name in PICTURES:
        inside["図"] += 1
    return inside


def in_cell(cell):
    tags = options(cell).get("tags", "")
    if "remove-cell" in tags:
        return {}
    if "hide-input" in tags or "remove-input" in tags:
        return {"図": 1}
    return {"コードの行": written(cell.text())}


def in_prose(text):
    """囲みを除いた文の中にあるもの。"""
    found = Counter()
    for block in parser.parse(text):
        if block.type.startswith("math_block"):
            found["式の行"] += rows(block.content)
        for piece in block.children or []:
            if piece.type == "math_inline":
                found["文中の式"] += 1
            else:
                found["字"] += letters(piece.content)
    return found


def letters(text):
    """空白を除く字数。半角は 2 つで 1 字。

    >>> letters("双方向 LSTM")
    5.0
    """
    widths = (east_asian_width(letter) for letter in text if not letter.isspace())
    return sum(1.0 if width in "FWA" else 0.5 for width in widths)


def written(code):
    """空でない行の数。"""
    return sum(bool(line.strip()) for line in code.split("\n"))


def rows(formula):
    r"""原稿での式の行の数。環境の始めと終わりの行は数えない。

    >>> rows(r'''\begin{aligned}
    ... c &= f + g \\
    ... h &= o
    ... \end{aligned}''')
    2
    """
    return written(re.sub(r"^\s*\\(?:begin|end)\{\w+\*?\}\s*$", "", formula, flags=re.MULTILINE))


def included(fence, folder):
    """``literalinclude`` が見せるコード。"""
    asked = {name: value for name, value in options(fence).items() if name != "dedent"}
    path = folder / fence.argument
    try:
        return LiteralIncludeReader(path, chosen(path, asked), Config()).read()[0]
    except (OSError, ValueError, SyntaxError):
        return ""  # 見せられないことは、literalinclude 自身が、書いた場所を添えて知らせる


def told(total):
    """分を、読む言い方にしたもの。

    >>> [told(30), told(60), told(95)]
    ['30 分', '1 時間', '1 時間 35 分']
    """
    hours, rest = divmod(total, 60)
    parts = [f"{hours} 時間"] * (hours > 0) + [f"{rest} 分"] * (rest > 0 or hours == 0)
    return " ".join(parts)


def section(text, label):
    """ラベルの付いた見出しから、同じ段かそれより上の、次の見出しの手前まで。

    >>> section("# 章\\n\\n(a)=\\n## 部\\n\\n文\\n\\n### 節\\n\\n文\\n\\n## 次の部\\n", "a")
    '## 部\\n\\n文\\n\\n### 節\\n\\n文\\n'
    """
    lines = text.split("\n")
    inside = {k for fence in fences(text) for k in range(fence.first, fence.end)}
    found = (re.match("(#+) ", line) for line in lines)
    levels = {k: len(m[1]) for k, m in enumerate(found) if m and k not in inside}
    first = next((k for k in levels if f"({label})=" in lines[:k][-1:]), None)
    if first is None:
        raise UnknownPage(f"読む時間を求める節のラベル {label} が、見出しの前にありません。")
    ends = (k for k in levels if k > first and levels[k] <= levels[first])
    return "\n".join(lines[first : next(ends, None)])


def sources(env, names):
    """「,」で区切って並べた名前の、原稿のファイルと、節のラベル（なければ空）。"""
    listed = [name.strip().partition("#")[::2] for name in names.split(",")]
    if unknown := [name for name, _ in listed if name not in env.found_docs]:
        raise UnknownPage(
            f"読む時間を求める原稿 {'、'.join(unknown)} がありません。"
            "拡張子のない名前（01_rnn など）を「,」で区切って書きます。"
        )
    return [(Path(env.doc2path(name)), label) for name, label in listed]


def time_of(env, names):
    """並べた原稿を読む時間。"""
    return told(sum(minutes_of(*source) for source in sources(env, names)))


@cache
def minutes_of(file, label):
    """1 つの原稿（か、その節）を読む時間。同じ章の時間を、いくつものページが尋ねる。"""
    text = file.read_text(encoding="utf-8")
    return minutes(section(text, label) if label else text, file.parent)


class ReadingTime(SphinxRole):
    """原稿の名前を 1 つ以上受け取り、読む時間の文字にする。"""

    def run(self):
        try:
            text = time_of(self.env, self.text)
        except UnknownPage as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        self.note_dependencies()
        return [nodes.Text(text)], []

    def note_dependencies(self):
        """章、章の見せるコード、この規則のどれが変わっても、読む時間を書き直す。"""
        self.env.note_dependency(__file__)
        for file, _ in sources(self.env, self.text):
            self.env.note_dependency(file)
            for code in INCLUDED.findall(file.read_text(encoding="utf-8")):
                self.env.note_dependency(file.parent / code)


def setup(app):
    app.add_role("reading-time", ReadingTime())
    app.connect(
        "builder-inited", lambda app: minutes_of.cache_clear()
    )  # 原稿は変わったかもしれない
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
