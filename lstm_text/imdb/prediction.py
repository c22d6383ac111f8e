"""訓練した分類器に、レビューの評価を答えさせる。"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text import UNK
from lstm_text.imdb.labelled import Labelled
from lstm_text.imdb.reviews import EncodedReviews
from lstm_text.text import Vocabulary, by_length, evaluation_batches, tokenize


@torch.no_grad()
def probabilities(model: nn.Module, reviews: EncodedReviews | Labelled) -> Tensor:
    """すべてのレビューについて、肯定である確率を求める。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。
    reviews : EncodedReviews or Labelled

    Returns
    -------
    Tensor, (len(reviews),)
        レビューの番号の順。CPU に置く。

    Examples
    --------
    >>> from lstm_text.models import MaxPooling, SentimentClassifier
    >>> model = SentimentClassifier(3, 2, nn.LSTM(2, 2, batch_first=True), MaxPooling())
    >>> reviews = EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=9)
    >>> probabilities(model, reviews).shape
    torch.Size([2])
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    logits = [model(ids.to(device), lengths) for ids, lengths, _ in evaluation_batches(reviews)]
    model.train(was_training)
    result = torch.empty(len(reviews))
    result[by_length(reviews)] = torch.cat(logits).sigmoid().cpu()
    return result


@dataclass(frozen=True)
class Prediction:
    """1 つの文章についての予測。

    Attributes
    ----------
    probability : float
        肯定である確率。
    unknown : float
        語彙になかったトークンの割合。1 なら、モデルは何も読めていない。

    Examples
    --------
    >>> prediction = Prediction(probability=0.9, unknown=0.25)
    >>> print(prediction)
    肯定（確信度 90.0%、語彙にない語 25%）
    """

    probability: float
    unknown: float

    @property
    def label(self) -> str:
        """「肯定」か「否定」。"""
        return "肯定" if self.probability > 0.5 else "否定"

    @property
    def confidence(self) -> float:
        """答えたほうの確率。0.5 から 1。"""
        return max(self.probability, 1 - self.probability)

    def __str__(self) -> str:
        return (
            f"{self.label}（確信度 {100 * self.confidence:.1f}%、"
            f"語彙にない語 {100 * self.unknown:.0f}%）"
        )


@torch.no_grad()
def predict(
    model: nn.Module, vocabulary: Vocabulary, text: str, max_length: int = 400
) -> Prediction:
    """1 つの文章が、肯定か否定かを当てる。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。
    vocabulary : Vocabulary
        モデルを訓練したときの語彙。
    text : str
        英語の文章。HTML が混じっていてもよい。
    max_length : int
        これより長い文章は、先頭からこの数のトークンだけを使う。

    Returns
    -------
    Prediction

    Raises
    ------
    ValueError
        文章に語が一つもないとき。
    TypeError
        文章が文字列でないとき。

    Examples
    --------
    >>> from lstm_text.models import MaxPooling, SentimentClassifier
    >>> model = SentimentClassifier(3, 2, nn.LSTM(2, 2, batch_first=True), MaxPooling())
    >>> predict(model, Vocabulary(["good"]), "Good grief!").unknown
    0.6666666666666666
    """
    if not isinstance(text, str):
        raise TypeError(f"文章には文字列が必要ですが、{type(text).__name__} でした。")
    tokens = tokenize(text)[:max_length]
    if not tokens:
        raise ValueError(f"語を 1 つ以上含む文章が必要ですが、{text[:20]!r} でした。")
    ids = vocabulary.encode(tokens)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    logit = model(torch.tensor([ids], device=device), torch.tensor([len(ids)]))
    model.train(was_training)
    return Prediction(logit.sigmoid().item(), ids.count(UNK) / len(ids))
