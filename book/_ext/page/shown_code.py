"""本に載せるコード: ``literalinclude`` に、説明（docstring）を除く印 ``:no-docstring:`` を足す。

    ```{literalinclude} ../lstm_text/text/tokens.py
    :pyobject: tokenize
    :no-docstring:
    ```

関数やクラスを、名前と引数から終わりまで、そのまま見せる。説明は API のページにある。
"""

import ast

from docutils.parsers.rst import directives
from sphinx.config import Config
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

MARK = "no-docstring"


class ShownCode(LiteralInclude):
    """``:no-docstring:`` のある ``literalinclude``。"""

    option_spec = LiteralInclude.option_spec | {MARK: directives.flag}

    def run(self):
        _, path = self.env.relfn2path(self.arguments[0])
        try:
            self.options = chosen(path, self.options)
        except (OSError, ValueError, SyntaxError) as error:
            return [self.state.document.reporter.warning(str(error), line=self.lineno)]
        return super().run()


def chosen(path, options):
    """``literalinclude`` の選び方。印があれば、説明のない行だけを選ぶ。"""
    if MARK not in options:
        return options
    kept = {name: value for name, value in options.items() if name != MARK}
    if "pyobject" not in kept or set(kept) & {"lines", "start-at", "start-after"}:
        raise ValueError(f":{MARK}: には :pyobject: が要り、行の選び方とは一緒に書けません。")
    text = LiteralIncludeReader(path, {"pyobject": kept["pyobject"]}, Config()).read()[0]
    return kept | {"lines": ",".join(map(str, without_docstrings(text)))}


def without_docstrings(text):
    """コードの行の番号（最初は 1）から、説明と、そのあとの空の行を除いたもの。

    >>> without_docstrings('def f():\\n    "説明"\\n\\n    return 1\\n')
    [1, 4]
    """
    lines = text.splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    left_out = set()
    for node in ast.walk(ast.parse("\n".join(line[indent:] for line in lines))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            said = node.body[0]
            left_out |= set(range(said.lineno, said.end_lineno + 1))
            if not "".join(lines[said.end_lineno : said.end_lineno + 1]).strip():
                left_out.add(said.end_lineno + 1)
    return [number for number in range(1, len(lines) + 1) if number not in left_out]


def setup(app):
    app.add_directive("literalinclude", ShownCode, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
