"""答えの性質がわかっている人工の課題。データはすべて、渡された生成器から作ります。"""

import math
from fractions import Fraction

import torch
from torch import Tensor

from lstm_text import IGNORE, PAD


def _require(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} には {least} 以上の整数が必要ですが、{value} でした。")


def first_symbol(
    n: int, length: int, generator: torch.Generator, symbols: int = 10
) -> tuple[Tensor, Tensor]:
    """最初の記号を最後に答える課題。

    記号は最初の時刻にだけ one-hot で現れ、残りの時刻の入力はすべて 0 です。
    あてずっぽうの精度は 1 / ``symbols`` です。

    Parameters
    ----------
    n : int
        系列の数。
    length : int
        系列長 T。
    generator : torch.Generator
    symbols : int
        記号の種類。

    Returns
    -------
    x : Tensor, (n, length, symbols)
    y : Tensor of int64, (n,)

    Raises
    ------
    ValueError
        数が足りないとき。

    Examples
    --------
    >>> x, y = first_symbol(2, 5, torch.Generator().manual_seed(0))
    >>> x.shape, torch.equal(x[:, 0].argmax(dim=1), y), x[:, 1:].abs().sum().item()
    (torch.Size([2, 5, 10]), True, 0.0)
    """
    _require("n", n, 1)
    _require("length", length, 1)
    _require("symbols", symbols, 2)
    y = torch.randint(symbols, (n,), generator=generator)
    x = torch.zeros(n, length, symbols)
    x[torch.arange(n), 0, y] = 1
    return x, y


