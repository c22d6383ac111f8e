"""モジュールの構文木を、名前で引けるようにする。import はせず、ファイルを読むだけ。"""

import ast
import hashlib
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_NAMED, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CATCHING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)  # 名前を文字列で持つもの
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_TARGETS = (ast.Name, ast.Tuple, ast.List, ast.Starred)
_FILE_NAME = re.compile(r"\w[\w.-]*(/[\w.-]+)*(\.\w+|/)")
IMPORTS = (ast.Import, ast.ImportFrom)

Target = tuple[str, str | None]
PLACE = "（置き場所）"
"""``__name__`` や、文字列の中のこのパッケージの名前の代わりに入る文字。"""


@dataclass(frozen=True)
class Place:
    """定義の場所。

    名前が ``""`` ならそのモジュールの名前のない文の全部、``"+"`` なら読み込むと実行される
    名前のない文の全部、``"*"`` ならモジュールそのもの。
    """

    module: str
    name: str


class Definitions:
    """1 つのモジュールに書いてあること。

    Attributes
    ----------
    path : Path
    is_package : bool
        フォルダの顔（``__init__.py``）か。
    imports : dict of str to (str, str or None)
        ここでの名前から、モジュールと、その中の名前（モジュールそのものなら None）。
    stars : list of str
        ``from … import *`` のモジュール。
    definitions : dict of str to list of ast.stmt
        名前から、それを作る文。
    effects : list of ast.stmt
        名前を作るほかに、何かをする文。
    loads : list of str
        読み込むモジュールかもしれない名前。
    """

    def __init__(self, module: str, path: Path):
        self.path, self.is_package = path, path.name == "__init__.py"
        self.imports: dict[str, Target] = {}
        self.stars: list[str] = []
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.effects: list[ast.stmt] = []
        self.loads: list[str] = []
        with tokenize.open(path) as file:  # 文字コードの宣言にも、BOM にも従う
            statements = ast.parse(file.read()).body
        for statement in statements:
            for_types = _only_for_types(statement)
            for each in imports_in([statement]):
                names = imported_names(each, module, self.is_package)
                self.imports |= names if for_types or each is statement else {}
                self.loads += [] if for_types else _loaded(each, names)
            if isinstance(statement, IMPORTS) or for_types:
                if "*" in self.imports:
                    self.stars.append(self.imports.pop("*")[0])
            elif not (is_nothing(statement) or _is_main(statement)):
                for name in stored_names([statement]):
                    self.definitions.setdefault(name, []).append(statement)
                if _acts(statement):
                    self.effects.append(statement)

    def names(self) -> set[str]:
        """このモジュールにある名前。"""
        return self.imports.keys() | self.definitions.keys()

    def shipped(self, name: str) -> str | None:
        """隣に置かれたファイル（``/`` で終わればフォルダ）の中身のハッシュ。なければ None。"""
        if not _FILE_NAME.fullmatch(name) or name.endswith(".py"):
            return None
        place = self.path.parent / name
        files = sorted(place.iterdir()) if name.endswith("/") and place.is_dir() else [place]
        if not all(map(Path.is_file, files)):
            return None
        parts = [each.name.encode() + b"\0" + each.read_bytes() for each in files]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


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
        if isinstance(node, IMPORTS):
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


def _loaded(node: ast.Import | ast.ImportFrom, names: dict[str, Target]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [each for start, name in names.values() for each in (start, f"{start}.{name}")]


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
        elif isinstance(node, ast.alias):
            found[node.asname or node.name.split(".")[0]] = None
        for child in ast.iter_child_nodes(node):
            visit(child, inside or isinstance(node, _COMPREHENSIONS))

    for node in nodes:
        visit(node, False)
    return [name for name in found if name not in outer]


def is_nothing(node: object) -> bool:
    """何もしない文か：説明の文字列、``pass``、``...``。"""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return isinstance(node.value.value, str | type(...))
    return isinstance(node, ast.Pass)


def is_told(node: ast.AST) -> bool:
    """人に向けた文を含むか。"""
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) for each in ast.walk(node)
    )


def without_place(name: str) -> str:
    """文字列の中の、パッケージの名前で始まる語。モジュールか定義の名前なら、名前を消す。"""
    module, _, last = name.rpartition(".")
    found = is_module(name) or (is_module(module) and last in definitions_of(module).names())
    return PLACE if found else name


def _acts(statement: ast.stmt) -> bool:
    """名前を作るほかに、何かをする文か。``if`` や ``try`` なら、中の文で決まる。"""
    if isinstance(statement, _ASSIGNMENTS):
        targets = getattr(statement, "targets", None) or [statement.target]
        return not all(isinstance(each, _TARGETS) for each in targets)
    inside = [each for each in ast.walk(statement) if isinstance(each, ast.stmt)][1:]
    if isinstance(statement, (*_NAMED, *IMPORTS)) or is_nothing(statement):
        return False
    return not inside or any(map(_acts, inside))


def _only_for_types(statement: ast.stmt) -> bool:
    """``if TYPE_CHECKING:``。"""
    test = getattr(statement, "test", None)
    name = getattr(test, "id", getattr(test, "attr", ""))
    return isinstance(statement, ast.If) and name == "TYPE_CHECKING" and not statement.orelse


def _is_main(statement: ast.stmt) -> bool:
    """``if __name__ == "__main__":``。"""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    return ast.unparse(statement.test) in (
        "__name__ == '__main__'",
        "'__main__' == __name__",
    )
