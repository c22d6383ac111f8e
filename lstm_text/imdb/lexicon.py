"""評価を決める語と、評価に関わらない言葉を、訓練用のレビューから集める。"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from lstm_text.datasets import Filler, OpinionWords, behaviour_tests, negation_by_distance
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


_TURNING = frozenset(
    [
        *("not", "no", "never", "nobody", "none", "nothing", "neither", "nor", "nowhere"),
        *("without", "cannot", "hardly", "barely", "scarcely", "few", "little", "less", "too"),
        *("doubt", "doubts", "deny", "denied", "dispute", "question", "forget", "lack"),
        *("fail", "fails", "failed", "but", "although", "though", "however", "yet", "despite"),
        *("instead", "except", "unlike", "rather", "until"),
    ]
)
"""意味を裏返したり、節の向きを変えたりする語。"""

_LONGEST = 16
"""集める句の、語の数の上限。"""


def neutral_filler(token_lists: Sequence[Sequence[str]], labels: Sequence[int]) -> Filler:
    """訓練用のレビューから、評価に関わらない句と語を集める。

    40 件以上のレビューに現れ、肯定のレビューと否定のレビューの件数の比が 1.3 倍に満たず、意味を
    裏返さない語を、評価に関わらない語とみなす。句は、そういう語だけの 2 語から 16 語で、コンマに
    挟まれたもの。振る舞いの試験の文にある句は除く。語は、150 件以上に現れ、試験の文にないもの。

    Parameters
    ----------
    token_lists : sequence of sequence of str
        レビューごとのトークン。
    labels : sequence of int
        1 が肯定、0 が否定。

    Returns
    -------
    Filler
        文字の順。

    Raises
    ------
    ValueError
        レビューの数とラベルの数が違うとき。

    Examples
    --------
    >>> reviews = [["odd", ",", "by", "the", "way", ",", "good"]] * 100
    >>> neutral_filler(reviews, [0, 1] * 50).phrases
    ('by the way',)
    """
    if len(token_lists) != len(labels):
        raise ValueError(f"レビューは {len(token_lists)} 件、ラベルは {len(labels)} 件でした。")
    seen = (Counter(), Counter())
    for tokens, label in zip(token_lists, labels, strict=True):
        seen[label].update(set(tokens))
    many = {
        word: seen[0][word] + seen[1][word]
        for word in seen[0].keys() | seen[1].keys()
        if seen[0][word] + seen[1][word] >= 40
        and abs(math.log((seen[1][word] + 1) / (seen[0][word] + 1))) < math.log(1.3)
        and word not in _TURNING
        and "n't" not in word
        and word.replace("'", "").isalpha()
    }
    tests = [*behaviour_tests().values(), *negation_by_distance().values()]
    asked = [tokenize(text) for each in tests for text in each.texts]
    told = {tuple(span) for tokens in asked for span in _between_commas(tokens)}
    phrases = {
        tuple(span)
        for tokens in token_lists
        for span in _between_commas(tokens)
        if 2 <= len(span) <= _LONGEST and all(word in many for word in span)
    }
    words = {word for word, count in many.items() if count >= 150 and word.isalpha()}
    return Filler(
        tuple(sorted(" ".join(phrase).replace(" '", "'") for phrase in phrases - told)),
        tuple(sorted(words - {word for tokens in asked for word in tokens})),
    )


def _between_commas(tokens: Sequence[str]) -> list[Sequence[str]]:
    """両側がコンマで、中に句読点のない区間。"""
    marks = [i for i, token in enumerate(tokens) if not token.replace("'", "").isalnum()]
    return [
        tokens[i + 1 : j] for i, j in pairwise(marks) if tokens[i] == tokens[j] == "," and j > i + 1
    ]
