"""大きな演習 1 の解答例: 自分のセルで、ゲートの値を時刻ごとに見る。"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lstm_text import tasks
from lstm_text.device import generator, get_device, seeded
from lstm_text.models import LastState
from lstm_text.training import batches, fit


class Gates(NamedTuple):
    """ゲート、候補値、状態。1 時刻なら ``(batch, hidden)``、系列なら ``(batch, time, hidden)``。"""

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    c: Tensor
    h: Tensor


class GateCell(nn.Module):
    """途中の値もすべて返す LSTM のセル。重みは ``nn.LSTM`` から写す。

    Parameters
    ----------
    lstm : nn.LSTM
        1 層、単方向。
    """

    def __init__(self, lstm: nn.LSTM):
        super().__init__()
        self.hidden_size = lstm.hidden_size
        for name, weight in lstm.named_parameters():
            self.register_buffer(name.removesuffix("_l0"), weight.detach().clone())

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Gates:
        """1 時刻進める。"""
        sums = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        i, f, g, o = sums.chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        return Gates(i, f, g, o, c, o * c.tanh())


def trace(cell: GateCell, x: Tensor) -> Gates:
    """系列 ``(batch, time, input)`` を初めから読み、全時刻の値を記録する。"""
    h = c = x.new_zeros(len(x), cell.hidden_size)
    steps = []
    for x_t in x.unbind(dim=1):
        steps.append(cell(x_t, h, c))
        c, h = steps[-1].c, steps[-1].h
    return Gates(*(torch.stack(values, dim=1) for values in zip(*steps, strict=True)))


@dataclass
class Adder:
    """加算問題を学ぶ前と学んだ後のセルと、訓練の損失。"""

    model: LastState
    before: GateCell
    after: GateCell
    losses: list[float]


def trained_adder(seed: int, epochs: int = 30, hidden_size: int = 16, length: int = 20) -> Adder:
    """加算問題を訓練し、訓練の前と後のセルを取り出す。"""
    data = generator(seed)
    x, y = tasks.adding(2000, length, data)
    with seeded(seed):
        model = LastState(nn.LSTM(2, hidden_size, batch_first=True), 1).to(get_device())
    before = GateCell(model.recurrent)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loader = batches(x, y, batch_size=100, generator=data)
    history = fit(model, loader, nn.functional.mse_loss, optimizer, epochs=epochs)
    return Adder(model, before, GateCell(model.recurrent), history["loss"])


@torch.no_grad()
def largest_difference(model: LastState, cell: GateCell, x: Tensor) -> float:
    """自分のセルの h と、``nn.LSTM`` の出力との差の最大。"""
    return (trace(cell, x).h - model.recurrent(x)[0]).abs().max().item()


def at_marks(gate: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """印のある時刻とない時刻での、ゲートのユニットごとの平均 ``(hidden,)``。"""
    marked = x[:, :, 1] == 1
    return gate[marked].mean(dim=0), gate[~marked].mean(dim=0)


def memory_length(forget: Tensor) -> Tensor:
    """ユニットごとの記憶長 1 / (1 - f)。f は全系列、全時刻の平均。"""
    return 1 / (1 - forget.flatten(0, 1).mean(dim=0))


@torch.no_grad()
def correlation_with_first(
    gates: Gates, x: Tensor, places: list[tuple[int, int]], later: int
) -> Tensor:
    """初めの印の値と、``later`` 時刻後の c との相関の絶対値 ``(hidden,)``。

    ``places`` は、（系列の番号、初めの印の時刻）の並び。
    """
    rows, times = torch.tensor(places).T
    value = x[rows, times, 0]
    table = torch.cat([value[None], gates.c[rows, times + later].T])
    return torch.corrcoef(table)[0, 1:].abs()


def stretch(
    cell: GateCell, gates: Gates, x: Tensor, row: int, start: int, steps: int, detour: bool
) -> float:
    """時刻 ``start`` の c を少し動かしたとき、``steps`` 時刻後の c が動く倍率の最大（最大特異値）。

    ``detour`` が偽なら、h を通る回り道を切り、c の道（忘却ゲートの積）だけを通す。
    """

    def run(c: Tensor) -> Tensor:
        h = gates.o[row, start] * c.tanh()
        for x_t in x[row, start + 1 : start + 1 + steps]:
            at = cell(x_t[None], (h if detour else h.detach())[None], c[None])
            c, h = at.c[0], at.h[0]
        return c

    jacobian = torch.autograd.functional.jacobian(run, gates.c[row, start])
    return torch.linalg.matrix_norm(jacobian, 2).item()
