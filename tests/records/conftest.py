"""書き換えてコードのハッシュを測り直せる、小さなパッケージ。"""

import importlib
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from lstm_text.records import code_hash

RUN = SimpleNamespace(__module__="toy.experiment", __qualname__="run")  # 関数の代わり
FILES = {
    "__init__": "",
    "experiment": '''
        """題"""
        import torch
        from torch import nn
        from toy.layers import build, Tall
        from toy import tasks

        N = 3

        def run(unit, settings):
            """説明"""
            from toy.late import late
            total = tasks.easy(N, scale=2)
            if total < 0:
                raise ValueError(f"{total} は負です。")
            return build(N), total, late(), Tall().forward(), [each for each in range(N)]
    ''',
    "layers": '''
        from dataclasses import dataclass
        from torch import nn
        from toy.base import Base, Deep

        SIZE = 4

        class Layer(Base):
            """説明"""
            def forward(self):
                return helper() + SIZE

        class Tall(Deep):
            def __init__(self):
                super().__init__()
                self.height = 2

        @dataclass
        class Options:
            rate: float = 0.5

        def helper(size=1):
            return size

        def build(n):
            return [Layer() for _ in range(n)], Options(), nn.Linear(n, n)

        def unrelated():
            return 0
    ''',
    "base": """
        class Base:
            size = 1

            def shape(self):
                return self.size

        class Deep:
            def __init__(self):
                self.depth = 1

            def forward(self):
                return self.depth

            def shape(self):
                return 9
    """,
    "tasks": """
        from toy import deeper

        def easy(n, scale=1):
            return deeper.once(n) * scale

        def hard(n):
            return 2 * n
    """,
    "deeper": """
        from toy.deepest import twice

        def once(n):
            return twice(n)
    """,
    "deepest": """
        def twice(n):
            return n + n
    """,
    "late": """
        def late():
            return 1
    """,
}


class Toy:
    """書き換えてハッシュを測り直せる、小さなパッケージ。"""

    def __init__(self, folder: Path):
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def text(self, name: str) -> str:
        return (self.folder / f"{name}.py").read_text(encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def move(self, name: str, to: str) -> None:
        """モジュールを動かし、どこからの import も直す。"""
        (self.folder / f"{to.replace('.', '/')}.py").parent.mkdir(exist_ok=True)
        (self.folder / f"{name}.py").rename(self.folder / f"{to.replace('.', '/')}.py")
        package, _, last = f"toy.{to}".rpartition(".")
        for path in self.folder.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            text = text.replace(f"from toy.{name} import", f"from toy.{to} import")
            text = text.replace(f"from toy import {name}\n", f"from {package} import {last}\n")
            if last != name:
                text = text.replace(f"{name}.", f"{last}.") if name != "base" else text
            path.write_text(text, encoding="utf-8")

    def hash(self) -> str:
        importlib.invalidate_caches()
        return code_hash(RUN)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    yield Toy(tmp_path / "toy")
    for module in [name for name in sys.modules if name.split(".")[0] == "toy"]:
        del sys.modules[module]
