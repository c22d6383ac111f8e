"""夏目漱石『吾輩は猫である』。"""

from dataclasses import dataclass, replace

from lstm_text.datasets import builtin
from lstm_text.datasets.find import Remote, find
from lstm_text.datasets.source import Source


@dataclass(frozen=True)
class Book:
    """一冊の本の本文。:func:`load_neko` の戻り値。

    Attributes
    ----------
    text : str
        本文。
    source : Source
        出どころ。

    Examples
    --------
    >>> Book("吾輩は猫である。", Source("builtin", "小説", "冒頭", "例のため")).text[:2]
    '吾輩'
    """

    text: str
    source: Source


_NEKO = Remote(
    "text/neko.txt",
    "https://nlp100.github.io/data/neko.txt",
    "3a05f10114fa7eea9df80a9bb371f9787445e98119900bd6a6bbd8f2c06e3f4b",
)


def load_neko() -> Book:
    """夏目漱石『吾輩は猫である』の全文（約 33 万字、パブリックドメイン）。

    Returns
    -------
    Book
        手に入らなければ、同梱の冒頭約 2 万字。

    Raises
    ------
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        ``LSTM_TEXT_DATA`` のフォルダのファイルが壊れているとき。

    Examples
    --------
    >>> load_neko().text[:8]
    '\\u3000吾輩は猫である'
    """
    contents, source = find("『吾輩は猫である』の全文", [_NEKO])
    if contents is None:
        text = builtin.neko_excerpt()
        return Book(text, replace(source, where=f"冒頭の {len(text):,} 字"))
    try:
        text = contents[0].decode().lstrip("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{_NEKO.path} を UTF-8 として読めません（{error}）。") from error
    if not text.startswith("\u3000吾輩は猫である"):
        raise ValueError(f"{_NEKO.path} は『吾輩は猫である』ではありません（{text[:20]!r}）。")
    return Book(text.partition("\n© 2018 GitHub")[0], source)  # 配布元のページの脚注が混じっている
