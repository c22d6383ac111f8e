"""日本語で説明し、日本語で断る、命令の引数。"""

import argparse
import re


class CommandParser(argparse.ArgumentParser):
    """説明も、引数の誤りも、日本語で言う（誤りなら終了コード 2 で終わる）。

    Parameters
    ----------
    *arguments, **named
        ``argparse.ArgumentParser`` に渡すもの。``always`` は、``--help`` のある組。

    Examples
    --------
    >>> parser = CommandParser("数える", description="数を数える")
    >>> parser.always.add_argument("--to", type=float, metavar="数").dest
    'to'
    >>> print(parser.format_usage(), end="")
    使い方：数える [-h] [--to 数]
    """

    def __init__(self, *arguments, **named):
        super().__init__(
            *arguments, **named, add_help=False, allow_abbrev=False, formatter_class=_Help
        )
        self.always = self.add_argument_group("いつでも付けられるもの")
        self.always.add_argument("-h", "--help", action="help", help="この説明を出して終わる")

    def parse_known_args(self, args=None, namespace=None):
        """知らない引数は、その命令の説明へ案内して断る（ふつうは、いちばん外の説明になる）。"""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str):
        """引数の誤りを日本語で言い、終わる。"""
        for pattern, japanese in _ERRORS.items():
            message = re.sub(pattern, japanese, message)
        self.exit(2, f"引数が違います：{message}\n説明は {self.prog} --help\n")


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix="使い方："):
        super().add_usage(usage, actions, groups, prefix)


_ERRORS = {
    r"unrecognized arguments: (.*)": r"\1 という引数はありません。",
    r"the following arguments are required: (.*)": r"\1 が必要です。",
    r"argument (\S+): expected one argument": r"\1 には値が必要です。",
    r"argument (\S+): ignored explicit argument (.*)": r"\1 に値は付けられませんが、\2 でした。",
    r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)": r"\1 に \2 はありません。"
    r"使えるのは \3 です。",
    r"argument (\S+): invalid float value: (.*)": r"\1 には数が必要ですが、\2 でした。",
    r"argument (\S+): ([!-~].*が必要ですが、)": r"\1 には \2",
    r"argument (\S+): (.*が必要ですが、)": r"\1 には\2",
}
