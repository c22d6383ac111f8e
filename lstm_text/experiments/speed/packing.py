"""長さの違う系列：pack_padded_sequence を使うときと、パディングのまま読むときの時間

本物の IMDb のレビューの長さでミニバッチを作り、同じ入力を、packing して読む、パディングのまま読む、
の 2 通りで交互に計算します。順伝播から逆伝播までの時間で、勾配はどちらも同じです。ミニバッチを
種ごとに選び、比はミニバッチごとにとります。CPU では CPU を使った時間、CUDA では経過した時間です。
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.imdb.few_reviews import imdb
from lstm_text.experiments.speed.speed import now
from lstm_text.records import Record
from lstm_text.text import LengthBuckets, padding_share, tokenize


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Attributes
    ----------
    seeds : tuple of int
        1 つが、ミニバッチ 1 つ。
    pools : tuple of (str, int)
        組み方の名前と、その :class:`~lstm_text.text.LengthBuckets` の ``pool``。

    Examples
    --------
    >>> units(Settings(batch_sizes=(32,)))
    [{'batches': '混ぜる', 'batch': 32}, {'batches': '集める', 'batch': 32}]
    """

    seeds: tuple[int, ...] = tuple(range(8))
    pools: tuple[tuple[str, int], ...] = (("混ぜる", 1), ("集める", 50))
    batch_sizes: tuple[int, ...] = (32, 64)
    reviews: int = 3200
    max_length: int = 400
    input_size: int = 64
    hidden_size: int = 64
    repeats: int = 3


def units(settings: Settings) -> list[dict]:
    """測るもの：ミニバッチの組み方と大きさ。"""
    return [{"batches": n, "batch": b} for n, _ in settings.pools for b in settings.batch_sizes]


def run(unit: dict, settings: Settings) -> dict:
    """種ごとのミニバッチで、2 通りの時間（ミリ秒）と、パディングの割合。"""
    pool = dict(settings.pools)[unit["batches"]]
    return measure(review_lengths(settings), unit["batch"], pool, settings)


def review_lengths(settings: Settings) -> Tensor:
    """訓練用のレビューから選んだものの、切ったあとの長さ ``(reviews,)``。"""
    texts = imdb().train.texts
    chosen = torch.randperm(len(texts), generator=generator(0))[: settings.reviews]
    lengths = torch.tensor([len(tokenize(texts[i])) for i in chosen.tolist()])
    return lengths.clamp(1, settings.max_length)


def measure(lengths: Tensor, batch: int, pool: int, settings: Settings) -> dict:
    """ミニバッチごとに測る。

    Parameters
    ----------
    lengths : Tensor, (reviews,)
        レビューの長さ。
    batch, pool : int
        :class:`~lstm_text.text.LengthBuckets` に渡すもの。
    settings : Settings

    Returns
    -------
    dict of str to list
        種ごとの ``packed`` と ``padded``（ミリ秒、繰り返しの中央値）、``padding``（パディングの
        割合）、``longest``（いちばん長い系列の長さ）。

    Examples
    --------
    >>> tiny = Settings(seeds=(0, 1), input_size=2, hidden_size=2, repeats=1)
    >>> measured = measure(torch.tensor([4, 2, 4, 2]), 2, 2, tiny)
    >>> measured["padding"], sorted(measured)
    ([0.0, 0.0], ['longest', 'packed', 'padded', 'padding'])
    """
    device = get_device()
    with seeded(settings.seeds[0]):
        layer = nn.LSTM(settings.input_size, settings.hidden_size, batch_first=True).to(device)
    values = {name: [] for name in (*WAYS, "padding", "longest")}
    for seed in settings.seeds:
        members = next(iter(LengthBuckets(lengths, batch, generator(seed), pool)))
        each = lengths[members]
        shape = batch, int(each.max()), settings.input_size
        x = torch.randn(shape, generator=generator(seed)).to(device).requires_grad_()
        for name, milliseconds in alternated(layer, x, each, settings.repeats).items():
            values[name].append(round(median(milliseconds), 3))
        values["padding"].append(round(padding_share([each.tolist()]), 4))
        values["longest"].append(int(each.max()))
    return values


def packed(layer: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """packing して読み、出力を ``(batch, time, hidden)`` に戻す。パディングの所は 0。

    Examples
    --------
    >>> layer, x = nn.LSTM(1, 1, batch_first=True), torch.ones(2, 3, 1)
    >>> packed(layer, x, torch.tensor([1, 3]))[0, 1:].flatten().tolist()
    [0.0, 0.0]
    """
    sequence = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(layer(sequence)[0], batch_first=True)[0]


def padded(layer: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """パディングも読み、その所の出力を 0 にする。

    Examples
    --------
    >>> layer, x = nn.LSTM(1, 1, batch_first=True), torch.ones(2, 3, 1)
    >>> lengths = torch.tensor([1, 3])
    >>> torch.allclose(padded(layer, x, lengths), packed(layer, x, lengths))
    True
    """
    inside = torch.arange(x.shape[1]) < lengths[:, None]
    return layer(x)[0] * inside.unsqueeze(-1).to(x.device)


WAYS: dict[str, Callable] = {"packed": packed, "padded": padded}


def alternated(layer: nn.Module, x: Tensor, lengths: Tensor, repeats: int) -> dict:
    """2 通りを 1 回ずつ動かすことを繰り返し、順伝播と逆伝播の時間（ミリ秒）を測る。

    Parameters
    ----------
    layer : nn.Module
        ``batch_first=True`` の再帰層。
    x : Tensor, (batch, time, input)
    lengths : Tensor, (batch,)
    repeats : int
        この前に、測らずに 1 回ずつ動かす。

    Returns
    -------
    dict of str to list of float
    """
    times = {name: [] for name in WAYS}
    for repeat in range(1 + repeats):
        for name, way in WAYS.items():
            layer.zero_grad()
            x.grad = None
            start = now(x.device)
            way(layer, x, lengths).square().mean().backward()
            if repeat:
                times[name].append(1000 * (now(x.device) - start))
    return times


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    lines = [record.origin(), "", "組み方、大きさ：packed ÷ padded（ミニバッチごと）、パディング"]
    for result in record.results:
        unit, values = result["unit"], result["values"]
        ratios = [a / b for a, b in zip(values["packed"], values["padded"], strict=True)]
        told = " ".join(f"{ratio:.2f}" for ratio in ratios)
        share = 100 * sum(values["padding"]) / len(values["padding"])
        lines.append(f"  {unit['batches']}、{unit['batch']}：{told}　{share:.0f} %")
    return "\n".join(lines)
