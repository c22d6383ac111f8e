"""章の実行: キャッシュの置き場所、カーネルの環境、端末に出す進み具合、実行時間の表。"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pooch
from docutils import nodes
from fingerprint import fingerprint
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
HEARTBEAT_SECONDS = 15
KEPT_CACHES = 3
TABLE = "has_execution_table"

logger = logging.getLogger(__name__)


# --- キャッシュとカーネル ---------------------------------------------------


def choose_cache(app, config):
    """指紋ごとのキャッシュを選び、カーネルが使う環境変数を整える。

    ``nb_execution_cache_path`` が変わると Sphinx は全ページを読み直すので、パッケージや
    データを変えたときに古い出力が残ることはない。
    """
    caches = Path(app.outdir).parent / ".jupyter_cache"
    cache = caches / fingerprint(ROOT, _data_folders())
    config.nb_execution_cache_path = str(cache)
    _prune(caches, keep=cache)
    _prepare_kernel(Path(app.outdir).parent / ".kernel")


def _data_folders():
    """lstm_text.datasets が探す順のフォルダ（torch を読み込まずに知りたいので、ここに写す）。"""
    cache = os.environ.get("LSTM_TEXT_CACHE") or pooch.os_cache("lstm_text")
    folders = [os.environ.get("LSTM_TEXT_DATA"), cache]
    return [Path(folder).expanduser() for folder in folders if folder]


def _prune(caches, keep):
    """壊れたキャッシュと、新しいものから KEPT_CACHES 個より古いキャッシュを消す。"""
    if not _is_sound(keep):
        shutil.rmtree(keep)
    keep.mkdir(parents=True, exist_ok=True)
    os.utime(keep)
    newest_first = sorted(caches.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[KEPT_CACHES:]:
        shutil.rmtree(old, ignore_errors=True)


def _is_sound(cache):
    """作りかけで止められた（または壊れた）索引でないか。"""
    if not (cache / "global.db").exists():
        return True
    with contextlib.closing(sqlite3.connect(cache / "global.db")) as index:
        try:
            for table in ("settings", "nbproject", "nbcache"):
                index.execute(f"SELECT COUNT(*) FROM {table}")
        except sqlite3.DatabaseError:
            return False
    return True


def _prepare_kernel(folder):
    """カーネルに、この Python とこのリポジトリを使わせる。利用者の個人設定は読ませない。"""
    os.environ.pop("JUPYTER_PATH", None)
    for name in ("LSTM_TEXT_DATA", "LSTM_TEXT_CACHE"):
        if os.environ.get(name):  # 章は book/ で動くので、相対パスのままでは届かない
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())
    os.environ.update(
        # 利用者のホームにある別の python3 より、この環境の ipykernel を選ぶ。
        JUPYTER_PREFER_ENV_PATH="1",
        JUPYTER_CONFIG_DIR=str(folder / "config"),
        JUPYTER_DATA_DIR=str(folder / "data"),
        JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
        IPYTHONDIR=str(folder / "ipython"),
        # pooch が読み込む tqdm は、ipywidgets がないと警告する。章で進捗の部品は使わない。
        PYTHONWARNINGS="ignore:IProgress not found",
        MPLCONFIGDIR=str(folder / "matplotlib"),
        # リポジトリを動かしたり写したりしても、ここの lstm_text を使う。
        PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    )
    kernel_config = folder / "ipython" / "profile_default" / "ipython_kernel_config.py"
    if not kernel_config.exists():
        # 通信方式についての知らせが、章ごとに端末に出るのを止める。
        kernel_config.parent.mkdir(parents=True, exist_ok=True)
        kernel_config.write_text("get_config().IPKernelApp.log_level = 'ERROR'\n")
    if not (folder / "matplotlib").exists():
        # 初回のフォント一覧作りは標準エラー出力に知らせを出すので、章の外で済ませる。
        (folder / "matplotlib").mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True
        )


# --- 進み具合 ---------------------------------------------------------------


class Progress:
    """いま何番目のどのページを読んで（実行して）いるかを端末に知らせる。"""

    def __init__(self):
        self.total = self.count = 0
        self.docname = None
        self.rows = []
        self._done = threading.Event()

    def begin(self, app, env, docnames):
        self.total = len(docnames)

    def start(self, app, docname, source):
        self.count += 1
        self.docname, self.started = docname, time.time()
        self._done = threading.Event()
        threading.Thread(target=self._beat, args=(self._done, docname), daemon=True).start()

    def _beat(self, done, docname):
        started = time.time()
        while not done.wait(HEARTBEAT_SECONDS):
            _say(f"  [{self.count}/{self.total}] {docname} 実行中 {time.time() - started:.0f} 秒")

    def stop(self, app, doctree):
        self._done.set()
        for output in doctree.findall(_is_stderr):
            # 失敗の理由（警告の文）が、作ったページを開かなくても分かるように。
            _say(f"  {app.env.docname} の標準エラー出力:\n{output.astext()}")
        data = NbMetadataCollector.get_exec_data(app.env, app.env.docname)
        if data is None:
            return
        fresh = data["mtime"] >= self.started - 1
        how = "実行" if fresh else "キャッシュ"
        if not data["succeeded"]:
            how = "失敗"
        self.rows.append((app.env.docname, how, data["runtime"] or 0.0))
        if fresh:
            seconds = time.time() - self.started
            _say(f"  [{self.count}/{self.total}] {app.env.docname} {how} {seconds:.1f} 秒")

    def report(self, app, exception):
        self._done.set()
        if not self.rows:
            return
        width = max(len(docname) for docname, _, _ in self.rows)
        _say("章ごとの実行時間（秒）")
        for docname, how, seconds in sorted(self.rows):
            _say(f"  {docname:<{width}}  {seconds:7.1f}  {how}")
        fresh = sum(seconds for _, how, seconds in self.rows if how != "キャッシュ")
        _say(f"  {'今回の実行の合計':<{max(width - 8, 1)}}  {fresh:7.1f}")


def _is_stderr(node):
    return isinstance(node, nodes.Element) and "stderr" in node["classes"]


def _say(message):
    logger.info(message)


# --- 本の中の表 -------------------------------------------------------------


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
    progress = Progress()
    # myst_nb は設定を builder-inited で読むので、それより前に決める。
    app.connect("config-inited", choose_cache)
    app.connect("env-before-read-docs", progress.begin)
    app.connect("source-read", progress.start)
    app.connect("doctree-read", progress.stop)
    app.connect("build-finished", progress.report)

    app.add_node(execution_table)
    app.add_directive("execution-table", ExecutionTable)
    app.add_post_transform(FillExecutionTable)
    app.connect("env-updated", refresh_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
