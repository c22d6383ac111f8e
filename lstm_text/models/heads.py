"""再帰層の後に、答えを出す層を付けたモデル。"""

from torch import Tensor, nn

from lstm_text import PAD
from lstm_text.models.padded import output_size, run


class LastState(nn.Module):
    """系列を読み終えたときの状態から答える分類器・回帰器。

    Parameters
    ----------
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    out_features : int
        答えの次元。

    Examples
    --------
    >>> import torch
    >>> LastState(nn.RNN(2, 4, batch_first=True), 1)(torch.zeros(3, 5, 2)).shape
    torch.Size([3, 1])
    """

    def __init__(self, recurrent: nn.Module, out_features: int):
        super().__init__()
        self.recurrent = recurrent
        self.head = nn.Linear(output_size(recurrent), out_features)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """``(batch, time, input)`` から ``(batch, out_features)`` を計算する。"""
        _, last = run(self.recurrent, x, lengths)
        return self.head(last)


class EveryStep(nn.Module):
    """すべての時刻で答えを出すモデル。

    Parameters
    ----------
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    out_features : int
        1 時刻の答えの次元。

    Examples
    --------
    >>> import torch
    >>> EveryStep(nn.LSTM(1, 4, batch_first=True), 1)(torch.zeros(3, 5, 1)).shape
    torch.Size([3, 5, 1])
    """

    def __init__(self, recurrent: nn.Module, out_features: int):
        super().__init__()
        self.recurrent = recurrent
        self.head = nn.Linear(output_size(recurrent), out_features)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """``(batch, time, input)`` から ``(batch, time, out_features)`` を計算する。"""
        output, _ = run(self.recurrent, x, lengths)
        return self.head(output)


class Tagger(nn.Module):
    """単語の列に、1 語ずつタグを付けるモデル。

    Parameters
    ----------
    vocab_size : int
        語彙の大きさ（PAD と UNK を含む）。
    embedding_dim : int
        埋め込みの次元。``recurrent`` の入力の次元と同じ。
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    tags : int
        タグの種類。

    Examples
    --------
    >>> import torch
    >>> model = Tagger(10, 3, nn.LSTM(3, 4, batch_first=True, bidirectional=True), tags=5)
    >>> model(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2, 3, 5])
    """

    def __init__(self, vocab_size: int, embedding_dim: int, recurrent: nn.Module, tags: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD)
        self.tag = EveryStep(recurrent, tags)

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """単語番号 ``(batch, time)`` からタグの得点 ``(batch, time, tags)`` を計算する。"""
        return self.tag(self.embedding(ids), lengths)


class SentimentClassifier(nn.Module):
    """埋め込み → 再帰層 → プーリング → 線形層。肯定を正とするロジットを 1 つ返す。

    Parameters
    ----------
    vocab_size : int
        語彙の大きさ（PAD と UNK を含む）。
    embedding_dim : int
        埋め込みの次元。``recurrent`` の入力の次元と同じ。
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    pooling : nn.Module
        :class:`LastStatePooling`、:class:`MaxPooling`、:class:`MeanPooling`、
        :class:`AttentionPooling`、:class:`ConcatPooling` など。
    dropout : float
        埋め込みと要約に掛けるドロップアウトの率。

    Examples
    --------
    >>> import torch
    >>> from lstm_text.models import LastStatePooling
    >>> recurrent = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
    >>> model = SentimentClassifier(10, 3, recurrent, LastStatePooling())
    >>> model(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2])
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        recurrent: nn.Module,
        pooling: nn.Module,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD)
        self.recurrent = recurrent
        self.pooling = pooling
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(output_size(recurrent), 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """単語番号 ``(batch, time)`` と長さ ``(batch,)`` からロジット ``(batch,)`` を計算する。"""
        output, last = run(self.recurrent, self.dropout(self.embedding(ids)), lengths)
        summary = self.pooling(output, last, lengths)
        return self.head(self.dropout(summary)).squeeze(-1)


class CharacterModel(nn.Module):
    """直前の文字の窓から、次の 1 文字の得点を出すモデル。

    Parameters
    ----------
    vocab_size : int
        文字の種類。
    recurrent : nn.Module
        入力の次元が ``vocab_size`` で ``batch_first=True`` の再帰層。

    Examples
    --------
    >>> import torch
    >>> model = CharacterModel(6, nn.LSTM(6, 4, batch_first=True))
    >>> model(torch.tensor([[0, 1, 2], [3, 4, 5]])).shape
    torch.Size([2, 6])
    """

    def __init__(self, vocab_size: int, recurrent: nn.Module):
        super().__init__()
        self.vocab_size = vocab_size
        self.predict = LastState(recurrent, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        """文字番号 ``(batch, time)`` から、次の文字の得点 ``(batch, vocab_size)`` を計算する。"""
        one_hot = nn.functional.one_hot(ids, self.vocab_size)
        return self.predict(one_hot.to(self.predict.head.weight.dtype))
