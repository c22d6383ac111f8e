"""課題のモデルの、再帰層だけを別のものに取り替えます。

重みは、取り替える前の層のものを、そのまま使います。初期値も、その後の初期値の工夫も、取り替えた層に
効くので、比べる 2 つの違いは、取り替えた計算だけになります。
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from lstm_text.cells import RNNCell
from lstm_text.experiments.races.contests import Contest
from lstm_text.layers import RNN, RecurrentLayer


def swapped(contest: Contest, change: Callable[[RecurrentLayer], RecurrentLayer]) -> Contest:
    """再帰層を ``change`` で取り替える課題を作る。

    Parameters
    ----------
    contest : Contest
    change : callable
        再帰層を受け取り、代わりに使う再帰層を返す関数。

    Returns
    -------
    Contest

    Examples
    --------
    >>> from lstm_text.experiments.races.contests import RECALL
    >>> swapped(RECALL, with_relu).head(RNN(10, 4, batch_first=True)).recurrent
    ReLURNN(10, 4, batch_first=True)
    """

    def head(layer: RecurrentLayer) -> nn.Module:
        model = contest.head(layer)
        model.recurrent = change(layer)
        return model

    return replace(contest, head=head)


def unchanged(layer: RecurrentLayer) -> RecurrentLayer:
    """取り替えない。

    Parameters
    ----------
    layer : RecurrentLayer

    Returns
    -------
    RecurrentLayer

    Examples
    --------
    >>> layer = RNN(3, 2)
    >>> unchanged(layer) is layer
    True
    """
    return layer


def share_weights(layer: RecurrentLayer, kind: type[RecurrentLayer]) -> RecurrentLayer:
    """``layer`` の重みをそのまま使う、``kind`` の層を作る。

    Parameters
    ----------
    layer : RecurrentLayer
    kind : type of RecurrentLayer
        ``layer`` にある重みを、同じ名前、同じ形で持つもの。

    Returns
    -------
    RecurrentLayer

    Examples
    --------
    >>> layer = RNN(3, 2)
    >>> share_weights(layer, ReLURNN).weight_hh_l0 is layer.weight_hh_l0
    True
    """
    other = kind(
        layer.input_size, layer.hidden_size, layer.num_layers, layer.bias, layer.batch_first,
        layer.dropout, layer.bidirectional,
    )  # fmt: skip
    for name, weight in layer.named_parameters():
        setattr(other, name, weight)
    return other


class ReLUCell(RNNCell):
    """tanh の代わりに ReLU を使う RNN の 1 時刻。``nn.RNN(nonlinearity="relu")`` と同じ計算。

    引数は :class:`~lstm_text.cells.Cell` と同じです。

    Examples
    --------
    >>> h = (torch.tensor([[2.0]]),)
    >>> ReLUCell.step(torch.tensor([[1.0]]), h, torch.tensor([[3.0]]), torch.zeros(1))[0].item()
    7.0
    """

    @staticmethod
    def step(
        gates_x: Tensor, state: tuple[Tensor], w_hh: Tensor, b_hh: Tensor | None
    ) -> tuple[Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        (h,) = state
        return (torch.relu(gates_x + linear(h, w_hh, b_hh)),)


class ReLURNN(RNN):
    """tanh の代わりに ReLU を使う RNN の層。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> ReLURNN(3, 2)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 2])
    """

    cell = ReLUCell


@torch.no_grad()
def with_relu(layer: RNN) -> ReLURNN:
    """同じ重みの RNN の tanh を ReLU に替え、バイアスを 0 にする。

    ReLU では、正のバイアスが時刻のたびに足され、状態がふくらみます。

    Parameters
    ----------
    layer : RNN

    Returns
    -------
    ReLURNN

    References
    ----------
    Le, Q. V. et al. (2015). A simple way to initialize recurrent networks of rectified linear
    units. arXiv:1504.00941。

    Examples
    --------
    >>> with_relu(RNN(3, 2)).bias_hh_l0.tolist()
    [0.0, 0.0]
    """
    layer.bias_ih_l0.zero_()
    layer.bias_hh_l0.zero_()
    return share_weights(layer, ReLURNN)


@torch.no_grad()
def from_identity(layer: RNN) -> RNN:
    """再帰の重みを単位行列にした層。

    Parameters
    ----------
    layer : RNN

    Returns
    -------
    RNN

    Examples
    --------
    >>> from_identity(RNN(3, 2)).weight_hh_l0.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    nn.init.eye_(layer.weight_hh_l0)
    return layer


def irnn(layer: RNN) -> ReLURNN:
    """再帰の重みを単位行列、バイアスを 0 で始める、ReLU の RNN（IRNN）。

    Parameters
    ----------
    layer : RNN

    Returns
    -------
    ReLURNN

    References
    ----------
    Le, Q. V. et al. (2015)。:func:`with_relu` と同じ。

    Examples
    --------
    始めは、負でない状態をそのまま次の時刻へ渡します。

    >>> layer = irnn(RNN(3, 2))
    >>> _, h = layer(torch.zeros(50, 1, 3), torch.tensor([[[0.5, 2.0]]]))
    >>> h[0, 0].tolist()
    [0.5, 2.0]
    """
    return with_relu(from_identity(layer))
