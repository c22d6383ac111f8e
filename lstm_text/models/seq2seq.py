"""系列を読み終えてから、別の系列を書く。エンコーダが読み、デコーダが書きます。"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_text import PAD
from lstm_text.models.padded import inside


class Seq2Seq(nn.Module):
    """エンコーダの最後の状態だけを、デコーダに渡すモデル。

    書き出しと書き終わりの合図は、記号の次の番号 ``end = vocab_size``。

    Parameters
    ----------
    vocab_size : int
        記号の種類（PAD を含む）。読む系列と書く系列に共通。
    embedding_dim, hidden_size : int

    References
    ----------
    Sutskever, Vinyals and Le (2014), "Sequence to Sequence Learning with Neural Networks", NIPS。

    Examples
    --------
    >>> model = Seq2Seq(vocab_size=5, embedding_dim=3, hidden_size=4)
    >>> source, lengths = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    >>> model(source, lengths, target=torch.tensor([[3, 2], [4, 0]])).shape
    torch.Size([2, 3, 6])
    """

    def __init__(self, vocab_size: int, embedding_dim: int, hidden_size: int):
        super().__init__()
        self.end = vocab_size
        self.embedding = nn.Embedding(vocab_size + 1, embedding_dim, padding_idx=PAD)
        self.encoder = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.decoder = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size + 1)

    def encode(self, source: Tensor, lengths: Tensor):
        """``(batch, time)`` を読み、最後の状態 ``h``、``c``（``(1, batch, hidden)``）を返す。"""
        _, state = _read(self.encoder, self.embedding(source), lengths)
        return state

    def decode(self, inputs: Tensor, handed):
        """渡されたものから続けて ``(batch, steps)`` を読み、得点と、次に渡すものを返す。"""
        output, state = self.decoder(self.embedding(inputs), handed)
        return self.head(output), state

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """教師強制。``(batch, steps)`` の正解を読みながら書く。

        Returns
        -------
        Tensor, (batch, steps + 1, vocab_size + 1)
            1 時刻ごとの、記号の得点。
        """
        scores, _ = self.decode(pad(target, (1, 0), value=self.end), self.encode(source, lengths))
        return scores

    def with_end(self, target: Tensor) -> Tensor:
        """``(batch, steps)`` の正解の後ろに、書き終わりの合図を付ける。

        Examples
        --------
        >>> Seq2Seq(5, 3, 4).with_end(torch.tensor([[3, 2], [4, 0]]))
        tensor([[3, 2, 5],
                [4, 5, 0]])
        """
        steps = (target != PAD).sum(dim=1, keepdim=True)
        return pad(target, (0, 1), value=PAD).scatter(1, steps, self.end)

    def loss(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """教師強制での、1 記号あたりの交差エントロピー。"""
        scores = self(source, lengths, target)
        wanted = self.with_end(target)
        return cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=PAD)

    @torch.no_grad()
    def answer(self, source: Tensor, lengths: Tensor, longest: int) -> Tensor:
        """得点のいちばん高い記号を書いては、次の入力にする。

        Returns
        -------
        Tensor of int64, (batch, longest)
            書き終わりの合図までの答え。その後ろは PAD。
        """
        handed = self.encode(source, lengths)
        written = [source.new_full((len(source), 1), self.end)]
        for _ in range(longest):
            scores, handed = self.decode(written[-1], handed)
            written.append(scores.argmax(dim=-1))
        answer = torch.cat(written[1:], dim=1)
        ended = (answer == self.end).long()
        return answer.masked_fill(ended.cumsum(dim=1) > ended, PAD)


class AttentiveSeq2Seq(Seq2Seq):
    """エンコーダの全時刻の出力も、デコーダに渡すモデル。書くたびに、注意機構で読み返す。

    Parameters
    ----------
    vocab_size, embedding_dim, hidden_size : int
        :class:`Seq2Seq` と同じ。

    References
    ----------
    Luong, Pham and Manning (2015), "Effective Approaches to Attention-based Neural Machine
    Translation", EMNLP。式 (5)、(7) と、(8) の dot（input feeding はしない）。

    Examples
    --------
    >>> model = AttentiveSeq2Seq(vocab_size=5, embedding_dim=3, hidden_size=4)
    >>> source, lengths = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    >>> weights = model.weights(source, lengths, target=torch.tensor([[3, 2], [4, 0]]))
    >>> weights.shape, weights[1, 0].tolist()
    (torch.Size([2, 3, 3]), [1.0, 0.0, 0.0])
    """

    def __init__(self, vocab_size: int, embedding_dim: int, hidden_size: int):
        super().__init__(vocab_size, embedding_dim, hidden_size)
        self.combine = nn.Linear(2 * hidden_size, hidden_size)

    def encode(self, source: Tensor, lengths: Tensor):
        """最後の状態に、全時刻の出力 ``(batch, time, hidden)`` と、その長さを添えて返す。"""
        memory, state = _read(self.encoder, self.embedding(source), lengths)
        return state, memory, lengths

    def decode(self, inputs: Tensor, handed):
        """1 記号ごとに、エンコーダの出力を重みつきで読み返してから、得点を出す。"""
        state, memory, lengths = handed
        output, state = self.decoder(self.embedding(inputs), state)
        context = attention_weights(output, memory, lengths) @ memory
        output = torch.tanh(self.combine(torch.cat([context, output], dim=-1)))
        return self.head(output), (state, memory, lengths)

    def weights(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """教師強制で書くときの、注意の重み ``(batch, steps + 1, time)``。"""
        state, memory, lengths = self.encode(source, lengths)
        output, _ = self.decoder(self.embedding(pad(target, (1, 0), value=self.end)), state)
        return attention_weights(output, memory, lengths)


def attention_weights(query: Tensor, memory: Tensor, lengths: Tensor) -> Tensor:
    """内積の得点を、系列の中でソフトマックスにする。

    Parameters
    ----------
    query : Tensor, (batch, steps, features)
        デコーダの出力。
    memory : Tensor, (batch, time, features)
        エンコーダの出力。
    lengths : Tensor, (batch,)

    Returns
    -------
    Tensor, (batch, steps, time)
        ``time`` の向きに足すと 1。パディングの重みは 0。

    Examples
    --------
    >>> memory = torch.tensor([[[1.0], [1.0], [9.0]]])
    >>> attention_weights(torch.ones(1, 1, 1), memory, torch.tensor([2]))
    tensor([[[0.5000, 0.5000, 0.0000]]])
    """
    scores = query @ memory.transpose(1, 2)
    outside = ~inside(memory, lengths).transpose(1, 2)
    return scores.masked_fill(outside, float("-inf")).softmax(dim=-1)


def _read(encoder: nn.LSTM, x: Tensor, lengths: Tensor):
    """全時刻の出力と、系列ごとの本当の最後の状態。"""
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    packed, state = encoder(packed)
    output, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    return output, state
