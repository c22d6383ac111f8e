"""モジュールの構文木を、名前で引けるようにする。import はせず、ファイルを読むだけ。"""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_NAMED, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CATCHING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)  # 名前を文字列で持つもの
_IMPORTS = (ast.Import, ast.ImportFrom)

Target = tuple[str, str | None]


class Definitions:
    """1 つのモジュールに書いてあること。

    Attributes
    ----------
    path : Path
    is_package : bool
        フォルダの顔（``__init__.py``）か。
    imports : dict of str to (str, str or None)
        ここでの名前から、モジュールと、その中の名前（モジュールそのものなら None）。
    definitions : dict of str to list of ast.stmt
        名前から、それを作る文。
    effects : list of ast.stmt
        名前を作らない文。
    """

    def __init__(self, module: str, path: Path):
        self.path, self.is_package = path, path.name == "__init__.py"
        self.imports: dict[str, Target] = {}
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.effects: list[ast.stmt] = []
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if is_description(statement) or _is_main(statement):
                continue
            imports = list(imports_in([statement]))  # try や if の中のものも
            for each in imports:
                self.imports |= imported_names(each, module, self.is_package)
            names = stored_names([statement])
            for name in names:
                self.definitions.setdefault(name, []).append(statement)
            if not names and not imports:
                self.effects.append(statement)


def definitions_of(module: str) -> Definitions:
    """モジュールに書いてあること。ファイルが変わっていなければ、読み直さない。

    Raises
    ------
    ModuleNotFoundError
        モジュールがないとき。
    """
    path = _locate(module)
    if path is None:
        raise ModuleNotFoundError(f"{module} というモジュールはありません。")
    state = path.stat()
    return _read(module, path, state.st_mtime_ns, state.st_size)


@cache
def _read(module: str, path: Path, *_state: int) -> Definitions:
    return Definitions(module, path)


def is_module(name: str) -> bool:
    """その名前のモジュールがあるか。"""
    return _locate(name) is not None


def _locate(module: str) -> Path | None:
    top, *rest = module.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        return Path(spec.origin) if spec and not rest else None
    place = Path(next(iter(spec.submodule_search_locations))).joinpath(*rest)
    files = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next(filter(Path.is_file, files), None)


def imports_in(nodes: Sequence[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """内側の関数やクラスの中を除く、import の文。"""
    for node in nodes:
        if isinstance(node, _IMPORTS):
            yield node
        elif not isinstance(node, _SCOPES):
            yield from imports_in(list(ast.iter_child_nodes(node)))


def imported_names(
    node: ast.Import | ast.ImportFrom, module: str, is_package: bool = False
) -> dict[str, Target]:
    """import の文が作る名前と、それが指すもの。"""
    if isinstance(node, ast.ImportFrom):
        start = node.module or ""
        if node.level:  # 相対的な import
            parts = module.split(".")
            above = parts[: len(parts) - node.level + is_package]
            start = ".".join([*above, *filter(None, [start])])
        return {alias.asname or alias.name: (start, alias.name) for alias in node.names}
    found: dict[str, Target] = {}
    for alias in node.names:
        top = alias.name.split(".")[0]
        found[alias.asname or top] = (alias.name if alias.asname else top, None)
    return found


def stored_names(nodes: Sequence[ast.AST]) -> list[str]:
    """その場で名前の付くもの（内側の関数や内包表記の中を除く）。"""
    found: dict[str, None] = {}
    outer: set[str] = set()

    def visit(node: ast.AST, inside: bool) -> None:
        if isinstance(node, _NAMED):
            found.update({} if inside else {node.name: None})
            return
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            outer.update(node.names)
        elif isinstance(node, ast.NamedExpr):  # 内包表記の中でも、外に名前が付く
            found[node.target.id] = None
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and not inside:
            found[node.id] = None
        elif isinstance(node, _CATCHING) and node.name:
            found[node.name] = None
        for child in ast.iter_child_nodes(node):
            visit(child, inside or isinstance(node, _COMPREHENSIONS))

    for node in nodes:
        visit(node, False)
    return [name for name in found if name not in outer]


def is_description(node: object) -> bool:
    """説明の文字列だけの文か。"""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_main(statement: ast.stmt) -> bool:
    """``if __name__ == "__main__":``。"""
    left = getattr(getattr(statement, "test", None), "left", None)
    return isinstance(statement, ast.If) and getattr(left, "id", "") == "__name__"
