"""層正規化を挟む LSTM。

``torch.nn.LSTM`` と同じ 4 つの重みのほかに、そろえたものに掛ける数と足す数を持ちます。
始めは 1 と 0 です。
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm, linear

from lstm_text.cells import LSTMCell
from lstm_text.experiments.races.swapped import share_weights
from lstm_text.layers import LSTM, run_over_time


class NormalisedStep:
    """層正規化を挟む LSTM の 1 時刻。

    入力の側と状態の側を、別々に、平均 0、標準偏差 1 にそろえてから足します。出力に使うセル状態も
    そろえますが、次の時刻に渡すセル状態はそろえません。

    Parameters
    ----------
    gain_ih, gain_hh : Tensor, (4 × hidden,)
        そろえたものに掛ける数。
    gain_c, shift_c : Tensor, (hidden,)
        そろえたセル状態に掛ける数と、足す数。

    References
    ----------
    Ba, J. L. et al. (2016). Layer normalization. arXiv:1607.06450, 付録の LSTM。

    Examples
    --------
    大きさだけが違う入力からは、同じ状態ができます。

    >>> one, zero = torch.ones(8), torch.zeros(2)
    >>> cell, state = NormalisedStep(one, one, one[:2], zero), (zero, zero)
    >>> x = torch.arange(8.0)
    >>> small, large = (cell.step(k * x, state, torch.zeros(8, 2), zero[0])[0] for k in (1, 100))
    >>> torch.allclose(small, large, atol=1e-4)
    True
    """

    def __init__(self, gain_ih: Tensor, gain_hh: Tensor, gain_c: Tensor, shift_c: Tensor):
        self.gain_ih, self.gain_hh, self.gain_c, self.shift_c = gain_ih, gain_hh, gain_c, shift_c

    def step(
        self, gates_x: Tensor, state: tuple[Tensor, Tensor], w_hh: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        """バイアスのない入力側の計算が済んだところから、状態を 1 時刻進める。"""
        h, c = state
        x_side = layer_norm(gates_x, gates_x.shape[-1:], self.gain_ih)
        gates_h = linear(h, w_hh)
        h_side = layer_norm(gates_h, gates_h.shape[-1:], self.gain_hh)
        i, f, g, o = (x_side + h_side + bias).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(layer_norm(c, c.shape[-1:], self.gain_c, self.shift_c))
        return h, c


class LayerNormLSTMCell(LSTMCell):
    """層正規化の重みも持つ、LSTM の重みの入れ物。計算は :class:`NormalisedStep` がする。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    Examples
    --------
    >>> [name for name, _ in LayerNormLSTMCell(3, 2).named_parameters()][4:]
    ['gain_ih', 'gain_hh', 'gain_c', 'shift_c']
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__(input_size, hidden_size, bias)
        self.gain_ih = nn.Parameter(torch.ones(4 * hidden_size))
        self.gain_hh = nn.Parameter(torch.ones(4 * hidden_size))
        self.gain_c = nn.Parameter(torch.ones(hidden_size))
        self.shift_c = nn.Parameter(torch.zeros(hidden_size))


class LayerNormLSTM(LSTM):
    """層正規化を挟む LSTM の層。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。``bias`` は真でなければなりません。

    Examples
    --------
    >>> output, (h_n, c_n) = LayerNormLSTM(3, 2)(torch.zeros(7, 5, 3))
    >>> output.shape, c_n.shape
    (torch.Size([7, 5, 2]), torch.Size([1, 5, 2]))
    """

    cell = LayerNormLSTMCell

    def weights(self, layer: int, direction: str) -> tuple[Tensor, ...]:
        """LSTM の 4 つの重みと、層正規化の 4 つの重み。"""
        names = ("gain_ih", "gain_hh", "gain_c", "shift_c")
        gains = (getattr(self, f"{name}_l{layer}{direction}") for name in names)
        return (*super().weights(layer, direction), *gains)

    def _run_over_time(self, x, state, weights, valid, backward):
        w_ih, w_hh, b_ih, b_hh, *gains = weights
        four = (w_ih, w_hh, None, b_ih + b_hh)  # 入力側も、バイアスを足す前にそろえる
        return run_over_time(NormalisedStep(*gains), x, state, four, valid, backward)


def with_layer_norm(layer: LSTM) -> LayerNormLSTM:
    """同じ重みの LSTM に、層正規化を入れる。

    Parameters
    ----------
    layer : LSTM

    Returns
    -------
    LayerNormLSTM

    Examples
    --------
    >>> lstm = LSTM(3, 2)
    >>> with_layer_norm(lstm).weight_hh_l0 is lstm.weight_hh_l0
    True
    """
    return share_weights(layer, LayerNormLSTM)
