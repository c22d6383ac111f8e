"""文脈自由文法から文を作る。"""

import re
from functools import cache
from importlib.resources import files
from random import Random


class Grammar:
    """文脈自由文法。``<記号>`` を候補の一つに置き換えることを繰り返して、文を作る。

    Parameters
    ----------
    rules : str
        規則 ``記号: 候補 | 候補 | …`` の列。行頭に空白のある行は前の行の続き、``#`` の行は注釈。
        候補を重ねて書けば、その回数だけ選ばれやすくなる。

    Examples
    --------
    >>> grammar = Grammar("sentence: <who> sleep\\nwho: cats")
    >>> grammar.derive("sentence", Random(0))
    'cats sleep'
    """

    def __init__(self, rules: str) -> None:
        rules = re.sub(r"^#.*\n", "", rules, flags=re.MULTILINE)
        self._rules = {
            symbol: [re.split(r"<([^<>]+)>", choice.strip()) for choice in choices.split("|")]
            for symbol, choices in re.findall(r"^(\S+): (.*(?:\n +.*)*)", rules, re.MULTILINE)
        }

    def derive(self, symbol: str, random: Random) -> str:
        """記号から文を一つ作る。"""
        choices = self._rules[symbol]
        # 候補は「文字列, 記号, 文字列, 記号, …, 文字列」に分けてある
        pieces = list(choices[int(random.random() * len(choices))])
        pieces[1::2] = [self.derive(inner, random) for inner in pieces[1::2]]
        return "".join(pieces)


def shipped(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def tagged_grammar(language: str) -> Grammar:
    return Grammar(shipped(f"grammars/{language}.txt"))


@cache
def review_grammar() -> Grammar:
    rules = shipped("grammars/reviews.txt")
    # 肯定の規則の + と - を入れ替えたものが否定の規則。後に書かれた、もとのままの規則を優先する
    return Grammar(rules.translate(str.maketrans("+-", "-+")) + "\n" + rules)


@cache
def signed_grammar(name: str, last: str = "") -> Grammar:
    """``behaviours/<name>.txt`` の文法に、``+`` と ``-`` をすべて入れ替えた規則を加えたもの。

    ``last`` の規則があれば、同じ記号のほかの規則より優先する。
    """
    rules = shipped(f"behaviours/{name}.txt")
    swapped = rules.translate(str.maketrans("+-", "-+"))
    return Grammar("\n".join([swapped, rules, last]))
