"""テスト用のレビューの本文を先に読むと、テストの精度はいくら上がって見えるか

してはいけないことを、いちど測る。訓練用の 22,500 件に、評価のない 25,000 件を足した本文と、
テスト用の 25,000 件を足した本文とで、双方向の言語モデルを 1 つずつ訓練し、その LSTM を、同じように
分類のために訓練し直す。正解は、どちらも訓練用のものしか使わない。違うのは、あとで尋ねられる本文を、
言語モデルが読んでいたかどうかだけ。
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lstm_text.datasets import load_imdb, load_imdb_unlabelled
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.asked import ask
from lstm_text.experiments.imdb.steps import run_folder
from lstm_text.imdb import (
    Chunks,
    EncodedTexts,
    ImdbData,
    LanguageModel,
    Plan,
    Shape,
    best_weights,
    bits_per_word,
    build_classifier,
    load_classifier,
    load_data,
    pretrain,
    probabilities,
    teach,
)
from lstm_text.imdb import Settings as Course
from lstm_text.records import code_hash, pack
from lstm_text.text import evaluation_batches

ASKED = 2_500
"""言語モデルに当てさせる、テスト用のレビューの数。"""

LANGUAGE = Course(
    shape=Shape(embedding_dim=100, hidden_size=128, locked_dropout=0.0),
    plan=Plan(epochs=2, batch_size=16, learning_rate=5e-3),
)
"""言語モデルの設定。"""

FINE = Course(
    shape=Shape(embedding_dim=100, hidden_size=128, pooling="attention"),
    plan=Plan(epochs=2, batch_size=32, learning_rate=4e-3),
)
"""分類のための、訓練し直しの設定。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(seeds=(0,)))
    [{'texts': '評価のないレビュー', 'seed': 0}, {'texts': 'テスト用のレビュー', 'seed': 0}]
    """

    seeds: tuple[int, ...] = (0, 1)
    precision: str = "bfloat16"


def units(settings: Settings) -> list[dict]:
    """種と、言語モデルに読ませる本文の組。"""
    return [{"texts": texts, "seed": seed} for seed in settings.seeds for texts in TEXTS]


def run(unit: dict, settings: Settings) -> dict:
    """言語モデルを訓練し、訓練し直し、テスト用のレビューに答えさせる。"""
    if load_imdb().source.is_builtin or not load_imdb_unlabelled().texts:
        raise NotHere("評価のないレビューのある、本物の IMDb が必要です。")
    language, fine = (
        replace(course, plan=replace(course.plan, seed=unit["seed"], precision=settings.precision))
        for course in (LANGUAGE, FINE)
    )
    return measure(language, fine, reading(load_data(fine), unit["texts"]), unit["texts"])


def unlabelled_texts(data: ImdbData) -> EncodedTexts:
    """テスト用と同じ件数だけ、でたらめに選んだ、評価のないレビュー。"""
    return _some(data.plain[1], len(data.test))


def texts_to_answer(data: ImdbData) -> EncodedTexts:
    """テスト用のレビューの本文。"""
    return data.test.texts


TEXTS = {"評価のないレビュー": unlabelled_texts, "テスト用のレビュー": texts_to_answer}
"""訓練用のほかに、言語モデルに読ませる本文。"""


def _some(texts: EncodedTexts, n: int) -> EncodedTexts:
    chosen = torch.randperm(len(texts), generator=generator(0))[:n]
    parts = [texts[i] for i in chosen.tolist()]
    lengths = torch.tensor([0] + [len(part) for part in parts])
    return EncodedTexts(torch.cat(parts), lengths.cumsum(0))


def reading(data: ImdbData, texts: str) -> ImdbData:
    """言語モデルに読ませる本文だけを替えたデータ。"""
    parts = [data.plain[0], TEXTS[texts](data)]
    return replace(data, pretraining=Chunks(parts, data.train.max_length))


def measure(language: Course, fine: Course, data: ImdbData, texts: str) -> dict:
    """1 つの言語モデルから始めた分類器の成績。

    Parameters
    ----------
    language, fine : Course
    data : ImdbData
        :func:`reading` が返すもの。
    texts : str
        途中の状態を置くフォルダを分けるための、本文の名前。

    Returns
    -------
    dict
        検証用とテスト用のレビューの、1 語を当てるのに要るビット数 ``bits`` と ``test_bits``、検証と
        テストの精度 ``validation`` と ``test``、1 件ごとの当たり外れ ``right``。ほかに、
        振る舞いの試験の成績と、短い文への答え（:func:`~lstm_text.experiments.imdb.asked.ask`）。

    Examples
    --------
    >>> measure(LANGUAGE, FINE, data, "テスト用のレビュー")  # doctest: +SKIP
    {'bits': 7.1, 'validation': 0.92, 'test': 0.92, ...}
    """
    device, code = get_device(), code_hash("lstm_text.imdb.learn")
    before = run_folder(f"texts-{texts}", code, language)
    rows = pretrain(language, before, data, device)
    start = replace(fine, lesson=replace(fine.lesson, language_model=str(before)))
    folder = run_folder(f"texts-{texts}-fine", code, start)
    best = max(row["val_accuracy"] for row in teach(start, folder, data, device))
    model = load_classifier(folder)[0].to(device)
    said = probabilities(model, data.test)
    right = (said > 0.5) == (torch.tensor(data.test.labels) > 0.5)
    return {
        "bits": min(row["val_bits"] for row in rows),
        "test_bits": _test_bits(before, language, data),
        "validation": best,
        "test": right.double().mean().item(),
        "right": pack(right.numpy()),
    } | ask(model, data.vocabulary, fine.reading.read_length)


def _test_bits(folder: Path, course: Course, data: ImdbData) -> float:
    model = LanguageModel(build_classifier(data.frequencies, course.shape, course.plan.seed))
    model.load_state_dict(best_weights(folder)[0])
    asked = Chunks([_some(data.test.texts, ASKED)], data.train.max_length)
    return bits_per_word(model, evaluation_batches(asked, course.plan.batch_size))
