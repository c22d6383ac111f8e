"""双方向は英語の品詞タグ付けを良くするか：パラメータの数をそろえた比較

本物のツリーバンク（UD English-EWT）で訓練し、テストの精度を比べます。
"""

from dataclasses import dataclass

import torch
from torch import nn

from lstm_text.datasets import Treebank, load_treebank
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.models import Tagger
from lstm_text.text import LengthBuckets, Vocabulary, collate
from lstm_text.training import accuracy, evaluate, fit, tag_loss


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    treebank: str = "en_ewt"
    hidden_size: int = 64
    hidden_size_two_way: int = 37  # パラメータの数が、64 ユニットの単方向とほぼ同じ
    epochs: int = 2


class TaggedBatches:
    """番号にした文を、長さの近いものどうしで ``(ids, lengths, tags)`` にまとめる。

    Parameters
    ----------
    sentences : sequence of Sentence
    vocabulary : Vocabulary
    tags : list of str
    seed : int
        文の順番の種。

    Examples
    --------
    >>> from lstm_text.datasets import Sentence
    >>> one = Sentence(["a", "b"], ["X", "Y"])
    >>> ids, lengths, tags = next(iter(TaggedBatches([one], Vocabulary(["a"]), ["X", "Y"], 0)))
    >>> ids.tolist(), lengths.tolist(), tags.tolist()
    ([[2, 1]], [2], [[0, 1]])
    """

    def __init__(self, sentences, vocabulary: Vocabulary, tags: list[str], seed: int):
        self.ids = [vocabulary.encode(s.words) for s in sentences]
        self.labels = [[tags.index(tag) for tag in s.tags] for s in sentences]
        self.buckets = LengthBuckets([len(ids) for ids in self.ids], 64, generator(seed))

    def __iter__(self):
        for batch in self.buckets:
            yield collate([self.ids[i] for i in batch], [self.labels[i] for i in batch])


def tagging(settings: Settings, treebank: Treebank, two_way: bool, seed: int) -> float:
    """品詞タグ付けの、テストの精度。双方向は、単方向とパラメータの数をそろえる。

    Parameters
    ----------
    settings : Settings
    treebank : Treebank
    two_way : bool
    seed : int

    Returns
    -------
    float
    """
    vocabulary = Vocabulary.build((s.words for s in treebank.train), min_count=2)
    tags = sorted({tag for s in treebank.train for tag in s.tags})
    hidden = settings.hidden_size_two_way if two_way else settings.hidden_size
    with seeded(seed):
        lstm = nn.LSTM(64, hidden, batch_first=True, bidirectional=two_way)
        model = Tagger(len(vocabulary), 64, lstm, len(tags)).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    fit(
        model,
        TaggedBatches(treebank.train, vocabulary, tags, seed),
        tag_loss,
        optimizer,
        epochs=settings.epochs,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs),
    )
    test = TaggedBatches(treebank.test, vocabulary, tags, 0)
    return evaluate(model, test, accuracy=accuracy)["accuracy"]


def units(settings: Settings) -> list[dict]:
    """測るもの：向き。"""
    return [{"model": model} for model in ("単方向", "双方向")]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの向きを、種ごとに訓練する。``accuracy`` は種ごとの、テストの精度。"""
    treebank = load_treebank(settings.treebank)
    if treebank.source.is_builtin:
        raise NotHere(f"本物のツリーバンクが必要です。{treebank.source}")
    two_way = unit["model"] == "双方向"
    scores = [tagging(settings, treebank, two_way, seed) for seed in settings.seeds]
    return {"accuracy": [round(score, 6) for score in scores]}
