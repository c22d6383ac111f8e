"""訓練用のレビューに混ぜる、否定を教える短い文。"""

from dataclasses import dataclass, field, replace

import torch

from lstm_text.datasets import negation_lessons
from lstm_text.device import generator
from lstm_text.imdb.corpus import EncodedTexts
from lstm_text.imdb.data import ImdbData
from lstm_text.imdb.labelled import Labelled, joined
from lstm_text.imdb.recipe import Settings
from lstm_text.text import tokenize

LESSONS = 0
"""混ぜる文の数の、命令での既定値。"""


@dataclass(frozen=True)
class Mixture:
    """訓練用のレビューに何を混ぜるか。

    Examples
    --------
    >>> Mixture(lessons=100)
    Mixture(lessons=100)
    """

    lessons: int = field(default=LESSONS, metadata={"help": "混ぜる、否定を教える短い文の数"})


@dataclass(frozen=True)
class MixedSettings(Settings):
    """``Settings`` に、訓練用のレビューに混ぜるものを加えたもの。

    :func:`lstm_text.imdb.teach` にそのまま渡せます。混ぜるものも訓練の状態と一緒に残るので、
    違うものを混ぜて続きから始めることはありません。

    Examples
    --------
    >>> from dataclasses import asdict
    >>> asdict(MixedSettings(mixture=Mixture(100)))["mixture"]
    {'lessons': 100}
    """

    mixture: Mixture = field(default_factory=Mixture)


def with_lessons(data: ImdbData, n: int, seed: int) -> ImdbData:
    """否定を教える短い文を、訓練用のレビューに混ぜる。語彙も、ほかの部分も変わらない。

    Parameters
    ----------
    data : ImdbData
    n : int
        混ぜる文の数。どのエポックにも、同じ文が 1 度ずつ現れる。
    seed : int

    Returns
    -------
    ImdbData
        ``train`` と ``everything`` が ``n`` 件ずつ増えたもの。``n`` が 0 なら ``data`` そのもの。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> mixed = with_lessons(data, 100, seed=0)
    >>> len(data.train), len(mixed.train), len(mixed.validation)
    (18, 118, 2)
    """
    if n == 0:
        return data
    lessons = negation_lessons(n, generator(seed))
    ids = [torch.tensor(data.vocabulary.encode(tokenize(text))) for text in lessons.texts]
    starts = torch.tensor([0, *map(len, ids)]).cumsum(0)
    texts = EncodedTexts(torch.cat(ids).int(), starts)

    def mixed(reviews: Labelled) -> Labelled:
        labels = (*reviews.labels, *lessons.labels)
        return Labelled(joined([reviews.texts, texts]), labels, reviews.max_length)

    return replace(data, train=mixed(data.train), everything=mixed(data.everything))
