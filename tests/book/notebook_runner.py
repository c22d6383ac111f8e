"""ノートのセルを、wheel と、それが宣言する依存だけを使って動かす。

    python -P -S notebook_runner.py < 注文.json > 結果.json

注文は、読み込んでよいモジュール（``modules``）と配布物（``distributions``）、空のフォルダ
（``folder``）、ノートの名前からセルの並びへの対応（``notebooks``）。結果は、動かなかったノートの名前
から、その理由へ。torch などを読み込むのは 1 度で済むように、どのノートも 1 つのプロセスで動かす。
"""

import contextlib
import io
import json
import os
import re
import sys
from importlib.machinery import PathFinder

OURS = ("lstm_text", "tests", "myst_nb")


class OnlyDeclared(PathFinder):
    """宣言した依存のほかは、入っていないことにする。"""

    modules = distributions = frozenset()

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        declared = fullname in cls.modules or fullname.startswith("_sysconfigdata")
        if path is None and not declared:
            return None
        return super().find_spec(fullname, path, target)

    @classmethod
    def find_distributions(cls, *arguments, **options):
        for found in super().find_distributions(*arguments, **options):
            if re.sub(r"[-_.]+", "-", found.name).lower() in cls.distributions:
                yield found


def run(shell, cells):
    """セルを順に動かす。動かなければ、その理由。"""
    for cell in cells:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
            done = shell.run_cell(cell)
        if not done.success:
            return f"{cell}\n{shown.getvalue()}"
    return None


def main(order):
    from IPython.core.interactiveshell import InteractiveShell

    shell, paths, failed = InteractiveShell.instance(colors="nocolor"), [*sys.path], {}
    for name, cells in order["notebooks"].items():
        os.chdir(order["folder"])
        sys.path[:] = ["", *paths]
        for module in [module for module in sys.modules if module.split(".")[0] in OURS]:
            del sys.modules[module]
        shell.reset(new_session=False)
        if reason := run(shell, cells):
            failed[name] = reason
    return failed


if __name__ == "__main__":
    order = json.load(sys.stdin)
    OnlyDeclared.modules = {*order["modules"], *sys.stdlib_module_names}
    OnlyDeclared.distributions = set(order["distributions"])
    sys.meta_path[sys.meta_path.index(PathFinder)] = OnlyDeclared
    print(json.dumps(main(order)))
