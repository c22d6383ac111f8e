"""大量の文章を番号の列にし、ディスクに残す。2 度目からは、切り分けずにすぐ使えます。

切り分けは CPU の数だけのプロセスで分担します。結果は :func:`lstm_text.text.tokenize` と
:class:`lstm_text.text.Vocabulary` を 1 つのプロセスで使ったときと同じです。
"""

import hashlib
import json
import os
import sys
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lstm_text.datasets import cache_folder
from lstm_text.records import code_hash
from lstm_text.storage import load_tensors, save_tensors
from lstm_text.text import Vocabulary, tokenize

_KIND = "番号にした文章"
_CHUNK = 1_000  # 1 度に 1 つのプロセスに渡す文章の数


class EncodedTexts:
    """番号の列にした文章の集まり。全体を 1 本の列につないで持つ。

    Parameters
    ----------
    ids : Tensor of int32, (tokens,)
        すべての文章の番号。
    starts : Tensor of int64, (n + 1,)
        文章ごとの始まりの位置。最後は全体の長さ。

    Examples
    --------
    >>> texts = EncodedTexts(torch.tensor([5, 6, 7], dtype=torch.int32), torch.tensor([0, 2, 3]))
    >>> len(texts), texts[0], texts.lengths
    (2, tensor([5, 6], dtype=torch.int32), tensor([2, 1]))
    """

    def __init__(self, ids: Tensor, starts: Tensor):
        self.ids, self.starts = ids, starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, i: int) -> Tensor:
        return self.ids[self.starts[i] : self.starts[i + 1]]

    @property
    def lengths(self) -> Tensor:
        """文章ごとの長さ。"""
        return self.starts.diff()


class Corpus(NamedTuple):
    """番号にした文章と、その語彙。

    Attributes
    ----------
    vocabulary : Vocabulary
    parts : dict of str to EncodedTexts
        ``"train"`` などの名前ごとの文章。

    Examples
    --------
    >>> corpus = encode_texts({"train": ["A good film.", "A film."]}, ["train"])
    >>> corpus.vocabulary.decode(corpus.parts["train"][1])
    ['a', 'film', '.']
    """

    vocabulary: Vocabulary
    parts: dict[str, EncodedTexts]


def encode_texts(
    parts: Mapping[str, Sequence[str]],
    counted: Iterable[str],
    max_size: int = 30_000,
    min_count: int = 1,
    processes: int | None = None,
) -> Corpus:
    """文章を切り分け、語彙を作り、番号の列にする。

    Parameters
    ----------
    parts : mapping of str to sequence of str
        名前ごとの文章。
    counted : iterable of str
        語彙を作るときに数える部分の名前。テスト用の部分を入れてはいけない。
    max_size, min_count : int
        :meth:`lstm_text.text.Vocabulary.build` と同じ。
    processes : int, optional
        使うプロセスの数。省くと、このパッケージの命令とノートブックでは CPU の数、ほかでは 1。

    Returns
    -------
    Corpus

    Examples
    --------
    >>> corpus = encode_texts({"train": ["Good, good."], "test": ["Good grief."]}, ["train"])
    >>> corpus.vocabulary.tokens, corpus.parts["test"].ids.tolist()
    (['<pad>', '<unk>', 'good', ',', '.'], [2, 1, 4])
    """
    counted = set(counted)
    jobs = [
        (name, texts[i : i + _CHUNK])
        for name, texts in parts.items()
        for i in range(0, len(texts), _CHUNK)
    ]
    index: dict[str, int] = {}  # 語 → 仮の番号（現れた順）
    pieces: dict[str, list] = {name: [] for name in parts}
    lengths: dict[str, list] = {name: [] for name in parts}
    counts = np.zeros(0, dtype=np.int64)
    encoded = _map(_encode_chunk, [texts for _, texts in jobs], processes)
    for (name, _), (words, ids, chunk_lengths) in zip(jobs, encoded, strict=True):
        place = np.fromiter((index.setdefault(w, len(index)) for w in words), np.int32, len(words))
        ids = place[ids]
        pieces[name].append(ids)
        lengths[name].append(chunk_lengths)
        counts = np.pad(counts, (0, len(index) - len(counts)))
        if name in counted:
            counts += np.bincount(ids, minlength=len(index))
    # 数え上げの済んだ語彙を、Vocabulary.build と同じ順（多い順、同じなら文字コード順）で作る
    special = ("<pad>", "<unk>")
    frequent = [
        (-n, word)
        for word, n in zip(index, counts.tolist(), strict=True)
        if n >= max(min_count, 1) and word not in special
    ]
    vocabulary = Vocabulary(word for _, word in sorted(frequent)[: max_size - len(special)])
    final = np.array(vocabulary.encode(index), dtype=np.int32)
    return Corpus(
        vocabulary,
        {
            name: EncodedTexts(
                torch.from_numpy(final[_joined(pieces[name], np.int32)]),
                torch.from_numpy(np.cumsum([0, *_joined(lengths[name], np.int64)])),
            )
            for name in parts
        },
    )


