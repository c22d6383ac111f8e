"""残した訓練を続ける：続けられることを確かめ、エポックの数を増やす。"""

import json
from dataclasses import asdict, replace
from pathlib import Path

from lstm_text.imdb.data import ImdbData
from lstm_text.imdb.learn import CONFIG, vocabulary_digest
from lstm_text.imdb.recipe import Settings
from lstm_text.imdb.saved import read_saved, read_settings, read_state
from lstm_text.imdb.trainer import MODEL, MODEL_KIND, STATE, STATE_KIND, Plan, differences
from lstm_text.storage import replacing, save_tensors


def words_of(folder: Path, wanted: Settings) -> str:
    """訓練を、この設定で続けられることを、何も書かずに確かめる。

    Parameters
    ----------
    folder : Path
        :func:`lstm_text.imdb.teach` か ``pretrain`` が残したフォルダ。
    wanted : Settings
        エポックの数は、前より多くてもよい。

    Returns
    -------
    str
        訓練に使った語彙のハッシュ（:func:`require_same_words` に渡す）。

    Raises
    ------
    FileNotFoundError, ValueError
        続けられないとき。

    Examples
    --------
    >>> words_of(Path("none"), Settings())
    Traceback (most recent call last):
    FileNotFoundError: none/state.safetensors がありません。
    """
    before = dict(read_state(folder).about)
    words = before.pop("vocabulary", "")
    del before["rows"]
    before["plan"]["epochs"] = max(Plan(**before["plan"]).epochs, wanted.plan.epochs)
    if changed := differences(before, asdict(wanted)):
        raise ValueError(f"{folder} の訓練とは設定が違うので、続けられません：{changed}。")
    return words


def require_same_words(folder: Path, words: str, data: ImdbData) -> None:
    """いまのデータが、訓練に使ったデータであることを確かめる。

    Parameters
    ----------
    folder : Path
    words : str
        :func:`words_of` の返したもの。
    data : ImdbData

    Raises
    ------
    ValueError
        語彙が違うとき。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> data = load_reviews(TextOptions(limit=20), 0.1, 0)
    >>> require_same_words(Path("model"), vocabulary_digest(data.vocabulary), data)
    """
    if words == vocabulary_digest(data.vocabulary):
        return
    builtin = "組み込みのレビューで訓練したのなら、"
    other = {
        "builtin": "本物の IMDb で訓練したのなら、環境変数 LSTM_TEXT_DATA でそのフォルダを指定して",
        "LSTM_TEXT_DATA": f"{builtin}環境変数 LSTM_TEXT_DATA を消し、LSTM_TEXT_OFFLINE=1 にして",
    }.get(data.source.kind, f"{builtin}環境変数 LSTM_TEXT_CACHE で空のフォルダを指定して")
    raise ValueError(
        f"{folder} の訓練とは、データから作った語彙が違うので、続けられません。"
        f"訓練に使ったデータで、もう一度打ってください（{other}）。何も書き換えていません。"
    )


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
        :func:`lstm_text.imdb.saved.read_state` と同じ。

    Examples
    --------
    >>> add_epochs(Path("none"), 3)
    Traceback (most recent call last):
    FileNotFoundError: none/state.safetensors がありません。
    """
    before = read_state(folder).about
    old = Plan(**before["plan"])
    if epochs <= old.epochs:
        return ""
    new, done = replace(old, epochs=epochs), len(before["rows"])
    config = read_settings(folder / CONFIG)
    config["plan"]["epochs"] = epochs
    # この順なら、どこで止められても、次の --resume がここをやり直す
    with replacing(folder / CONFIG) as file:
        file.write(json.dumps(config).encode())
    for name, kind in ((MODEL, MODEL_KIND), (STATE, STATE_KIND)):
        tensors, about = read_saved(folder / name, kind, "plan")
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
