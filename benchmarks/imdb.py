"""IMDb の訓練の速さを、素朴なループと並べて測り、表を出す。

python -m benchmarks.imdb                     測って、表を出す
python -m benchmarks.imdb --folder 記録        測って、記録（JSON）にも残す
python -m benchmarks.imdb --show --folder 記録  記録から表を出すだけ
"""

import argparse
import sys
import tempfile
from pathlib import Path

from lstm_text.experiments import NotHere, bench_imdb, make
from lstm_text.records import Record, read


def table(record: Record) -> str:
    """記録を、読むための表にする。"""
    values = record.values(what="stages")
    rates = values["tokens_per_second"]
    slowest = rates[bench_imdb.STAGES[0]]
    lines = [
        record.origin(),
        "",
        "1 秒に訓練できる語の数（中央値、最小〜最大）と、素朴なループとの比",
    ]
    for stage in bench_imdb.STAGES:
        each = values["all"][stage]
        lines.append(
            f"  {rates[stage]:10,.0f}（{min(each):,.0f}〜{max(each):,.0f}）"
            f"  {rates[stage] / slowest:7.1f} 倍  {stage}"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.imdb", description="IMDb の訓練の速さ")
    parser.add_argument("--folder", type=Path, help="記録を置くフォルダ（省くと残さない）")
    parser.add_argument("--show", action="store_true", help="測らずに、ある記録の表を出す")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        try:
            if not chosen.show:
                list(make(bench_imdb, bench_imdb.Settings(), folder))
            print(table(read("bench_imdb", folder, "cpu")))
        except (NotHere, FileNotFoundError) as reason:
            print(f"できません：{reason}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
