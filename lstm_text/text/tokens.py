"""文章をトークンに分ける。"""

import html
import re
import unicodedata
from sys import intern

_TAG = re.compile(r"</?(?:br|hr|p|i|b|u|em|strong)\b[^<>]*>", re.IGNORECASE)
_MARKS = "".join(c for c in map(chr, range(0x300, 0xFE00)) if unicodedata.category(c)[0] == "M")

# 分かち書きしない文字（かな、漢字）は1文字を1トークンにする
_UNSPACED = r"\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_TOKEN = re.compile(
    r"n't\b|'(?:s|m|re|ve|ll|d)\b"  # 縮約の後半
    r"|[a-z]+(?=[\s.,!?'\"()-])"  # ほとんどの英単語（「語」の一部。これを先に試すと速い）
    r"|\d+(?:[.,]\d+)*(?!\w)"  # 数
    rf"|(?:[^\W_{_UNSPACED}]+[{_MARKS}]*)+"  # 語
    rf"|[{_UNSPACED}]"
    r"|\.\.\."
    r"|[^\w\s\x00-\x1f\x7f-\x9f\u200b-\u200f\ufe00-\ufe0f\ufeff]"  # 記号や絵文字
)


def clean(text: str) -> str:
    """HTML のタグと文字参照を取り除く。

    タグは空白に、文字参照（``&quot;`` など）はその文字に、曲がった引用符 ’ はまっすぐな ' に
    直します。

    Parameters
    ----------
    text : str
        HTML の混じった文章。

    Returns
    -------
    str
        タグのない文章。

    Examples
    --------
    >>> clean("Great!<br /><br />It&#39;s a &quot;must&quot;.")
    'Great!  It\\'s a "must".'
    """
    return unicodedata.normalize("NFC", html.unescape(_TAG.sub(" ", text)).replace("’", "'"))


def tokenize(text: str) -> list[str]:
    """文章をトークンのリストにする。

    ``clean`` を通して小文字にし、語、数、記号に分けます。英語の縮約は Penn Treebank と同じく
    "do" "n't" のように二つに分けます（GloVe の語彙と合います）。``!`` や ``?`` は感情の手がかり
    なので残します。かなと漢字は 1 文字を 1 トークンとします。

    Parameters
    ----------
    text : str
        どの文字の文章でもよい。空でもよい。

    Returns
    -------
    list of str
        トークン。語が一つもなければ空のリスト。

    Examples
    --------
    >>> tokenize("I don't like it.<br />It's NOT good!")
    ['i', 'do', "n't", 'like', 'it', '.', 'it', "'s", 'not', 'good', '!']
    >>> tokenize("7.5/10 — очень хорошо 😀 名作")
    ['7.5', '/', '10', '—', 'очень', 'хорошо', '😀', '名', '作']
    """
    # intern: 同じ語は一つの文字列を共有する（IMDb 全体で約 1 GB の節約になる）
    text = clean(text).lower().replace("n't", " n't").replace("cannot", "can not")
    return list(map(intern, _TOKEN.findall(text)))
