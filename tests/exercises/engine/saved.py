"""結果を、ほかのプログラムが読める JSON のファイルに残す。

{"format": 1, "exercises": [{"id": "2.1", "name": "flip_unit", "title": …, "kind": "設計",
                             "outcome": "合格", "mistakes": []}, …]}
"""

import contextlib
import json
import os
from pathlib import Path

FORMAT = 1

REASONS = {
    FileNotFoundError: "そのフォルダがありません",
    NotADirectoryError: "途中がフォルダではありません",
    IsADirectoryError: "フォルダです",
    PermissionError: "書く許可がありません",
}


def save(path: Path, exercises: list[dict], whole: bool) -> None:
    """結果を ``path`` に書く。途中で止まっても、書きかけのファイルは残らない。

    Parameters
    ----------
    path : Path
        書く先。
    exercises : list of dict
        問ごとの結果。
    whole : bool
        すべての問を確かめたか。一部なら、``path`` に前からあるほかの問の結果は残す。

    Raises
    ------
    ValueError
        書けないとき。
    """
    found = {} if whole else _previous(path)
    found |= {each["id"]: each for each in exercises}
    content = {"format": FORMAT, "exercises": [found[id] for id in sorted(found, key=_order)]}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        reason = REASONS.get(type(error), error.strerror)
        raise ValueError(f"結果を {path} に書けません（{reason}）。") from None


def _previous(path: Path) -> dict[str, dict]:
    """前に書いた結果。読めないファイルや、別の形のファイルなら、ないのと同じ。"""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return {}
        return {each["id"]: each for each in content["exercises"] if _order(each["id"])}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _order(id: str) -> tuple[int, ...]:
    return tuple(map(int, id.split(".")))
