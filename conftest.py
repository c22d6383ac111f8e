"""読者のための pytest の引数。

    pytest --answers answers                    全部の答えを確かめる
    pytest --answers answers -k 2.1 --hint 1    1 題を確かめ、ヒントを 1 つ見る
    pytest --answers answers --json 結果.json   結果をファイルにも書く
    pytest --answers=../私の答え                本の外のフォルダは、= でつなぐ

このときは、ふつうのテストを集めず、答えだけを確かめる。
引数の値が今あるフォルダのとき、pytest は下の階層の conftest.py を読む前に引数を解釈する。
だからこのファイルは、プロジェクトの一番上に置く。
値が外のフォルダで、空白で区切ってあると、pytest はそこをテストの置き場所とみなし、このファイルも
pyproject.toml も読まずに止まる。こちらの言葉を挟める所は、その前にはない。
"""

import os
import shlex
import shutil
from tempfile import TemporaryDirectory

import pytest

from tests.exercises.engine.answers import number, run
from tests.exercises.engine.report import say

# テストと説明の例は通信しない（LSTM_TEXT_OFFLINE=0 とすれば、データを取りに行く）。
# 計算機にあるデータも使わず、どこでも同じ組み込みのデータで動く。
# 本物を読む試験は、元の場所 REAL_DATA を見る。
os.environ.setdefault("LSTM_TEXT_OFFLINE", "1")
if "PYTEST_XDIST_WORKER" not in os.environ:  # 並べたプロセスは、親の環境変数を受け継ぐ
    os.environ["REAL_DATA"] = os.environ.pop("LSTM_TEXT_DATA", "")
    cache = TemporaryDirectory(prefix="lstm_text-")
    os.environ["LSTM_TEXT_CACHE"] = cache.name

# 試験の数字は CPU のもの。GPU の試験は、GPU があれば、自分で cuda を名指しする。
os.environ.setdefault("LSTM_TEXT_DEVICE", "cpu")

collect_ignore = ["answers"]
collect_ignore_glob = ["tests/exercises/ch*/stub.py"]


def compiler():
    """C のコンパイラの場所。なければ None。

    環境変数 CC が空白だけか、引用符が閉じていなければ、どの試験も「ない」とみなすように、
    その値を、そのままの名前の命令（どこにもない）として読ませる。
    """
    given = os.environ.get("CC") or "cc"
    try:
        name = shlex.split(given)[0]
    except (ValueError, IndexError):
        os.environ["CC"] = shlex.quote(given)
        return None
    return shutil.which(name)


if not compiler():
    # C のコンパイラがないと、例が動かない
    collect_ignore += ["lstm_text/fast/compiled.py", "lstm_text/fast/compiler.py"]
    collect_ignore += [
        f"lstm_text/experiments/speed/{name}.py" for name in ("bench_layers", "layers_measured")
    ]


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """試験の中の警告は、誤りとする。環境にあるほかのプラグインは、支度のあいだに警告してもよい。"""
    config.addinivalue_line("filterwarnings", "error")


def pytest_addoption(parser):
    group = parser.getgroup("answers", "練習の答え合わせ")
    group.addoption("--answers", metavar="フォルダ", help="答えを確かめる（1 題は -k 2.1）")
    # 数は、日本語で断るために、文字のまま受け取る
    group.addoption("--hint", default="0", metavar="段", help="この段までのヒントも出す")
    group.addoption("--json", metavar="ファイル", help="結果を JSON で書く")
    group.addoption("--seconds", default="10", metavar="秒", help="1 題にかけてよい秒数")


def pytest_cmdline_main(config):
    chosen = config.option
    if chosen.answers:
        try:
            hint = number("--hint", chosen.hint, int)
            seconds = number("--seconds", chosen.seconds, float)
        except ValueError as error:
            say(str(error))
            return pytest.ExitCode.USAGE_ERROR
        return run(chosen.answers, chosen.keyword, hint, seconds, chosen.json)
