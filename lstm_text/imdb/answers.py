"""命令 ``predict``：文章を読み、答えを書く。"""

import argparse
import json
import sys
from pathlib import Path

from lstm_text.imdb.classifier import Classifier
from lstm_text.imdb.explain import gradient_times_input
from lstm_text.imdb.prediction import Prediction, predict
from lstm_text.text import Vocabulary, tokenize

_SHOWN_WORDS = 5


def read_texts(chosen: argparse.Namespace) -> list[str]:
    """答える文章。引数の文章、``--file`` の行、標準入力のどれか。

    Parameters
    ----------
    chosen : argparse.Namespace
        ``texts``、``file``、``lines``。

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        2 つ以上から選ばれたとき、文章が 1 つもないとき、ファイルが UTF-8 でないとき。
    FileNotFoundError
        ファイルがないとき。

    Examples
    --------
    >>> read_texts(argparse.Namespace(texts=["Good.", "Bad."], file=None, lines=False))
    ['Good.', 'Bad.']
    """
    if bool(chosen.texts) + (chosen.file is not None) + chosen.lines > 1:
        raise ValueError("文章、--file、--lines（標準入力の行）は、どれか 1 つだけにしてください。")
    if chosen.texts:
        return chosen.texts
    if chosen.file is not None:
        found = _lines(_content(chosen.file))
    else:
        # 端末の文字コードによらず、読めない所は置き換えて読む
        whole = sys.stdin.buffer.read().decode("utf-8-sig", "replace")
        found = _lines(whole) if chosen.lines else [whole]
    if not found:
        raise ValueError(f"{chosen.file or '標準入力'} に、文章が 1 つもありません。")
    return found


def _content(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path} というファイルがありません。")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} は UTF-8 ではありません（{error.start + 1:,} バイトめ）。"
            "UTF-8 で保存し直してください。"
        ) from error


def _lines(text: str) -> list[str]:
    """改行（CRLF でもよい）で分けた行。``str.splitlines`` は、改行でない文字でも分けてしまう。"""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


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
    >>> answer(classifier, Vocabulary(["good"]), "Bad!", 10)[:24]
    'わかりません：どの語も語彙にありません。読まずに'
    """
    found, tokens = predict(classifier, vocabulary, text, limit), tokenize(text)
    first = str(found)
    if found.unknown == 1:
        first = f"わかりません：どの語も語彙にありません。読まずに答えれば {found}"
    if len(tokens) > limit:
        first += f" （{len(tokens):,} トークンのうち、先頭の {limit:,} だけ）"
    explanation = gradient_times_input(classifier, vocabulary, tokens[:limit])
    words = (f"{word} {value:+.2f}" for word, value in explanation.strongest(_SHOWN_WORDS))
    return f"{first}\n  ロジットを動かした語：{'、'.join(words)}"


def as_json(text: str, found: Prediction | None) -> str:
    """1 つの文章への答えの、1 行の JSON。

    Parameters
    ----------
    text : str
    found : Prediction or None
        語が一つもない文章なら None。答えの欄は null になる。

    Returns
    -------
    str
        端末の文字コードが UTF-8 でなければ、ASCII だけで書く。

    Examples
    --------
    >>> json.loads(as_json("Good.", Prediction(probability=0.75, unknown=0.5)))
    {'text': 'Good.', 'label': '肯定', 'probability': 0.75, 'unknown': 0.5}
    """
    row = {
        "text": text,
        "label": found and found.label,
        "probability": found and found.probability,
        "unknown": found and found.unknown,
    }
    printable = (getattr(sys.stdout, "encoding", None) or "").lower() in ("utf-8", "utf8")
    return json.dumps(row, ensure_ascii=not printable)
