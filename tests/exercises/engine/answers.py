"""読者がすること: ひな形を写す、答えを確かめる。

答えは子プロセスで確かめる。終わらないループも、Python ごと落ちる誤りも、ほかの問に及ばない。
ここでは torch を読み込まない。

    python -m tests.exercises.engine.answers answers      ひな形を answers に写す
"""

import contextlib
import errno
import itertools
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .exercise import Outcome
from .report import MARKS, heading, say
from .saved import save

EXERCISES = Path(__file__).parents[1]
ROOT = EXERCISES.parents[1]

# 初めて torch を読み込むときは、遅いディスクだと何十秒もかかる。
STARTUP_SECONDS = 300
# torch.compile のコンパイルは、これより長くはかからない。
COMPILING_SECONDS = 300


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


def number(name: str, text: str, kind: type[int] | type[float]) -> float:
    """引数に打たれた数。段（整数）は 0 でもよく、秒（実数）は 0 より大きい。

    Raises
    ------
    ValueError
        範囲の外のとき。

    >>> number("--hint", "１", int)
    1
    """
    try:
        value = kind(text)
    except ValueError:
        value = math.nan  # 範囲の外
    if not 0 <= value <= 1_000_000 or (kind is float and value == 0):
        needed = "0 以上 1,000,000 以下の整数" if kind is int else "0 より大きく 1,000,000 以下の数"
        raise ValueError(f"{name} には {needed}が必要ですが、{text[:40]!r} でした。")
    return value


def run(
    folder: str, keyword: str = "", hint: int = 0, seconds: float = 10.0, json: str | None = None
) -> int:
    """``folder`` の答えを確かめ、結果と進み具合を印字する。

    Parameters
    ----------
    folder : str
        答えのフォルダ。
    keyword : str
        確かめる問（``"2.1"``、``"2"``、``"flip_unit"``、``"2.1 or 2.2"``）。空なら全部。
    hint : int
        この段までのヒントも出す。
    seconds : float
        一問にかけてよい秒数。
    json : str, optional
        結果を書くファイル（`saved`）。

    Returns
    -------
    int
        終了コード。要修正があれば 1、なければ 0、中断されたら 2、指定の誤りなら 4。
    """
    try:
        found = checked(folder, keyword, hint, seconds)
        if not keyword:
            for line in progress({result.question: result.outcome for result in found}):
                say(line)
        if json:
            save(Path(json), [result.record() for result in found], whole=not keyword)
    except ValueError as error:
        say(str(error))
        return 4
    except KeyboardInterrupt:
        say("中断しました。")
        return 2
    return int(any(result.outcome is Outcome.INCORRECT for result in found))


def checked(folder: str, keyword: str, hint: int, seconds: float) -> list["Result"]:
    """一問ずつ確かめ、結果が出るごとに印字する。

    Raises
    ------
    ValueError
        フォルダがないとき、選べる問がないとき、準備ができないとき。
    """
    require_folder(Path(folder))
    found = []
    for result in results(folder, keyword, hint, seconds):
        question, lines = result.question, result.lines
        shown = found[-1].lines if found else None
        found.append(result)
        if result.outcome is Outcome.UNTOUCHED and not (keyword or lines):
            continue
        say(heading(result.outcome, question.id, question.name, question.title))
        for line in ["上と同じです。"] if lines and lines == shown else lines:
            say(f"    {line}")
    return found


def require_folder(folder: Path) -> None:
    """答えのフォルダがあること。"""
    if folder.is_dir():
        return
    if folder.exists():
        raise ValueError(f"{folder} は、フォルダではありません。答えのフォルダを渡します。")
    if Path.cwd().resolve() == ROOT.resolve():
        raise ValueError(f"答えのフォルダ {folder} がありません。make answers で作れます。")
    raise ValueError(
        f"答えのフォルダ {folder} が、ここ（{Path.cwd()}）にありません。"
        f"プロジェクトの一番上（{ROOT}）で打ってください。"
    )


@dataclass(frozen=True)
class Question:
    """確かめる一問。"""

    id: str
    chapter: str
    name: str
    title: str
    kind: str


