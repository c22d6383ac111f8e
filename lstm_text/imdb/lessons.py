"""訓練用のレビューに混ぜる、否定を教える短い文。"""

from dataclasses import dataclass, field, replace

import torch

from lstm_text.datasets import Reviews, filled_negation_lessons, negation_lessons
from lstm_text.device import generator
from lstm_text.imdb.corpus import EncodedTexts
from lstm_text.imdb.data import ImdbData
from lstm_text.imdb.labelled import Labelled, joined
from lstm_text.imdb.lexicon import neutral_filler, opinion_words
from lstm_text.imdb.recipe import Settings
from lstm_text.text import tokenize

LESSONS = 40_000
"""混ぜる文の数の、命令での既定値。"""

ENOUGH = 20
"""肯定の語と否定の語が、それぞれこれだけ集まらないレビューには、混ぜない。"""


@dataclass(frozen=True)
class Mixture:
    """訓練用のレビューに何を混ぜるか。

    Examples
    --------
    >>> Mixture(lessons=100)
    Mixture(lessons=100)
    """

    lessons: int = field(
        default=LESSONS,
        metadata={"help": "混ぜる、否定を教える短い文の数（訓練用のレビューの数の 2 倍まで）"},
    )


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

    評価の語も、否定の語とのあいだを埋める言葉も、訓練用のレビューから集める
    （:func:`~lstm_text.imdb.opinion_words`、:func:`~lstm_text.imdb.neutral_filler`）。小さなコーパスのように、
    肯定と否定の語が 20 個ずつ集まらなければ、混ぜない。

    Parameters
    ----------
    data : ImdbData
    n : int
        混ぜる文の数。訓練用のレビューの数の 2 倍までにする。半分は近い否定を
        （:func:`~lstm_text.datasets.negation_lessons`）、半分は遠い否定も教える
        （:func:`~lstm_text.datasets.filled_negation_lessons`）。どのエポックにも、同じ文が 1 度ずつ
        現れる。
    seed : int

    Returns
    -------
    ImdbData
        ``train`` と ``everything`` が増えたもの。混ぜなければ ``data`` そのもの。

    Examples
    --------
    組み込みの小さなレビューからは、評価の語が集まりません。

    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> with_lessons(data, 100, seed=0) is data
    True
    """
    if n == 0:
        return data
    read = training_tokens(data)
    words = opinion_words(*read)
    if min(len(words.positive), len(words.negative)) < ENOUGH:
        return data
    n = min(n, 2 * len(data.train))
    parts = [negation_lessons(n - n // 2, generator(seed), words)]
    if n > 1:
        parts.append(filled_negation_lessons(n // 2, generator(seed), words, neutral_filler(*read)))
    return mix_in(data, *parts)


def mix_in(data: ImdbData, *parts: Reviews) -> ImdbData:
    """短い文を、訓練用のレビューの後に足す。

    Parameters
    ----------
    data : ImdbData
    *parts : Reviews
        足す文。

    Returns
    -------
    ImdbData
        ``train`` と ``everything`` が増えたもの。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> mixed = mix_in(data, Reviews(("Not bad.",), (1,)))
    >>> len(mixed.train) - len(data.train)
    1
    """
    ids = [
        torch.tensor(data.vocabulary.encode(tokenize(text)))
        for part in parts
        for text in part.texts
    ]
    starts = torch.tensor([0, *map(len, ids)]).cumsum(0)
    texts = EncodedTexts(torch.cat(ids).int(), starts)

    def mixed(reviews: Labelled) -> Labelled:
        labels = [*reviews.labels, *(label for part in parts for label in part.labels)]
        return Labelled(joined([reviews.texts, texts]), labels, reviews.max_length)

    return replace(data, train=mixed(data.train), everything=mixed(data.everything))


def training_tokens(data: ImdbData) -> tuple[list[list[str]], list[int]]:
    """訓練用のレビューのトークンと、ラベル。

    Parameters
    ----------
    data : ImdbData

    Returns
    -------
    token_lists : list of list of str
    labels : list of int
        1 が肯定、0 が否定。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> token_lists, labels = training_tokens(data)
    >>> len(token_lists) == len(labels) == len(data.train)
    True
    """
    tokens, texts = data.vocabulary.tokens, data.train.texts
    return (
        [[tokens[i] for i in texts[member].tolist()] for member in data.train.members],
        [int(label) for label in data.train.labels],
    )
