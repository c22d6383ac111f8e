"""IMDb の映画レビュー。"""

import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from lstm_text.datasets import builtin
from lstm_text.datasets.builtin import SEED
from lstm_text.datasets.find import Remote, cache_folder, find, join_notes, require_number, store
from lstm_text.datasets.reviews import Reviews
from lstm_text.datasets.source import Source

_IMDB_COUNTS = {"neg": 12_500, "pos": 12_500, "unsup": 50_000}


@dataclass(frozen=True)
class Imdb:
    """IMDb の映画レビュー（Maas et al., 2011）。:func:`load_imdb` の戻り値。

    Attributes
    ----------
    train, test : Reviews
        訓練用とテスト用。
    source : Source
        出どころ。

    Examples
    --------
    >>> train, test = Reviews(("Great!", "Dull."), (1, 0)), Reviews(("Fine.",), (1,))
    >>> imdb = Imdb(train, test, Source("builtin", "レビュー", "作りもの", "例のため"))
    >>> len(imdb.train), imdb.test.texts[0]
    (2, 'Fine.')
    """

    train: Reviews
    test: Reviews
    source: Source


@dataclass(frozen=True)
class Unlabelled:
    """評価のないレビュー。:func:`load_imdb_unlabelled` の戻り値。

    Attributes
    ----------
    texts : tuple of str
        本文。
    source : Source
        出どころ。

    Examples
    --------
    >>> source = Source("builtin", "レビュー", "作りもの", "例のため")
    >>> Unlabelled(("Great!", "Dull."), source).texts
    ('Great!', 'Dull.')
    """

    texts: tuple[str, ...]
    source: Source


_IMDB = Remote(
    "imdb/aclImdb_v1.tar.gz",
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)


def load_imdb() -> Imdb:
    """IMDb の映画レビュー。訓練 25,000 件、テスト 25,000 件、肯定と否定が半分ずつ。

    レビューは否定、肯定の順、それぞれ番号の順に並びます。検証用の分割はないので、
    ``split_validation`` で訓練から分けます。なお、123 通りの本文が訓練とテストの両方にあります。

    Returns
    -------
    Imdb
        ``train`` と ``test``。手に入らなければ、組み込みのレビュー 4,000 件と 2,000 件。

    Raises
    ------
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        ``LSTM_TEXT_DATA`` のフォルダのアーカイブが壊れているとき。

    References
    ----------
    Maas et al. (2011), "Learning Word Vectors for Sentiment Analysis", ACL.

    Examples
    --------
    >>> imdb = load_imdb()
    >>> print(imdb.source)  # doctest: +SKIP
    データ：IMDb の映画レビュー（環境変数 LSTM_TEXT_DATA のフォルダ）。
    >>> len(imdb.train) >= 4_000
    True
    """
    name = "IMDb の映画レビュー"
    contents, source = find(name, [_IMDB])
    if contents is None:
        generator = torch.Generator().manual_seed(SEED)
        train, test = builtin.reviews(4_000, generator), builtin.reviews(2_000, generator)
        what = "文法から作った架空の映画レビュー（訓練 4,000 件、テスト 2,000 件）"
        return Imdb(train, test, replace(source, where=what))
    texts, note = _reviews_in(
        contents[0], ("train/neg", "train/pos", "test/neg", "test/pos"), "labelled"
    )
    train, test = (
        Reviews(
            (*texts[f"{split}/neg"], *texts[f"{split}/pos"]),
            (0,) * len(texts[f"{split}/neg"]) + (1,) * len(texts[f"{split}/pos"]),
        )
        for split in ("train", "test")
    )
    return Imdb(train, test, replace(source, note=join_notes(source.note, note)))


def load_imdb_unlabelled() -> Unlabelled:
    """IMDb の、評価のないレビュー 50,000 件。

    Returns
    -------
    Unlabelled
        手に入らなければ、組み込みのレビュー 4,000 件。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。

    Examples
    --------
    >>> len(load_imdb_unlabelled().texts) >= 4_000
    True
    """
    contents, source = find("IMDb の評価のないレビュー", [_IMDB])
    if contents is None:
        generator = torch.Generator().manual_seed(SEED + 1)
        what = "文法から作った架空の映画レビュー（4,000 件）"
        return Unlabelled(builtin.reviews(4_000, generator).texts, replace(source, where=what))
    texts, note = _reviews_in(contents[0], ("train/unsup",), "unlabelled")
    return Unlabelled(
        tuple(texts["train/unsup"]), replace(source, note=join_notes(source.note, note))
    )


