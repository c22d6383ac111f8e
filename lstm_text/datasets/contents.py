"""中身そのもののハッシュ。入れ物、改行の書き方、ファイルの名前によらない。"""

import hashlib
from collections.abc import Iterable


def digest(texts: Iterable[str]) -> str:
    """文字列の並びのハッシュ。

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    str
        16 進 64 文字。

    Examples
    --------
    >>> digest(["ab", "c"]) == digest(["ab", "c"]), digest(["ab", "c"]) == digest(["a", "bc"])
    (True, False)
    """
    found = hashlib.sha256()
    for text in texts:
        content = text.encode()
        found.update(f"{len(content)}:".encode() + content)  # 区切りが本文と紛れない
    return found.hexdigest()


def plain(content: bytes) -> str:
    """UTF-8 の文章。BOM を除き、改行を LF にそろえる。

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str

    Raises
    ------
    UnicodeDecodeError
        UTF-8 でないとき。

    Examples
    --------
    >>> plain("\\ufeff猫\\r\\n".encode())
    '猫\\n'
    """
    return content.decode("utf-8-sig").replace("\r\n", "\n")
