"""並列に計算できる再帰。1 次の漸化式を解く走査（scan）と、それを使う minGRU と minLSTM です。

ゲートが前の状態を見なければ、状態の更新は 1 次の漸化式 ``h_t = a_t * h_{t-1} + b_t`` になり、
係数 ``(a_t, b_t)`` は全時刻ぶんを一度に計算できます。残る漸化式も、先頭から 1 時刻ずつ解かなくて
かまいません。どの関数も、時刻を先頭の次元にとります。
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import linear, logsigmoid

from lstm_text.cells import Cell
from lstm_text.layers import RecurrentLayer

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


class ScanCell(Cell):
    """ゲートも候補値も入力だけで決まるセル。``weight_hh`` と ``bias_hh`` がない。

    Parameters
    ----------
    input_size : int
        入力の次元 D。
    hidden_size : int
        隠れ状態の次元 H。
    bias : bool
        偽ならバイアスを持たない。

    Examples
    --------
    >>> [name for name, _ in MinGRUCell(3, 2).named_parameters()]
    ['weight_ih', 'bias_ih']
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__(input_size, hidden_size, bias)
        self.weight_hh = self.bias_hh = None

    def reset_parameters(self) -> None:
        """重みとバイアスを U(-1/√D, 1/√D) から取り直す（``nn.Linear`` と同じ）。"""
        bound = 1 / math.sqrt(self.input_size)
        for parameter in self.parameters():
            torch.nn.init.uniform_(parameter, -bound, bound)

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        raise NotImplementedError

    @classmethod
    def step(cls, gates_x: Tensor, state: tuple[Tensor], w_hh=None, b_hh=None) -> tuple[Tensor]:
        """係数を作り、状態を 1 時刻進める（``w_hh`` と ``b_hh`` は、ほかのセルに合わせた空席）。"""
        a, b = cls.coefficients(gates_x)
        return (a * state[0] + b,)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """1 時刻進める。

        Parameters
        ----------
        x : Tensor, (batch, input)
        h : Tensor, (batch, hidden), optional
            省くと 0。

        Returns
        -------
        Tensor, (batch, hidden)
        """
        gates_x = self._project(x)
        h = x.new_zeros(*x.shape[:-1], self.hidden_size) if h is None else h
        return self.step(gates_x, (self._check_state(x, h, "隠れ状態 h "),))[0]


class MinGRUCell(ScanCell):
    """minGRU の 1 時刻：``h' = z h + (1 - z) n``。``z = σ(W_z x + b_z)``、``n = W_n x + b_n``。

    GRU からリセットゲートと、ゲートの中の ``h`` と、候補値の tanh を取り除いたもの。重みは
    ``z``、``n`` の順に積む。``z`` は :class:`~lstm_text.cells.GRUCell` と同じく**古い**状態の
    割合（論文では新しい候補値の割合。``z`` の重みの符号を変えれば移る）。

    Parameters
    ----------
    input_size : int
        入力の次元 D。
    hidden_size : int
        隠れ状態の次元 H。
    bias : bool
        偽ならバイアスを持たない。

    References
    ----------
    Feng, L. et al. (2024). Were RNNs all we needed? arXiv:2410.01201.

    Examples
    --------
    重みがすべて 0 なら、z = 1/2、n = 0 なので、状態は半分になります。

    >>> cell = MinGRUCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = torch.nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    gates = 2

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        z, n = gates_x.chunk(2, dim=-1)
        z = torch.sigmoid(z)
        return z, (1 - z) * n


class MinLSTMCell(ScanCell):
    """minLSTM の 1 時刻：``h' = f/(f+i) h + i/(f+i) g``。``f``、``i``、``g`` は入力だけで決まる。

    LSTM から、ゲートの中の ``h``、出力ゲート、候補値の tanh を取り除き、残す割合と書き込む割合を
    足して 1 にしたもの。重みは ``i``、``f``、``g`` の順に積む。

    Parameters
    ----------
    input_size : int
        入力の次元 D。
    hidden_size : int
        隠れ状態の次元 H。
    bias : bool
        偽ならバイアスを持たない。

    References
    ----------
    Feng, L. et al. (2024). Were RNNs all we needed? arXiv:2410.01201.

    Examples
    --------
    >>> cell = MinLSTMCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = torch.nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    gates = 3

    @staticmethod
    def coefficients(gates_x: Tensor) -> Pair:
        """入力側の計算の結果から、漸化式の係数 ``(a, b)`` を作る。"""
        i, f, g = gates_x.chunk(3, dim=-1)
        # f / (f + i) = σ(log f - log i)。割り算のままだと、f と i がともに 0 に丸められたとき NaN
        keep = torch.sigmoid(logsigmoid(f) - logsigmoid(i))
        return keep, (1 - keep) * g


