"""IMDb のはしご：1 つずつ工夫を足すと、精度はどれだけ上がるか

どの段も、同じ切り分け方、同じ検証用のレビューを使う。設定は検証用のレビューで選び、テスト用の
レビューは段ごとに最後の 1 度だけ使う。3 時間かかる段は ``imdb_summit`` にある。
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from lstm_text.datasets import load_glove, load_imdb, split_validation
from lstm_text.device import generator, get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments.imdb.steps import measure, measure_padded, run_folder
from lstm_text.imdb import (
    NBSVM,
    Lesson,
    Plan,
    Shape,
    bag_of_pairs,
    load_data,
    tfidf_logistic_regression,
)
from lstm_text.imdb import Settings as Course
from lstm_text.records import code_hash
from lstm_text.text import tokenize

WORDS = {"TF-IDF": tfidf_logistic_regression, "NB-SVM": NBSVM}
"""語の並びを（ほとんど）見ない段。"""

_PLAIN = Course(
    shape=Shape(hidden_size=64, locked_dropout=0.0),
    plan=Plan(epochs=3, batch_size=32, learning_rate=4e-3, precision="bfloat16"),
)

_REGULAR = replace(
    _PLAIN,
    shape=replace(_PLAIN.shape, word_dropout=0.05, locked_dropout=0.3, weight_dropout=0.2),
)

_VECTORS = replace(_REGULAR, lesson=Lesson(vectors="word2vec"))
_ATTENTION = replace(_VECTORS, shape=replace(_VECTORS.shape, pooling="attention"))
_ADVERSARIAL = replace(_ATTENTION, lesson=Lesson("adversarial", epsilon=1.0, vectors="word2vec"))

RUNGS = {
    "パディングも読む LSTM": _PLAIN,
    "長さを守る LSTM": _PLAIN,
    "＋ 正則化": _REGULAR,
    "＋ GloVe": replace(_REGULAR, lesson=Lesson(vectors="glove")),
    "＋ word2vec": _VECTORS,
    "最終状態": replace(_VECTORS, shape=replace(_VECTORS.shape, pooling="last")),
    "平均": replace(_VECTORS, shape=replace(_VECTORS.shape, pooling="mean")),
    "注意": _ATTENTION,
    "連結": replace(_VECTORS, shape=replace(_VECTORS.shape, pooling="concat")),
    "＋ 敵対的訓練": _ADVERSARIAL,
}
"""LSTM の段と、その設定。"""


@dataclass(frozen=True)
class Settings:
    """はしごの設定。

    Examples
    --------
    >>> len(units(Settings(seeds=(0, 1)))) - len(units(Settings(seeds=(0,)))) == len(RUNGS)
    True
    """

    seeds: tuple[int, ...] = (0, 1)


def units(settings: Settings) -> list[dict]:
    """段と種の組。種によらない段は 1 度だけ測る。"""
    once = [{"rung": rung, "seed": settings.seeds[0]} for rung in WORDS]
    return once + [{"rung": rung, "seed": seed} for seed in settings.seeds for rung in RUNGS]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    if unit["rung"] in WORDS:
        return _count_words(WORDS[unit["rung"]]())
    course = RUNGS[unit["rung"]]
    course = replace(course, plan=replace(course.plan, seed=unit["seed"]))
    if course.lesson.vectors == "glove":
        try:
            load_glove(course.shape.embedding_dim)
        except FileNotFoundError as error:
            raise NotHere(str(error)) from error
    padded = unit["rung"] == "パディングも読む LSTM"
    kind, code = (
        ("padded", "lstm_text.experiments.imdb.steps")
        if padded
        else ("reader", "lstm_text.imdb.learn")
    )
    folder = run_folder(kind, code_hash(code), course)
    return (measure_padded if padded else measure)(course, folder, load_data(course), get_device())


def _count_words(model) -> dict:
    start = time.perf_counter()
    imdb = load_imdb()
    train, validation = split_validation(imdb.train, 0.1, generator(0))
    parts = {"train": train, "validation": validation, "test": imdb.test}
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in parts.items()}
    bag = bag_of_pairs()
    x = bag.fit_transform(tokens["train"])
    columns = slice(None)
    if not isinstance(model, NBSVM):
        columns = [i for i, name in enumerate(bag.get_feature_names_out()) if " " not in name]
    model.fit(x[:, columns], train.labels)
    seconds = time.perf_counter() - start
    scores = {
        name: float(
            (
                model.predict(bag.transform(tokens[name])[:, columns])
                == np.array(parts[name].labels)
            ).mean()
        )
        for name in ("validation", "test")
    }
    count = sum(map(len, tokens["train"]))
    return scores | {
        "parameters": x[:, columns].shape[1] + 1,
        "tokens_per_second": count / seconds,
    }
