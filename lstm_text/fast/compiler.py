"""C のコンパイラと、それで作る関数（``recurrent.c``）。

コンパイルは、初めて使うときに、プロセスごとに 1 度です（1 秒ほど）。
"""

import ctypes
import hashlib
import os
import platform
import shlex
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from torch import Tensor

SOURCE = Path(__file__).with_name("recurrent.c")

# ARM の clang には、-march=native を知らない版がある
NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
FLAGS = ("-O3", NATIVE, "-shared", "-fPIC")

_COUNT, _ARRAY = ctypes.c_int, ctypes.c_void_p
FUNCTIONS = {
    "pack": [_COUNT] * 4 + [_ARRAY] * 2,
    "rnn_forward": [_COUNT] * 3 + [_ARRAY] * 2,
    "rnn_backward": [_COUNT] * 3 + [_ARRAY] * 5,
    "lstm_forward": [_COUNT] * 3 + [_ARRAY] * 4,
    "lstm_backward": [_COUNT] * 3 + [_ARRAY] * 8,
    "gru_forward": [_COUNT] * 3 + [_ARRAY] * 6,
    "gru_backward": [_COUNT] * 3 + [_ARRAY] * 8,
}
"""C の関数が受け取るもの。どれも、値は返さず、渡した配列に書く。"""


def command() -> list[str]:
    """C のコンパイラを呼ぶ命令。環境変数 ``CC`` で変えられる。

    Returns
    -------
    list of str

    Examples
    --------
    >>> len(command()) >= 1
    True
    """
    return shlex.split(os.environ.get("CC") or "cc")


def available() -> bool:
    """C の関数を作って、読み込めるか。初めて尋ねたときに、作ってみる。

    Returns
    -------
    bool

    Examples
    --------
    >>> available()
    True
    """
    try:
        library()
    except RuntimeError:
        return False
    return True


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
    asked = [*command(), "--version"]
    told = subprocess.run(asked, capture_output=True, encoding="utf-8", errors="replace")
    return told.stdout.partition("\n")[0]


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
    return _made(SOURCE, (*command(), *FLAGS))


@cache
def _made(source: Path, start: tuple[str, ...]) -> ctypes.CDLL:
    # Windows では、読み込んだファイルは消せない
    with tempfile.TemporaryDirectory(prefix="lstm_text-", ignore_cleanup_errors=True) as folder:
        result = Path(folder) / "recurrent.so"
        make = [*start, "-o", str(result), str(source)]
        try:
            subprocess.run(
                make, check=True, capture_output=True, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise RuntimeError(
                f"C のコンパイラ {make[0]} を呼べません（Debian や Ubuntu なら apt install gcc、"
                "macOS なら xcode-select --install。場所は環境変数 CC で教えられます）。"
            ) from error
        except subprocess.CalledProcessError as error:
            raise RuntimeError(
                f"{source.name} をコンパイルできません：{shlex.join(make)}\n{error.stderr}"
            ) from error
        try:
            loaded = ctypes.CDLL(str(result))
        except OSError as error:
            raise RuntimeError(
                f"{source.name} をコンパイルしたものを読み込めません（{error}）。一時フォルダから"
                "プログラムを実行できない設定なら、環境変数 TMPDIR で別の場所を選んでください。"
            ) from error
    for name, arguments in FUNCTIONS.items():
        function = getattr(loaded, name)
        function.argtypes, function.restype = arguments, None
    loaded.packed_size.restype = ctypes.c_long
    return loaded


def address(array: Tensor | None) -> int | None:
    """配列の先頭の番地。呼び出しが終わるまで、配列は捨てられてはならない。

    Parameters
    ----------
    array : Tensor, optional
        後ろの添字から順に詰まったもの。

    Returns
    -------
    int or None
        配列がなければ ``None``（C の ``NULL``）。

    Examples
    --------
    >>> address(None) is None
    True
    """
    return None if array is None else array.data_ptr()


def packed(w: Tensor) -> Tensor:
    """C の行列積が使う順に詰め直した重み。

    Parameters
    ----------
    w : Tensor, (inner, columns)

    Returns
    -------
    Tensor, (n,)
        余りの列を 0 で埋めた分だけ、``w`` より長い。

    Examples
    --------
    >>> packed(Tensor([[1, 2, 3], [4, 5, 6]])).sum()
    tensor(21.)
    """
    result = w.new_empty(library().packed_size(*w.shape))
    library().pack(*w.shape, *w.stride(), address(w), address(result))
    return result
