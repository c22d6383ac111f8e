"""初期値の工夫。自作の層・セルにも ``torch.nn`` のものにも使えます。

PyTorch の LSTM はバイアスを 2 本（``bias_ih`` と ``bias_hh``）持ち、計算では足し合わせます。
片方だけを変えると、もう片方の初期値が混ざります。ここでは和が狙った値になるようにします。
"""

import torch
from torch import Tensor, nn


def _named(module: nn.Module, prefix: str) -> list[tuple[str, Tensor]]:
    return [(n, p) for n, p in module.named_parameters() if n.split(".")[-1].startswith(prefix)]


def _lstm_biases(module: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """``(bias_ih, bias_hh)`` の組を、層・方向ごとに集める。"""
    hh = dict(_named(module, "bias_hh"))
    weights = dict(_named(module, "weight_hh"))
    pairs = []
    for name, bias in _named(module, "bias_ih"):
        hidden = weights[name.replace("bias_ih", "weight_hh")].shape[1]
        if bias.shape[0] != 4 * hidden:
            raise TypeError(
                f"LSTM のバイアス（4 × {hidden} 個）が必要ですが、"
                f"{name} は {bias.shape[0]} 個でした。"
            )
        pairs.append((bias, hh[name.replace("bias_ih", "bias_hh")]))
    if not pairs:
        raise TypeError(
            "バイアスを持つ LSTM が必要ですが、"
            f"{type(module).__name__} には bias_ih が見つかりませんでした。"
        )
    return pairs


@torch.no_grad()
def forget_gate_bias_(module: nn.Module, value: float = 1.0) -> None:
    """忘却ゲートのバイアス（2 本の和）を ``value`` にする。

    ``value`` が大きいほど、訓練の初めに f = σ(value) が 1 に近く、セル状態が長く残ります。

    Parameters
    ----------
    module : nn.Module
        LSTM の層かセル、またはそれらを含むモデル。
    value : float
        和の値。

    Raises
    ------
    TypeError
        LSTM のバイアスが見つからないとき。

    References
    ----------
    Gers et al. (2000). Learning to forget. Jozefowicz et al. (2015). ICML.

    Examples
    --------
    >>> lstm = nn.LSTM(3, 2)
    >>> forget_gate_bias_(lstm, 1.0)
    >>> (lstm.bias_ih_l0 + lstm.bias_hh_l0)[2:4]
    tensor([1., 1.], grad_fn=<SliceBackward0>)
    """
    for bias_ih, bias_hh in _lstm_biases(module):
        hidden = len(bias_ih) // 4
        bias_ih[hidden : 2 * hidden] = value
        bias_hh[hidden : 2 * hidden] = 0


@torch.no_grad()
def chrono_(module: nn.Module, max_length: int, generator: torch.Generator) -> None:
    """chrono 初期化：忘却ゲートのバイアスを log U(1, T-1)、入力ゲートをその符号違いにする。

    ユニットごとに「およそ何時刻覚えるか」がばらけて、1 から T-1 まで広がります。

    Parameters
    ----------
    module : nn.Module
        LSTM の層かセル、またはそれらを含むモデル。
    max_length : int
        想定する最長の依存 T（時刻の数、3 以上）。
    generator : torch.Generator

    Raises
    ------
    ValueError
        ``max_length`` が 3 より小さいとき。
    TypeError
        LSTM のバイアスが見つからないとき。

    References
    ----------
    Tallec, C. and Ollivier, Y. (2018). Can recurrent neural networks warp time? ICLR, 式 (16)。

    Examples
    --------
    >>> lstm = nn.LSTM(3, 2)
    >>> chrono_(lstm, 100, torch.Generator().manual_seed(0))
    >>> b_i, b_f = (lstm.bias_ih_l0 + lstm.bias_hh_l0)[:4].chunk(2)
    >>> torch.equal(b_i, -b_f)
    True
    """
    if max_length < 3:
        raise ValueError(f"max_length には 3 以上の整数が必要ですが、{max_length} でした。")
    for bias_ih, bias_hh in _lstm_biases(module):
        hidden = len(bias_ih) // 4
        span = 1 + torch.rand(hidden, generator=generator) * (max_length - 2)
        forget = torch.log(span).to(bias_ih)
        bias_ih[:hidden], bias_ih[hidden : 2 * hidden] = -forget, forget
        bias_hh[: 2 * hidden] = 0


@torch.no_grad()
def orthogonal_(module: nn.Module, generator: torch.Generator) -> None:
    """再帰の重み ``weight_hh`` を、ゲートごとに直交行列にする。

    直交行列の特異値はすべて 1 なので、行列を何度掛けてもベクトルの長さが変わりません。

    Parameters
    ----------
    module : nn.Module
        再帰層かセル、またはそれらを含むモデル。
    generator : torch.Generator

    Raises
    ------
    TypeError
        ``weight_hh`` が見つからないとき。

    References
    ----------
    Saxe, A. M. et al. (2014). Exact solutions to the nonlinear dynamics of learning. ICLR.

    Examples
    --------
    >>> rnn = nn.RNN(3, 4)
    >>> orthogonal_(rnn, torch.Generator().manual_seed(0))
    >>> torch.allclose(rnn.weight_hh_l0 @ rnn.weight_hh_l0.T, torch.eye(4), atol=1e-6)
    True
    """
    found = _named(module, "weight_hh")
    if not found:
        raise TypeError(f"{type(module).__name__} には weight_hh が見つかりませんでした。")
    for _, weight in found:
        for block in weight.split(weight.shape[1]):
            random = torch.empty(block.shape)
            nn.init.orthogonal_(random, generator=generator)
            block.copy_(random)
