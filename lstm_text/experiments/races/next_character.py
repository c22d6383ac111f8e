"""文章の次の 1 文字を当てる課題。『吾輩は猫である』の、同梱の冒頭を使います。"""

from collections import Counter
from functools import cache

import torch
from torch import Tensor, nn

from lstm_text.datasets.builtin import neko_excerpt
from lstm_text.experiments.races.contest_data import Pair
from lstm_text.experiments.races.contests import CONTESTS, Contest
from lstm_text.layers import RecurrentLayer
from lstm_text.text import CharacterTable
from lstm_text.training import tag_loss

EMBEDDING = 32
RARE = "〓"  # 訓練の部分に 5 回も現れない文字の代わり
LEAST = 5
HELD_OUT = 10  # 終わりの何分の 1 を検証にとるか


@cache
def characters() -> tuple[Tensor, Tensor, int]:
    """空白を除いた文章の番号を、訓練と検証に分けたもの。

    Returns
    -------
    train, validation : Tensor of int64, (n,)
    kinds : int
        文字の種類の数。

    Examples
    --------
    >>> train, validation, kinds = characters()
    >>> round(len(validation) / (len(train) + len(validation)), 2)
    0.1
    """
    text = "".join(neko_excerpt().split())
    border = len(text) - len(text) // HELD_OUT
    counts = Counter(text[:border])
    kept = "".join(char for char, count in counts.items() if count >= LEAST)
    table = CharacterTable(kept + RARE)
    ids = torch.tensor(table.encode("".join(c if c in table else RARE for c in text)))
    return ids[:border], ids[border:], len(table)


class NextCharacter(nn.Module):
    """文字の番号の列から、各時刻の次の文字の得点を出すモデル。

    Parameters
    ----------
    recurrent : RecurrentLayer
        入力の次元が ``EMBEDDING``（32）のもの。
    kinds : int
        文字の種類の数。

    Examples
    --------
    >>> from lstm_text.layers import GRU
    >>> model = NextCharacter(GRU(EMBEDDING, 8, batch_first=True), kinds=365)
    >>> model(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 5, 365])
    """

    def __init__(self, recurrent: RecurrentLayer, kinds: int):
        super().__init__()
        self.embedding = nn.Embedding(kinds, EMBEDDING)
        self.recurrent = recurrent
        self.head = nn.Linear(recurrent.hidden_size, kinds)

    def forward(self, ids: Tensor) -> Tensor:
        """``(batch, time)`` の番号から ``(batch, time, kinds)`` の得点を計算する。"""
        return self.head(self.recurrent(self.embedding(ids))[0])


def some_pieces(n: int, length: int, generator: torch.Generator) -> Pair:
    """訓練の部分から、でたらめな所で切り出した ``n`` 本と、その 1 文字先。

    Parameters
    ----------
    n, length : int
    generator : torch.Generator

    Returns
    -------
    x, y : Tensor of int64, (n, length)

    Examples
    --------
    >>> x, y = some_pieces(4, 7, torch.Generator().manual_seed(0))
    >>> torch.equal(x[:, 1:], y[:, :-1])
    True
    """
    train = characters()[0]
    starts = torch.randint(len(train) - length, (n, 1), generator=generator)
    pieces = train[starts + torch.arange(length + 1)]
    return pieces[:, :-1], pieces[:, 1:]


def held_out_pieces(length: int) -> Pair:
    """検証の部分を端から切ったものと、その 1 文字先。

    Parameters
    ----------
    length : int

    Returns
    -------
    x, y : Tensor of int64, (本数, length)

    Examples
    --------
    >>> x, y = held_out_pieces(20)
    >>> torch.equal(x.flatten()[1:], y.flatten()[:-1])
    True
    """
    pieces = characters()[1].unfold(0, length + 1, length)
    return pieces[:, :-1], pieces[:, 1:]


NEXT_CHARACTER = Contest(
    EMBEDDING, lambda layer: NextCharacter(layer, characters()[2]), some_pieces, held_out_pieces,
    tag_loss, tag_loss,
)  # fmt: skip
"""次の 1 文字を当てる。評価は、検証の部分での、1 文字の交差エントロピー。"""

TASKS = CONTESTS | {"character": NEXT_CHARACTER}
"""どの課題も。"""
