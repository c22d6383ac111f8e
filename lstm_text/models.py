"""再帰層を組み込んだモデル。層は自作のものでも ``torch.nn`` のものでもかまいません。

系列の長さが違うバッチは ``lengths`` と一緒に渡します。パディングは結果に影響しません
（GPU では packing を、CPU では同じ結果になるもっと速い方法を使います）。
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_text.text import PAD


def count_parameters(module: nn.Module) -> int:
    """訓練されるパラメータの数を数える。

    Parameters
    ----------
    module : nn.Module

    Returns
    -------
    int

    Examples
    --------
    >>> count_parameters(nn.Linear(40, 1))
    41
    """
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def run(recurrent: nn.Module, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """再帰層を走らせ、全時刻の出力と、最後の層の本当の最終状態を返す。

    Parameters
    ----------
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    x : Tensor, (batch, time, input)
    lengths : Tensor, (batch,), optional
        系列ごとの長さ。省くとすべて ``time``。

    Returns
    -------
    output : Tensor, (batch, time, 方向数 × hidden)
    last : Tensor, (batch, 方向数 × hidden)
        順方向は最後の時刻、逆方向は最初の時刻の状態を連結したもの。

    Raises
    ------
    ValueError
        ``batch_first=True`` でないとき、長さが 0 の系列があるとき。

    Examples
    --------
    >>> output, last = run(nn.LSTM(3, 2, batch_first=True), torch.zeros(5, 7, 3))
    >>> torch.equal(output[:, -1], last)
    True
    """
    if not recurrent.batch_first:
        raise ValueError("再帰層には batch_first=True が必要です。")
    if lengths is not None and bool((lengths < 1).any()):
        empty = (lengths < 1).nonzero().flatten().tolist()
        raise ValueError(
            f"系列の長さはどれも 1 以上が必要ですが、バッチの {empty} 番目の長さが 0 でした。"
        )
    if lengths is not None and isinstance(recurrent, nn.RNNBase) and x.device.type == "cpu":
        return _run_without_packing(recurrent, x, lengths)
    if lengths is None:
        output, state = recurrent(x)
    else:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, state = recurrent(packed)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
    h_n = state[0] if isinstance(state, tuple) else state
    directions = 2 if recurrent.bidirectional else 1
    return output, torch.cat(tuple(h_n[-directions:]), dim=-1)


def reverse_sequences(x: Tensor, lengths: Tensor) -> Tensor:
    """それぞれの系列を、自分の長さの中で逆順にする。パディングは動かさない。

    Parameters
    ----------
    x : Tensor, (batch, time, features)
    lengths : Tensor, (batch,)

    Returns
    -------
    Tensor, (batch, time, features)

    Examples
    --------
    >>> x = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0]]).unsqueeze(-1)
    >>> reverse_sequences(x, torch.tensor([3, 2])).squeeze(-1)
    tensor([[3, 2, 1, 0],
            [5, 4, 0, 0]])
    """
    time = torch.arange(x.shape[1], device=x.device)
    last = lengths.to(x.device)[:, None] - 1
    source = torch.where(time <= last, last - time, time)
    return x.gather(1, source[:, :, None].expand_as(x))


_FUNCTIONS = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}


def _run_without_packing(recurrent: nn.RNNBase, x: Tensor, lengths: Tensor):
    """packing と同じ結果を、CPU で速く計算する。

    CPU では、長さの違う系列を packing して逆伝播すると、時刻ごとにバッチ全体の大きさの 0 が作られ、
    時間が長さの 2 乗で増える。そこで、逆方向の層には反転した系列を読ませ、どちらの方向でも
    パディングが系列の後ろに来るようにする。後ろにあるものは、前の出力に影響しない。
    """
    time = x.shape[1]
    x = x[:, : int(lengths.max())]
    directions = 2 if recurrent.bidirectional else 1
    outside = ~_inside(x, lengths)
    for layer in range(recurrent.num_layers):
        if layer > 0:
            x = nn.functional.dropout(x, recurrent.dropout, recurrent.training)
        weights = recurrent.all_weights[layer * directions :]
        outputs = [_one_direction(recurrent, x, weights[0])]
        if recurrent.bidirectional:
            backward = _one_direction(recurrent, reverse_sequences(x, lengths), weights[1])
            outputs.append(reverse_sequences(backward, lengths))
        x = torch.cat(outputs, dim=-1)
    last = [outputs[0][torch.arange(len(x)), lengths - 1], *(o[:, 0] for o in outputs[1:])]
    output = nn.functional.pad(x.masked_fill(outside, 0), (0, 0, 0, time - x.shape[1]))
    return output, torch.cat(last, dim=-1)


def _one_direction(recurrent: nn.RNNBase, x: Tensor, weights: list[Tensor]) -> Tensor:
    zeros = x.new_zeros(1, len(x), recurrent.hidden_size)
    state = (zeros, zeros) if recurrent.mode == "LSTM" else zeros
    return _FUNCTIONS[recurrent.mode](
        x, state, weights, recurrent.bias, 1, 0.0, recurrent.training, False, True
    )[0]


def output_size(recurrent: nn.Module) -> int:
    """再帰層の 1 時刻の出力の次元を返す。

    Parameters
    ----------
    recurrent : nn.Module

    Returns
    -------
    int

    Examples
    --------
    >>> output_size(nn.GRU(3, 8, bidirectional=True))
    16
    """
    return recurrent.hidden_size * (2 if recurrent.bidirectional else 1)


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


def _inside(output: Tensor, lengths: Tensor) -> Tensor:
    time = torch.arange(output.shape[1], device=output.device)
    return (time < lengths.to(output.device)[:, None]).unsqueeze(-1)


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
        return output.masked_fill(~_inside(output, lengths), float("-inf")).amax(dim=1)


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
        total = output.masked_fill(~_inside(output, lengths), 0).sum(dim=1)
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
        return scores.masked_fill(~_inside(output, lengths), float("-inf")).softmax(dim=1)

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
        :class:`LastStatePooling`、:class:`MaxPooling`、:class:`MeanPooling` のどれか。
    dropout : float
        埋め込みと要約に掛けるドロップアウトの率。

    Examples
    --------
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
