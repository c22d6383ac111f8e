"""実験で比べる再帰層。種類だけでなく、初期値まで決めたものに名前を付けます。"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from lstm_text.device import generator, seeded
from lstm_text.init import chrono_, forget_gate_bias_, orthogonal_
from lstm_text.layers import GRU, LSTM, RNN, RecurrentLayer


def as_in_pytorch(layer: RecurrentLayer, length: int, seed: int) -> None:
    """PyTorch の初期値のまま。LSTM のバイアスの和は、0 のまわりの小さな数になる。

    Parameters
    ----------
    layer : RecurrentLayer
    length : int
        課題の系列長。
    seed : int

    Examples
    --------
    >>> as_in_pytorch(LSTM(1, 2), 10, 0)
    """


def orthogonal(layer: RecurrentLayer, length: int, seed: int) -> None:
    """再帰の重みを直交行列にする。

    Parameters
    ----------
    layer : RecurrentLayer
    length : int
        課題の系列長。
    seed : int

    Examples
    --------
    >>> orthogonal(RNN(1, 2), 10, 0)
    """
    orthogonal_(layer, generator(seed))


def chrono(layer: RecurrentLayer, length: int, seed: int) -> None:
    """課題の系列長に合わせて chrono 初期化をする。

    Parameters
    ----------
    layer : RecurrentLayer
    length : int
        課題の系列長。
    seed : int

    Examples
    --------
    >>> chrono(LSTM(1, 2), 10, 0)
    """
    chrono_(layer, length, generator(seed))


def remembering(bias: float) -> Callable[[RecurrentLayer, int, int], None]:
    """忘却ゲートのバイアスを ``bias`` にする関数を返す。

    Parameters
    ----------
    bias : float

    Returns
    -------
    callable

    Examples
    --------
    >>> layer = LSTM(1, 1)
    >>> remembering(1.0)(layer, 10, 0)
    >>> (layer.bias_ih_l0 + layer.bias_hh_l0)[1].item()
    1.0
    """
    return lambda layer, length, seed: forget_gate_bias_(layer, bias)


@dataclass(frozen=True)
class Contender:
    """比べる再帰層の作り方。

    Parameters
    ----------
    layer : type of RecurrentLayer
    start : callable
        ``(層, 系列長, 種)`` を受け取り、PyTorch の初期値を書き換える関数。
    bidirectional : bool

    Examples
    --------
    >>> Contender(LSTM, remembering(1.0)).bidirectional
    False
    """

    layer: type[RecurrentLayer]
    start: Callable[[RecurrentLayer, int, int], None] = as_in_pytorch
    bidirectional: bool = False


CONTENDERS = {
    "RNN": Contender(RNN),
    "直交 RNN": Contender(RNN, orthogonal),
    "LSTM": Contender(LSTM),
    "LSTM（b=1）": Contender(LSTM, remembering(1.0)),
    "LSTM（b=3）": Contender(LSTM, remembering(3.0)),
    "LSTM（chrono）": Contender(LSTM, chrono),
    "GRU": Contender(GRU),
    "双方向 LSTM": Contender(LSTM, bidirectional=True),
}
"""名前から作り方を引く表。``b`` は忘却ゲートのバイアスの和。"""


def build(
    head: Callable[[RecurrentLayer], nn.Module],
    name: str,
    input_size: int,
    hidden_size: int,
    length: int,
    seed: int,
    num_layers: int = 1,
) -> nn.Module:
    """名前で選んだ再帰層に、答えを出す層を付けたモデルを作る。

    Parameters
    ----------
    head : callable
        再帰層からモデルを作る関数。
    name : str
        :data:`CONTENDERS` にある名前。
    input_size, hidden_size, length, seed, num_layers : int

    Returns
    -------
    nn.Module

    Examples
    --------
    >>> from lstm_text.models import LastState
    >>> model = build(lambda layer: LastState(layer, 10), "GRU", 10, 32, length=50, seed=0)
    >>> model.recurrent
    GRU(10, 32, batch_first=True)
    """
    contender = CONTENDERS[name]
    with seeded(seed):
        layer = contender.layer(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            bidirectional=contender.bidirectional,
        )
        model = head(layer)
    contender.start(layer, length, seed)
    return model
