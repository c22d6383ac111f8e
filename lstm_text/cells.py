"""1 時刻ぶんの計算。式をそのまま書いたセルたちです。

どのセルも、引数・重みの名前と形・ゲートの並び順を PyTorch の ``nn.RNNCell``、``nn.LSTMCell``、
``nn.GRUCell`` に合わせてあります。重みを写せば、出力も勾配も一致します。

計算は 2 つに分けてあります。入力から決まる部分 ``x W_ih^T + b_ih`` は時刻どうしで独立なので、
層がすべての時刻をまとめて計算できます。前の時刻の状態に依存する部分は ``step`` に書いてあり、
こちらは、式のとおりに計算すると 1 時刻ずつになります（並列に解く方法は ``fast`` の ``newton``）。
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


def check_features(x: Tensor, size: int, dtype: torch.dtype, name: str) -> None:
    """最後の次元の大きさと dtype が合わない入力を、日本語のエラーで知らせる。

    Parameters
    ----------
    x : Tensor, (..., size)
    size, dtype
        あるべき大きさと型。
    name : str
        エラー文に使う呼び名。

    Raises
    ------
    TypeError, ValueError
        Tensor でない、dtype が違うとき。最後の次元の大きさが違うとき。

    Examples
    --------
    >>> check_features(torch.zeros(2, 3), 4, torch.float32, "入力")
    Traceback (most recent call last):
    ValueError: 入力の最後の次元は 4 が必要ですが、形は (2, 3) でした。
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}には Tensor が必要ですが、{type(x).__name__} でした。")
    if x.dtype != dtype:
        raise TypeError(f"{name}の dtype は重みと同じ {dtype} が必要ですが、{x.dtype} でした。")
    if x.dim() == 0 or x.shape[-1] != size:
        raise ValueError(
            f"{name}の最後の次元は {size} が必要ですが、形は {tuple(x.shape)} でした。"
        )


