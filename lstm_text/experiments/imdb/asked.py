"""はしごの段に尋ねること：振る舞いの試験と、本に出てくる短い文。"""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor, nn

from lstm_text.datasets import behaviour_tests, negation_by_distance
from lstm_text.experiments.imdb.minute import encoded
from lstm_text.imdb import probabilities
from lstm_text.text import Vocabulary, tokenize

SENTENCES = (
    "Not bad at all.",
    "It was not bad at all.",
    "This film is good.",
    "This film is not good.",
    "This film is bad.",
    "This film is not bad.",
    "I don't think this film is good.",
    "It could not have been better.",
)
"""本文が、はしごの段に尋ねる短い文。"""


def behaviour(answer: Callable[[Sequence[Sequence[str]]], np.ndarray]) -> dict:
    """振る舞いの試験の成績。

    Parameters
    ----------
    answer : callable
        トークンのリストのリストから、肯定なら真の配列を返す関数。

    Returns
    -------
    dict
        ``behaviour`` は種類ごと、``distance`` は否定の語との間の語数ごとの精度。

    Examples
    --------
    いつも肯定と答えれば、どの種類も半分だけ当たります。

    >>> always = behaviour(lambda token_lists: np.ones(len(token_lists), dtype=bool))
    >>> set(always["behaviour"].values()), set(always["distance"].values())
    ({0.5}, {0.5})
    """

    def scores(tests: dict) -> dict[str, float]:
        return {
            str(kind): float(
                (
                    answer([tokenize(text) for text in reviews.texts])
                    == (np.array(reviews.labels) == 1)
                ).mean()
            )
            for kind, reviews in tests.items()
        }

    return {
        "behaviour": scores(behaviour_tests()),
        "distance": scores(negation_by_distance()),
    }


def ask(model: nn.Module, vocabulary: Vocabulary, read_length: int) -> dict:
    """振る舞いの試験の成績と、短い文への答え。

    Parameters
    ----------
    model : nn.Module
    vocabulary : Vocabulary
    read_length : int
        読むトークンの数の上限。

    Returns
    -------
    dict
        :func:`behaviour` の 2 つと、``sentences``（文ごとの、肯定の確率）。

    Examples
    --------
    >>> from lstm_text.models import MaxPooling, SentimentClassifier
    >>> model = SentimentClassifier(3, 2, nn.LSTM(2, 2, batch_first=True), MaxPooling())
    >>> said = ask(model, Vocabulary(["good"]), read_length=9)
    >>> said["sentences"].keys() == set(SENTENCES)
    True
    """

    def asked(token_lists: Sequence[Sequence[str]]) -> Tensor:
        return probabilities(model, encoded(token_lists, vocabulary, read_length))

    told = asked([tokenize(text) for text in SENTENCES])
    return behaviour(lambda token_lists: (asked(token_lists) > 0.5).numpy()) | {
        "sentences": dict(zip(SENTENCES, told.tolist(), strict=True))
    }
