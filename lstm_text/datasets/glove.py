"""訓練済みの単語ベクトル GloVe。"""

import warnings
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from lstm_text.datasets.containers import obstacle
from lstm_text.datasets.contents import plain
from lstm_text.datasets.find import Lacking, data_folder, known_cache, listed, permitted
from lstm_text.datasets.source import Source

_GLOVE_URL = "https://nlp.stanford.edu/data/glove.6B.zip"
_WORDS = 400_000
_NUMBERS = (np.dtype("float16"), np.dtype("float32"), np.dtype("float64"))


@dataclass(frozen=True, eq=False)
class WordVectors:
    """訓練済みの単語ベクトル。:func:`load_glove` の戻り値。

    Attributes
    ----------
    words : tuple of str
        語。
    values : Tensor of float32, (len(words), dimension)
        行が語に対応する。
    source : Source
        出どころ。

    Examples
    --------
    >>> source = Source("cache", "単語ベクトル", "https://example.org/vectors")
    >>> WordVectors(("film", "good"), torch.zeros(2, 50), source).values.shape
    torch.Size([2, 50])
    """

    words: tuple[str, ...]
    values: torch.Tensor
    source: Source


def load_glove(dimension: Literal[50, 100]) -> WordVectors:
    """60 億語の文章から作られた単語ベクトル GloVe 6B のうち、IMDb によく出る語の分。

    862 MB あるので、自動ではダウンロードしません。``LSTM_TEXT_DATA`` のフォルダか、
    :func:`cache_folder` の、``glove`` の中を探します。配布元の ``glove.6B.zip`` でも、そこから
    取り出した ``glove.6B.100d.txt`` でも、よく出る 2 万語だけにした ``.npy`` と ``.vocab.txt``
    の組でもかまいません。

    Parameters
    ----------
    dimension : {50, 100}
        ベクトルの次元。

    Returns
    -------
    WordVectors

    Raises
    ------
    FileNotFoundError
        どちらのフォルダにもないとき、``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        壊れているとき、中身の次元や数が合わないとき。

    Warns
    -----
    Lacking
        語が、配布元の 400,000 語に足りないとき。語の数を書いた行がなければ、自作の短いものか、
        途中までのものかは、わからない。

    References
    ----------
    Pennington, Socher & Manning (2014), "GloVe: Global Vectors for Word Representation", EMNLP.

    Examples
    --------
    >>> load_glove(100).values.shape  # doctest: +SKIP
    torch.Size([19690, 100])
    """
    folders = {"cache": known_cache()}
    if placed := data_folder():
        folders = {"LSTM_TEXT_DATA": placed, **folders}
    for kind, folder in folders.items():
        if found := _found(folder / "glove", dimension):
            return WordVectors(*found, Source(kind, "単語ベクトル GloVe 6B", _GLOVE_URL))
    names = [path.name for folder in folders.values() for path in listed(folder / "glove", "[!.]*")]
    seen = f"（glove にあるのは {'、'.join(names[:3])}）" if names else ""
    raise FileNotFoundError(
        f"{dimension} 次元の単語ベクトルがありません"
        f"{seen}。{_GLOVE_URL}（862 MB）をダウンロードし、"
        f"zip のまま {known_cache() / 'glove'} に置いてください。"
    )


@permitted()
def _found(folder: Path, dimension: int) -> tuple[tuple[str, ...], torch.Tensor] | None:
    """フォルダの中のもの。なければ None。"""
    name = f"glove.6B.{dimension}d.txt"
    texts = [path for path in (folder / name, folder / "glove.6B" / name) if path.is_file()]
    if small := listed(folder, f"glove.6B.{dimension}d.*.npy"):
        return _small_glove(small[0], dimension)
    if texts:
        with texts[0].open("rb") as lines:
            return _parse_glove(lines, name, dimension)
    if archives := listed(folder, "glove.6B*.zip"):
        return _zipped_glove(archives[0], name, dimension)
    return None


