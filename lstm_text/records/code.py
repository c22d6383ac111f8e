"""コードのハッシュ：数字を変えうる書き換えだけで変わり、置き場所や名前を変えても変わらない。

入り口の関数やクラスから、使われている定義を順にたどり、書いてあることだけをハッシュにします。

入らないもの
    モジュールや定義の名前と並び、import の書き方、コメント、説明（docstring）、関数の引数と戻り値の
    注釈、局所変数の名前、例外の文、使われていない定義。
入るもの
    式、定数、既定値、制御の流れ、クラスの欄とメソッドの名前、継いだメソッド（親に移しても同じ）、
    キーワードで渡される引数の名前、パッケージの外のものの正式な名前。
"""

import ast
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from lstm_text.records.class_wording import write_class
from lstm_text.records.definitions import definitions_of, is_module
from lstm_text.records.wording import PLACE, Parameter, Place, Token, Writer


def code_hash(*entries: Callable | type | str) -> str:
    """関数やクラスと、それらが使う定義すべての、コードのハッシュ。

    Parameters
    ----------
    *entries : callable, type or str
        たどり始める関数やクラス。文字列なら、その名前のモジュールの全部。

    Returns
    -------
    str
        16 進 16 文字。

    Raises
    ------
    ModuleNotFoundError
        モジュールがないとき。

    Examples
    --------
    >>> from lstm_text.tasks import adding, windows
    >>> code_hash(adding) == code_hash(adding), code_hash(adding) == code_hash(windows)
    (True, False)
    """
    return Code(entries).hash()


def code_files(*entries: Callable | type | str) -> list[Path]:
    """入り口から届く定義のあるファイル。

    Parameters
    ----------
    *entries : callable, type or str
        :func:`code_hash` と同じ。

    Returns
    -------
    list of Path

    Examples
    --------
    >>> from lstm_text.tasks import look_ahead_tags
    >>> [path.name for path in code_files(look_ahead_tags)]
    ['marks.py', 'tasks.py']
    """
    return Code(entries).files()


class Code:
    """入り口から届く定義のつながり。

    Parameters
    ----------
    entries : sequence of callable, type or str

    Examples
    --------
    >>> len(Code(["lstm_text.marks"]).tokens)  # モジュールそのものと、3 つの定数
    4
    """

    def __init__(self, entries: Sequence[Callable | type | str]):
        pairs = [
            (each, "*") if isinstance(each, str) else (each.__module__, each.__qualname__)
            for each in entries
        ]
        self.ours = {module.split(".")[0] for module, _ in pairs} | {__name__.split(".")[0]}
        self.entries = [Place(*pair) if "*" in pair else self.resolve(*pair) for pair in pairs]
        self.tokens: dict[Place, list[Token]] = {}
        self.keywords: set[str] = set()
        waiting = [place for place in self.entries if isinstance(place, Place)]
        while waiting:
            place = waiting.pop()
            if place not in self.tokens:
                self.tokens[place] = self._written(place)
                waiting += self._references(place)

    def hash(self) -> str:
        """つながり全体のハッシュ。定義は、名前ではなく、指す先のハッシュで区別する。"""
        own = {place: _digest(self._text(place)) for place in self.tokens}
        references = {
            place: self._within(place) if place.name == "*" else self._references(place)
            for place in own
        }
        found, kinds = own, 0
        while kinds < len(set(found.values())):  # 区別できる定義が増えなくなるまで
            kinds = len(set(found.values()))
            found = {
                place: _digest(own[place], *_hashes(place, references[place], found))
                for place in own
            }
        entries = (found.get(entry, str(entry)) for entry in self.entries)
        return _digest(*entries, "", *sorted(set(found.values())))[:16]

    def files(self) -> list[Path]:
        """届く定義のあるファイル。"""
        return sorted({definitions_of(place.module).path for place in self.tokens})

    def _written(self, place: Place) -> list[Token]:
        source = definitions_of(place.module)
        if place.name == "*":
            return []
        writer = Writer(self, place)
        if place.name == "":
            writer.write(source.effects)
            return writer.tokens
        for statement in source.definitions[place.name]:
            if isinstance(statement, ast.ClassDef):
                write_class(writer)
            else:
                writer.write_definition(statement)
        if source.effects:
            writer.tokens.append(Place(place.module, ""))
        return writer.tokens

    def _references(self, place: Place) -> list[Place]:
        if place.name == "*":
            source = definitions_of(place.module)
            names = source.imports if source.is_package else source.definitions
            found = [self.resolve(place.module, name) for name in names]
            return [each for each in found if isinstance(each, Place)]
        return [token for token in self.tokens[place] if isinstance(token, Place)]

    def _within(self, module: Place) -> list[Place]:
        """モジュールから届く定義のすべて。いくつかのモジュールに分けても変わらない。"""
        found, waiting = {}, self._references(module)
        while waiting:
            place = waiting.pop()
            if place not in found and place != module:
                found[place] = None
                waiting += self._references(place)
        return list(found)

    def _text(self, place: Place) -> str:
        parts = []
        for token in self.tokens[place]:
            if isinstance(token, Parameter):
                parts.append(token.name if token.name in self.keywords else "引数")
            else:
                parts.append("参照" if isinstance(token, Place) else token)
        return "\0".join(parts)

    def resolve(self, module: str, name: str) -> Place | str:
        """モジュールの中の名前が指すもの：この中の定義か、外のものの正式な名前。"""
        source = definitions_of(module)
        if name in source.definitions:
            return Place(module, name)
        if name in source.imports:
            return self.target(*source.imports[name])
        return PLACE if name in ("__name__", "__file__", "__package__") else f"builtins.{name}"

    def target(self, module: str, name: str | None) -> Place | str:
        """``import module`` か ``from module import name`` が指すもの。"""
        if module.split(".")[0] not in self.ours:
            return module if name is None else f"{module}.{name}"
        if name is None:
            return Place(module, "*")
        source = definitions_of(module)
        here = source.imports.get(name, (module, name)) == (
            module,
            name,
        )  # __init__ が呼ぶ自分の部屋
        if here and name not in source.definitions and is_module(f"{module}.{name}"):
            return Place(f"{module}.{name}", "*")
        return self.resolve(module, name)


def _hashes(place: Place, references: list[Place], found: dict[Place, str]) -> list[str]:
    hashes = [found[each] for each in references]
    return sorted(set(hashes)) if place.name == "*" else hashes  # モジュールの中の並びに意味はない


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