def _joined(arrays: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype), *arrays])


def _encode_chunk(texts: Sequence[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """文章を、この断片だけの番号の列にする。返すのは、語、番号、文章ごとの長さ。"""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__  # 初めて見る語には、次の番号
    ids = array("i")
    lengths = array("q")
    for text in texts:
        tokens = tokenize(text)
        ids.extend(map(index.__getitem__, tokens))
        lengths.append(len(tokens))
    return list(index), np.array(ids, dtype=np.int32), np.array(lengths, dtype=np.int64)


def _map(function, jobs: list, processes: int | None) -> Iterator:
    processes = min(processes or _safe_number(), len(jobs))
    if processes <= 1 or sum(map(len, jobs)) < 4 * _CHUNK:  # 少しなら、プロセスを起こすほうが遅い
        yield from map(function, jobs)
        return
    # fork は、動いている torch のスレッドと相性が悪い
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(function, jobs)


def _safe_number() -> int:
    """使ってよいプロセスの数。

    新しいプロセスは、起こした側の主プログラムを読み直す。読み直しても走り出さないとわかっているのは、
    このパッケージの命令と、ファイルでないもの（ノートブックなど）だけなので、ほかでは分担させない。
    """
    main = sys.modules["__main__"]
    ours = getattr(getattr(main, "__spec__", None), "name", "").startswith("lstm_text.")
    return os.cpu_count() or 1 if ours or not hasattr(main, "__file__") else 1


def load_or_encode(
    parts: Mapping[str, Sequence[str]],
    counted: Iterable[str],
    max_size: int = 30_000,
    min_count: int = 1,
    folder: Path | None = None,
) -> Corpus:
    """前に番号にしたものがあればそれを読み、なければ（壊れていても）作って残す。

    切り分け方のコード、語彙の設定、文章のどれかが変われば、別のものとして作ります。

    Parameters
    ----------
    parts, counted, max_size, min_count
        :func:`encode_texts` と同じ。
    folder : Path, optional
        置き場所。省くと :func:`lstm_text.datasets.cache_folder` の ``encoded``。

    Returns
    -------
    Corpus
        番号の列はファイルを写像したもの。

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = load_or_encode({"train": ["A film."]}, ["train"], folder=Path(folder))
    ...     again = load_or_encode({"train": ["A film."]}, ["train"], folder=Path(folder))
    ...     first.vocabulary == again.vocabulary, again.parts["train"][0].tolist()
    (True, [3, 4, 2])
    """
    counted = sorted(counted)
    key = _key(parts, counted, max_size, min_count)
    path = (folder or cache_folder() / "encoded") / f"{key}.safetensors"
    try:
        tensors, about = load_tensors(path, _KIND)
    except (FileNotFoundError, ValueError):  # まだないか、壊れている
        corpus = encode_texts(parts, counted, max_size, min_count)
        _store(path, corpus)
        return corpus
    return Corpus(
        Vocabulary(about["words"]),
        {
            name: EncodedTexts(tensors[f"{name}.ids"], tensors[f"{name}.starts"])
            for name in about["parts"]
        },
    )


def _store(path: Path, corpus: Corpus) -> None:
    tensors = {}
    for name, texts in corpus.parts.items():
        tensors |= {f"{name}.ids": texts.ids, f"{name}.starts": texts.starts}
    about = {"parts": list(corpus.parts), "words": corpus.vocabulary.tokens[2:]}
    with suppress(OSError):  # 書けない所なら、次回も作るだけのこと
        save_tensors(path, _KIND, tensors, about)


def _key(
    parts: Mapping[str, Sequence[str]], counted: Sequence[str], max_size: int, min_count: int
) -> str:
    digest = hashlib.sha256()
    conditions = (code_hash(__name__), unicodedata.unidata_version, counted, max_size, min_count)
    digest.update(json.dumps(conditions).encode())
    for name, texts in parts.items():
        digest.update(f"\n{name} {len(texts)}".encode())
        for text in texts:
            content = text.encode("utf-8", "surrogatepass")
            digest.update(f"\n{len(content)} ".encode())
            digest.update(content)
    return digest.hexdigest()[:24]