def _small_glove(path: Path, dimension: int) -> tuple[tuple[str, ...], torch.Tensor]:
    vocabulary = path.with_name(path.name.split(".imdb20k")[0] + ".imdb20k.vocab.txt")
    if not vocabulary.is_file():
        raise ValueError(
            f"{path.name} の語の一覧 {vocabulary.name} が、同じフォルダにありません。"
            "組になるものを置いてください。"
        )
    try:
        words = tuple(filter(None, plain(vocabulary.read_bytes()).split("\n")))
        with path.open("rb") as file:  # np.load は、名前だけが .npy のもの（.npz など）も開く
            values = np.lib.format.read_array(file, allow_pickle=False)
        if not words:
            raise ValueError(f"{vocabulary.name} に語がありません")
        if values.shape != (len(words), dimension):
            raise ValueError(
                f"{len(words):,} 語 × {dimension} 次元が必要ですが、{values.shape} でした"
            )
        if values.dtype not in _NUMBERS:  # 並びの逆のもの（big-endian）も、ここで断る
            raise ValueError(
                f"float16、float32、float64 のどれかが必要ですが、{values.dtype.str} でした。"
                "astype(numpy.float32) で直せます"
            )
    except (ValueError, EOFError, OSError, MemoryError) as error:
        told = obstacle(error) or "壊れているなら、語の一覧と一緒に作り直してください。"
        raise ValueError(f"{path.name} を読めません（{error}）。{told}") from error
    if len(set(words)) != len(words):
        raise ValueError(
            f"{vocabulary.name} に、同じ語が 2 回あります。組になるものを置いてください。"
        )
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    _require_finite(values, path.name, 1)
    return words, torch.from_numpy(values)


def _zipped_glove(path: Path, name: str, dimension: int) -> tuple[tuple[str, ...], torch.Tensor]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [each for each in archive.namelist() if _is_named(each, name)]
            if not inside:
                raise KeyError(f"中にあるのは {'、'.join(archive.namelist()[:3])}")
            with archive.open(inside[0]) as lines:
                return _parse_glove(lines, name, dimension)  # 終わりまで読むと、CRC も確かめられる
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
        told = obstacle(error) or (
            f"壊れているか、途中までのファイルです（{error}）。ダウンロードし直してください。"
        )
        raise ValueError(f"{path} から {name} を読めません。{told}") from error


def _is_named(path: str, name: str) -> bool:
    """フォルダに入っていてもよい。"""
    *folders, last = path.replace("\\", "/").split("/")
    return last == name and "__MACOSX" not in folders


def _parse_glove(
    lines: Iterable[bytes], name: str, dimension: int
) -> tuple[tuple[str, ...], torch.Tensor]:
    found: dict[str, np.ndarray] = {}
    listed, first, line = None, 1, b""
    for number, line in enumerate(lines, start=1):
        word, *numbers = _decoded(line, name, number).rstrip("\r\n ").split(" ")
        if number == 1 and word.isdecimal() and numbers == [str(dimension)]:
            listed, first = int(word), 2  # word2vec の形の、語の数と次元の行
            continue
        if len(numbers) != dimension:
            raise ValueError(
                f"{name} の {number:,} 行目には語と {dimension} 個の数が必要ですが、"
                f"数は {len(numbers)} 個でした。壊れているか、途中までのファイルです。"
            )
        if word in found:
            raise ValueError(f"{name} の {number:,} 行目の語 {word!r} は、前にもあります。")
        try:
            found[word] = np.array(numbers, dtype=np.float32)
        except ValueError as error:
            raise ValueError(
                f"{name} の {number:,} 行目には小数点が . の数が必要ですが、読めない数があります"
                f"（{error}）。"
            ) from error
    if not found or listed not in (None, len(found)) or not line.endswith(b"\n"):
        raise ValueError(
            f"{name} は途中までのファイルです（{len(found):,} 語、最後の行は {line[-20:]!r}）。"
            "ダウンロードし直してください。"
        )
    if listed is None and len(found) < _WORDS:
        told = (
            f"{name} は {len(found):,} 語で、配布元の {_WORDS:,} 語に足りません。"
            "自作のものでなければ、途中までのファイルなので、ダウンロードし直してください。"
        )
        warnings.warn(Lacking(told), stacklevel=5)
    values = np.stack(list(found.values()))
    _require_finite(values, name, first)
    return tuple(found), torch.from_numpy(values)


def _decoded(line: bytes, name: str, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} の {number:,} 行目を UTF-8 として読めません（{error}）。"
        ) from error


def _require_finite(values: np.ndarray, name: str, first: int) -> None:
    whole = np.isfinite(values).all(axis=1)
    if not whole.all():
        number = int(whole.argmin()) + first
        raise ValueError(
            f"{name} の {number:,} 行目に、有限でない数（nan か inf）か、float32 に入りきらない"
            "数があります。直すか、配布元のものを置いてください。"
        )
