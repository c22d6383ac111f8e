"""小さな本: 本物の conf.py で作る、試験のための本。"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CHAPTER = """---
file_format: mystnb
kernelspec:
  name: python3
---

# {title}

```{{code-cell}} python3
{cell}
```
"""


def start_build(folder, *options):
    """folder/book から folder/build に本を作り始める。"""
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", "--keep-going", *options]
    return subprocess.Popen(
        [*command, "-d", folder / "build/doctrees", folder / "book", folder / "build/html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # どこで試しても同じになるように、データのある場所の指定は外す。
        env={k: v for k, v in os.environ.items() if not k.startswith("LSTM_TEXT_")}
        | {"LSTM_TEXT_CACHE": str(folder / "data")},
    )


def finish(building, seconds=120):
    """終わりを待ち、終わった sphinx-build を返す。"""
    out, err = building.communicate(timeout=seconds)
    return subprocess.CompletedProcess(building.args, building.returncode, out, err)
