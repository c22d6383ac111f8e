"""言語モデルの訓練：同じ設定で、CPU と GPU は 1 秒に何語を読むか

頂上の言語モデル（双方向 256 ユニット）を、評価のないレビューの一部で訓練する。``share`` は、
1 エポックのうち読む割合。``bits`` は、検証用のレビューの一部で、1 語を当てるのに要るビット数。
CPU で 1 エポックを読むには何十分もかかるので、初めの少しだけを読み、GPU では先まで読む。
"""

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from lstm_text.datasets import load_imdb
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.summit_recipes import LANGUAGE
from lstm_text.imdb import (
    ImdbData,
    LanguageModel,
    NextWord,
    bits_per_word,
    build_classifier,
    load_data,
    train,
)
from lstm_text.imdb import Settings as Course
from lstm_text.text import training_batches


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(shares=(0.01, 1.0)))
    [{'share': 0.01}, {'share': 1.0}]
    """

    seeds: tuple[int, ...] = (0,)
    shares: tuple[float, ...] = (0.02,)
    held_out: int = 20  # 検証に読むミニバッチの数
    precision: str = "bfloat16"


def units(settings: Settings) -> list[dict]:
    """1 エポックのうち、読む割合ごと。"""
    return [{"share": share} for share in settings.shares]


def run(unit: dict, settings: Settings) -> dict:
    """その割合だけ訓練し、速さと、検証のビット数を返す。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    plan = replace(LANGUAGE.plan, epochs=1, seed=settings.seeds[0], precision=settings.precision)
    course = replace(LANGUAGE, plan=plan)
    return measure(course, load_data(course), unit["share"], settings.held_out)


def measure(course: Course, data: ImdbData, share: float, held_out: int) -> dict:
    """1 エポックの ``share`` だけ、言語モデルを訓練する。

    Parameters
    ----------
    course : Course
    data : ImdbData
    share : float
    held_out : int
        検証に読むミニバッチの数。

    Returns
    -------
    dict
        更新の回数 ``updates``、読んだ語の数 ``tokens``、訓練の損失 ``loss``、検証の ``bits``、訓練
        だけの秒数から求めた ``tokens_per_second``（準備の入る初めの更新は除く）。

    Examples
    --------
    >>> from lstm_text.imdb import Plan, Shape, TextOptions
    >>> tiny = Course(TextOptions(limit=20), Shape(4, 2), plan=Plan(epochs=1, batch_size=4))
    >>> values = measure(tiny, load_data(tiny), share=0.5, held_out=1)
    >>> values["updates"] > 0, values["bits"] > 0
    (True, True)
    """
    device = get_device()
    size = course.plan.batch_size
    with seeded(course.plan.seed):
        classifier = build_classifier(data.frequencies, course.shape, course.plan.seed)
        model = LanguageModel(classifier).to(device)
    every = training_batches(data.pretraining, size, generator(course.plan.seed))
    batches = list(islice(every, max(1, round(share * len(every)))))
    asked = list(islice(training_batches(data.held_out, size, generator(0)), held_out))
    tokens = sum(int(lengths.sum()) for _, lengths, _ in batches)
    ends = []  # 更新を終えた時刻。損失を取り出すので、GPU でも計算が終わってから知らされる

    def validate() -> dict[str, float]:
        bits = bits_per_word(model, asked)
        return {"bits": bits, "score": -bits}

    with tempfile.TemporaryDirectory() as folder:
        (row,) = train(
            model,
            NextWord(),
            lambda seed: batches,
            validate,
            course.plan,
            Path(folder),
            asdict(course),
            report=lambda progress: ends.append(time.perf_counter()),
        )
    after_first = sum(int(lengths.sum()) for _, lengths, _ in batches[1:])
    return {
        "updates": len(batches),
        "tokens": tokens,
        "loss": row["loss"],
        "bits": row["bits"],
        "tokens_per_second": after_first / (ends[-1] - ends[0]) if after_first else None,
    }
