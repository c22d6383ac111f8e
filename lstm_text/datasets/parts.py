"""入れ物の中のファイル：フォルダ、tar、zip のそれぞれから、1 つずつ。"""

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import BinaryIO

_PACKED = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x5d\0\0\x80": lzma.open,
}
"""tar を圧縮したものの始まりと、終わりの検査（CRC）まで読むもの。"""


@dataclass(frozen=True)
class Part:
    """入れ物の中の 1 つのファイル。

    Attributes
    ----------
    name : str
        ``/`` で区切った名前。
    size : int
        バイト数。
    read : callable or None
        中身。次のファイルに進む前に呼ぶ。たどらないリンクなら None。

    Examples
    --------
    >>> Part("a/b.txt", 1, lambda: b"x").read()
    b'x'
    """

    name: str
    size: int
    read: Callable[[], bytes] | None


def files_in(folder: Path) -> Iterator[tuple[Path, bool]]:
    """フォルダの中のファイルと、読むか。フォルダの外を指すリンクは、読まない。"""
    for place, folders, names in os.walk(folder, onerror=_raised, followlinks=True):
        for name in sorted(folders):
            path = Path(place, name)
            if path.is_symlink() and not _leads_inside(path, folder):
                folders.remove(name)
                yield path, False
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            kind = path.lstat().st_mode
            if S_ISLNK(kind):
                yield path, _real(path).is_relative_to(_real(folder)) and path.is_file()
            elif S_ISREG(kind):
                yield path, True


def _raised(error: OSError) -> None:
    raise error


def _leads_inside(link: Path, folder: Path) -> bool:
    """フォルダの中のフォルダを指し、たどっても輪にならないリンクか。"""
    above = [_real(each) for each in link.parents if each.is_relative_to(folder)]
    return _real(link).is_relative_to(_real(folder)) and _real(link) not in above


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


class _Header(tarfile.TarInfo):
    """終わりの印（0 の並び）のほかは、壊れた見出しを終わりとみなさない。"""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> tarfile.TarInfo:
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error


def tarred(file: BinaryIO) -> Iterator[Part]:
    """tar の中のファイル。終わりまで読むと、圧縮したものの検査（CRC）も済む。"""
    start = file.read(6)
    file.seek(0)
    unpack = next((unpack for first, unpack in _PACKED.items() if start.startswith(first)), None)
    content, mode = (unpack(file), "r|") if unpack else (file, "r|*")
    with tarfile.open(fileobj=content, mode=mode, tarinfo=_Header) as archive:
        for member in archive:
            if member.isfile():
                yield Part(member.name, member.size, partial(_extracted, archive, member))
            elif member.issym() or member.islnk():
                yield _link(member.name)
    _read_out(content)


def _read_out(content: BinaryIO) -> None:
    """終わりまで読み捨てて、CRC を確かめる。その後に付いたごみは、かまわない。"""
    try:
        while content.read(1 << 20):
            pass
    except gzip.BadGzipFile as error:
        if not str(error).startswith("Not a gzipped file"):
            raise


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    return archive.extractfile(member).read()


def zipped(file: BinaryIO) -> Iterator[Part]:
    """zip の中のファイル。検査（CRC）は、1 つ読むごとに済む。"""
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if S_ISLNK(member.external_attr >> 16):
                yield _link(member.filename)
            elif not member.is_dir():
                yield Part(member.filename, member.file_size, partial(archive.read, member))


def is_read(part: Part) -> bool:
    """たどらないリンクではないか。"""
    return part.read is not None


def _link(name: str) -> Part:
    return Part(name, 0, None)
