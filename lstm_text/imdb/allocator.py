"""使い終えたメモリーを、OS に返さずに使い回す。

大きなテンソルは、ふつう、作るたびに OS からページをもらい、捨てるたびに返します。OS は渡すページを
毎回 0 で埋めるので、訓練のように同じ大きさのテンソルを何度も作り直す計算では、その手間が計算より
高くつくことがあります。ただし、使い回すうちに空きはこま切れになり、大きなテンソルの置き場がなくなって
メモリーが膨らんでいきます。そこで、ときどきまとめて OS に返します。
"""

import ctypes
import sys
import time
from functools import cache
from threading import Thread

# <malloc.h> の番号
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_LARGEST = 2**31 - 1
_AT_ONCE = 256 * 2**20
_SECONDS = 15.0  # 返す間隔。返した分は OS がまた 0 で埋めるので、短すぎると遅くなる


@cache
def reuse_freed_memory() -> bool:
    """このプロセスが解放したメモリーを、手元に残して使い回し、ときどき OS に返すようにする。

    計算の結果は変わりません。何度呼んでも同じです。
    効くのは glibc を使う Linux だけで、ほかでは何もしません。

    Returns
    -------
    bool
        使い回すようにできたら真。

    References
    ----------
    glibc の ``mallopt(3)``、``malloc_trim(3)``。

    Examples
    --------
    >>> reuse_freed_memory() in (True, False)
    True
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    if not (hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim")):
        return False
    wanted = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _LARGEST), (_TOP_PAD, _AT_ONCE))
    kept = all([libc.mallopt(which, value) == 1 for which, value in wanted])
    Thread(target=_give_back, args=(libc.malloc_trim,), daemon=True).start()
    return kept


def _give_back(trim) -> None:
    while True:
        time.sleep(_SECONDS)
        trim(0)
