"""IMDb のための分類器 ``Classifier``。正則化、敵対的訓練、事前学習のどれとも組み合わせられます。"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lstm_text import PAD
from lstm_text.device import seeded
from lstm_text.imdb.dropout import LockedDropout, WeightDropLSTM, WordDropout
from lstm_text.models import (
    AttentionPooling,
    ConcatPooling,
    LastStatePooling,
    MaxPooling,
    MeanPooling,
    output_size,
    run,
)

POOLINGS = ("last", "max", "mean", "attention", "concat")
"""要約の作り方の名前。"""


@dataclass(frozen=True)
class Shape:
    """``Classifier`` の形と正則化の強さ。

    Examples
    --------
    >>> Shape(pooling="sum")
    Traceback (most recent call last):
    ValueError: pooling には last、max、mean、attention、concat が必要ですが、'sum' でした。
    """

    embedding_dim: int = field(default=100, metadata={"help": "埋め込みの次元"})
    hidden_size: int = field(default=128, metadata={"help": "1 方向の隠れ状態の次元"})
    num_layers: int = field(default=1, metadata={"help": "LSTM の層の数"})
    pooling: str = field(default="max", metadata={"help": f"要約の作り方（{'、'.join(POOLINGS)}）"})
    word_dropout: float = field(default=0.0, metadata={"help": "語を未知語に置き換える確率"})
    locked_dropout: float = field(default=0.3, metadata={"help": "固定ドロップアウトの率"})
    weight_dropout: float = field(default=0.0, metadata={"help": "隠れ状態の重みを消す確率"})
    dropout: float = field(default=0.5, metadata={"help": "要約に掛けるドロップアウトの率"})

    def __post_init__(self):
        if self.pooling not in POOLINGS:
            known = "、".join(POOLINGS)
            raise ValueError(f"pooling には {known} が必要ですが、{self.pooling!r} でした。")


class NormalizedEmbedding(nn.Module):
    """語の頻度で重みをつけた平均が 0、分散が 1 になるように、そろえた埋め込み。

    敵対的訓練では、埋め込みをただ大きくすれば決まった大きさの雑音を無力にできてしまう。そろえれば、
    その逃げ道がなくなる。パディングのベクトルは 0 になる。

    Parameters
    ----------
    frequencies : Tensor, (vocab_size,)
        語の番号ごとの回数（割合でもよい）。
    embedding_dim : int

    References
    ----------
    Miyato, Dai & Goodfellow (2017), "Adversarial Training Methods for Semi-Supervised Text
    Classification", ICLR, 式 (1)。

    Examples
    --------
    >>> table = NormalizedEmbedding(torch.tensor([0.0, 1.0, 1.0, 2.0]), 5)
    >>> x = table(torch.tensor([1, 2, 3, 3]))
    >>> torch.allclose(x.mean(dim=0), torch.zeros(5), atol=1e-5)
    True
    """

    def __init__(self, frequencies: Tensor, embedding_dim: int):
        super().__init__()
        # 小さく始めると、同じ学習率でも、そろえた後のベクトルが速く動く
        self.weight = nn.Parameter(0.1 * torch.randn(len(frequencies), embedding_dim))
        share = frequencies.to(self.weight.dtype) / frequencies.sum()
        self.register_buffer("share", share.unsqueeze(1))

    def forward(self, ids: Tensor) -> Tensor:
        """番号 ``(batch, time)`` から ``(batch, time, embedding_dim)`` を返す。"""
        mean = (self.share * self.weight).sum(dim=0)
        variance = (self.share * (self.weight - mean) ** 2).sum(dim=0)
        vectors = (nn.functional.embedding(ids, self.weight) - mean) / (variance + 1e-8).sqrt()
        return vectors * (ids != PAD).unsqueeze(-1)


class Classifier(nn.Module):
    """埋め込み → 双方向 LSTM → 要約 → ロジット。埋め込みと、その先とを分けて呼べる。

    Parameters
    ----------
    frequencies : Tensor, (vocab_size,)
        訓練用の文章での、語の番号ごとの回数。
    shape : Shape

    Examples
    --------
    >>> classifier = Classifier(torch.ones(10), Shape(embedding_dim=3, hidden_size=4)).eval()
    >>> ids, lengths = torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])
    >>> torch.equal(classifier(ids, lengths), classifier.read(classifier.embed(ids), lengths))
    True
    """

    def __init__(self, frequencies: Tensor, shape: Shape):
        super().__init__()
        self.words = NormalizedEmbedding(frequencies, shape.embedding_dim)
        self.recurrent = WeightDropLSTM(
            shape.embedding_dim,
            shape.hidden_size,
            shape.num_layers,
            bidirectional=True,
            weight_dropout=shape.weight_dropout,
        )
        features = output_size(self.recurrent)
        self.pooling = {
            "last": LastStatePooling,
            "max": MaxPooling,
            "mean": MeanPooling,
            "attention": lambda: AttentionPooling(features),
            "concat": ConcatPooling,
        }[shape.pooling]()
        self.word_dropout = WordDropout(shape.word_dropout)
        self.locked_dropout = LockedDropout(shape.locked_dropout)
        self.dropout = nn.Dropout(shape.dropout)
        self.head = nn.Linear(features * (3 if shape.pooling == "concat" else 1), 1)

    def embed(self, ids: Tensor) -> Tensor:
        """番号 ``(batch, time)`` から、LSTM に入れるベクトル ``(batch, time, embedding_dim)``。"""
        return self.locked_dropout(self.words(self.word_dropout(ids)))

    def read(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """ベクトル ``(batch, time, embedding_dim)`` からロジット ``(batch,)``。"""
        output, last = run(self.recurrent, vectors, lengths)
        summary = self.pooling(output, last, lengths)
        return self.head(self.dropout(summary)).squeeze(-1).to(vectors.dtype)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` と長さ ``(batch,)`` からロジット ``(batch,)``。"""
        return self.read(self.embed(ids), lengths)


def build_classifier(frequencies: Tensor, shape: Shape, seed: int) -> Classifier:
    """種から決まる初期値の ``Classifier`` を作る。

    Parameters
    ----------
    frequencies : Tensor, (vocab_size,)
    shape : Shape
    seed : int

    Returns
    -------
    Classifier

    Examples
    --------
    >>> a, b = (build_classifier(torch.ones(9), Shape(), seed=0) for _ in range(2))
    >>> torch.equal(a.head.weight, b.head.weight)
    True
    """
    with seeded(seed):
        return Classifier(frequencies, shape)
