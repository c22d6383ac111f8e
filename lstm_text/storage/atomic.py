"""途中で止められても壊れたファイルを残さない書き込み。"""

import errno
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lstm_text.storage.reasons import os_reason

_ABANDONED = 3_600  # これより長く書かれていない書きかけは、もう書かれない（秒）


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


def sweep(path: str | os.PathLike[str]) -> None:
    """``replacing`` の途中でプロセスを消された（kill -9 など）ときの、``path`` の書きかけを消す。

    ほかのプロセスが書いているかもしれないので、1 時間たっていないものは残します。消せなければ、
    何もしません。

    Parameters
    ----------
    path : str or os.PathLike
        :func:`replacing` で置いたファイル。

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     for name, age in ((".a.txt.abcdefgh", 7_200), (".a.txt.ijklmnop", 60)):
    ...         _ = path.with_name(name).write_text("書きか", encoding="utf-8")
    ...         os.utime(path.with_name(name), times=(time.time() - age,) * 2)
    ...     sweep(path)
    ...     [left.name for left in Path(folder).iterdir()]
    ['.a.txt.ijklmnop']
    """
    path = Path(path)
    half = re.compile(re.escape(f".{path.name}.") + r"\w{8}")  # mkstemp の付ける名前
    with suppress(OSError):
        for left in path.parent.iterdir():
            if half.fullmatch(left.name) and time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def require_writable(folder: str | os.PathLike[str]) -> None:
    """フォルダに（まだなければ、それを作る所に）書けることを、何も残さずに確かめる。

    Parameters
    ----------
    folder : str or os.PathLike

    Raises
    ------
    OSError
        書けないとき。

    Examples
    --------
    >>> require_writable(Path(__file__) / "records")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    NotADirectoryError: ... に書けません（途中に、フォルダでないものがあります）。...
    """
    folder = Path(folder)
    place = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(1 << 12))
    except OSError as error:
        nowhere = error.errno == errno.ENOENT and place.is_dir()  # /proc など
        why = "ファイルを作れない場所です" if nowhere else os_reason(error)
        raise type(error)(
            f"{folder} に書けません（{why}）。書けるフォルダを指定してください。"
        ) from error
