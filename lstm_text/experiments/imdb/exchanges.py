"""名前や年を取り替えても、答えは変わらないか：正解を知らなくてもできる試験

答えに関わらないはずの所だけを取り替え、答えが変わった文を数えます（不変性の試験）。
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from lstm_text.datasets import behaviour_tests
from lstm_text.text import tokenize

NAMES = (
    "John Smith", "Mary Jones", "David Brown", "Lisa Taylor", "Michael Lee",
    "Anna Green", "Paul White", "Kate Wilson", "James King", "Jane Moore",
)  # fmt: skip
"""入れる名前。どれも、訓練用のレビューの語彙にある、ありふれた語。"""

YEARS = ("1922", "1937", "1945", "1959", "1963", "1972", "1984", "1990", "1999", "2005")
"""入れる年。"""

PLACES = {
    "名前": (
        re.compile(r"\b(?:Marta|Edwin|Ilse|Tobias|Selma|Carla|Hugo|Nadia|Peter|Anton) \w+"),
        NAMES,
    ),
    "年": (re.compile(r"\b(?:19|20)\d\d\b"), YEARS),
}
"""取り替える所の形と、入れるもの。"""


def exchanged(kind: str) -> list[list[str]]:
    """「名前と数」の試験の文を、1 か所ずつ取り替えたもの。

    Parameters
    ----------
    kind : str
        ``PLACES`` の名前。

    Returns
    -------
    list of list of str
        もとの文ごとに、取り替えた 10 の文。取り替える所のない文は、入らない。

    Examples
    --------
    >>> exchanged("年")[0][1]
    'The 1937 movie with Selma Quistad and Nadia Ostrell is impressive.'
    >>> {kind: len(exchanged(kind)) for kind in PLACES}
    {'名前': 131, '年': 94}
    """
    place, fillings = PLACES[kind]
    texts = behaviour_tests()["名前と数"].texts
    return [
        [place.sub(filling, text, count=1) for filling in fillings]
        for text in texts
        if place.search(text)
    ]


def wavering(answer: Callable[[Sequence[Sequence[str]]], np.ndarray]) -> dict[str, float]:
    """取り替えると答えの変わる文の割合。

    Parameters
    ----------
    answer : callable
        トークンのリストのリストから、肯定なら真の配列を返す関数。

    Returns
    -------
    dict of str to float
        取り替えたものごとの、10 通りの答えがそろわなかった文の割合。

    References
    ----------
    M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh, "Beyond Accuracy: Behavioral Testing of NLP Models
    with CheckList", ACL 2020, pp. 4902-4912. 2.1 節。

    Examples
    --------
    いつも同じ答えなら 0、入った名前だけで答えれば 1 です。

    >>> wavering(lambda token_lists: np.ones(len(token_lists), dtype=bool))
    {'名前': 0.0, '年': 0.0}
    >>> wavering(lambda token_lists: np.array(["john" in tokens for tokens in token_lists]))
    {'名前': 1.0, '年': 0.0}
    """
    shares = {}
    for kind in PLACES:
        groups = exchanged(kind)
        said = answer([tokenize(text) for group in groups for text in group])
        said = np.asarray(said).reshape(len(groups), -1)
        shares[kind] = float((said != said[:, :1]).any(axis=1).mean())
    return shares
