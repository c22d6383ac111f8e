"""実験を動かす命令。

    python -m lstm_text.experiments --list                  実験の一覧
    python -m lstm_text.experiments --folder 記録            足りない記録、古い記録をすべて作る
    python -m lstm_text.experiments --folder 記録 recall     この実験だけを測り直す
    python -m lstm_text.experiments --folder 記録 --show bench_layers   記録の表を出す
    python -m lstm_text.experiments --folder 記録 --gpu   GPU で測る組を、8 分ほどで

途中で止めても、もう一度動かせば続きから測ります。
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tqdm import tqdm

from lstm_text import replace_unprintable
from lstm_text.datasets.find import Lacking
from lstm_text.device import describe, get_device
from lstm_text.experiments import NotHere, find, gpu, is_stale, is_up_to_date, make, names, title
from lstm_text.imdb import CommandParser
from lstm_text.records import KINDS, Record, read
from lstm_text.storage import reason, telling

_NO_NUMBERS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""表に要る数字が、記録にないとき。"""


def main(arguments: list[str] | None = None) -> int:
    """命令を実行し、終了コードを返す（動かせない実験があれば 1）。

    Parameters
    ----------
    arguments : list of str, optional
        省くと、このプロセスの引数。

    Returns
    -------
    int

    Examples
    --------
    >>> main(["--list", "recall"])
    recall  最初の記号を思い出せるか：系列長と再帰層ごとの成功率
    0
    """
    replace_unprintable()
    parser = CommandParser("python -m lstm_text.experiments", description="実験を動かす")
    add = parser.add_argument_group("選べるもの").add_argument
    add("names", nargs="*", metavar="実験", help="省くと、足りないものと古いもの")
    add(
        "--folder",
        type=Path,
        default=Path("records"),
        metavar="フォルダ",
        help="記録を置くフォルダ",
    )
    add("--list", action="store_true", help="一覧を出して終わる")
    add("--show", action="store_true", help="測らずに、ある記録の表を出す")
    add("--gpu", action="store_true", help="GPU で測る組だけを、時間を決めて測る")
    add(
        "--budget",
        type=float,
        default=gpu.BUDGET,
        metavar="秒",
        help="--gpu で、新しい単位を始めてよい秒数",
    )
    chosen = parser.parse_args(arguments)
    if os.path.exists(chosen.folder) and not os.path.isdir(chosen.folder):
        parser.error(f"--folder にはフォルダが必要ですが、{chosen.folder} はファイルでした。")
    return telling(lambda: _do(chosen), "もう一度動かせば、続きから測ります。")


def _do(chosen: argparse.Namespace) -> int:
    if chosen.gpu:
        return _gpu(chosen.folder, chosen.budget)
    try:
        experiments = [find(name) for name in chosen.names or names()]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.list:
        return _list(experiments, chosen.folder)
    if chosen.show:
        return _show(experiments, chosen.folder)
    print(f"デバイス：{describe(get_device())}")
    failed = False
    for experiment in experiments:
        name = experiment.__name__.split(".")[-1]
        if not chosen.names and is_up_to_date(experiment, chosen.folder):
            print(f"{name}：新しい記録があります。")
            continue
        try:
            _run(experiment, name, chosen.folder)
        except (NotHere, Lacking) as why:
            failed = True
            print(f"{name}：動かせません。{why}", file=sys.stderr)
    return int(failed)


def _gpu(folder: Path, budget: float) -> int:
    """GPU で測る組を測る。CPU では、CPU の記録を組の小さな設定で上書きしてしまうので、断る。"""
    device = get_device()
    if device.type != "cuda":
        print(
            f"--gpu には CUDA の使える GPU が必要ですが、いまのデバイスは {device} です。",
            file=sys.stderr,
        )
        return 1
    print(f"デバイス：{describe(device)}", flush=True)
    for line in gpu.measure(gpu.PARTS, folder, budget):
        print(line, flush=True)
    return 0


def _records(experiment: ModuleType, folder: Path) -> Iterator[Record | Exception]:
    """実験の記録。読めないものは、代わりにその理由。"""
    for kind in KINDS:
        try:
            yield read(experiment.__name__.split(".")[-1], folder, kind)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            yield error


def _list(experiments: list[ModuleType], folder: Path) -> int:
    failed = False
    for experiment in experiments:
        print(f"{experiment.__name__.split('.')[-1]}  {title(experiment)}")
        for record in _records(experiment, folder):
            if isinstance(record, Exception):
                failed = True
                print(f"できません：{reason(record)}", file=sys.stderr)
            else:
                print(f"    {'古い記録：' if is_stale(record) else '記録：'}{record.origin()}")
    return int(failed)


def _show(experiments: list[ModuleType], folder: Path) -> int:
    """自分の表 ``table(record)`` を持つ実験の、記録の表。"""
    shown, failed = 0, False
    for experiment in filter(lambda each: hasattr(each, "table"), experiments):
        for record in _records(experiment, folder):
            told = reason(record) if isinstance(record, Exception) else ""
            try:
                if not told:
                    print(experiment.table(record))
                    shown += 1
            except _NO_NUMBERS as error:
                told = f"{record.name} の表を作れません（{error!r}）。測り直してください。"
            if told:
                failed = True
                print(f"できません：{told}", file=sys.stderr)
    if not shown:
        print(f"{folder} に、表を出せる記録がありません。", file=sys.stderr)
    return int(failed or not shown)


def _run(experiment, name: str, folder: Path) -> None:
    with tqdm(desc=name, unit="件") as bar:
        for done, total in make(experiment, experiment.Settings(), folder):
            bar.total, bar.n = total, done
            bar.refresh()


if __name__ == "__main__":
    sys.exit(main())
