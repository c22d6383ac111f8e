"""文字と番号の対応表。"""

from collections.abc import Iterable


class CharacterTable:
    """文字と番号の対応表。文字コード順に 0 から番号をつける。

    Parameters
    ----------
    text : str
        使う文字がすべて現れる文章。

    Attributes
    ----------
    chars : list of str
        番号の順の文字。

    Raises
    ------
    ValueError
        文章が空のとき。

    Examples
    --------
    >>> table = CharacterTable("ねこのこ")
    >>> table.chars
    ['こ', 'ね', 'の']
    >>> table.encode("ねこ"), table.decode([1, 0])
    ([1, 0], 'ねこ')
    >>> table.index("の"), table.char(2), len(table)
    (2, 'の', 3)
    """

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("文章が空です。1 文字以上の文章が必要です。")
        self.chars = sorted(set(text))
        self._index = {char: i for i, char in enumerate(self.chars)}

    def __len__(self) -> int:
        return len(self.chars)

    def __contains__(self, char: object) -> bool:
        return char in self._index

    def index(self, char: str) -> int:
        """文字の番号。

        Raises
        ------
        ValueError
            表にない文字のとき。
        """
        if char not in self._index:
            raise ValueError(f"文字 {char!r} は、{len(self)} 種類の文字の表にありません。")
        return self._index[char]

    def char(self, index: int) -> str:
        """番号の文字。

        Raises
        ------
        IndexError
            表にない番号のとき。
        """
        if not 0 <= index < len(self):
            raise IndexError(f"番号は 0 から {len(self) - 1} までです（{index} でした）。")
        return self.chars[index]

    def encode(self, text: str) -> list[int]:
        """文章を番号の列にする。"""
        return [self.index(char) for char in text]

    def decode(self, indices: Iterable[int]) -> str:
        """番号の列を文章に戻す。"""
        return "".join(self.char(int(i)) for i in indices)
