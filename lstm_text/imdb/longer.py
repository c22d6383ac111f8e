"""残した訓練の、エポックの数を増やす。"""

import json
from dataclasses import replace
from pathlib import Path

from lstm_text.imdb.learn import CONFIG
from lstm_text.imdb.trainer import MODEL, MODEL_KIND, STATE, STATE_KIND, Plan, best_weights
from lstm_text.storage import load_tensors, replacing, save_tensors


def add_epochs(folder: Path, epochs: int) -> str:
    """フォルダに残した訓練を、もっと長い訓練の途中だったことにする。

    重みは変えません。途中で止められても、同じ数でもう 1 度呼べば終わります。壊れたファイルが
    あれば、何も書かずに断ります。

    Parameters
    ----------
    folder : Path
        :func:`lstm_text.imdb.teach` か ``pretrain`` が残したフォルダ。
    epochs : int
        初めからの、エポックの数。前の数以下なら、何もしない。

    Returns
    -------
    str
        学習率がどうなるかを言う文。何もしなければ空。

    Raises
    ------
    FileNotFoundError, ValueError
        :func:`lstm_text.storage.load_tensors` と同じ。

    Examples
    --------
    >>> add_epochs(Path("none"), 3)
    Traceback (most recent call last):
    FileNotFoundError: none/state.safetensors がありません。
    """
    before = load_tensors(folder / STATE, STATE_KIND).about
    _require_best(folder)
    old = Plan(**before["plan"])
    if epochs <= old.epochs:
        return ""
    new, done = replace(old, epochs=epochs), len(before["rows"])
    config = json.loads((folder / CONFIG).read_bytes())
    config["plan"]["epochs"] = epochs
    # この順なら、どこで止められても、次の --resume がここをやり直す
    with replacing(folder / CONFIG) as file:
        file.write(json.dumps(config).encode())
    for name, kind in ((MODEL, MODEL_KIND), (STATE, STATE_KIND)):
        tensors, about = load_tensors(folder / name, kind)
        # 写像したままのファイルは、Windows では置き換えられない
        tensors = {key: tensor.clone() for key, tensor in tensors.items()}
        about["plan"]["epochs"] = epochs
        save_tensors(folder / name, kind, tensors, about)
    return (
        f"エポックの数を {old.epochs} から {epochs} に増やします。学習率は "
        f"{old.rate(done / old.epochs):.2g} から {new.rate(done / epochs):.2g} に変わり、"
        f"新しい終わりに 0 になるので、初めから {epochs} エポックで訓練したものとは違うモデルに"
        "なります。"
    )


def _require_best(folder: Path) -> None:
    """続きの訓練は、これより良くなければ書き換えないので、壊れたままになる。"""
    try:
        best_weights(folder)
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(
            f"{error}いちばん良かったエポックの重みがないので、続けられません。"
            "控えから戻すか、別の --out で初めから訓練してください。"
        ) from error
