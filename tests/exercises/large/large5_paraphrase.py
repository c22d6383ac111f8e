"""大きな演習 5 の解答例の続き：翻訳モデルを使わずに言い換える

    python -m tests.exercises.large.record large5_paraphrase

語を、GloVe で近い語に替えます。近い語には反対の意味の語も混じるので、訓練データでの評価の向きが
近い語に限る替え方とも比べます。
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lstm_text import UNK
from lstm_text.datasets import load_glove, load_imdb, split_validation
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.imdb import EncodedReviews
from tests.exercises.large.large5 import TRIAL, Data, embedding_rows, prepare, train


def leaning(reviews: EncodedReviews, size: int) -> Tensor:
    """語ごとの評価の向き。肯定のレビューに現れる割合と、否定のレビューに現れる割合の比の対数。"""
    labels = torch.tensor(reviews.labels)
    counts = torch.ones(2, size)  # 0 で割らないように、どの語も 1 件ずつ見たことにする
    for ids, label in zip(reviews.ids, reviews.labels, strict=True):
        counts[int(label), ids.unique()] += 1
    negative, positive = counts[0] / (labels == 0).sum(), counts[1] / (labels == 1).sum()
    return (positive / negative).log()


def nearest(vectors: Tensor, usable: Tensor, lean: Tensor, tolerance: float) -> Tensor:
    """語ごとの、いちばん近い別の語の番号。なければ自分の番号。

    Parameters
    ----------
    vectors : Tensor, (語, 次元)
        単語ベクトル。
    usable : Tensor of bool, (語,)
        替えてよく、替える先にしてよい語。
    lean : Tensor, (語,)
        評価の向き（:func:`leaning`）。
    tolerance : float
        向きの差が、これより小さい語だけを選ぶ。
    """
    unit = nn.functional.normalize(vectors, dim=1)
    own = torch.arange(len(vectors))
    found = own.clone()
    for rows in own[usable].split(1000):
        score = unit[rows] @ unit.T
        score[:, ~usable] = -torch.inf
        score[(lean[rows, None] - lean[None]).abs() >= tolerance] = -torch.inf
        score[torch.arange(len(rows)), rows] = -torch.inf
        best = score.max(dim=1)
        found[rows] = torch.where(best.values > 0, best.indices, rows)
    return found


class Paraphrased(EncodedReviews):
    """読むたびに、語をでたらめに選んで、近い語に替えたレビュー。"""

    def use(self, near: Tensor, rate: float, rng: torch.Generator) -> "Paraphrased":
        """替える先、替える割合、乱数を決める。"""
        self.near, self.rate, self.rng = near, rate, rng
        return self

    def __getitem__(self, i: int) -> tuple[Tensor, float]:
        ids, label = super().__getitem__(i)
        changed = torch.rand(len(ids), generator=self.rng) < self.rate
        return torch.where(changed, self.near[ids], ids), label


@dataclass(frozen=True)
class ParaphrasedData(Data):
    """訓練のときだけ、語を近い語に替えるデータ。"""

    near: Tensor = field(default_factory=lambda: torch.empty(0))
    rate: float = 0.0
    seed: int = 0

    def encoded(self, split: str, max_length: int) -> EncodedReviews:
        """番号の列にしたレビュー。"""
        if split != "train":
            return super().encoded(split, max_length)
        found = Paraphrased(self.tokens[split], self.labels[split], self.vocabulary, max_length)
        return found.use(self.near, self.rate, generator(1000 + self.seed))


def neighbours(data: Data, tolerance: float) -> Tensor:
    """語彙の語ごとの、替える先。ベクトルのない語と、PAD と UNK は替えない。"""
    known = set(data.vectors.words)
    usable = torch.tensor([word in known for word in data.vocabulary.tokens])
    usable[: UNK + 1] = False
    rows = embedding_rows(data.vocabulary, data.vectors, generator(0))
    lean = leaning(data.encoded("train", TRIAL.max_length), len(data.vocabulary))
    return nearest(rows, usable, lean, tolerance)


WAYS = {"近い語に替える": float("inf"), "評価の向きも近い語に替える": 0.5}
"""替え方から、許す向きの差へ。"""

SHOWN = ("good", "bad", "great", "worst", "movie", "he", "film", "boring", "actor", "not")
"""替える先を記録に残す語。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。データと訓練は、変更を選んだときの出発点（``large5`` の explore）と同じ。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    small: int = 4000
    epochs: int = 3
    rate: float = 0.2


def units(settings: Settings) -> list[dict]:
    """測るもの：替え方。"""
    return [{"way": way} for way in WAYS]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの替え方で、種を変えて訓練する。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{imdb.source}")
    part, validation = split_validation(imdb.train, 0.1, generator(0))
    few = torch.randperm(len(part), generator=generator(0))[: settings.small].tolist()
    data = prepare({"train": part.select(few), "validation": validation}, load_glove(100))
    near = neighbours(data, WAYS[unit["way"]])
    runs = [
        train(
            TRIAL,
            ParaphrasedData(**vars(data), near=near, rate=settings.rate, seed=seed),
            seed,
            settings.epochs,
            batch_size=32,
        )[1]
        for seed in settings.seeds
    ]
    words = data.vocabulary.tokens
    number = {word: i for i, word in enumerate(words)}
    swapped = {word: words[near[number[word]]] for word in SHOWN}
    return {"runs": runs, "swapped": swapped}
