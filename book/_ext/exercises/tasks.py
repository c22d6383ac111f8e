"""この本の問と練習の一覧: どのページに何があるか。進み具合のページが並べる。"""

from typing import NamedTuple

from sphinx.util import logging

from page.per_page import PerPage

logger = logging.getLogger(__name__)


class Task(NamedTuple):
    """ページに置いた、1 つの問か練習。"""

    docname: str
    line: int
    series: str  # 問、練習
    number: str  # "2.1"
    kind: str
    title: str
    misfits: tuple[str, ...] = ()  # この実行の値に合わなかったヒントと解説

    @property
    def anchor(self):
        return ("q-" if self.series == "問" else "ex-") + self.number.replace(".", "-")

    @property
    def order(self):
        """章、問が先、番号の順。"""
        chapter, number = map(int, self.number.split("."))
        return chapter, self.series != "問", number


tasks = PerPage("tasks")
"""ページの問と練習。"""


def in_order(env):
    """すべての問と練習を、章と番号の順に。"""
    return sorted((task for page in tasks(env).values() for task in page), key=lambda t: t.order)


def note(env, task):
    tasks(env).setdefault(task.docname, []).append(task)


def tell(app, exception):
    """同じ番号の問と、値に合わないヒントと解説を、ビルドの終わりに知らせる。

    値は実行で変わるので、値に合わないだけでは、この本の基準の実行（guards_strict）の
    ほかでは失敗にしない。同じ番号は、いつでも誤り。
    """
    if exception:
        return
    warn_or_say = logger.warning if app.config.guards_strict else logger.info
    places = {}
    for task in in_order(app.env):
        place = f"{app.env.doc2path(task.docname)}:{task.line}"
        for misfit in task.misfits:
            warn_or_say(f"{place}: {task.series} {task.number}: {misfit}")
        if task.anchor in places:
            name = f"{task.series} {task.number}"
            logger.warning(f"{place}: {name} は、{places[task.anchor]} にもあります。")
        places.setdefault(task.anchor, place)


def setup(app):
    tasks.connect(app)
    app.connect("build-finished", tell)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
