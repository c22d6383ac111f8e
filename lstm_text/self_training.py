"""自己訓練：訓練の済んだモデル（先生）の答えを、評価のないレビューの正解の代わりにして学ぶ。

先生の答えは、0 か 1 に丸めず、確率のまま使います。丸めると、先生が迷ったレビューの答えが、
確かな正解と同じ重みになってしまうからです。
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from lstm_text.encoded import Labelled
from lstm_text.reviews import ImdbData, joined
from lstm_text.sealed import seal, unseal
from lstm_text.sentiment import probabilities

_KIND = "先生の答え"


def answers(teachers: Sequence[nn.Module], data: ImdbData, path: Path) -> Tensor:
    """評価のないレビューへの、先生たちの答え（確率の平均）。ファイルがあれば、それを読む。

    Parameters
    ----------
    teachers : sequence of nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算する、訓練の済んだモデル。
    data : ImdbData
    path : Path
        答えを残すファイル。

    Returns
    -------
    Tensor of float32, (評価のないレビューの数,)

    Raises
    ------
    ValueError
        先生がいないとき、ファイルが壊れているとき、レビューの数が合わないとき。

    References
    ----------
    Lee (2013), "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for
    Deep Neural Networks", ICML Workshop.

    Examples
    --------
    >>> import tempfile
    >>> from lstm_text.reader import Shape, build_reader
    >>> from lstm_text.reviews import Reading, load_reviews
    >>> data = load_reviews(Reading(limit=20), validation=0.1, seed=0)
    >>> teacher = build_reader(data.frequencies, Shape(4, 2), seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     probability = answers([teacher], data, Path(folder) / "answers.safetensors")
    >>> len(probability)
    20
    """
    if not teachers:
        raise ValueError("先生には 1 つ以上のモデルが必要ですが、0 個でした。")
    rest = data.plain[1]
    try:
        tensors, _ = unseal(path, _KIND)
    except FileNotFoundError:
        reviews = Labelled(rest, [-1] * len(rest), data.train.max_length)
        with torch.no_grad():
            each = [probabilities(teacher, reviews) for teacher in teachers]
        tensors = {"probability": torch.stack(each).mean(0)}
        seal(path, _KIND, tensors, {})
    probability = tensors["probability"]
    if len(probability) != len(rest):
        raise ValueError(
            f"{path} には {len(rest)} 件の答えが必要ですが、{len(probability)} 件でした。"
        )
    return probability


def with_answers(data: ImdbData, probability: Tensor) -> ImdbData:
    """訓練用のレビューに、先生の答えを正解とした評価のないレビューを加える。

    Parameters
    ----------
    data : ImdbData
    probability : Tensor, (評価のないレビューの数,)
        :func:`answers` の戻り値。

    Returns
    -------
    ImdbData
        ``train`` だけを取り替えたもの。検証とテストのレビューは変わらない。

    Examples
    --------
    >>> from lstm_text.reviews import Reading, load_reviews
    >>> data = load_reviews(Reading(limit=20), validation=0.1, seed=0)
    >>> more = with_answers(data, torch.full((20,), 0.25))
    >>> len(more.train), more.train.labels[-1]
    (38, 0.25)
    """
    labels = (*data.train.labels, *probability.tolist())
    train = Labelled(joined(data.plain), labels, data.train.max_length)
    return replace(data, train=train)
