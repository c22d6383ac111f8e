"""EPUB 版（make epub）: 式は MathML にし、スクリプトは入れない。

EPUB を読む道具の多くは JavaScript を動かさないので、MathJax の代わりに、作るときに MathML にする。
MathML を読み上げられない道具のために、式の読み（alttext）も添える。
"""

import html
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.builders.epub3 import HTML_TAG, Epub3Builder
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from page.math_in_html import reading

# HTML では許されるが、EPUB（XML）では許されない書き方。
TIDY = (
    (re.compile(r"<script\b.*?</script>", re.DOTALL), lambda _: ""),
    (re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;"), lambda name: html.unescape(name[0])),
    (re.compile(r"<svg(?![^>]*xmlns=)"), lambda _: '<svg xmlns="http://www.w3.org/2000/svg"'),
    (
        re.compile(r"<summary[^>]*>\s*<p [^>]*>([^<]*)</p>.*?</summary>", re.DOTALL),
        lambda pair: f"<summary>{pair[1]}</summary>",
    ),
    (
        re.compile(r'href="[^"]*"'),
        lambda link: link[0].replace("&lt;", "%3C").replace("&gt;", "%3E"),
    ),
)
ITEM = re.compile(r'<item id="[^"]+" href="(?P<href>[^"]+\.xhtml)" media-type="[^"]+"(?= />)')
PROPERTIES = {"math": "mathml", "svg": "svg"}

MATHML = "http://www.w3.org/1998/Math/MathML"

converter = LatexToMathML(xml_namespace=True)
ET.register_namespace("", MATHML)


class UnreadablePage(SphinxError):
    category = "EPUB にできないページがあります"


def tidy(page):
    for pattern, replacement in TIDY:
        page = pattern.sub(replacement, page)
    return page


def mathml(tex, words, display=False):
    """TeX の式を、words という読みの付いた MathML 3 にする。"""
    try:
        made = converter.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise UnreadablePage(f"式を MathML にできません: {tex}\n{error}") from None
    tree = ET.fromstring(tidy(made))
    tree.set("alttext", words)
    for parent in list(tree.iter()):
        for place, child in enumerate(parent):
            parent[place] = as_mathml3(child)
    return ET.tostring(tree, encoding="unicode")


def as_mathml3(element):
    """MathML 3 では、組む大きさは、まわりの mstyle が決める。"""
    element.attrib.pop("scriptlevel", None)
    if element.tag == f"{{{MATHML}}}mstyle" or "displaystyle" not in element.attrib:
        return element
    style = ET.Element(f"{{{MATHML}}}mstyle", displaystyle=element.attrib.pop("displaystyle"))
    style.append(element)
    return style


def visit_math(self, node):
    self.body.append(mathml(node.astext(), reading(node)))
    raise nodes.SkipNode


def visit_math_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})</span>')
    self.body.append(mathml(node.astext(), reading(node), display=True) + "</div>\n")
    raise nodes.SkipNode


class EpubEdition(Epub3Builder):
    html_tag = HTML_TAG.replace(">", ' lang="ja" xml:lang="ja">')
    guide_titles = {"toc": "目次", "cover": "表紙"}  # noqa: RUF012  (Sphinx が決めた形)

    def add_css_file(self, filename, **options):
        """拡張が足す、画面のための見た目は入れない。"""
        if filename in ("pygments.css", "epub.css", *dict(self.config.epub_css_files)):
            super().add_css_file(filename, **options)

    def prepare_writing(self, docnames):
        super().prepare_writing(docnames)
        self.domain_indices = []  # 「モジュールの索引」は、索引と重なり、スクリプトで動く

    def handle_page(self, pagename, *arguments, **options):
        super().handle_page(pagename, *arguments, **options)
        path = Path(self.outdir) / f"{pagename}{self.out_suffix}"
        path.write_text(tidy(path.read_text(encoding="utf-8")), encoding="utf-8")

    def build_content(self):
        """使うものだけを目録に載せ、式や図を含むページには、そう書く（EPUB 3 の決まり）。"""
        folder = Path(self.outdir)
        used = {"_static/file.png", *(css.filename for css in self._css_files)}
        static = {path.relative_to(folder).as_posix() for path in folder.glob("_static/**/*")}
        self.config.epub_exclude_files = sorted(static - used)
        super().build_content()
        catalog = folder / "content.opf"
        text = ITEM.sub(self._with_properties, catalog.read_text(encoding="utf-8"))
        catalog.write_text(text, encoding="utf-8")

    def _with_properties(self, item):
        try:
            page = ET.parse(Path(self.outdir) / html.unescape(item["href"]))
        except ET.ParseError as error:
            raise UnreadablePage(f"{item['href']}: {error}") from None
        tags = {element.tag.rpartition("}")[2] for element in page.iter()}
        names = " ".join(name for tag, name in PROPERTIES.items() if tag in tags)
        return f'{item[0]} properties="{names}"' if names else item[0]


def setup(app):
    app.add_builder(EpubEdition, override=True)
    app.add_config_value("epub_math_renderer", "mathml", "epub", types=frozenset({str}))
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
