"""配るノートの準備のセル: 章が使うものを見つけ、なければ wheel を入れ、章が読む場所に移る。"""

import functools
import hashlib
import inspect
from pathlib import Path

ROOT = Path(__file__).parents[3]


def fingerprint(package, records):
    """パッケージのコードと、実験の記録の、中身のハッシュ。解答の記録は、ない版もある。"""
    digest = hashlib.sha256()
    for folder, pattern in ((package, "**/*.py"), (records, "*.json")):
        found = {path.relative_to(folder).as_posix(): path for path in folder.glob(pattern)}
        for name in sorted(name for name in found if not name.startswith("_book/")):
            digest.update(b"%s %s" % (name.encode(), found[name].read_bytes()))
    return digest.hexdigest()[:16]


CELL = '''\
# 準備: この本のパッケージを見つけ（なければ入れ）、本を作るときと同じ場所で動かす
import hashlib
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


%s

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
if book.name == "_book" and fingerprint(book.parent, book / "book" / "records") != MADE_WITH:
    print(
        f"入っているパッケージ（{book.parent}）は、このノートを作ったときのものと違います。"
        "結果が、本文に書いてあるものと違うことがあります。そろえるには、本のページから、"
        f"このノートと {WHEEL} をダウンロードし直して、古いものと置き換えます。そして、セルで "
        "%%pip uninstall -y lstm_text と打ち、カーネルを再起動して、このセルから動かします。",
        file=sys.stderr,
    )
os.chdir(book / "book")
sys.path.insert(0, str(book))
os.environ["PYTHONPATH"] = os.pathsep.join([str(book), os.environ.get("PYTHONPATH", "")])
if not (sys.modules.get("myst_nb") or find_spec("myst_nb")):
    # 測った数を本文に入れる道具。ノートでは何もしなくてよい
    sys.modules["myst_nb"] = types.SimpleNamespace(glue=lambda *names, **options: None)'''


@functools.cache
def made_with():
    """ノートを作るときのパッケージと記録。"""
    return fingerprint(ROOT / "lstm_text", ROOT / "book" / "records")


def first_cell(wheel, site):
    """準備のセルのコード。

    Parameters
    ----------
    wheel : str
        wheel のファイルの名前。
    site : str
        wheel を置いたところの住所（終わりは /）。わからなければ空。
    """
    names = f"WHEEL, SITE, MADE_WITH = {wheel!r}, {site!r}, {made_with()!r}"
    return f"{names}\n\n{CELL % inspect.getsource(fingerprint)}"
