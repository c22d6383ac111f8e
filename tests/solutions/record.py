"""時間のかかる実験の記録。何を、いつ、どの環境で走らせたかと一緒に JSON に残す。"""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from lstm_text.device import describe, get_device
from lstm_text.files import replacing

FOLDER = Path(__file__).parents[2] / "book" / "records"


def write(name: str, results: dict, seconds: float, folder: Path = FOLDER) -> None:
    """``folder / name.json`` に、結果と環境を一度に書く。"""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=FOLDER.parent, capture_output=True, text=True
    )
    record = results | {
        "machine": {
            "device": describe(get_device()),
            "threads": torch.get_num_threads(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "torch": version("torch"),
            "commit": commit.stdout.strip(),
        },
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seconds": seconds,
    }
    with replacing(folder / f"{name}.json") as file:
        file.write(json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n")


def read(name: str, folder: Path = FOLDER) -> dict:
    """記録を読む。"""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def origin(record: dict) -> str:
    """どこでいつ作った記録かを述べる 1 文。"""
    machine = record["machine"]
    return (
        f"記録：{record['date']}、{machine['device']}、"
        f"CPU を使った時間 {record['seconds'] / 60:.0f} 分。"
    )
