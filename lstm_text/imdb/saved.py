"""残した訓練のファイルを、使う前に確かめる。使えなければ、どのファイルがどう違うかを言う。"""

import os
from dataclasses import fields
from pathlib import Path

from lstm_text.imdb.classifier import Classifier
from lstm_text.imdb.learn import CONFIG, VOCABULARY, load_classifier, read_config
from lstm_text.imdb.ranges import check_values
from lstm_text.imdb.recipe import Settings
from lstm_text.imdb.trainer import MODEL, MODEL_KIND, STATE, STATE_KIND, Plan
from lstm_text.storage import TensorFile, load_tensors
from lstm_text.text import Vocabulary

# 中身の型を見ずに読む所が、形の違うものに会ったとき
_MALFORMED = (AttributeError, LookupError, TypeError, RecursionError)


def require_room(folder: Path, resume: bool) -> None:
    """訓練が、フォルダにあるものを黙って上書きしないことを確かめる。

    Parameters
    ----------
    folder : Path
    resume : bool
        続きからか。1 エポックも済まずに止めた訓練の設定なら、あってもよい。

    Raises
    ------
    ValueError
        上書きすることになるとき、フォルダではないとき。

    Examples
    --------
    >>> require_room(Path("none"), resume=False)
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out にはフォルダが必要ですが、{folder} はファイルでした。")
    names = (STATE, MODEL, CONFIG, VOCABULARY)
    there = [name for name in names if os.path.lexists(folder / name)]
    if there and not resume:
        raise ValueError(
            f"{folder} にはもう {'、'.join(there)} があります。続きからなら --resume を、"
            "初めからなら別の --out を指定してください。"
        )
    if STATE not in there and (MODEL in there or there == [VOCABULARY]):
        raise ValueError(
            f"{folder} に {STATE} がないので、続けられません。{'、'.join(there)} を"
            "上書きしないように、初めからなら別の --out を指定してください。"
        )
    for path in (folder / name for name in there):
        if not path.is_file():
            raise ValueError(f"{path} にはファイルが必要ですが、ファイルではありませんでした。")


def load_trained(folder: Path) -> tuple[Classifier, Vocabulary, Settings]:
    """:func:`load_classifier` と同じ。使えなければ、どのファイルがどう違うかを言う。

    Parameters
    ----------
    folder : Path

    Returns
    -------
    classifier : Classifier
    vocabulary : Vocabulary
    settings : Settings

    Raises
    ------
    FileNotFoundError, ValueError
        :func:`load_classifier` と同じ。設定の値が、命令に打てる範囲にないときも。

    Examples
    --------
    >>> load_trained(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/model.safetensors がありません。
    """
    try:
        found = load_classifier(folder)
    except ValueError:
        _require_form(folder)
        raise
    except _MALFORMED as error:
        _require_form(folder)
        raise ValueError(f"{folder} のモデルを読めません（{error}）。") from error
    # 1000.0 も true も、重みに添えた 1000 や 1 と等しいので、ここまで来る
    check_values(read_settings(folder / CONFIG), Settings, folder / CONFIG)
    return found


def _require_form(folder: Path) -> None:
    read_saved(folder / MODEL, MODEL_KIND)
    try:
        Vocabulary.load(folder / VOCABULARY)
    except RecursionError as error:
        raise ValueError(f"{folder / VOCABULARY} の入れ子が深すぎて、読めません。") from error
    config = read_settings(folder / CONFIG)
    check_values(config, Settings, folder / CONFIG)
    settings_in(config, Settings, folder / CONFIG)


def read_saved(path: Path, kind: str, *groups: str) -> TensorFile:
    """:func:`lstm_text.storage.load_tensors` で読み、添えた情報の形を確かめる。

    Parameters
    ----------
    path : Path
    kind : str
    *groups : str
        添えた情報になければならない、値の組の名前。

    Returns
    -------
    TensorFile

    Raises
    ------
    FileNotFoundError, ValueError
        :func:`lstm_text.storage.load_tensors` と同じ。形が違うときも。

    Examples
    --------
    >>> read_saved(Path("none") / MODEL, MODEL_KIND, "plan")
    Traceback (most recent call last):
    FileNotFoundError: none/model.safetensors がありません。
    """
    try:
        found = load_tensors(path, kind)
    except _MALFORMED as error:
        raise ValueError(_other_form(path)) from error
    about = found.about
    if not isinstance(about, dict):
        raise ValueError(_other_form(path))
    for name in groups:
        if not isinstance(about.get(name), dict):
            raise ValueError(_other_form(path, f"{name} の組がありません"))
    return found


def _other_form(path: Path, how: str = "") -> str:
    return (
        f"{path} に添えた情報の形が違います{how and f'（{how}）'}。"
        "書き換えられているか、この命令が残したものではありません。"
    )


def read_state(folder: Path) -> TensorFile:
    """止めた訓練の途中の状態を読み、続けられる形であることを確かめる。

    Parameters
    ----------
    folder : Path

    Returns
    -------
    TensorFile
        ``about`` に、``plan`` と、エポックごとの数値 ``rows`` がある。

    Raises
    ------
    FileNotFoundError, ValueError
        :func:`read_saved` と同じ。``model.safetensors`` の重みと、名前か形が違うときも。

    Examples
    --------
    >>> read_state(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/state.safetensors がありません。
    """
    path = folder / STATE
    found = read_saved(path, STATE_KIND, "plan")
    try:
        Plan(**found.about["plan"])
    except (TypeError, ValueError) as error:
        raise ValueError(_other_form(path, f"plan：{error}")) from error
    rows = found.about.get("rows")
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("score"), int | float) for row in rows
    ):
        raise ValueError(_other_form(path, "rows がエポックごとの数値ではありません"))
    best = _shapes(_read_best(folder))
    mine = _shapes(
        {
            name.removeprefix("model."): tensor
            for name, tensor in found.tensors.items()
            if name.startswith("model.")
        }
    )
    if odd := sorted(name for name, _ in mine.items() ^ best.items()):
        raise ValueError(
            f"{path} の重み {odd[0]} が、{folder / MODEL} のものと合わないので、続けられません。"
        )
    return found


def _shapes(tensors: dict) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _read_best(folder: Path) -> dict:
    """続きの訓練は、これより良くなければ書き換えないので、壊れたままになる。"""
    try:
        return read_saved(folder / MODEL, MODEL_KIND, "plan").tensors
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(
            f"{error}いちばん良かったエポックの重みがないので、続けられません。"
            "控えから戻すか、別の --out で初めから訓練してください。"
        ) from error


def read_settings(path: Path) -> dict:
    """:func:`lstm_text.imdb.learn.read_config` と同じ。入れ子が深すぎるものも断る。

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    FileNotFoundError, ValueError

    Examples
    --------
    >>> read_settings(Path("none") / CONFIG)
    Traceback (most recent call last):
    FileNotFoundError: none/config.json がありません。
    """
    try:
        return read_config(path)
    except RecursionError as error:
        raise ValueError(f"{path} の入れ子が深すぎて、読めません。") from error


def settings_in(config: dict, kind: type[Settings], path: Path) -> Settings:
    """読んだ辞書を設定にする。できなければ、どのファイルの何が違うかを言う。

    Parameters
    ----------
    config : dict
    kind : type
    path : Path
        辞書を読んだファイル。

    Returns
    -------
    Settings

    Raises
    ------
    ValueError

    Examples
    --------
    >>> settings_in({"name": "mine"}, Settings, Path("config.json"))
    Traceback (most recent call last):
    ValueError: config.json の設定の形が違います（reading の組がありません）。
    """
    for group in fields(kind):
        found = config.get(group.name)
        if not isinstance(found, dict):
            raise ValueError(f"{path} の設定の形が違います（{group.name} の組がありません）。")
        if unknown := sorted(found.keys() - {f.name for f in fields(group.type)}):
            more = f"{group.name} に、知らない欄 {'、'.join(unknown)}"
            raise ValueError(f"{path} の設定の形が違います（{more} があります）。")
    try:
        return kind.from_dict(config)
    except ValueError as error:
        raise ValueError(f"{path} の値が違います：{error}") from error
