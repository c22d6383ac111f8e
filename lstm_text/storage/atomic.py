"""途中で止められても壊れたファイルを残さない書き込み。"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """書き終えてから、一度に置き換えるファイルを開く。

    同じフォルダの一時ファイルに書き、最後に名前を変えます。途中で例外が起きても、プロセスが止められても、
    ``path`` には以前の内容（なければ何もない状態）がそのまま残ります。

    Parameters
    ----------
    path : str or os.PathLike
        置き換えるファイル。親フォルダはなければ作ります。

    Yields
    ------
    BinaryIO
        書き込み用に開いた一時ファイル。

    Raises
    ------
    OSError
        フォルダに書き込めないとき。

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     with replacing(path) as file:
    ...         _ = file.write("終わり".encode())
    ...     path.read_text(encoding="utf-8")
    '終わり'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # mkstemp は自分だけが読めるファイルを作る
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
