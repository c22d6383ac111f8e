"""書き込む割合を縛れば、LSTM は最初の記号を思い出せるか

どの始め方も、入力が 0 のときに、状態の σ(3) を残すところから始めます。GRU では、書き込む割合が
1 - σ(3) に決まります。LSTM では、入力ゲートも同じ割合から始めるか、いつも 1 - f に縛ります。
``updates`` は、全問正解した最初の更新の回数です（25 回ごとに確かめる）。
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from lstm_text.cells import LSTMCell
from lstm_text.experiments.races.contests import RECALL, adam, compete, updates_until
from lstm_text.experiments.races.swapped import share_weights, swapped
from lstm_text.layers import LSTM, RecurrentLayer

KEEP = 3.0


class TiedCell(LSTMCell):
    """入力ゲートを 1 - f に縛った LSTM の 1 時刻。入力ゲートの重みは、持っていても使わない。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    References
    ----------
    Greff, K. et al. (2017). LSTM: A search space odyssey. IEEE TNNLS, 28(10). CIFG と呼ぶもの。

    Examples
    --------
    忘却ゲートを閉じれば、セル状態は候補値に入れ替わります。入力ゲートの中身は、何でもかまいません。

    >>> state = (torch.zeros(1), torch.ones(1))
    >>> gates = torch.tensor([-50.0, -50.0, 0.5, 0.0])  # i、f、g、o の中身
    >>> c = TiedCell.step(gates, state, torch.zeros(4, 1), torch.zeros(4))[1]
    >>> torch.allclose(c, torch.tanh(torch.tensor(0.5)))
    True
    """

    @staticmethod
    def step(
        gates_x: Tensor, state: tuple[Tensor, Tensor], w_hh: Tensor, b_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        h, c = state
        _, f, g, o = (gates_x + linear(h, w_hh, b_hh)).chunk(4, dim=-1)
        f, o = torch.sigmoid(f), torch.sigmoid(o)
        c = f * c + (1 - f) * torch.tanh(g)
        return o * torch.tanh(c), c


class TiedLSTM(LSTM):
    """入力ゲートを 1 - f に縛った LSTM の層。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> TiedLSTM(3, 2)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 2])
    """

    cell = TiedCell


STARTS = {
    "GRU": ("GRU", {1: KEEP}, False),
    "f": ("LSTM", {1: KEEP}, False),
    "f と i": ("LSTM", {1: KEEP, 0: -KEEP}, False),
    "f と i と o": ("LSTM", {1: KEEP, 0: -KEEP, 3: KEEP}, False),
    "縛る": ("LSTM", {1: KEEP}, True),
    "縛る、o": ("LSTM", {1: KEEP, 3: KEEP}, True),
}
"""名前から ``(再帰層, 段ごとのバイアスの和, i を 1 - f に縛るか)``。段は PyTorch の順。"""


@torch.no_grad()
def started(layer: RecurrentLayer, start: str) -> RecurrentLayer:
    """``start`` のとおりにバイアスを決め、必要なら縛った層。

    Parameters
    ----------
    layer : RecurrentLayer
    start : str
        :data:`STARTS` にある名前。

    Returns
    -------
    RecurrentLayer

    Examples
    --------
    >>> lstm = started(LSTM(3, 1), "縛る、o")
    >>> type(lstm).__name__, (lstm.bias_ih_l0 + lstm.bias_hh_l0)[[1, 3]].tolist()
    ('TiedLSTM', [3.0, 3.0])
    """
    _, biases, tied = STARTS[start]
    for place, bias in biases.items():
        layer.bias_ih_l0.view(layer.cell.gates, -1)[place] = bias
        layer.bias_hh_l0.view(layer.cell.gates, -1)[place] = 0.0
    return share_weights(layer, TiedLSTM) if tied else layer


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    starts: tuple[str, ...] = tuple(STARTS)
    length: int = 100
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 800
    every: int = 25
    lr: float = 3e-3


def units(settings: Settings) -> list[dict]:
    """測るもの：始め方。"""
    return [{"start": start} for start in settings.starts]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの始め方を、すべての種で訓練する。``accuracy`` は更新の終わりの、種ごとの精度。"""
    start = unit["start"]
    curve = compete(
        swapped(RECALL, lambda layer: started(layer, start)),
        STARTS[start][0],
        settings.seeds,
        adam(settings.lr),
        length=settings.length,
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
        every=settings.every,
    )
    return {
        "accuracy": curve[-1]["score"],
        "updates": updates_until(curve, lambda score: score == 1),
        "curve": [row["score"] for row in curve],
    }