def adding(n: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """加算問題（adding problem）：印の付いた 2 つの値の和を答える。

    各時刻の入力は（値、印）の 2 次元です。値は U(0, 1)、印は全時刻から選ばれた 2 か所だけが
    1 です。いつも 1 と答えたときの平均二乗誤差は、和の分散 1/6 に等しくなります。

    Parameters
    ----------
    n : int
        系列の数。
    length : int
        系列長 T（2 以上）。
    generator : torch.Generator

    Returns
    -------
    x : Tensor, (n, length, 2)
    y : Tensor, (n, 1)

    Raises
    ------
    ValueError
        数が足りないとき。

    References
    ----------
    Hochreiter and Schmidhuber (1997), 実験 4 の簡略版。

    Examples
    --------
    >>> x, y = adding(3, 10, torch.Generator().manual_seed(0))
    >>> x[..., 1].sum(dim=1)
    tensor([2., 2., 2.])
    >>> torch.allclose((x[..., 0] * x[..., 1]).sum(dim=1, keepdim=True), y)
    True
    """
    _require("n", n, 1)
    _require("length", length, 2)
    values = torch.rand(n, length, generator=generator)
    # 乱数の大きい順に 2 か所を選ぶと、重複なしの一様な選び方になる
    places = torch.rand(n, length, generator=generator).topk(2, dim=1).indices
    marks = torch.zeros(n, length).scatter_(1, places, 1.0)
    return torch.stack([values, marks], dim=-1), (values * marks).sum(dim=1, keepdim=True)


def damped_oscillation(points: int = 200, tau: float = 5.0) -> tuple[Tensor, Tensor]:
    """減衰振動 ``y = exp(-x / tau) cos x`` を [0, 5π] の等間隔の点で計算する。

    Parameters
    ----------
    points : int
        点の数（2 以上）。
    tau : float
        減衰の時定数。

    Returns
    -------
    x : Tensor, (points,)
    y : Tensor, (points,)

    Raises
    ------
    ValueError
        点が足りないとき。

    Examples
    --------
    >>> x, y = damped_oscillation()
    >>> len(x), y[0].item()
    (200, 1.0)
    """
    _require("points", points, 2)
    x = torch.linspace(0, 5 * math.pi, points)
    return x, torch.exp(-x / tau) * torch.cos(x)


def windows(series: Tensor, width: int = 20) -> tuple[Tensor, Tensor]:
    """系列を幅 ``width`` の窓に切り、1 時刻先を目標にする。

    Parameters
    ----------
    series : Tensor, (points,)
    width : int
        窓の幅。

    Returns
    -------
    inputs : Tensor, (points - width, width, 1)
    targets : Tensor, (points - width, width, 1)
        ``inputs`` を 1 時刻ずらしたもの。

    Raises
    ------
    ValueError
        系列が 1 次元でないとき、窓より短いとき。

    Examples
    --------
    >>> inputs, targets = windows(torch.arange(5.0), width=3)
    >>> inputs.squeeze(-1).tolist()
    [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]
    >>> targets.squeeze(-1).tolist()
    [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    """
    if series.dim() != 1:
        raise ValueError(
            f"系列には 1 次元の Tensor が必要ですが、形は {tuple(series.shape)} でした。"
        )
    _require("width", width, 1)
    if len(series) <= width:
        raise ValueError(
            f"系列は窓の幅 {width} より長くなければなりませんが、長さは {len(series)} でした。"
        )
    pieces = series.unfold(0, width, 1).unsqueeze(-1)
    return pieces[:-1].clone(), pieces[1:].clone()


def look_ahead_tags(
    n: int, length: int, generator: torch.Generator, symbols: int = 10
) -> tuple[Tensor, Tensor]:
    """次の記号を見ないと決まらないタグを付ける課題。

    記号は 0 から ``symbols - 1`` まで一様で独立です。次の記号のほうが大きければタグは 1、
    そうでなければ 0 です。最後の時刻には次がないので、タグは :data:`lstm_text.IGNORE` です。

    Parameters
    ----------
    n : int
        系列の数。
    length : int
        系列長 T（2 以上）。
    generator : torch.Generator
    symbols : int
        記号の種類。

    Returns
    -------
    x : Tensor of int64, (n, length)
    tags : Tensor of int64, (n, length)

    Raises
    ------
    ValueError
        数が足りないとき。

    Examples
    --------
    >>> x, tags = look_ahead_tags(1, 6, torch.Generator().manual_seed(0))
    >>> torch.equal(tags[:, :-1].bool(), x[:, 1:] > x[:, :-1]), tags[0, -1].item()
    (True, -100)
    """
    _require("n", n, 1)
    _require("length", length, 2)
    _require("symbols", symbols, 2)
    x = torch.randint(symbols, (n, length), generator=generator)
    tags = torch.full_like(x, IGNORE)
    tags[:, :-1] = x[:, 1:] > x[:, :-1]
    return x, tags


def reversed_digits(
    n: int, longest: int, generator: torch.Generator, shortest: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """数字の列を、逆の順に書く課題。

    数字 d の番号は d + 1 で、0 は :data:`lstm_text.PAD` です。長さは ``shortest`` から
    ``longest`` まで、数字は 0 から 9 まで、どちらも一様で独立です。

    Parameters
    ----------
    n : int
        系列の数。
    longest : int
        長さの上限 T。
    generator : torch.Generator
    shortest : int
        長さの下限。

    Returns
    -------
    source : Tensor of int64, (n, longest)
    lengths : Tensor of int64, (n,)
    target : Tensor of int64, (n, longest)

    Raises
    ------
    ValueError
        数が足りないとき。

    Examples
    --------
    >>> g = torch.Generator().manual_seed(0)
    >>> source, (size,), target = reversed_digits(1, 5, g, shortest=3)
    >>> torch.equal(target[0, :size], source[0, :size].flip(0)), target[0, size:].sum().item()
    (True, 0)
    """
    _require("n", n, 1)
    _require("shortest", shortest, 1)
    _require("longest", longest, shortest)
    lengths = torch.randint(shortest, longest + 1, (n,), generator=generator)
    digits = torch.randint(1, 11, (n, longest), generator=generator)
    time = torch.arange(longest)
    outside = time >= lengths[:, None]
    from_the_end = (lengths[:, None] - 1 - time).clamp(min=0)
    source = digits.masked_fill(outside, PAD)
    return source, lengths, digits.gather(1, from_the_end).masked_fill(outside, PAD)


def best_one_way_accuracy(symbols: int = 10) -> Fraction:
    """:func:`look_ahead_tags` を過去と現在だけから当てるときの、精度の上限を求める。

    今の記号が k のとき、次が大きい確率は (K-1-k)/K です。最善の予測は、確率の高いほうを
    答えることです。値は分数のまま、厳密に計算します。

    Parameters
    ----------
    symbols : int
        記号の種類 K。

    Returns
    -------
    Fraction

    Raises
    ------
    ValueError
        記号が 2 種類より少ないとき。

    Examples
    --------
    >>> best_one_way_accuracy(10)
    Fraction(3, 4)
    """
    _require("symbols", symbols, 2)
    best = (max(symbols - 1 - k, k + 1) for k in range(symbols))
    return Fraction(sum(best), symbols * symbols)
