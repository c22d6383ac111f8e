"""手で書いた逆伝播の部品：行列積、時刻の束、重みの勾配、読みやすいセルでの計算し直し。"""

import torch
from torch import Tensor
from torch.nn.functional import linear

from lstm_text.cells import Cell

CHUNK = 2**19  # 束 1 つの要素の数。float32 なら 2 MiB
FEW = 2**11  # 要素がこれより少なければ、4 回に分けて呼び出すより tanh 1 回のほうが速い

# この演算は公開されていないので、ない版の PyTorch でも動くようにしておく
HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
LARGE = 2**20  # 積和がこの回数を超えたら、呼び出しに手間のかかる oneDNN のほうが得になる


def product(a: Tensor, w: Tensor, bias: Tensor | None = None) -> Tensor:
    """``a @ w.T + bias``。大きな積は、使えるなら oneDNN に頼む。

    PyTorch の ``@`` は CPU では MKL を呼びます。MKL は Intel でない CPU では力を出し切らず、
    ``nn.LSTM`` が使っている oneDNN の半分の速さしか出ないことがあります。

    Parameters
    ----------
    a : Tensor, (..., inner)
    w : Tensor, (columns, inner)
    bias : Tensor, (columns,), optional

    Returns
    -------
    Tensor, (..., columns)

    Examples
    --------
    >>> product(torch.ones(2, 3), torch.ones(4, 3), torch.ones(4))[0]
    tensor([4., 4., 4., 4.])
    """
    if a.numel() * w.size(0) >= LARGE and _onednn(a):
        return _onednn_product(a, w, bias)
    return linear(a, w, bias)


def add_product_(out: Tensor, a: Tensor, w: Tensor) -> Tensor:
    """``out += a @ w.T`` を、``out`` に書き込む。

    Parameters
    ----------
    out : Tensor, (rows, columns)
    a : Tensor, (rows, inner)
    w : Tensor, (columns, inner)

    Returns
    -------
    Tensor, (rows, columns)
        ``out`` そのもの。

    Examples
    --------
    >>> add_product_(torch.ones(1, 2), torch.ones(1, 3), torch.ones(2, 3))
    tensor([[4., 4.]])
    """
    if a.numel() * w.size(0) >= LARGE and _onednn(a):
        return out.add_(_onednn_product(a, w, None))
    return out.addmm_(a, w.t())


def _onednn(a: Tensor) -> bool:
    on_cpu = a.device.type == "cpu" and a.dtype == torch.float32
    return on_cpu and HAS_ONEDNN and torch.backends.mkldnn.enabled


def _onednn_product(a: Tensor, w: Tensor, bias: Tensor | None) -> Tensor:
    # w が（転置しても）詰まっていないと、oneDNN は千倍も遅い計算をする
    dense = w if w.is_contiguous() or w.t().is_contiguous() else w.contiguous()
    return torch.ops.mkldnn._linear_pointwise(a, dense, bias, "none", [], "")


def tanh_(a: Tensor) -> Tensor:
    """``tanh`` を sigmoid で計算し、``a`` に書き込む。

    Parameters
    ----------
    a : Tensor

    Returns
    -------
    Tensor
        ``a`` そのもの。

    Examples
    --------
    >>> tanh_(torch.tensor([0.0, 100.0]))
    tensor([0., 1.])
    """
    if a.numel() < FEW:
        return a.tanh_()
    return a.mul_(2).sigmoid_().mul_(2).sub_(1)


