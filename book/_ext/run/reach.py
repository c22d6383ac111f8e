"""import でたどり着くファイル: 章の出力を変えうる、このリポジトリのコードとデータ。

コードを動かさずに（torch も読み込まずに）、import の文だけをたどる。関数の中のものも、使われない
ものもたどるので、多めに見つかることはあっても、足りないことはない。インストールしたパッケージは
たどらない（その版は cache_key が見ている）。
"""

import ast
import re
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from textwrap import dedent

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


class Reach:
    """roots（sys.path にあたるフォルダの並び）にあるモジュールの、import のつながり。"""

    def __init__(self, roots):
        self.roots = [Path(root) for root in roots]
        # 章どうしは、同じモジュールにたどり着く
        self._modules, self._named_in = cache(self._modules), cache(self._named_in)

    def files(self, codes):
        """codes（コードの文字列の並び）から届くファイル。届いたモジュールのそばのデータも入る。"""
        found, waiting = set(), [name for code in codes for name in named(code)]
        while waiting:
            for path, package in self._modules(waiting.pop()):
                if path not in found:
                    found.add(path)
                    waiting += self._named_in(path, package)
        folders = {path.parent for path in found} - set(self.roots)
        return found | {path for folder in folders for path in data(folder)}

    def _modules(self, name):
        """name を import すると動くファイルと、そのパッケージの名前。親の __init__ も動く。"""
        parts = name.split(".")
        for root in self.roots:
            found = []
            for depth in range(1, len(parts) + 1):
                place = root.joinpath(*parts[:depth])
                if (place / "__init__.py").is_file():
                    found.append((place / "__init__.py", ".".join(parts[:depth])))
                elif place.with_name(f"{place.name}.py").is_file():
                    module = place.with_name(f"{place.name}.py")
                    found.append((module, ".".join(parts[: depth - 1])))
            if found:
                return found
        return []

    def _named_in(self, path, package):
        return named(path.read_text(encoding="utf-8"), package)


def named(code, package=""):
    """code の import が名指す、モジュールかもしれない名前。package は、code のあるパッケージ。"""
    names = set()
    try:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                source = resolve_name("." * node.level + (node.module or ""), package)
                names |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names |= _named_in_string(node.value)
    except (SyntaxError, ImportError):
        return set()  # 動かないコード。実行すれば、その章が失敗して知らせる
    return names


def _named_in_string(text):
    """import_module や resources.files に渡す名前と、別のプロセスに渡すコード。"""
    if DOTTED.fullmatch(text):
        return {text}
    return named(dedent(text)) if "import " in text else set()


def data(folder):
    """folder の Python でないファイルと、Python のファイルが 1 つもない下のフォルダの中身。"""
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__":
            inside = [each for each in path.rglob("*") if each.is_file()]
            if not any(each.suffix == ".py" for each in inside):
                yield from inside
        elif path.is_file() and path.suffix != ".py":
            yield path
