"""否定の語と評価の語のあいだを、レビューの言葉で埋めた文。

:func:`~lstm_text.datasets.far_negation_lessons` の文は、あいだに入る言葉が文法に書いてあるものに
限られます。ここでは、実際のレビューから集めた、評価に関わらない句と語で埋めます。意味の通らない
文も混じりますが、打ち消しが届くかどうかは、あいだの言葉では変わりません
（``filled_lessons.txt``）。試験の文と、評価の語も文型も共有しないのは、同じです。
"""

from dataclasses import dataclass
from random import Random

import torch

from lstm_text.datasets.behaviour import OpinionWords, _typeset
from lstm_text.datasets.grammar import shipped, signed_grammar
from lstm_text.datasets.reviews import Reviews

_SYMBOLS = ("affirmed-", "affirmed+", "negated-", "negated+")


@dataclass(frozen=True)
class Filler:
    """評価に関わらない句と語。

    Attributes
    ----------
    phrases : tuple of str
        コンマに挟まれる句。
    words : tuple of str
        1 語ずつ。

    Examples
    --------
    >>> Filler(("by the way",), ("street",)).phrases
    ('by the way',)
    """

    phrases: tuple[str, ...]
    words: tuple[str, ...]


def filled_negation_lessons(
    n: int,
    generator: torch.Generator,
    words: OpinionWords | None = None,
    filler: Filler | None = None,
) -> Reviews:
    """否定の語と評価の語のあいだを、さまざまな言葉で埋めた短い文。

    評価の語の指すラベルと逆になる文と、同じになる文が半々で、どちらの中でも肯定と否定が半々です
    （``n`` が 4 の倍数なら、ちょうど）。

    Parameters
    ----------
    n : int
        文章の数。
    generator : torch.Generator
    words : OpinionWords, optional
        評価を決める語。省くと、文法に書いてある 150 語ほど。
    filler : Filler, optional
        あいだを埋める言葉。省くか、句と語のどちらかが空なら、空のほうは文法に書いてあるもの。

    Returns
    -------
    Reviews

    Raises
    ------
    ValueError
        ``n`` が 1 より小さいとき、肯定か否定の語がないとき。

    Examples
    --------
    >>> lessons = filled_negation_lessons(8, torch.Generator().manual_seed(0))
    >>> len(lessons), sum(lessons.labels)
    (8, 4)
    """
    if n < 1:
        raise ValueError(f"n には 1 以上の整数が必要ですが、{n} でした。")
    if words is not None and not (words.positive and words.negative):
        raise ValueError(
            "肯定と否定の語がそれぞれ 1 つ以上必要ですが、"
            f"{len(words.positive)} 語と {len(words.negative)} 語でした。"
        )
    filled = shipped("far_lessons.txt") + shipped("filled_lessons.txt")
    rules = [filled.translate(str.maketrans("+-", "-+")), filled]
    if words is not None:
        rules += [f"adj+: {' | '.join(words.positive)}", f"adj-: {' | '.join(words.negative)}"]
    if filler is not None:
        named = {"phrase": filler.phrases, "word": filler.words}
        rules += [f"{name}: {' | '.join(given)}" for name, given in named.items() if given]
    grammar = signed_grammar("lessons", "\n".join(rules))
    random = Random(int(torch.randint(2**62, (), generator=generator)))
    chosen = (torch.randperm(n, generator=generator) % 4).tolist()
    texts = tuple(_typeset(grammar.derive(_SYMBOLS[i], random)) for i in chosen)
    return Reviews(texts, tuple(i % 2 for i in chosen))
