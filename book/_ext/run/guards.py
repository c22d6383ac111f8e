"""文を、その文が述べる結果の条件に結びつける。

    ```{code-cell} python3
    :tags: [remove-cell]
    glue("rnn_fails", max(accuracies) <= 20, display=False)
    glue("rnn_best", max(accuracies), display=False)
    ```

    :::{guard} rnn_fails
    :here: いちばん良い種の精度は {glue:text}`rnn_best` % でした。
    RNN は、8 つの種のどれでも 20 % を超えませんでした。
    :::

条件は、章の中で計算した真偽値に ``glue`` で名前を付けたもの。実行の結果から作っても、記録から
作ってもよい。名前を空白で区切って並べれば、全部が成り立つことを求める。

成り立てば、中身だけが見える。成り立たない実行（別の計算機、GPU、内蔵コーパス）では、中身のすぐ後に、
この実行で起きたこと（``:here:``）を述べる注が付き、ビルドの終わりにその一覧が出る。ビルドは続く。
``-D guards_strict=1`` では、一覧のそれぞれが警告になる（この本の基準の実行は、これで作る）。
"""

from typing import NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from page.per_page import PerPage

logger = logging.getLogger(__name__)

TRUTH = {"True": True, "False": False, "np.True_": True, "np.False_": False}
TITLE = "この実行では、違う結果になりました"
BOOK = "上の文は、この本の基準の実行（CPU と、本物のデータ）で成り立ったことです。"
NAMELESS = "この実行では、その条件が成り立ちませんでした。"

guarded = PerPage("guarded")
"""ページで条件に結びつけた文。"""


class Guarded(NamedTuple):
    """条件に結びつけた、1 か所の文。"""

    docname: str
    line: int
    failed: tuple[str, ...]  # 成り立たなかった条件の名前


class Guard(SphinxDirective):
    """条件の名前を 1 つ以上受け取り、中身の文を、その条件に結びつける。"""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"here": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        self.assert_has_content()
        failed = tuple(name for name in self.arguments[0].split() if not self.holds(name))
        of_page = guarded(self.env).setdefault(self.env.docname, [])
        of_page.append(Guarded(self.env.docname, self.lineno, failed))
        body = self.parse_content_to_nodes()
        here = self.options.get("here", NAMELESS)
        return [*body, note(self.parse_text_to_nodes(here))] if failed else body

    def holds(self, name):
        try:
            told = retrieve_glue_data(self.state.document, name).data["text/plain"]
        except RetrievalError:
            raise self.error(
                f"条件 {name} がありません。この章のセルで glue する必要があります。"
            ) from None
        if told not in TRUTH:
            raise self.error(
                f"条件 {name} は True か False である必要がありますが、{told} でした。"
            )
        return TRUTH[told]


def note(here):
    """違う結果になったことと、この実行で起きたこと（here の節）を述べる注。"""
    told = nodes.admonition("", nodes.title("", TITLE), classes=["caution", "guard-note"])
    told += nodes.paragraph(text=BOOK)
    told += here
    return told


def list_failed(app, exception):
    """成り立たなかった文の一覧を、ビルドの終わりに出す。"""
    if exception:
        return
    failed = [g for page in guarded(app.env).values() for g in page if g.failed]
    if failed:
        logger.info(f"この実行では成り立たず、注を付けた文（{len(failed)} か所）：")
    tell = logger.warning if app.config.guards_strict else logger.info
    for docname, line, names in failed:
        place = f"{app.env.doc2path(docname)}:{line}"
        tell(f"{place}: 文の条件 {'、'.join(names)} が成り立ちません。")


def setup(app):
    app.add_config_value("guards_strict", False, "", types=frozenset({bool}))
    app.add_directive("guard", Guard)
    guarded.connect(app)
    app.connect("build-finished", list_failed)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