def load_imdb_ratings() -> dict[str, tuple[int, ...]]:
    """IMDb のレビューに付いた評点（10 点満点）。4 点までが否定、7 点からが肯定。

    5 点と 6 点のレビューは、初めから入っていない。

    Returns
    -------
    dict of str to tuple of int
        ``"train"`` と ``"test"``。並びは :func:`load_imdb` の ``train`` と ``test`` と同じ。
        本物の IMDb が手に入らなければ空（組み込みのレビューに評点はない）。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。

    Examples
    --------
    >>> load_imdb_ratings()["test"][:3]  # doctest: +SKIP
    (2, 3, 4)
    """
    contents, _ = find("IMDb の評点", [_IMDB])
    if contents is None:
        return {}
    member_name = re.compile(r"aclImdb/(train|test)/(neg|pos)/(\d+)_(\d+)\.txt")
    try:
        with tarfile.open(fileobj=io.BytesIO(contents[0]), mode="r|gz") as tar:
            names = [member_name.fullmatch(member.name) for member in tar if member.isfile()]
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(
            f"{_IMDB.path} を読めません。壊れているか、途中までのファイルです（{error}）。"
        ) from error
    rated = sorted((m[1], m[2], int(m[3]), int(m[4])) for m in names if m)
    ratings = {}
    for split in ("train", "test"):
        for label in ("neg", "pos"):
            found = [rating for *folder, _, rating in rated if folder == [split, label]]
            where = f"{_IMDB.path} の {split}/{label}"
            require_number(where, len(found), _IMDB_COUNTS[label], "件")
            ratings[split] = (*ratings.get(split, ()), *found)
    return ratings


def load_imdb_films() -> tuple[str, ...]:
    """IMDb の訓練用のレビューが、どの映画の感想か。

    Returns
    -------
    tuple of str
        映画の番号（``"tt"`` で始まる）。並びは :func:`load_imdb` の ``train`` と同じ。
        本物の IMDb が手に入らなければ空（組み込みのレビューは、どの映画の感想でもない）。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。映画の番号の数が合わないときも。

    Examples
    --------
    >>> load_imdb_films()[0]  # doctest: +SKIP
    'tt0064354'
    """
    if load_imdb().source.is_builtin:  # 壊れたアーカイブも、ここで断られる
        return ()
    contents, _ = find("IMDb の映画の番号", [_IMDB])
    pages = {f"aclImdb/train/urls_{label}.txt": "" for label in ("neg", "pos")}
    with tarfile.open(fileobj=io.BytesIO(contents[0]), mode="r|gz") as tar:
        for member in tar:
            if member.name in pages and member.isfile():  # 1 行に 1 件、レビューの番号の順
                pages[member.name] = tar.extractfile(member).read().decode(errors="replace")
    films = [re.findall(r"/title/(tt\d+)/", page) for page in pages.values()]
    for name, label, found in zip(pages, ("neg", "pos"), films, strict=True):
        require_number(f"{_IMDB.path} の {name}", len(found), _IMDB_COUNTS[label], "件")
    return (*films[0], *films[1])


def _reviews_in(
    archive: bytes, folders: Sequence[str], kind: str
) -> tuple[dict[str, list[str]], str]:
    """アーカイブの中のレビューを、フォルダごとに番号の順で。二度目からは読み終えたものを使う。"""
    digest = hashlib.sha256(archive).hexdigest()
    parsed = cache_folder() / f"imdb/{kind}-{digest[:16]}.json"
    try:
        texts = json.loads(parsed.read_bytes())
        if [len(texts[folder]) for folder in folders] == [_count(folder) for folder in folders]:
            return texts, ""
    except (OSError, ValueError, KeyError, TypeError):
        pass  # まだないか、壊れている: 読み直して置き換える
    texts = _read_archive(archive, folders)
    return texts, store(parsed, json.dumps(texts, ensure_ascii=False).encode())


def _count(folder: str) -> int:
    return _IMDB_COUNTS[folder.partition("/")[2]]


def _read_archive(archive: bytes, folders: Sequence[str]) -> dict[str, list[str]]:
    # 中の名前をファイルシステムに対して使わない: 形の合うものだけを、メモリの上で読む
    member_name = re.compile(r"aclImdb/(train/(?:neg|pos|unsup)|test/(?:neg|pos))/(\d+)_\d+\.txt")
    found: dict[str, dict[int, str]] = {folder: {} for folder in folders}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r|gz") as tar:
            for member in tar:
                match = member_name.fullmatch(member.name)
                if match and member.isfile() and match[1] in found:
                    file = tar.extractfile(member)
                    found[match[1]][int(match[2])] = file.read().decode()
    except (tarfile.TarError, EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{_IMDB.path} を読めません。壊れているか、途中までのファイルです（{error}）。"
        ) from error
    for folder, texts in found.items():
        require_number(f"{_IMDB.path} の {folder}", len(texts), _count(folder), "件")
    return {folder: [texts[i] for i in sorted(texts)] for folder, texts in found.items()}
