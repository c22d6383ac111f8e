"""文献の体裁: 本文では「Hochreiter & Schmidhuber (1997)」、一覧では著者と年の見出し。"""

from dataclasses import dataclass, field

import pybtex.plugin
import sphinxcontrib.bibtex.plugin
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.names import BaseNameStyle
from pybtex.style.names.plain import NameStyle as PlainNameStyle
from pybtex.style.template import field as entry_field
from pybtex.style.template import sentence
from sphinxcontrib.bibtex.style.referencing import BracketStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def _last(person):
    return " ".join(map(str, person.rich_prelast_names + person.rich_last_names))


class Names(BaseNameStyle):
    """日本語の名前は姓名の順に、間を空けずに書く。ほかは名・姓の順。"""

    def format(self, person, abbr=False):
        if _last(person).isascii() or not person.first_names:
            return PlainNameStyle().format(person, abbr)
        if any(ord(letter) >= 0x3040 for letter in _last(person)):
            return _last(person) + " ".join(map(str, person.rich_first_names))
        return PlainNameStyle().format(person, abbr)


class Labels(BaseLabelStyle):
    """「Hochreiter & Schmidhuber 1997」の形の見出し。同じものには a、b を付ける。"""

    def format_labels(self, entries):
        plain = [self._label(entry) for entry in entries]
        for i, label in enumerate(plain):
            same = [j for j, other in enumerate(plain) if other == label]
            yield label + (chr(ord("a") + same.index(i)) if len(same) > 1 else "")

    def _label(self, entry):
        people = [_last(person) for person in entry.persons.get("author", [])]
        people = people or [entry.fields.get("organization", entry.key)]
        who = " & ".join(people) if len(people) <= 2 else f"{people[0]} et al."
        return f"{who} {entry.fields.get('year', '')}".strip()


class Style(PlainStyle):
    """題名の大文字・小文字を変えない（LSTM を lstm にしない）。"""

    default_name_style = "lstm_text"
    default_label_style = "lstm_text"

    def format_title(self, e, which_field, as_sentence=True):
        title = entry_field(which_field, raw=False)
        return sentence[title] if as_sentence else title


@dataclass
class References(AuthorYearReferenceStyle):
    bracket_textual: BracketStyle = field(default_factory=lambda: BracketStyle("(", ")"))
    bracket_parenthetical: BracketStyle = field(
        default_factory=lambda: BracketStyle("（", "）", sep="; ")
    )
    person: PersonStyle = field(
        default_factory=lambda: PersonStyle(sep2=" & ", last_sep=" & ", other=" et al.")
    )


def setup(app):
    pybtex.plugin.register_plugin("pybtex.style.names", "lstm_text", Names)
    pybtex.plugin.register_plugin("pybtex.style.labels", "lstm_text", Labels)
    pybtex.plugin.register_plugin("pybtex.style.formatting", "lstm_text", Style)
    sphinxcontrib.bibtex.plugin.register_plugin(
        "sphinxcontrib.bibtex.style.referencing", "lstm_text", References
    )
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
