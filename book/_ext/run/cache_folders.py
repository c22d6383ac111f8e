"""キャッシュのフォルダの後始末: 壊れたものと、古いものを消す。"""

import contextlib
import os
import shutil
import sqlite3


def tidy(parent, used, spare):
    """parent の下の used のフォルダを使えるようにし、ほかは新しいものから spare 個だけ残す。"""
    for folder in used:
        if not _is_sound(folder):
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    parent.mkdir(parents=True, exist_ok=True)
    others = [folder for folder in parent.iterdir() if folder not in used]
    newest_first = sorted(others, key=lambda folder: folder.stat().st_mtime, reverse=True)
    for old in newest_first[spare:]:
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
