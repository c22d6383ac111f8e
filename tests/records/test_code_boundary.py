"""boundary：記録の数字は、何を読んだかで決まり、どう見つけて読んだかによらないこと。"""

import pytest

from lstm_text.experiments.engine import find
from lstm_text.records import boundary, code, code_files, wording
from lstm_text.records.definitions import Place, definitions_of

LATE = "from toy.data import load, load_more\n\ndef late():\n    return load(3, part=1).size()\n"
DATA = '''
from toy.found import search
from toy.kinds import Loaded, Source

DEFAULT = 2

def load(number, part=DEFAULT) -> Loaded:
    """説明"""
    return Loaded(search(number), Source("ここ"))

def load_more(number, part=DEFAULT) -> Loaded:
    return Loaded(search(number) + [part], Source("ここ"))
'''
KINDS = """
from dataclasses import dataclass

@dataclass
class Source:
    where: str

    def told(self):
        return self.where

@dataclass
class Loaded:
    values: list
    source: Source

    def size(self):
        return len(self.values)
"""
FOUND = "def search(number):\n    return [number]\n"


@pytest.fixture
def toy(toy, monkeypatch):
    beyond = (
        Place("toy.data", "load"),
        Place("toy.data", "load_more"),
        Place("toy.kinds", "Source"),
    )
    monkeypatch.setattr(wording, "BEYOND", beyond)
    monkeypatch.setattr(code, "BEYOND", beyond)
    for name, text in {"late": LATE, "data": DATA, "kinds": KINDS, "found": FOUND}.items():
        toy.write(name, text)
    return toy


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("data", "search(number), S", "search(number + 1), S"),
        ("data", "DEFAULT = 2", "DEFAULT = 3"),
        ("data", "part=DEFAULT) -> Loaded:\n    return", "part=9) -> Loaded:\n    return"),
        ("found", "[number]", "[number, number]"),
        ("kinds", "return self.where", 'return f"{self.where}です"'),
        ("kinds", "where: str", "where: str\n    note: str = ''"),
    ],
)
def test_how_it_is_found_does_not_matter(toy, name, old, new):
    before = toy.hash()
    toy.edit(name, old, new)
    assert toy.hash() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("late", "load(3", "load_more(3"),
        ("late", "load(3", "load(4"),
        ("late", "part=1", "part=2"),
        ("late", ", part=1", ""),
        ("kinds", "len(self.values)", "len(self.values) + 1"),  # 返すもののメソッド
        ("kinds", "values: list\n", "values: list\n    more: int = 0\n"),
    ],
)
def test_what_is_asked_for_and_what_comes_do(toy, name, old, new):
    before = toy.hash()
    toy.edit(name, old, new)
    assert toy.hash() != before


def test_what_is_reached_another_way_counts(toy):
    toy.write("late", LATE.replace("return", "search(3)\n    return", 1))
    toy.edit("late", "from toy.data", "from toy.found import search\nfrom toy.data")
    before = toy.hash()
    toy.edit("found", "[number]", "[number, number]")
    assert toy.hash() != before


def test_a_whole_module_leaves_them_out_too(toy):
    toy.write("late", "from toy import data\n\ndef late():\n    return data\n")
    before = toy.hash()
    toy.edit("found", "[number]", "[number, number]")
    assert toy.hash() == before
    toy.edit("data", "DEFAULT = 2", "DEFAULT = 3")  # モジュールの、ほかの定義
    assert toy.hash() != before


def test_a_loader_that_is_itself_asked_is_followed():
    from lstm_text.datasets import load_neko

    assert {"neko.py", "find.py"} <= {path.name for path in code_files(load_neko)}


@pytest.mark.parametrize("place", boundary.BEYOND, ids=lambda place: place.name)
def test_every_one_of_them_is_there(place):
    (definition,) = definitions_of(place.module).definitions[place.name]
    assert definition.name == place.name


@pytest.mark.parametrize("name", ["imdb_chapter", "imdb_films", "tagging", "neko_writer"])
def test_no_experiment_reaches_behind_them(name):
    reached = {place.name for place in code.Code([find(name).run]).tokens}
    assert not reached & {place.name for place in boundary.BEYOND}
    assert not reached & {"find", "download", "parse_conllu", "neko_excerpt"}
