"""distributed：torchrun で起こした 2 つのプロセスの勾配は、1 つのプロセスのときと同じ。"""

import os
import subprocess
import sys
from pathlib import Path

import torch

from lstm_text.imdb import Workers, own_device

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
import torch
from lstm_text.imdb import Adversarial
from lstm_text.imdb import Workers, workers
from lstm_text.imdb import LanguageModel, NextWord
from lstm_text.imdb import Shape, build_classifier

def gradients(group, kind, rows):
    reader = build_classifier(torch.ones(20), Shape(4, 3, locked_dropout=0.0, dropout=0.0), seed=0)
    torch.manual_seed(0)
    model, objective = {
        "classifier": lambda: (reader, Adversarial(1.0)),
        "language model": lambda: (LanguageModel(reader), NextWord()),
    }[kind]()
    model = model.double()
    g = torch.Generator().manual_seed(1)
    lengths = torch.randint(2, 9, (rows,), generator=g)
    ids = torch.randint(2, 20, (rows, 8), generator=g)
    ids[torch.arange(8) >= lengths[:, None]] = 0
    batch = ids, lengths, (lengths > 4).double()
    mine = group.share(*batch)
    if len(mine[0]):
        for loss in objective.losses(model, *mine):
            (loss / objective.count(*batch)).backward()
    group.add_up_gradients(model)
    return torch.cat([p.grad.flatten() for p in model.parameters()])

with workers(torch.device("cpu")) as group:
    assert group.size == 2
    assert group.add_up(group.rank + 1.0) == 3.0
    for kind in ("classifier", "language model"):
        for rows in (1, 5, 6):  # 1 行なら、片方のプロセスには何もない
            together, alone = gradients(group, kind, rows), gradients(Workers(), kind, rows)
            worst = (together - alone).abs().max().item()
            assert worst < 1e-9 and alone.abs().max() > 1e-3, (kind, rows, worst)
    group.wait()
open(f"{sys.argv[1]}/ok{group.rank}", "w").close()
"""


def torchrun(*arguments, **environment):
    return subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run",
            "--nnodes=1", "--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0",
            "--nproc-per-node=2", *arguments,
        ],
        capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "LSTM_TEXT_OFFLINE": "1",
             "LSTM_TEXT_DEVICE": "cpu", **environment},
    )  # fmt: skip


def test_two_processes_give_the_gradients_of_one(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    done = torchrun(str(tmp_path / "program.py"), str(tmp_path), PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "ok0").exists() and (tmp_path / "ok1").exists()


def test_every_row_goes_to_exactly_one():
    rows = torch.arange(7)
    shares = [Workers(rank, 3).share(rows)[0] for rank in range(3)]
    assert sorted(torch.cat(shares).tolist()) == rows.tolist()


def test_each_process_takes_its_own_gpu(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert own_device(torch.device("cuda")) == torch.device("cuda:1")
    assert own_device(torch.device("cuda:0")) == torch.device("cuda:0")
    assert own_device(torch.device("cpu")) == torch.device("cpu")
