"""系列のための正則化：単語ドロップアウト、固定ドロップアウト、重みドロップアウト。

どれも評価のとき（``eval()``）には何もしません。乱数は ``nn.Dropout`` と同じく PyTorch 全体のものを
使うので、:func:`lstm_text.device.seeded` で再現できます。
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from lstm_text import PAD, UNK


def _check_rate(rate: float) -> float:
    if not 0 <= rate < 1:
        raise ValueError(f"ドロップアウトの率には 0 以上 1 未満の数が必要ですが、{rate} でした。")
    return rate


class WordDropout(nn.Module):
    """訓練のときだけ、ところどころの語を未知語（UNK）に置き換える。

    Parameters
    ----------
    rate : float
        1 つの語が置き換わる確率。

    References
    ----------
    Dai & Le (2015), "Semi-supervised Sequence Learning", NeurIPS, 4.1 節。

    Examples
    --------
    >>> WordDropout(0.9).eval()(torch.tensor([[5, 6, 0]]))
    tensor([[5, 6, 0]])
    """

    def __init__(self, rate: float):
        super().__init__()
        self.rate = _check_rate(rate)

    def forward(self, ids: Tensor) -> Tensor:
        """番号 ``(batch, time)`` を、同じ形で返す。パディングは変えない。"""
        if not self.training or self.rate == 0:
            return ids
        chosen = torch.rand(ids.shape, device=ids.device) < self.rate
        return ids.masked_fill(chosen & (ids != PAD), UNK)


class LockedDropout(nn.Module):
    """1 つの系列のすべての時刻に、同じマスクを掛けるドロップアウト。マスクは系列ごとに違う。

    Parameters
    ----------
    rate : float
        1 つの特徴が消える確率。

    References
    ----------
    Gal & Ghahramani (2016), "A Theoretically Grounded Application of Dropout in Recurrent
    Neural Networks", NeurIPS.

    Examples
    --------
    >>> out = LockedDropout(0.5)(torch.ones(2, 7, 8))
    >>> bool((out == out[:, :1]).all())
    True
    """

    def __init__(self, rate: float):
        super().__init__()
        self.rate = _check_rate(rate)

    def forward(self, x: Tensor) -> Tensor:
        """``(batch, time, features)`` を、同じ形で返す。"""
        return x * dropout(torch.ones_like(x[:, :1]), self.rate, self.training)


class WeightDropLSTM(nn.LSTM):
    """隠れ状態に掛かる重み ``weight_hh`` を、系列を読むたびに間引く LSTM。

    間引いた重みは計算のたびに作ります。もとの重みは書き換えず、勾配はもとの重みに届きます。
    重みの名前は ``nn.LSTM`` と同じです。

    Parameters
    ----------
    input_size, hidden_size, num_layers : int
    bidirectional : bool
    weight_dropout : float
        1 つの重みが消える確率。

    References
    ----------
    Merity, Keskar & Socher (2018), "Regularizing and Optimizing LSTM Language Models", ICLR, 2 節。

    Examples
    --------
    >>> lstm = WeightDropLSTM(3, 2, weight_dropout=0.5).eval()
    >>> plain = nn.LSTM(3, 2, batch_first=True)
    >>> plain.load_state_dict(lstm.state_dict())
    <All keys matched successfully>
    >>> x = torch.ones(1, 4, 3)
    >>> torch.equal(lstm(x)[0], plain(x)[0])
    True
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        weight_dropout: float = 0.5,
    ):
        super().__init__(
            input_size, hidden_size, num_layers, batch_first=True, bidirectional=bidirectional
        )
        self.weight_dropout = _check_rate(weight_dropout)

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """層と方向ごとの ``[weight_ih, 間引いた weight_hh, bias_ih, bias_hh]``。"""
        return [
            [w_ih, dropout(w_hh, self.weight_dropout, self.training), *biases]
            for w_ih, w_hh, *biases in super().all_weights
        ]

    def forward(self, input, hx=None):
        """``nn.LSTM`` と同じ。"""
        raw = self._flat_weights  # nn.LSTM が計算に使う、重みの並び
        self._flat_weights = [weight for weights in self.all_weights for weight in weights]
        try:
            return super().forward(input, hx)
        finally:
            self._flat_weights = raw
