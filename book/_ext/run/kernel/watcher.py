"""カーネルの中で、章が何を使ったかを見届け、ページのために書き残す（IPython の起動時に動く）。

読んだ記録は Python の audit hook の open から、使ったデータは lstm_text.datasets の知らせから
わかる。章のコードには何も足さない。
"""


def watch():
    import atexit
    import contextlib
    import hashlib
    import json
    import os
    import platform
    import subprocess
    import sys
    from pathlib import Path

    folder = os.environ.get("BOOK_FACTS")
    if not folder:
        return
    root = Path(os.environ["BOOK_ROOT"])
    cells, sources, records = [], {}, set()

    def notice(event, arguments):
        if event == "lstm_text.source":
            sources[arguments[0]] = arguments[1]
        elif event == "open" and isinstance(arguments[0], str | os.PathLike):
            path = os.fspath(arguments[0])
            reading = not set(arguments[1] or "r") & set("wax+")
            if isinstance(path, str) and path.endswith(".json") and "records" in path and reading:
                with contextlib.suppress(ValueError):
                    inside = Path(path).resolve().relative_to(root / "book" / "records")
                    records.add(inside.as_posix())

    def commit():
        command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=12"]
        with contextlib.suppress(OSError):
            done = subprocess.run(command, capture_output=True, encoding="utf-8")
            return done.stdout.strip() if done.returncode == 0 else ""
        return ""

    def write():
        facts = {
            "python": platform.python_version(),
            "data": list(sources.values()),
            "records": sorted(records),
            "commit": at_start,
        }
        if torch := sys.modules.get("torch"):
            facts["torch"] = torch.__version__
            facts["threads"] = torch.get_num_threads()
        if device := sys.modules.get("lstm_text.device"):
            facts["device"] = device.describe(device.get_device())
        name = hashlib.sha256("\n\n".join(cells).encode()).hexdigest()
        target = Path(folder) / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        part.replace(target)

    at_start = commit()
    sys.addaudithook(notice)
    get_ipython().events.register(  # noqa: F821  (IPython の中で動く)
        "pre_run_cell", lambda info: cells.append(info.raw_cell.strip())
    )
    atexit.register(write)


watch()
del watch
