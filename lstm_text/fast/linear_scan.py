"""1 次の漸化式 ``h_t = a_t * h_{t-1} + b_t`` を解く走査（scan）。

漸化式は、先頭から 1 時刻ずつ解かなくてもかまいません。どの関数も、時刻を先頭の次元にとります。
"""

import math

import torch
from torch import Tensor

Pair = tuple[Tensor, Tensor]


def combine(first: Pair, second: Pair) -> Pair:
    """2 つの 1 次式 ``h -> a h + b`` を、続けて行う 1 つの 1 次式にまとめる。

    結合法則が成り立ち、交換法則は成り立ちません。

    Parameters
    ----------
    first : tuple of Tensor
        先に行う 1 次式の ``(a, b)``。
    second : tuple of Tensor
        後に行う 1 次式の ``(a, b)``。

    Returns
    -------
    tuple of Tensor

    Examples
    --------
    >>> combine((2.0, 1.0), (3.0, 4.0))  # 3 (2h + 1) + 4 = 6h + 7
    (6.0, 7.0)
    """
    (a1, b1), (a2, b2) = first, second
    return a2 * a1, a2 * b1 + b2


def scan_loop(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """漸化式 ``h_t = a_t * h_{t-1} + b_t`` を、書いてあるとおりに 1 時刻ずつ解く。

    Parameters
    ----------
    a, b : Tensor, (time, ...)
    h0 : Tensor, (...)
        初期状態。

    Returns
    -------
    Tensor, (time, ...)
        全時刻の状態。

    Examples
    --------
    >>> a, b = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([1.0, 1.0, 4.0])
    >>> scan_loop(a, b, torch.tensor(2.0))
    tensor([2., 2., 4.])
    """
    h, states = h0, []
    for a_t, b_t in zip(a.unbind(), b.unbind(), strict=True):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states)


