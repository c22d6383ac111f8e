"""新しいプロセスが、読み込み、1 件のレビューに答え、終わるまでの時間とメモリ。"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

REVIEW = "The plot is thin and the ending is silly, but I loved every minute of it."

PROGRAMS = {
    "Python だけ": "",
    "import torch だけ": "import torch",
    "PyTorch": """
from lstm_text.imdb import load_classifier, predict
classifier, vocabulary, _ = load_classifier(Path(sys.argv[1]))
print(predict(classifier, vocabulary, sys.argv[2]).probability)
""",
    "ONNX Runtime": """
sys.path.insert(0, sys.argv[1])
from alone import OnnxReader
print(OnnxReader(Path(sys.argv[1]))(sys.argv[2]))
""",
}
"""プロセスのすること。初めの 2 つは、比べるための床。"""

BEFORE = """
import re, sys
from pathlib import Path
"""

AFTER = """
status = Path("/proc/self/status")  # Linux にだけある
print(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1] if status.exists() else 0)
"""


def starts(folder: Path, times: int) -> dict[str, dict]:
    """``PROGRAMS`` のどれも交互に ``times`` 回ずつ動かし、中央値をとる。

    Parameters
    ----------
    folder : Path
        :func:`lstm_text.imdb.teach` の残したものと、``lstm_text.imdb.alone`` に要るものの
        あるフォルダ。
    times : int

    Returns
    -------
    dict of str to dict
        経過した時間 ``seconds``（秒）、メモリの最大 ``memory``（MiB。Linux のほかでは None）、
        肯定である確率 ``answer``（床では None）。
    """
    rows = {name: [] for name in PROGRAMS}
    for _ in range(1 + times):  # 1 周めは、ファイルをディスクから読むので捨てる
        for name, program in PROGRAMS.items():
            command = [sys.executable, "-c", BEFORE + program + AFTER, str(folder), REVIEW]
            start = time.perf_counter()
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, encoding="utf-8"
            )
            *answer, memory = map(float, done.stdout.split())
            rows[name].append((time.perf_counter() - start, memory / 2**10, answer))
    return {
        name: {
            "seconds": round(median(row[0] for row in each[1:]), 4),
            "memory": round(median(row[1] for row in each[1:]), 1) or None,
            "answer": each[-1][2][0] if each[-1][2] else None,
        }
        for name, each in rows.items()
    }
