"""命令 ``predict``：文章を読み、答えを書く。"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lstm_text.datasets.contents import utf16_hint
from lstm_text.imdb.classifier import Classifier
from lstm_text.imdb.explain import gradient_times_input
from lstm_text.imdb.prediction import Prediction, predict
from lstm_text.text import Vocabulary, tokenize

_SHOWN_WORDS = 5
_SHOWN_LETTERS = 40


def read_texts(chosen: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """答える文章。引数の文章、``--file`` の行、標準入力の全体のどれか。

    Parameters
    ----------
    chosen : argparse.Namespace
        ``texts`` と ``file``。``file`` が ``-`` なら、標準入力の行。

    Yields
    ------
    place : str
        文章がどこにあったか。1 つしかなければ空。
    text : str
        行は、読めたものから順に渡す。

    Raises
    ------
    ValueError
        2 つから選ばれたとき、文章が 1 つもないとき、UTF-8 でない行に来たとき、標準入力の全体が
        UTF-16 か UTF-32 らしいとき。
    FileNotFoundError
        ファイルがないとき。

    Examples
    --------
    >>> list(read_texts(argparse.Namespace(texts=["Good.", "Bad."], file=None)))
    [('1 番めの文章：', 'Good.'), ('2 番めの文章：', 'Bad.')]
    """
    if chosen.texts and chosen.file is not None:
        raise ValueError("文章と --file は、どちらか 1 つだけにしてください。")
    if chosen.file is not None:
        return _lines(chosen.file)
    if len(chosen.texts) > 1:
        return ((f"{i:,} 番めの文章：", text) for i, text in enumerate(chosen.texts, start=1))
    return (("", text) for text in chosen.texts or [_whole(_standard_input().read())])


def _whole(content: bytes) -> str:
    """標準入力の全体。端末の文字コードによらず、読めない所は置き換えて読む。"""
    if hint := utf16_hint(content):
        raise ValueError(f"標準入力は {hint}")
    return content.decode("utf-8-sig", "replace")


def _standard_input() -> BinaryIO:
    if sys.stdin is None:  # 閉じて起こされた
        raise ValueError(
            "標準入力が閉じています。文章を引数に書くか、--file にファイルを指定してください。"
        )
    return sys.stdin.buffer


def _lines(name: str) -> Iterator[tuple[str, str]]:
    if name == "-":
        return _decoded("標準入力", _standard_input())
    if not Path(name).exists():
        raise FileNotFoundError(f"{name} というファイルがありません。")
    if Path(name).is_dir():
        raise ValueError(f"--file にはファイルが必要ですが、{name} はフォルダでした。")
    return _decoded(f"{name} ", Path(name).open("rb"))


def _decoded(where: str, file: BinaryIO) -> Iterator[tuple[str, str]]:
    """改行（CRLF でもよい）で分けた行。文字にしてから分けると、改行でない文字でも分かれる。"""
    number = 0
    with file:
        for number, line in enumerate(file, start=1):
            if hint := utf16_hint(line):
                raise ValueError(f"{where}の {number:,} 行めは {hint}")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                wrong = line[error.start : error.end].hex(" ").upper()
                raise ValueError(
                    f"{where}の {number:,} 行めは UTF-8 ではありません"
                    f"（{error.start + 1:,} バイトめが {wrong}）。UTF-8 で保存し直してください。"
                ) from error
            yield f"{where}の {number:,} 行め：", text.removesuffix("\n").removesuffix("\r")
    if number == 0:
        raise ValueError(f"{where}に、文章が 1 つもありません。")


def answer(classifier: Classifier, vocabulary: Vocabulary, text: str, limit: int) -> str:
    """1 つの文章への答えと、ロジットを動かした語の、2 行。

    Parameters
    ----------
    classifier : Classifier
    vocabulary : Vocabulary
    text : str
    limit : int
        読むトークンの数の上限。

    Returns
    -------
    str

    Raises
    ------
    ValueError
        文章に語が一つもないとき。

    Examples
    --------
    >>> import torch
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> classifier = build_classifier(torch.ones(3), Shape(4, 2), seed=0)
    >>> answer(classifier, Vocabulary(["good"]), "Bad!", 10)[:33]
    'わかりません：どの語も語彙にありません（読めるのは英語だけです）。'
    """
    found, tokens = predict(classifier, vocabulary, text, limit), tokenize(text)
    note = _unknown_words(found)
    first = f"{note}読まずに答えれば {found}" if found.unknown == 1 else f"{found} {note}".rstrip()
    if len(tokens) > limit:
        first += f" （{len(tokens):,} トークンのうち、先頭の {limit:,} だけ）"
    explanation = gradient_times_input(classifier, vocabulary, tokens[:limit])
    words = (f"{_short(word)} {value:+.2f}" for word, value in explanation.strongest(_SHOWN_WORDS))
    return f"{first}\n  ロジットを動かした語：{'、'.join(words)}"


def _short(word: str) -> str:
    return word if len(word) <= _SHOWN_LETTERS else f"{word[:_SHOWN_LETTERS]}…"


def _unknown_words(found: Prediction) -> str:
    """答えをどこまで信じてよいかの知らせ。語彙にない語が少なければ空。"""
    if found.unknown == 1:
        return "わかりません：どの語も語彙にありません（読めるのは英語だけです）。"
    if found.unknown > 0.5:
        return "半分より多くの語が語彙にありません（読めるのは英語だけです）。"
    return ""


def as_json(text: str, found: Prediction | None, limit: int) -> str:
    """1 つの文章への答えの、1 行の JSON。

    Parameters
    ----------
    text : str
    found : Prediction or None
        語が一つもない文章なら None。答えの欄は null になる。
    limit : int
        読むトークンの数の上限。

    Returns
    -------
    str
        ``probability`` は肯定である確率、``words``、``read_words``、``known_words`` は、文章の
        トークンの数、そのうち読んだ数、そのうち語彙にあった数。``note`` は、答えを信じてよいかの
        知らせ（なければ null）。出力の文字コードが UTF-8 でなければ、ASCII だけで書く。

    Examples
    --------
    >>> json.loads(as_json("Very good.", Prediction(probability=0.75, unknown=0.5), limit=2))
    {'text': 'Very good.', 'label': '肯定', 'probability': 0.75, 'words': 3, 'read_words': 2, \
'known_words': 1, 'note': None}
    """
    words = len(tokenize(text))
    read = min(words, limit)
    row = {
        "text": text,
        "label": found and found.label,
        "probability": found and found.probability,
        "words": words,
        "read_words": read,
        "known_words": round(read * (1 - found.unknown)) if found else 0,
        "note": (_unknown_words(found) or None) if found else "文章に語が 1 つもありません。",
    }
    printable = (getattr(sys.stdout, "encoding", None) or "").lower() in ("utf-8", "utf8")
    return json.dumps(row, ensure_ascii=not printable)
