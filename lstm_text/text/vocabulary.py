"""語と番号の対応表。"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from lstm_text import UNK
from lstm_text.storage import replacing

_SPECIAL = ("<pad>", "<unk>")


class Vocabulary:
    """語と番号の対応表。

    番号 0 は ``PAD``、1 は ``UNK``、2 からは ``words`` の順です。表示のための "<pad>" と "<unk>" は
    語ではないので、文章の中に現れても ``UNK`` になります。

    Parameters
    ----------
    words : iterable of str
        語。重複や "<pad>"、"<unk>" があってはいけません。

    Raises
    ------
    ValueError
        語が重複しているとき、"<pad>" か "<unk>" を含むとき。

    Examples
    --------
    >>> vocabulary = Vocabulary.build([["good", "film"], ["bad", "film"]])
    >>> vocabulary.tokens
    ['<pad>', '<unk>', 'film', 'bad', 'good']
    >>> vocabulary.encode(["good", "music"])
    [4, 1]
    >>> vocabulary.decode([4, 1, 0])
    ['good', '<unk>', '<pad>']
    >>> len(vocabulary), "film" in vocabulary, "music" in vocabulary
    (5, True, False)
    """

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self.tokens: list[str] = [*_SPECIAL, *words]
        self._index = {word: i for i, word in enumerate(words, start=len(_SPECIAL))}
        if len(self._index) < len(words):
            twice = Counter(words).most_common(1)[0][0]
            raise ValueError(f"語彙の語は一度ずつにしてください（{twice!r} が重複しています）。")
        if special := self._index.keys() & set(_SPECIAL):
            raise ValueError(f"{min(special)!r} は特別な番号の名前なので、語にはできません。")

    @classmethod
    def build(
        cls, token_lists: Iterable[Iterable[str]], max_size: int = 20_000, min_count: int = 1
    ) -> "Vocabulary":
        """訓練用の文章から語彙を作る。

        多い順に、同じ回数なら文字コード順に並べるので、文章の並びを変えても結果は同じです。

        Parameters
        ----------
        token_lists : iterable of iterable of str
            文章ごとのトークン。
        max_size : int
            番号の総数の上限（``PAD`` と ``UNK`` を含む）。2 以上。
        min_count : int
            これより少ない回数の語は入れない。

        Returns
        -------
        Vocabulary
            語彙。

        Raises
        ------
        ValueError
            ``max_size`` が 2 より小さいとき。
        TypeError
            文章がトークンに分けられていない文字列のとき。
        """
        if max_size < len(_SPECIAL):
            raise ValueError(f"max_size は 2 以上にしてください（{max_size} でした）。")
        counts = Counter(chain.from_iterable(map(_refuse_string, token_lists)))
        for special in _SPECIAL:
            counts.pop(special, None)
        frequent = [(word, n) for word, n in counts.items() if n >= min_count]
        frequent.sort(key=lambda item: (-item[1], item[0]))
        return cls(word for word, _ in frequent[: max_size - len(_SPECIAL)])

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, word: object) -> bool:
        return word in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    __hash__ = None

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} 個: {' '.join(self.tokens[:8])} …)"

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """トークンを番号にする。語彙にない語は ``UNK``（1）になる。

        Raises
        ------
        TypeError
            トークンに分けられていない文字列を渡したとき。
        """
        index = self._index
        return [index.get(token, UNK) for token in _refuse_string(tokens)]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """番号をトークンに戻す。

        Raises
        ------
        IndexError
            語彙にない番号のとき。
        """
        tokens = []
        for i in map(int, ids):
            if not 0 <= i < len(self):
                raise IndexError(f"番号は 0 から {len(self) - 1} までです（{i} でした）。")
            tokens.append(self.tokens[i])
        return tokens

    def save(self, path: str | os.PathLike[str]) -> None:
        """JSON で書き出す。途中で止められても、壊れたファイルは残らない。"""
        with replacing(path) as file:
            file.write(json.dumps({"words": self.tokens[2:]}, ensure_ascii=False).encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Vocabulary":
        """``save`` で書き出した語彙を読む。

        Raises
        ------
        FileNotFoundError
            ファイルがないとき。
        ValueError
            語彙のファイルではないか、壊れているとき。

        Examples
        --------
        >>> import tempfile
        >>> vocabulary = Vocabulary(["film", "good"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     vocabulary.save(Path(folder) / "vocabulary.json")
        ...     Vocabulary.load(Path(folder) / "vocabulary.json") == vocabulary
        True
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"語彙のファイル {path} がありません。")
        try:
            words = json.loads(path.read_bytes())["words"]
            if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
                raise TypeError("words は文字列のリストのはずです")
            return cls(words)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} を語彙として読めません。"
                f"壊れているか、Vocabulary.save で作ったものではありません（{error}）。"
            ) from error


def _refuse_string(tokens: Iterable[str]) -> Iterable[str]:
    if isinstance(tokens, str):
        raise TypeError(
            f"トークンのリストが必要ですが、文字列 {tokens[:20]!r} でした。"
            "先に tokenize を通してください。"
        )
    return tokens
