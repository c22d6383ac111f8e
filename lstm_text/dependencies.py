"""実験のコードの指紋。数字を変えうる書き換えだけが、指紋を変えます。

実験のモジュールから、``lstm_text`` の関数・クラス・定数をたどり、実際に使われる定義だけを集めます。
同じファイルにある無関係な関数、コメント、説明（docstring）、書式は、指紋に入りません。
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = __package__


def fingerprint(module: str) -> str:
    """モジュールと、それが使うこのパッケージの定義すべての指紋を求める。

    Parameters
    ----------
    module : str
        このパッケージのモジュールの名前。

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
    >>> fingerprint("lstm_text.tasks") == fingerprint("lstm_text.tasks")
    True
    >>> fingerprint("lstm_text.tasks") == fingerprint("lstm_text.init")
    False
    """
    lines = {
        f"{where}.{name} {_canonical(statement)}"
        for where, name in _reachable(module)
        for statement in _source(where).statements(name)
    }
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def files(module: str) -> list[Path]:
    """モジュールが使う定義のあるファイル（モジュール自身も含む）。

    Parameters
    ----------
    module : str
        このパッケージのモジュールの名前。

    Returns
    -------
    list of Path

    Examples
    --------
    >>> [path.name for path in files("lstm_text.seeds")]
    ['device.py', 'seeds.py']
    """
    return sorted({_source(where).path for where, _ in _reachable(module)})


class _Source:
    """1 つのモジュールの構文木を、名前で引けるようにしたもの。"""

    def __init__(self, module: str):
        spec = find_spec(module)
        if spec is None:
            raise ModuleNotFoundError(f"{module} というモジュールはありません。")
        self.path = Path(spec.origin)
        self.imports: dict[str, tuple[str, str]] = {}
        self.definitions: dict[str, list[ast.stmt]] = {"": []}  # "" は、名前のない文
        for statement in ast.parse(self.path.read_text(encoding="utf-8")).body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self.imports |= dict(_imported(statement))
            elif not _is_description(statement):
                for name in _defined(statement):
                    self.definitions.setdefault(name, []).append(statement)

    def statements(self, name: str) -> list[ast.stmt]:
        return self.definitions.get(name, [])


_source = cache(_Source)


def _defined(statement: ast.stmt) -> set[str]:
    """その文が定義するモジュールの変数の名前。何も定義しない文は ``""``。"""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    stored = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and _is_store(n)}
    return stored or {""}


def _is_store(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, tuple[str, str]]]:
    """``(ここでの名前, (モジュール, その中の名前))``。このパッケージのものだけを返す。"""
    for alias in node.names:
        if isinstance(node, ast.Import):
            if alias.name.split(".")[0] == PACKAGE and alias.asname:
                yield alias.asname, (alias.name, "*")
        elif (node.module or "").split(".")[0] == PACKAGE:
            inner = f"{node.module}.{alias.name}"
            place = (inner, "*") if _is_module(inner) else (node.module, alias.name)
            yield alias.asname or alias.name, place


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _reachable(module: str) -> set[tuple[str, str]]:
    """モジュールの全体から、使われている定義を順にたどる。"""
    found: set[tuple[str, str]] = set()
    waiting = [(module, "*")]
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        where, name = place
        source = _source(where)
        if name == "*":
            waiting += [(where, each) for each in source.definitions]
        elif name in source.imports:
            waiting.append(source.imports[name])
        elif name in source.definitions:
            waiting.append((where, ""))
            for statement in source.statements(name):
                waiting += _used(statement, where, source)
    return found


def _used(statement: ast.stmt, where: str, source: _Source) -> Iterator[tuple[str, str]]:
    """文が使う、このパッケージの定義。"""
    through = set()  # モジュールの名前のうち、tasks.adding のように中の名前で使われたもの
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = source.imports.get(node.value.id, ("", ""))
            if name == "*":
                through.add(node.value)
                yield module, node.attr
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (place for _, place in _imported(node))
        elif isinstance(node, ast.Name) and node not in through:
            yield source.imports.get(node.id, (where, node.id))


def _canonical(node: object) -> str:
    """構文木を、説明と位置を除いて文字にする。

    ``ast.dump`` と違い、空の欄は書かない（Python の版によって、ある欄とない欄がある）。
    """
    if isinstance(node, list):
        return "[" + ",".join(_canonical(n) for n in node if not _is_description(n)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
    return f"{type(node).__name__}({','.join(f'{n}={_canonical(v)}' for n, v in fields)})"


def _is_description(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
