"""1 つの定義を、名前と置き場所によらない記号の並びにする。"""

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lstm_text.records.boundary import ASKED, BEYOND, returned
from lstm_text.records.definitions import (
    IMPORTS,
    PLACE,
    Place,
    Target,
    definitions_of,
    imported_names,
    is_nothing,
    is_told,
    stored_names,
    without_place,
)


@dataclass(frozen=True)
class Parameter:
    """引数の名前。どこかでキーワードとして使われるときだけ、意味がある。"""

    name: str


Token = str | Place | Parameter
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FIELDS = (ast.Assign, ast.AnnAssign)
_SKIPPED_FIELDS = ("ctx", "kind", "type_comment")
_ARGUMENTS = ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg")


class Writer:
    """定義を書く人。``tokens`` に、書いたものがたまる。

    Parameters
    ----------
    code : Code
        名前が何を指すかを知っているもの。
    place : Place
        書く定義。
    """

    def __init__(self, code, place: Place):
        self.code, self.place = code, place
        self.tokens: list[Token] = []
        self.scopes: list[dict[str, Token | None]] = []
        self.numbered = 0

    def write_definition(self, statement: ast.stmt) -> None:
        """クラスのほかの定義。自分の名前は書かない。"""
        if isinstance(statement, FUNCTIONS):
            self.write_function(statement)
        else:
            self.write(statement)

    @contextmanager
    def apart(self, place: Place | None = None) -> Iterator[list[Token]]:
        """この ``with`` の中で書いたものを、別の並びにする。``place`` は、書くもののある場所。"""
        before = self.tokens, self.place
        self.tokens, self.place = [], place or self.place
        try:
            yield self.tokens
        finally:
            self.tokens, self.place = before

    # --- 名前 ---------------------------------------------------------------

    def meaning(self, node: ast.expr) -> Place | str | None:
        """名前や ``module.name`` が指すもの。局所変数や、値の属性なら None。"""
        if isinstance(node, ast.Name):
            for scope in reversed(self.scopes):
                if node.id in scope:
                    known = scope[node.id]
                    local = known is None or (isinstance(known, str) and known.startswith("#"))
                    return None if local else known
            imported = definitions_of(self.place.module).imports.get(node.id)
            if imported and node.id == self.place.name and not self.scopes:
                return self.code.target(*imported)  # go = cache(go) の、右の go
            return self.code.resolve(self.place.module, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.meaning(node.value)
            if isinstance(owner, Place):
                return self.code.target(owner.module, node.attr) if owner.name == "*" else None
            outside = owner and owner != PLACE and not owner.startswith("builtins.")
            return f"{owner}.{node.attr}" if outside else None
        return None

    def _refer(self, found: Place | str) -> None:
        if found in BEYOND:
            with self.apart(found) as tokens:  # 返すもののメソッドは、後で使われる
                self.write(returned(found))
            self.tokens += tokens
            found = f"beyond {found.name}"
        self.tokens.append("ハッシュ" if found == ASKED else found)

    def write_local(self, name: str) -> None:
        """局所変数を、現れた順の番号で書く。"""
        for scope in reversed(self.scopes):
            if name in scope:
                if scope[name] is None:
                    self.numbered += 1
                    scope[name] = f"#{self.numbered}"
                self.tokens.append(scope[name])
                return
        self.tokens.append("自分" if name == self.place.name else "ほか")

    # --- 関数 ---------------------------------------------------------------

    def write_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """引数の注釈、戻り値の注釈、名前は書かない。"""
        self.tokens.append(type(node).__name__)
        self.write(getattr(node, "decorator_list", []))
        self.write(node.args.defaults)
        self.write(node.args.kw_defaults)
        body = node.body if isinstance(node.body, list) else [node.body]
        kinds = [(kind, getattr(node.args, kind)) for kind in _ARGUMENTS]
        arguments = [
            (kind, each)
            for kind, given in kinds
            for each in (given if isinstance(given, list) else filter(None, [given]))
        ]
        scope: dict[str, Token | None] = dict.fromkeys(each.arg for _, each in arguments)
        scope |= dict.fromkeys(stored_names(body))
        for each in filter(lambda each: isinstance(each, IMPORTS), body):
            scope |= {name: self.code.target(*where) for name, where in self._imported(each)}
        self.scopes.append(scope)
        for kind, each in arguments:
            self.tokens += [kind, Parameter(each.arg)]
            self.write_local(each.arg)
        self.write([each for each in body if not isinstance(each, IMPORTS)])
        self.scopes.pop()

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterable[tuple[str, Target]]:
        source = definitions_of(self.place.module)
        return imported_names(node, self.place.module, source.is_package).items()

    def _write_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.write_local(node.name)
        self.write_function(node)

    _write_AsyncFunctionDef = _write_FunctionDef

    def _write_Lambda(self, node: ast.Lambda) -> None:
        self.write_function(node)

    # --- 文と式 -------------------------------------------------------------

    def write(self, node: object) -> None:
        """構文木を、説明、注釈、import を除いて書く。"""
        special = getattr(self, f"_write_{type(node).__name__}", None)
        if special:
            special(node)
        elif isinstance(node, ast.AST):
            self._write_fields(node)
        else:
            self.tokens.append(repr(node))

    def _write_fields(self, node: ast.AST) -> None:
        self.tokens.append(type(node).__name__)
        for name, value in ast.iter_fields(node):
            # 空の欄は書かない（Python の版によって、ある欄とない欄がある）
            if name not in _SKIPPED_FIELDS and value is not None and value != []:
                self.tokens.append(name)
                self.write(value)
        self.tokens.append(";")

    def _write_list(self, nodes: list) -> None:
        self.tokens.append("[")
        for node in nodes:
            if not is_nothing(node):
                self.write(node)
        self.tokens.append("]")

    def _write_Name(self, node: ast.Name) -> None:
        found = self.meaning(node)
        if found is None or (isinstance(node.ctx, ast.Store) and not self.scopes):
            self.write_local(node.id)
        else:
            self._refer(found)

    def _write_Attribute(self, node: ast.Attribute) -> None:
        found = self.meaning(node)
        if found is None:
            self._write_fields(node)
        else:
            self._refer(found)

    def _write_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """``if`` や ``try`` の中の import：どの枝で、何を取り込むか。"""
        for name, where in self._imported(node):
            self.write_local(name)
            self._refer(self.code.target(*where))

    _write_ImportFrom = _write_Import

    def _write_Call(self, node: ast.Call) -> None:
        found = self.meaning(node.func)
        if found == ASKED:
            return self._refer(ASKED)
        if any(each.arg is None for each in node.keywords):  # f(**辞書) は、引数の名前で渡す
            self.code.named.add(found)
        self._write_fields(node)

    def _write_keyword(self, node: ast.keyword) -> None:
        if node.arg:
            self.code.keywords.add(node.arg)
        self._write_fields(node)

    def _write_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, str):
            ours = "|".join(map(re.escape, sorted(self.code.ours)))
            value = re.sub(rf"\b(?:{ours})(?:\.\w+)*", lambda match: without_place(match[0]), value)
            value = definitions_of(self.place.module).shipped(value) or value
        self.tokens.append(PLACE if value == PLACE else f"Constant {value!r}")

    def _write_Raise(self, node: ast.Raise) -> None:
        """例外の種類と、文のほかに持たせるもの。文は数字を変えない。"""
        self.tokens.append("Raise")
        if isinstance(node.exc, ast.Call):
            self.write(node.exc.func)
            self.write([each for each in (*node.exc.args, *node.exc.keywords) if not is_told(each)])
        elif node.exc:
            self.write(node.exc)

    def _write_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:  # 値のない注釈は、何もしない
            self._write_fields(ast.Assign([node.target], node.value))

    def _write_ClassDef(self, node: ast.ClassDef) -> None:
        """関数の中のクラス。"""
        self.write_local(node.name)
        for part in (node.decorator_list, node.bases, node.keywords):
            self.write(part)
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                self.tokens.append(f"method {statement.name}")
                self.write_function(statement)
            elif isinstance(statement, FIELDS):
                self.tokens += self.field(statement, bool(node.decorator_list))
            elif not is_nothing(statement):
                self.write(statement)

    def field(self, statement: ast.Assign | ast.AnnAssign, annotated: bool) -> list[Token]:
        """クラスの欄。注釈は、dataclass や NamedTuple が読むときだけ意味がある。"""
        described = isinstance(statement, ast.AnnAssign)
        if described and not annotated and statement.value is None:
            return []
        with self.apart() as tokens:
            tokens.append("field " + " ".join(sorted(stored_names([statement]))))
            if described and annotated:
                self.write(statement.annotation)
            self.write(statement.value)
        return tokens

    def _write_comprehension(self, node: ast.expr, *parts: ast.expr) -> None:
        self.tokens.append(type(node).__name__)
        first = node.generators[0]
        self.write(first.iter)  # 最初の並びだけは、外の名前で読まれる
        self.scopes.append(dict.fromkeys(stored_names([each.target for each in node.generators])))
        for each in node.generators:
            self.write(each.target)
            if each is not first:
                self.write(each.iter)
            self.write(each.ifs)
        for part in parts:
            self.write(part)
        self.scopes.pop()

    def _write_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._write_comprehension(node, node.elt)

    _write_SetComp = _write_GeneratorExp = _write_ListComp

    def _write_DictComp(self, node: ast.DictComp) -> None:
        self._write_comprehension(node, node.key, node.value)

    def _write_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._write_named(node, node.type, node.body)

    def _write_MatchAs(self, node: ast.MatchAs) -> None:
        self._write_named(node, node.pattern, [])

    def _write_MatchStar(self, node: ast.MatchStar) -> None:
        self._write_named(node, None, [])

    def _write_named(self, node: ast.AST, first: ast.AST | None, body: list) -> None:
        """名前を文字列で持つもの。"""
        self.tokens.append(type(node).__name__)
        if first is not None:
            self.write(first)
        if node.name:
            self.write_local(node.name)
        self.write(body)
