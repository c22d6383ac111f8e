"""データの入れ物：アーカイブ（tar、zip）と、取り出したフォルダ。

中の名前は、比べることにだけ使う。ディスクには何も書かない。
"""

import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from lstm_text.datasets.parts import Part, files_in, is_read, tarred, zipped

_LARGEST = 4 << 30  # 展開した大きさの和がこれを超えたら、読むのをやめる
_OTHERS = {
    b"7z\xbc\xaf": "7z のアーカイブ",
    b"\x28\xb5\x2f\xfd": "Zstandard（.zst）で圧縮したもの",
    b"Rar!": "RAR のアーカイブ",
    b"PAR1": "Parquet の表",
}
"""読めない形のファイルの始まり。"""
_BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, OSError, RuntimeError, NotImplementedError),  # 暗号、知らない圧縮
)


@dataclass(frozen=True)
class Container:
    """入れ物。

    Attributes
    ----------
    title : str
        エラー文に使う名前。
    content : Path or bytes
        アーカイブのファイルか中身、またはフォルダ。

    Examples
    --------
    >>> import io, zipfile
    >>> with zipfile.ZipFile(packed := io.BytesIO(), "w") as file:
    ...     file.writestr("a\\\\b.txt", "x")
    >>> [(part.name, part.read()) for part in Container("例.zip", packed.getvalue()).parts()]
    [('a/b.txt', b'x')]
    """

    title: str
    content: Path | bytes

    def parts(self) -> Iterator[Part]:
        """中のファイル。OS が作ったものと、親をたどる名前と、外を指すリンクは飛ばす。

        Raises
        ------
        ValueError
            壊れているとき、許可がないとき、暗号がかかっているとき、展開すると大きすぎるとき。
        """
        total = 0
        with self._explained():
            for part in filter(is_read, self._raw()):
                total += part.size
                if total > _LARGEST:
                    raise ValueError(self._too_large())
                if name := _clean(part.name):
                    yield Part(name, part.size, partial(self._read, part))

    def skipped(self) -> str:
        """たどらずに飛ばしたリンクがあれば、それを言う文。

        Raises
        ------
        ValueError
            読めないとき。
        """
        with self._explained():
            links = [
                name for part in self._raw() if not is_read(part) if (name := _clean(part.name))
            ]
        if not links:
            return ""
        shown = links[0] if len(links) == 1 else f"{links[0]} など {len(links):,} 個"
        return f"リンク（{shown}）は読まないので、指す先のファイルそのものを置いてください。"

    def unpacked(self) -> bytes:
        """1 つのファイルの中身。gzip で圧縮してあれば、展開する。

        Raises
        ------
        ValueError
            読めないとき、大きすぎるとき。
        """
        with self._explained(), self._opened() as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(self._too_large())
        return content

    def _too_large(self) -> str:
        return (
            f"{self.title} は、展開すると {_LARGEST >> 30} GiB を超えます。"
            "公式のものをダウンロードし直してください。"
        )

    def _read(self, part: Part) -> bytes:
        with self._explained():
            return part.read()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise ValueError(f"{self.title} を読めません。{self._why(error)}") from error

    def _why(self, error: Exception) -> str:
        """何に見え、どうすればよいか。"""
        if told := obstacle(error):
            return told
        start = self._start()
        for first, what in _OTHERS.items():
            if start.startswith(first):
                return (
                    f"{what}のようですが、この形は読めません。"
                    "展開したフォルダか、tar か zip にし直したものを置いてください。"
                )
        seen = "中身は HTML のページのようです。" if start.lstrip()[:1] == b"<" else ""
        return (
            f"壊れているか、途中までのファイルです（{error}）。{seen}ダウンロードし直してください。"
        )

    def _start(self) -> bytes:
        try:
            with self._opened() as file:
                return file.read(100)
        except OSError:  # フォルダか、開けないもの
            return b""

    def fingerprint(self) -> str:
        """中身が変われば変わる文字。フォルダは、名前と大きさと時刻で見る。

        Raises
        ------
        ValueError
            読めないとき。
        """
        with self._explained():
            if isinstance(self.content, Path) and self.content.is_dir():
                listed = sorted(
                    (str(path), path.stat().st_size, path.stat().st_mtime_ns)
                    for path, followed in files_in(self.content)
                    if followed
                )
                return hashlib.sha256(repr(listed).encode()).hexdigest()
            with self._opened() as file:
                return hashlib.file_digest(file, "sha256").hexdigest()

    def _raw(self) -> Iterator[Part]:
        if isinstance(self.content, Path) and self.content.is_dir():
            for path, followed in files_in(self.content):
                name = path.relative_to(self.content).as_posix()
                if followed:
                    yield Part(name, path.stat().st_size, path.read_bytes)
                else:
                    yield Part(name, 0, None)
            return
        with self._opened() as file:
            kind = file.read(2)
            file.seek(0)
            yield from zipped(file) if kind == b"PK" else tarred(file)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if isinstance(self.content, bytes):
            yield io.BytesIO(self.content)
        else:
            with self.content.open("rb") as file:
                yield file


def obstacle(error: Exception) -> str:
    """中身が壊れているのではない理由と、どうすればよいか。そうでなければ空。

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str

    Examples
    --------
    >>> obstacle(PermissionError(13, "Permission denied", "a.zip"))
    'a.zip を読む許可がありません。読めるように、許可を変えてください。'
    >>> obstacle(EOFError())
    ''
    """
    if isinstance(error, PermissionError):
        return f"{error.filename} を読む許可がありません。読めるように、許可を変えてください。"
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} が指す先がありません。中身のあるファイルを置いてください。"
    if isinstance(error, RuntimeError) and "encrypt" in str(error):
        return "暗号がかかっています。暗号を解いたものを置いてください。"
    return ""


def _clean(name: str) -> str:
    """``./`` や ``\\`` を除いた名前。読まないものなら空。"""
    steps = [step for step in name.replace("\\", "/").split("/") if step not in ("", ".")]
    unread = any(step.startswith(".") or step == "__MACOSX" for step in steps)
    return "" if unread else "/".join(steps)
