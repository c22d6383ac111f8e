"""パディングを正しく扱わないと何が起きるか：架空のレビューでの精度

どのレビューも同じ長さまで、後ろか前にパディングします。本当の長さを渡す場合と渡さない場合、最後の
状態から答える場合と全時刻の最大値から答える場合を比べます。
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text import PAD
from lstm_text.datasets import builtin
from lstm_text.device import generator, get_device, seeded
from lstm_text.imdb import EncodedReviews
from lstm_text.models import LastStatePooling, MaxPooling, SentimentClassifier
from lstm_text.text import Vocabulary, tokenize
from lstm_text.training import batches, binary_accuracy, evaluate, fit


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    train: int = 800
    test: int = 600
    width: int = 150  # どのレビューも、この長さまでパディングする
    size: int = 32
    batch_size: int = 32
    learning_rate: float = 0.01
    epochs: int = 5


def padded(reviews: EncodedReviews, width: int, front: bool) -> tuple[Tensor, Tensor]:
    """すべてのレビューを幅 ``width`` の行列にする。

    Parameters
    ----------
    reviews : EncodedReviews
    width : int
        どのレビューよりも短くないこと。
    front : bool
        真なら前に、偽なら後ろにパディングを足す。

    Returns
    -------
    ids : Tensor of int64, (n, width)
    lengths : Tensor of int64, (n,)

    Examples
    --------
    >>> reviews = EncodedReviews([["a", "a"], ["a"]], [1, 0], Vocabulary(["a"]), max_length=3)
    >>> padded(reviews, 3, front=False)[0].tolist(), padded(reviews, 3, front=True)[0].tolist()
    ([[2, 2, 0], [2, 0, 0]], [[0, 2, 2], [0, 0, 2]])
    """
    ids = torch.full((len(reviews), width), PAD)
    for row, review in zip(ids, reviews.ids, strict=True):
        (row[width - len(review) :] if front else row[: len(review)]).copy_(review)
    return ids, torch.tensor(reviews.lengths)


METHODS = {
    "lengths": (LastStatePooling, False, True),
    "back": (LastStatePooling, False, False),
    "front": (LastStatePooling, True, False),
    "max_lengths": (MaxPooling, False, True),
    "max_back": (MaxPooling, False, False),
}
"""名前 → （まとめ方、前に足すか、本当の長さを渡すか）。"""


def units(settings: Settings) -> list[dict]:
    """測るもの：パディングの扱い方。"""
    return [{"method": name} for name in METHODS]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの扱い方で、種ごとに訓練する。``accuracy`` は種ごとの、テストの精度。"""
    scores = [accuracy(settings, unit["method"], seed) for seed in settings.seeds]
    return {"accuracy": [round(score, 6) for score in scores]}


def accuracy(settings: Settings, method: str, seed: int) -> float:
    """1 つの種（データ、初期値、順番の種）で訓練したときの、テストの精度。

    Parameters
    ----------
    settings : Settings
    method : str
        :data:`METHODS` の名前。
    seed : int

    Returns
    -------
    float
    """
    pooling, front, with_lengths = METHODS[method]
    data = generator(seed)
    parts = {"train": builtin.reviews(settings.train, data)}
    parts["test"] = builtin.reviews(settings.test, data)
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    vocabulary = Vocabulary.build(tokens["train"])
    loaders = {}
    for name, part in parts.items():
        reviews = EncodedReviews(tokens[name], part.labels, vocabulary, settings.width)
        ids, lengths = padded(reviews, settings.width, front)
        if not with_lengths:
            lengths = torch.full_like(lengths, settings.width)
        order = generator(seed) if name == "train" else None
        labels = torch.tensor(reviews.labels)
        loaders[name] = batches(
            ids, lengths, labels, batch_size=settings.batch_size, generator=order
        )
    with seeded(seed):
        lstm = nn.LSTM(settings.size, settings.size, batch_first=True)
        model = SentimentClassifier(len(vocabulary), settings.size, lstm, pooling())
    model.embedding.weight.data.mul_(0.1)
    model = model.to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate)
    loss = nn.functional.binary_cross_entropy_with_logits
    fit(model, loaders["train"], loss, optimizer, epochs=settings.epochs, clip=1.0, seed=seed)
    return evaluate(model, loaders["test"], accuracy=binary_accuracy)["accuracy"]
