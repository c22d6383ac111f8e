"""読者がすること: ひな形を写す、答えを確かめる。

答えは子プロセスで確かめる。終わらないループも、Python ごと落ちる誤りも、ほかの問に及ばない。
ここでは torch を読み込まない。

    python -m tests.exercises.engine.answers answers      ひな形を answers に写す
"""

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .exercise import Outcome
from .report import MARKS, heading

EXERCISES = Path(__file__).parents[1]
ROOT = EXERCISES.parents[1]

# 初めて torch を読み込むときは、遅いディスクだと何十秒もかかる。
STARTUP_SECONDS = 300


def copy_stubs(folder: Path) -> Iterator[str]:
    """ひな形を ``folder`` に写し、したことを 1 行ずつ返す。すでにあるファイルには触らない。"""
    folder.mkdir(parents=True, exist_ok=True)
    for stub in sorted(EXERCISES.glob("ch??/stub.py")):
        target = folder / f"{stub.parent.name}.py"
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(stub.read_text(encoding="utf-8"))
        except FileExistsError:
            yield f"{target}　すでにあるので、そのままにしました"
        else:
            yield f"{target}　作りました"


def run(folder: str, keyword: str = "", hint: int = 0, seconds: float = 10.0) -> int:
    """``folder`` の答えを確かめ、結果と進み具合を印字する。

    Parameters
    ----------
    folder : str
        答えのフォルダー。
    keyword : str
        確かめる問（``"2.1"``、``"2"``、``"lstm_step"``、``"2.1 or 2.2"``）。空なら全部。
    hint : int
        この段までのヒントも出す。
    seconds : float
        一問にかけてよい秒数。

    Returns
    -------
    int
        終了コード。要修正があれば 1、なければ 0、中断されたら 2、指定の誤りなら 4。
    """
    if not Path(folder).is_dir():
        print(f"答えのフォルダー {folder} がありません。make answers で作れます。")
        return 4
    outcomes = {}
    shown = None
    try:
        for question, outcome, lines in results(folder, keyword, hint, seconds):
            outcomes[question] = outcome
            if outcome is Outcome.UNTOUCHED and not (keyword or lines):
                continue
            print(heading(outcome, question.id, question.name, question.title), flush=True)
            for line in ["上と同じです。"] if lines and lines == shown else lines:
                print(f"    {line}", flush=True)
            shown = lines
    except ValueError as error:
        print(error)
        return 4
    except KeyboardInterrupt:
        print("中断しました。")
        return 2
    if not keyword:
        print(*progress(outcomes), sep="\n")
    return int(Outcome.INCORRECT in outcomes.values())


@dataclass(frozen=True)
class Question:
    """確かめる一問。"""

    id: str
    chapter: str
    name: str
    title: str


def results(
    folder: str, keyword: str, hint: int, seconds: float
) -> Iterator[tuple[Question, Outcome, list[str]]]:
    """一問ずつ、結果と説明の行を返す。子プロセスが止まったら、残りの問から始め直す。

    Raises
    ------
    ValueError
        選べる問がないとき、準備ができないとき。
    """
    left = None
    while left is None or left:
        worker = Worker(folder, hint, " ".join(q.id for q in left) if left else keyword)
        try:
            match worker.event(STARTUP_SECONDS):
                case ["plan", plan]:
                    left = deque(Question(*each) for each in plan)
                case ["unknown", sentence]:
                    raise ValueError(sentence)
                case _:
                    raise ValueError("確かめる準備（torch の読み込み）ができませんでした。")
            while left:
                match worker.event(seconds):
                    case ["loading" | "checking" as step]:
                        doing = step
                    case ["done", outcome, lines]:
                        yield left.popleft(), Outcome(outcome), lines
                    case ["late" | "dead" as end]:
                        yield from _stopped(left, doing, end, seconds)
                        break
        finally:
            worker.stop()


def _stopped(left: deque, doing: str, end: str, seconds: float):
    """子プロセスが止まった問の結果。ファイルの読み込みで止まったら、その章の全部が同じ結果になる。"""
    first = left[0]
    thing = f"{first.chapter}.py の読み込み" if doing == "loading" else f"{first.name} の計算"
    if end == "late":
        sentence = f"{thing}が {seconds:g} 秒たっても終わりません。終わらないループはありませんか。"
    else:
        sentence = f"{thing}の途中で Python ごと終わりました（os._exit や、深すぎる再帰など）。"
    while left and (left[0] == first or (doing == "loading" and left[0].chapter == first.chapter)):
        yield left.popleft(), Outcome.INCORRECT, [sentence]


class Worker:
    """`worker` を動かす子プロセスと、そこから届く出来事。"""

    def __init__(self, folder: str, hint: int, keyword: str):
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        worker = [sys.executable, "-B", "-m", "tests.exercises.engine.worker"]
        self.process = subprocess.Popen(
            [*worker, folder, str(hint), keyword],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"},
        )
        self.events = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put(["dead"])

    def event(self, seconds: float) -> list:
        """次の出来事。``seconds`` 秒待っても来なければ ``["late"]``。"""
        try:
            return self.events.get(timeout=seconds)
        except queue.Empty:
            return ["late"]

    def stop(self) -> None:
        """子プロセスを終わらせる。"""
        self.process.kill()
        self.process.wait()


def progress(outcomes: dict[Question, Outcome]) -> Iterator[str]:
    """進み具合の表。"""
    yield ""
    yield "進み具合"
    for chapter, group in itertools.groupby(outcomes, key=lambda question: question.chapter):
        row = [outcomes[question] for question in group]
        marks = " ".join(MARKS[outcome] for outcome in row)
        yield f"  {int(chapter[2:])} 章  {row.count(Outcome.CORRECT)} / {len(row)}  {marks}"
    counts = Counter(outcomes.values())
    yield "  " + "　".join(f"{MARKS[each]} {each.value} {counts[each]}" for each in Outcome)
    if counts[Outcome.UNTOUCHED] == len(outcomes):
        first = next(iter(outcomes))
        yield f"まずは {first.chapter}.py の {first.name}（{first.id}）から始めましょう。"
    elif counts[Outcome.CORRECT] == len(outcomes):
        yield "全問合格です。おめでとうございます。"


if __name__ == "__main__":
    print(*copy_stubs(Path(sys.argv[1])), sep="\n")
