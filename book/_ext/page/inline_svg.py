"""図（SVG）をページに埋め込み、id をぶつからないようにする。

``<img>`` で入れた SVG は、まわりの文字の色（currentColor）を知らない。埋め込めば、画面の
明暗に図が従い、説明文（alt）はそのまま読み上げられる。

1 つのページに、同じ id（字形や切り抜き）を持つ図がいくつも並ぶ。そのままでは、ある図が、ほかの図の
部品を使ってしまう。
"""

import hashlib
import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
ID = re.compile(r'(?<=\sid=")([^"]+)(?=")')
# id を指す書き方: 塗りや切り抜きの url(#…)、<use> などの href、説明文の名前
REFERENCE = re.compile(r'(?<=url\(#)([^)"]+)(?=\))|(?<=href="#)([^"]+)(?=")')
NAMES = re.compile(r'(?<=\saria-)((?:labelledby|describedby)=")([^"]+)(?=")')
# matplotlib は、空白の字形を、線のない <path> にする。
EMPTY_PATH = re.compile(r"<path\b(?![^>]*\sd=\"[^\"])[^>]*?(?:/>|>\s*</path>)")


class InlineSvg(SphinxPostTransform):
    default_priority = 100
    formats = ("html",)

    def run(self, **kwargs):
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir) / image["uri"]
            if path.suffix == ".svg" and path.is_file():
                svg = inline(path.read_text(encoding="utf-8"), image.get("alt", ""))
                style = f' style="width:{image["width"]}"' if image.get("width") else ""
                image.replace_self(
                    nodes.raw("", f'<div class="diagram"{style}>{svg}</div>', format="html")
                )


class OwnIds(SphinxPostTransform):
    """埋め込んだ図と、セルが出力した図の id を、本の中でただ 1 つのものにする。"""

    default_priority = 950  # どの出力を見せるかが決まってから
    formats = ("html",)

    def run(self, **kwargs):
        place = 0

        def renamed(svg):
            nonlocal place
            place += 1
            return with_own_ids(svg[0], f"{self.env.docname} {place}")

        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw["format"].split() and "<svg" in raw.astext():
                text = SVG.sub(renamed, raw.astext())
                raw.replace_self(nodes.raw("", text, **raw.attributes))


def inline(svg, alt):
    """SVG の文書を、読み上げられる要素にする。"""
    svg = re.sub(r"<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL).strip()
    svg = svg.replace(' role="img"', "", 1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}"', 1)


def with_own_ids(svg, place):
    """id の頭に、場所（place）と中身から決まる印を付けた SVG。指す側も直す。

    線のない ``<path>`` と、それを使う ``<use>`` は除く。
    """
    for path in EMPTY_PATH.findall(svg):
        svg = svg.replace(path, "")
        for name in ID.findall(path):
            svg = re.sub(rf'<use\b[^>]*href="#{re.escape(name)}"[^>]*?(?:/>|>\s*</use>)', "", svg)
    mark = "svg" + hashlib.sha256(f"{place}\n{svg}".encode()).hexdigest()[:8]
    svg = ID.sub(rf"{mark}-\1", svg)
    svg = REFERENCE.sub(lambda name: f"{mark}-{name[0]}", svg)
    return NAMES.sub(
        lambda pair: pair[1] + " ".join(f"{mark}-{name}" for name in pair[2].split()), svg
    )


def setup(app):
    app.add_post_transform(InlineSvg)
    app.add_post_transform(OwnIds)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
