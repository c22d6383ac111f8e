"""全時刻の出力を、1 つの要約にまとめる。"""

import torch
from torch import Tensor, nn

from lstm_text.models.padded import inside


class LastStatePooling(nn.Module):
    """両方向の最終状態を、系列全体の要約とする。

    Examples
    --------
    >>> LastStatePooling()(torch.zeros(2, 3, 4), torch.ones(2, 4), torch.tensor([3, 1])).sum()
    tensor(8.)
    """

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """最終状態 ``(batch, features)`` をそのまま返す。"""
        return last


class MaxPooling(nn.Module):
    """系列の中の時刻だけで、特徴ごとの最大値をとる。

    Examples
    --------
    >>> output = torch.tensor([[[-2.0], [-1.0], [9.0]]])
    >>> MaxPooling()(output, output[:, 1], torch.tensor([2]))
    tensor([[-1.]])
    """

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        return output.masked_fill(~inside(output, lengths), float("-inf")).amax(dim=1)


class MeanPooling(nn.Module):
    """系列の中の時刻だけで、特徴ごとの平均をとる。

    Examples
    --------
    >>> output = torch.tensor([[[1.0], [3.0], [9.0]]])
    >>> MeanPooling()(output, output[:, 1], torch.tensor([2]))
    tensor([[2.]])
    """

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        total = output.masked_fill(~inside(output, lengths), 0).sum(dim=1)
        return total / lengths.to(output)[:, None]


class AttentionPooling(nn.Module):
    """時刻ごとの重みを学び、隠れ状態の重みつき平均をとる。パディングの重みは 0。

    Parameters
    ----------
    features : int
        隠れ状態の次元。

    References
    ----------
    Yang et al. (2016), "Hierarchical Attention Networks for Document Classification", NAACL,
    式 (5)〜(7)。

    Examples
    --------
    >>> pooling = AttentionPooling(4)
    >>> output = torch.ones(2, 3, 4)
    >>> pooling(output, output[:, -1], torch.tensor([3, 1])).sum().round()
    tensor(8., grad_fn=<RoundBackward0>)
    """

    def __init__(self, features: int):
        super().__init__()
        self.project = nn.Linear(features, features)
        self.score = nn.Linear(features, 1, bias=False)

    def weights(self, output: Tensor, lengths: Tensor) -> Tensor:
        """時刻ごとの重み ``(batch, time, 1)``。系列の中で足すと 1 になる。"""
        scores = self.score(torch.tanh(self.project(output))).float()
        return scores.masked_fill(~inside(output, lengths), float("-inf")).softmax(dim=1)

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        return (self.weights(output, lengths) * output).sum(dim=1)


class ConcatPooling(nn.Module):
    """最終状態、最大値、平均を並べる。

    References
    ----------
    Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification", ACL,
    3.3 節。

    Examples
    --------
    >>> output = torch.tensor([[[1.0], [3.0], [9.0]]])
    >>> ConcatPooling()(output, output[:, 1], torch.tensor([2]))
    tensor([[3., 3., 2.]])
    """

    def __init__(self):
        super().__init__()
        self.max, self.mean = MaxPooling(), MeanPooling()

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, 3 × features)`` を返す。"""
        parts = last, self.max(output, last, lengths), self.mean(output, last, lengths)
        return torch.cat(parts, dim=-1)
