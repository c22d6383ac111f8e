"""『吾輩は猫である』を 1 文字ずつ学んだ LSTM が、続きを書く

小説の初めの 9 割で訓練し、残りの 1 割で検証の損失がいちばん小さかったエポックの重みで書きます。
比べる相手は、前の文字の並びを数えるだけの n-gram です。書いた文章が訓練の文章の丸写しでないかも
測ります。
"""

import copy
import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lstm_text.datasets import load_neko
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.sequences.neko_text import (
    RARE,
    Story,
    copied_share,
    copying,
    longest_copy,
    ngram_bits,
    side_by_side,
    split,
)
from lstm_text.models import count_parameters
from lstm_text.records import Record
from lstm_text.text import CharacterTable


@dataclass(frozen=True)
class Settings:
    """記録の設定。書く文章の乱数の種は、0 から ``paragraphs - 1`` まで。"""

    seeds: tuple[int, ...] = (0,)
    validation: float = 0.1  # 小説の終わりのこの割合を、検証に使う
    min_count: int = 2  # 訓練の部分でこれより少ない文字は RARE にする
    ngrams: tuple[int, ...] = (1, 2, 3, 4, 5)
    embedding_dim: int = 256
    hidden_size: int = 384
    dropout: float = 0.4
    streams: int = 16  # 小説を切って、横に並べる本数
    span: int = 32  # 勾配をさかのぼらせる文字数
    epochs: int = 24
    lr: float = 3e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    prime: str = "吾輩は"
    temperatures: tuple[float, ...] = (0.5, 0.8, 1.0)
    paragraphs: int = 10  # 温度ごとに書く本数
    shortest: int = 200  # これより長くなって、初めての句点で書き終える
    longest: int = 300
    window: int = 8  # 丸写しを数える窓の文字数


