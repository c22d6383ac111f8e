"""本の SVG の図をページに埋め込む。

``<img>`` で入れた SVG は、まわりの文字の色（currentColor）を知らない。埋め込めば、画面の
明暗に図が従い、説明文（alt）はそのまま読み上げられる。
"""

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class InlineSvg(SphinxPostTransform):
    default_priority = 100
    formats = ("html",)

    def run(self, **kwargs):
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir) / image["uri"]
            if path.suffix == ".svg" and path.is_file():
                svg = inline(path.read_text(encoding="utf-8"), path.stem, image.get("alt", ""))
                style = f' style="width:{image["width"]}"' if image.get("width") else ""
                image.replace_self(
                    nodes.raw("", f'<div class="diagram"{style}>{svg}</div>', format="html")
                )


def inline(svg, name, alt):
    """SVG の文書を、ほかの図と id がぶつからない、読み上げられる要素にする。"""
    svg = re.sub(r"<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL).strip()
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    svg = svg.replace(' role="img"', "", 1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}"', 1)


def setup(app):
    app.add_post_transform(InlineSvg)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
