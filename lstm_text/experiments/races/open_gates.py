"""どのゲートを開けて始めれば、LSTM は最初の記号を思い出せるか

``recall`` の「LSTM」は PyTorch の初期値のままで、どのゲートもおよそ 1/2 から始まります。ここでは、
ゲートごとに、バイアスの和を 3 にして（0.95 まで開けて）始めます。ゲートを 1/2 に固定し、動けなく
したものも並べます。ほかの設定は ``recall`` と同じです。
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from lstm_text.cells import LSTMCell
from lstm_text.experiments.races.contests import RECALL, adam, compete
from lstm_text.experiments.races.swapped import share_weights, swapped, unchanged
from lstm_text.layers import LSTM


class HalfOpenCell(LSTMCell):
    """3 つのゲートが、いつも 1/2 の LSTM の 1 時刻。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    Examples
    --------
    重みをどう決めても、セル状態は 1 時刻で半分になってから、候補値の半分が足されます。

    >>> state = (torch.zeros(1), torch.ones(1))
    >>> gates = torch.tensor([9.0, -9.0, 0.0, 9.0])  # i、f、g、o の中身
    >>> HalfOpenCell.step(gates, state, torch.zeros(4, 1), torch.zeros(4))[1].item()
    0.5
    """

    @staticmethod
    def step(
        gates_x: Tensor, state: tuple[Tensor, Tensor], w_hh: Tensor, b_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        h, c = state
        _, _, g, _ = (gates_x + linear(h, w_hh, b_hh)).chunk(4, dim=-1)
        c = (c + torch.tanh(g)) / 2
        return torch.tanh(c) / 2, c


class HalfOpenLSTM(LSTM):
    """3 つのゲートが、いつも 1/2 の LSTM の層。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> HalfOpenLSTM(3, 2)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 2])
    """

    cell = HalfOpenCell


def half_open(layer: LSTM) -> HalfOpenLSTM:
    """同じ重みのまま、ゲートを 1/2 に固定した層。

    Parameters
    ----------
    layer : LSTM

    Returns
    -------
    HalfOpenLSTM

    Examples
    --------
    >>> lstm = LSTM(3, 2)
    >>> half_open(lstm).weight_hh_l0 is lstm.weight_hh_l0
    True
    """
    return share_weights(layer, HalfOpenLSTM)


def opened(gates: str) -> Callable[[LSTM], LSTM]:
    """``gates`` のゲートを、バイアスの和を 3 にして開ける関数を返す。

    Parameters
    ----------
    gates : str
        ``i``、``f``、``o`` を並べたもの。

    Returns
    -------
    callable

    Examples
    --------
    >>> lstm = opened("io")(LSTM(3, 1))
    >>> (lstm.bias_ih_l0 + lstm.bias_hh_l0)[[0, 3]].tolist()
    [3.0, 3.0]
    """

    @torch.no_grad()
    def change(layer: LSTM) -> LSTM:
        for gate in gates:
            place = "ifgo".index(gate)
            layer.bias_ih_l0.view(4, -1)[place] = 3.0
            layer.bias_hh_l0.view(4, -1)[place] = 0.0
        return layer

    return change


STARTS = {
    "そのまま": unchanged,
    "1/2 に固定": half_open,
    "f": opened("f"),
    "i": opened("i"),
    "o": opened("o"),
    "i と o": opened("io"),
}
"""始め方の名前と、層の変え方。記号は、開けておくゲート。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    starts: tuple[str, ...] = tuple(STARTS)
    lengths: tuple[int, ...] = (50, 100)
    hidden_size: int = 32
    batch_size: int = 32
    updates: int = 1000
    lr: float = 3e-3


def units(settings: Settings) -> list[dict]:
    """測るもの：系列長と始め方の組。"""
    return [{"length": t, "start": start} for t in settings.lengths for start in settings.starts]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``accuracy`` は更新の終わりの、種ごとの精度。"""
    curve = compete(
        swapped(RECALL, STARTS[unit["start"]]),
        "LSTM",
        settings.seeds,
        adam(settings.lr),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=settings.updates,
    )
    return {"accuracy": curve[-1]["score"], "curve": curve}
