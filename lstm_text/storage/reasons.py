"""読み書きできなかった理由を、日本語で言う。"""

import errno
import os
import sys
from collections.abc import Callable

_OS_REASONS = {
    errno.ENOENT: "ありません",
    errno.ENOTDIR: "途中に、フォルダでないものがあります",
    errno.EISDIR: "フォルダです",
    errno.EACCES: "許可がありません",
    errno.EPERM: "許可がありません",
    errno.ENOSPC: "ディスクに空きがありません",
    errno.EROFS: "読み取りだけの場所です",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.ELOOP: "リンクが、ぐるぐる回っています",
    errno.EEXIST: "もうあります",
    errno.EIO: "装置が読み書きに失敗しました",
}


_SHOWN = 200  # これより長い名前は、画面を埋める


def os_reason(error: OSError) -> str:
    """OS の言う理由。

    Parameters
    ----------
    error : OSError

    Returns
    -------
    str

    Examples
    --------
    >>> os_reason(PermissionError(errno.EACCES, "Permission denied"))
    '許可がありません'
    """
    return _OS_REASONS.get(error.errno, error.strerror or str(error))


def reason(error: BaseException) -> str:
    """端末に見せる 1 文。

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    str

    Examples
    --------
    >>> reason(PermissionError(errno.EACCES, "Permission denied", "a.json"))
    'a.json を読み書きできません（許可がありません）。'
    >>> reason(ValueError("記録が壊れています。"))
    '記録が壊れています。'
    """
    if isinstance(error, OSError) and error.strerror:
        name = str(error.filename or "ファイル")
        name = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        return f"{name} を読み書きできません（{os_reason(error)}）。"
    return str(error)


def telling(run: Callable[[], int], again: str = "") -> int:
    """命令を動かし、終了コードを返す。できなければ、理由の 1 文を標準エラー出力に出す。

    Parameters
    ----------
    run : callable
        終了コードを返すもの。
    again : str
        Ctrl+C で止めたときに、どうすれば続けられるかを言う文。

    Returns
    -------
    int
        ``run`` の返したもの。``OSError`` か ``ValueError`` なら 1、Ctrl+C なら 130。

    Examples
    --------
    >>> def broken():
    ...     raise ValueError("記録が壊れています。")
    >>> telling(lambda: 0), telling(broken)
    (0, 1)
    """
    try:
        return run()
    except BrokenPipeError:  # 読み手（head など）が先に終わった
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError) as error:
        print(f"できません：{reason(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"止めました。{again}", file=sys.stderr)
        return 130
