"""dependencies：数字を変えうる書き換えだけが、指紋を変えること。"""

import importlib
import sys

import pytest

from lstm_text import dependencies
from lstm_text.dependencies import fingerprint

FILES = {
    "__init__": "",
    "experiment": '''
        """題"""
        import torch
        from toy.layers import build
        from toy import tasks

        N = 3

        def run(unit, settings):
            """説明"""
            from toy.late import late
            return build(N), tasks.easy(N), late()
    ''',
    "layers": '''
        from toy.base import Base

        SIZE = 4

        class Layer(Base):
            """説明"""
            def forward(self):
                return helper() + SIZE

        def helper():
            return 1

        def build(n):
            return [Layer() for _ in range(n)]

        def unrelated():
            return 0
    ''',
    "base": "class Base:\n    size = 1\n",
    "tasks": "def easy(n):\n    return n\n\n\ndef hard(n):\n    return 2 * n\n",
    "late": "def late():\n    return 1\n",
}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """書き換えて指紋を測り直せる、小さなパッケージ。"""
    package = tmp_path / "toy"
    package.mkdir()
    for name, text in FILES.items():
        lines = (line.removeprefix(" " * 8) for line in text.split("\n"))
        (package / f"{name}.py").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(dependencies, "PACKAGE", "toy")

    def measure(name=None, old="", new=""):
        if name:
            path = package / f"{name}.py"
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
        importlib.invalidate_caches()
        dependencies._source.cache_clear()
        dependencies._is_module.cache_clear()
        return fingerprint("toy.experiment")

    yield measure
    dependencies._source.cache_clear()
    dependencies._is_module.cache_clear()
    for module in [name for name in sys.modules if name.split(".")[0] == "toy"]:
        del sys.modules[module]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiment", "N = 3", "N = 4"),
        ("experiment", "tasks.easy(N)", "tasks.easy(1)"),
        ("layers", "SIZE = 4", "SIZE = 5"),
        ("layers", "return 1", "return 2"),
        ("base", "size = 1", "size = 2"),
        ("tasks", "return n\n", "return -n\n"),
        ("late", "return 1", "return 2"),
        ("experiment", "tasks.easy", "tasks.hard"),
    ],
)
def test_a_change_of_what_is_used_changes_the_fingerprint(toy, name, old, new):
    assert toy() != toy(name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiment", '"""説明"""', '"""別の説明"""'),
        ("experiment", '"""題"""', ""),
        ("experiment", "N = 3", "# 三つ\nN  =  (3)"),
        ("layers", '"""説明"""', '"""別の説明"""'),
        ("layers", "return 0", "return 9"),
        ("tasks", "return 2 * n", "return 3 * n"),
    ],
)
def test_comments_descriptions_and_unused_code_do_not(toy, name, old, new):
    assert toy() == toy(name, old, new)


def test_experiments_that_share_code_have_their_own_fingerprints():
    names = ("recall", "adding", "clipping")
    assert len({fingerprint(f"lstm_text.experiments.{name}") for name in names}) == 3


def test_a_module_that_is_not_there():
    with pytest.raises(ModuleNotFoundError, match="モジュールはありません"):
        fingerprint("lstm_text.experiments.gone")
