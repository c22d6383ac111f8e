"""IMDb の自己訓練：先生より良い生徒は育つか

``imdb_ladder`` と ``imdb_summit`` で訓練した 4 つのモデル（初めの種のもの）が、評価のないレビュー
50,000 件に答えを付ける。事前学習した LSTM から始めた生徒が、その答えを正解の代わりにして学ぶ
（Lee, 2013）。止めても、失うのは 1 エポックまで。
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_text.datasets import load_imdb
from lstm_text.dependencies import fingerprint
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments import imdb_summit as summit
from lstm_text.lessons import Settings as Course
from lstm_text.lessons import load_data, load_reader, teach
from lstm_text.rungs import climb, climb_pretraining, run_folder
from lstm_text.self_training import answers, with_answers

STUDENT = "自己訓練"


@dataclass(frozen=True)
class Settings:
    """生徒の訓練の設定。ほかは先生のうちの「事前学習 ＋ 敵対的訓練」と同じ。

    Examples
    --------
    >>> Settings().epochs
    2
    """

    seeds: tuple[int, ...] = (0,)
    teacher_seed: int = 0
    epochs: int = 2
    batch_size: int = 64


def units(settings: Settings) -> list[dict]:
    """種ごとの生徒。"""
    return [{"rung": STUDENT, "seed": seed} for seed in settings.seeds]


def run(unit: dict, settings: Settings) -> dict:
    """生徒を訓練する。先生の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    device, data, code = get_device(), load_data(summit._FINE), fingerprint("lstm_text.lessons")
    language = run_folder("language", code, summit._LANGUAGE)
    climb_pretraining(summit._LANGUAGE, language, data, device)
    courses = [summit._after(language, course) for course in summit.COURSES.values()]
    teachers = []
    for each in (*summit.FROM_LADDER, *courses):
        course = summit._seeded(each, settings.teacher_seed)
        teachers.append(run_folder("reader", code, course))
        teach(course, teachers[-1], data, device)

    course = student_course(courses[-1], settings, unit["seed"])
    student = run_folder(f"student-{_digest(teachers)}", code, course)
    loaded = [load_reader(folder)[0].to(device) for folder in teachers]
    more = with_answers(data, answers(loaded, data, student / "answers.safetensors"))
    return climb(course, student, more, device)


def student_course(teacher: Course, settings: Settings, seed: int) -> Course:
    """先生の設定から、回数とミニバッチの件数だけを変える。"""
    plan = replace(teacher.plan, epochs=settings.epochs, batch_size=settings.batch_size, seed=seed)
    return replace(teacher, plan=plan)


def _digest(folders: list[Path]) -> str:
    """先生が変われば、生徒も別のフォルダで訓練する。"""
    return hashlib.sha256(" ".join(folder.name for folder in folders).encode()).hexdigest()[:8]
