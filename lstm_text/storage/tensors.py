"""壊れていれば必ずわかる、テンソルのファイル。

形式は safetensors です。読むときに実行されるものは何もありません。書くときに中身全体のハッシュ
（SHA-256）を添え、読むときに確かめるので、途中で切れたファイルも、書き換えられたファイルも、
黙って使われることはありません。
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from lstm_text.storage.atomic import replacing

VERSION = 1
"""形式の版。読めなくなる変更をしたら増やす。"""

_FIELD = "lstm_text"


class TensorFile(NamedTuple):
    """:func:`load_tensors` の戻り値。

    Attributes
    ----------
    tensors : dict of str to Tensor
        ファイルを写像したもの（使う所だけがメモリに載る）。
    about : dict
        一緒に書かれた、JSON にできる情報。

    Examples
    --------
    >>> TensorFile({}, {"epoch": 3}).about["epoch"]
    3
    """

    tensors: dict[str, Tensor]
    about: dict


def save_tensors(
    path: str | os.PathLike[str], kind: str, tensors: Mapping[str, Tensor], about: dict
) -> None:
    """テンソルと情報を 1 つのファイルに書く。途中で止められても、前のファイルが残る。

    Parameters
    ----------
    path : str or os.PathLike
    kind : str
        何のファイルか。読むときに同じものを求める。
    tensors : mapping of str to Tensor
    about : dict
        JSON にできる情報。

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.safetensors"
    ...     save_tensors(path, "例", {"w": torch.arange(3)}, {"epoch": 1})
    ...     tensors, about = load_tensors(path, "例")
    ...     tensors["w"].tolist(), about
    ([0, 1, 2], {'epoch': 1})
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header = {"kind": kind, "version": VERSION, "about": about}
    header["digest"] = _digest(tensors, header)
    # 1 つの欄にまとめる: 欄が 2 つ以上あると、safetensors の書く順が毎回変わる
    content = save(tensors, {_FIELD: json.dumps(header)})
    with replacing(path) as file:
        file.write(content)


def load_tensors(path: str | os.PathLike[str], kind: str) -> TensorFile:
    """:func:`save_tensors` で書いたファイルを、確かめてから読む。

    Parameters
    ----------
    path : str or os.PathLike
    kind : str
        書いたときと同じもの。

    Returns
    -------
    TensorFile

    Raises
    ------
    FileNotFoundError
        ファイルがないとき。
    ValueError
        途中で切れているとき、別の種類や別の版のとき、書き換えられているとき。

    Examples
    --------
    >>> load_tensors("none.safetensors", "例")
    Traceback (most recent call last):
    FileNotFoundError: none.safetensors がありません。
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} がありません。")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(_FIELD, "{}"))
            if header.get("kind") != kind:
                found = header.get("kind", "別のプログラムのファイル")
                raise ValueError(f"{path} には「{kind}」が必要ですが、「{found}」でした。")
            if header.get("version") != VERSION:
                raise ValueError(
                    f"{path} は形式の版 {header.get('version')} で書かれています。"
                    f"読めるのは版 {VERSION} です。作り直してください。"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} を読めません。途中で切れているか、safetensors のファイルではありません"
            f"（{error}）。"
        ) from error
    if header.pop("digest", None) != _digest(tensors, header):
        raise ValueError(
            f"{path} の中身が、書いたときのハッシュと合いません。書き換えられています。"
        )
    return TensorFile(tensors, header["about"])


def _digest(tensors: Mapping[str, Tensor], header: dict) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
