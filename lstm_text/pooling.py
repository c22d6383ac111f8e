"""全時刻の隠れ状態を 1 つの要約にまとめる、2 つの方法（ほかは :mod:`lstm_text.models` に）。"""

import torch
from torch import Tensor, nn

from lstm_text.models import MaxPooling, MeanPooling


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
        time = torch.arange(output.shape[1], device=output.device)
        outside = (time >= lengths.to(output.device)[:, None]).unsqueeze(-1)
        scores = self.score(torch.tanh(self.project(output))).float()
        return scores.masked_fill(outside, float("-inf")).softmax(dim=1)

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
