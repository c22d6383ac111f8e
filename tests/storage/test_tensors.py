"""tensors：書いたものがそのまま戻ること、壊れたファイルが必ず断られること。"""

import json
import os
import signal
import struct
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from lstm_text.storage import load_tensors, save_tensors

TENSORS = {
    "empty": torch.zeros(0),
    "scalar": torch.tensor(3.5, dtype=torch.float64),
    "bits": torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).bfloat16(),
    "ids": torch.arange(6, dtype=torch.int32).reshape(2, 3).T,
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.safetensors"
    save_tensors(path, "例", TENSORS, {"epoch": 2, "語": "日本語"})
    return path


def test_what_comes_back_is_what_went_in(path):
    tensors, about = load_tensors(path, "例")
    assert about == {"epoch": 2, "語": "日本語"}
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype and torch.equal(tensors[name], tensor)


def test_same_content_gives_the_same_bytes(path, tmp_path):
    save_tensors(tmp_path / "b.safetensors", "例", TENSORS, {"epoch": 2, "語": "日本語"})
    assert (tmp_path / "b.safetensors").read_bytes() == path.read_bytes()


def test_every_way_of_cutting_it_short_is_refused(path):
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"途中で切れているか"):
            load_tensors(path, "例")


def test_every_changed_byte_is_refused(path):
    content = bytearray(path.read_bytes())
    for i in range(len(content)):
        content[i] ^= 1
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"a\.safetensors"):
            load_tensors(path, "例")
        content[i] ^= 1


def test_another_kind_another_program_another_version(path, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="「語彙」が必要ですが、「例」でした"):
        load_tensors(path, "語彙")
    save_file({"w": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="別のプログラムのファイル"):
        load_tensors(tmp_path / "other.safetensors", "例")
    monkeypatch.setattr("lstm_text.storage.tensors.VERSION", 2)
    with pytest.raises(ValueError, match="形式の版 1 で書かれています。読めるのは版 2 です"):
        load_tensors(path, "例")


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "a.safetensors"
    torch.save({"w": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="safetensors のファイルではありません"):
        load_tensors(path, "例")


def test_a_header_that_lies_about_sizes(path):
    content = path.read_bytes()
    path.write_bytes(struct.pack("<Q", 2**62) + content[8:])
    with pytest.raises(ValueError, match="途中で切れているか"):
        load_tensors(path, "例")
    header = json.dumps({"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}})
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode())
    with pytest.raises(ValueError, match="途中で切れているか"):
        load_tensors(path, "例")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="がありません"):
        load_tensors(tmp_path / "none", "例")


def test_killed_while_writing_keeps_the_old_file(path):
    program = (
        "import os, signal, sys, torch\n"
        "import lstm_text.storage.atomic as files\n"
        "files.os.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from lstm_text.storage import save_tensors\n"
        "save_tensors(sys.argv[1], '例', {'w': torch.ones(9)}, {})\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert load_tensors(path, "例").about["epoch"] == 2
    assert os.path.basename(path) in os.listdir(path.parent)
