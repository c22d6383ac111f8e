"""LSTM のほかに何で読むか：同じ分類器の、系列を読むところだけを取り替える。

読む層はどれも、埋め込みの列 ``(batch, time, input)`` と長さ ``(batch,)`` から、時刻ごとの出力
``(batch, time, features)`` を作り、出力の次元を ``features`` で知らせます。パディングの時刻に何が
出ても、注意機構は重みを 0 にします。
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from lstm_text.imdb.classifier import NormalizedEmbedding
from lstm_text.models import AttentionPooling, output_size, run


class AttentionClassifier(nn.Module):
    """埋め込み → 読む層 → 注意機構 → ロジット。

    Parameters
    ----------
    frequencies : Tensor, (vocab_size,)
        訓練用の文章での、語の番号ごとの回数。
    embedding_dim : int
    encoder : nn.Module
        読む層。
    dropout : float
        要約に掛けるドロップアウトの率。

    Examples
    --------
    パディングを足しても、答えは変わりません。

    >>> lstm = Recurrent(nn.LSTM(4, 3, batch_first=True, bidirectional=True))
    >>> model = AttentionClassifier(torch.ones(9), 4, lstm).eval()
    >>> short, long = torch.tensor([[2, 3, 4]]), torch.tensor([[2, 3, 4, 0, 0]])
    >>> n = torch.tensor([3])
    >>> torch.allclose(model(short, n), model(long, n))
    True
    """

    def __init__(
        self, frequencies: Tensor, embedding_dim: int, encoder: nn.Module, dropout: float = 0.5
    ):
        super().__init__()
        self.embedding = NormalizedEmbedding(frequencies, embedding_dim)
        self.encoder = encoder
        self.pooling = AttentionPooling(encoder.features)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.features, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` と長さ ``(batch,)`` からロジット ``(batch,)``。"""
        output = self.encoder(self.embedding(ids), lengths)
        summary = self.pooling(output, output[:, -1], lengths)
        return self.head(self.dropout(summary)).squeeze(-1)


class Recurrent(nn.Module):
    """再帰層で読む。``nn.RNN``、``nn.LSTM``、``nn.GRU`` か、同じ形で呼べる層を渡す。

    Parameters
    ----------
    layer : nn.Module
        ``batch_first=True`` の再帰層。

    Examples
    --------
    >>> recurrent = Recurrent(nn.GRU(4, 3, batch_first=True))
    >>> recurrent(torch.zeros(2, 5, 4), torch.tensor([5, 2])).shape, recurrent.features
    (torch.Size([2, 5, 3]), 3)
    """

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer
        self.features = output_size(layer)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, input)`` から ``(batch, time, features)`` を返す。"""
        return run(self.layer, x, lengths)[0]


class Convolution(nn.Module):
    """1 次元の畳み込み：前後の数語だけを見る。

    Parameters
    ----------
    input_size, features : int
    width : int
        一度に見る語の数（奇数）。

    References
    ----------
    Kim (2014), "Convolutional Neural Networks for Sentence Classification", EMNLP.

    Examples
    --------
    >>> Convolution(4, 6, width=5)(torch.zeros(2, 7, 4), torch.tensor([7, 3])).shape
    torch.Size([2, 7, 6])
    """

    def __init__(self, input_size: int, features: int, width: int = 5):
        super().__init__()
        self.convolution = nn.Conv1d(input_size, features, width, padding=width // 2)
        self.features = features

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, input)`` から ``(batch, time, features)`` を返す。"""
        return relu(self.convolution(x.transpose(1, 2))).transpose(1, 2)


class SmallTransformer(nn.Module):
    """Transformer のエンコーダ：どの語も、自分を含むすべての語をじかに見る。

    語の順番は、学ぶ位置の埋め込みで知らせます。

    Parameters
    ----------
    input_size : int
    heads : int
        注意の頭の数。``input_size`` を割りきること。
    layers : int
    positions : int
        読める長さの上限。

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", NeurIPS.

    Examples
    --------
    >>> encoder = SmallTransformer(8, heads=2, layers=1, positions=9).eval()
    >>> encoder(torch.zeros(2, 7, 8), torch.tensor([7, 3])).shape
    torch.Size([2, 7, 8])
    """

    def __init__(self, input_size: int, heads: int = 2, layers: int = 1, positions: int = 1000):
        super().__init__()
        self.positions = nn.Parameter(0.1 * torch.randn(positions, input_size))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                input_size, heads, 2 * input_size, 0.1, batch_first=True, norm_first=True
            )
            for _ in range(layers)
        )
        self.features = input_size

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, input)`` から ``(batch, time, features)`` を返す。"""
        time = torch.arange(x.shape[1], device=x.device)
        outside = time >= lengths.to(x.device)[:, None]
        x = x + self.positions[: x.shape[1]]
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=outside)
        return x
