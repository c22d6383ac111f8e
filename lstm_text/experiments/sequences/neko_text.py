"""小説を訓練と検証に分ける。n-gram で数える。書いた文章の丸写しを測る。"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_text.text import CharacterTable

RARE = "〓"
"""訓練の文章にめったに現れない文字の代わり。"""


@dataclass(frozen=True)
class Story:
    """訓練と検証に分けた小説。

    Parameters
    ----------
    train, validation : str
        空白と改行を除いた、元のままの文章。
    characters : CharacterTable
        訓練の部分に ``min_count`` 回以上現れた文字と ``RARE``。
    """

    train: str
    validation: str
    characters: CharacterTable

    def common(self, text: str) -> str:
        """表にない文字を ``RARE`` に置き換えた文章。"""
        return "".join(char if char in self.characters else RARE for char in text)

    def encode(self, text: str) -> Tensor:
        """文章の番号。表にない文字は ``RARE`` の番号になる。"""
        return torch.tensor(self.characters.encode(self.common(text)))


def split(text: str, validation: float, min_count: int) -> Story:
    """小説から空白を除き、終わりを検証に取り分け、訓練の部分だけから文字の表を作る。

    Examples
    --------
    >>> story = split("ああい うあい", validation=0.5, min_count=2)
    >>> story.train, story.validation, story.common("あい")
    ('ああい', 'うあい', 'あ〓')
    """
    text = "".join(text.split())
    border = len(text) - round(validation * len(text))
    counts = Counter(text[:border])
    kept = "".join(char for char, count in counts.items() if count >= min_count)
    return Story(text[:border], text[border:], CharacterTable(kept + RARE))


def side_by_side(ids: Tensor, streams: int) -> tuple[Tensor, Tensor]:
    """長い列を同じ長さに切って横に並べたものと、その 1 文字先。

    Examples
    --------
    >>> for part in side_by_side(torch.arange(8), 2):
    ...     print(part.tolist())
    [[0, 1, 2], [3, 4, 5]]
    [[1, 2, 3], [4, 5, 6]]
    """
    length = (len(ids) - 1) // streams
    if length < 1:
        raise ValueError(
            f"{streams} 本に並べるには {streams + 1} 文字以上必要ですが、{len(ids)} 文字でした。"
        )
    inputs, targets = ids[: length * streams], ids[1 : length * streams + 1]
    return inputs.view(streams, length), targets.view(streams, length)


def ngram_bits(train: str, validation: str, n: int, characters: int) -> float:
    """直前の ``n - 1`` 文字の後に来た文字を数えて当てるときの、1 文字のビット数。

    短い文脈との混ぜ方は、Witten–Bell の方法です。

    Examples
    --------
    >>> ngram_bits("ああああ", "ああ", n=1, characters=2) == -math.log2((4 + 1 / 2) / (4 + 1))
    True
    """
    counts = defaultdict(Counter)
    for seen in range(n):
        for t in range(seen, len(train)):
            counts[train[t - seen : t]][train[t]] += 1
    totals = {context: after.total() for context, after in counts.items()}
    bits = 0.0
    for t in range(1, len(validation)):
        p = 1 / characters
        for seen in range(min(n - 1, t) + 1):
            context = validation[t - seen : t]
            if context in totals:
                after = counts[context]
                p = (after[validation[t]] + len(after) * p) / (totals[context] + len(after))
        bits -= math.log2(p)
    return bits / (len(validation) - 1)


def longest_copy(text: str, source: str) -> str:
    """``source`` にそのまま現れる、``text`` のいちばん長い部分（同じ長さなら、初めのもの）。

    Examples
    --------
    >>> longest_copy("猫が鳴いた。", "犬が鳴いて、猫が走った。")
    'が鳴い'
    """
    best = ""
    for start in range(len(text)):
        while (longer := text[start : start + len(best) + 1]) in source and len(longer) > len(best):
            best = longer
    return best


def copied_share(text: str, source: str, window: int) -> float:
    """``text`` の ``window`` 文字の窓のうち、``source`` にそのまま現れるものの割合。

    Examples
    --------
    >>> copied_share("猫が鳴く", "猫が鳴いた", window=3)  # 「猫が鳴」と「が鳴く」
    0.5
    """
    pieces = [text[i : i + window] for i in range(len(text) - window + 1)]
    if not pieces:
        raise ValueError(f"{window} 文字以上の文章が必要ですが、{len(text)} 文字でした。")
    return sum(piece in source for piece in pieces) / len(pieces)


def copying(texts: list[str], source: str, window: int) -> dict:
    """何本かの文章の、丸写しの量。いちばん長い丸写しの平均と最大、窓の割合の平均。"""
    longest = [len(longest_copy(text, source)) for text in texts]
    shares = [copied_share(text, source, window) for text in texts]
    return {
        "texts": len(texts),
        "longest_mean": round(sum(longest) / len(texts), 3),
        "longest_max": max(longest),
        "share": round(sum(shares) / len(texts), 6),
    }
