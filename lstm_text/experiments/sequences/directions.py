"""双方向にすると何が良くなるか、最後の状態をどこから取るか：3 つの課題での精度

``recall`` は最初の記号を最後に答える課題、``look_ahead`` は次の記号のほうが大きいかを当てる課題、
``reviews`` は架空のレビューの感情分析です。
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text.datasets import builtin
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.races.contest_data import every_symbol
from lstm_text.imdb import EncodedReviews
from lstm_text.models import LastState, LastStatePooling, SentimentClassifier, Tagger, output_size
from lstm_text.tasks import first_symbol, look_ahead_tags
from lstm_text.text import Vocabulary, evaluation_batches, tokenize, training_batches
from lstm_text.training import accuracy, batches, binary_accuracy, evaluate, fit, tag_loss


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(20))
    recall_length: int = 50
    recall_updates: int = 200
    recall_rate: float = 3e-3
    hidden_size: int = 32
    language_sentences: int = 4000
    reviews: int = 700  # 訓練とテストに、それぞれこの件数
    review_epochs: int = 5


class LastOutput(nn.Module):
    """よくある書き方：``output[:, -1]`` から答える。

    双方向では、その半分は最後の 1 時刻しか読んでいない。

    Parameters
    ----------
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    out_features : int
        答えの次元。

    Examples
    --------
    >>> LastOutput(nn.LSTM(2, 4, batch_first=True), 1)(torch.zeros(3, 5, 2)).shape
    torch.Size([3, 1])
    """

    def __init__(self, recurrent: nn.Module, out_features: int):
        super().__init__()
        self.recurrent = recurrent
        self.head = nn.Linear(output_size(recurrent), out_features)

    def forward(self, x: Tensor) -> Tensor:
        """``(batch, time, input)`` から ``(batch, out_features)`` を計算する。"""
        output, _ = self.recurrent(x)
        return self.head(output[:, -1])


def recall(settings: Settings, answer: type[nn.Module], two_way: bool, seed: int) -> float:
    """最初の記号の課題を訓練したあとの精度。

    Parameters
    ----------
    settings : Settings
    answer : type
        ``LastState`` か ``LastOutput``。
    two_way : bool
        双方向にするか。
    seed : int

    Returns
    -------
    float
    """
    device, data = get_device(), generator(seed)
    with seeded(seed):
        lstm = nn.LSTM(10, settings.hidden_size, batch_first=True, bidirectional=two_way)
        model = answer(lstm, 10).to(device)
    optimizer = torch.optim.Adam(model.parameters(), settings.recall_rate)
    for _ in range(settings.recall_updates):
        x, y = (a.to(device) for a in first_symbol(32, settings.recall_length, data))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return evaluate(model, [every_symbol(settings.recall_length)], accuracy=accuracy)["accuracy"]


def look_ahead(settings: Settings, two_way: bool, seed: int) -> float:
    """次の記号のほうが大きいかを当てる課題の、テストの精度。

    Parameters
    ----------
    settings : Settings
    two_way : bool
    seed : int

    Returns
    -------
    float
    """
    n = settings.language_sentences
    x, tags = look_ahead_tags(n, 20, generator(seed))
    x_test, tags_test = look_ahead_tags(n, 20, generator(1000 + seed))
    with seeded(seed):
        lstm = nn.LSTM(16, settings.hidden_size, batch_first=True, bidirectional=two_way)
        model = Tagger(11, 16, lstm, tags=2).to(get_device())
    train = batches(x + 1, tags, batch_size=50, generator=generator(seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    fit(model, train, tag_loss, optimizer, epochs=3)
    test = batches(x_test + 1, tags_test, batch_size=500)
    return evaluate(model, test, accuracy=accuracy)["accuracy"]


class LastOutputPooling(nn.Module):
    """本当の最後の時刻の出力 ``output[b, lengths[b] - 1]`` を要約とする。パディングは読まない。

    Examples
    --------
    >>> output = torch.tensor([[[1.0], [2.0], [9.0]]])
    >>> LastOutputPooling()(output, output[:, 0], torch.tensor([2]))
    tensor([[2.]])
    """

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        return output[torch.arange(len(output)), lengths.to(output.device) - 1]


def sentiment(settings: Settings, pooling: type[nn.Module], two_way: bool, seed: int) -> float:
    """架空のレビューの、テストの精度。

    Parameters
    ----------
    settings : Settings
    pooling : type
        ``LastStatePooling`` か ``LastOutputPooling``。
    two_way : bool
    seed : int

    Returns
    -------
    float
    """
    data = generator(seed)
    parts = {name: builtin.reviews(settings.reviews, data) for name in ("train", "test")}
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    vocabulary = Vocabulary.build(tokens["train"])
    reviews = {
        name: EncodedReviews(tokens[name], part.labels, vocabulary, 200)
        for name, part in parts.items()
    }
    with seeded(seed):
        lstm = nn.LSTM(32, settings.hidden_size, batch_first=True, bidirectional=two_way)
        model = SentimentClassifier(len(vocabulary), 32, lstm, pooling()).to(get_device())
    with torch.no_grad():
        model.embedding.weight.mul_(0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    train = training_batches(reviews["train"], 32, generator(seed))
    loss = nn.functional.binary_cross_entropy_with_logits
    fit(model, train, loss, optimizer, epochs=settings.review_epochs, clip=1.0, seed=seed)
    test = evaluation_batches(reviews["test"])
    return evaluate(model, test, accuracy=binary_accuracy)["accuracy"]


def units(settings: Settings) -> list[dict]:
    """測るもの：課題とモデルの組。``output`` は、双方向で ``output[:, -1]`` から答えるもの。"""
    both = ("単方向", "双方向")
    models = {
        "recall": (*both, "output"),
        "look_ahead": both,
        "reviews": (*both, "output"),
    }
    return [{"task": task, "model": model} for task, names in models.items() for model in names]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、種ごとに訓練する。``accuracy`` は種ごとの、訓練に使わないデータでの精度。"""
    two_way = unit["model"] != "単方向"
    if unit["task"] == "recall":
        answer = LastOutput if unit["model"] == "output" else LastState
        scores = [recall(settings, answer, two_way, seed) for seed in settings.seeds]
    elif unit["task"] == "look_ahead":
        scores = [look_ahead(settings, two_way, seed) for seed in settings.seeds]
    else:
        pooling = LastOutputPooling if unit["model"] == "output" else LastStatePooling
        scores = [sentiment(settings, pooling, two_way, seed) for seed in settings.seeds]
    return {"accuracy": [round(score, 6) for score in scores]}