@dataclass(frozen=True)
class Result:
    """一問の結果と、読者への説明の行。"""

    question: Question
    outcome: Outcome
    lines: list[str]
    mistakes: tuple[str, ...] = ()

    def record(self) -> dict:
        """JSON に書く形。"""
        question = asdict(self.question)
        del question["chapter"]
        return question | {"outcome": self.outcome.value, "mistakes": list(self.mistakes)}


def results(folder: str, keyword: str, hint: int, seconds: float) -> Iterator[Result]:
    """一問ずつ、結果を返す。子プロセスが止まったら、残りの問から始め直す。

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
            doing, compiling = "loading", 0
            while left:
                match worker.event(seconds):
                    case ["compiling"] if compiling < COMPILING_SECONDS:
                        compiling += 1  # 1 秒ごとに届く。待つ時間は、ここから数え直す
                    case ["compiling"]:
                        yield from _stopped(left, doing, "late", COMPILING_SECONDS)
                        break
                    case ["loading" | "checking" as step]:
                        doing, compiling = step, 0
                    case ["done", outcome, lines, mistakes]:
                        yield Result(left.popleft(), Outcome(outcome), lines, tuple(mistakes))
                    case ["late" | "dead" as end]:
                        yield from _stopped(left, doing, end, seconds)
                        break
        finally:
            worker.stop()


def _stopped(left: deque, doing: str, end: str, seconds: float) -> Iterator[Result]:
    """子プロセスが止まった問の結果。ファイルの読み込みで止まったら、その章の全部が同じ結果になる。"""
    first = left[0]
    thing = f"{first.chapter}.py の読み込み" if doing == "loading" else f"{first.name} の計算"
    if end == "late":
        sentence = (
            f"{thing}が {seconds:g} 秒たっても終わりません。終わらないループはありませんか。"
            "大きな入力で遅すぎるのかもしれません。"
            f"待てば終わるのなら、--seconds {6 * seconds:g} で延ばせます。"
        )
    else:
        sentence = f"{thing}の途中で Python ごと終わりました（os._exit や、深すぎる再帰など）。"
    while left and (left[0] == first or (doing == "loading" and left[0].chapter == first.chapter)):
        yield Result(left.popleft(), Outcome.INCORRECT, [sentence])


class Worker:
    """`worker` を動かす子プロセスと、そこから届く出来事。"""

    def __init__(self, folder: str, hint: int, keyword: str):
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        worker = [sys.executable, "-B", "-m", "tests.exercises.engine.worker"]
        self.process = subprocess.Popen(
            # 子は引数を UTF-8 として読む
            [*worker, folder, str(hint), os.fsdecode(keyword.encode(errors="surrogateescape"))],
            stdin=subprocess.PIPE,  # 閉じれば、親が終わったと分かる
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"},
            # 解答が始めたプロセスごと終わらせるため。Ctrl-C は、親だけが受け取る。
            start_new_session=True,
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
        """子プロセスと、解答がそこから始めたプロセスを終わらせる。"""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:  # Windows
            command = ["taskkill", "/F", "/T", "/PID", str(self.process.pid)]
            subprocess.run(command, capture_output=True, check=False)
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


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


def main(arguments: list[str]) -> int:
    """ひな形を写し、写し終えてから、したことを印字する。終了コードを返す。"""
    if len(arguments) != 1 or not arguments[0]:
        say("ひな形を写すフォルダを 1 つ書きます：python -m tests.exercises.engine.answers answers")
        return 2
    folder = Path(arguments[0])
    try:
        done = list(copy_stubs(folder))  # 読み手（head など）が先に終わっても、写し終えている
        for line in done:
            say(line)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (FileExistsError, NotADirectoryError):
        said = f"{folder} か、その途中が、フォルダではないファイルなので、ひな形を写せません。"
        say(f"{said}その名前を変えるか、別のフォルダを指定してください。")
        return 1
    except OSError as error:
        # lstm_text.storage.os_reason は、torch を読み込むので使わない
        reasons = {
            errno.EACCES: "許可がありません",
            errno.EROFS: "読み取りだけの場所です",
            errno.ENOSPC: "ディスクに空きがありません",
            errno.ENAMETOOLONG: "名前が長すぎます",
        }
        why = reasons.get(error.errno, error.strerror)
        say(f"{error.filename or folder} に、ひな形を写せません（{why}）。")
        return 1
    except KeyboardInterrupt:
        say("中断しました。もう一度打てば、残りを写します。")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
