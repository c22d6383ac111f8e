"""中身そのもののハッシュ。入れ物、改行の書き方、ファイルの名前によらない。"""

import codecs
import hashlib
import html
import re
from collections.abc import Iterable

# lstm_text.text と同じ（隣の部屋なので、呼べない）
_TAG = re.compile(r"</?(?:br|hr|p|i|b|u|em|strong)\b[^<>]*>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]|[^\w\s\x00-\x1f\x7f-\x9f\u200b-\u200f\ufe00-\ufe0f\ufeff]")

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


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
    """UTF-16 か UTF-32 らしければ、どうすればよいかを言う文。

    BOM（並びの印）がなくても、英語の文章なら、NUL がバイトの半分（UTF-32 なら 4 分の 3）です。
    UTF-8 としても読めてしまうので、断らなければ、1 字ずつの語に切れます。

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        らしくなければ空。NUL が 1 つ紛れただけの UTF-8 も。

    Examples
    --------
    >>> utf16_hint("猫".encode("utf-16")), utf16_hint("猫".encode())
    ('UTF-16 のようです。UTF-8 で保存し直してください。', '')
    >>> utf16_hint("Good film.".encode("utf-32-be"))
    'UTF-32 のようです。UTF-8 で保存し直してください。'
    """
    start = content[:1000]
    zeros = start.count(0)
    if start.startswith(_UTF32) or (zeros >= 2 and 8 * zeros > 5 * len(start)):
        return "UTF-32 のようです。UTF-8 で保存し直してください。"
    if start.startswith(_UTF16) or (zeros >= 2 and 4 * zeros >= len(start)):
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
