"""データの入れ物：アーカイブ（tar、zip）と、取り出したフォルダ。

中の名前は、比べることにだけ使う。ディスクには何も書かない。
"""

import gzip
import hashlib
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from stat import S_ISLNK
from typing import BinaryIO

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
class Part:
    """入れ物の中の 1 つのファイル。

    Attributes
    ----------
    name : str
        ``/`` で区切った名前。
    size : int
        バイト数。
    read : callable
        中身。次のファイルに進む前に呼ぶ。

    Examples
    --------
    >>> Part("a/b.txt", 1, lambda: b"x").read()
    b'x'
    """

    name: str
    size: int
    read: Callable[[], bytes]


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
        """中のファイル。OS が作ったものと、親をたどる名前は飛ばす。

        Raises
        ------
        ValueError
            壊れているとき、展開すると大きすぎるとき。
        """
        total = 0
        with self._explained():
            for part in self._raw():
                total += part.size
                if total > _LARGEST:
                    raise ValueError(self._too_large())
                if name := _clean(part.name):
                    yield Part(name, part.size, partial(self._read, part))

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
        if isinstance(self.content, Path) and self.content.is_dir():
            listed = sorted(
                (str(path), path.stat().st_size, path.stat().st_mtime_ns)
                for path in _files(self.content)
            )
            return hashlib.sha256(repr(listed).encode()).hexdigest()
        with self._explained(), self._opened() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _raw(self) -> Iterator[Part]:
        if isinstance(self.content, Path) and self.content.is_dir():
            for path in _files(self.content):
                name = path.relative_to(self.content).as_posix()
                yield Part(name, path.stat().st_size, path.read_bytes)
            return
        with self._opened() as file:
            kind = file.read(2)
            file.seek(0)
            yield from _zipped(file) if kind == b"PK" else _tarred(file)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if isinstance(self.content, bytes):
            yield io.BytesIO(self.content)
        else:
            with self.content.open("rb") as file:
                yield file


def _files(folder: Path) -> Iterator[Path]:
    """フォルダの中の、リンクでないファイル。"""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _tarred(file: BinaryIO) -> Iterator[Part]:
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            if member.isfile():
                yield Part(member.name, member.size, partial(_extracted, archive, member))


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    return archive.extractfile(member).read()


def _zipped(file: BinaryIO) -> Iterator[Part]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if not (member.is_dir() or S_ISLNK(member.external_attr >> 16)):
                yield Part(member.filename, member.file_size, partial(archive.read, member))


def _clean(name: str) -> str:
    """``./`` や ``\\`` を除いた名前。読まないものなら空。"""
    steps = [step for step in name.replace("\\", "/").split("/") if step not in ("", ".")]
    unread = any(step.startswith(".") or step == "__MACOSX" for step in steps)
    return "" if unread else "/".join(steps)
