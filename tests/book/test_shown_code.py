"""shown_code：載せるコードから、説明だけが除かれる。"""

import ast
import inspect
import re
import textwrap

import pytest
from sphinx.config import Config
from sphinx.directives.code import LiteralIncludeReader

from lstm_text.fast import bptt
from lstm_text.imdb import EncodedReviews, probabilities
from lstm_text.models import reverse_sequences
from lstm_text.text import LengthBuckets, Vocabulary, tokenize
from page.shown_code import chosen, without_docstrings
from tests.book.pages import BOOK

OBJECTS = (EncodedReviews, LengthBuckets, Vocabulary, probabilities, reverse_sequences, tokenize)


def shown(thing):
    asked = {"pyobject": thing.__name__, "no-docstring": None}
    path = inspect.getsourcefile(inspect.unwrap(thing))
    return LiteralIncludeReader(path, chosen(path, asked), Config()).read()[0]


@pytest.mark.parametrize("thing", OBJECTS, ids=lambda thing: thing.__name__)
def test_everything_but_the_docstrings_is_shown(thing):
    whole, part = (ast.parse(text) for text in (inspect.getsource(thing), shown(thing)))
    for node in ast.walk(whole):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    assert ast.dump(part) == ast.dump(whole)


def test_a_string_that_is_not_a_docstring_stays():
    text = 'def f():\n    a = 1\n    "文"\n    return a\n'
    assert without_docstrings(text) == [1, 2, 3, 4]


def test_an_indented_method_and_a_multiline_docstring():
    text = textwrap.indent('def f(self):\n    """説明\n\n    続き\n    """\n    return 1\n', "    ")
    assert without_docstrings(text) == [1, 6]


def test_the_mark_alone_or_with_lines_is_refused():
    for others in ({}, {"pyobject": "f", "lines": "1-3"}):
        with pytest.raises(ValueError, match="pyobject"):
            chosen("a.py", {"no-docstring": None} | others)


def test_the_equation_numbers_in_the_code_are_those_of_the_chapter():
    """「(11.7)」は、11 章の 7 番めの名前つきの式。式を足したら、コードの注釈も直す。"""
    chapter = (BOOK / "11_bptt.md").read_text(encoding="utf-8")
    labels = re.findall(r"^:label: eq-bptt-(\S+)$", chapter, re.MULTILINE)
    named = {int(number) for number in re.findall(r"\(11\.(\d+)\)", inspect.getsource(bptt))}
    assert {number: labels[number - 1] for number in sorted(named)} == {
        2: "rnn",
        3: "sums",
        4: "one-product",
        5: "lstm-forward",
        6: "lstm-c",
        7: "lstm-delta",
    }
