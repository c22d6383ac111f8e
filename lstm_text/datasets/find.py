"""データのファイルを探し、なければ取り寄せ、確かめる。"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from lstm_text.datasets.containers import obstacle
from lstm_text.datasets.sentences import parse_conllu
from lstm_text.datasets.source import Source
from lstm_text.storage import replacing, sweep

_TIMEOUT = (5, 20)  # 接続と、次の断片が届くまでの秒数


@dataclass(frozen=True)
class Remote:
    """配布されているファイル。``path`` はフォルダの中での場所。"""

    path: str
    url: str
    sha256: str = ""
    counts: tuple[int, int] = (0, 0)

    def accepts(self, content: bytes) -> bool:
        """本物か。ハッシュがわからないものは、文の数と語の数で確かめる。"""
        if self.sha256:
            return hashlib.sha256(content).hexdigest() == self.sha256
        try:
            sentences = parse_conllu(content.decode())
        except ValueError:
            return False
        return (len(sentences), sum(len(s.words) for s in sentences)) == self.counts


class Lacking(UserWarning, ValueError):
    """データの一部がないこと。なくてもよいところでは知らせ、要るところでは断る。"""


_unstored: dict[Remote, bytes] = {}  # 取り寄せたのに、キャッシュに置けなかったもの


def cache_folder() -> Path:
    """ダウンロードしたデータを置くフォルダ（``LSTM_TEXT_CACHE`` か、利用者ごとの標準の場所）。

    Returns
    -------
    Path
        まだないこともある。

    Examples
    --------
    >>> os.environ["LSTM_TEXT_CACHE"] = "data"  # doctest: +SKIP
    >>> cache_folder()  # doctest: +SKIP
    PosixPath('data')
    """
    if folder := os.environ.get("LSTM_TEXT_CACHE"):
        return Path(folder).expanduser()
    import pooch  # 使うときまで読み込まない

    return Path(pooch.os_cache("lstm_text"))


def known_cache() -> Path:
    """``cache_folder`` と同じ。``~`` の後の名前が違えば、どう直すかを言う。"""
    # cache_folder は実験の記録のコードの一部なので、書き換えない
    return _at_home("LSTM_TEXT_CACHE") or cache_folder()


def _at_home(variable: str) -> Path | None:
    """環境変数のフォルダ。``~`` は、その利用者のフォルダ。決めていなければ None。"""
    folder = os.environ.get(variable)
    try:
        return Path(folder).expanduser() if folder else None
    except RuntimeError as error:
        raise FileNotFoundError(
            f"環境変数 {variable} のフォルダ {folder} の ~ の後の名前の利用者がいません。"
            "フォルダの名前を確かめるか、この環境変数を消してください。"
        ) from error


@contextmanager
def permitted() -> Iterator[None]:
    """読む許可がないことを、どう直すかと一緒に言う。"""
    try:
        yield
    except PermissionError as error:
        if not error.strerror:  # もう言い直してある
            raise
        raise PermissionError(obstacle(error)) from error


def listed(folder: Path, pattern: str) -> list[Path]:
    """フォルダの中の、名前が ``pattern`` に合うもの。なければ空、許可がなければ断る。"""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / name for name in sorted(names) if fnmatchcase(name, pattern)]


@permitted()
def data_folder() -> Path | None:
    """環境変数 ``LSTM_TEXT_DATA`` のフォルダ。決めていなければ None。

    Returns
    -------
    Path or None

    Raises
    ------
    FileNotFoundError
        フォルダがないとき。

    Examples
    --------
    >>> os.environ["LSTM_TEXT_DATA"] = "ない所"  # doctest: +SKIP
    >>> data_folder()  # doctest: +SKIP
    Traceback (most recent call last):
    FileNotFoundError: 環境変数 LSTM_TEXT_DATA のフォルダ ない所 がありません。...
    """
    folder, variable = _at_home("LSTM_TEXT_DATA"), os.environ.get("LSTM_TEXT_DATA")
    if folder is None:
        return None
    if folder.is_file():
        raise FileNotFoundError(
            f"環境変数 LSTM_TEXT_DATA のフォルダが必要ですが、{variable} はファイルでした。"
            "フォルダを作り、IMDb ならその中の imdb に、『猫』なら text に、ファイルを入れて、"
            "作ったフォルダを指してください。"
        )
    if not folder.is_dir():
        raise FileNotFoundError(
            f"環境変数 LSTM_TEXT_DATA のフォルダ {variable} がありません。"
            "フォルダの名前を確かめるか、この環境変数を消してください。"
        )
    return folder


@permitted()
def find(name: str, remotes: Sequence[Remote]) -> tuple[list[bytes] | None, Source]:
    """ファイルの中身と出どころ。どこにもなければ、中身は None で、出どころは builtin。"""
    source = Source("LSTM_TEXT_DATA", name, remotes[0].url)
    if folder := data_folder():
        refuse_folders(folder, *(remote.path for remote in remotes))
        missing = [remote.path for remote in remotes if not (folder / remote.path).is_file()]
        if not missing:
            return [(folder / remote.path).read_bytes() for remote in remotes], source
        source = because(source, f"LSTM_TEXT_DATA のフォルダに {missing[0]} がないため")

    for folder in (known_cache(), spare_folder()):
        paths = [folder / remote.path for remote in remotes]
        if all(map(os.path.isfile, paths)):
            contents = [path.read_bytes() for path in paths]
            if all(map(Remote.accepts, remotes, contents)):
                return contents, replace(source, kind="cache")
            source = because(source, "キャッシュのファイルが壊れていたため")

    if os.environ.get("LSTM_TEXT_OFFLINE", "") not in ("", "0"):
        source = because(source, "ダウンロードしない設定 LSTM_TEXT_OFFLINE=1 のため")
        return None, replace(source, kind="builtin")
    try:
        contents = [_unstored.get(remote) or download(remote) for remote in remotes]
    except OSError as error:  # requests の例外も OSError
        source = because(source, f"ダウンロードできなかったため：{type(error).__name__}")
        return None, replace(source, kind="builtin")
    except ValueError:
        source = because(source, "ダウンロードしたファイルが公式のものと一致しなかったため")
        return None, replace(source, kind="builtin")
    notes = [store(remote.path, content) for remote, content in zip(remotes, contents, strict=True)]
    _unstored.update((r, c) for r, c, note in zip(remotes, contents, notes, strict=True) if note)
    return contents, replace(source, kind="download", note=join_notes(source.note, *notes))


def refuse_folders(folder: Path, *names: str) -> None:
    """ファイルを置く所に、同じ名前のフォルダがあれば断る。"""
    for name in names:
        if (folder / name).is_dir():
            raise ValueError(
                f"LSTM_TEXT_DATA のフォルダの {name} にはファイルが必要ですが、フォルダでした。"
                "中のファイルを、この名前で置いてください。"
            )


def join_notes(*notes: str) -> str:
    """空でない断り書きを、重ねずにつなぐ。"""
    return "、".join(dict.fromkeys(filter(None, notes)))


def because(source: Source, reason: str) -> Source:
    """断り書きを足す。"""
    return replace(source, note=join_notes(source.note, reason))


def download(remote: Remote) -> bytes:
    """公式の配布元から取り寄せ、確かめた中身を返す。途中で失敗しても、何も残さない。"""
    import pooch  # 使うときまで読み込まない

    pooch.get_logger().setLevel("WARNING")
    # ページに進み具合が残らないように、端末でだけ表示する
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=_TIMEOUT)
    with tempfile.TemporaryDirectory() as folder:
        path = pooch.retrieve(
            remote.url,
            known_hash=f"sha256:{remote.sha256}" if remote.sha256 else None,
            path=folder,
            fname=Path(remote.path).name,
            downloader=downloader,
        )
        content = Path(path).read_bytes()
    if not remote.accepts(content):
        raise ValueError(f"{remote.url} の中身が公式のものと一致しません。")
    return content


def spare_folder() -> Path:
    """キャッシュのフォルダに書き込めないときの置き場所。次のプロセスも、ここを見る。"""
    user = getattr(os, "getuid", int)()  # Windows の一時フォルダは、利用者ごとにある
    return Path(tempfile.gettempdir()) / f"lstm_text-{user}"


def store(path: str, content: bytes) -> str:
    """キャッシュに置く。ほかの場所に置くか、置けなければ、その断り書きを返す。"""
    if _written(known_cache() / path, content):
        return ""
    if _written(spare_folder() / path, content):
        return f"キャッシュのフォルダに書き込めないので、{spare_folder()} に置きました"
    return "キャッシュのフォルダに書き込めないので、次回も同じ手間がかかります"


def _written(path: Path, content: bytes) -> bool:
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError:
        return False
    sweep(path)
    return True


def require_number(where: str, came: int, needed: int, unit: str, then: str) -> None:
    """数が合わなければ、どうすればよいか（``then``）と一緒に断る。"""
    if came != needed:
        raise ValueError(f"{where} には {needed:,} {unit}必要ですが、{came:,} {unit}でした。{then}")
