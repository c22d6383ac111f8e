"""どこで間違えるか、確信度は当てになるか。"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lstm_text.text import Vocabulary

LENGTH_EDGES = (0, 100, 200, 400, 800)
"""レビューの長さの区間の、左の端（語の数）。"""

NEGATIONS = frozenset(["not", "n't", "never", "no", "nothing", "nor", "neither", "nobody", "none"])
"""否定の語。"""


def is_right(probability: Tensor, labels: Tensor) -> Tensor:
    """肯定の確率が 0.5 を超えたら肯定と答えたとして、当たったか。

    Parameters
    ----------
    probability : Tensor, (n,)
        肯定である確率。
    labels : Tensor, (n,)
        0 か 1。

    Returns
    -------
    Tensor of bool, (n,)

    Examples
    --------
    >>> is_right(torch.tensor([0.9, 0.5, 0.2]), torch.tensor([1, 1, 0]))
    tensor([ True, False,  True])
    """
    return (probability > 0.5) == (labels > 0.5)


def group_accuracy(correct: Tensor, values: Tensor, edges: Sequence[float]) -> list[dict]:
    """値の区間ごとの、件数、精度、標準誤差。件数 0 の区間は省く。

    Parameters
    ----------
    correct : Tensor of bool, (n,)
    values : Tensor, (n,)
        長さ、否定の語の数、評点など。
    edges : sequence of float
        区間の左の端。最後の区間に右の端はない。

    Returns
    -------
    list of dict
        キーは ``from``、``to``（最後は None）、``count``、``accuracy``、``error``。

    Examples
    --------
    >>> group_accuracy(torch.tensor([True, False]), torch.tensor([1, 9]), [0, 5])
    [{'from': 0, 'to': 5, 'count': 1, 'accuracy': 1.0, 'error': 0.0},
     {'from': 5, 'to': None, 'count': 1, 'accuracy': 0.0, 'error': 0.0}]
    """
    rows = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        inside = (values >= low) & (values < (math.inf if high is None else high))
        count = int(inside.sum())
        if count:
            p = correct[inside].double().mean().item()
            error = math.sqrt(p * (1 - p) / count)
            rows.append({"from": low, "to": high, "count": count, "accuracy": p, "error": error})
    return rows


def calibration(
    probability: Tensor,
    labels: Tensor,
    edges: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99),
) -> list[dict]:
    """確信度の区間ごとの、件数、平均の確信度、実際の精度。

    Parameters
    ----------
    probability : Tensor, (n,)
        肯定である確率。
    labels : Tensor, (n,)
        0 か 1。
    edges : sequence of float
        区間の左の端。

    Returns
    -------
    list of dict
        :func:`group_accuracy` のものに、``confidence`` を加えたもの。

    Examples
    --------
    >>> row, = calibration(torch.tensor([0.75, 0.25]), torch.tensor([1, 1]))
    >>> row["confidence"], row["accuracy"]
    (0.75, 0.5)
    """
    confidence = torch.maximum(probability, 1 - probability)
    correct = (probability > 0.5) == (labels > 0.5)
    rows = group_accuracy(correct, confidence, edges)
    for row in rows:
        inside = (confidence >= row["from"]) & (confidence < (row["to"] or math.inf))
        row["confidence"] = confidence[inside].double().mean().item()
    return rows


def calibration_error(rows: list[dict]) -> float:
    """期待較正誤差：確信度と精度の差の絶対値を、件数で重みをつけて平均したもの。

    Parameters
    ----------
    rows : list of dict
        :func:`calibration` の戻り値。

    Returns
    -------
    float

    References
    ----------
    Guo et al. (2017), "On Calibration of Modern Neural Networks", ICML, 式 (3)。

    Examples
    --------
    >>> calibration_error([{"count": 4, "confidence": 0.75, "accuracy": 0.5}])
    0.25
    """
    total = sum(row["count"] for row in rows)
    return sum(row["count"] * abs(row["confidence"] - row["accuracy"]) for row in rows) / total


def count_negations(ids: Tensor, vocabulary: Vocabulary) -> int:
    """否定の語がいくつあるか。

    Parameters
    ----------
    ids : Tensor of int, (length,)
    vocabulary : Vocabulary

    Returns
    -------
    int

    Examples
    --------
    >>> vocabulary = Vocabulary(["not", "bad"])
    >>> count_negations(torch.tensor([2, 3, 2]), vocabulary)
    2
    """
    known = [vocabulary.encode([word])[0] for word in NEGATIONS if word in vocabulary]
    return int(torch.isin(ids, torch.tensor(known, dtype=ids.dtype)).sum())
