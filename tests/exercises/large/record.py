"""大きな演習の記録。実験の記録（:mod:`lstm_text.records`）と同じ形で、``solutions`` に置く。

    python -m tests.exercises.large.record large2

途中で止めても、もう一度動かせば続きから測る。
"""

import sys
from importlib import import_module
from pathlib import Path

from lstm_text import experiments, records

FOLDER = Path(__file__).parents[3] / "book" / "records" / "solutions"


def read(name: str, folder: Path = FOLDER) -> records.Record:
    """演習の記録を読む。"""
    return records.read(name, folder)


def is_stale(record: records.Record) -> bool:
    """記録の後で、演習のコードか、それが使う定義が変わったなら真。"""
    return experiments.is_stale(record, import_module(f"{__package__}.{record.name}"))


def main(name: str) -> None:
    """演習の実験を動かし、記録を書く。"""
    experiment = import_module(f"tests.exercises.large.{name}")
    for done, total in experiments.make(experiment, experiment.Settings(), FOLDER):
        print(f"{name}：{total} のうち {done} が済みました")


if __name__ == "__main__":
    main(sys.argv[1])
