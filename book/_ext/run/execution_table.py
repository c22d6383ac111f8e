"""``{execution-table}``: 章ごとの実行時間の表。"""

import time

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

TABLE = "has_execution_table"


class execution_table(nodes.General, nodes.Element):
    """実行時間の表の置き場所。全ページの実行が済んでから表に替わる。"""


class ExecutionTable(SphinxDirective):
    """``{execution-table}``: 章ごとの実行時間の表を置く。"""

    def run(self):
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, TABLE, True)
        return [execution_table()]


class FillExecutionTable(SphinxPostTransform):
    default_priority = 8  # 参照を解決する変換（10）より前

    def run(self, **kwargs):
        for node in list(self.document.findall(execution_table)):
            node.replace_self(_table(self.env))


def refresh_tables(app, env):
    """どこかの章を実行したら、表のあるページを書き直す。"""
    if not NbMetadataCollector.new_exec_data(env):
        return []
    return [doc for doc, data in NbMetadataCollector.get_doc_data(env).items() if data.get(TABLE)]


def _table(env):
    records = {
        docname: data["exec_data"]
        for docname, data in NbMetadataCollector.get_doc_data(env).items()
        if data.get("exec_data")
    }
    rows = [
        (
            _link(env, docname),
            nodes.Text(f"{record['runtime'] or 0:.1f}"),
            nodes.Text(time.strftime("%Y-%m-%d %H:%M", time.localtime(record["mtime"]))),
        )
        for docname, record in sorted(records.items())
    ]
    total = sum(record["runtime"] or 0 for record in records.values())
    rows.append((nodes.Text("合計"), nodes.Text(f"{total:.1f}"), nodes.Text("")))
    header = [nodes.Text(text) for text in ("ページ", "実行時間（秒）", "実行した日時")]

    table = nodes.table(classes=["colwidths-auto"])
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    table += group
    group += nodes.thead("", _row(header))
    group += nodes.tbody("", *map(_row, rows))
    return table


def _row(cells):
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _link(env, docname):
    link = pending_xref(
        refdoc=env.docname,
        reftarget=f"/{docname}",
        reftype="doc",
        refdomain="std",
        refexplicit=True,
        refwarn=True,
    )
    link += nodes.inline(text=env.titles[docname].astext())
    return link


def setup(app):
    app.add_node(execution_table)
    app.add_directive("execution-table", ExecutionTable)
    app.add_post_transform(FillExecutionTable)
    app.connect("env-updated", refresh_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
