"""用語の吹き出し: 本文の {term} に、用語集の説明を添える。

説明は _static/terms.js に 1 度だけ書き、book.js が、指したり Tab で選んだりした用語に出す。
スクリプトが動かなければ、ふつうの用語集へのリンクのまま。
"""

import html
import json
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

from page.math_in_html import spoken

VARIABLE = "bookTerms"


def meanings(doctree):
    """用語集の見出しの id から、説明の文への対応。"""
    found = {}
    for item in doctree.findall(nodes.definition_list_item):
        terms = list(item.findall(nodes.term))
        for term in terms:
            for name in term["ids"]:
                found[name] = plain(item[-1])
    return found


def plain(definition):
    """説明の HTML。数式は、MathJax が組む形で、読みを付けて残す。"""
    copy = definition.deepcopy()
    for math in list(copy.findall(nodes.math)):
        math.replace_self(nodes.raw("", spoken(math, (r"\(", r"\)"))))
    for text in list(copy.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.raw):
            text.parent.replace(text, nodes.Text(html.escape(text, quote=False)))
    return " ".join(copy.astext().split())


def write(app, doctree, docname):
    """用語集を書き出すときにだけ、説明を書き直す。"""
    if docname != "glossary" or app.builder.name != "html":
        return
    found = {}
    for glossary in doctree.findall(addnodes.glossary):
        found |= meanings(glossary)
    script = f"window.{VARIABLE} = {json.dumps(found, ensure_ascii=False)};\n"
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "terms.js").write_text(script, encoding="utf-8")


def add_script(app):
    if app.builder.name == "html" and "glossary" in app.env.found_docs:
        app.add_js_file("terms.js", loading_method="defer", priority=400)


def setup(app):
    app.connect("builder-inited", add_script)
    app.connect("doctree-resolved", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