def chunks(length: int, width: int) -> list[slice]:
    """``length`` 個の時刻を、1 時刻が ``width`` 要素のとき ``CHUNK`` 要素ほどの束に分ける。

    Parameters
    ----------
    length : int
    width : int

    Returns
    -------
    list of slice

    Examples
    --------
    >>> chunks(5, CHUNK // 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    size = max(1, CHUNK // max(1, width))
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


class WeightGradients:
    """重みと入力の勾配。束ごとに 1 回の行列積で足していく。

    Parameters
    ----------
    x : Tensor, (time, batch, input)
    w_ih, w_hh : Tensor, (rows, input) と (rows, hidden)
    with_x : bool
        偽なら、入力の勾配を計算しない。

    Examples
    --------
    >>> x, h, delta = torch.ones(2, 1, 3), torch.zeros(2, 1, 1), torch.ones(2, 1, 1)
    >>> sums = WeightGradients(x, torch.ones(1, 3), torch.ones(1, 1), with_x=False)
    >>> sums.add(slice(0, 2), delta, delta, h)
    >>> sums.w_ih, sums.b_ih
    (tensor([[2., 2., 2.]]), tensor([2.]))
    """

    def __init__(self, x: Tensor, w_ih: Tensor, w_hh: Tensor, with_x: bool):
        self._x, self._w_ih = x, w_ih
        self.x = x.new_empty(x.shape) if with_x else None
        # 転置して足していく。h^T @ δ のほうが、δ^T @ h より速い
        self._sum_ih, self._sum_hh = (w.new_zeros(w.shape[::-1]) for w in (w_ih, w_hh))
        self.b_ih, self.b_hh = x.new_zeros(len(w_ih)), x.new_zeros(len(w_hh))

    @property
    def w_ih(self) -> Tensor:
        """``W_ih`` の勾配、(rows, input)。"""
        return self._sum_ih.t()

    @property
    def w_hh(self) -> Tensor:
        """``W_hh`` の勾配、(rows, hidden)。"""
        return self._sum_hh.t()

    def add(self, part: slice, delta_ih: Tensor, delta_hh: Tensor, before: Tensor) -> None:
        """時刻の束 1 つの分を足す。

        Parameters
        ----------
        part : slice
        delta_ih, delta_hh : Tensor, (time, batch, rows)
            入力側と状態側の積 ``W_ih x + b_ih`` と ``W_hh h + b_hh`` の勾配。
        before : Tensor, (time, batch, hidden)
            束の各時刻に入ってきた ``h_{t-1}``。
        """
        d_ih, d_hh = delta_ih.flatten(0, 1), delta_hh.flatten(0, 1)
        add_product_(self._sum_ih, self._x[part].flatten(0, 1).t(), d_ih.t())
        add_product_(self._sum_hh, before.flatten(0, 1).t(), d_hh.t())
        b_ih = d_ih.sum(0)
        self.b_ih += b_ih
        self.b_hh += b_ih if delta_hh is delta_ih else d_hh.sum(0)
        if self.x is not None:
            self.x[part] = product(delta_ih, self._w_ih.t())

    def collected(self, with_bias: bool) -> tuple[Tensor | None, ...]:
        """``w_ih``、``w_hh``、``b_ih``、``b_hh`` の勾配。バイアスのない層ではその分が None。"""
        return self.w_ih, self.w_hh, *((self.b_ih, self.b_hh) if with_bias else (None, None))


def readable_backward(cell: type[Cell], inputs: tuple[Tensor | None, ...], grads) -> tuple:
    """読みやすいセルで計算し直し、さらに微分できる勾配を返す。

    Parameters
    ----------
    cell : type of Cell
    inputs : tuple of Tensor
        ``(x, 初期状態…, w_ih, w_hh, b_ih, b_hh)``。
    grads : sequence of Tensor or None
        全時刻の状態と、最後の状態の勾配。

    Returns
    -------
    tuple of Tensor or None
        ``inputs`` の勾配。

    Examples
    --------
    >>> from lstm_text.cells import RNNCell
    >>> w = torch.ones(1, 1, requires_grad=True)
    >>> inputs = (torch.zeros(1, 1, 1), torch.ones(1, 1), torch.ones(1, 1), w, None, None)
    >>> readable_backward(RNNCell, inputs, [None, torch.ones(1, 1)])[3]  # 1 - tanh(1)²
    tensor([[0.4200]], grad_fn=<TBackward0>)
    """
    with torch.enable_grad():
        x, *state, w_ih, w_hh, b_ih, b_hh = inputs
        states = []
        for gates_x in linear(x, w_ih, b_ih):
            state = cell.step(gates_x, state, w_hh, b_hh)
            states.append(state)
        outputs = [*(torch.stack(each) for each in zip(*states, strict=True)), *state]
    given = [k for k, grad in enumerate(grads) if grad is not None]
    wanted = [k for k, each in enumerate(inputs) if each is not None and each.requires_grad]
    found = torch.autograd.grad(
        [outputs[k] for k in given],
        [inputs[k] for k in wanted],
        [grads[k] for k in given],
        create_graph=True,
        allow_unused=True,
    )
    return tuple(found[wanted.index(k)] if k in wanted else None for k in range(len(inputs)))


def start_from(grad: Tensor | None, state: Tensor) -> Tensor:
    """最後の時刻の状態の勾配。書き換えてよい写しを返し、なければ 0 から始める。

    Parameters
    ----------
    grad : Tensor or None, (batch, hidden)
    state : Tensor, (batch, hidden)

    Returns
    -------
    Tensor, (batch, hidden)

    Examples
    --------
    >>> start_from(None, torch.ones(1, 2))
    tensor([[0., 0.]])
    """
    return torch.zeros_like(state) if grad is None else grad.clone()


def reverse(x: Tensor, valid: Tensor | None) -> Tensor:
    """それぞれの系列を、本当の長さの中で前後逆にする。系列の外はそのまま。

    Parameters
    ----------
    x : Tensor, (time, batch, features)
    valid : Tensor of bool, (time, batch, 1), optional
        その時刻が系列の中なら真。省くと全部。

    Returns
    -------
    Tensor, (time, batch, features)

    Examples
    --------
    >>> x = torch.arange(3.0).reshape(3, 1, 1)
    >>> reverse(x, torch.tensor([True, True, False]).reshape(3, 1, 1)).flatten()
    tensor([1., 0., 2.])
    """
    if valid is None:
        return x.flip(0)
    time = torch.arange(len(x), device=x.device)[:, None, None]
    source = torch.where(valid, valid.sum(0) - 1 - time, time)
    return x.gather(0, source.expand_as(x))
