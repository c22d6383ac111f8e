"""大きな演習 3 の解答例：前からだけ読むか、両側から読むか

    python -m tests.exercises.large.record large3

全部の文での訓練は、先に測って記録に残します。
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lstm_text import IGNORE, UNK, tasks
from lstm_text.datasets import Sentence, load_treebank
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.models import Tagger, count_parameters
from lstm_text.models import run as read
from lstm_text.text import LengthBuckets, Vocabulary, collate
from lstm_text.training import accuracy, batches, fit, tag_loss


def peek(embedded: Tensor, ahead: int) -> Tensor:
    """埋め込み ``(batch, time, E)`` の後ろに、次の ``ahead`` 語の埋め込みをつなぐ。

    文の後ろには 0 が続くものとする。パディングの埋め込みも 0 なので、長い文と一緒でも変わらない。
    """
    time = embedded.shape[1]
    longer = nn.functional.pad(embedded, (0, 0, 0, ahead))
    return torch.cat([longer[:, k : k + time] for k in range(ahead + 1)], dim=2)


class PeekingTagger(Tagger):
    """次の ``ahead`` 語の埋め込みも一緒に読むモデル。0 なら ``Tagger`` と同じ。"""

    def __init__(self, *parts, ahead: int):
        super().__init__(*parts)
        self.ahead = ahead

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """単語番号 ``(batch, time)`` からタグの得点 ``(batch, time, tags)`` を計算する。"""
        return self.tag(peek(self.embedding(ids), self.ahead), lengths)


LAYERS = {
    "単方向 64": partial(nn.LSTM, 64, 64, batch_first=True),
    "双方向 64": partial(nn.LSTM, 64, 64, batch_first=True, bidirectional=True),
    "双方向 32": partial(nn.LSTM, 64, 32, batch_first=True, bidirectional=True),
    "単方向 64 と次の 1 語": partial(nn.LSTM, 2 * 64, 64, batch_first=True),
    "単方向 64 と次の 2 語": partial(nn.LSTM, 3 * 64, 64, batch_first=True),
    "単方向 64 と次の 3 語": partial(nn.LSTM, 4 * 64, 64, batch_first=True),
}


@dataclass(frozen=True)
class Tables:
    """語と番号、タグと番号の対応。訓練データだけから作る。"""

    vocabulary: Vocabulary
    tags: list[str]

    @classmethod
    def build(cls, sentences: Sequence[Sentence]) -> "Tables":
        words = [[word.lower() for word in sentence.words] for sentence in sentences]
        tags = sorted({tag for sentence in sentences for tag in sentence.tags})
        return cls(Vocabulary.build(words, min_count=2), tags)

    def encode(self, sentence: Sentence) -> tuple[list[int], list[int]]:
        """語の番号と、タグの番号。訓練データになかったタグは数えない。"""
        ids = self.vocabulary.encode(word.lower() for word in sentence.words)
        number = {tag: i for i, tag in enumerate(self.tags)}
        return ids, [number.get(tag, IGNORE) for tag in sentence.tags]


def most_frequent_tags(train: Sequence[Sentence], sentences: Sequence[Sentence]) -> float:
    """文脈を見ず、語ごとにいちばん多いタグを答える方法の精度。"""
    counts = defaultdict(Counter)
    for sentence in train:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts[word.lower()][tag] += 1
    usual = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
    right = [
        usual.get(word.lower(), "NOUN") == tag
        for sentence in sentences
        for word, tag in zip(sentence.words, sentence.tags, strict=True)
    ]
    return sum(right) / len(right)


def collate_pairs(pairs: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor, Tensor]:
    """``(語の番号, タグの番号)`` の組をミニバッチにする。"""
    return tuple(collate(*zip(*pairs, strict=True)))


def new_tagger(name: str, tables: Tables, seed: int) -> PeekingTagger:
    """訓練する前のモデル。"""
    sizes = len(tables.vocabulary), 64
    with seeded(seed):
        recurrent = LAYERS[name]()
        ahead = recurrent.input_size // 64 - 1
        return PeekingTagger(*sizes, recurrent, len(tables.tags), ahead=ahead).to(get_device())


def trained_tagger(
    name: str, tables: Tables, train: Sequence[Sentence], seed: int, epochs: int
) -> Tagger:
    """品詞タグ付けを訓練する。"""
    pairs = [tables.encode(sentence) for sentence in train]
    buckets = LengthBuckets([len(ids) for ids, _ in pairs], 64, generator(seed))
    loader = DataLoader(pairs, batch_sampler=buckets, collate_fn=collate_pairs)
    model = new_tagger(name, tables, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    fit(model, loader, tag_loss, optimizer, epochs=epochs, clip=1.0, seed=seed)
    return model


@dataclass(frozen=True)
class Answers:
    """全部の語についての、モデルの答えと正解。文の順、語の順に並ぶ。"""

    words: list[str]
    following: list[str]
    guess: Tensor
    gold: Tensor
    unknown: Tensor

    def accuracy(self) -> float:
        """精度。"""
        return (self.guess == self.gold).float().mean().item()

    def unknown_accuracy(self) -> float:
        """語彙にない語だけの精度。"""
        return (self.guess == self.gold)[self.unknown].float().mean().item()


@torch.no_grad()
def answer(model: Tagger, tables: Tables, sentences: Sequence[Sentence]) -> Answers:
    """すべての文にタグを付ける。"""
    model.eval()
    pairs = [tables.encode(sentence) for sentence in sentences]
    guess = []
    for start in range(0, len(pairs), 256):
        ids, lengths, _ = collate_pairs(pairs[start : start + 256])
        best = model(ids.to(get_device()), lengths).argmax(dim=-1).cpu()
        guess += [row[:length] for row, length in zip(best, lengths.tolist(), strict=True)]
    ids = torch.tensor([i for row, _ in pairs for i in row])
    return Answers(
        [word for sentence in sentences for word in sentence.words],
        [word for sentence in sentences for word in (*sentence.words[1:], "（文末）")],
        torch.cat(guess),
        torch.tensor([tag for _, row in pairs for tag in row]),
        ids == UNK,
    )


def corrected(
    one_way: Answers, two_way: Answers, tables: Tables
) -> list[tuple[str, str, str, str, int]]:
    """双方向だけが正解した語を、（語、次の語の例、単方向の答え、正解、件数）として多い順に並べる。"""
    places = ((one_way.guess != one_way.gold) & (two_way.guess == two_way.gold)).nonzero()
    groups = defaultdict(list)
    for i in places.flatten().tolist():
        groups[one_way.words[i].lower(), int(one_way.guess[i]), int(one_way.gold[i])].append(i)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        (word, one_way.following[members[0]], tables.tags[guess], tables.tags[gold], len(members))
        for (word, guess, gold), members in ranked
    ]


def corrected_pairs(one_way: Answers, two_way: Answers, tables: Tables) -> Counter:
    """双方向だけが正解した語の、（単方向の答え → 正解）ごとの件数。"""
    fixed = (one_way.guess != one_way.gold) & (two_way.guess == two_way.gold)
    return Counter(
        f"{tables.tags[guess]} → {tables.tags[gold]}"
        for guess, gold in zip(
            one_way.guess[fixed].tolist(), one_way.gold[fixed].tolist(), strict=True
        )
    )


class MadeTagger(nn.Module):
    """人工の言語のタグを付けるモデル。"""

    def __init__(self, bidirectional: bool, ahead: int):
        super().__init__()
        self.ahead = ahead
        self.embedding = nn.Embedding(10, 16)
        self.recurrent = nn.LSTM(
            16 * (1 + ahead), 32, batch_first=True, bidirectional=bidirectional
        )
        self.head = nn.Linear(64 if bidirectional else 32, 2)

    def forward(self, ids: Tensor) -> Tensor:
        """記号 ``(batch, time)`` から、タグの得点 ``(batch, time, 2)`` を計算する。"""
        return self.head(read(self.recurrent, peek(self.embedding(ids), self.ahead))[0])


def made_language(
    bidirectional: bool, seed: int, ahead: int = 0, epochs: int = 6
) -> tuple[float, int]:
    """人工の言語を訓練し、新しい系列での精度と、数えたタグの数を返す。"""
    data = generator(seed)
    x, tags = tasks.look_ahead_tags(2000, 12, data)
    with seeded(seed):
        model = MadeTagger(bidirectional, ahead).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loader = batches(x, tags, batch_size=50, generator=data)
    fit(model, loader, tag_loss, optimizer, epochs=epochs)
    x, tags = tasks.look_ahead_tags(4000, 12, data)
    with torch.no_grad():
        score = accuracy(model(x.to(get_device())), tags.to(get_device())).item()
    return score, int((tags != IGNORE).sum())


LOOKUP = "文脈を見ない方法"


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    treebank: str = "en_ewt"
    epochs: int = 3


def units(settings: Settings) -> list[dict]:
    """測るもの：文脈を見ない方法と、モデルの種類。"""
    return [{"model": name} for name in (LOOKUP, *LAYERS)]


def run(unit: dict, settings: Settings) -> dict:
    """1 つのモデルを、全部の文で、種を変えて訓練する。精度は種ごとに並べる。"""
    treebank = load_treebank(settings.treebank)
    if treebank.source.is_builtin:
        raise NotHere(f"本物のツリーバンクが必要です。{treebank.source}")
    train, name = treebank.train, unit["model"]
    if name == LOOKUP:
        return {
            "dev": [most_frequent_tags(train, treebank.dev)],
            "test": [most_frequent_tags(train, treebank.test)],
        }
    tables = Tables.build(train)
    taggers = [trained_tagger(name, tables, train, s, settings.epochs) for s in settings.seeds]
    dev, test = (
        [answer(tagger, tables, part) for tagger in taggers]
        for part in (treebank.dev, treebank.test)
    )
    return {
        "parameters": count_parameters(taggers[0]),
        "dev": [found.accuracy() for found in dev],
        "unknown": [found.unknown_accuracy() for found in dev],
        "test": [found.accuracy() for found in test],
    }
