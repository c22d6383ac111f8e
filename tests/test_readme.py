"""README: 章の一覧は本の「はじめに」と同じで、述べた数は記録のとおりである。"""

import re
from pathlib import Path
from statistics import fmean

import pytest

from lstm_text import records

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOUND = README.partition("## 測ったら、こうなりました\n")[2].partition("\n## ")[0]


def recorded(name):
    return records.read(name, BOOK / "records")


def solved(accuracies):
    return sum(accuracy == 1 for accuracy in accuracies)


def of_command(mix, kind):
    chosen = recorded("imdb_command").select(mix=mix)
    return 100 * fmean(each["values"]["behaviour"][kind] for each in chosen)


def of_summit(rung):
    return 100 * fmean(each["values"]["test"] for each in recorded("imdb_summit").select(rung=rung))


def first_symbol(model):
    at = {"length": 50, "updates": 1000, "lr": 0.003}
    return solved(recorded("recall").values(model=model, **at)["accuracy"])


def opened():
    return solved(recorded("open_gates").values(length=50, start="i と o")["accuracy"])


def added(model):
    updates = recorded("adding").values(model=model, length=30)["updates"]
    return sum(update is not None for update in updates)


@pytest.mark.parametrize(
    "told",
    [
        f"単純な RNN は 10 回のうち {first_symbol('RNN')} 回解き、"
        f"既定の LSTM は {first_symbol('LSTM')} 回でした",
        f"開けて始めると {opened()} 回になります",
        f"LSTM が 10 回のうち {added('LSTM')} 回、RNN が {added('RNN')} 回でした",
        f"{of_command('混ぜない', '近い否定'):.0f} % しか当てません",
        f"訓練すると {of_command('レビューの言葉で埋める', '近い否定'):.0f} % になります",
        f"1 つの LSTM で {of_summit('大きな LSTM の自己訓練'):.1f} %、"
        f"モデルを並べて {of_summit('大きな生徒 ＋ NB-SVM'):.1f} % まで",
    ],
)
def test_what_was_found_is_what_was_measured(told):
    assert told in FOUND


def test_chapters_are_those_of_the_introduction():
    titles = {}
    for number, path in enumerate(sorted(BOOK.glob("[01]*.md")), 1):
        label, title = re.search(r"\((ch-[\w-]+)\)=\n# (.+)", path.read_text("utf-8")).groups()
        titles[label] = f"{number} {title}"
    table = (BOOK / "index.md").read_text("utf-8").partition(":name: tbl-chapters")[2]
    asked = re.findall(r"\* - \{ref\}`(ch-[\w-]+)`\n  - (.+)", table.partition("```")[0])
    rows = [f"| {titles[label]} | {question} |" for label, question in asked]
    assert len(rows) == len(titles)
    assert "\n".join(rows) in README
