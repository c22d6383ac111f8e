"""コードのハッシュ：数字を変えうる書き換えだけで変わり、置き場所や名前を変えても変わらない。

入り口の関数やクラスから、使われている定義を順にたどり、書いてあることだけをハッシュにします。

入らないもの
    モジュールや定義の名前と並び、import の書き方、コメント、説明（docstring）、関数の引数と戻り値の
    注釈、局所変数の名前、例外の文、使われていない定義。データを読む関数とデバイスを選ぶ関数の中身
    （``boundary`` の ``BEYOND``。名前と、渡す引数と、返すもののクラスは入る）。
入るもの
    式、定数、既定値、制御の流れ、クラスの欄とメソッドの名前、継いだメソッド（親に移しても同じ）、
    キーワードで渡される引数の名前、パッケージの外のものの正式な名前、コードの隣に置かれて
    名前を呼ばれるファイルの中身、読み込むと実行される文。
見えないもの
    文字列で引く名前の取り違え（``getattr(module, name)`` の先で、2 つの名前が入れ替わるなど）、
    登録された関数、同じ形の 2 つの物の取り違え、モジュールの文の順番。
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from lstm_text.records.boundary import BEYOND
from lstm_text.records.class_wording import is_class, write_class
from lstm_text.records.definitions import PLACE, Place, definitions_of, is_module
from lstm_text.records.wording import Parameter, Token, Writer

_SETS = ("*", "+")  # 指す先を、並びとしてではなく集まりとして見るもの


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
    ValueError
        そのモジュールで作られたものではないとき。

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
    ['__init__.py', 'tasks.py']
    """
    return Code(entries).files()


class Code:
    """入り口から届く定義のつながり。

    Parameters
    ----------
    entries : sequence of callable, type or str

    Examples
    --------
    >>> len(Code(["lstm_text.experiments.races"]).tokens)
    1
    """

    def __init__(self, entries: Sequence[Callable | type | str]):
        pairs = [
            (each, "*") if isinstance(each, str) else (each.__module__, each.__qualname__)
            for each in entries
        ]
        # 1 つのハッシュを求める間、ファイルは変わらない
        self.resolve, self._effects = cache(self.resolve), cache(self._effects)
        self.ours = {module.split(".")[0] for module, _ in pairs} | {__name__.split(".")[0]}
        self.entries = [Place(*pair) if "*" in pair else self._entry(*pair) for pair in pairs]
        self.tokens: dict[Place, list[Token]] = {}
        self.keywords: set[str] = set()
        self.named: set[Place | str | None] = set()
        self.inherited: set[str] = set()
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
            place: self._within(place) if place.name in _SETS else self._references(place)
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
        modules = {place.module for place in self.tokens} | self.inherited
        return sorted({definitions_of(module).path for module in modules})

    def _entry(self, module: str, name: str) -> Place:
        """内側の関数やメソッドなら、それを含む、いちばん外の定義。"""
        found = self.resolve(module, name.split(".")[0])
        if isinstance(found, Place):
            return found
        raise ValueError(f"{module} で作られた関数かクラスが必要ですが、{name} でした。")

    def _written(self, place: Place) -> list[Token]:
        source, writer = definitions_of(place.module), Writer(self, place)
        modules = [place.module]
        if place.name == "":
            writer.write(source.effects)
            return writer.tokens
        if place.name in _SETS:
            return []
        if is_class(place):
            modules = write_class(writer)
            self.inherited |= set(modules)
        else:
            for statement in source.definitions[place.name]:
                writer.write_definition(statement)
        writer.tokens += [Place(each, "+") for each in modules if self._effects(each)]
        return writer.tokens

    def _references(self, place: Place) -> list[Place]:
        if place.name == "+":
            return self._effects(place.module)
        if place.name == "*":
            source = definitions_of(place.module)
            names = source.names() if source.is_package else source.definitions
            found = [self.resolve(place.module, name) for name in names if name[:2] != "__"]
            found = [each for each in found if isinstance(each, Place) and each not in BEYOND]
            return found + self._effects(place.module)
        return [token for token in self.tokens[place] if isinstance(token, Place)]

    def _effects(self, module: str) -> list[Place]:
        """そのモジュールを読み込むと実行される、名前のない文のあるところ。"""
        found, waiting = {}, [module]
        while waiting:
            name = waiting.pop()
            if name not in found and name.split(".")[0] in self.ours and is_module(name):
                found[name] = definitions_of(name)
                waiting += [*found[name].loads, name.rpartition(".")[0]]
        return [Place(name, "") for name, source in found.items() if source.effects]

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
                known = place in self.named or token.name in self.keywords
                parts.append(token.name if known else "引数")
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
        for star in source.stars:
            if self._is_ours(star) and name in definitions_of(star).names():
                return self.resolve(star, name)
        return PLACE if name in ("__name__", "__file__", "__package__") else f"builtins.{name}"

    def target(self, module: str, name: str | None) -> Place | str:
        """``import module`` か ``from module import name`` が指すもの。"""
        if not self._is_ours(module):
            return module if name is None else f"{module}.{name}"
        if name is None:
            return Place(module, "*")
        source = definitions_of(module)
        # __init__ が、同じ名前の自分の部屋を呼ぶこともある
        here = source.imports.get(name, (module, name)) == (module, name)
        if here and name not in source.definitions and is_module(f"{module}.{name}"):
            return Place(f"{module}.{name}", "*")
        return self.resolve(module, name)

    def _is_ours(self, module: str) -> bool:
        return module.split(".")[0] in self.ours and is_module(module)


def _hashes(place: Place, references: list[Place], found: dict[Place, str]) -> list[str]:
    hashes = [found[each] for each in references]
    return sorted(set(hashes)) if place.name in _SETS else hashes  # 並びに意味はない


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
