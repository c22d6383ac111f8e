"""API のページに、公開されている名前がすべて、例つきで載っているか。"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import lstm_text

PAGE = (Path(__file__).parents[2] / "book" / "api.md").read_text(encoding="utf-8")
MODULES = [module.name for module in pkgutil.walk_packages(lstm_text.__path__, prefix="lstm_text.")]


def public_names(module):
    """そのモジュールで定義された、公開されているクラスと関数。"""
    for name, value in vars(module).items():
        defined = inspect.isclass(value) or inspect.isfunction(value)
        if defined and value.__module__ == module.__name__ and not name.startswith("_"):
            yield name, value


def test_every_module_is_on_the_page():
    assert sorted(re.findall(r"automodule:: (\S+)", PAGE)) == sorted(MODULES)


# 実験は、走らせると何分もかかる
@pytest.mark.parametrize("name", [m for m in MODULES if "experiments" not in m])
def test_every_public_name_has_an_example(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for public, value in public_names(module):
        assert ">>>" in inspect.getdoc(value), f"{name}.{public} に例がありません"
