"""中身そのもののハッシュ。入れ物、改行の書き方、ファイルの名前によらない。"""

import codecs
import hashlib
import html
import re
from collections.abc import Iterable

# lstm_text.text と同じ（隣の部屋なので、呼べない）
_TAG = re.compile(r"</?(?:br|hr|p|i|b|u|em|strong)\b[^<>]*>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]|[^\w\s\x00-\x1f\x7f-\x9f\u200b-\u200f\ufe00-\ufe0f\ufeff]")


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


def utf16_hint(content: bytes) -> str:
    """UTF-16 らしければ、どうすればよいかを言う文。

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        UTF-16 らしくなければ空。

    Examples
    --------
    >>> utf16_hint("猫".encode("utf-16")), utf16_hint("猫".encode())
    ('UTF-16 のようです。UTF-8 で保存し直してください。', '')
    """
    begins = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if begins or b"\0" in content[:100]:
        return "UTF-16 のようです。UTF-8 で保存し直してください。"
    return ""


def has_words(text: str) -> bool:
    """語か記号が 1 つでもあるか。HTML のタグは数えない。

    Parameters
    ----------
    text : str

    Returns
    -------
    bool

    Examples
    --------
    >>> has_words("Good."), has_words("<br /> &nbsp; _")
    (True, False)
    """
    return _WORD.search(html.unescape(_TAG.sub(" ", text))) is not None
