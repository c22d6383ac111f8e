"""時刻の繰り返しを C で書いた RNN と GRU。

:mod:`lstm_text.fast.bptt` の同名の層との違いは、順伝播と逆伝播の繰り返しを、同じ式の C の関数
（``recurrent.c``）に任せることだけです。使えるのは CPU の float32 だけです。
C のコンパイラが要り、その選び方は :mod:`lstm_text.fast.compiled` と同じです。初めて使うときに、
プロセスごとに 1 度、コンパイルします（1 秒ほど）。
"""

import ctypes
import hashlib
import shlex
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from lstm_text.cells import GRUCell, RNNCell
from lstm_text.fast import bptt, compiled
from lstm_text.fast.products import WeightGradients, chunks, product, readable_backward, start_from

SOURCE = Path(__file__).with_name("recurrent.c")

_COUNT, _ARRAY = ctypes.c_int, ctypes.c_void_p
FUNCTIONS = {
    "pack": [_COUNT] * 2 + [_ARRAY] * 2,
    "rnn_forward": [_COUNT] * 3 + [_ARRAY] * 2,
    "rnn_backward": [_COUNT] * 3 + [_ARRAY] * 5,
    "gru_forward": [_COUNT] * 3 + [_ARRAY] * 6,
    "gru_backward": [_COUNT] * 3 + [_ARRAY] * 8,
}
"""C の関数が受け取るもの。どれも、値は返さず、渡した配列に書く。"""


def digest() -> str:
    """``recurrent.c`` のハッシュ。記録が、今のコードで測ったものかを確かめるのに使う。

    Returns
    -------
    str
        16 進 16 文字。

    Examples
    --------
    >>> len(digest())
    16
    """
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]


@cache
def library() -> ctypes.CDLL:
    """``recurrent.c`` をコンパイルして読み込む。

    この CPU の命令を全部使うようにコンパイルします。別の計算機では動かないかもしれないので、
    コンパイルしたものは残しません。

    Returns
    -------
    ctypes.CDLL
        ``FUNCTIONS`` の関数と、``packed_size`` を持つ。

    Raises
    ------
    RuntimeError
        コンパイラがないとき、コンパイルできないとき、できたものを読み込めないとき。

    Examples
    --------
    >>> library() is library()
    True
    """
    with tempfile.TemporaryDirectory(prefix="lstm_text-") as folder:
        made = Path(folder) / "recurrent.so"
        command = [*compiled.compiler(), *compiled.FLAGS, "-o", str(made), str(SOURCE)]
        try:
            subprocess.run(
                command, check=True, capture_output=True, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise RuntimeError(
                f"C のコンパイラ {command[0]} を呼べません（Debian や Ubuntu なら apt install gcc、"
                "macOS なら xcode-select --install。場所は環境変数 CC で教えられます）。"
            ) from error
        except subprocess.CalledProcessError as error:
            raise RuntimeError(
                f"{SOURCE.name} をコンパイルできません：{shlex.join(command)}\n{error.stderr}"
            ) from error
        try:
            loaded = ctypes.CDLL(str(made))
        except OSError as error:
            raise RuntimeError(
                f"{SOURCE.name} をコンパイルしたものを読み込めません（{error}）。一時フォルダから"
                "プログラムを実行できない設定なら、環境変数 TMPDIR で別の場所を選んでください。"
            ) from error
    for name, arguments in FUNCTIONS.items():
        function = getattr(loaded, name)
        function.argtypes, function.restype = arguments, None
    loaded.packed_size.restype = ctypes.c_long
    return loaded


class RNNFunction(bptt.RNNFunction):
    """単純 RNN の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, h_0, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(1, 1)
    >>> hidden, h_n = RNNFunction.apply(x, h_0, w, w, None, None)
    >>> hidden.shape, h_n.shape
    (torch.Size([3, 1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の隠れ状態 (time, batch, hidden) と、最後の隠れ状態 (batch, hidden)。"""
        _check("RNN", x, h_0, w_ih, w_hh)
        bias = None if b_ih is None else b_ih + b_hh
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        w = _packed(w_hh.t())
        for part in chunks(len(x), h_0.numel()):
            hidden[1:][part] = product(x[part], w_ih, bias)
            steps = hidden[part.start : part.stop + 1]
            library().rnn_forward(len(steps) - 1, *h_0.shape, *map(_at, (w, steps)))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden)
        return hidden[1:], hidden[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(RNNCell, inputs, (grad_hidden, grad_h_n))
        x, h_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden = None if grad_hidden is None else grad_hidden.contiguous()
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), _packed(w_hh)
        dh = start_from(grad_h_n, h_0).contiguous()
        for part in reversed(chunks(len(x), h_0.numel())):
            h_new = hidden[1:][part]
            delta = torch.empty_like(h_new)
            grad = None if grad_hidden is None else grad_hidden[part]
            arrays = (h_new, w, grad, dh, delta)
            library().rnn_backward(len(h_new), *h_0.shape, *map(_at, arrays))
            sums.add(part, delta, delta, hidden[part])
        return sums.x, dh, *sums.collected(with_bias=b_ih is not None)


