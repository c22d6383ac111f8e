"""事前学習済みの文エンコーダ：凍らせた MiniLM のベクトルから、ロジスティック回帰で答える

エンコーダの重みは動かさず、レビューの初めの ``max_tokens`` トークンを 1 度だけ読む。学ぶのは、
384 個の重みとバイアスだけ。正則化の強さは検証用のレビューで選び、テスト用は最後の 1 度だけ使う。
``right`` は、:func:`lstm_text.datasets.load_imdb` の ``test`` の順の当たり外れ。
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from lstm_text.datasets import Imdb, load_imdb, split_validation
from lstm_text.device import generator
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.minilm import MiniLM, embed
from lstm_text.experiments.imdb.processes import in_processes
from lstm_text.records import pack


@dataclass(frozen=True)
class Settings:
    """記録の設定。``strengths`` は、試す ``C``（正則化の逆数）。``timed`` は、1 件ずつ計る件数。

    Examples
    --------
    >>> units(Settings())
    [{'seed': 0}]
    """

    seeds: tuple[int, ...] = (0,)
    validation: float = 0.1
    max_tokens: int = 256
    strengths: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0, 1000.0)
    timed: int = 200


def units(settings: Settings) -> list[dict]:
    """検証用の分け方の種ごと。訓練には、乱数を使わない。"""
    return [{"seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """本物の IMDb を読み、答える。"""
    try:
        encoder = MiniLM(settings.max_tokens)
    except ModuleNotFoundError as error:
        raise NotHere(str(error)) from error
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    return measure(imdb, encoder, settings, unit["seed"])


def measure(imdb: Imdb, encoder: MiniLM, settings: Settings, seed: int) -> dict:
    """ベクトルにし、回帰を選び、テスト用に答え、1 件を読む時間とメモリを測る。

    Parameters
    ----------
    imdb : Imdb
    encoder : MiniLM
    settings : Settings
    seed : int
        検証用の分け方の種。

    Returns
    -------
    dict
        JSON にできる値だけからなる。時間は秒、メモリは MiB。

    Examples
    --------
    >>> measure(load_imdb(), MiniLM(256), Settings(), seed=0)  # doctest: +SKIP
    {'validation': 0.82, 'test': 0.81, ...}
    """
    train, validation = split_validation(imdb.train, settings.validation, generator(seed))
    parts = {"train": train, "validation": validation, "test": imdb.test}
    embedded = {name: embed(encoder, part.texts) for name, part in parts.items()}
    x = {name: each.vectors.numpy() for name, each in embedded.items()}
    start = time.perf_counter()
    model, tried = choose(
        x["train"], train.labels, x["validation"], validation.labels, settings.strengths
    )
    fitting = time.perf_counter() - start
    right = model.predict(x["test"]) == np.array(imdb.test.labels)
    asked = imdb.test.texts[:: max(1, len(imdb.test) // settings.timed)][: settings.timed]
    alone = sorted(_seconds_alone(encoder, model, text) for text in asked)
    one = partial(peak_memory, asked[0], settings.max_tokens)
    return {
        "validation": max(tried),
        "test": float(right.mean()),
        "right": pack(right),
        "tried": tried,
        "strength": model.C,
        "features": x["train"].shape[1],
        "parameters": encoder.parameters,
        "trained": model.coef_.size + model.intercept_.size,
        "reviews": {name: len(part) for name, part in parts.items()},
        "tokens": {name: each.tokens for name, each in embedded.items()},
        "cut": {name: each.cut for name, each in embedded.items()},
        "embedding": {name: each.seconds for name, each in embedded.items()},
        "embedding_cpu": {name: each.cpu_seconds for name, each in embedded.items()},
        "fitting": fitting,
        "one_review": {"median": float(np.median(alone)), "slowest": alone[-1]},
        "memory": in_processes([one])[0],
        "versions": encoder.versions,
    }


def choose(
    x: np.ndarray,
    labels: Sequence[int],
    held_out: np.ndarray,
    held_out_labels: Sequence[int],
    strengths: Sequence[float],
) -> tuple[LogisticRegression, list[float]]:
    """検証用の精度がいちばん高いロジスティック回帰を選ぶ。同点なら、先に並ぶもの。

    Parameters
    ----------
    x : ndarray, (n, features)
        訓練用のベクトル。
    labels : sequence of int
    held_out : ndarray, (m, features)
        検証用のベクトル。
    held_out_labels : sequence of int
    strengths : sequence of float
        試す ``C``。

    Returns
    -------
    model : LogisticRegression
    accuracies : list of float
        ``strengths`` の順の、検証用の精度。

    Examples
    --------
    >>> x, labels = np.array([[-1.0], [1.0]]), [0, 1]
    >>> model, accuracies = choose(x, labels, x, labels, (1.0, 10.0))
    >>> model.C, accuracies
    (1.0, [1.0, 1.0])
    """
    models = [LogisticRegression(C=c, max_iter=1_000).fit(x, labels) for c in strengths]
    accuracies = [float(model.score(held_out, held_out_labels)) for model in models]
    return models[int(np.argmax(accuracies))], accuracies


def _seconds_alone(encoder: MiniLM, model: LogisticRegression, text: str) -> float:
    """1 件だけを読み、答えるのにかかる時間。"""
    start = time.perf_counter()
    model.predict(encoder([text]).numpy())
    return time.perf_counter() - start


def peak_memory(text: str, max_tokens: int) -> float | None:
    """このプロセスで 1 件をベクトルにし、プロセスの使ったメモリの最大（MiB）を返す。

    ライブラリも含む。Linux のほかでは測れないので None。

    Parameters
    ----------
    text : str
    max_tokens : int

    Returns
    -------
    float or None

    Examples
    --------
    >>> peak_memory("A fine film.", 256)  # doctest: +SKIP
    780.5
    """
    MiniLM(max_tokens)([text])
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return int(re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)[1]) / 2**10