class ScanLayer(RecurrentLayer):
    """:class:`MinGRU` と :class:`MinLSTM` に共通する部分。全時刻を :func:`scan` で一度に計算する。

    引数と ``forward`` は :class:`~lstm_text.layers.RecurrentLayer` と同じで、双方向、積み重ね、
    長さの違う系列、初期状態もそのまま使えます。

    Examples
    --------
    >>> sorted(name for name, _ in MinGRU(3, 2).named_parameters())
    ['bias_ih_l0', 'weight_ih_l0']
    """

    cell: type[ScanCell]

    def _run_over_time(self, x, state, weights, valid, backward):
        w_ih, _, b_ih, _ = weights
        a, b = self.cell.coefficients(linear(x, w_ih, b_ih))
        if valid is not None:  # 系列の外では (1, 0)：状態を据え置く
            a, b = torch.where(valid, a, 1.0), torch.where(valid, b, 0.0)
        if backward:
            a, b = a.flip(0), b.flip(0)
        output = scan(a, b, state[0])
        last = output[-1]
        if backward:
            output = output.flip(0)
        return (output if valid is None else output * valid), (last,)


class MinGRU(ScanLayer):
    """minGRU の層。計算は :class:`MinGRUCell` を順に回すのと同じ。

    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> output, h_n = MinGRU(3, 2, num_layers=2, batch_first=True)(torch.zeros(5, 7, 3))
    >>> output.shape, h_n.shape
    (torch.Size([5, 7, 2]), torch.Size([2, 5, 2]))
    """

    cell = MinGRUCell


class MinLSTM(ScanLayer):
    """minLSTM の層。計算は :class:`MinLSTMCell` を順に回すのと同じ。

    状態は ``h`` だけなので、``output, h_n`` を返す（LSTM のような組ではない）。
    引数は :class:`~lstm_text.layers.RecurrentLayer` と同じです。

    Examples
    --------
    >>> output, h_n = MinLSTM(3, 2, bidirectional=True)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 4]), torch.Size([2, 5, 2]))
    """

    cell = MinLSTMCell


@torch.no_grad()
def keep_bias_(layer: ScanLayer, value: float) -> None:
    """入力が 0 のときに残す割合が σ(``value``) になるように、バイアスを書き換える。

    minGRU では ``z`` のバイアスを ``value`` に、minLSTM では ``f`` を ``value``、``i`` を
    ``-value`` にする（σ(v) / (σ(v) + σ(-v)) = σ(v)）。

    Parameters
    ----------
    layer : ScanLayer
    value : float

    Examples
    --------
    >>> layer = MinLSTM(1, 1)
    >>> keep_bias_(layer, 3.0)
    >>> a, _ = layer.cell.coefficients(layer.bias_ih_l0)
    >>> a.item() == torch.tensor(3.0).sigmoid().item()
    True
    """
    for name, bias in layer.named_parameters():
        if name.startswith("bias_ih"):
            gates = bias.view(layer.cell.gates, -1)
            if layer.cell is MinLSTMCell:
                gates[0], gates[1] = -value, value
            else:
                gates[0] = value
