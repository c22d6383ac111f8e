"""章ごとのキャッシュ: 章が届くファイルのどれかが変われば、その章だけを実行し直す。

実行結果は、2 つの鍵で分けて置く。jupyter-cache はその中で、セルの文字だけを見る。

    .jupyter_cache/<cache_key（版、データ、記録）>/<章の鍵（章が届くファイル）>/

同じファイルに届く章は、同じフォルダを使う。前の鍵のフォルダも、しばらく残す（書き換えを元に戻せば、
実行し直さない）。
"""

import hashlib
import os
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from run.cache_folders import tidy
from run.chapter_source import codes, read_notebook
from run.reach import Reach

ROOT = Path(__file__).parents[3]
KEPT_PER_CHAPTER = 3

# 練習の問、解答、誤答がある。番号から名前を作って読み込むので、import をたどっても見つからない。
EXERCISES = ROOT / "tests" / "exercises"
# そのうち、セルが読み込まないもの。書き換えても、章を実行し直さない。
UNREAD = ("test_*.py", "stub.py", "alternatives.py")


def find_changed(app, env, added, changed, removed):
    """章の鍵を作り直し、前のビルドと違う章を、Sphinx に読み直させる。"""
    before = getattr(env, "chapter_keys", {})
    env.chapter_keys = {}
    if app.config.nb_execution_mode == "off":
        return []
    reach = Reach([app.srcdir, ROOT])  # カーネルは原稿のフォルダで動き、PYTHONPATH は ROOT
    for docname in env.found_docs:
        if notebook := read_notebook(env, docname):
            folders = app.config.execution_reads.get(docname, [])
            env.chapter_keys[docname] = chapter_key(used_files(reach, notebook, folders))
    parent = Path(app.config.nb_execution_cache_path)
    used = {parent / key for key in env.chapter_keys.values()}
    tidy(parent, used, spare=(KEPT_PER_CHAPTER - 1) * len(used))
    return [name for name, key in env.chapter_keys.items() if before.get(name) != key]


def used_files(reach, notebook, folders=()):
    """章のコードが使いうるファイル。folders は、import のほかに使うフォルダ。"""
    found = reach.files(map(TransformerManager().transform_cell, codes(notebook)))
    if any(path.is_relative_to(EXERCISES) for path in found):
        found |= set(everything(EXERCISES))
    for folder in folders:
        found |= set(everything(ROOT / folder))
    return found


def everything(folder):
    """folder の下の、セルが読み込みうるファイル。"""
    for path in folder.rglob("*"):
        unread = "__pycache__" in path.parts or any(map(path.match, UNREAD))
        if path.is_file() and not unread:
            yield path


def chapter_key(files):
    """ファイルの名前と中身から作る鍵（16 進 16 文字）。"""
    lines = sorted(
        f"{os.path.relpath(path, ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in files
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def folder_of(env, docname):
    """その章の実行結果のフォルダ。"""
    return Path(env.config.nb_execution_cache_path) / env.chapter_keys[docname]


def settings_of(env, docname):
    """その章のキャッシュを使う、myst_nb の設定。"""
    if docname not in env.chapter_keys:
        return env.mystnb_config
    return env.mystnb_config.copy(execution_cache_path=str(folder_of(env, docname)))


def choose_folder(app, docname, source):
    """これから読む章のキャッシュを、myst_nb に教える。"""
    app.env.mystnb_config = settings_of(app.env, docname)


def setup(app):
    # import をたどっても見つからない、章が使うフォルダ（章の名前から、フォルダの並びへ）。
    app.add_config_value("execution_reads", {}, "", types=frozenset({dict}))
    app.connect("env-get-outdated", find_changed)
    app.connect("source-read", choose_folder)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
