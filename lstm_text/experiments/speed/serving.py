"""訓練した分類器に 1 件ずつ答えさせる：PyTorch と ONNX Runtime の時間、メモリ、大きさ

少しのレビューで訓練した分類器（埋め込み 64、隠れ状態 32、注意機構、語彙 20,000）を ONNX に
書き出し、1 スレッドで比べます。``milliseconds`` は、読み込んだあとで 1 件に答える時間です。
どの方法も交互に動かし、CPU を使った時間の中央値をとります。``starts`` は、新しいプロセスを
起こしてから、読み込み、1 件に答え、終わるまでの経過時間とメモリです。torch.compile は
測りません。時刻の繰り返しを長さごとにほどいてコンパイルするので、長さの決まらないレビューに
1 件ずつ答えるのには向きません。
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from lstm_text.datasets import load_imdb
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.speed.fresh_process import starts
from lstm_text.experiments.speed.serving_measured import (
    FILES,
    FOLDED,
    PYTORCH,
    compare,
    contenders,
    installed,
    latencies,
    place,
)
from lstm_text.imdb import (
    MODEL,
    ImdbData,
    Plan,
    Shape,
    TextOptions,
    load_classifier,
    load_data,
    teach,
)
from lstm_text.imdb import Settings as Training
from lstm_text.records import Record


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings())
    [{'seed': 0}]
    """

    seeds: tuple[int, ...] = (0,)
    limit: int = 5_000
    vocab_size: int = 20_000
    embedding_dim: int = 64
    hidden_size: int = 32
    pooling: str = "attention"
    epochs: int = 3
    learning_rate: float = 4e-3
    lengths: tuple[int, ...] = (20, 200, 1_000)
    rounds: int = 200
    warmup: int = 3
    starts: int = 5


def units(settings: Settings) -> list[dict]:
    """種ごとに、訓練からすべてを 1 度に測る。"""
    return [{"seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """本物の IMDb で訓練し、答え、時間、メモリ、大きさを比べる。"""
    if not all(map(find_spec, ("onnx", "onnxruntime"))):
        raise NotHere('onnx と onnxruntime が必要です（pip install -e ".[onnx]"）。')
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    training = recipe(settings, unit["seed"])
    return measure(load_data(training), training, settings)


def recipe(settings: Settings, seed: int) -> Training:
    """訓練の設定。

    Examples
    --------
    >>> recipe(Settings(), 1).shape.pooling
    'attention'
    """
    return Training(
        TextOptions(vocab_size=settings.vocab_size, limit=settings.limit),
        Shape(settings.embedding_dim, settings.hidden_size, pooling=settings.pooling),
        plan=Plan(epochs=settings.epochs, learning_rate=settings.learning_rate, seed=seed),
    )


def measure(data: ImdbData, training: Training, settings: Settings) -> dict:
    """分類器を訓練してフォルダに置き、比べる。

    Parameters
    ----------
    data : ImdbData
    training : lstm_text.imdb.Settings
    settings : Settings

    Returns
    -------
    dict
        テストの答え ``answers``、1 件の時間 ``milliseconds``、初めの答え ``starts``、
        ファイルの大きさ ``bytes``、入れたパッケージの大きさ ``installed``。
    """
    device, before = get_device("cpu"), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with TemporaryDirectory() as name:
            folder = Path(name)
            teach(training, folder, data, device)
            classifier, vocabulary, _ = load_classifier(folder)
            place(classifier, folder)
            answering = contenders(classifier, folder)
            return {
                "answers": compare(answering, data.test),
                "milliseconds": {
                    str(each.shape[1]): latencies(answering, each, settings.rounds, settings.warmup)
                    for each in _reviews(len(vocabulary), settings)
                },
                "starts": starts(folder, settings.starts),
                "bytes": {
                    each: (folder / file).stat().st_size
                    for each, file in {PYTORCH: MODEL, **FILES}.items()
                },
                "installed": {each: installed(each) for each in ("torch", "onnxruntime")},
            }
    finally:
        torch.set_num_threads(before)


def _reviews(vocab_size: int, settings: Settings) -> list[Tensor]:
    """長さごとに 1 件の、でたらめな番号の並び ``(1, time)``。"""
    source = generator(settings.seeds[0])
    return [torch.randint(2, vocab_size, (1, n), generator=source) for n in settings.lengths]


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    lines = [record.origin()]
    for result in record.results:
        values = result["values"]
        answers, sizes = values["answers"], values["bytes"]
        lines += [
            "",
            f"テスト {answers['count']:,} 件（ロジットの標準偏差 {answers['spread']:.2f}）",
        ]
        for name in [PYTORCH, FOLDED, *FILES]:
            each = answers[name]
            times = [f"{row[name]['median']:.2f}" for row in values["milliseconds"].values()]
            lines.append(
                f"  {100 * each['accuracy']:.2f} %  違い {each['largest']:.1e}"
                f"  変わった答え {each['changed']}  {' / '.join(times)} ms"
                f"  {sizes.get(name, sizes[PYTORCH]) / 1e6:.2f} MB  {name}"
            )
        lines.append("初めの答えまで")
        for name, each in values["starts"].items():
            lines.append(f"  {each['seconds']:.3f} 秒  {each['memory'] or 0:.0f} MiB  {name}")
    return "\n".join(lines)
