"""``{progress}``: この本のすべての問と練習の一覧。スクリプトがあれば、進み具合が付く。

一覧は、全ページを読み終えてから、ページに置いてあるものから作る。
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from exercises.tasks import in_order
from page.per_page import PerPage

SCRIPTS = ("store", "progress")

pages_with_progress = PerPage("pages_with_progress")
"""一覧のあるページ。"""


class progress(nodes.General, nodes.Element):
    """一覧の置き場所。全ページを読み終えてから、一覧に替わる。"""


class Progress(SphinxDirective):
    """``{progress}``: 一覧を置く。"""

    def run(self):
        pages_with_progress(self.env)[self.env.docname] = True
        return [progress()]


class FillProgress(SphinxPostTransform):
    default_priority = 8  # 参照を解決する変換（10）より前

    def run(self, **kwargs):
        for node in list(self.document.findall(progress)):
            node.replace_self(self.chapters())

    def chapters(self):
        """章ごとの節。"""
        sections = {}
        for task in in_order(self.env):
            chapter = task.number.split(".")[0]
            if chapter not in sections:
                title = f"{chapter}　{self.env.titles[task.docname].astext()}"
                section = nodes.section("", nodes.title(text=title), ids=[f"progress-{chapter}"])
                section += nodes.bullet_list(classes=["progress-list"])
                sections[chapter] = section
            sections[chapter][-1].append(nodes.list_item("", self.line(task)))
        return list(sections.values())

    def line(self, task):
        name = nodes.inline(text=f"{task.series} {task.number}")
        link = make_refnode(self.app.builder, self.env.docname, task.docname, task.anchor, name)
        return nodes.paragraph("", "", link, nodes.Text(f"（{task.kind}）　{task.title}"))


def refresh(app, env):
    """問か練習が変わったら、一覧のあるページを書き直す。"""
    listed = [task[:1] + task[2:6] for task in in_order(env)]  # 行の番号は、一覧に出ない
    if getattr(env, "tasks_listed", None) == listed:
        return []
    env.tasks_listed = listed
    return sorted(pages_with_progress(env))


def add_scripts(app, pagename, templatename, context, doctree):
    if app.builder.name != "html" or pagename not in pages_with_progress(app.env):
        return
    app.add_css_file("questions/questions.css")
    for script in SCRIPTS:
        app.add_js_file(f"questions/{script}.js", loading_method="defer")


def setup(app):
    app.setup_extension("exercises.tasks")
    app.add_node(progress)
    app.add_directive("progress", Progress)
    app.add_post_transform(FillProgress)
    pages_with_progress.connect(app)
    app.connect("env-updated", refresh)
    app.connect("html-page-context", add_scripts)
    return {
        "version": "1",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
