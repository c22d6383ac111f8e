"""PyTorch、Keras、TensorFlow、JAX、C で書いた層：LSTM の分類器の 1 回の更新の時間

埋め込み、1 層の LSTM、線形層の分類器を、どれも同じ大きさ、Adam、1 スレッドで更新します。
ミニバッチは、でたらめな語の番号です。1 回ずつ交互に動かし、それぞれのプロセスが CPU を使った時間を
測ります。「oneDNN なし」は、nn.LSTM に専用の実装を使わせないものです。JAX は、時刻の繰り返しを
lax.scan で書き、XLA にコンパイルさせます。TensorFlow と JAX はこの本の環境にないので、
それらを入れた Python の場所を、環境変数 LSTM_TEXT_TENSORFLOW で教えます。
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.speed.keras_worker import Worker, started
from lstm_text.fast import compiled, compiler
from lstm_text.records import Record

VARIABLE = "LSTM_TEXT_TENSORFLOW"


@dataclass(frozen=True)
class Settings:
    """記録の設定。大きさは (batch, length, input, hidden)。

    Examples
    --------
    >>> [unit["what"] for unit in units(Settings(sizes=((2, 3, 4, 5),)))]
    ['versions', 'updates']
    """

    seeds: tuple[int, ...] = (0,)
    sizes: tuple[tuple[int, int, int, int], ...] = (
        (256, 200, 128, 128),
        (32, 200, 128, 128),
        (32, 200, 64, 32),
    )
    words: int = 20_000
    repeats: int = 9
    warmup: int = 2


def units(settings: Settings) -> list[dict]:
    """ほかの環境の版と、大きさごとの時間。"""
    sizes = [{"what": "updates", "size": list(size)} for size in settings.sizes]
    return [{"what": "versions"}, *sizes]


def run(unit: dict, settings: Settings) -> dict:
    """版か、1 つの大きさでの 1 回の更新の時間（ミリ秒）。

    Raises
    ------
    NotHere
        TensorFlow と JAX のある Python か、C のコンパイラがないとき。
    """
    with started(python()) as worker:
        if unit["what"] == "versions":
            return worker.versions | {"compiler": compiler.version()}
        return measure(worker, tuple(unit["size"]), settings)


def python() -> str:
    """TensorFlow と JAX のある Python の場所。

    Returns
    -------
    str

    Raises
    ------
    NotHere
        環境変数にないとき。C のコンパイラがないとき。
    """
    found = shutil.which(os.environ.get(VARIABLE) or "")
    if found is None:
        raise NotHere(
            f"TensorFlow と JAX を入れた Python の場所を、環境変数 {VARIABLE} で教えてください。"
        )
    if not compiler.available():
        raise NotHere("C のコンパイラが必要です。")
    return found


class Classifier(nn.Module):
    """埋め込み → LSTM の最後の状態 → 線形層。Keras の側と同じ形。

    Parameters
    ----------
    layer : type
        時刻を先に読む LSTM の層。
    words, features, hidden : int
        語彙、埋め込み、隠れ状態の大きさ。

    Examples
    --------
    >>> Classifier(nn.LSTM, 9, 3, 4)(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 1])
    """

    def __init__(self, layer: type, words: int, features: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(words, features)
        self.lstm = layer(features, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, ids):
        """``(batch, time)`` からロジット ``(batch, 1)`` を計算する。"""
        output, _ = self.lstm(self.embedding(ids.T))
        return self.head(output[-1])


def without_onednn() -> AbstractContextManager:
    """``nn.LSTM`` に、PyTorch の専用でない実装を使わせる。"""
    return torch.backends.mkldnn.flags(enabled=False, allow_tf32=None)


WAYS: dict[str, tuple[type, Callable]] = {
    "nn.LSTM": (nn.LSTM, nullcontext),
    "nn.LSTM（oneDNN なし）": (nn.LSTM, without_onednn),
    "C": (compiled.LSTM, nullcontext),
}
"""このプロセスで動かすもの。"""

THEIRS = ("Keras", "TensorFlow", "JAX")


def ours(name: str, size: tuple[int, int, int, int], settings: Settings) -> Callable[[], float]:
    """1 回更新し、CPU を使ったミリ秒を返す関数。

    Parameters
    ----------
    name : str
        ``WAYS`` の名前。
    size : (int, int, int, int)
    settings : Settings

    Returns
    -------
    callable

    Examples
    --------
    >>> ours("nn.LSTM", (2, 3, 4, 5), Settings(words=9))() > 0
    True
    """
    batch, length, features, hidden = size
    layer, setting = WAYS[name]
    seed = settings.seeds[0]
    with seeded(seed):
        model = Classifier(layer, settings.words, features, hidden)
    optimizer = torch.optim.Adam(model.parameters(), 0.001)
    ids = torch.randint(1, settings.words, (batch, length), generator=generator(seed))
    labels = torch.randint(2, (batch, 1), generator=generator(seed + 1)).float()

    def update() -> float:
        start = time.process_time()
        with setting():
            optimizer.zero_grad()
            loss = binary_cross_entropy_with_logits(model(ids), labels)
            loss.backward()
            optimizer.step()
            loss.item()
        return 1000 * (time.process_time() - start)

    return update


def measure(worker: Worker, size: tuple[int, int, int, int], settings: Settings) -> dict:
    """どれも 1 回ずつ動かすことを繰り返す。

    Parameters
    ----------
    worker : Worker
    size : (int, int, int, int)
    settings : Settings

    Returns
    -------
    dict of str to list of float
        名前ごとの、測った順のミリ秒。
    """
    get_device("cpu")  # 非正規化数を 0 とみなす（TensorFlow も、そうしている）
    worker.ask(dict(zip(("batch", "length", "features", "hidden"), size, strict=True))
               | {"words": settings.words})  # fmt: skip
    updates = {name: ours(name, size, settings) for name in WAYS}
    updates |= {name: lambda name=name: worker.ask(name) for name in THEIRS}
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rounds = [
            {name: round(update(), 3) for name, update in updates.items()}
            for _ in range(settings.warmup + settings.repeats)
        ]
    finally:
        torch.set_num_threads(before)
    return {name: [each[name] for each in rounds[settings.warmup :]] for name in updates}


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    versions = record.values(what="versions")
    lines = [record.origin(), "、".join(f"{n} {v}" for n, v in versions.items()), ""]
    for result in record.select(what="updates"):
        lines.append(f"大きさ {result['unit']['size']}")
        for name, each in result["values"].items():
            lines.append(f"  {median(each):8.1f} ms（{min(each):.1f}〜{max(each):.1f}）  {name}")
    return "\n".join(lines)
