"""HTML の数式に、日本語の読みを付ける。

MathJax が組んだ記号の列は、そのまま読み上げても式にならない。式の要素に読み（aria-label）を付け、
中身は読み上げから隠す。スクリプトが動かないときの、生の TeX も読まれない。
"""

import html
import re

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from page.spoken_math import UnknownCommand, read

logger = logging.getLogger(__name__)
CLASSES = "math notranslate nohighlight"


def reading(node):
    """式の読み。読み方を知らない命令があれば、それを述べて警告する。"""
    try:
        return read(node.astext())
    except UnknownCommand as unknown:
        logger.warning(
            "数式の %s の読み方を、book/_ext/page/spoken_math_words.py に加えてください: %s",
            unknown,
            node.astext(),
            location=node,
            type="spoken_math",
        )
        return "数式"


def spoken(node, delimiters, tag="span"):
    """読みの付いた、MathJax が組む式。"""
    tex = html.escape(node.astext(), quote=False).join(delimiters)
    label = html.escape(reading(node))
    return (
        f'<{tag} role="math" aria-label="{label}"><{tag} aria-hidden="true">{tex}</{tag}></{tag}>'
    )


def visit_math(self, node):
    if "anchorname" in node.parent and re.fullmatch("[A-Za-z]", node.astext()):
        # ページの目次の 1 文字は、スクリプトが動かなくても読める
        self.body.append(f"<i>{node.astext()}</i>")
        raise nodes.SkipNode
    self.body.append(self.starttag(node, "span", "", CLASS=CLASSES))
    self.body.append(f"{spoken(node, self.builder.config.mathjax_inline)}</span>")
    raise nodes.SkipNode


def visit_math_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS=CLASSES))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f"{spoken(node, self.builder.config.mathjax_display, 'div')}</div>\n")
    raise nodes.SkipNode


def use(app):
    # add_html_math_renderer は、もうある名前を受け付けず、別の名前では MathJax が読み込まれない。
    app.registry.html_inline_math_renderers["mathjax"] = (visit_math, None)
    app.registry.html_block_math_renderers["mathjax"] = (visit_math_block, None)


def setup(app):
    app.connect("builder-inited", use, priority=900)  # myst_parser が取り替えたあとに
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