class Writer(nn.Module):
    """全時刻で、次の文字の得点を出す LSTM。埋め込みと出力は、同じ行列を使う。

    Parameters
    ----------
    characters : int
        文字の種類。
    embedding_dim, hidden_size : int
    dropout : float

    References
    ----------
    Press & Wolf (2017), "Using the Output Embedding to Improve Language Models", EACL。

    Examples
    --------
    >>> scores, (h, c) = Writer(9, 2, 4, 0.0)(torch.zeros(3, 5, dtype=torch.long))
    >>> scores.shape, h.shape
    (torch.Size([3, 5, 9]), torch.Size([1, 3, 4]))
    """

    def __init__(self, characters: int, embedding_dim: int, hidden_size: int, dropout: float):
        super().__init__()
        self.embedding = nn.Embedding(characters, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.project = nn.Linear(hidden_size, embedding_dim)
        self.head = nn.Linear(embedding_dim, characters)
        self.dropout = nn.Dropout(dropout)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.head.weight = self.embedding.weight

    def forward(self, ids: Tensor, state=None):
        """番号 ``(batch, time)`` と状態から、得点 ``(batch, time, characters)`` と状態を返す。"""
        output, state = self.lstm(self.dropout(self.embedding(ids)), state)
        return self.head(self.dropout(self.project(self.dropout(output)))), state


def train_epoch(writer: Writer, ids: Tensor, optimizer, scheduler, settings: Settings) -> float:
    """状態を渡し、勾配を ``span`` 文字ごとに切って、小説を 1 回読む。1 文字のビット数を返す。"""
    writer.train()
    inputs, targets = side_by_side(ids, settings.streams)
    state, total = None, 0.0
    for x, y in zip(inputs.split(settings.span, 1), targets.split(settings.span, 1), strict=True):
        scores, (h, c) = writer(x, state)
        state = h.detach(), c.detach()
        loss = cross_entropy(scores.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(writer.parameters(), settings.clip)
        optimizer.step()
        scheduler.step()
        total += loss.item() * y.numel()
    return total / targets.numel() / math.log(2)


@torch.no_grad()
def bits_per_character(writer: Writer, ids: Tensor, span: int = 1000) -> float:
    """状態を渡しながら初めから終わりまで読み、次の 1 文字を当てるのに要ったビット数の平均。"""
    writer.eval()
    state, total = None, 0.0
    for x, y in zip(ids[None, :-1].split(span, 1), ids[None, 1:].split(span, 1), strict=True):
        scores, state = writer(x, state)
        total += cross_entropy(scores[0], y[0], reduction="sum").item()
    return total / (len(ids) - 1) / math.log(2)


def fit(story: Story, settings: Settings, seed: int) -> tuple[Writer, list[dict]]:
    """訓練し、検証の損失が最小だったエポックの重みに戻した LSTM と、エポックごとの数を返す。"""
    device = get_device()
    train, validation = (story.encode(t).to(device) for t in (story.train, story.validation))
    updates = math.ceil((len(train) - 1) // settings.streams / settings.span)
    with seeded(seed):
        writer = Writer(
            len(story.characters), settings.embedding_dim, settings.hidden_size, settings.dropout
        ).to(device)
        optimizer = torch.optim.AdamW(
            writer.parameters(), settings.lr, weight_decay=settings.weight_decay
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs * updates)
        rows, best = [], None
        for epoch in range(1, settings.epochs + 1):
            start = time.perf_counter()
            read = train_epoch(writer, train, optimizer, scheduler, settings)
            bits = bits_per_character(writer, validation)
            seconds = time.perf_counter() - start
            if all(bits < row["bits"] for row in rows):
                best = copy.deepcopy(writer.state_dict())
            rows.append({"epoch": epoch, "train_bits": read, "bits": bits, "seconds": seconds})
    writer.load_state_dict(best)
    return writer, rows


@torch.no_grad()
def write(
    writer: Writer, characters: CharacterTable, settings: Settings, temperature: float, seed: int
) -> str:
    """``prime`` の続きを 1 文字ずつ引く。

    ``shortest`` 文字を超えて初めての句点で書き終える。句点がなくても ``longest`` 文字まで。
    """
    writer.eval()
    device, random = get_device(), generator(seed)
    scores, state = writer(torch.tensor([characters.encode(settings.prime)], device=device))
    text = ""
    while len(text) < settings.longest and not (len(text) > settings.shortest and text[-1] == "。"):
        last = scores[0, -1].cpu()
        last[characters.index(RARE)] = -math.inf
        drawn = torch.multinomial(torch.softmax(last / temperature, dim=0), 1, generator=random)
        text += characters.char(drawn.item())
        scores, state = writer(drawn[None].to(device), state)
    return text


def units(settings: Settings) -> list[dict]:
    """測るもの：n-gram と、種ごとの LSTM。"""
    counted = [{"model": f"{n}-gram"} for n in settings.ngrams]
    return counted + [{"model": "LSTM", "seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """1 つのモデルの、検証の 1 文字のビット数 ``bits``。LSTM は、書いた文章と丸写しの量も。"""
    book = load_neko()
    if book.source.is_builtin:
        raise NotHere(f"『吾輩は猫である』の全文が必要です。{book.source}")
    story = split(book.text, settings.validation, settings.min_count)
    if unit["model"] == "LSTM":
        return measure(story, settings, unit["seed"])
    n = int(unit["model"].removesuffix("-gram"))
    train, validation = story.common(story.train), story.common(story.validation)
    return {"bits": round(ngram_bits(train, validation, n, len(story.characters)), 6)}


def measure(story: Story, settings: Settings, seed: int) -> dict:
    """LSTM を訓練し、書かせる。``copying`` の初めは、検証の部分を切った本物の漱石。"""
    writer, rows = fit(story, settings, seed)
    best = min(rows, key=lambda row: row["bits"])
    size, window = settings.shortest, settings.window
    last = len(story.validation) - size
    real = [story.validation[i : i + size] for i in range(0, last + 1, size)]
    copied = [{"writer": "漱石"} | copying(real, story.train, window)]
    written = []
    for temperature in settings.temperatures:
        texts = [
            write(writer, story.characters, settings, temperature, number)
            for number in range(settings.paragraphs)
        ]
        row = {"writer": "LSTM", "temperature": temperature}
        copied.append(row | copying(texts, story.train, window))
        written += [
            {
                "temperature": temperature,
                "seed": number,
                "text": text,
                "copied": longest_copy(text, story.train),
                "share": round(copied_share(text, story.train, window), 6),
            }
            for number, text in enumerate(texts)
        ]
    return {
        "bits": round(best["bits"], 6),
        "best_epoch": best["epoch"],
        "parameters": count_parameters(writer),
        "characters": len(story.characters),
        "rare": round(story.common(story.validation).count(RARE) / len(story.validation), 6),
        "lengths": {"train": len(story.train), "validation": len(story.validation)},
        "epochs": [{name: round(value, 6) for name, value in row.items()} for row in rows],
        "copying": copied,
        "written": written,
    }


def table(record: Record) -> str:
    """記録を、読むための文章にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    lines = [record.origin(), "", "検証の 1 文字あたりのビット数"]
    for result in record.results:
        lines.append(f"  {result['unit']['model']:7} {result['values']['bits']:.3f}")
    for result in record.select(model="LSTM"):
        lines += ["", "丸写し：いちばん長いもの（平均、最大）、窓の割合"]
        for row in result["values"]["copying"]:
            name = f"{row['writer']} {row.get('temperature', '')}"
            lines.append(
                f"  {name:9} {row['longest_mean']:5.1f} 字  {row['longest_max']:3} 字  "
                f"{100 * row['share']:5.1f} %"
            )
        for each in result["values"]["written"]:
            lines += ["", f"温度 {each['temperature']}、種 {each['seed']}"]
            lines.append(record.settings["prime"] + each["text"])
    return "\n".join(lines)
