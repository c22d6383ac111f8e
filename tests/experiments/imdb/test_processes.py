"""processes と allocator：並べても結果は同じ。起こした側がいなくなれば、仕事も終わる。"""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from math import factorial
from pathlib import Path

import pytest
import torch

from lstm_text.experiments.imdb.processes import in_processes
from lstm_text.imdb import reuse_freed_memory


def test_results_stand_in_the_order_of_the_jobs():
    assert in_processes([partial(factorial, n) for n in (3, 0, 5)]) == [6, 1, 120]


def test_each_job_has_one_thread_and_another_process():
    (threads, other), _ = in_processes([_about, _about])
    assert threads == 1 and other != os.getpid()


def test_an_error_of_a_job_reaches_the_caller():
    with pytest.raises(ValueError, match="negative"):
        in_processes([partial(factorial, 2), partial(factorial, -1)])


def test_reusing_memory_changes_no_number():
    def product():
        x = torch.arange(300_000.0).reshape(300, 1000) % 7
        return x @ x.T

    before = product()
    told = reuse_freed_memory()
    assert torch.equal(product(), before)
    assert not told or sys.platform.startswith("linux")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="/proc がない")
def test_kept_memory_goes_back_now_and_then():
    """間に使っている場所が残っていても、空きは返る。"""
    script = textwrap.dedent("""
        import resource, sys, time
        import torch
        from lstm_text.imdb import allocator

        def megabytes():
            return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20

        allocator._SECONDS = 0.5
        if not allocator.reuse_freed_memory():
            sys.exit(77)
        blocks = [torch.ones(2**18) for _ in range(600)]
        del blocks[:-1]
        kept = megabytes()
        time.sleep(2)
        print(kept - megabytes())
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip("glibc でない")
    assert float(done.stdout) > 400, done.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="/proc がない")
def test_jobs_end_when_their_caller_is_killed(tmp_path):
    script = tmp_path / "caller.py"
    script.write_text(
        textwrap.dedent(f"""
            from functools import partial
            from pathlib import Path

            from lstm_text.experiments.imdb.processes import in_processes
            from tests.experiments.imdb.test_processes import tell_and_sleep

            if __name__ == "__main__":
                in_processes([partial(tell_and_sleep, {str(tmp_path)!r}, k) for k in range(2)])
        """)
    )
    caller = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    started = []
    while len(started) < min(2, os.cpu_count()):
        assert caller.poll() is None
        started = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
        time.sleep(0.1)
    os.kill(caller.pid, signal.SIGKILL)
    caller.wait()
    until = time.monotonic() + 30
    while any(_is_running(pid) for pid in started):
        assert time.monotonic() < until
        time.sleep(0.1)


def tell_and_sleep(folder: str, k: int) -> None:
    (Path(folder) / f"pid-{os.getpid()}").touch()
    time.sleep(600)


def _about() -> tuple[int, int]:
    return torch.get_num_threads(), os.getpid()


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
