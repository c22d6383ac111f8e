"""変わった章を、読み込む前に並べて実行し、進み具合を端末に知らせる。

結果は 1 章が終わるたびに jupyter-cache に入り、myst_nb は読み込むときにそれを使う。途中で
止められても、終わった章は次のビルドで実行し直さない。
"""

import queue
import threading
import time
import traceback

import joblib
from docutils import nodes
from jupyter_cache import get_cache
from myst_nb.core.execute import create_client
from myst_nb.core.execute.cache import NotebookClientCache
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.errors import SphinxError
from sphinx.util import logging

from run.chapter_cache import settings_of
from run.chapter_source import read_source

HEARTBEAT_SECONDS = 15
MOST_JOBS = 4  # 1 章は多くて 3 GB ほどのメモリを使う

logger = logging.getLogger(__name__)


class ChapterFailed(SphinxError):
    """章の実行の失敗。読み込みまで進むと、失敗する章をもう一度実行することになる。"""

    category = "章の実行に失敗しました"


class Chapter:
    """実行を待っている、または実行している 1 つの章。"""

    def __init__(self, docname, client):
        self.docname = docname
        self.client = client
        self.started = self.seconds = self.error = None

    @property
    def running(self):
        return self.started is not None and self.seconds is None

    def execute(self):
        self.started = time.time()
        try:
            self.client.start_client()
            self.error = self.client.exec_metadata["traceback"]
        except Exception:  # カーネルの急死など。どの章のことかを添えて知らせる。
            self.error = traceback.format_exc()
        self.seconds = time.time() - self.started


class Silent:
    """myst_nb が実行のたびに出す知らせを捨てる。"""

    def info(self, message, **kwargs):
        pass

    warning = info


class ChaptersInParallel:
    def __init__(self):
        self.executed = set()
        self.rows = []

    def execute(self, app, env, docnames):
        """docnames のうち、実行した結果がキャッシュにない章を実行する。"""
        first = app.config.execution_first
        order = sorted(docnames, key=lambda name: (name not in first, name))
        chapters = [chapter for name in order if (chapter := _stale(env, name))]
        waiting = queue.SimpleQueue()
        for chapter in chapters:
            waiting.put(chapter)
        # デーモンにしておくと、Ctrl-C で本体が終わるときに、章もそこで終わる。
        workers = [
            threading.Thread(target=_work, args=(waiting,), daemon=True)
            for _ in range(min(app.config.execution_jobs or _jobs(), len(chapters)))
        ]
        for worker in workers:
            worker.start()
        _watch(workers, chapters)
        self.executed = {chapter.docname for chapter in chapters}
        if failed := [chapter for chapter in chapters if chapter.error]:
            raise ChapterFailed("".join(f"\n{c.docname}:\n{c.error}" for c in failed))

    def note(self, app, doctree):
        """読み込んだ章の実行時間を控え、標準エラー出力があれば知らせる。"""
        for output in doctree.findall(_is_stderr):
            # 失敗の理由（警告の文）が、作ったページを開かなくても分かるように。
            logger.info(f"  {app.env.docname} の標準エラー出力:\n{output.astext()}")
        data = NbMetadataCollector.get_exec_data(app.env, app.env.docname)
        if data is not None:
            self.rows.append((app.env.docname, data["runtime"] or 0.0))

    def report(self, app, exception):
        if not self.rows:
            return
        width = max(len(docname) for docname, _ in self.rows)
        logger.info("章ごとの実行時間（秒）")
        for docname, seconds in sorted(self.rows):
            how = "実行" if docname in self.executed else "キャッシュ"
            logger.info(f"  {docname:<{width}}  {seconds:7.1f}  {how}")
        fresh = sum(seconds for docname, seconds in self.rows if docname in self.executed)
        logger.info(f"  {'今回の実行の合計':<{max(width - 8, 1)}}  {fresh:7.1f}")


def _stale(env, docname):
    """実行した結果がキャッシュにない章。あるか、実行するもののないページなら None。"""
    settings, path = settings_of(env, docname), env.doc2path(docname)
    notebook, form = read_source(path, env.myst_config, settings)
    if notebook is None:
        return None
    client = create_client(notebook, path, settings, Silent(), form)
    if not isinstance(client, NotebookClientCache):  # 設定で実行しないことになっている
        return None
    try:
        get_cache(settings.execution_cache_path).match_cache_notebook(notebook)
    except KeyError:
        return Chapter(docname, client)


def _jobs():
    return min(joblib.cpu_count(), MOST_JOBS)


def _work(waiting):
    while True:
        try:
            chapter = waiting.get_nowait()
        except queue.Empty:
            return
        chapter.execute()


def _watch(workers, chapters):
    """workers が終わるまで待ち、終わった章と、ときどき実行中の章を知らせる。"""
    told, beat = set(), time.time()
    while any(worker.is_alive() for worker in workers) or len(told) < len(chapters):
        time.sleep(0.2)
        for chapter in chapters:
            if chapter.seconds is not None and chapter not in told:
                told.add(chapter)
                how = "失敗" if chapter.error else "実行"
                logger.info(
                    f"  [{len(told)}/{len(chapters)}] {chapter.docname} {how} "
                    f"{chapter.seconds:.1f} 秒"
                )
        if time.time() - beat >= HEARTBEAT_SECONDS:
            beat = time.time()
            running = [f"{c.docname} {beat - c.started:.0f} 秒" for c in chapters if c.running]
            logger.info("  実行中: " + "、".join(running))


def _is_stderr(node):
    return isinstance(node, nodes.Element) and "stderr" in node["classes"]


def setup(app):
    # 同時に実行する章の数。0 なら CPU の数（多くて MOST_JOBS）。
    app.add_config_value("execution_jobs", 0, "", types=frozenset({int}))
    # 先に始める章。長い章を後に残すと、最後に 1 つの CPU だけが働くことになる。
    app.add_config_value("execution_first", [], "", types=frozenset({list}))
    chapters = ChaptersInParallel()
    app.connect("env-before-read-docs", chapters.execute)
    app.connect("doctree-read", chapters.note)
    app.connect("build-finished", chapters.report)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
