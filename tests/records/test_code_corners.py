"""code：隅の書き方。名前を作りながら何かをする文、条件つきの import、読み込むだけの部屋。"""

from types import SimpleNamespace

import pytest

from lstm_text.records import code_files, code_hash

DONE = "class Done(Exception):\n    pass\n\n"
PARENT = "class Parent:\n    def size(self):\n        return 1\n\n"
CHILD = """
from toy.parent import Parent

class Child(Parent):
    def size(self):
        return 10

    def both(self):
        return super().size() + self.size()

def late():
    return Child().both()
"""
EITHER = """
FAST = True
if FAST:
    from toy.fast import step
else:
    from toy.slow import step

def late():
    return step()
"""
FALLBACK = """
try:
    from toy.fast import step
except ImportError:
    def step():
        return 2

def late():
    return step()
"""
INSIDE = """
def late(fast=True):
    if fast:
        from toy.fast import step
    else:
        from toy.slow import step
    return step()
"""
STEPS = {"fast": "def step():\n    return 1\n", "slow": "def step():\n    return 2\n"}


@pytest.mark.parametrize(
    ("files", "name", "old", "new"),
    [
        ({"late": "T = {}\nfor k in range(4): T[k] = k * 2\ndef late(): return T[3]\n"},
         "late", "* 2", "* 3"),
        ({"late": "T = {}\ntry: T[3] = 1\nfinally: done = 1\ndef late(): return T[3]\n"},
         "late", "T[3] = 1", "T[3] = 2"),
        ({"late": "T = {}\nlast = T[3] = 4\ndef late(): return T[3]\n"}, "late", "4", "5"),
        ({"late": EITHER, **STEPS}, "late", "True", "False"),
        ({"late": EITHER, **STEPS}, "fast", "1", "3"),
        ({"late": FALLBACK, **STEPS}, "fast", "1", "3"),
        ({"late": FALLBACK, **STEPS}, "late", "2", "3"),
        ({"late": INSIDE, **STEPS}, "fast", "1", "3"),
        ({"late": INSIDE, **STEPS}, "late", "toy.fast", "toy.slow"),
        ({"late": "from functools import cache\nfrom toy.fast import step\nstep = cache(step)\n"
                  "def late(): return step()\n", **STEPS}, "fast", "1", "3"),
        ({"late": "from toy.fast import *\ndef late(): return step()\n", **STEPS},
         "fast", "1", "3"),
        ({"late": "import toy.setup\ndef late(): return 1\n",
          "setup": "import random\nrandom.seed(0)\n"}, "setup", "seed(0)", "seed(1)"),
        ({"__init__": "import torch\ntorch.set_default_dtype(torch.float32)\n"},
         "__init__", "float32", "float64"),
        ({"late": CHILD, "parent": "import random\nrandom.seed(0)\n" + PARENT},
         "parent", "seed(0)", "seed(1)"),
        ({"late": CHILD, "parent": PARENT}, "parent", "return 1", "return 2"),
        ({"late": "S = {'a': 3, 'b': 1}\ndef f(a, b): return a - b\ndef late(): return f(**S)\n"},
         "late", "f(a, b): return a - b", "f(b, a): return b - a"),
        ({"late": DONE + "def late(n=1):\n    raise Done(n * 2)\n"}, "late", "n * 2", "n * 3"),
        ({"late": "N = 1\nif __name__ != '__main__': N = 3\ndef late(): return N\n"},
         "late", "3", "4"),
        ({"late": "def late(): return open('data/toy.train')\n"}, "late", "train", "test"),
        ({"late/__init__": "def late():\n    from .deep import deep\n    return deep()\n",
          "late/deep": "def deep(): return 1\n"}, "late/deep", "1", "2"),
    ],
)  # fmt: skip
def test_a_change_in_a_corner_changes_the_hash(toy, files, name, old, new):
    if "late/__init__" in files:
        (toy.folder / "late.py").unlink()
    for each, text in files.items():
        toy.write(each, text)
    before = toy.hash()
    toy.edit(name, old, new)
    assert toy.hash() != before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("N = 3\ndef late(): return N\n", "N: int = 3\ndef late(): return N\n"),
        ("def late():\n    k = 1\n    return k\n", "def late():\n    k: int = 1\n    return k\n"),
        ("class E(Exception): pass\ndef late(): raise E('a')\n",
         "class E(Exception):\n    \"\"\"説明\"\"\"\ndef late(): raise E('b')\n"),
        ("def f(): pass\ndef late(): return f()\n", "def f(): ...\n...\ndef late(): return f()\n"),
        ("def late(): return 1\n", "\ufeffdef late(): return 1\n"),
        ("def late(): return 1\n",
         "if '__main__' == __name__:\n    print(2)\ndef late(): return 1\n"),
        ("from toy.tasks import easy\ndef late(): return easy(1)\n",
         "from typing import TYPE_CHECKING\nfrom toy.tasks import easy\n"
         "if TYPE_CHECKING:\n    from toy.nowhere import Thing\n"
         "def late(x: 'Thing' = None): return easy(1)\n".replace("x: 'Thing' = None", "")),
    ],
)  # fmt: skip
def test_what_says_nothing_does_not(toy, before, after):
    toy.write("late", before)
    first = toy.hash()
    toy.write("late", after)
    assert toy.hash() == first


@pytest.mark.parametrize("name", ["words.txt", "words/"])
def test_a_file_beside_the_code_counts_by_its_content_not_its_place(toy, name):
    toy.write("late", f"def late():\n    return read({name!r})\n\ndef read(name): return name\n")
    path = toy.folder / (f"{name}one.txt" if name.endswith("/") else name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("良い\n", encoding="utf-8")
    before = toy.hash()
    path.write_text("悪い\n", encoding="utf-8")
    assert toy.hash() != before


@pytest.mark.parametrize(
    "text",
    [
        "from dataclasses import dataclass\nclass C: n = 1\nC = dataclass(C)\n"
        "def late(): return C()\n",
        "from toy.parent import Parent\nclass Parent(Parent): pass\n"
        "def late(): return Parent().size()\n",
        "try:\n    from toy.nowhere import step\nexcept ImportError:\n    step = None\n"
        "def late(): return step\n",
    ],
)
def test_unusual_but_right_code_has_a_hash(toy, text):
    toy.write("parent", PARENT)
    toy.write("late", text)
    before = toy.hash()
    toy.write("late", text + "\n# 説明\n")
    assert toy.hash() == before


def test_the_file_of_a_base_class_is_reached(toy):
    toy.write("late", CHILD)
    toy.write("parent", PARENT)
    run = SimpleNamespace(__module__="toy.experiment", __qualname__="run")
    assert "parent.py" in {path.name for path in code_files(run)}


def test_a_method_stands_for_its_class():
    from lstm_text.cells import GRUCell

    assert code_hash(GRUCell.step) == code_hash(GRUCell)


def test_what_is_not_a_definition_of_its_module_is_refused():
    imported = SimpleNamespace(__module__="lstm_text.layers", __qualname__="softmax")
    with pytest.raises(ValueError, match=r"lstm_text\.layers で作られた.*softmax でした"):
        code_hash(imported)
