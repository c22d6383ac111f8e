"""組み込みの小さなコーパス: 文法から作る映画レビューと品詞つきの文、『吾輩は猫である』の冒頭。

レビューと品詞つきの文は、プログラムが文法に従って作った文章で、人が書いたものではありません。
ネットワークがなくても本書のすべての章を動かすためのもので、実データの代わりにはなりません。
"""

import math
import re
from random import Random

import torch

from lstm_text.datasets.grammar import review_grammar, shipped, tagged_grammar
from lstm_text.datasets.reviews import Reviews
from lstm_text.datasets.sentences import Sentence

_MEDIAN_WORDS, _SPREAD = 40, 0.8  # レビューの長さ（対数正規分布）
_NEUTRAL = 0.3  # 評価を含まない文の割合
_AGREEING = 0.8  # 評価を含む文が、レビュー全体の評価と一致する割合


def _random(generator: torch.Generator) -> Random:
    # 文ごとに何十回も選ぶので、1 回に数マイクロ秒かかる torch の乱数は種を決めることにだけ使う
    return Random(int(torch.randint(2**62, (), generator=generator)))


def _require_count(n: int) -> None:
    if n < 1:
        raise ValueError(f"n には 1 以上の整数が必要ですが、{n} でした。")


def reviews(n: int, generator: torch.Generator) -> Reviews:
    """文法から作った、英語の映画レビュー。IMDb ではない。

    半分が肯定、半分が否定（``n`` が奇数なら肯定が一つ多い）。対比（"although ..., ..."）や否定
    （"not dull"）が多く、語の並びを見なければ評価がわからない文を含みます。長さは 10 語から
    300 語ほどで、短いものが多く、実際のレビューと同じく ``<br />`` や ``&quot;`` が混じります。

    Parameters
    ----------
    n : int
        レビューの数。
    generator : torch.Generator

    Returns
    -------
    Reviews

    Raises
    ------
    ValueError
        ``n`` が 1 より小さいとき。

    Examples
    --------
    >>> corpus = reviews(4, torch.Generator().manual_seed(0))
    >>> len(corpus), sorted(corpus.labels)
    (4, [0, 0, 1, 1])
    """
    _require_count(n)
    random = _random(generator)
    labels = (torch.randperm(n, generator=generator) % 2 == 0).long().tolist()
    return Reviews(tuple(_review(label, random) for label in labels), tuple(labels))


def _review(label: int, random: Random) -> str:
    grammar = review_grammar()
    length = min(max(_MEDIAN_WORDS * math.exp(_SPREAD * random.gauss(0, 1)), 10), 280)
    verdict = grammar.derive("verdict+" if label else "verdict-", random)
    sentences: list[str] = []
    words = verdict.count(" ")
    while words < length:
        kind = random.random()
        if kind < _NEUTRAL:
            symbol = "neutral"
        else:  # 好きな映画にも欠点はある
            agrees = random.random() < _AGREEING
            symbol = "opinion+" if agrees == (label == 1) else "opinion-"
        sentences.append(grammar.derive(symbol, random))
        words += sentences[-1].count(" ")
    text = ""
    for sentence in [*sentences, verdict]:
        text += sentence + ("<br /><br />" if random.random() < 0.1 else " ")
    return _typeset(text)


def _typeset(text: str) -> str:
    """句読点を前の語につけ、a を an に直し、文の頭と I を大文字にする。"""
    text = re.sub(r" ([.,;?!]+)", r"\1", text.strip())
    text = re.sub(r"\ba (?=[aeiou]|hon)", "an ", text)
    return re.sub(r"\bi\b|(?:^|[.!?] |/>)[a-z]", lambda match: match[0].upper(), text)


def english_sentences(n: int, generator: torch.Generator) -> list[Sentence]:
    """文法から作った、互いに異なる品詞（UPOS）つきの英文。UD English-EWT ではない。

    "that"（DET か SCONJ か）、"to"（PART か ADP か）、"light"（ADJ か NOUN か）など、
    次の語を見なければ品詞が決まらない語を含みます。

    Parameters
    ----------
    n : int
        文の数。
    generator : torch.Generator

    Returns
    -------
    list of Sentence

    Raises
    ------
    ValueError
        ``n`` が 1 より小さいとき。

    Examples
    --------
    >>> sentence = english_sentences(1, torch.Generator().manual_seed(0))[0]
    >>> len(sentence.words) == len(sentence.tags), sentence.tags[-1]
    (True, 'PUNCT')
    """
    return _tagged("english", n, generator)


def japanese_sentences(n: int, generator: torch.Generator) -> list[Sentence]:
    """文法から作った、互いに異なる、分かち書きと品詞（UPOS）つきの和文。UD Japanese-GSD ではない。

    「勉強」（「を」が続けば NOUN、「する」が続けば VERB）や「で」（ADP か AUX か）など、
    次の語を見なければ品詞が決まらない語を含みます。

    Parameters
    ----------
    n : int
        文の数。
    generator : torch.Generator

    Returns
    -------
    list of Sentence

    Raises
    ------
    ValueError
        ``n`` が 1 より小さいとき。

    Examples
    --------
    >>> sentence = japanese_sentences(1, torch.Generator().manual_seed(0))[0]
    >>> len(sentence.words) == len(sentence.tags), sentence.words[-1]
    (True, '。')
    """
    return _tagged("japanese", n, generator)


def _tagged(language: str, n: int, generator: torch.Generator) -> list[Sentence]:
    _require_count(n)
    random = _random(generator)
    grammar = tagged_grammar(language)
    sentences: dict[Sentence, None] = {}  # 同じ文は一度だけ
    while len(sentences) < n:
        pairs = [pair.rpartition("/") for pair in grammar.derive("sentence", random).split()]
        words = [word for word, _, _ in pairs]
        words[0] = words[0][0].upper() + words[0][1:]
        sentences[Sentence(tuple(words), tuple(tag for _, _, tag in pairs))] = None
    return list(sentences)


def neko_excerpt() -> str:
    """夏目漱石『吾輩は猫である』の冒頭、約 2 万字（パブリックドメイン）。

    Returns
    -------
    str
        本文。

    Examples
    --------
    >>> neko_excerpt()[:8]
    '\\u3000吾輩は猫である'
    """
    return shipped("neko_excerpt.txt")


SEED = 20260101
