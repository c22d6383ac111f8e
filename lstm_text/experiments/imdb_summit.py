"""IMDb の頂上：評価のないレビューで事前学習した LSTM は、どこまで届くか

両方向の言語モデルを訓練 22,500 件と評価のない 50,000 件の本文で訓練し、その LSTM を分類のために
訓練し直す（Dai & Le, 2015）。さらに敵対的訓練（Miyato ら, 2017）と、アンサンブルを重ねる。
全体で 2 コアの CPU で 3 時間に収める。止めても、失うのは 1 エポックまで。
"""

from dataclasses import dataclass, replace

from lstm_text.datasets import load_imdb
from lstm_text.dependencies import fingerprint
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.lessons import Lesson, load_data
from lstm_text.lessons import Settings as Course
from lstm_text.reader import Shape
from lstm_text.resumable import Plan
from lstm_text.reviews import Reading
from lstm_text.rungs import climb, climb_pretraining, climb_together, run_folder

_SHAPE = Shape(embedding_dim=256, hidden_size=384, pooling="concat", locked_dropout=0.2)
_READING = Reading(max_length=400, read_length=1_000)
_LANGUAGE = Course(
    _READING, _SHAPE, plan=Plan(epochs=3, batch_size=32, learning_rate=2e-3, precision="bfloat16")
)
_FINE = Course(
    _READING, _SHAPE, plan=Plan(epochs=3, batch_size=32, learning_rate=1e-3, precision="bfloat16")
)

PRETRAINING, ENSEMBLE = "言語モデルの事前学習", "アンサンブル"
LESSONS = {
    "事前学習 ＋ 微調整": Lesson("supervised"),
    "事前学習 ＋ 敵対的訓練": Lesson("adversarial", epsilon=5.0),
}
"""事前学習の後の段と、その目的。"""


@dataclass(frozen=True)
class Settings:
    """頂上の段の設定。

    Examples
    --------
    >>> Settings().seeds
    (0,)
    """

    seeds: tuple[int, ...] = (0,)


def units(settings: Settings) -> list[dict]:
    """段と種の組。"""
    rungs = [PRETRAINING, *LESSONS, ENSEMBLE]
    return [{"rung": rung, "seed": seed} for seed in settings.seeds for rung in rungs]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。前の段の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    device, data, code = get_device(), load_data(_FINE), fingerprint(__name__)
    language = _seeded(_LANGUAGE, unit["seed"])
    language_folder = run_folder("language", code, language)
    values = climb_pretraining(language, language_folder, data, device)
    if unit["rung"] == PRETRAINING:
        return values
    folders = []
    for rung, lesson in LESSONS.items():
        course = _seeded(_FINE, unit["seed"])
        course = replace(course, lesson=replace(lesson, language_model=str(language_folder)))
        folders.append(run_folder("reader", code, course))
        if unit["rung"] in (rung, ENSEMBLE):
            values = climb(course, folders[-1], data, device)
    if unit["rung"] == ENSEMBLE:
        return climb_together(folders, data, device)
    return values


def _seeded(course: Course, seed: int) -> Course:
    return replace(course, plan=replace(course.plan, seed=seed))
