"""振る舞いの試験: 言い回しごとの短い文で、感情分類の何ができて何ができないかを調べる。

正解率は、実際のレビューに多い言い回しの平均です。「not が評価を逆にするか」のような一つの能力は、
それだけを変えた文を並べて、種類ごとに数えなければ見えません。ここでは、そのような文を文法
（:class:`lstm_text.datasets.Grammar`）から作ります。

試験の文（``behaviours/tests.txt``）と訓練に混ぜる文（``behaviours/lessons.txt``）は、評価を決める語も
文型も共有しません。学んだのが語や文型でなく否定という働きであるかを、試験が測れるようにするためです。
実際のレビューには、もちろん試験の語も、試験と同じ形の文も現れます。

References
----------
M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh, "Beyond Accuracy: Behavioral Testing of NLP Models with
CheckList", ACL 2020, pp. 4902-4912.
"""

import re
from dataclasses import dataclass
from functools import cache
from random import Random

import torch

from lstm_text.datasets.grammar import Grammar, signed_grammar
from lstm_text.datasets.reviews import Reviews

_EACH = 100  # 種類ごとの、一つのラベルの文の数
_KINDS = {
    "肯定文": "plain",
    "近い否定": "near",
    "遠い否定": "far",
    "二重否定": "double",
    "逆接": "contrast",
    "程度": "degree",
    "比較": "compare",
    "名前と数": "names",
    "書き間違い": "typo",
    "短い": "short",
    "長い": "long",
}
_DISTANCES = (0, 1, 2, 4, 8, 16)


def behaviour_tests() -> dict[str, Reviews]:
    """言い回しの種類ごとの、試験の文。

    種類ごとに 200 文（肯定 100、否定 100 が交互に並ぶ）。種類の中に同じ文はなく、いつ呼んでも
    同じです。

    ==========  ================================================================
    種類        文
    ==========  ================================================================
    肯定文      打ち消しのない文
    近い否定    not、n't、never が、あいだに 2 語以下をおいて、形容詞を打ち消す
    遠い否定    否定の語が、あいだに 4 語以上をおいて、形容詞を打ち消す
    二重否定    二度打ち消すので、評価は形容詞のとおり
    逆接        逆の評価の語を含み、文がどちらに落ち着くかで決まる
    程度        評価を強めたり弱めたりするだけで、逆にしない
    比較        more、less、better、as … as。less と nowhere near は評価を逆にする
    名前と数    架空の人名、地名、年、数が入る
    書き間違い  評価の語でない語を、一つ書き間違えている
    短い        1〜3 語
    長い        評価に関わらない 60〜120 語の中に、評価の文が一つ
    ==========  ================================================================

    Returns
    -------
    dict of str to Reviews
        種類の名前 → 文とラベル。

    Examples
    --------
    >>> tests = behaviour_tests()
    >>> list(tests)[:4], len(tests["近い否定"])
    (['肯定文', '近い否定', '遠い否定', '二重否定'], 200)
    >>> tests["近い否定"].select([0, 1])
    Reviews(texts=("This film wasn't predictable.", "This thriller isn't convincing."),
            labels=(1, 0))
    """
    return {kind: _balanced(symbol) for kind, symbol in _KINDS.items()}


def negation_by_distance() -> dict[int, Reviews]:
    """否定の語から形容詞までの距離だけを変えた、試験の文。

    文型は "This film is not … good." の一つだけで、"…" に評価に関わらない句（"I think" など）が
    入ります。距離は、:func:`lstm_text.text.tokenize` で切り分けたとき、``not`` と形容詞のあいだに
    あるトークンの数です。句を囲むコンマも 1 つずつ数えます（"not, I think, good" は 4）。
    ``not`` を除けば、逆のラベルの自然な文になります。

    Returns
    -------
    dict of int to Reviews
        距離（0、1、2、4、8、16）→ 200 文とラベル（肯定 100、否定 100 が交互に並ぶ）。

    Examples
    --------
    >>> tests = negation_by_distance()
    >>> list(tests), len(tests[0])
    ([0, 1, 2, 4, 8, 16], 200)
    """
    return {distance: _balanced(f"distance{distance}") for distance in _DISTANCES}


@cache
def _balanced(symbol: str) -> Reviews:
    grammar = signed_grammar("tests")
    # 種を種類ごとに決めるので、種類を増やしても、ほかの種類の文は変わらない
    random = Random(symbol)
    texts: dict[str, int] = {}  # 同じ文は一度だけ
    while len(texts) < 2 * _EACH:
        label = 1 - len(texts) % 2
        texts.setdefault(_typeset(grammar.derive(symbol + "-+"[label], random)), label)
    return Reviews(tuple(texts), tuple(texts.values()))


@dataclass(frozen=True)
class OpinionWords:
    """評価を決める語。

    Attributes
    ----------
    positive, negative : tuple of str
        肯定の語と、否定の語。

    Examples
    --------
    >>> words = OpinionWords(("lovely",), ("dull",))
    >>> sorted(set(negation_lessons(400, torch.Generator().manual_seed(0), words).labels))
    [0, 1]
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...]


def negation_lessons(
    n: int, generator: torch.Generator, words: OpinionWords | None = None
) -> Reviews:
    """訓練に混ぜる、否定を教える短い文。

    評価の語が打ち消される文と、打ち消されない文が半々で、どちらの中でも肯定と否定が半々です
    （``n`` が 4 の倍数なら、ちょうど）。評価の語だけからも、否定の語があるかどうかだけからも、
    ラベルは決まりません。打ち消されない文には、否定の語があっても評価に関わらない文（"I had not
    seen it before, and it is …"）が混じります。同じ文が繰り返されることもあります。

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
    >>> lessons = negation_lessons(8, torch.Generator().manual_seed(0))
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
    grammar = _lesson_grammar(words)
    random = Random(int(torch.randint(2**62, (), generator=generator)))
    symbols = ("affirmed-", "affirmed+", "negated-", "negated+")
    chosen = (torch.randperm(n, generator=generator) % 4).tolist()
    texts = tuple(_typeset(grammar.derive(symbols[i], random)) for i in chosen)
    return Reviews(texts, tuple(i % 2 for i in chosen))


def _lesson_grammar(words: OpinionWords | None) -> Grammar:
    if words is None:
        return signed_grammar("lessons")
    chosen = "".join(
        f"adj{sign}: {' | '.join(each)}\n"
        for sign, each in (("+", words.positive), ("-", words.negative))
    )
    return signed_grammar("lessons", chosen)


def _typeset(text: str) -> str:
    """a を an に直し、文の頭を大文字にする。"""
    text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    return re.sub(r"(?:^|[.!?] )[a-z]", lambda match: match[0].upper(), text)
