"""使い終えたメモリーを、OS に返さずに使い回す。

大きなテンソルは、ふつう、作るたびに OS からページをもらい、捨てるたびに返します。OS は渡すページを
毎回 0 で埋めるので、訓練のように同じ大きさのテンソルを何度も作り直す計算では、その手間が計算より
高くつくことがあります。
"""

import ctypes
import sys

# <malloc.h> の番号
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_LARGEST = 2**31 - 1
_AT_ONCE = 256 * 2**20


def reuse_freed_memory() -> bool:
    """このプロセスが解放したメモリーを、手元に残して使い回すようにする。

    計算の結果は変わりません。効くのは glibc を使う Linux だけで、ほかでは何もしません。

    Returns
    -------
    bool
        使い回すようにできたら真。

    References
    ----------
    glibc の ``mallopt(3)``。

    Examples
    --------
    >>> reuse_freed_memory() in (True, False)
    True
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _LARGEST), (_TOP_PAD, _AT_ONCE))
    return all([mallopt(which, value) == 1 for which, value in wanted])
