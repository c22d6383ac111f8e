"""import でたどり着くファイル: 章の出力を変えうるものが、すべて、それだけが見つかること。"""

import pytest

from run.reach import Reach

FILES = {
    "pkg/__init__.py": "",
    "pkg/base.py": "SIZE = 1",
    "pkg/middle.py": "import pkg.base",
    "pkg/late.py": "def run():\n    from pkg.base import SIZE\n    return SIZE",
    "pkg/sibling.py": "from .base import SIZE\nfrom . import middle",
    "pkg/by_name.py": "from importlib import import_module\nimport_module('pkg.base')",
    "pkg/in_circle.py": "import pkg.in_circle\nfrom pkg import middle",
    "pkg/broken.py": "def",
    "pkg/deep/__init__.py": "from ..base import SIZE",
    "pkg/deep/inner.py": "",
    "curated/__init__.py": "from curated.chosen import thing",
    "curated/chosen.py": "thing = 1",
    "curated/other.py": "thing = 2",
    "curated/kernel.c": "",
    "curated/words/ja.txt": "",
    "curated/more/__init__.py": "",
    "curated/more/en.txt": "",
    "loose/part.py": "",
    "single.py": "import pkg.base",
    "notes.md": "",
}
PKG = {"pkg/__init__.py"}
CURATED = {"curated/__init__.py", "curated/chosen.py", "curated/kernel.c", "curated/words/ja.txt"}


# 何をたどるか → セルのコード、届くファイル
CASES = {
    "直接": ("import pkg.base", PKG | {"pkg/base.py"}),
    "別の名前で": ("import pkg.base as b", PKG | {"pkg/base.py"}),
    "パッケージから": ("from pkg import base", PKG | {"pkg/base.py"}),
    "モジュールから": ("from pkg.base import SIZE", PKG | {"pkg/base.py"}),
    "次々に": ("import pkg.middle", PKG | {"pkg/middle.py", "pkg/base.py"}),
    "セルの関数の中": ("def f():\n    import pkg.base", PKG | {"pkg/base.py"}),
    "関数の中": ("from pkg import late", PKG | {"pkg/late.py", "pkg/base.py"}),
    "相対": (
        "import pkg.sibling",
        PKG | {"pkg/sibling.py", "pkg/base.py", "pkg/middle.py"},
    ),
    "親の相対": (
        "import pkg.deep.inner",
        PKG | {"pkg/deep/__init__.py", "pkg/deep/inner.py", "pkg/base.py"},
    ),
    "名前の文字列": ("import pkg.by_name", PKG | {"pkg/by_name.py", "pkg/base.py"}),
    "輪": ("import pkg.in_circle", PKG | {"pkg/in_circle.py", "pkg/middle.py", "pkg/base.py"}),
    "まとめた __init__ とデータ": ("from curated import thing", CURATED),
    "名前空間": ("import loose.part", {"loose/part.py"}),
    "1 つのファイル": ("import single", {"single.py", "pkg/base.py"} | PKG),
    "動かないモジュール": ("import pkg.broken", PKG | {"pkg/broken.py"}),
    "動かないセル": ("import pkg.base\ndef", set()),
    "インストールしたもの": ("import torch\nfrom numpy import array", set()),
    "ないもの": ("import pkg.gone", PKG),
    "コードの文字列": ("run('''\n    import pkg.base\n''')", PKG | {"pkg/base.py"}),
    "文の中の名前": ("print('pkg.base を import する')", set()),
}


@pytest.fixture
def repository(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "pkg/__pycache__").mkdir()
    (tmp_path / "pkg/__pycache__/base.pyc").write_text("", encoding="utf-8")
    return tmp_path


def reached(repository, *codes):
    files = Reach([repository / "nowhere", repository]).files(codes)
    return {path.relative_to(repository).as_posix() for path in files}


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES)
def test_what_a_cell_reaches(repository, code, expected):
    assert reached(repository, code) == expected


def test_cells_reach_together(repository):
    together = reached(repository, "import torch", "import pkg.base", "import curated")
    assert together == PKG | {"pkg/base.py"} | CURATED


def test_an_earlier_root_wins(repository):
    (repository / "book/pkg").mkdir(parents=True)
    (repository / "book/pkg/__init__.py").write_text("", encoding="utf-8")
    files = Reach([repository / "book", repository]).files(["import pkg.base"])
    assert files == {repository / "book/pkg/__init__.py"}
