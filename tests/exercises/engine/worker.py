"""読者の答えを確かめる子プロセス。`answers` が動かし、終わらなければ止める。

    python -m tests.exercises.engine.worker 答えのフォルダ ヒントの段 "2.1 2.2"

何が済んだかを、標準出力へ 1 行ずつ JSON で書く。標準入力が閉じたら（親が終わったら）終わる。

- ["plan", [["2.1", "ch02", 関数名, 題, 種類], …]]  torch を読み込み、確かめる問が決まった
- ["unknown", 文]                             選べる問がない
- ["loading"]                                 次の問のファイルを読み込み始めた
- ["checking"]                                確かめ始めた
- ["compiling"]                               torch.compile がコンパイルしている（1 秒ごと）
- ["done", "合格", [説明, …], [誤りの名前, …]]  結果が出た
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tests.exercises import select

from .examine import examine
from .exercise import Exercise, Incorrect, Outcome, Report
from .load import function_of, load
from .report import explanation
from .settings import usual_dtype


def main() -> None:
    """子プロセスの入り口。"""
    folder, hint, keyword = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3]
    tell = private_channel()
    threading.Thread(target=tell_compiling, args=(tell,), daemon=True).start()
    try:
        chosen = select(keyword)
    except ValueError as error:
        return tell("unknown", str(error))
    tell("plan", [[e.id, e.chapter, e.name, e.title, e.kind.value] for e in chosen])
    sys.path.append(str(folder))
    loaded = {}
    for exercise in chosen:
        tell("loading")
        file = folder / f"{exercise.chapter}.py", usual_dtype(exercise)
        if file not in loaded:
            loaded[file] = loaded_or_reason(*file)
        report, lines = checked(exercise, loaded[file], hint, tell)
        tell("done", report.outcome.value, lines, report.mistakes)


def loaded_or_reason(path: Path, dtype: torch.dtype):
    """読者のモジュールか、それを読み込めない理由を述べた結果。"""
    try:
        return load(path, dtype)
    except FileNotFoundError:
        sentence = f"{path.name} がありません。make answers で作れます。"
        return Report(Outcome.UNTOUCHED, sentence)
    except Incorrect as incorrect:
        return Report(Outcome.INCORRECT, incorrect.sentence)


def checked(exercise: Exercise, module, hint: int, tell: Callable) -> tuple[Report, list[str]]:
    """一問の結果と、説明の行。ファイルが読めない問に、ヒントは要らない。"""
    if isinstance(module, Report):
        return module, [module.sentence]
    try:
        f = function_of(module, exercise)
    except Incorrect as incorrect:
        return Report(Outcome.INCORRECT, incorrect.sentence), [incorrect.sentence]
    tell("checking")
    report = examine(exercise, f)
    return report, explanation(exercise, report, hint)


def private_channel() -> Callable:
    """標準入出力を自分だけのものにし、親へ出来事を伝える関数を返す。

    読者の印字や入力待ちが、親とのやりとりに混ざらない。
    """
    parent = os.dup(sys.stdin.fileno())
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    threading.Thread(target=end_with_parent, args=(parent,), daemon=True).start()
    process, lock = os.getpid(), threading.Lock()

    def tell(*event) -> None:
        if os.getpid() != process:  # 解答の os.fork() でできた、もう 1 つの自分
            os._exit(0)
        with lock:
            channel.write(json.dumps(event) + "\n")
            channel.flush()

    return tell


def end_with_parent(stdin: int) -> None:
    """親が終わったら（端末が閉じられたときなど）、自分と、解答が始めたプロセスも終わる。"""
    while os.read(stdin, 1):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def tell_compiling(tell: Callable) -> None:
    """コンパイルの間、1 秒ごとに親へ知らせる。初めの呼び出しは、何十秒もかかることがある。"""
    while True:
        time.sleep(1)
        if compiling(sys._current_frames()[threading.main_thread().ident]):
            tell("compiling")


def compiling(frame) -> bool:
    """その呼び出しの列が、torch.compile のコンパイルか、torch の一部の読み込みの中か。

    コンパイルされたコードを走らせている間は、そうではない。
    """
    while frame:
        module = frame.f_globals.get("__name__") or ""
        reading = frame.f_code.co_name == "<module>" and module.startswith("torch.")
        if reading or module.startswith(("torch._dynamo.convert_frame", "torch._inductor.compile")):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    main()
