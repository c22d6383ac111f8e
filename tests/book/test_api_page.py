"""API のページに、公開されている名前がすべて、例つきで載っているか。"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import lstm_text

PAGE = (Path(__file__).parents[2] / "book" / "api.md").read_text(encoding="utf-8")
TOP = [module.name for module in pkgutil.iter_modules(lstm_text.__path__)]
SHOWN = re.findall(r"automodule:: (\S+)", PAGE)


def public_names(module):
    """公開されているクラスと関数：フォルダの顔が挙げるもの、なければ、そこで定義されたもの。"""
    shown = getattr(module, "__all__", None)
    for name, value in vars(module).items():
        defined = getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
        listed = defined if shown is None else name in shown
        if listed and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name, value


def test_every_room_of_the_top_floor_is_in_the_table_and_has_its_section():
    assert re.findall(r"^\| \{ref\}`(\w+) <api-\1>`", PAGE, re.MULTILINE) == re.findall(
        r"^\(api-(\w+)\)=", PAGE, re.MULTILINE
    )
    assert {f"lstm_text.{name}" for name in TOP} <= set(SHOWN)


def test_every_experiment_is_on_the_page():
    found = pkgutil.walk_packages(
        importlib.import_module("lstm_text.experiments").__path__, "lstm_text.experiments."
    )
    modules = {module.name for module in found if not module.ispkg}
    assert modules - {"lstm_text.experiments.engine"} == {
        name for name in SHOWN if name.startswith("lstm_text.experiments.")
    }


# 実験は、走らせると何分もかかる
@pytest.mark.parametrize("name", [m for m in SHOWN if "experiments" not in m])
def test_every_public_name_has_an_example(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for public, value in public_names(module):
        assert ">>>" in inspect.getdoc(value), f"{name}.{public} に例がありません"
