"""IMDb で、定番の工夫がそれぞれ何ポイントの値打ちか

出発点のモデルと、そこから 1 つだけ変えたモデルを、2,000 件と 22,500 件のレビューで訓練します。
訓練用のレビューは種ごとに選びます。語の並びを見ない比べ相手は、2,000 件だけで訓練します。
テスト用のレビューは、どの種でも同じです。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from lstm_text.datasets import load_glove, load_imdb
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.few_reviews import right
from lstm_text.experiments.imdb.imdb_contenders import BAGS
from lstm_text.imdb import EncodedReviews
from lstm_text.models import AttentionPooling, MaxPooling, MeanPooling, SentimentClassifier
from lstm_text.records import pack
from lstm_text.text import Vocabulary, tokenize, training_batches
from lstm_text.training import fit


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> Settings().size(22_500) == Size(22_500, 25_000, tuple(range(12)))
    True
    """

    seeds: tuple[int, ...] = tuple(range(64))
    few: int = 2_000
    few_test: int = 5_000
    many: int = 22_500
    many_test: int = 25_000
    many_seeds: int = 12
    vocab_size: int = 20_000
    max_length: int = 200
    embedding_dim: int = 50
    hidden_size: int = 32
    dropout: float = 0.5
    batch_size: int = 32
    lr: float = 2e-3
    clip: float = 1.0
    epochs: int = 3

    def size(self, reviews: int) -> "Size":
        """訓練用の数ごとの、テスト用の数と種。"""
        if reviews == self.few:
            return Size(self.few, self.few_test, self.seeds)
        return Size(self.many, self.many_test, self.seeds[: self.many_seeds])


@dataclass(frozen=True)
class Size:
    """訓練用とテスト用のレビューの数と、種。

    Examples
    --------
    >>> Size(2_000, 5_000, (0, 1)).train
    2000
    """

    train: int
    test: int
    seeds: Sequence[int]


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


VARIANTS = ("出発点", "ドロップアウト", "バッチ正規化", "スケジューラ", "GloVe", "平均", "注意機構")


def units(settings: Settings) -> list[dict]:
    """測るもの：訓練用の数ごとに、出発点、1 つだけ変えたモデル、語の並びを見ない比べ相手。"""
    few = [{"reviews": settings.few, "model": name} for name in (*VARIANTS, *BAGS)]
    return few + [{"reviews": settings.many, "model": name} for name in VARIANTS]


def run(unit: dict, settings: Settings) -> dict:
    """1 つのモデルを、種ごとに訓練する。

    ``accuracy`` は種ごとの、テストの精度で、``mean`` はその平均。``right`` は 1 件ごとの当たり外れ
    （:func:`~lstm_text.records.pack` で詰めたもの）。
    """
    size, name = settings.size(unit["reviews"]), unit["model"]
    answers = [
        count_words(name, chosen(size, seed))
        if name in BAGS
        else read(settings, name, chosen(size, seed), seed)
        for seed in size.seeds
    ]
    accuracy = [round(float(each.mean()), 6) for each in answers]
    return {
        "accuracy": accuracy,
        "mean": fmean(accuracy),
        "right": [pack(each) for each in answers],
    }


@cache
def texts() -> tuple[dict[str, list[list[str]]], dict[str, Sequence[int]]]:
    """本物の IMDb を、トークンにしたものと正解。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{imdb.source}")
    parts = {"train": imdb.train, "test": imdb.test}
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    return tokens, {name: part.labels for name, part in parts.items()}


Chosen = dict[str, tuple[list[list[str]], list[int]]]


def chosen(size: Size, seed: int) -> Chosen:
    """種ごとの訓練データと、どの種でも同じテストデータ。"""
    tokens, labels = texts()
    parts = {}
    for name, n, rng in (("train", size.train, seed), ("test", size.test, 0)):
        order = torch.randperm(len(labels[name]), generator=generator(rng))[:n].tolist()
        parts[name] = [tokens[name][i] for i in order], [labels[name][i] for i in order]
    return parts


def read(settings: Settings, variant: str, parts: Chosen, seed: int) -> np.ndarray:
    """出発点か、1 つだけ変えたモデルを訓練したときの、テストの 1 件ごとの当たり外れ。"""
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
    return right(model, reviews["test"])


def build(
    settings: Settings, variant: str, vocabulary: Vocabulary, seed: int
) -> SentimentClassifier:
    """双方向 1 層の LSTM の分類器。``variant`` の所だけを変える。"""
    features = 2 * settings.hidden_size
    pooling = {
        "平均": MeanPooling,
        "注意機構": lambda: AttentionPooling(features),
        "バッチ正規化": lambda: NormalizedMaxPooling(features),
    }
    with seeded(seed):
        model = SentimentClassifier(
            len(vocabulary),
            settings.embedding_dim,
            nn.LSTM(
                settings.embedding_dim, settings.hidden_size, batch_first=True, bidirectional=True
            ),
            pooling.get(variant, MaxPooling)(),
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


def count_words(name: str, parts: Chosen) -> np.ndarray:
    """語の並びを見ない比べ相手の、テストの 1 件ごとの当たり外れ。文章は切らずに全部を使う。"""
    make_bag, make_model = BAGS[name]
    bag, model = make_bag(), make_model()
    x, x_test = bag.fit_transform(parts["train"][0]), bag.transform(parts["test"][0])
    columns = slice(None)
    if name == "TF-IDF":
        columns = [i for i, word in enumerate(bag.get_feature_names_out()) if " " not in word]
    model.fit(x[:, columns], parts["train"][1])
    return model.predict(x_test[:, columns]) == np.array(parts["test"][1])
