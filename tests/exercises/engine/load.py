"""読者のファイルを読み込み、問の関数を取り出す。"""

import contextlib
import importlib.util
import sys
import tokenize
from pathlib import Path
from types import ModuleType

import torch

from .exercise import Exercise, Incorrect, Stage
from .messages import describe
from .settings import default_dtype, untouched_functions, untouched_globals
from .watch import FirstCharacters


def load(path: Path, dtype: torch.dtype = torch.float64) -> ModuleType:
    """読者のファイルを、小数の既定の型を ``dtype`` にして読み込む。

    Raises
    ------
    FileNotFoundError
        ファイルがないとき。
    Incorrect
        読み込めないとき。
    """
    if not path.exists():
        raise FileNotFoundError(path)
    require_text(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    out = FirstCharacters(0)
    replaced = []
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            untouched_globals([]),
            untouched_functions(replaced),
            default_dtype(dtype),
        ):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise Incorrect(Stage.RUN, unreadable(error, path)) from None
    except SystemExit:
        sentence = f"{path.name} の読み込み中に、関数の外の exit() が呼ばれました。"
        raise Incorrect(Stage.RUN, sentence) from None
    except BaseException as error:
        raise Incorrect(Stage.RUN, describe(error, str(path))) from None
    if replaced:
        raise Incorrect(Stage.RUN, f"{path.name} が、{replaced[0].sentence}")
    return module


def require_text(path: Path) -> None:
    """Python の決めた文字コードで読めること。読み込ませると、投げる例外が Python の版で違う。"""
    if path.is_dir():
        sentence = f"{path.name} がフォルダになっています。名前を変えて、make answers とします。"
        raise Incorrect(Stage.RUN, sentence)
    try:
        with tokenize.open(path) as file:
            readable = "\0" not in file.read()
    except (SyntaxError, UnicodeDecodeError):
        readable = False
    except OSError:
        sentence = f"{path.name} を開けません。読む許可があるかを確かめてください。"
        raise Incorrect(Stage.RUN, sentence) from None
    if not readable:
        sentence = f"{path.name} の文字コードを読めません。UTF-8 で保存し直してください。"
        raise Incorrect(Stage.RUN, sentence)


def unreadable(error: SyntaxError, path: Path) -> str:
    """構文の誤りを一文にする。"""
    line = f"{error.lineno} 行目" if error.lineno else "どこか "
    text = f" `{error.text.strip()}` " if error.text else ""
    sentence = f"{path.name} の {line}{text}を Python として読めません（{error.msg}）。"
    if "invalid" in error.msg and any("！" <= each <= "～" or each == "　" for each in text):
        sentence += "全角の文字や空白が混じっていれば、半角に直してください。"
    return sentence


def function_of(module: ModuleType, exercise: Exercise):
    """読者のファイルから、その問の関数を取り出す。"""
    try:
        return getattr(module, exercise.name)
    except AttributeError:
        sentence = f"{exercise.chapter}.py に関数 {exercise.name} がありません。"
        raise Incorrect(Stage.RUN, sentence) from None
