"""10 分あれば、順位は変わるか：同じ 7 つのネットワークを、2 倍の大きさで、上がらなくなるまで

``imdb_contenders`` の 7 つを、埋め込みも特徴も 2 倍にし、1 分ぶん訓練するたびに検証用のレビューに
答えさせます。2 分続けていちばん良かった点を超えなければやめ（早期終了）、10 分までに超え続けた
ものは 10 分でやめます。使うのは、検証の点がいちばん高かったときの重みです。
"""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, repeat

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.swa_utils import AveragedModel

from lstm_text import UNK
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.imdb.exchanges import wavering
from lstm_text.experiments.imdb.imdb_contenders import RATES, examine, latency
from lstm_text.experiments.imdb.minute import (
    BATCH,
    MAX_LENGTH,
    Material,
    encoded,
    material,
)
from lstm_text.fast import MinGRU
from lstm_text.imdb import (
    AttentionClassifier,
    Convolution,
    EncodedReviews,
    LockedDropout,
    Recurrent,
    SmallTransformer,
    WordDropout,
    probabilities,
)
from lstm_text.models import count_parameters
from lstm_text.text import Batch, training_batches

SIZE = 128
"""埋め込みの次元と、時刻ごとの特徴の数。"""

WARM_UP = 200
"""学習率を 0 から上げる、初めの更新の数。"""


@dataclass(frozen=True)
class Network:
    """読む層と、1 分に読める量。

    Attributes
    ----------
    encoder : callable
        読む層を作る。
    passes : float
        CPU 時間 120 秒（2 コアで 1 分）で、訓練用のレビューを何回読めるか。前もって
        1 回だけ測った。
    read_length : int
        答えるときに読むトークンの数の上限。
    """

    encoder: Callable[[], nn.Module]
    passes: float
    read_length: int = 1_000


