"""双方向は品詞タグ付けを良くするか、得はどの語で生まれるか：パラメータの数をそろえた比較

本物のツリーバンク（UD の English-EWT と Japanese-GSD）で訓練し、テストの精度と、語の種類ごとの
当たりの数を比べます。
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from lstm_text.datasets import Sentence, Treebank, load_treebank
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.models import Tagger
from lstm_text.text import UNK, LengthBuckets, Vocabulary, collate
from lstm_text.training import fit, tag_loss


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    treebanks: tuple[str, ...] = ("en_ewt", "ja_gsd")
    hidden_size: int = 64
    hidden_size_two_way: int = 37  # パラメータの数が、64 ユニットの単方向より少し少ない
    epochs: int = 2
    words: tuple[str, ...] = ("to", "have", "this", "that")  # 後ろの語で役割の決まる語


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


def known_words(treebank: Treebank) -> Vocabulary:
    """訓練に 2 回以上現れた語の語彙。"""
    return Vocabulary.build((s.words for s in treebank.train), min_count=2)


def word_groups(treebank: Treebank, words: Sequence[str]) -> dict[str, torch.Tensor]:
    """テストの語の分け方：訓練に現れた回数、正解の品詞、選んだ語。

    Parameters
    ----------
    treebank : Treebank
    words : sequence of str
        選んだ語。テストの語は、大文字を小文字にして比べる。

    Returns
    -------
    dict of str to Tensor of bool, each (N,)
        N は、テストの語の数。空の組は除く。

    Examples
    --------
    >>> from lstm_text.datasets import Source
    >>> train, test = (Sentence(words, ["X"] * 3) for words in (["a", "a", "b"], ["a", "b", "C"]))
    >>> tiny = Treebank((train,), (), (test,), Source("builtin", "文", "作りもの", "例のため"))
    >>> for name, here in word_groups(tiny, ["c"]).items():
    ...     print(name, here.int().tolist())
    2 回以上 [1, 0, 0]
    1 回 [0, 1, 0]
    未知語 [0, 0, 1]
    X [1, 1, 1]
    c [0, 0, 1]
    """
    seen = {word for s in treebank.train for word in s.words}
    test = [pair for s in treebank.test for pair in zip(s.words, s.tags, strict=True)]
    known = torch.tensor([word in seen for word, _ in test])
    often = torch.tensor(known_words(treebank).encode([word for word, _ in test])) != UNK
    groups = {"2 回以上": often, "1 回": known & ~often, "未知語": ~known}
    for tag in sorted({tag for _, tag in test}):
        groups[tag] = torch.tensor([here == tag for _, here in test])
    for word in words:
        groups[word] = torch.tensor([here.lower() == word for here, _ in test])
    return {name: here for name, here in groups.items() if here.any()}


def tagging(settings: Settings, treebank: Treebank, two_way: bool, seed: int) -> torch.Tensor:
    """品詞タグ付けを訓練し、テストの語の当たり外れを返す。双方向は、パラメータの数をそろえる。

    Parameters
    ----------
    settings : Settings
    treebank : Treebank
    two_way : bool
    seed : int

    Returns
    -------
    Tensor of bool, (N,)
        テストの語の順。
    """
    vocabulary = known_words(treebank)
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
    return _examine(model, treebank.test, vocabulary, tags)


@torch.no_grad()
def _examine(
    model: Tagger, sentences: Sequence[Sentence], vocabulary: Vocabulary, tags: list[str]
) -> torch.Tensor:
    model.eval()
    found = []
    for s in sentences:
        ids, lengths, _ = collate([vocabulary.encode(s.words)], [[0] * len(s.words)])
        said = model(ids.to(get_device()), lengths).argmax(dim=-1)[0].tolist()
        found += [tags[k] == tag for k, tag in zip(said, s.tags, strict=True)]
    return torch.tensor(found)


def units(settings: Settings) -> list[dict]:
    """測るもの：ツリーバンクと向き。"""
    return [
        {"treebank": treebank, "model": model}
        for treebank in settings.treebanks
        for model in ("単方向", "双方向")
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの向きを、種ごとに訓練する。

    ``accuracy`` は種ごとのテストの精度、``hits`` は語の種類ごと、種ごとの当たりの数、``words`` は
    その種類の語の数。
    """
    treebank = load_treebank(unit["treebank"])
    if treebank.source.is_builtin:
        raise NotHere(f"本物のツリーバンクが必要です。{treebank.source}")
    two_way = unit["model"] == "双方向"
    hits = [tagging(settings, treebank, two_way, seed) for seed in settings.seeds]
    groups = word_groups(treebank, settings.words)
    return {
        "accuracy": [round(hit.double().mean().item(), 6) for hit in hits],
        "hits": {name: [int(hit[here].sum()) for hit in hits] for name, here in groups.items()},
        "words": {name: int(here.sum()) for name, here in groups.items()},
    }
