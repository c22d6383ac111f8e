"""各ページの Markdown 版（出力と測った値を入れたもの）と、その一覧 llms.txt。

ページのボタンは Markdown を写す。``fetch`` はファイルを直接開いたページでは使えないので、同じものを
スクリプト（_static/markdown/ページの名前.js）にも書き、押したときに読み込む（copy_markdown.js）。
スクリプトが動かなければ、ボタンは .md へのリンクのまま。
"""

import json
from pathlib import Path

from editions.header_button import add_button
from editions.markdown_writer import markdown
from page.page_numbers import numbered

FOLDER = "markdown"
INDEX = "llms.txt"
HEAD = """\
# {project}

> {summary}

どのページも、実行した結果を入れた Markdown です。
"""


def offer(app, pagename, templatename, context, doctree):
    """ページを書き出すときに、その Markdown を書き、写すボタンを付ける。"""
    if app.builder.name != "html" or doctree is None:
        return
    text = markdown(doctree, numbered(app, pagename))
    site = Path(app.outdir)
    (site / f"{pagename}.md").write_text(text, encoding="utf-8")
    folder = site / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    script = f"bookMarkdown({json.dumps(text, ensure_ascii=False)});\n"
    (folder / f"{pagename}.js").write_text(script, encoding="utf-8")
    app.add_js_file("copy_markdown.js", loading_method="defer")
    url = context["pathto"](f"{pagename}.md", 1)
    add_button(context, url, "Markdown をコピー", "copy", "copy-markdown")


def write_index(app, exception):
    """全ページの Markdown の一覧を、本の順に書く。"""
    if exception or app.builder.name != "html":
        return
    env, address = app.env, app.config.html_baseurl
    lines = [HEAD.format(project=app.config.project, summary=app.config.epub_description)]
    lines += [f"- [{env.titles[name].astext()}]({address}{name}.md)" for name in in_order(env)]
    (Path(app.outdir) / INDEX).write_text("\n".join(lines) + "\n", encoding="utf-8")


def in_order(env):
    """本の順（目次の順）の、ページの名前。"""

    def below(name):
        yield name
        for child in env.toctree_includes.get(name, ()):
            yield from below(child)

    return [name for name in below(env.config.root_doc) if name in env.found_docs]


def setup(app):
    app.connect("html-page-context", offer, priority=700)  # ノートのボタン（600）の次に置く
    app.connect("build-finished", write_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
