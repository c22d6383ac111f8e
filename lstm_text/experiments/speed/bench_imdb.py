"""IMDb の訓練の速さ：素朴なループから、1 つずつ直していく

どの段も、同じレビューを、順伝播、逆伝播、重みの更新まで計算する。速さは、パディングを除いた語の数を
秒数で割ったもの。段を入れ替えながら何度か測り、中央値をとる。
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from lstm_text.datasets import load_imdb
from lstm_text.device import generator, get_device, precision, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.as_measured import PaddedToTheEnd
from lstm_text.imdb import Classifier, ImdbData, Labelled, Shape, TextOptions, load_reviews
from lstm_text.models import MaxPooling, SentimentClassifier
from lstm_text.records import Record
from lstm_text.text import collate_pairs, training_batches

STAGES = (
    "素朴",
    "非正規化数を 0 に",
    "長さの順に、400 まで",
    "はしごの大きさ",
    "1 段めの大きさ",
    "行列積を bfloat16 に",
)
"""素朴なループと、1 つずつ直したもの（前の段の直しも入っている）。"""


@dataclass(frozen=True)
class Settings:
    """測り方。

    Examples
    --------
    >>> units(Settings())  # 段は同じ過程の続きなので、1 つにまとめて測る
    [{'what': 'stages'}]
    """

    seeds: tuple[int, ...] = (0,)
    repeats: int = 3
    slow_reviews: int = 64
    fast_reviews: int = 1_024
    batch_size: int = 64


def units(settings: Settings) -> list[dict]:
    """全部の段を、1 度に測る（並べて測らないと、比にならない）。"""
    return [{"what": "stages"}]


def run(unit: dict, settings: Settings) -> dict:
    """段ごとの、1 秒に読める語の数（中央値と、測ったすべて）。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    data = load_reviews(TextOptions(max_length=10**6), 0.1, seed=0)
    return measure(data, settings)


def measure(data: ImdbData, settings: Settings) -> dict:
    """段を入れ替えながら測る。

    Parameters
    ----------
    data : ImdbData
        切っていないレビュー。
    settings : Settings

    Returns
    -------
    dict
    """
    rates: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for repeat in range(settings.repeats):
        for stage in STAGES:
            rates[stage].append(_rate(stage, data, settings, repeat))
    middle = {stage: median(values) for stage, values in rates.items()}
    return {
        "tokens_per_second": middle,
        "all": rates,
        "ratio": middle[STAGES[-1]] / middle[STAGES[0]],
    }


def _rate(stage: str, data: ImdbData, settings: Settings, seed: int) -> float:
    device = get_device()
    tidy = stage in STAGES[2:]
    n = settings.fast_reviews if stage in STAGES[3:] else settings.slow_reviews
    order = torch.randperm(len(data.train), generator=generator(seed))
    # 長さの順に集めるには、多くのレビューがいる。遅い段は、その初めのいくつかのミニバッチだけを測る
    members = order[: settings.fast_reviews if tidy else n].tolist()
    reviews = Labelled(data.train.texts, data.train.labels, 400 if tidy else 10**6, members)
    if tidy:
        batches = training_batches(reviews, settings.batch_size, generator(seed))
    else:
        batches = DataLoader(reviews, settings.batch_size, collate_fn=collate_pairs)
    batches = list(batches)[: -(-n // settings.batch_size)]
    with seeded(seed):
        model = _model(stage, data)
    try:
        torch.set_flush_denormal(stage != STAGES[0])
        with precision("bfloat16" if stage == STAGES[5] else "float32", device):
            return _study(model.to(device), batches, device)
    finally:
        torch.set_flush_denormal(True)


def _model(stage: str, data: ImdbData) -> nn.Module:
    size = len(data.vocabulary)
    if stage in STAGES[:2]:
        return PaddedToTheEnd(size)
    if stage in STAGES[4:]:
        shape = Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0)
        return Classifier(data.frequencies, shape)
    if stage == STAGES[3]:
        recurrent = nn.LSTM(100, 64, batch_first=True, bidirectional=True)
    else:
        recurrent = nn.LSTM(100, 256, 2, batch_first=True, dropout=0.5, bidirectional=True)
    return SentimentClassifier(size, 100, recurrent, MaxPooling(), 0.5)


def _study(model: nn.Module, batches: Iterable, device: torch.device) -> float:
    optimizer = torch.optim.Adam(model.parameters())
    tokens, start = 0, time.perf_counter()
    for ids, lengths, labels in batches:
        optimizer.zero_grad()
        logits = model(ids.to(device), lengths)
        binary_cross_entropy_with_logits(logits, labels.to(device)).backward()
        optimizer.step()
        tokens += int(lengths.sum())
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return tokens / (time.perf_counter() - start)


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    values = record.values(what="stages")
    rates = values["tokens_per_second"]
    slowest = rates[STAGES[0]]
    lines = [
        record.origin(),
        "",
        "1 秒に訓練できる語の数（中央値、最小〜最大）と、素朴なループとの比",
    ]
    for stage in STAGES:
        each = values["all"][stage]
        lines.append(
            f"  {rates[stage]:10,.0f}（{min(each):,.0f}〜{max(each):,.0f}）"
            f"  {rates[stage] / slowest:7.1f} 倍  {stage}"
        )
    return "\n".join(lines)
