"""code：数字を変えうる書き換えだけが、コードのハッシュを変えること。"""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_text.records import code_files, code_hash

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiment", "N = 3", "N = 4"),
        ("experiment", "tasks.easy(N, scale=2)", "tasks.easy(N, scale=3)"),
        ("experiment", "tasks.easy(N, scale=2)", "tasks.easy(N)"),
        ("experiment", "total < 0", "total <= 0"),
        ("experiment", "for each in range(N)", "for each in range(N - 1)"),
        ("layers", "SIZE = 4", "SIZE = 5"),
        ("layers", "size=1", "size=2"),  # 既定値
        ("layers", "rate: float = 0.5", "rate: float = 0.6"),
        ("layers", "rate: float = 0.5", "rate: int = 0.5"),  # dataclass の型は、読まれることがある
        ("layers", "rate:", "speed:"),
        ("layers", "helper() + SIZE", "SIZE + helper()"),
        ("layers", "nn.Linear", "nn.Bilinear"),
        ("layers", "from torch import nn", "from numpy import linalg as nn"),
        ("layers", "self.height = 2", "self.height = 3"),
        ("layers", "super().__init__()", "pass"),
        ("base", "size = 1", "size = 2"),
        ("base", "self.depth = 1", "self.depth = 2"),  # super() から呼ばれる
        ("base", "return self.depth", "return -self.depth"),  # 継いだメソッド
        ("base", "return self.size", "return self.size + 1"),
        ("tasks", "scale=1", "scale=4"),
        ("deepest", "n + n", "n + n + 0.1"),  # 3 つ先のモジュール
        ("late", "return 1", "return 2"),  # 関数の中の import
        ("experiment", "tasks.easy", "tasks.hard"),
    ],
)
def test_a_change_of_what_is_used_changes_the_hash(toy, name, old, new):
    before = toy.hash()
    toy.edit(name, old, new)
    assert toy.hash() != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiment", '"""説明"""', '"""別の説明"""'),
        ("experiment", '"""題"""', ""),
        ("experiment", "N = 3", "# 三つ\nN  =  (3)"),
        ("layers", '"""説明"""', '"""別の説明"""'),
        ("layers", "return 0", "return 9"),
        ("tasks", "return 2 * n", "return 3 * n"),
        ("experiment", "は負です。", "は 0 より小さい。"),  # 例外の文
        ("experiment", "def run(unit, settings):", "def run(unit: dict, settings) -> tuple:"),
        ("experiment", "total", "amount"),  # 局所変数
        ("experiment", "each", "one"),
        ("deeper", "(n)", "(count)"),  # キーワードで渡されない引数
        ("experiment", "import torch\n", ""),
        ("base", "class Deep:", "class Deep:\n    depth: int\n"),  # 値のない注釈
    ],
)
def test_what_cannot_change_a_number_does_not(toy, name, old, new):
    before = toy.hash()
    toy.edit(name, old, new)
    assert toy.hash() == before


@pytest.mark.parametrize(
    "changes",
    [
        [("experiment", "from toy import tasks", "import toy.tasks as tasks")],
        [("experiment", "from toy import tasks", "from . import tasks")],
        [
            ("experiment", "from toy import tasks", "from toy.tasks import easy as gentle"),
            ("experiment", "tasks.easy", "gentle"),
        ],
        [
            ("experiment", "from toy import tasks", "import toy.tasks"),
            ("experiment", "tasks.easy", "toy.tasks.easy"),
        ],
        [
            ("layers", "from torch import nn", "import torch"),
            ("layers", "nn.Linear", "torch.nn.Linear"),
        ],
        [("layers", "from torch import nn", "import torch.nn as net"), ("layers", "nn.L", "net.L")],
        [("tasks", "from toy import deeper", "import toy.deeper as deeper")],
    ],
)
def test_another_way_of_importing_does_not(toy, changes):
    before = toy.hash()
    for change in changes:
        toy.edit(*change)
    assert toy.hash() == before


@pytest.mark.parametrize(
    ("name", "to"),
    [("tasks", "work.tasks"), ("deepest", "far.away"), ("layers", "wing.rooms"), ("late", "soon")],
)
def test_moving_and_renaming_a_module_does_not(toy, name, to):
    for folder in ("work", "far", "wing"):
        toy.write(f"{folder}/__init__", "")
    before = toy.hash()
    toy.move(name, to)
    assert not (toy.folder / f"{name}.py").exists()
    assert toy.hash() == before


@pytest.mark.parametrize("old", ["Layer", "helper", "SIZE", "Options", "build"])
def test_renaming_a_definition_does_not(toy, old):
    before = toy.hash()
    for name in ("layers", "experiment"):
        toy.write(name, toy.text(name).replace(old, f"New{old}"))
    assert toy.hash() == before


def test_names_taken_through_a_curated_init_are_the_same(toy):
    before = toy.hash()
    toy.write("wing/__init__", "from toy.wing.rooms import Tall, build")
    toy.write("wing/rooms", toy.text("layers"))
    toy.edit("experiment", "from toy.layers import", "from toy.wing import")
    assert toy.hash() == before


def test_the_order_of_definitions_does_not_matter(toy):
    before = toy.hash()
    head, *definitions = re.split(r"\n\n(?=\S)", toy.text("layers"))
    random.Random(0).shuffle(definitions)
    toy.write("layers", "\n\n".join([head, *definitions]))
    assert toy.hash() == before


def test_splitting_a_module_does_not(toy):
    before = toy.hash()
    first, second = toy.text("layers").split("def helper(size=1):")
    toy.write("parts", "def helper(size=1):\n    return size\n")
    toy.write("layers", "from toy.parts import helper\n" + first + second.split("\n", 2)[2])
    assert toy.hash() == before


def test_a_method_may_move_to_the_parent(toy):
    before = toy.hash()
    shape = "    def shape(self):\n        return self.size\n"
    toy.write("base", "class Top:\n" + shape + toy.text("base").replace("Base:", "Base(Top):"))
    assert toy.hash() == before  # 2 つあっても、使われるほうは同じ
    toy.edit("base", "    size = 1\n\n" + shape, "    size = 1\n")
    assert toy.hash() == before


def test_swapping_parameters_called_by_keyword_changes_the_hash(toy):
    toy.write("tasks", "def easy(n, scale=1):\n    return n - scale\n")
    before = toy.hash()
    toy.write("tasks", "def easy(scale, n=1):\n    return scale - n\n")
    assert toy.hash() != before


def test_two_constants_changing_places_change_the_hash(toy):
    toy.write("late", "A, B = 1, 2\n\ndef late():\n    return A\n")
    before = toy.hash()
    toy.edit("late", "return A", "return B")
    assert toy.hash() != before


def test_statements_without_a_name_count(toy):
    before = toy.hash()
    toy.write("late", "import torch\n\ntorch.manual_seed(0)\n\ndef late():\n    return 1\n")
    assert toy.hash() != before


def test_what_runs_only_as_a_script_does_not_count(toy):
    before = toy.hash()
    toy.edit("late", "return 1", 'return 1\n\nif __name__ == "__main__":\n    print(late() + 1)')
    assert toy.hash() == before


def test_recursion_and_cycles_end(toy):
    toy.write(
        "late",
        "def late(n=3):\n    return n and other(n)\n\ndef other(n):\n    return late(n - 1)\n",
    )
    before = toy.hash()
    toy.edit("late", "n - 1", "n - 2")
    assert toy.hash() != before


def test_entries_that_share_code_have_their_own_hashes():
    from lstm_text.experiments.races import adding, clipping, recall

    assert len({code_hash(module.run) for module in (recall, adding, clipping)}) == 3


def test_files_are_those_of_the_definitions_that_are_reached():
    from lstm_text.experiments.races import recall

    names = {path.relative_to(ROOT).as_posix() for path in code_files(recall.run)}
    assert "lstm_text/cells.py" in names and "lstm_text/experiments/races/contests.py" in names
    assert not any("imdb" in name or "fast" in name for name in names)


def test_a_module_that_is_not_there():
    with pytest.raises(ModuleNotFoundError, match="モジュールはありません"):
        code_hash("lstm_text.experiments.gone")


def test_the_hash_does_not_depend_on_the_run():
    command = "from lstm_text.records import code_hash; print(code_hash('lstm_text.layers'))"
    found = {
        subprocess.run(
            [sys.executable, "-c", command],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }
    assert found == {code_hash("lstm_text.layers")}
