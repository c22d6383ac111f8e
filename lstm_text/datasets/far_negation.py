"""遠い否定と二重の打ち消しも教える文。

:func:`~lstm_text.datasets.negation_lessons` の文では、否定の語から評価の語までは 5 語までで、
打ち消すのは 1 度だけです。ここでは、節を越えて届く打ち消し、長い句の挟まる打ち消し、2 度の
打ち消しの文を加えます（``far_lessons.txt``）。試験の文と、評価の語も文型も共有しないのは、同じです。
"""

from random import Random

import torch

from lstm_text.datasets.behaviour import OpinionWords, _typeset
from lstm_text.datasets.grammar import shipped, signed_grammar
from lstm_text.datasets.reviews import Reviews

_SYMBOLS = ("affirmed-", "affirmed+", "negated-", "negated+")


def far_negation_lessons(
    n: int, generator: torch.Generator, words: OpinionWords | None = None
) -> Reviews:
    """近い否定も、遠い否定も、二重の打ち消しも教える短い文。

    評価の語の指すラベルと逆になる文と、同じになる文が半々で、どちらの中でも肯定と否定が半々です
    （``n`` が 4 の倍数なら、ちょうど）。同じになる文には、評価に関わらない否定の語がある文と、
    2 度打ち消す文が混じります。

    Parameters
    ----------
    n : int
        文章の数。
    generator : torch.Generator
    words : OpinionWords, optional
        評価を決める語。省くと、文法に書いてある 150 語ほど。

    Returns
    -------
    Reviews

    Raises
    ------
    ValueError
        ``n`` が 1 より小さいとき、肯定か否定の語がないとき。

    Examples
    --------
    >>> lessons = far_negation_lessons(8, torch.Generator().manual_seed(0))
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
    far = shipped("far_lessons.txt")
    rules = [far.translate(str.maketrans("+-", "-+")), far]
    if words is not None:
        rules += [f"adj+: {' | '.join(words.positive)}", f"adj-: {' | '.join(words.negative)}"]
    grammar = signed_grammar("lessons", "\n".join(rules))
    random = Random(int(torch.randint(2**62, (), generator=generator)))
    chosen = (torch.randperm(n, generator=generator) % 4).tolist()
    texts = tuple(_typeset(grammar.derive(_SYMBOLS[i], random)) for i in chosen)
    return Reviews(texts, tuple(i % 2 for i in chosen))
