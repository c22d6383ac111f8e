"""検索の結果に添える文。ページごとに、節に分けた文を _static/search/ページの名前.js に書く。

``fetch`` はファイルを直接開いたページでは使えないので、データではなくスクリプトの形にする。
読み込むのは検索のページ（search.js）だけで、それも、語の見つかったページのものだけである。
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

from japanese.search import SYMBOLS

FOLDER = "search"
FONT = re.compile(
    r"\\(?:begin|end)\{\w+\*?\}|\\(?:boldsymbol|math\w+|text\w*|operatorname|[td]?frac|left|right|quad|,|;)"
)
TEX_NAMES = {name: symbol for symbol, name in SYMBOLS.items()}
SYMBOL = re.compile(rf"\\(?:var)?({'|'.join(TEX_NAMES)})(?![A-Za-z])")


def sections(doctree):
    """節ごとの、id、題、文（段落や表の欄が 1 行）。用語集の語も、1 つの節とする。"""
    for section in doctree.findall(titled):
        yield section["ids"][0], readable(section[0]), "\n".join(blocks(section))
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            *terms, meaning = item.children
            named = "、".join(map(readable, terms))
            yield terms[0]["ids"][0], named, "\n".join(blocks(meaning))


def titled(node):
    """題のある節か。練習の問の中身も、題のない（空のこともある）節になっている。"""
    return isinstance(node, nodes.section) and isinstance(node.next_node(), nodes.title)


def blocks(node):
    """node の中の文。中の節のものは除く。索引に入れないものも除く。"""
    for child in node.children:
        if isinstance(child, nodes.raw | nodes.comment | addnodes.glossary) or titled(child):
            continue
        if isinstance(child, nodes.title) and titled(node):
            continue
        if isinstance(child, nodes.TextElement | nodes.Text):
            yield readable(child)
        elif "no-search" not in child["classes"]:
            yield from blocks(child)


def readable(node):
    """数式を文字だけで読める形にした、node の文。行を変えるのはコードだけ。"""
    copy = nodes.inline("", "", node.deepcopy())
    for math in [*copy.findall(nodes.math), *copy.findall(nodes.math_block)]:
        math.parent.replace(math, nodes.Text(plain(math.astext())))
    text = copy.astext().strip()
    return text if isinstance(node, nodes.FixedTextElement) else " ".join(text.split())


def plain(formula):
    r"""数式から、組版の指定を除く。

    >>> plain(r"\boldsymbol{h}_t = \tanh(a) \odot \sigma(b)")
    'h_t = tanh(a) ⊙ σ(b)'
    >>> plain(r"\frac{\partial L}{\partial a}")
    '∂ L / ∂ a'
    """
    shown = SYMBOL.sub(lambda name: TEX_NAMES[name[1]], FONT.sub("", formula))
    return " ".join(re.sub(r"[{}&\\]", "", shown.replace("}{", " / ")).split())


def write(app, pagename, templatename, context, doctree):
    """ページを書き出すときに、そのページの文を書く。検索のページには、結果を見せるものを付ける。"""
    if app.builder.name != "html":
        return
    if pagename == "search":
        app.add_css_file("search.css")
        app.add_js_file("search.js", loading_method="defer")
    elif doctree:
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        texts = json.dumps([*sections(doctree)], ensure_ascii=False)
        script = f"bookTexts[{json.dumps(pagename)}] = {texts};\n"
        (folder / f"{pagename}.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("html-page-context", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
