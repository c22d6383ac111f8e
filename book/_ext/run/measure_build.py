"""章を並べて実行するビルドと、1 章ずつ実行するビルドを比べる。

    python book/_ext/run/measure_build.py               4 章、1 章に 5 秒ぶんの計算
    python book/_ext/run/measure_build.py --seconds 1

本物の conf.py で小さな本を作る。章ごとに決まった回数の計算をし、それと同じ時間だけ眠る章も比べる。
眠る章は CPU を使わないので、並べれば必ず縮む。計算する章は、空いた CPU があるときだけ縮む。
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
WORK = {
    "眠る": "import time\ntime.sleep({seconds})",
    "計算する": (
        "import time\nend = time.process_time() + {seconds}\n"
        "while time.process_time() < end:\n    sum(range(10_000))"
    ),
}


def write_book(folder: Path, work: str, chapters: int, seconds: float) -> None:
    """どの章も同じ仕事をする本を書く。"""
    names = [f"chapter{k}" for k in range(chapters)]
    toctree = "\n".join(names)
    (folder / "index.md").write_text(f"# 本\n\n```{{toctree}}\n{toctree}\n```\n", encoding="utf-8")
    code = WORK[work].format(seconds=seconds)
    for name in names:
        # 章の名前を入れないと、同じコードの章は 1 度しか実行されない
        page = f"{HEAD}# {name}\n\n```{{code-cell}} python3\n# {name}\n{code}\n```\n"
        (folder / f"{name}.md").write_text(page, encoding="utf-8")


def build_seconds(work: str, jobs: int, chapters: int, seconds: float) -> float:
    """新しい場所で 1 から作るのにかかった時間（秒）。"""
    with tempfile.TemporaryDirectory() as temporary:
        book = Path(temporary) / "book"
        book.mkdir()
        write_book(book, work, chapters, seconds)
        start = time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "sphinx", "-q", "-c", ROOT, "-b", "html"),
                *("-D", f"execution_jobs={jobs}"),
                *(book, Path(temporary) / "html"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser("measure_build.py", description="ビルドを比べる")
    parser.add_argument("--chapters", type=int, default=4, help="章の数")
    parser.add_argument("--seconds", type=float, default=5.0, help="1 章の仕事（秒）")
    parser.add_argument("--jobs", type=int, default=2, help="同時に実行する章の数")
    chosen = parser.parse_args(arguments)
    for work in WORK:
        serial, parallel = (
            build_seconds(work, jobs, chosen.chapters, chosen.seconds) for jobs in (1, chosen.jobs)
        )
        print(
            f"{work}章 {chosen.chapters} つ：1 章ずつ {serial:.1f} 秒、"
            f"{chosen.jobs} 章ずつ {parallel:.1f} 秒、比 {parallel / serial:.2f}"
        )


if __name__ == "__main__":
    main()
