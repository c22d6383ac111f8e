"""読者の答えを確かめる子プロセス。`answers` が動かし、終わらなければ止める。

    python -m tests.exercises.engine.worker 答えのフォルダー ヒントの段 "2.1 2.2"

何が済んだかを、標準出力へ 1 行ずつ JSON で書く。

- ["plan", [["2.1", "ch02", 関数名, 題], …]]  torch を読み込み、確かめる問が決まった
- ["unknown", 文]                             選べる問がない
- ["loading"]                                 次の問のファイルを読み込み始めた
- ["checking"]                                確かめ始めた
- ["done", "合格", [説明, …]]                 結果が出た
"""

import contextlib
import importlib.util
import json
import os
import sys
import tokenize
from pathlib import Path
from types import ModuleType
from typing import TextIO

from tests.exercises import select

from .examine import examine, float64
from .exercise import Exercise, Incorrect, Outcome, Stage
from .report import explanation
from .watch import FirstCharacters, describe, untouched_globals


def main() -> None:
    """子プロセスの入り口。"""
    folder, hint, keyword = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3]
    channel = private_stdout()

    def tell(*event) -> None:
        print(json.dumps(event), file=channel, flush=True)

    try:
        chosen = select(keyword)
    except ValueError as error:
        return tell("unknown", str(error))
    tell("plan", [[e.id, e.chapter, e.name, e.title] for e in chosen])
    sys.path.append(str(folder))
    modules = {}
    for exercise in chosen:
        tell("loading")
        path = folder / f"{exercise.chapter}.py"
        try:
            if path not in modules:
                modules[path] = load(path)
            f = function_of(modules[path], exercise)
        except FileNotFoundError:
            sentence = f"{path.name} がありません。make answers で作れます。"
            tell("done", Outcome.UNTOUCHED.value, [sentence])
        except Incorrect as incorrect:
            tell("done", Outcome.INCORRECT.value, [incorrect.sentence])
        else:
            tell("checking")
            report = examine(exercise, f)
            lines = explanation(exercise, report, hint)
            tell("done", report.outcome.value, lines)


def private_stdout() -> TextIO:
    """標準出力を自分だけのものにする。読者の印字や入力待ちが、やりとりに混ざらないように。"""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return channel


def load(path: Path) -> ModuleType:
    """読者のファイルを読み込む。

    Raises
    ------
    FileNotFoundError
        ファイルがないとき。
    Incorrect
        読み込めないとき。
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    if not is_text(path):  # 読み込ませると、投げる例外が Python の版で違う
        sentence = f"{path.name} の文字コードを読めません。UTF-8 で保存し直してください。"
        raise Incorrect(Stage.RUN, sentence)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    out = FirstCharacters(0)
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            untouched_globals([]),
            float64(),
        ):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise Incorrect(Stage.RUN, unreadable(error, path)) from None
    except SystemExit:
        sentence = f"{path.name} の読み込み中に、関数の外の exit() が呼ばれました。"
        raise Incorrect(Stage.RUN, sentence) from None
    except BaseException as error:
        raise Incorrect(Stage.RUN, describe(error, str(path))) from None
    return module


def is_text(path: Path) -> bool:
    """Python の決めた文字コードで読めるか。"""
    try:
        with tokenize.open(path) as file:
            return "\0" not in file.read()
    except (SyntaxError, UnicodeDecodeError):
        return False


def unreadable(error: SyntaxError, path: Path) -> str:
    """構文の誤りを一文にする。"""
    line = f"{error.lineno} 行目" if error.lineno else "どこか "
    text = f" `{error.text.strip()}` " if error.text else ""
    sentence = f"{path.name} の {line}{text}を Python として読めません（{error.msg}）。"
    if "invalid" in error.msg and any("！" <= each <= "～" or each == "　" for each in text):
        sentence += "全角の文字や空白が混じっていれば、半角に直してください。"
    return sentence


def function_of(module: ModuleType, exercise: Exercise):
    """読者のファイルから、その問の関数を取り出す。"""
    if not hasattr(module, exercise.name):
        sentence = f"{exercise.chapter}.py に関数 {exercise.name} がありません。"
        raise Incorrect(Stage.RUN, sentence)
    return getattr(module, exercise.name)


if __name__ == "__main__":
    main()
