"""検索が探す文。ページごとに、節に分けた文を _static/search/ページの名前.js に書く。

``fetch`` はファイルを直接開いたページでは使えないので、データではなくスクリプトの形にする。
読み込むのは検索のページ（search.js）だけである。
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

from editions.markdown_writer import labels, table_rows
from japanese.search import SYMBOLS
from page.page_numbers import number_of, numbered

FOLDER = "search"
# 見えない、または字に掛かるだけの命令
FONT = re.compile(
    r"\\(?:begin|end)\{\w+\*?\}(?:\{\w+\})?"
    r"|\\(?:boldsymbol|math\w+|text\w*|operatorname|[td]?frac|left|right|[Bb]ig\w*"
    r"|hat|bar|tilde|over\w+|under\w+|displaystyle|limits|nonumber|label)(?![A-Za-z])"
)
SPACE = re.compile(r"\\(?:[,;:! \\]|q?quad(?![A-Za-z]))")
MARKS = """
times × approx ≈ cdot · dots … cdots … ldots … le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ pm ± div ÷ to → in ∈
mapsto ↦ leftarrow ← rightarrow → Longrightarrow ⟹ Rightarrow ⟹ lVert ‖ rVert ‖ lvert | rvert |
lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ top ⊤ circ ∘ ell ℓ sim ∼ int ∫ Delta Δ
"""
SHOWN = {name: symbol for symbol, name in SYMBOLS.items()} | dict(re.findall(r"(\w+) (\S)", MARKS))
SYMBOL = re.compile(rf"\\(?:var)?({'|'.join(SHOWN)})(?![A-Za-z])")


def sections(doctree, numbers):
    """節ごとの、id、題、文（段落や表の欄が 1 行）。用語集の語も、1 つの節とする。"""
    for section in doctree.findall(titled):
        yield section["ids"][0], readable(section[0]), "\n".join(blocks(section, numbers))
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            *terms, meaning = item.children
            named = "、".join(map(readable, terms))
            yield terms[0]["ids"][0], named, "\n".join(blocks(meaning, numbers))


def titled(node):
    """題のある節か。練習の問の中身も、題のない（空のこともある）節になっている。"""
    return isinstance(node, nodes.section) and isinstance(node.next_node(), nodes.title)


def blocks(node, numbers):
    """node の中の文。中の節のものは除く。検索に出さないものも除く。図、表、式には番号を付ける。"""
    for child in node.children:
        if isinstance(child, nodes.comment | addnodes.glossary) or titled(child):
            continue
        if isinstance(child, nodes.title) and titled(node):
            continue
        if isinstance(child, nodes.raw):
            yield from drawn(child)
        elif isinstance(child, nodes.image):
            yield child.get("alt", "")
        elif isinstance(child, nodes.TextElement | nodes.Text):
            yield f"{number_of(child, numbers)} {readable(child)}".strip()
        elif "no-search" not in child["classes"]:
            yield from blocks(child, numbers)


def drawn(raw):
    """HTML で組んだ出力の、図の説明文と、表の文（1 行ずつ）。飾りの絵や部品は除く。"""
    if "html" in raw.get("format", "").split():
        yield from labels(raw.astext())
        yield from (" | ".join(filter(None, row)) for row in table_rows(raw.astext()))


def readable(node):
    """数式を文字だけで読める形にした、node の文。行を変えるのはコードだけ。絵は除く。"""
    copy = nodes.inline("", "", node.deepcopy())
    for picture in [*copy.findall(nodes.raw)]:
        picture.parent.remove(picture)
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
    >>> plain(r"\lVert \hat{y} \rVert \times N_{\mathrm{GRU}} \le 2\quad(T \to \infty)")
    '‖ y ‖ × N_GRU ≤ 2 (T → ∞)'
    """
    shown = SYMBOL.sub(lambda name: SHOWN[name[1]], FONT.sub("", SPACE.sub(" ", formula)))
    return " ".join(re.sub(r"[{}&\\]", "", shown.replace("}{", " / ")).split())


def write(app, pagename, templatename, context, doctree):
    """ページを書き出すときに、そのページの文を書く。検索のページには、結果を見せるものを付ける。"""
    if app.builder.name != "html":
        return
    if pagename == "search":
        app.add_css_file("search.css")
        app.add_js_file("search.js", loading_method="defer")
    elif doctree:
        chapter = app.env.toc_secnumbers.get(pagename, {}).get("")
        page = {
            "number": app.config.numfig_format["section"] % chapter if chapter else "",
            "sections": [*sections(doctree, numbered(app, pagename))],
        }
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        script = f"bookTexts[{json.dumps(pagename)}] = {json.dumps(page, ensure_ascii=False)};\n"
        (folder / f"{pagename}.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("html-page-context", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
