"""素朴な分類器：長さを見ず、パディングの終わりまで読む。"""

import torch
from torch import Tensor, nn


class NaiveClassifier(nn.Module):
    """いちばん長いレビューに合わせてパディングし、その最後まで読んで答える分類器。遅さを測る相手。

    2 層 256 ユニット。

    Examples
    --------
    >>> NaiveClassifier(9)(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2])
    """

    def __init__(self, vocab_size: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 100)
        self.recurrent = nn.LSTM(100, 256, 2, batch_first=True, dropout=0.5, bidirectional=True)
        self.head = nn.Linear(512, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` からロジット ``(batch,)``。長さは使わない。"""
        _, (h_n, _) = self.recurrent(self.embedding(ids))
        return self.head(torch.cat([h_n[-2], h_n[-1]], dim=-1)).squeeze(-1)