class GRUFunction(bptt.GRUFunction):
    """GRU の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, h_0, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(3, 1)
    >>> hidden, h_n = GRUFunction.apply(x, h_0, w, w, None, None)
    >>> hidden.shape, h_n.shape
    (torch.Size([3, 1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の隠れ状態 (time, batch, hidden) と、最後の隠れ状態 (batch, hidden)。"""
        _check("GRU", x, h_0, w_ih, w_hh)
        rz, n = slice(2 * h_0.shape[1]), slice(2 * h_0.shape[1], None)
        bias, b_n = b_ih, h_0.new_zeros(h_0.shape[1])
        if b_ih is not None:
            bias, b_n = torch.cat([b_ih[rz] + b_hh[rz], b_ih[n]]), b_hh[n].contiguous()
        gates = product(x, w_ih, bias).contiguous()
        m = h_0.new_empty(len(x), *h_0.shape)  # n の状態側の積。r を掛けてから足すので、別に置く
        hidden = h_0.new_empty(len(x) + 1, *h_0.shape)
        hidden[0] = h_0
        arrays = (gates, m, _packed(w_hh[rz].t()), _packed(w_hh[n].t()), b_n, hidden)
        library().gru_forward(len(x), *h_0.shape, *map(_at, arrays))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, w_ih, w_hh, b_ih, b_hh, hidden, gates, m)
        return hidden[1:], hidden[-1].clone()

    @staticmethod
    def backward(ctx, grad_hidden, grad_h_n):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden, gates, m = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(GRUCell, inputs, (grad_hidden, grad_h_n))
        x, h_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden = None if grad_hidden is None else grad_hidden.contiguous()
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), _packed(w_hh)
        dh = start_from(grad_h_n, h_0).contiguous()
        for part in reversed(chunks(len(x), 6 * h_0.numel())):
            a, before = gates[part], hidden[part]
            delta_x, delta_h = torch.empty_like(a), torch.empty_like(a)
            grad = None if grad_hidden is None else grad_hidden[part]
            arrays = (a, m[part], before, w, grad, dh, delta_x, delta_h)
            library().gru_backward(len(a), *h_0.shape, *map(_at, arrays))
            sums.add(part, delta_x, delta_h, before)
        return sums.x, dh, *sums.collected(with_bias=b_ih is not None)


def _check(name: str, *tensors: Tensor) -> None:
    for each in tensors:
        if each.dtype != torch.float32 or each.device.type != "cpu":
            raise TypeError(
                f"C で書いた {name} には CPU の float32 のテンソルが必要ですが、"
                f"{each.device} の {each.dtype} でした。"
                "ほかでは lstm_text.fast.bptt の層を使ってください。"
            )


def _packed(w: Tensor) -> Tensor:
    """``recurrent.c`` の行列積が使う順に詰め直した重み。"""
    packed, w = w.new_empty(library().packed_size(*w.shape)), w.contiguous()
    library().pack(*w.shape, *map(_at, (w, packed)))
    return packed


def _at(array: Tensor | None) -> int | None:
    """配列の先頭の番地。呼び出しが終わるまで、配列は捨てられてはならない。"""
    return None if array is None else array.data_ptr()


class RNN(bptt.RNN):
    """単純 RNN の層。:class:`lstm_text.fast.bptt.RNN` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> output, h_n = RNN(3, 2)(torch.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    (torch.Size([7, 5, 2]), torch.Size([1, 5, 2]))
    """

    function = RNNFunction


class GRU(bptt.GRU):
    """GRU の層。:class:`lstm_text.fast.bptt.GRU` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> theirs, x = torch.nn.GRU(3, 2), torch.arange(12.0).reshape(4, 1, 3)
    >>> ours = GRU(3, 2)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    True
    """

    function = GRUFunction
