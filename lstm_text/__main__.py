"""環境の報告。質問や不具合の知らせに、そのまま貼れる。

python -m lstm_text
"""

import locale
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import lstm_text
from lstm_text import replace_unprintable

PACKAGES = (
    *("torch", "numpy", "scipy", "scikit-learn", "matplotlib", "matplotlib-fontja", "pooch"),
    *("sphinx", "sphinx-book-theme", "myst-nb", "ipykernel", "pytest", "onnxruntime"),
)
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "microsoft-edge-stable"),
)
# PATH になくても探す、いつもの場所。Mac では 2 つのフォルダ、Windows では 3 つの環境変数の下。
MAC = ("/Applications", "~/Applications")
MAC_BROWSERS = ("Chromium", "Google Chrome", "Microsoft Edge")
WINDOWS = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
WINDOWS_BROWSERS = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)


def main() -> int:
    """環境を 1 行ずつ表示する。調べられないものは、その理由を書いて続ける。

    Returns
    -------
    int
        終了コード。読み手（``head`` など）が先に終われば 1、Ctrl+C なら 130。

    Examples
    --------
    >>> main()  # doctest: +ELLIPSIS
    lstm_text：...
    """
    replace_unprintable()
    try:
        for name, look in REPORT.items():
            for line in _lines(look):
                print(f"{name}：{line}", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("止めました。", file=sys.stderr)
        return 130
    return 0


def _lines(look: Callable[[], Iterator[str]]) -> Iterator[str]:
    """調べたこと。調べられなければ、その理由（報告は、どこかが壊れているときにこそ要る）。"""
    try:
        yield from look()
    except Exception as error:
        yield f"調べられません（{type(error).__name__}: {error}）"


def find_browser() -> str | None:
    """Chromium か、その仲間（Google Chrome、Microsoft Edge）の場所。

    環境変数 ``CHROMIUM`` があれば、それを返します。なければ ``PATH`` と、Mac と Windows の
    いつもの場所を見ます。

    Returns
    -------
    str or None
        実行ファイルの場所。見つからなければ ``None``。

    Raises
    ------
    FileNotFoundError
        ``CHROMIUM`` に、動かせるものがないとき。

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, CHROMIUM=sys.executable):
    ...     find_browser() == sys.executable
    True
    """
    if given := os.environ.get("CHROMIUM"):
        if found := shutil.which(os.path.expanduser(given)):
            return found
        raise FileNotFoundError(
            f"環境変数 CHROMIUM の {given} を動かせません。"
            "ブラウザの実行ファイルの場所にするか、環境変数を消してください。"
        )
    return next(filter(None, map(shutil.which, [*BROWSERS, *_usual_places()])), None)


def _usual_places() -> Iterator[str]:
    for folder in map(os.path.expanduser, MAC):
        for name in MAC_BROWSERS:
            yield str(Path(folder, f"{name}.app/Contents/MacOS/{name}"))
    for folder in filter(None, map(os.environ.get, WINDOWS)):
        for inside in WINDOWS_BROWSERS:
            yield str(Path(folder, inside))


def _package() -> Iterator[str]:
    yield f"{lstm_text.__version__}（{Path(lstm_text.__file__).parent}）"


def _machine() -> Iterator[str]:
    yield f"{platform.system()} {platform.release()}、{platform.machine()}、CPU {os.cpu_count()} 個"


def _python() -> Iterator[str]:
    kind = "仮想環境" if sys.prefix != sys.base_prefix else "仮想環境ではない"
    yield f"{platform.python_version()}（{kind}、{sys.executable}）"


def _encoding() -> Iterator[str]:
    yield f"ファイル {locale.getpreferredencoding(False)}、出力 {sys.stdout.encoding}"


def _packages() -> Iterator[str]:
    yield "、".join(f"{name} {_version(name)}" for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "なし"


def _device() -> Iterator[str]:
    import torch

    from lstm_text.device import describe, get_device, lstm_faults

    device = get_device()
    yield describe(device)
    if device.type != "cpu":
        faults = "、".join(lstm_faults(device))
        yield f"nn.LSTM の答えは、CPU と{'違います：' + faults if faults else '同じです'}"
    if torch.backends.mps.is_available():
        yield "MPS も使えます（LSTM_TEXT_DEVICE=mps と書いたときだけ使います）"


def _settings() -> Iterator[str]:
    names = sorted(name for name in os.environ if name.startswith(("LSTM_TEXT_", "OMP_")))
    yield "、".join(f"{name}={os.environ[name]}" for name in names) or "なし"


def _data() -> Iterator[str]:
    os.environ["LSTM_TEXT_OFFLINE"] = "1"  # 調べるだけで、取りには行かない
    from lstm_text import datasets
    from lstm_text.datasets.find import known_cache

    try:
        yield f"キャッシュは {known_cache()}"
    except FileNotFoundError as error:  # データを探す所も、同じことを言う
        yield str(error)
        return
    for load in (datasets.load_imdb, datasets.load_imdb_votes, datasets.load_neko):
        yield _source(load)
    for name in ("en_ewt", "ja_gsd"):
        yield _source(datasets.load_treebank, name)


def _source(load: Callable, *arguments: str) -> str:
    try:
        return str(load(*arguments).source).removeprefix("データ：")
    except (OSError, ValueError) as error:
        return str(error)


def _font() -> Iterator[str]:
    from matplotlib import font_manager, rcParams

    from lstm_text import plots  # noqa: F401  日本語の書体を選ぶ

    yield font_manager.findfont(rcParams["font.family"][0])


def _compiler() -> Iterator[str]:
    from lstm_text.fast import compiler

    try:
        shlex.split(os.environ.get("CC", ""))
    except ValueError:
        yield f"なし（環境変数 CC の値 {os.environ['CC']} の引用符が閉じていません）"
        return
    yield compiler.version() or "なし（C で書いた層は飛ばします。本はできます）"


def _browser() -> Iterator[str]:
    yield find_browser() or "なし（PDF と、ブラウザの試験だけが使います）"


REPORT = {
    "lstm_text": _package,
    "計算機": _machine,
    "Python": _python,
    "文字コード": _encoding,
    "版": _packages,
    "デバイス": _device,
    "環境変数": _settings,
    "データ": _data,
    "書体": _font,
    "C のコンパイラ": _compiler,
    "Chromium": _browser,
}


if __name__ == "__main__":
    sys.exit(main())
