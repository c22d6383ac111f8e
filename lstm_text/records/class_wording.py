"""クラスを、継いだものまで 1 つにならして書く。メソッドを親に移しても、書かれるものは同じ。"""

import ast

from lstm_text.records.definitions import Place, definitions_of, is_nothing, stored_names
from lstm_text.records.wording import FIELDS, FUNCTIONS, Token, Writer

Base = tuple[Place, ast.expr]


def write_class(writer: Writer) -> list[str]:
    """``writer`` の場所にあるクラスを書く。読んだモジュールの名前を返す。"""
    line, outside = _ancestors(writer, writer.place)
    writer.tokens.append("class")
    fields: dict[str, list[Token]] = {}
    named = any(_meaning(writer, *base) == "typing.NamedTuple" for base in outside)
    for place in reversed(line):
        node = _node(place)
        for part in filter(None, (node.decorator_list, node.keywords)):
            with writer.apart(place) as tokens:
                writer.write(part)
            writer.tokens += tokens
        annotated = bool(node.decorator_list) or named
        for number, statement in enumerate(node.body):
            if isinstance(statement, FIELDS):
                name = " ".join(sorted(stored_names([statement])))
                with writer.apart(place):
                    described = writer.field(statement, annotated)
                if described:
                    fields[name] = described
            elif not (isinstance(statement, FUNCTIONS) or is_nothing(statement)):
                with writer.apart(place) as fields[f"{place} {number}"]:
                    writer.write(statement)
    for tokens in fields.values():
        writer.tokens += tokens
    for place, base in outside:
        with writer.apart(place) as tokens:
            writer.write(base)
        writer.tokens += tokens
    _write_methods(writer, line)
    return [each.module for each in line]


def _write_methods(writer: Writer, line: list[Place]) -> None:
    """名前の順に。上書きされたものは、``super()`` から呼ばれるときだけ。"""
    owners = [(place, _members(place)) for place in line]
    asked = {name for place in line for name in _asked_of_super(_node(place))}
    for name in sorted({name for _, members in owners for name in members}):
        for place, members in owners:
            found = members.get(name, [])
            if any(isinstance(each, FIELDS) for each in found):
                break  # 欄が、親のメソッドを隠している
            for each in found:
                with writer.apart(place) as tokens:
                    writer.write_function(each)
                writer.tokens += [f"method {name}", *tokens]
            if found and name not in asked and not any(map(_calls_super, found)):
                break


def _members(place: Place) -> dict[str, list[ast.stmt]]:
    members: dict[str, list[ast.stmt]] = {}
    for statement in _node(place).body:
        if isinstance(statement, (*FUNCTIONS, *FIELDS)):
            for name in stored_names([statement]):
                members.setdefault(name, []).append(statement)
    return members


def _calls_super(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "super" for each in ast.walk(node))


def _asked_of_super(node: ast.AST) -> set[str]:
    """``super().name`` の名前。"""
    return {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Call)
        and _calls_super(each.value.func)
    }


def _node(place: Place) -> ast.ClassDef:
    (node,) = definitions_of(place.module).definitions[place.name]
    return node


def _ancestors(writer: Writer, place: Place) -> tuple[list[Place], list[Base]]:
    """このパッケージのクラス（自分から、近い順）と、外の親。"""
    line, outside = [place], []
    for base in _node(place).bases:
        found = _meaning(writer, place, base)
        if isinstance(found, Place) and is_class(found):
            inner, beyond = _ancestors(writer, found)
            line, outside = line + inner, outside + beyond
        else:
            outside.append((place, base))
    last = {each: k for k, each in enumerate(line)}  # ひし形の継承では、遠いほうを残す
    return [each for k, each in enumerate(line) if last[each] == k], outside


def _meaning(writer: Writer, place: Place, base: ast.expr) -> Place | str | None:
    with writer.apart(place):
        return writer.meaning(base)


def is_class(place: Place) -> bool:
    """1 つの ``class`` の文だけで作られたものか。"""
    statements = definitions_of(place.module).definitions.get(place.name, [])
    return len(statements) == 1 and isinstance(statements[0], ast.ClassDef)
