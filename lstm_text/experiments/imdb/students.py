"""自己訓練：訓練の済んだモデル（先生）の答えを、評価のないレビューの正解の代わりにして学ぶ。

先生の答えは、0 か 1 に丸めず、確率のまま使います。丸めると、先生が迷ったレビューの答えが、
確かな正解と同じ重みになってしまうからです。
"""

from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from lstm_text.imdb import ImdbData, Labelled, joined, probabilities
from lstm_text.storage import load_tensors, save_tensors

_KIND = "先生の答え"


def answers(model: nn.Module, reviews: Labelled, path: Path) -> Tensor:
    """訓練の済んだモデルの、レビューへの答え。ファイルがあれば、それを読む。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算する、訓練の済んだモデル。
    reviews : Labelled
    path : Path
        答えを残すファイル。

    Returns
    -------
    Tensor of float32, (len(reviews),)
        肯定の確率。レビューの番号の順。

    Raises
    ------
    ValueError
        ファイルが壊れているとき、レビューの数が合わないとき。

    Examples
    --------
    >>> import tempfile
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> teacher = build_classifier(data.frequencies, Shape(4, 2), seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     probability = answers(teacher, unlabelled(data), Path(folder) / "answers.safetensors")
    >>> len(probability)
    20
    """
    try:
        tensors, _ = load_tensors(path, _KIND)
    except FileNotFoundError:
        tensors = {"probability": probabilities(model, reviews)}
        save_tensors(path, _KIND, tensors, {})
    probability = tensors["probability"]
    if len(probability) != len(reviews):
        raise ValueError(
            f"{path} には {len(reviews)} 件の答えが必要ですが、{len(probability)} 件でした。"
        )
    return probability


def unlabelled(data: ImdbData) -> Labelled:
    """評価のないレビュー。正解は -1。

    Parameters
    ----------
    data : ImdbData

    Returns
    -------
    Labelled

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> set(unlabelled(load_reviews(TextOptions(limit=20), validation=0.1, seed=0)).labels)
    {-1.0}
    """
    rest = data.plain[1]
    return Labelled(rest, [-1] * len(rest), data.train.max_length)


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

    References
    ----------
    Hinton, Vinyals & Dean (2015), "Distilling the Knowledge in a Neural Network",
    arXiv:1503.02531.

    Examples
    --------
    >>> import torch
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> more = with_answers(data, torch.full((20,), 0.25))
    >>> len(more.train), more.train.labels[-1]
    (38, 0.25)
    """
    labels = (*data.train.labels, *probability.tolist())
    train = Labelled(joined(data.plain), labels, data.train.max_length)
    return replace(data, train=train)


def with_validation(data: ImdbData) -> ImdbData:
    """検証用のレビューも、訓練用に加える。もう何も選ばない、最後の訓練のために。

    Parameters
    ----------
    data : ImdbData

    Returns
    -------
    ImdbData
        ``train`` と ``plain`` だけを取り替えたもの。``validation`` は残るが、学んだレビューなので、
        その精度は何も言わない。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), validation=0.1, seed=0)
    >>> len(data.train), len(with_validation(data).train)
    (18, 20)
    """
    train, rest = data.plain
    texts = joined([train, data.validation.texts])
    labels = (*data.train.labels, *data.validation.labels)
    reviews = Labelled(texts, labels, data.train.max_length)
    return replace(data, train=reviews, plain=[texts, rest])
