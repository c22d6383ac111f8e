"""語と語の組の偏りを数え、再帰層に読ませる。

NB-SVM は、語の組が肯定と否定のどちらのレビューに偏って現れるかを、1 度数えただけで知っています。
ここでは、その偏りを時刻ごとの入力に並べ、埋め込みと一緒に再帰層に読ませます。
"""

import torch
from torch import Tensor, nn

from lstm_text.imdb.reviews import EncodedReviews
from lstm_text.models import AttentionPooling


class Leanings:
    """語と語の組の偏り：それを含む肯定と否定のレビューの数の、対数比。

    1 件のレビューに何度現れても、1 件と数えます。偏りは ``log((肯定 + 1) / (否定 + 1))`` で、数えた
    ことのない組では 0 です。

    Parameters
    ----------
    reviews : EncodedReviews
        数える訓練用のレビュー。
    vocab_size : int
    longest : int
        何語の組まで数えるか。
    least : int
        これより少ないレビューにしか現れない組は、数えない。

    Raises
    ------
    ValueError
        ``longest`` か ``least`` が 1 より小さいとき、組の番号が 64 ビットに収まらないとき。

    References
    ----------
    Wang & Manning (2012), "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification", ACL, 式 (1)（ここでは、合計で割らない）。

    Examples
    --------
    ``good`` （番号 2）は肯定の 2 件と否定の 1 件に、``not good`` （3、2）は否定の 1 件に現れます。

    >>> from lstm_text.text import Vocabulary
    >>> texts = [["good"], ["good", "."], ["not", "good"]]
    >>> reviews = EncodedReviews(texts, [1, 1, 0], Vocabulary(["good", "not", "."]), 9)
    >>> leanings = Leanings(reviews, 5, longest=2, least=1)
    >>> leanings(torch.tensor([[3, 2]])).exp().round(decimals=2)
    tensor([[[0.5000, 1.0000],
             [1.5000, 0.5000]]])

    訓練に使うレビューからは、そのレビュー自身の 1 件を除きます。

    >>> leanings(torch.tensor([[3, 2]]), torch.tensor([0.0])).exp().round(decimals=2)
    tensor([[[1., 1.],
             [3., 1.]]])
    """

    def __init__(self, reviews: EncodedReviews, vocab_size: int, longest: int = 3, least: int = 2):
        if min(longest, least) < 1:
            raise ValueError(
                f"longest と least には 1 以上の整数が必要ですが、{longest} と {least} でした。"
            )
        if (vocab_size + 1) ** longest >= 2**62:
            raise ValueError(
                f"語彙 {vocab_size:,} 語、{longest} 語の組までの番号は、64 ビットに収まりません。"
            )
        self.vocab_size, self.longest = vocab_size, longest
        keys = [self._keys(ids[None]) for ids in reviews.ids]
        keys = [torch.unique(each[each >= 0]) for each in keys]
        labels = torch.tensor(reviews.labels).repeat_interleave(
            torch.tensor([len(k) for k in keys])
        )
        self.keys, which, counts = torch.unique(
            torch.cat(keys), return_inverse=True, return_counts=True
        )
        positive = torch.zeros(len(self.keys)).index_add_(0, which, labels)
        kept = counts >= least
        nothing = torch.tensor([2**62])  # どの組とも違う番号。1 つも残らなくても引けるように
        self.keys = torch.cat([self.keys[kept], nothing])
        self.positive = torch.cat([positive[kept], torch.zeros(1)])
        self.negative = torch.cat([(counts - positive)[kept], torch.zeros(1)])

    def _keys(self, ids: Tensor) -> Tensor:
        """時刻ごとの、そこで終わる 1 語、2 語、…の組の番号 ``(batch, time, longest)``。

        初めのほうの、まだ語の足りない所は -1。
        """
        ids = ids.long() + 1  # 0 を「語がない」に空けておくと、長さの違う組の番号が重ならない
        keys, key = [], torch.zeros_like(ids)
        for back in range(self.longest):
            word = torch.zeros_like(ids)
            word[:, back:] = ids[:, : ids.shape[1] - back]
            key = torch.where(word > 0, key + word * (self.vocab_size + 1) ** back, -1)
            keys.append(key)
        return torch.stack(keys, dim=-1)

    def __call__(self, ids: Tensor, labels: Tensor | None = None) -> Tensor:
        """番号 ``(batch, time)`` から、偏り ``(batch, time, longest)`` を求める。

        Parameters
        ----------
        ids : Tensor of int64, (batch, time)
        labels : Tensor, (batch,), optional
            数えたレビューなら、その正解。そのレビュー自身の 1 件を、数から除く。

        Returns
        -------
        Tensor, (batch, time, longest)
        """
        keys = self._keys(ids.cpu())
        at = torch.searchsorted(self.keys, keys)
        known = self.keys[at] == keys
        positive, negative = self.positive[at], self.negative[at]
        if labels is not None:
            own = labels.cpu()[:, None, None]
            positive, negative = positive - own, negative - (1 - own)
        leaning = torch.log((positive + 1) / (negative + 1))
        return torch.where(known, leaning, 0).to(ids.device)


class LeaningClassifier(nn.Module):
    """埋め込みと偏り → 読む層 → 注意機構 → ロジット。

    Parameters
    ----------
    leanings : Leanings
    embedding_dim : int
    encoder : nn.Module
        読む層。入力の次元は ``embedding_dim + leanings.longest``。
    dropout : float
        要約に掛けるドロップアウトの率。

    Examples
    --------
    >>> from lstm_text.imdb import Recurrent
    >>> from lstm_text.text import Vocabulary
    >>> reviews = EncodedReviews([["good"], ["bad"]], [1, 0], Vocabulary(["good", "bad"]), 9)
    >>> layer = nn.LSTM(4 + 3, 3, batch_first=True, bidirectional=True)
    >>> model = LeaningClassifier(Leanings(reviews, 4), 4, Recurrent(layer))
    >>> model(torch.tensor([[2, 3]]), torch.tensor([2])).shape
    torch.Size([1])
    """

    def __init__(
        self, leanings: Leanings, embedding_dim: int, encoder: nn.Module, dropout: float = 0.5
    ):
        super().__init__()
        self.leanings, self.encoder = leanings, encoder
        self.embedding = nn.Embedding(leanings.vocab_size, embedding_dim, padding_idx=0)
        with torch.no_grad():
            self.embedding.weight.mul_(0.5)
        self.pooling = AttentionPooling(encoder.features)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.features, 1)

    def forward(self, ids: Tensor, lengths: Tensor, labels: Tensor | None = None) -> Tensor:
        """番号 ``(batch, time)`` と長さ ``(batch,)`` からロジット ``(batch,)``。

        訓練では ``labels`` に正解を渡し、そのレビュー自身の 1 件を抜く。
        """
        x = torch.cat([self.embedding(ids), self.leanings(ids, labels)], dim=-1)
        output = self.encoder(x, lengths)
        summary = self.pooling(output, output[:, -1], lengths)
        return self.head(self.dropout(summary)).squeeze(-1)
