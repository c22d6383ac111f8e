"""書き終えたのに、ひな形の ``raise NotImplementedError`` が残っていないか見る。"""

import ast
import inspect
import textwrap
from collections.abc import Callable


def raise_is_left_over(f: Callable, stub: Callable) -> bool:
    """``f`` に、ひな形の ``stub`` にはない行があるか。

    間違い探しのひな形では、``raise`` の下に、初めから誤ったコードがある。
    """
    try:
        return _written(f) not in ([], _written(stub))
    except (OSError, TypeError, SyntaxError):
        return False  # ソースが手に入らない


def _written(f: Callable) -> list[str]:
    """説明と ``raise NotImplementedError`` を除いた、関数の中身。"""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(f)))
    (function,) = ast.parse(source).body
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return [ast.dump(each) for each in body if not _is_raise(each)]


def _is_raise(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Raise) and "NotImplementedError" in ast.dump(statement)
