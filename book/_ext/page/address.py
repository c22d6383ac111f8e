"""サイトの住所にかかわるもの: ページの要約、正しい住所、SNS の見出し、sitemap.xml、404.html。

住所は conf.py の ``html_baseurl``（環境変数 BOOK_ADDRESS）で受け取る。知らないときは、住所の要る
ものを何も書かない。要約と 404.html は、住所がなくても書く。
"""

import html
from itertools import accumulate
from pathlib import Path
from urllib.parse import urljoin

from docutils import nodes
from sphinx.errors import ConfigError

from japanese.search_texts import readable

LONGEST = 120  # 要約の字数
PICTURE = "_static/screenshot.png"
SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{pages}
</urlset>
"""


def check(app, config):
    address = config.html_baseurl
    if not address:
        return
    if not address.startswith(("https://", "http://")):
        raise ConfigError(
            "本の住所（環境変数 BOOK_ADDRESS）は https:// か http:// で始めてください"
            f"（{address!r} でした）。"
        )
    config.html_baseurl = address.rstrip("/") + "/"


def summary(doctree):
    """ページの要約: 囲みや引用の中ではない、初めの段落の、初めの何文か。"""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            return shortened(readable(paragraph))
    return ""


def shortened(text):
    """``LONGEST`` 字に収まるだけの文。初めの文が収まらなければ、その途中まで。

    >>> shortened("短い文。" + "あ" * 120 + "。")
    '短い文。'
    """
    sentences = [sentence + "。" for sentence in text.split("。") if sentence]
    fitting = [whole for whole in accumulate(sentences) if len(whole) <= LONGEST]
    return fitting[-1] if fitting and text.endswith("。") else text[:LONGEST]


def add_tags(app, pagename, templatename, context, doctree):
    """ページの初めに、要約と、住所を知っていれば SNS の見出しを置く。"""
    if app.builder.name != "html" or doctree is None:
        return
    is_first = pagename == app.config.root_doc
    told = app.config.epub_description if is_first else summary(doctree)
    tags = [("name", "description", told)] if told else []
    if address := app.config.html_baseurl:
        tags += [
            ("property", "og:type", "article"),
            ("property", "og:locale", "ja_JP"),
            ("property", "og:site_name", app.config.project),
            ("property", "og:title", app.env.titles[pagename].astext()),
            ("property", "og:description", told or app.config.project),
            ("property", "og:url", context["pageurl"]),
            ("property", "og:image", urljoin(address, PICTURE)),
            ("name", "twitter:card", "summary_large_image"),
        ]
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n<meta {kind}="{name}" content="{html.escape(content)}" />'
        for kind, name, content in tags
    )


def not_found(app):
    """どこにもないページの代わりに見せるもの（404.html）。サーバーが、これを返す。"""
    if app.builder.name == "html":
        yield "404", {"address": app.config.html_baseurl}, "404.html"


def write_sitemap(app, exception):
    address = app.config.html_baseurl
    if exception or app.builder.name != "html" or not address:
        return
    pages = [
        f"<url><loc>{urljoin(address, app.builder.get_target_uri(name))}</loc></url>"
        for name in sorted(app.env.found_docs)
    ]
    (Path(app.outdir) / "sitemap.xml").write_text(
        SITEMAP.format(pages="\n".join(pages)), encoding="utf-8"
    )


def setup(app):
    app.connect("config-inited", check)
    app.connect("html-page-context", add_tags)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
