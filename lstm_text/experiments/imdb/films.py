"""レビューがどの映画の感想かを使う：同じ映画の多数決と、それが役に立たなくなる重み。"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def votes(films: Sequence[str], labels: Sequence[int], asked: Sequence[str]) -> np.ndarray:
    """同じ映画の感想の、肯定の数から否定の数を引いたもの。1 つもなければ 0。

    Parameters
    ----------
    films : sequence of str
        正解を知っているレビューの、映画の番号。
    labels : sequence of int
        その正解（0 か 1）。
    asked : sequence of str
        知りたいレビューの、映画の番号。

    Returns
    -------
    ndarray of int, (len(asked),)

    Examples
    --------
    >>> votes(["a", "a", "a", "b"], [0, 0, 1, 1], ["a", "b", "c"])
    array([-1,  1,  0])
    """
    balance: dict[str, int] = defaultdict(int)
    for film, label in zip(films, labels, strict=True):
        balance[film] += 1 if label else -1
    return np.array([balance.get(film, 0) for film in asked])


def majority(films: Sequence[str], labels: Sequence[int], asked: Sequence[str]) -> np.ndarray:
    """同じ映画の感想の多数決。同数か、1 つもなければ、全体の多いほう（同数なら肯定）。

    Parameters
    ----------
    films, labels, asked
        :func:`votes` と同じ。

    Returns
    -------
    ndarray of int, (len(asked),)

    Examples
    --------
    >>> majority(["a", "a", "a", "b"], [0, 0, 1, 1], ["a", "b", "c"])
    array([0, 1, 1])
    """
    found = votes(films, labels, asked)
    overall = sum(1 if label else -1 for label in labels)
    return (np.where(found == 0, overall, found) >= 0).astype(int)


def balancing_weights(found: Sequence[int], labels: Sequence[int]) -> Tensor:
    """多数決が半々しか当たらなくなる、レビューの重み。

    多数決が正解と合うレビューと、食い違うレビューの、重みの合計を同じにする。映画の評判を覚えた
    だけのモデルは、この重みで平均した成績では得をしない。

    Parameters
    ----------
    found : sequence of int
        :func:`votes` の戻り値。0 のレビューの重みは 1 のまま。
    labels : sequence of int
        正解（0 か 1）。

    Returns
    -------
    Tensor of float32, (len(labels),)
        平均は 1。

    Raises
    ------
    ValueError
        多数決の合うレビューか、食い違うレビューの、どちらかがないとき。

    Examples
    --------
    >>> balancing_weights([2, 1, 3, -1, 0], [1, 1, 1, 1, 0]).tolist()
    [0.6666666865348816, 0.6666666865348816, 0.6666666865348816, 2.0, 1.0]
    """
    sides = np.sign(found) * np.where(np.array(labels) > 0.5, 1, -1)
    counts = {side: np.count_nonzero(sides == side) for side in (1, -1)}
    if not all(counts.values()):
        raise ValueError(
            "多数決が正解と合うレビューと食い違うレビューの両方が必要ですが、"
            f"{counts[1]} 件と {counts[-1]} 件でした。"
        )
    weights = np.ones(len(sides))
    for side, count in counts.items():
        weights[sides == side] = sum(counts.values()) / (2 * count)
    return torch.from_numpy(weights).float()
