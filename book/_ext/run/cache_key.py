"""実行結果のキャッシュの鍵のうち、どの章にも関わるもの: 版、計算機、データ、記録。

どれかが変われば、どの章の出力も変わりうるので、それらのハッシュをキャッシュの置き場所の名前にする。
章ごとに違うもの（届くコード）は chapter_cache が見る。
"""

import hashlib
import os
import platform
from importlib.metadata import distributions
from pathlib import Path

# 出力に現れる計算と描画に関わるもの。Sphinx などの組版の道具は含めない。
PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "matplotlib-fontja",
    "pooch",
    "ipykernel",
    "ipython",
)

# どの章にも関わる、このリポジトリのフォルダ。
SHARED = ("book/_ext/run/kernel", "book/records")

# データのキャッシュのうち、訓練の命令や実験が書き足すフォルダ。
MADE = ("embedded", "encoded", "runs", "vectors")

# 章の出力を変える環境変数。
VARIABLES = (
    "LSTM_TEXT_DEVICE",
    "LSTM_TEXT_OFFLINE",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
)


def contents(folder):
    """folder の下の全ファイルの、相対パスと中身のハッシュ。途中までの実験の記録は見ない。"""
    for path in sorted(folder.rglob("*")):
        unfinished = "__pycache__" in path.parts or path.suffix == ".partial"
        if path.is_file() and not unfinished:
            yield f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def states(folder):
    """folder の下の全ファイルの、相対パス・大きさ・更新時刻（大きなデータは中身を読まない）。

    .json と MADE のフォルダは、元のデータから作り直せる控えなので、見ない。
    """
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and path.suffix != ".json" and name.parts[0] not in MADE:
            stat = path.stat()
            yield f"{name} {stat.st_size} {stat.st_mtime_ns}"


def versions(packages=PACKAGES):
    """Python と、出力に関わるパッケージの版。"""
    yield f"python {platform.python_version()} {platform.machine()}"
    installed = {d.name.lower().replace("_", "-"): d.version for d in distributions()}
    for name in packages:
        yield f"{name} {installed.get(name)}"


def machine():
    """出力を変える環境変数、CPU の数、GPU の有無。"""
    for name in VARIABLES:
        yield f"{name}={os.environ.get(name)}"
    yield f"cpu {os.cpu_count()}"
    # torch を読み込まずに（1 秒以上かかる）GPU を知る。
    yield from sorted(str(gpu) for gpu in Path("/proc/driver/nvidia/gpus").glob("*"))


def cache_key(root, data_folders):
    """root の本を、この環境とデータで実行したときの鍵（16 進 16 文字）。"""
    lines = [*versions(), *machine()]
    for name in SHARED:
        lines += [name, *contents(root / name)]
    for folder in data_folders:
        lines += [str(folder), *states(folder)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
