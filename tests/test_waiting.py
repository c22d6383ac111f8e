"""待っているスレッドは眠る：torch を読み込む前に決まり、読者の決めたことには従う。"""

import json
import os
import subprocess
import sys

import pytest

from lstm_text.experiments.speed import busy_neighbour

ASK = """
import json, os, sys
import lstm_text
print(json.dumps(["torch" in sys.modules, lstm_text.WAITING, os.environ["OMP_WAIT_POLICY"]]))
"""

SUMS = """
import json
import lstm_text
import torch
from torch import nn
torch.manual_seed(0)
layer = nn.LSTM(64, 128, batch_first=True)
layer(torch.randn(32, 40, 64))[0].square().mean().backward()
totals = [weight.grad.double().sum().item() for weight in layer.parameters()]
print(json.dumps([torch.get_num_threads(), totals]))
"""


def run(code, **chosen):
    """待ち方もスレッドの数も決めていないところで動かす。"""
    inherited = {k: v for k, v in os.environ.items() if k not in busy_neighbour.DECIDING}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=inherited | chosen, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("chosen", [{}, {"OMP_WAIT_POLICY": "ACTIVE"}], ids=["なし", "あり"])
def test_the_package_decides_before_torch_and_the_reader_wins(chosen):
    waiting = chosen.get("OMP_WAIT_POLICY", "PASSIVE")
    assert run(ASK, **chosen) == [False, waiting, waiting]


def test_the_way_of_waiting_changes_no_number():
    """スレッドの数は変えず、足し算の順序も変えない。"""
    passive, active = run(SUMS), run(SUMS, OMP_WAIT_POLICY="ACTIVE")
    assert passive == active


@pytest.mark.parametrize(("chosen", "threads"), [({}, 1), ({"OMP_NUM_THREADS": "2"}, 2)])
def test_the_command_uses_one_thread_unless_told(chosen, threads, tmp_path):
    run_the_command = f"""
import contextlib, io, json, runpy, sys, torch
sys.argv = ["imdb", "predict", "--out", {str(tmp_path / "none")!r}, "A great film."]
with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
    runpy.run_module("lstm_text.imdb", run_name="__main__")
print(json.dumps(torch.get_num_threads()))
"""
    assert run(run_the_command, **chosen) == threads


def test_each_way_gets_only_its_own_settings(monkeypatch):
    """測る側のプロセスが受け継いだ待ち方は、測られるプロセスに渡らない。"""
    for name in busy_neighbour.DECIDING:
        monkeypatch.setenv(name, "7")
    settings = busy_neighbour.Settings(rounds=1, updates=1, lengths=(3,))
    seen = []
    ordinary = subprocess.Popen

    def watched(command, **options):
        if "env" in options:
            seen.append({n: options["env"].get(n) for n in busy_neighbour.DECIDING})
        return ordinary(command, **options)

    monkeypatch.setattr(subprocess, "Popen", watched)
    values = busy_neighbour.run({"neighbours": 0}, settings)
    kept = [{name: value for name, value in each.items() if value} for each in seen]
    assert kept == list(busy_neighbour.WAYS.values())
    assert {way: len(each) for way, each in values["seconds"].items()} == dict.fromkeys(
        busy_neighbour.WAYS, 1
    )
    assert all(second > 0 for each in values["seconds"].values() for second in each)


def test_no_neighbour_is_left_behind():
    with busy_neighbour.neighbour():
        pass
    if sys.platform.startswith("linux"):
        own = subprocess.run(
            ["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True
        )
        assert "while True: pass" not in own.stdout
