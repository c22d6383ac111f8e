"""並列に計算できる再帰：走査を使う minGRU と minLSTM。

ゲートが前の状態を見なければ、状態の更新は 1 次の漸化式になり、係数 ``(a_t, b_t)`` は全時刻ぶんを
一度に計算できます。
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import linear, logsigmoid

from lstm_text.cells import Cell
from lstm_text.fast.linear_scan import Pair, scan
from lstm_text.layers import RecurrentLayer


class ScanCell(Cell):
    """ゲートも候補値も入力だけで決まるセル。``weight_hh`` と ``bias_hh`` がない。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    Examples
    --------
    >>> [name for name, _ in MinGRUCell(3, 2).named_parameters()]
    ['weight_ih', 'bias_ih']
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__(input_size, hidden_size, bias)
        self.weight_hh = self.bias_hh = None

    def reset_parameters(self) -> None:
        """重みとバイアスを U(-1/√D, 1/√D) から取り直す（``nn.Linear`` と同じ）。"""
        bound = 1 / math.sqrt(self.input_size)
        for parameter in self.parameters():
            torch.nn.init.uniform_(parameter, -bound, bound)

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        raise NotImplementedError

    @classmethod
    def step(cls, gates_x: Tensor, state: tuple[Tensor], w_hh=None, b_hh=None) -> tuple[Tensor]:
        """係数を作り、状態を 1 時刻進める（``w_hh`` と ``b_hh`` は、ほかのセルに合わせた空席）。"""
        a, b = cls.coefficients(gates_x)
        return (a * state[0] + b,)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """1 時刻進める。引数と戻り値は :class:`~lstm_text.cells.Cell` と同じ。"""
        gates_x = self._project(x)
        h = x.new_zeros(*x.shape[:-1], self.hidden_size) if h is None else h
        return self.step(gates_x, (self._check_state(x, h, "隠れ状態 h "),))[0]


class MinGRUCell(ScanCell):
    """minGRU の 1 時刻：``h' = z h + (1 - z) n``。``z = σ(W_z x + b_z)``、``n = W_n x + b_n``。

    GRU からリセットゲートと、ゲートの中の ``h`` と、候補値の tanh を取り除いたもの。重みは
    ``z``、``n`` の順に積む。``z`` は :class:`~lstm_text.cells.GRUCell` と同じく**古い**状態の
    割合（論文では新しい候補値の割合。``z`` の重みの符号を変えれば移る）。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    References
    ----------
    Feng, L. et al. (2024). Were RNNs all we needed? arXiv:2410.01201.

    Examples
    --------
    重みがすべて 0 なら、z = 1/2、n = 0 なので、状態は半分になります。

    >>> cell = MinGRUCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = torch.nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    gates = 2

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        z, n = gates_x.chunk(2, dim=-1)
        z = torch.sigmoid(z)
        return z, (1 - z) * n


class MinLSTMCell(ScanCell):
    """minLSTM の 1 時刻：``h' = f/(f+i) h + i/(f+i) g``。``f``、``i``、``g`` は入力だけで決まる。

    LSTM から、ゲートの中の ``h``、出力ゲート、候補値の tanh を取り除き、残す割合と書き込む割合を
    足して 1 にしたもの。重みは ``i``、``f``、``g`` の順に積む。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    References
    ----------
    Feng, L. et al. (2024). Were RNNs all we needed? arXiv:2410.01201.

    Examples
    --------
    >>> cell = MinLSTMCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = torch.nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    gates = 3

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        i, f, g = gates_x.chunk(3, dim=-1)
        # f / (f + i) = σ(log f - log i)。割り算のままだと、f と i がともに 0 に丸められたとき NaN
        keep = torch.sigmoid(logsigmoid(f) - logsigmoid(i))
        return keep, (1 - keep) * g


class ScanLayer(RecurrentLayer):
    """:class:`MinGRU` と :class:`MinLSTM` に共通する部分。全時刻を :func:`scan` で一度に計算する。

    引数と ``forward`` は :class:`~lstm_text.layers.RecurrentLayer` と同じで、双方向、積み重ね、
    長さの違う系列、初期状態もそのまま使えます。

    Examples
    --------
    >>> sorted(name for name, _ in MinGRU(3, 2).named_parameters())
    ['bias_ih_l0', 'weight_ih_l0']
    """

    cell: type[ScanCell]

    def _run_over_time(self, x, state, weights, valid, backward):
        w_ih, _, b_ih, _ = weights
        a, b = self.cell.coefficients(linear(x, w_ih, b_ih))
        if valid is not None:  # 系列の外では (1, 0)：状態を据え置く
            a, b = torch.where(valid, a, 1.0), torch.where(valid, b, 0.0)
        if backward:
            a, b = a.flip(0), b.flip(0)
        output = scan(a, b, state[0])
        last = output[-1]
        if backward:
            output = output.flip(0)
        return (output if valid is None else output * valid), (last,)


class MinGRU(ScanLayer):
    """minGRU の層。計算は :class:`MinGRUCell` を順に回すのと同じ。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> output, h_n = MinGRU(3, 2, num_layers=2, batch_first=True)(torch.zeros(5, 7, 3))
    >>> output.shape, h_n.shape
    (torch.Size([5, 7, 2]), torch.Size([2, 5, 2]))
    """

    cell = MinGRUCell


class MinLSTM(ScanLayer):
    """minLSTM の層。計算は :class:`MinLSTMCell` を順に回すのと同じ。

    状態は ``h`` だけなので、``output, h_n`` を返す（LSTM のような組ではない）。
    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> output, h_n = MinLSTM(3, 2, bidirectional=True)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 4]), torch.Size([2, 5, 2]))
    """

    cell = MinLSTMCell


@torch.no_grad()
def keep_bias_(layer: ScanLayer, value: float) -> None:
    """入力が 0 のときに残す割合が σ(``value``) になるように、バイアスを書き換える。

    minGRU では ``z`` のバイアスを ``value`` に、minLSTM では ``f`` を ``value``、``i`` を
    ``-value`` にする（σ(v) / (σ(v) + σ(-v)) = σ(v)）。

    Parameters
    ----------
    layer : ScanLayer
    value : float

    Examples
    --------
    >>> layer = MinLSTM(1, 1)
    >>> keep_bias_(layer, 3.0)
    >>> a, _ = layer.cell.coefficients(layer.bias_ih_l0)
    >>> a.item() == torch.tensor(3.0).sigmoid().item()
    True
    """
    for name, bias in layer.named_parameters():
        if name.startswith("bias_ih"):
            gates = bias.view(layer.cell.gates, -1)
            if layer.cell is MinLSTMCell:
                gates[0], gates[1] = -value, value
            else:
                gates[0] = value
