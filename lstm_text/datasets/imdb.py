"""IMDb の映画レビュー。"""

from dataclasses import dataclass, replace

import torch

from lstm_text.datasets import builtin
from lstm_text.datasets.builtin import SEED
from lstm_text.datasets.containers import Container
from lstm_text.datasets.find import Lacking, because
from lstm_text.datasets.imdb_files import (
    COUNTS,
    films_in,
    locate,
    ratings_in,
    reviews_in,
    table_in,
)
from lstm_text.datasets.review_table import read_table
from lstm_text.datasets.reviews import Reviews
from lstm_text.datasets.source import Source

_LABELLED = ("train/neg", "train/pos", "test/neg", "test/pos")


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
        ``LSTM_TEXT_DATA`` のフォルダのアーカイブが壊れているとき、数が合わないとき。

    Notes
    -----
    ``LSTM_TEXT_DATA`` のフォルダには、公式のアーカイブのほか、同じものを入れた tar や zip、
    取り出したフォルダ ``aclImdb``、5 万件を 1 つにした表（CSV か TSV、gzip で圧縮してもよい）を
    置ける。取り出したフォルダ ``aclImdb`` そのものを指してもよい。中身が公式のものと違えば、
    ``source`` に断りがある。

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
    container, source = locate(name)
    if container is None:
        generator = torch.Generator().manual_seed(SEED)
        train, test = builtin.reviews(4_000, generator), builtin.reviews(2_000, generator)
        what = "文法から作った架空の映画レビュー（訓練 4,000 件、テスト 2,000 件）"
        return Imdb(train, test, replace(source, where=what))
    table = table_in(container)
    if table is not None:
        half = COUNTS["neg"] + COUNTS["pos"]
        train, test, note = read_table(table, container.title, half)
        return Imdb(train, test, because(source, note))
    texts, note = reviews_in(container, _LABELLED, "labelled")
    train, test = (
        Reviews(
            (*texts[f"{split}/neg"], *texts[f"{split}/pos"]),
            (0,) * len(texts[f"{split}/neg"]) + (1,) * len(texts[f"{split}/pos"]),
        )
        for split in ("train", "test")
    )
    return Imdb(train, test, because(source, note))


def load_imdb_unlabelled() -> Unlabelled:
    """IMDb の、評価のないレビュー 50,000 件。

    Returns
    -------
    Unlabelled
        手に入らなければ、組み込みのレビュー 4,000 件。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。評価のあるレビューしか入っていないもの（表など）のとき
        （``Lacking``）も。

    Examples
    --------
    >>> len(load_imdb_unlabelled().texts) >= 4_000
    True
    """
    container, source = locate("IMDb の評価のないレビュー")
    if container is None:
        generator = torch.Generator().manual_seed(SEED + 1)
        what = "文法から作った架空の映画レビュー（4,000 件）"
        return Unlabelled(builtin.reviews(4_000, generator).texts, replace(source, where=what))
    _require_archive(container, "評価のないレビュー")
    texts, note = reviews_in(container, ("train/unsup",), "unlabelled")
    return Unlabelled(tuple(texts["train/unsup"]), because(source, note))


def load_imdb_ratings() -> dict[str, tuple[int, ...]]:
    """IMDb のレビューに付いた評点（10 点満点）。4 点までが否定、7 点からが肯定。

    5 点と 6 点のレビューは、初めから入っていない。

    Returns
    -------
    dict of str to tuple of int
        ``"train"`` と ``"test"``。並びは :func:`load_imdb` の ``train`` と ``test`` と同じ。
        本物の IMDb が手に入らなければ空（組み込みのレビューにも、1 つの表（CSV）にした
        ものにも、評点はない）。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。

    Examples
    --------
    >>> load_imdb_ratings()["test"][:3]  # doctest: +SKIP
    (2, 3, 4)
    """
    container, _ = locate("IMDb の評点")
    if container is None or table_in(container) is not None:
        return {}
    return ratings_in(container)


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
        ``load_imdb`` と同じ。映画の番号がないとき、公式のものと違うときも。

    Examples
    --------
    >>> load_imdb_films()[0]  # doctest: +SKIP
    'tt0064354'
    """
    container, _ = locate("IMDb の映画の番号")
    if container is None:
        return ()
    _require_archive(container, "映画の番号")
    return films_in(container)


def _require_archive(container: Container, what: str) -> None:
    if table_in(container) is not None:
        raise Lacking(
            f"{container.title} は 1 つの表（CSV）なので、{what}がありません。"
            "公式の aclImdb_v1.tar.gz を置いてください。"
        )
