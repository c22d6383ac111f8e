"""設計の問: 手で書いた重みを、数の入れ子、配列、テンソルのどれでも受け取る。"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from .compare import expect
from .exercise import Incorrect, Stage, require


def weights_by_hand(got, shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """名前から重みへの辞書を、決まった形の float64 のテンソルにする。

    Parameters
    ----------
    got : object
        解答の戻り値。
    shapes : dict of str to tuple of int
        重みの名前と、あるべき形。``()`` は数 1 つ。

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    Incorrect
        辞書でないとき、名前や形が違うとき、数でないものが混じるとき。
    """
    if not isinstance(got, Mapping):
        expect(got, {}, "重み")
    found = {name: _tensor(name, value) for name, value in got.items()}
    blank = {name: torch.zeros_like(weight) for name, weight in found.items()}
    want = {name: torch.zeros(shape, dtype=torch.float64) for name, shape in shapes.items()}
    expect(blank, want, {name: name for name in shapes})
    for name, weight in found.items():
        require(bool(weight.isfinite().all()), f"{name} に、有限でない数（nan か inf）があります。")
    return found


def _tensor(name: str, value) -> Tensor:
    try:
        array = np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=np.float64)
    except (TypeError, ValueError):
        sentence = f"{name} を、数の並びとして読めません。行の長さはそろっていますか。"
        raise Incorrect(Stage.TYPE, sentence) from None
    return torch.from_numpy(array.copy())
