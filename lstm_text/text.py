"""文章をモデルの入力にする: トークン、語彙、ミニバッチ。"""

import html
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from sys import intern
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from lstm_text.files import replacing
from lstm_text.tasks import IGNORE

PAD = 0
"""長さをそろえるために足す番号。語ではない。"""
UNK = 1
"""語彙にない語の番号。"""

_SPECIAL = ("<pad>", "<unk>")

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


class Batch(NamedTuple):
    """長さをそろえたミニバッチ。``ids, lengths, labels = batch`` と分けて使えます。

    Attributes
    ----------
    ids : Tensor of int64, (batch, time)
        番号。系列の後ろは ``PAD``。
    lengths : Tensor of int64, (batch,)
        系列の本当の長さ。
    labels : Tensor, (batch,) or (batch, time), or None
        正解。

    Examples
    --------
    >>> collate([[5, 6, 7], [8]]).lengths
    tensor([3, 1])
    """

    ids: Tensor
    lengths: Tensor
    labels: Tensor | None


def collate(
    sequences: Sequence[Sequence[int] | Tensor],
    labels: Sequence[float] | Sequence[Sequence[int]] | Tensor | None = None,
) -> Batch:
    """長さの違う系列を、``PAD`` を後ろに足して一つのテンソルにする。

    Parameters
    ----------
    sequences : sequence of (length,)
        番号の系列。長さはそれぞれ 1 以上。
    labels : (batch,) or sequence of (length,), optional
        系列ごとに一つの正解か、時刻ごとの正解。後者は ``IGNORE`` を足してそろえる。

    Returns
    -------
    Batch
        ``ids`` は (batch, time) の int64、``lengths`` は (batch,) の int64（CPU）、
        ``labels`` は (batch,) か (batch, time)。``labels`` を渡さなければ None。

    Raises
    ------
    ValueError
        系列が一つもないとき、長さ 0 の系列があるとき、正解の数が合わないとき。

    Examples
    --------
    >>> ids, lengths, labels = collate([[5, 6, 7], [8]], [1, 0])
    >>> ids
    tensor([[5, 6, 7],
            [8, 0, 0]])
    >>> lengths, labels
    (tensor([3, 1]), tensor([1, 0]))
    >>> collate([[5, 6], [8]], [[2, 3], [4]]).labels
    tensor([[   2,    3],
            [   4, -100]])
    """
    if len(sequences) == 0:
        raise ValueError("系列が一つもありません。1 個以上の系列が必要です。")
    for i, sequence in enumerate(sequences):
        if len(sequence) == 0:
            raise ValueError(
                f"sequences[{i}] の長さが 0 です。"
                "1 語以上の系列が必要です（空の文章は先に除いてください）。"
            )
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = _pad(sequences, PAD)
    if labels is None:
        return Batch(ids, lengths, None)
    if len(labels) != len(sequences):
        raise ValueError(f"系列は {len(sequences)} 個ですが、正解は {len(labels)} 個でした。")
    if torch.as_tensor(labels[0]).dim() == 0:
        return Batch(ids, lengths, torch.as_tensor(labels))
    for i, (sequence, label) in enumerate(zip(sequences, labels, strict=True)):
        if len(label) != len(sequence):
            raise ValueError(
                f"sequences[{i}] の長さは {len(sequence)} ですが、正解は {len(label)} 個でした。"
            )
    return Batch(ids, lengths, _pad(labels, IGNORE))


def _pad(sequences: Iterable[Sequence[int] | Tensor], value: int) -> Tensor:
    rows = [torch.as_tensor(sequence, dtype=torch.int64) for sequence in sequences]
    return pad_sequence(rows, batch_first=True, padding_value=value)


class LengthBuckets:
    """長さの近い系列を同じミニバッチに集める。

    毎回、全体を混ぜ、``pool`` 個のミニバッチの分ごとに長さの順に並べて切り分け、ミニバッチの順を
    また混ぜます。どの系列も 1 エポックにちょうど一度ずつ現れます。``DataLoader`` の
    ``batch_sampler`` としても、そのまま for 文でも使えます。

    Parameters
    ----------
    lengths : sequence of int
        系列の長さ。
    batch_size : int
        一つのミニバッチの系列の数（最後の一つは小さいことがある）。
    generator : torch.Generator
        並びを決める乱数。エポックごとに違う並びになる。
    pool : int
        何個のミニバッチの分をまとめて並べ替えるか。大きいほどパディングが減り、混ざり方は減る。

    Raises
    ------
    ValueError
        ``batch_size`` か ``pool`` が 1 より小さいとき、系列がないとき、長さ 0 の系列があるとき。

    Examples
    --------
    >>> buckets = LengthBuckets([9, 2, 8, 1, 7, 3], 2, torch.Generator().manual_seed(0))
    >>> len(buckets)
    3
    >>> sorted(sorted(batch) for batch in buckets)
    [[0, 2], [1, 3], [4, 5]]
    """

    def __init__(
        self,
        lengths: Sequence[int] | Tensor,
        batch_size: int,
        generator: torch.Generator,
        pool: int = 50,
    ) -> None:
        if batch_size < 1 or pool < 1:
            raise ValueError(
                f"batch_size と pool は 1 以上にしてください（{batch_size} と {pool} でした）。"
            )
        self.lengths = torch.as_tensor(lengths, dtype=torch.int64)
        if not len(self.lengths):
            raise ValueError("系列が一つもありません。1 個以上の系列が必要です。")
        if self.lengths.min() < 1:
            raise ValueError(
                f"lengths[{self.lengths.argmin()}] が 0 です。1 以上の長さが必要です。"
            )
        self.batch_size = batch_size
        self.generator = generator
        self.pool = pool

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.randperm(len(self.lengths), generator=self.generator)
        batches: list[list[int]] = []
        for pool in order.split(self.pool * self.batch_size):
            by_length = pool[self.lengths[pool].argsort(stable=True)]
            batches.extend(batch.tolist() for batch in by_length.split(self.batch_size))
        for i in torch.randperm(len(batches), generator=self.generator).tolist():
            yield batches[i]


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
