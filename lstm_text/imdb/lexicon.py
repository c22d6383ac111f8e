"""評価を決める語を、訓練用のレビューから集める。"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from lstm_text.datasets import OpinionWords, behaviour_tests, negation_by_distance
from lstm_text.text import tokenize

_DEGREES = frozenset(["very", "so", "really", "quite"])
"""すぐ後に、評価の語が来やすい語。"""


def opinion_words(token_lists: Sequence[Sequence[str]], labels: Sequence[int]) -> OpinionWords:
    """訓練用のレビューから、評価を決める語を集める。

    very、so、really、quite のすぐ後に 3 回以上、全体で 40 件以上のレビューに現れる語のうち、肯定の
    レビューと否定のレビューに現れる件数の比が 1.4 倍を超えるもの。振る舞いの試験に出る語は除く。

    Parameters
    ----------
    token_lists : sequence of sequence of str
        レビューごとのトークン。
    labels : sequence of int
        1 が肯定、0 が否定。

    Returns
    -------
    OpinionWords
        偏りの大きい順。

    Raises
    ------
    ValueError
        レビューの数とラベルの数が違うとき。

    Examples
    --------
    >>> reviews = [["so", "odd"]] * 40 + [["very", "crisp"]] * 40
    >>> opinion_words(reviews, [0] * 40 + [1] * 40)
    OpinionWords(positive=('crisp',), negative=('odd',))
    """
    if len(token_lists) != len(labels):
        raise ValueError(f"レビューは {len(token_lists)} 件、ラベルは {len(labels)} 件でした。")
    seen, described = (Counter(), Counter()), Counter()
    for tokens, label in zip(token_lists, labels, strict=True):
        seen[label].update(set(tokens))
        described.update(word for how, word in pairwise(tokens) if how in _DEGREES)
    tests = [*behaviour_tests().values(), *negation_by_distance().values()]
    asked = {word for each in tests for word in tokenize(" ".join(each.texts))}
    lean = {
        word: math.log((seen[1][word] + 1) / (seen[0][word] + 1))
        for word, count in described.items()
        if count >= 3
        and word.isalpha()
        and word not in asked
        and seen[0][word] + seen[1][word] >= 40
    }
    ordered = sorted(lean, key=lambda word: (-lean[word], word))
    return OpinionWords(
        tuple(word for word in ordered if lean[word] > math.log(1.4)),
        tuple(word for word in reversed(ordered) if lean[word] < -math.log(1.4)),
    )