def _both(layer: type[nn.Module]) -> Recurrent:
    return Recurrent(layer(SIZE, SIZE // 2, batch_first=True, bidirectional=True))


NETWORKS = {
    "RNN": Network(partial(_both, nn.RNN), 1.44),
    "LSTM": Network(partial(_both, nn.LSTM), 1.12),
    "GRU": Network(partial(_both, nn.GRU), 0.91),
    "minGRU": Network(partial(_both, MinGRU), 1.56),
    "LSTM（単方向）": Network(lambda: Recurrent(nn.LSTM(SIZE, SIZE, batch_first=True)), 1.20),
    "畳み込み": Network(partial(Convolution, SIZE, features=SIZE), 1.63),
    "Transformer": Network(partial(SmallTransformer, SIZE), 0.55, read_length=MAX_LENGTH),
}
"""名前から、読む層へ。名前は ``imdb_contenders`` と同じ。"""


@dataclass(frozen=True)
class Settings:
    """訓練の設定。

    Examples
    --------
    >>> len(units(Settings(seeds=(0,))))
    7
    """

    minutes: int = 10
    patience: int = 2
    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """ネットワークと種の組。"""
    return [{"model": model, "seed": seed} for seed in settings.seeds for model in NETWORKS]


def run(unit: dict, settings: Settings) -> dict:
    """1 つのネットワークを、1 つの種で訓練し、すべての問いに答えさせる。"""
    known, network, seed = material(), NETWORKS[unit["model"]], unit["seed"]
    members = EncodedReviews(
        known.tokens["train"], known.train.labels, known.vocabulary, MAX_LENGTH
    )
    counts = torch.bincount(torch.cat(members.ids), minlength=len(known.vocabulary))
    counts[UNK] = counts[UNK].clamp_min(1)
    with seeded(seed):
        model = Reader(counts.float(), SIZE, network.encoder()).to(get_device())
        batches = training_batches(members, BATCH, generator(seed))
        trained, minutes = practise(
            model,
            batches,
            max(1, round(network.passes * len(batches))),
            RATES[unit["model"]] / 2,
            lambda model: _validate(model, network, known),
            settings,
        )

    def answer(token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        asked = encoded(token_lists, known.vocabulary, network.read_length)
        return (probabilities(trained, asked) > 0.5).numpy()

    return examine(answer, known) | {
        "minutes": minutes,
        "updates": len(minutes) * round(network.passes * len(batches)),
        "parameters": count_parameters(model),
        "encoder_parameters": count_parameters(model.encoder),
        "exchanged": wavering(answer),
        "milliseconds": latency(answer, known),
    }


class Reader(AttentionClassifier):
    """訓練のとき、ところどころの語を未知語に替え、埋め込みを間引く ``AttentionClassifier``。

    正則化は読む層の外にあるので、どの読む層にも同じように効く。

    Parameters
    ----------
    frequencies, embedding_dim, encoder
        :class:`~lstm_text.imdb.AttentionClassifier` と同じ。

    Examples
    --------
    >>> reader = Reader(torch.ones(9), 4, Recurrent(nn.LSTM(4, 3, batch_first=True)))
    >>> ids, lengths = torch.arange(2, 9).unsqueeze(0), torch.tensor([7])
    >>> with seeded(0):
    ...     torch.equal(reader(ids, lengths), reader(ids, lengths))
    False
    >>> _ = reader.eval()
    >>> torch.equal(reader(ids, lengths), reader(ids, lengths))
    True
    """

    def __init__(self, frequencies: Tensor, embedding_dim: int, encoder: nn.Module):
        super().__init__(frequencies, embedding_dim, encoder)
        self.word_dropout = WordDropout(0.05)
        self.locked_dropout = LockedDropout(0.3)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """番号 ``(batch, time)`` と長さ ``(batch,)`` からロジット ``(batch,)``。"""
        vectors = self.locked_dropout(self.embedding(self.word_dropout(ids)))
        output = self.encoder(vectors, lengths)
        summary = self.pooling(output, output[:, -1], lengths)
        return self.head(self.dropout(summary)).squeeze(-1)


def practise(
    model: nn.Module,
    batches: Sequence[Batch],
    per_minute: int,
    rate: float,
    validate: Callable[[nn.Module], float],
    settings: Settings,
) -> tuple[nn.Module, list[dict]]:
    """上がらなくなるまで訓練し、検証の点がいちばん高かったときのモデルを返す。

    学習率は初めに上げ、あとは変えません。答えるのは、重みの移動平均です。

    Parameters
    ----------
    model : nn.Module
    batches : sequence of Batch
        くり返し読むたびに、順の変わるミニバッチ。
    per_minute : int
        1 分ぶんの更新の数。
    rate : float
        学習率。
    validate : callable
        モデルから、検証の点。
    settings : Settings

    Returns
    -------
    best : nn.Module
        評価の状態のモデル。
    minutes : list of dict
        1 分ごとの、検証の点、損失の平均、訓練の秒数と CPU 時間（始めからの合計）。

    Examples
    --------
    検証の点が 1 分めから下がり続ければ、3 分めの終わりにやめ、1 分めのモデルを返します。

    >>> from lstm_text.text import collate
    >>> model = AttentionClassifier(torch.ones(9), 4, Convolution(4, 3))
    >>> batch, points = collate([[2, 3], [4]], [1.0, 0.0]), iter([0.9, 0.8, 0.7, 0.6])
    >>> best, minutes = practise(model, [batch], 5, 0.01, lambda model: next(points), Settings())
    >>> [minute["validation"] for minute in minutes]
    [0.9, 0.8, 0.7]
    """
    optimizer = torch.optim.Adam(model.parameters(), rate, betas=(0.9, 0.98))
    averaged = AveragedModel(model, avg_fn=_follow)
    stream = _over_and_over(batches)
    minutes: list[dict] = []
    best, best_minute, best_score = model, 0, -1.0
    seconds = cpu_seconds = 0.0
    for minute in range(1, settings.minutes + 1):
        start, cpu_start, losses = time.perf_counter(), time.process_time(), []
        model.train()
        for step, (ids, lengths, labels) in enumerate(islice(stream, per_minute)):
            done = (minute - 1) * per_minute + step
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1, (done + 1) / WARM_UP)
            losses.append(_improve(model, optimizer, ids, lengths, labels))
            averaged.update_parameters(model)
        seconds += time.perf_counter() - start
        cpu_seconds += time.process_time() - cpu_start
        score = validate(averaged.module)
        minutes.append(
            {
                "validation": score,
                "loss": float(np.mean(losses)),
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
            }
        )
        if score > best_score:
            best, best_minute, best_score = deepcopy(averaged.module), minute, score
        elif minute - best_minute >= settings.patience:
            break
    return best.eval(), minutes


def _follow(average: Tensor, new: Tensor, count: Tensor) -> Tensor:
    """それまでの更新の、およそ 9 分の 1 を窓とする移動平均（窓は 500 回まで）。"""
    return average + (new - average) * max(9 / (int(count) + 10), 1 / 500)


def _improve(model, optimizer, ids, lengths, labels) -> float:
    device = next(model.parameters()).device
    loss = binary_cross_entropy_with_logits(model(ids.to(device), lengths), labels.to(device))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def _over_and_over(batches: Sequence[Batch]) -> Iterator[Batch]:
    return chain.from_iterable(repeat(batches))


def _validate(model: nn.Module, network: Network, known: Material) -> float:
    asked = encoded(known.tokens["validation"], known.vocabulary, network.read_length)
    answers = (probabilities(model, asked) > 0.5).numpy()
    return float((answers == (np.array(known.validation.labels) == 1)).mean())
