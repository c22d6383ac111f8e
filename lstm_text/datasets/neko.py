"""夏目漱石『吾輩は猫である』。"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_text.datasets import builtin
from lstm_text.datasets.containers import Container
from lstm_text.datasets.contents import digest, plain, utf16_hint
from lstm_text.datasets.find import (
    Remote,
    because,
    data_folder,
    find,
    listed,
    permitted,
    refuse_folders,
)
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
_AOZORA = ("wagahaiwa_nekodearu*.txt", "789_*.txt", "789_*.zip")  # 青空文庫での名前
_LENGTH = 328_717
_TEXT = "b1cbf409d1fd0560b9ba928f021eac77dc5229da76e4cc19a35e2ffca715e2a3"
_LETTERS = "3399e20a8fb4933ab1780239ed9df74bed10c1fd076822360b737d2f7d48068d"  # 空白と改行を除く
_START, _END = "\u3000吾輩は猫である。", "ありがたいありがたい。"
_SLACK = 0.05  # 版による字数の違い


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
    title = "『吾輩は猫である』の全文"
    if placed := _placed():
        folder, path = placed
        where = path.relative_to(folder).as_posix()
        source = Source("LSTM_TEXT_DATA", title, _NEKO.url, f"{where} から")
        return _book(_content(path, where), where, source)
    contents, source = find(title, [_NEKO])
    if contents is None:
        text = builtin.neko_excerpt()
        return Book(text, replace(source, where=f"冒頭の {len(text):,} 字"))
    return _book(contents[0], _NEKO.path, source)


@permitted()
def _placed() -> tuple[Path, Path] | None:
    """データのフォルダと、その中の青空文庫のファイル。``neko.txt`` があれば None。"""
    folder = data_folder()
    if folder is None or (folder / _NEKO.path).is_file():
        return None
    found = [path for name in _AOZORA for path in listed(folder / "text", name)]
    for path in filter(Path.is_file, found):
        return folder, path
    refuse_folders(folder, *(path.relative_to(folder).as_posix() for path in found))
    return None


@permitted()
def _content(path: Path, where: str) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    parts = Container(where, path).parts()
    texts = {part.name: part.read() for part in parts if part.name.lower().endswith(".txt")}
    if not texts:
        raise ValueError(
            f"{where} の中に .txt のファイルがありません。青空文庫のものを置き直してください。"
        )
    # 説明などの .txt が一緒に入っていることもある
    stories = [name for name, text in texts.items() if len(texts) == 1 or _is_story(text, where)]
    if len(stories) != 1:
        raise ValueError(
            f"{where} の中に .txt のファイルが {len(texts)} つあり（{'、'.join([*texts][:3])}）、"
            f"『吾輩は猫である』らしいものが {len(stories)} つでした。1 つだけにしてください。"
        )
    return texts[stories[0]]


def _is_story(content: bytes, where: str) -> bool:
    try:
        return bool(_body(_decoded(content, where), where))
    except ValueError:
        return False


def _book(content: bytes, where: str, source: Source) -> Book:
    """本文だけにし、公式の全文かを、字とその数で確かめる。"""
    text = _body(_decoded(content, where), where)
    if digest([text]) == _TEXT:
        return Book(text, source)
    if digest(["".join(text.split())]) == _LETTERS:
        return Book(text, because(source, "字は公式のものと同じで、改行か空白が違う版"))
    if abs(len(text) - _LENGTH) > _SLACK * _LENGTH or not text.rstrip().endswith(_END):
        raise ValueError(
            f"{where} には『吾輩は猫である』の全文（{_LENGTH:,} 字、終わりは「{_END}」）が"
            f"必要ですが、{len(text):,} 字で、終わりは {text[-20:]!r} でした。"
            "途中までのファイルなら、ダウンロードし直してください。"
        )
    return Book(text, because(source, f"公式の {_LENGTH:,} 字とは字の違う、{len(text):,} 字の版"))


def _decoded(content: bytes, where: str) -> str:
    try:
        return plain(content)
    except UnicodeDecodeError as error:
        try:
            return content.decode("shift_jis").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise ValueError(
                f"{where} を UTF-8 として読めません（{error}）。Shift_JIS でもありません。"
                f"{utf16_hint(content)}"
            ) from error


def _body(text: str, where: str) -> str:
    """表題、記号の説明、底本の欄、ルビ、注記、配布元のページの脚注を除いた本文。"""
    text = re.split(r"^-{20,}\n", text, flags=re.MULTILINE)[-1]
    # Shift_JIS で保存し直すと、© は ? や c になる
    text = re.split(r"\n(?=\S{0,3} ?2018 GitHub)|\n+(?=底本：)", text)[0]
    text = re.sub(r"《[^》\n]*》|［＃[^］\n]*］|｜", "", text)
    start = text.find(_START)
    if start < 0:
        raise ValueError(
            f"{where} は『吾輩は猫である』ではありません（{text[:20]!r}）。全文を置いてください。"
        )
    return text[start:]
