"""IMDb で、定番の工夫がそれぞれ何ポイントの値打ちか

訓練データから種ごとに 2,000 件を選び、出発点のモデルと、そこから 1 つだけ変えたモデルを訓練します。
語の並びを見ない比べ相手も、同じ 2,000 件で訓練します。テストはどれも同じ 3,000 件です。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from lstm_text.datasets import load_glove, load_imdb
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.imdb import NBSVM, EncodedReviews, bag_of_pairs, tfidf_logistic_regression
from lstm_text.models import AttentionPooling, MaxPooling, SentimentClassifier
from lstm_text.text import Vocabulary, evaluation_batches, tokenize, training_batches
from lstm_text.training import binary_accuracy, evaluate, fit


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    train: int = 2000
    test: int = 3000
    vocab_size: int = 20_000
    max_length: int = 200
    embedding_dim: int = 50
    hidden_size: int = 32
    dropout: float = 0.5
    batch_size: int = 32
    lr: float = 2e-3
    clip: float = 1.0
    epochs: int = 3


class NormalizedMaxPooling(MaxPooling):
    """最大値プーリングの後に、バッチ正規化をする。

    Parameters
    ----------
    features : int

    Examples
    --------
    >>> output = torch.tensor([[[1.0]], [[3.0]]])
    >>> NormalizedMaxPooling(1)(output, output[:, -1], torch.ones(2)).flatten().round()
    tensor([-1.,  1.], grad_fn=<RoundBackward0>)
    """

    def __init__(self, features: int):
        super().__init__()
        self.norm = nn.BatchNorm1d(features)

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        return self.norm(super().forward(output, last, lengths))


VARIANTS = ("出発点", "ドロップアウト", "バッチ正規化", "スケジューラ", "GloVe", "注意機構")
BASELINES = ("TF-IDF", "NB-SVM")


def units(settings: Settings) -> list[dict]:
    """測るもの：出発点、1 つだけ変えたモデル、語の並びを見ない比べ相手。"""
    return [{"model": name} for name in (*VARIANTS, *BASELINES)]


def run(unit: dict, settings: Settings) -> dict:
    """1 つのモデルを、種ごとに訓練する。``accuracy`` は種ごとの、テストの精度。"""
    measure = baseline if unit["model"] in BASELINES else accuracy
    scores = [measure(settings, unit["model"], seed) for seed in settings.seeds]
    return {"accuracy": [round(score, 6) for score in scores]}


@cache
def texts() -> tuple[dict[str, list[list[str]]], dict[str, Sequence[int]]]:
    """本物の IMDb を、トークンにしたものと正解。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{imdb.source}")
    parts = {"train": imdb.train, "test": imdb.test}
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    return tokens, {name: part.labels for name, part in parts.items()}


def chosen(settings: Settings, seed: int) -> dict[str, tuple[list[list[str]], list[int]]]:
    """種ごとの訓練データと、どの種でも同じテストデータ。"""
    tokens, labels = texts()
    parts = {}
    for name, n, rng in (("train", settings.train, seed), ("test", settings.test, 0)):
        order = torch.randperm(len(labels[name]), generator=generator(rng))[:n].tolist()
        parts[name] = [tokens[name][i] for i in order], [labels[name][i] for i in order]
    return parts


def accuracy(settings: Settings, variant: str, seed: int) -> float:
    """出発点か、1 つだけ変えたモデルを訓練したときの、テストの精度。"""
    parts = chosen(settings, seed)
    vocabulary = Vocabulary.build(parts["train"][0], settings.vocab_size)
    reviews = {
        name: EncodedReviews(*part, vocabulary, settings.max_length) for name, part in parts.items()
    }
    model = build(settings, variant, vocabulary, seed).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), settings.lr)
    fit(
        model,
        training_batches(reviews["train"], settings.batch_size, generator(seed)),
        nn.functional.binary_cross_entropy_with_logits,
        optimizer,
        epochs=settings.epochs,
        clip=settings.clip,
        scheduler=CosineAnnealingLR(optimizer, settings.epochs)
        if variant == "スケジューラ"
        else None,
        seed=seed,
    )
    test = evaluation_batches(reviews["test"])
    return evaluate(model, test, accuracy=binary_accuracy)["accuracy"]


def build(
    settings: Settings, variant: str, vocabulary: Vocabulary, seed: int
) -> SentimentClassifier:
    """双方向 1 層の LSTM の分類器。``variant`` の所だけを変える。"""
    features = 2 * settings.hidden_size
    pooling = {"注意機構": AttentionPooling, "バッチ正規化": NormalizedMaxPooling}
    with seeded(seed):
        model = SentimentClassifier(
            len(vocabulary),
            settings.embedding_dim,
            nn.LSTM(
                settings.embedding_dim, settings.hidden_size, batch_first=True, bidirectional=True
            ),
            pooling[variant](features) if variant in pooling else MaxPooling(),
            settings.dropout if variant == "ドロップアウト" else 0.0,
        )
    with torch.no_grad():
        model.embedding.weight.mul_(0.1)
        if variant == "GloVe":
            vectors = load_glove(settings.embedding_dim)
            row = {word: i for i, word in enumerate(vectors.words)}
            for i, word in enumerate(vocabulary.tokens):
                if word in row:
                    model.embedding.weight[i] = vectors.values[row[word]]
    return model


def baseline(settings: Settings, name: str, seed: int) -> float:
    """語の並びを見ない比べ相手の、テストの精度。文章は切らずに全部を使う。"""
    parts = chosen(settings, seed)
    bag = bag_of_pairs()
    x, x_test = bag.fit_transform(parts["train"][0]), bag.transform(parts["test"][0])
    words = [i for i, word in enumerate(bag.get_feature_names_out()) if " " not in word]
    model, columns = {
        "TF-IDF": (tfidf_logistic_regression(), words),
        "NB-SVM": (NBSVM(), slice(None)),
    }[name]
    model.fit(x[:, columns], parts["train"][1])
    return float((model.predict(x_test[:, columns]) == np.array(parts["test"][1])).mean())
