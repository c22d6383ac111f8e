"""配るノートの準備のセル: 章が使うものを見つけ、なければ wheel を入れ、章が読む場所に移る。"""

CELL = '''\
# 準備: この本のパッケージを見つけ（なければ入れ）、本を作るときと同じ場所で動かす
import importlib
import os
import subprocess
import sys
import types
from importlib.util import find_spec
from pathlib import Path


def find_book():
    """記録と練習のあるフォルダ: 上にあるリポジトリか、入っているパッケージのもの。"""
    spec = find_spec("lstm_text")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    places = [Path.cwd(), *Path.cwd().parents, package / "_book", package.parent]
    needed = ("book/records", "tests/exercises")
    return next((p for p in places if all((p / name).is_dir() for name in needed)), None)


book = find_book()
source = WHEEL if Path(WHEEL).is_file() else SITE and SITE + WHEEL
if book is None and source:
    # 記録を持たない lstm_text が入っていても入れ替える。そのあとで、要るものを入れる
    for options in (["--no-deps", "--force-reinstall"], []):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *options, source]
        done = subprocess.run(pip, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError(f"{source} を入れられませんでした。\\n{done.stderr.strip()}")
    importlib.invalidate_caches()
    book = find_book()
if book is None:
    raise ModuleNotFoundError(
        f"この本のパッケージが見つかりません。本のページの上のボタンで {WHEEL} をダウンロードして、"
        f"このノートと同じフォルダ（{Path.cwd()}）に置き、このセルをもう一度動かしてください。"
    )
os.chdir(book / "book")
sys.path.insert(0, str(book))
os.environ["PYTHONPATH"] = os.pathsep.join([str(book), os.environ.get("PYTHONPATH", "")])
if not (sys.modules.get("myst_nb") or find_spec("myst_nb")):
    # 測った数を本文に入れる道具。ノートでは何もしなくてよい
    sys.modules["myst_nb"] = types.SimpleNamespace(glue=lambda *names, **options: None)'''


def first_cell(wheel, site):
    """準備のセルのコード。

    Parameters
    ----------
    wheel : str
        wheel のファイルの名前。
    site : str
        wheel を置いたところの住所（終わりは /）。わからなければ空。
    """
    return f"WHEEL, SITE = {wheel!r}, {site!r}\n\n{CELL}"