class Cell(nn.Module):
    """すべてのセルに共通する、重みの入れ物。

    Parameters
    ----------
    input_size, hidden_size : int
        入力 ``x`` の次元 D と、隠れ状態 ``h`` の次元 H。
    bias : bool
        偽ならバイアスを持たない。

    Examples
    --------
    >>> [tuple(p.shape) for p in LSTMCell(3, 2).parameters()]
    [(8, 3), (8, 2), (8,), (8,)]
    """

    gates = 1  # 重み行列を縦に何段積むか
    states = 1  # 次の時刻へ渡す状態の数（LSTM だけが h と c の 2 つ）

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__()
        if min(input_size, hidden_size) < 1:
            raise ValueError(
                "input_size と hidden_size には 1 以上の整数が必要ですが、"
                f"{input_size} と {hidden_size} でした。"
            )
        self.input_size, self.hidden_size = input_size, hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(rows)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(rows)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """重みとバイアスを U(-1/√H, 1/√H) から取り直す（PyTorch と同じ）。"""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """1 時刻進める。状態が 1 つのセルに共通（LSTM だけが 2 つ）。

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
        h = self._check_state(x, h, "隠れ状態 h ")
        return self.step(gates_x, (h,), self.weight_hh, self.bias_hh)[0]

    def extra_repr(self) -> str:
        """``print`` したときの表示。"""
        return f"{self.input_size}, {self.hidden_size}"

    def _project(self, x: Tensor) -> Tensor:
        if not isinstance(x, Tensor) or x.dim() not in (1, 2):
            shape = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
            raise ValueError(
                f"入力の形は (batch, input) か (input,) が必要ですが、{shape} でした。"
            )
        check_features(x, self.input_size, self.weight_ih.dtype, "入力")
        return linear(x, self.weight_ih, self.bias_ih)

    def _check_state(self, x: Tensor, state: Tensor, name: str) -> Tensor:
        check_features(state, self.hidden_size, self.weight_ih.dtype, name)
        if state.shape[:-1] != x.shape[:-1]:
            raise ValueError(
                f"{name}の形は {(*x.shape[:-1], self.hidden_size)} が必要ですが、"
                f"{tuple(state.shape)} でした。"
            )
        return state


class RNNCell(Cell):
    """単純 RNN の 1 時刻：``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``。

    引数は :class:`Cell` と同じです。

    References
    ----------
    Elman, J. L. (1990). Finding structure in time. Cognitive Science, 14(2).

    Examples
    --------
    >>> cell = RNNCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = nn.init.constant_(parameter, 0.5)
    >>> cell(torch.tensor([[1.0]]))  # tanh(0.5 * 1 + 0.5 + 0.5 * 0 + 0.5)
    tensor([[0.9051]], grad_fn=<TanhBackward0>)
    """

    @staticmethod
    def step(gates_x: Tensor, state: tuple[Tensor], w_hh: Tensor, b_hh: Tensor) -> tuple[Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        (h,) = state
        return (torch.tanh(gates_x + linear(h, w_hh, b_hh)),)


class LSTMCell(Cell):
    """LSTM の 1 時刻。6 本の式をそのまま書いたもの。

    ``i``、``f``、``o`` は入力・忘却・出力ゲート、``g`` は候補値、``c`` はセル状態（長期記憶）、
    ``h`` は隠れ状態（短期記憶）です。

    引数は :class:`Cell` と同じです。

    References
    ----------
    Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory. Neural Computation, 9(8).
    Gers, F. A. et al. (2000). Learning to forget. Neural Computation, 12(10). 忘却ゲートの初出。

    Examples
    --------
    重みがすべて 0 なら、ゲートは σ(0) = 1/2、候補値は tanh(0) = 0 です。

    >>> cell = LSTMCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = nn.init.zeros_(parameter)
    >>> h, c = cell(torch.zeros(1, 1), (torch.zeros(1, 1), torch.ones(1, 1)))
    >>> c.item()  # f * c = 1/2 * 1
    0.5
    >>> round(h.item(), 4)  # o * tanh(c) = 1/2 * tanh(1/2)
    0.2311
    """

    gates = 4
    states = 2

    @staticmethod
    def step(
        gates_x: Tensor, state: tuple[Tensor, Tensor], w_hh: Tensor, b_hh: Tensor
    ) -> tuple[Tensor, Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        h, c = state
        i, f, g, o = (gates_x + linear(h, w_hh, b_hh)).chunk(4, dim=-1)
        i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
        g = torch.tanh(g)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """1 時刻進める。

        Parameters
        ----------
        x : Tensor, (batch, input)
        state : tuple of Tensor, それぞれ (batch, hidden), optional
            ``(h, c)``。省くとどちらも 0。

        Returns
        -------
        tuple of Tensor, それぞれ (batch, hidden)
            新しい ``(h, c)``。
        """
        gates_x = self._project(x)
        if state is None:
            zeros = x.new_zeros(*x.shape[:-1], self.hidden_size)
            state = (zeros, zeros)
        if not isinstance(state, (tuple, list)) or len(state) != 2:
            raise TypeError("LSTM の状態には (h, c) の組が必要です。")
        h, c = state
        h, c = self._check_state(x, h, "隠れ状態 h "), self._check_state(x, c, "セル状態 c ")
        return self.step(gates_x, (h, c), self.weight_hh, self.bias_hh)


class GRUCell(Cell):
    """GRU の 1 時刻（PyTorch の定式化）。

    リセットゲート ``r`` は行列積の**後**に掛かり、更新ゲート ``z`` は**古い**状態の割合です。

    引数は :class:`Cell` と同じです。

    References
    ----------
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder. EMNLP.

    Examples
    --------
    重みがすべて 0 なら、z = 1/2、n = 0 なので、状態は半分になります。

    >>> cell = GRUCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    gates = 3

    @staticmethod
    def step(gates_x: Tensor, state: tuple[Tensor], w_hh: Tensor, b_hh: Tensor) -> tuple[Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        (h,) = state
        r_x, z_x, n_x = gates_x.chunk(3, dim=-1)
        r_h, z_h, n_h = linear(h, w_hh, b_hh).chunk(3, dim=-1)
        r = torch.sigmoid(r_x + r_h)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + r * n_h)
        return ((1 - z) * n + z * h,)


class ResetBeforeGRUCell(GRUCell):
    """GRU の 1 時刻（教科書や解説に多い、もう 1 つの定式化）。

    リセットゲート ``r`` は行列積の**前**に状態へ掛かり、更新ゲート ``z`` は**新しい**候補値の
    割合です。重みの数は :class:`GRUCell` と同じですが、同じ重みから同じ出力は出ません。

    引数は :class:`Cell` と同じです。

    References
    ----------
    Chung, J. et al. (2014). Empirical evaluation of gated recurrent neural networks on sequence
    modeling. arXiv:1412.3555, 式 (5)-(8)。

    Examples
    --------
    >>> cell = ResetBeforeGRUCell(1, 1)
    >>> for parameter in cell.parameters():
    ...     _ = nn.init.zeros_(parameter)
    >>> cell(torch.zeros(1, 1), torch.ones(1, 1)).item()
    0.5
    """

    @staticmethod
    def step(gates_x: Tensor, state: tuple[Tensor], w_hh: Tensor, b_hh: Tensor) -> tuple[Tensor]:
        """入力側の計算が済んだところから、状態を 1 時刻進める。"""
        (h,) = state
        size = h.shape[-1]
        b_rz, b_n = (None, None) if b_hh is None else (b_hh[: 2 * size], b_hh[2 * size :])
        r_x, z_x, n_x = gates_x.chunk(3, dim=-1)
        r_h, z_h = linear(h, w_hh[: 2 * size], b_rz).chunk(2, dim=-1)
        r = torch.sigmoid(r_x + r_h)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + linear(r * h, w_hh[2 * size :], b_n))
        return ((1 - z) * h + z * n,)
