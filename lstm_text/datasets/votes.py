"""IMDb の疑わしいラベルへの、5 人ずつの票。"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstm_text.datasets.find import Remote, because, find, require_number
from lstm_text.datasets.imdb import load_imdb_ratings
from lstm_text.datasets.source import Source

_VOTES = Remote(
    "imdb/imdb_mturk.json",
    "https://raw.githubusercontent.com/cleanlab/label-errors/main/mturk/imdb_mturk.json",
    "80c15f04208276a4433b8f3d76405203487e38e95397709f762133fa10e82486",
)
_THEN = f"公式のもの（{_VOTES.url}）を置いてください。"
_COUNT = 1_310
_PEOPLE = 5
_MAJORITY = 3


@dataclass(frozen=True)
class Vote:
    """テスト用のレビュー 1 件への、5 人の票。

    Attributes
    ----------
    review : int
        ``load_imdb().test`` での番号。
    label : int
        付いているラベル。1 が肯定、0 が否定。
    given, other, neutral, off_topic : int
        付いているラベルに賛成、反対のラベル、どちらでもない、感想ではない、の票の数。和は 5。

    Examples
    --------
    >>> Vote(7, 0, given=1, other=3, neutral=1, off_topic=0).flipped
    True
    >>> split = Vote(8, 1, given=2, other=1, neutral=2, off_topic=0)
    >>> split.flipped, split.disputed
    (False, True)
    """

    review: int
    label: int
    given: int
    other: int
    neutral: int
    off_topic: int

    @property
    def flipped(self) -> bool:
        """ラベルが逆だと、過半数が答えたか。"""
        return self.other >= _MAJORITY

    @property
    def disputed(self) -> bool:
        """付いているラベルに、過半数が賛成しなかったか。逆だという答えがそろったものも含む。"""
        return self.given < _MAJORITY


@dataclass(frozen=True)
class Votes:
    """疑わしいラベルへの票。:func:`load_imdb_votes` の戻り値。

    Attributes
    ----------
    votes : tuple of Vote
        レビューの番号の順。手に入らなければ空。
    source : Source
        出どころ。

    Examples
    --------
    >>> source = Source("builtin", "票", "空の一覧", "例のため")
    >>> len(Votes((Vote(7, 0, 1, 3, 1, 0),), source)), len(Votes((), source))
    (1, 0)
    """

    votes: tuple[Vote, ...]
    source: Source

    def __len__(self) -> int:
        return len(self.votes)


def load_imdb_votes() -> Votes:
    """IMDb のテスト用のレビューのうち、ラベルが疑わしい 1,310 件への、5 人ずつの票。

    疑わしい 1,310 件は、モデルの予測から機械が選んだもので、残りの 23,690 件は人に
    確かめられていません。

    Returns
    -------
    Votes
        本物の IMDb か、票のファイルが手に入らなければ空。

    Raises
    ------
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        ``LSTM_TEXT_DATA`` のフォルダのファイルが壊れているとき、IMDb の中身と合わないとき。

    References
    ----------
    Northcutt, Athalye & Mueller (2021), "Pervasive Label Errors in Test Sets Destabilize Machine
    Learning Benchmarks", NeurIPS Datasets and Benchmarks.

    Examples
    --------
    >>> load_imdb_votes().votes[0]  # doctest: +SKIP
    Vote(review=5, label=0, given=3, other=0, neutral=2, off_topic=0)
    """
    name, nothing = "IMDb の疑わしいラベルへの票", "空の一覧"
    ratings = load_imdb_ratings()
    if not ratings:
        return Votes(
            (), Source("builtin", name, nothing, "評点の付いた本物の IMDb が手に入らなかったため")
        )
    contents, source = find(name, [_VOTES])
    if contents is None:
        return Votes((), replace(source, where=nothing))
    try:
        votes = [_parse(item, ratings["test"]) for item in json.loads(contents[0])]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{_VOTES.path} を票として読めません（{error!r}）。{_THEN}") from error
    require_number(_VOTES.path, len(votes), _COUNT, "件", _THEN)
    if (distinct := len({vote.review for vote in votes})) != _COUNT:
        raise ValueError(
            f"{_VOTES.path} には {_COUNT:,} 件のレビューへの票が必要ですが、重なりを除くと "
            f"{distinct:,} 件でした。{_THEN}"
        )
    if not _VOTES.accepts(contents[0]):
        source = because(source, "中身が公式のものと違う、別の版")
    return Votes(tuple(sorted(votes, key=lambda vote: vote.review)), source)


def _parse(item: dict, ratings: Sequence[int]) -> Vote:
    """1 件分の票。``"test/neg/10003_3"`` は、否定の 10,003 番で、評点が 3。"""
    found = re.fullmatch(r"test/(neg|pos)/(\d+)_(\d+)", item["id"])
    if not found:
        raise ValueError(f"test/neg/番号_評点 の形が必要ですが、{item['id']!r} でした")
    label, number = int(found[1] == "pos"), int(found[2])
    half = len(ratings) // 2  # 否定と肯定は同じ数で、どちらも 0 番から抜けなく並ぶ
    review = label * half + number
    if number >= half or ratings[review] != int(found[3]):
        raise ValueError(f"{item['id']} は、IMDb のテスト用のレビューにありません")
    counts = item["mturk"]
    vote = Vote(
        review, label, counts["given"], counts["guessed"], counts["neutral"], counts["off-topic"]
    )
    cast = (vote.given, vote.other, vote.neutral, vote.off_topic)
    if not all(type(each) is int and 0 <= each <= _PEOPLE for each in cast):
        raise ValueError(f"{item['id']} の票は 0 から {_PEOPLE} の整数のはずですが、{cast} でした")
    if sum(cast) != _PEOPLE:
        raise ValueError(f"{item['id']} には {_PEOPLE} 人の票が必要ですが、{sum(cast)} 人でした")
    return vote


def corrected_labels(labels: Sequence[int], votes: Sequence[Vote]) -> tuple[np.ndarray, np.ndarray]:
    """5 人のうち過半数が逆だと答えたラベルを、ひっくり返す。

    Parameters
    ----------
    labels : sequence of int, (n,)
        ``load_imdb().test.labels``。
    votes : sequence of Vote
        ``load_imdb_votes().votes``。空なら、ラベルはもとのまま。

    Returns
    -------
    corrected : ndarray of int64, (n,)
        直したラベル。
    disputed : ndarray of bool, (n,)
        付いていたラベルに、過半数が賛成しなかったレビュー（ひっくり返したものも含む）。

    Raises
    ------
    ValueError
        票が、このラベルの並びについてのものでないとき。

    Examples
    --------
    >>> clear, split = Vote(0, 0, 1, 4, 0, 0), Vote(2, 1, 2, 2, 1, 0)
    >>> corrected_labels([0, 0, 1], [clear, split])
    (array([1, 0, 1]), array([ True, False,  True]))
    """
    corrected, disputed = np.array(labels, dtype=np.int64), np.zeros(len(labels), dtype=bool)
    for vote in votes:
        if vote.review >= len(labels) or labels[vote.review] != vote.label:
            raise ValueError(
                f"IMDb のテスト用のラベルが必要ですが、{vote.review:,} 番のラベルが票と合いません。"
            )
        corrected[vote.review] ^= vote.flipped
        disputed[vote.review] = vote.disputed
    return corrected, disputed
