"""実行したページの終わりに、その実行の記録（デバイス、版、秒数、データ、コミット）を畳んで置く。

中身はカーネルの中で見届けたもの（kernel/watcher.py）で、その実行結果と同じフォルダに残る。同じ結果を
使い回したページには、その結果が出たときの記録が載る。
"""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector

from run.chapter_cache import folder_of
from run.chapter_source import codes, read_notebook
from run.guards import guarded

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).parent / "kernel" / "watcher.py"


def prepare(app, config):
    """カーネルの起動時に SCRIPT が動くようにし、書き残す場所を教える。"""
    startup = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SCRIPT, startup / SCRIPT.name)
    os.environ["BOOK_ROOT"] = str(ROOT)
    os.environ["BOOK_FACTS"] = str(Path(os.environ["IPYTHONDIR"]).parent / "facts")


def notebook_key(notebook):
    """ノートのコードの鍵。カーネルが、走らせたセルから作るものと同じ。"""
    cells = [code.strip() for code in codes(notebook)]
    return hashlib.sha256("\n\n".join(filter(None, cells)).encode()).hexdigest()


def read_facts(env, docname):
    """その章の実行の記録。実行したばかりなら、カーネルの書き残したものを、結果の隣に移す。"""
    name = f"{notebook_key(read_notebook(env, docname))}.json"
    written, kept = Path(os.environ["BOOK_FACTS"]) / name, folder_of(env, docname) / "facts" / name
    if written.is_file():
        kept.parent.mkdir(exist_ok=True)
        written.replace(kept)
    return json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}


def add_panel(app, doctree):
    env = app.env
    execution = NbMetadataCollector.get_exec_data(env, env.docname)
    if not execution or app.builder.format != "html":
        return
    facts = read_facts(env, env.docname)
    items = nodes.definition_list(classes=["facts"])
    told = [*rows(facts, execution["runtime"], execution["mtime"])]
    told += bound_sentences(guarded(env).get(env.docname, []))
    for term, text in told:
        definition = nodes.definition("", nodes.paragraph(text=text))
        items += nodes.definition_list_item("", nodes.term(text=term), definition)
    doctree += nodes.raw(
        "", '<details class="facts"><summary>このページの実行の記録</summary>', format="html"
    )
    doctree += items
    doctree += nodes.raw("", "</details>", format="html")


def rows(facts, seconds, mtime):
    """表の行（見出しと中身）。わからないものは載せない。"""
    if "device" in facts:
        yield "デバイス", facts["device"]
    versions = [f"Python {facts['python']}"] if "python" in facts else []
    if "torch" in facts:
        versions.append(f"torch {facts['torch']}（{facts['threads']} スレッド）")
    if versions:
        yield "版", "、".join(versions)
    yield "実行にかかった時間", f"{seconds or 0:.1f} 秒"
    yield "実行した日時", time.strftime("%Y-%m-%d %H:%M", time.localtime(mtime))
    if facts:
        data = [text.removeprefix("データ：") for text in facts["data"]]
        yield "使ったデータ", "".join(data) or "その場で作るデータだけ。"
        yield "数値", origin(facts["records"])
    if facts.get("commit"):
        commit = facts["commit"]
        changed = "（コミットしていない書き換えを含む）" if commit.endswith("+") else ""
        yield "コミット", commit.removesuffix("+") + changed


def origin(records):
    """測った数値が、この実行のものか、前に測った記録か。"""
    if not records:
        return "すべて、このページの実行で測った。"
    names = "、".join(f"book/records/{name}" for name in records)
    return f"このページの実行で測ったものと、前に測った記録（{names}）から読んだものがある。"


def bound_sentences(guards):
    """条件に結びつけた文（guards）の数と、この実行で成り立った数。"""
    if guards:
        held = sum(not each.failed for each in guards)
        yield "確かめた文", f"条件に結びつけた {len(guards)} か所のうち、{held} か所が成り立った。"


def setup(app):
    app.connect("config-inited", prepare, priority=600)  # execution が場所を決めた（500）あと
    app.connect("doctree-read", add_panel)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
