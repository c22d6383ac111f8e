"""訓練済みの単語ベクトル GloVe。"""

import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from lstm_text.datasets.find import cache_folder
from lstm_text.datasets.source import Source

_GLOVE_URL = "https://nlp.stanford.edu/data/glove.6B.zip"


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
        どちらのフォルダにもないとき。
    ValueError
        壊れているとき、中身の次元や数が合わないとき。

    References
    ----------
    Pennington, Socher & Manning (2014), "GloVe: Global Vectors for Word Representation", EMNLP.

    Examples
    --------
    >>> load_glove(100).values.shape  # doctest: +SKIP
    torch.Size([19690, 100])
    """
    folders = {"cache": cache_folder()}
    if variable := os.environ.get("LSTM_TEXT_DATA"):
        folders = {"LSTM_TEXT_DATA": Path(variable).expanduser(), **folders}
    name = f"glove.6B.{dimension}d.txt"
    for kind, folder in folders.items():
        folder = folder / "glove"
        if small := sorted(folder.glob(f"glove.6B.{dimension}d.*.npy")):
            words, values = _small_glove(small[0])
        elif (folder / name).is_file():
            with (folder / name).open("rb") as lines:
                words, values = _parse_glove(lines, name, dimension)
        elif (folder / "glove.6B.zip").is_file():
            words, values = _zipped_glove(folder / "glove.6B.zip", name, dimension)
        else:
            continue
        if values.shape != (len(words), dimension):
            raise ValueError(
                f"{small[0].name} には {len(words):,} 語 × {dimension} 次元が必要ですが、"
                f"{tuple(values.shape)} でした。"
            )
        return WordVectors(words, values, Source(kind, "単語ベクトル GloVe 6B", _GLOVE_URL))
    raise FileNotFoundError(
        f"単語ベクトルがありません。{_GLOVE_URL}（862 MB）をダウンロードし、"
        f"zip のまま {cache_folder() / 'glove'} に置いてください。"
    )


def _small_glove(path: Path) -> tuple[tuple[str, ...], torch.Tensor]:
    listed = path.with_name(path.name.split(".imdb20k")[0] + ".imdb20k.vocab.txt")
    words = tuple(filter(None, listed.read_text(encoding="utf-8").split("\n")))
    return words, torch.from_numpy(np.load(path, allow_pickle=False)).float()


def _zipped_glove(path: Path, name: str, dimension: int) -> tuple[tuple[str, ...], torch.Tensor]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as lines:
            return _parse_glove(lines, name, dimension)  # 終わりまで読むと、CRC も確かめられる
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ValueError(
            f"{path} から {name} を読めません。壊れているか、途中までのファイルです（{error}）。"
            "ダウンロードし直してください。"
        ) from error


def _parse_glove(
    lines: Iterable[bytes], name: str, dimension: int
) -> tuple[tuple[str, ...], torch.Tensor]:
    words, rows = [], []
    for number, line in enumerate(lines, start=1):
        word, *numbers = line.decode().rstrip("\n").split(" ")
        if len(numbers) != dimension:
            raise ValueError(
                f"{name} の {number:,} 行目には語と {dimension} 個の数が必要ですが、"
                f"数は {len(numbers)} 個でした。壊れているか、途中までのファイルです。"
            )
        words.append(word)
        rows.append(np.array(numbers, dtype=np.float32))
    return tuple(words), torch.from_numpy(np.stack(rows))