def scan_doubling(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """漸化式を、まとめる幅を 2 倍ずつ広げて解く。段の数は log2(time)。

    Parameters
    ----------
    a, b : Tensor, (time, ...)
    h0 : Tensor, (...)

    Returns
    -------
    Tensor, (time, ...)

    References
    ----------
    Hillis, W. D. and Steele, G. L. (1986). Data parallel algorithms. CACM, 29(12).

    Examples
    --------
    >>> a, b = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([1.0, 1.0, 4.0])
    >>> scan_doubling(a, b, torch.tensor(2.0))
    tensor([2., 2., 4.])
    """
    width = 1
    while width < len(a):
        earlier, later = (a[:-width], b[:-width]), (a[width:], b[width:])
        new_a, new_b = combine(earlier, later)
        a, b = torch.cat([a[:width], new_a]), torch.cat([b[:width], new_b])
        width *= 2
    return a * h0 + b


def scan_blocks(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """漸化式を、長さ √time ほどのブロックに分けて解く。

    ブロックの中は、全ブロックを並べて 1 時刻ずつまとめる。次にブロックからブロックへ状態を渡し、
    最後に全時刻へ配る。順に待つ回数は 2√time、掛け算の数は :func:`scan_loop` の 3 倍ほど。

    Parameters
    ----------
    a, b : Tensor, (time, ...)
    h0 : Tensor, (...)

    Returns
    -------
    Tensor, (time, ...)

    Examples
    --------
    >>> a, b = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([1.0, 1.0, 4.0])
    >>> scan_blocks(a, b, torch.tensor(2.0))
    tensor([2., 2., 4.])
    """
    time = len(a)
    length = math.isqrt(time)
    padding = -time % length  # 端数には、状態を変えない (1, 0) を足す
    if padding:
        a = torch.cat([a, torch.ones_like(a[:padding])])
        b = torch.cat([b, torch.zeros_like(b[:padding])])
    a, b = a.unflatten(0, (-1, length)), b.unflatten(0, (-1, length))

    prefixes = []
    for pair in zip(a.unbind(1), b.unbind(1), strict=True):
        prefixes.append(combine(prefixes[-1], pair) if prefixes else pair)
    a, b = (torch.stack(each, dim=1) for each in zip(*prefixes, strict=True))

    ends = scan_loop(a[:, -1], b[:, -1], h0)
    starts = torch.cat([h0.unsqueeze(0), ends[:-1]])
    return (a * starts.unsqueeze(1) + b).flatten(0, 1)[:time]


def scan_log(log_a: Tensor, log_b: Tensor, log_h0: Tensor) -> Tensor:
    """漸化式を、対数をとって累積和で解く。``a``、``b``、``h0`` がどれも正のときだけ使える。

    ``A_t = a_1 … a_t`` とおくと ``h_t = A_t (h_0 + Σ b_k / A_k)``。``A_t`` は長い系列で 0 に、
    その逆数は無限大になるので、対数のまま計算する。それでも ``log A_t`` が大きな負の数になると、
    引き算で桁が失われる（float32、``a = 1/2``、1 万時刻で 3 桁ほどしか残らない）。

    Parameters
    ----------
    log_a, log_b : Tensor, (time, ...)
        係数の対数。0 を表すときは ``log_b`` だけ ``-inf`` にできる。
    log_h0 : Tensor, (...)
        初期状態の対数。0 なら ``-inf``。

    Returns
    -------
    Tensor, (time, ...)
        状態（対数ではない）。

    References
    ----------
    Heinsen, F. A. (2023). Efficient parallelization of a ubiquitous sequential computation.
    arXiv:2311.06281.

    Examples
    --------
    >>> a, b = torch.tensor([0.5, 0.5, 0.25]), torch.tensor([1.0, 1.0, 4.0])
    >>> scan_log(a.log(), b.log(), torch.tensor(2.0).log())
    tensor([2.0000, 2.0000, 4.5000])
    """
    log_products = log_a.cumsum(0)
    terms = torch.cat([log_h0.unsqueeze(0), log_b - log_products])
    return (log_products + terms.logcumsumexp(0)[1:]).exp()


class LinearScan(torch.autograd.Function):
    """:func:`scan_blocks` の順伝播と、手で導いた逆伝播。

    損失を ``L``、``λ_t = dL/dh_t``（後の時刻を通る分も含む）とすると、
    ``λ_t = g_t + a_{t+1} λ_{t+1}`` で、逆伝播もまた、時刻を逆にたどる 1 次の漸化式になる。
    途中のブロックの値は残さず、``a`` と ``h`` だけを取っておく。

    Examples
    --------
    >>> a, b = torch.tensor([0.5, 0.5]).requires_grad_(), torch.ones(2)
    >>> LinearScan.apply(a, b, torch.tensor(2.0))[-1].backward()
    >>> a.grad  # h_2 = a_2 (2 a_1 + 1) + 1
    tensor([1., 2.])
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
        """全時刻の状態を計算する。"""
        return scan_blocks(a, b, h0)

    @staticmethod
    def setup_context(ctx, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        """逆伝播で使うものを取っておく。"""
        a, _, h0 = inputs
        ctx.save_for_backward(a, h0, output)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``a``、``b``、``h0`` についての勾配を計算する。"""
        a, h0, h = ctx.saved_tensors
        next_a = torch.cat([a[1:], torch.zeros_like(a[:1])])  # 最後の時刻の先からは何も来ない
        zeros = torch.zeros_like(h0)
        total = LinearScan.apply(next_a.flip(0), gradient.flip(0), zeros).flip(0)
        previous = torch.cat([h0.unsqueeze(0), h[:-1]])
        return total * previous, total, total[0] * a[0]


def scan(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """漸化式 ``h_t = a_t * h_{t-1} + b_t`` を解く。値は :func:`scan_loop` と同じで、ずっと速い。

    Parameters
    ----------
    a, b : Tensor, (time, ...)
    h0 : Tensor, (...)
        初期状態。前の系列の最後の状態を渡せば、続きを計算する。

    Returns
    -------
    Tensor, (time, ...)

    Raises
    ------
    ValueError
        形が合わないとき、系列が空のとき。

    Examples
    --------
    >>> a, b = torch.full((4,), 0.5), torch.ones(4)
    >>> scan(a, b, torch.tensor(0.0))
    tensor([1.0000, 1.5000, 1.7500, 1.8750])
    """
    if a.shape != b.shape or a.shape[1:] != h0.shape:
        raise ValueError(
            "a と b には同じ形 (time, …)、h0 にはそこから time を除いた形が必要ですが、"
            f"{tuple(a.shape)}、{tuple(b.shape)}、{tuple(h0.shape)} でした。"
        )
    if len(a) == 0:
        raise ValueError("長さ 0 の系列は処理できません。1 時刻以上の入力が必要です。")
    return LinearScan.apply(a, b, h0)
