"""ranges：範囲の外の値は、何が要るかを日本語で言って、何もしないうちに断る。"""

from dataclasses import fields

import pytest

from lstm_text.imdb import MixedSettings
from lstm_text.imdb.__main__ import main
from lstm_text.imdb.ranges import PARSERS


@pytest.mark.parametrize(
    ("argument", "needed"),
    [
        ("--hidden-size=-3", "1 以上 10,000 以下の整数"),
        ("--hidden-size=99999999999999999999", "1 以上 10,000 以下の整数"),
        ("--num-layers=0", "1 以上 100 以下の整数"),
        ("--embedding-dim=0", "1 以上 10,000 以下の整数"),
        ("--embedding-dim=2.5", "1 以上 10,000 以下の整数"),
        ("--dropout=1", "0 以上 1 未満の数"),
        ("--word-dropout=-0.1", "0 以上 1 未満の数"),
        ("--locked-dropout=nan", "0 以上 1 未満の数"),
        ("--weight-dropout=half", "0 以上 1 未満の数"),
        ("--learning-rate=nan", "0 より大きく 1,000,000 以下の数"),
        ("--learning-rate=inf", "0 より大きく 1,000,000 以下の数"),
        ("--learning-rate=0", "0 より大きく 1,000,000 以下の数"),
        ("--learning-rate=1e38", "0 より大きく 1,000,000 以下の数"),
        ("--clip=-1", "0 より大きく 1,000,000 以下の数"),
        ("--clip=1e7", "0 より大きく 1,000,000 以下の数"),
        ("--epsilon=inf", "0 以上 1,000,000 以下の数"),
        ("--epsilon=1e39", "0 以上 1,000,000 以下の数"),
        ("--epsilon=nan", "0 以上 1,000,000 以下の数"),
        ("--seed=-1", "0 以上 9,223,372,036,854,775,807 以下の整数"),
        (f"--seed={2**63}", "0 以上 9,223,372,036,854,775,807 以下の整数"),
        *((f"--limit={n}", "0（すべて）か、11 以上の整数") for n in (-1, 1, 2, 3, 10)),
        ("--vocab-size=2", "3 以上 1,000,000 以下の整数"),
        ("--vocab-size=1000001", "3 以上 1,000,000 以下の整数"),
        ("--max-length=1", "2 以上 1,000,000 以下の整数"),
        ("--read-length=0", "1 以上 1,000,000 以下の整数"),
        ("--epochs=0", "1 以上 1,000,000 以下の整数"),
        ("--batch-size=0", "1 以上 1,000,000 以下の整数"),
        ("--lessons=-1", "0 以上 1,000,000 以下の整数"),
    ],
)
def test_a_value_out_of_its_range(argument, needed, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", argument])
    name, value = argument.split("=")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"引数が違います：{name} には {needed}")
    assert f"が必要ですが、'{value}' でした。" in told.err


def test_every_number_has_a_range():
    groups = [f.type for f in fields(MixedSettings)]
    numbers = {f.name for group in groups for f in fields(group) if f.type in (int, float)}
    assert numbers == PARSERS.keys()


@pytest.mark.parametrize(
    ("name", "edge"),
    [
        *(("seed", 2**63 - 1), ("dropout", 0), ("limit", 0), ("limit", 11), ("epsilon", 0)),
        *(("learning_rate", 1e6), ("clip", 1e6), ("epsilon", 1e6)),
    ],
)
def test_the_edge_of_a_range_belongs_to_it(name, edge):
    assert PARSERS[name](str(edge)) == edge
