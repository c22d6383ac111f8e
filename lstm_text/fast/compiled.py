"""時刻の繰り返しを C で書いた LSTM。

:class:`lstm_text.fast.bptt.LSTM` との違いは、順伝播と逆伝播の繰り返しを、同じ式の C の関数
（``lstm.c``）に任せることだけです。呼び出しの手間がなくなるので、小さな LSTM で差が出ます。
使えるのは CPU の float32 だけで、C のコンパイラが要ります。初めて使うときに、プロセスごとに 1 度、
コンパイルします（1 秒ほど）。
"""

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from lstm_text.cells import LSTMCell
from lstm_text.fast import bptt
from lstm_text.fast.products import WeightGradients, chunks, product, readable_backward, start_from

SOURCE = Path(__file__).with_name("lstm.c")

# ARM の clang には、-march=native を知らない版がある
NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
FLAGS = ("-O3", NATIVE, "-shared", "-fPIC")


def compiler() -> list[str]:
    """C のコンパイラを呼ぶ命令。環境変数 ``CC`` で変えられる。

    Returns
    -------
    list of str

    Examples
    --------
    >>> len(compiler()) >= 1
    True
    """
    return shlex.split(os.environ.get("CC") or "cc")


def available() -> bool:
    """C のコンパイラがあるか。

    Returns
    -------
    bool

    Examples
    --------
    >>> available()
    True
    """
    return shutil.which(compiler()[0]) is not None


def version() -> str:
    """C のコンパイラの名前と版。なければ空。

    Returns
    -------
    str

    Examples
    --------
    >>> version() != ""
    True
    """
    if not available():
        return ""
    command = [*compiler(), "--version"]
    told = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return told.stdout.partition("\n")[0]


def digest() -> str:
    """``lstm.c`` のハッシュ。記録が、今のコードで測ったものかを確かめるのに使う。

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
    """``lstm.c`` をコンパイルして読み込む。

    この CPU の命令を全部使うようにコンパイルします。別の計算機では動かないかもしれないので、
    コンパイルしたものは残しません。

    Returns
    -------
    ctypes.CDLL
        関数 ``lstm_forward`` と ``lstm_backward`` を持つ。

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
        made = Path(folder) / "lstm.so"
        command = [*compiler(), *FLAGS, "-o", str(made), str(SOURCE)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
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
    sizes, address = [ctypes.c_int] * 3, ctypes.c_void_p
    loaded.lstm_forward.argtypes = [*sizes, *[address] * 4]
    loaded.lstm_backward.argtypes = [*sizes, *[address] * 8]
    loaded.lstm_forward.restype = loaded.lstm_backward.restype = None
    return loaded


class LSTMFunction(bptt.LSTMFunction):
    """LSTM の順伝播と逆伝播。繰り返しは C の関数に任せる。

    Examples
    --------
    >>> x, zeros, w = torch.zeros(3, 1, 1), torch.zeros(1, 1), torch.ones(4, 1)
    >>> hidden, cells, h_n, c_n = LSTMFunction.apply(x, zeros, zeros, w, w, None, None)
    >>> hidden.shape, cells.shape, h_n.shape, c_n.shape
    (torch.Size([3, 1, 1]), torch.Size([3, 1, 1]), torch.Size([1, 1]), torch.Size([1, 1]))
    """

    @staticmethod
    def forward(ctx, x, h_0, c_0, w_ih, w_hh, b_ih, b_hh):
        """全時刻の h と c、最後の h と c。"""
        for each in (x, h_0, c_0, w_ih, w_hh):
            if each.dtype != torch.float32 or each.device.type != "cpu":
                raise TypeError(
                    "C で書いた LSTM には CPU の float32 のテンソルが必要ですが、"
                    f"{each.device} の {each.dtype} でした。"
                    "ほかでは lstm_text.fast.bptt の層を使ってください。"
                )
        bias = None if b_ih is None else b_ih + b_hh
        gates = product(x, w_ih, bias).contiguous()
        hidden, cells = (s.new_empty(len(x) + 1, *s.shape) for s in (h_0, c_0))
        hidden[0], cells[0] = h_0, c_0
        w = w_hh.t().contiguous()
        library().lstm_forward(len(x), *h_0.shape, *map(_at, (gates, w, hidden, cells)))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, h_0, c_0, w_ih, w_hh, b_ih, b_hh, hidden, cells, gates)
        return hidden[1:], cells[1:], hidden[-1].clone(), cells[-1].clone()

    @staticmethod
    def backward(ctx, *grads):
        """時刻の束ごとに、C の関数で δ を求め、重みの勾配に足す。"""
        *inputs, hidden, cells, gates = ctx.saved_tensors
        if torch.is_grad_enabled():
            return readable_backward(LSTMCell, inputs, grads)
        x, h_0, c_0, w_ih, w_hh, b_ih, _ = inputs
        grad_hidden, grad_cells = (None if g is None else g.contiguous() for g in grads[:2])
        dh, dc = (start_from(g, s).contiguous() for g, s in zip(grads[2:], (h_0, c_0), strict=True))
        sums, w = WeightGradients(x, w_ih, w_hh, ctx.needs_input_grad[0]), w_hh.contiguous()
        for part in reversed(chunks(len(x), 4 * h_0.numel())):
            a, delta = gates[part], torch.empty_like(gates[part])
            here = [None if g is None else g[part] for g in (grad_hidden, grad_cells)]
            arrays = (a, cells[part], w, *here, dh, dc, delta)
            library().lstm_backward(len(a), *h_0.shape, *map(_at, arrays))
            sums.add(part, delta, delta, hidden[part])
        return sums.x, dh, dc, *sums.collected(with_bias=b_ih is not None)


def _at(array: Tensor | None) -> int | None:
    """配列の先頭の番地。呼び出しが終わるまで、配列は捨てられてはならない。"""
    return None if array is None else array.data_ptr()


class LSTM(bptt.LSTM):
    """LSTM の層。:class:`lstm_text.fast.bptt.LSTM` の、繰り返しを C で書いた版。

    Examples
    --------
    >>> theirs, x = torch.nn.LSTM(3, 2), torch.arange(12.0).reshape(4, 1, 3)
    >>> ours = LSTM(3, 2)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    True
    """

    function = LSTMFunction
