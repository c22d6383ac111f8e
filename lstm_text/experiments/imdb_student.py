"""IMDb の自己訓練：先生より良い生徒は育つか

``imdb_ladder`` と ``imdb_summit`` で訓練した 4 つのモデル（初めの種のもの）が、評価のないレビュー
50,000 件に答えを付ける。事前学習した LSTM から始めた生徒が、その答えを正解の代わりにして学ぶ
（Lee, 2013）。最後に、生徒どうしと、生徒と先生の全部をアンサンブルにする。止めても、失うのは
1 エポックまで。
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_text.datasets import cache_folder, load_imdb
from lstm_text.dependencies import fingerprint
from lstm_text.device import get_device
from lstm_text.experiments import NotHere
from lstm_text.experiments import imdb_summit as summit
from lstm_text.lessons import Settings as Course
from lstm_text.lessons import load_data, load_reader, teach
from lstm_text.rungs import (
    climb,
    climb_pretraining,
    climb_together,
    climb_with_words,
    pair_scores,
    run_folder,
)
from lstm_text.self_training import answers, with_answers

STUDENT = "自己訓練"
STUDENTS, EVERYONE = "生徒のアンサンブル", "生徒と先生 ＋ NB-SVM"


@dataclass(frozen=True)
class Settings:
    """生徒の訓練の設定。ほかは先生のうちの「事前学習 ＋ 敵対的訓練」と同じ。

    Examples
    --------
    >>> Settings().epochs
    2
    """

    seeds: tuple[int, ...] = (0, 1)
    teacher_seed: int = 0
    epochs: int = 2
    batch_size: int = 64


def units(settings: Settings) -> list[dict]:
    """種ごとの生徒と、アンサンブル。"""
    students = [{"rung": STUDENT, "seed": seed} for seed in settings.seeds]
    return [
        *students,
        *({"rung": rung, "seed": settings.seeds[0]} for rung in (STUDENTS, EVERYONE)),
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を登る。先生や生徒の途中の結果がなければ、それも作る。"""
    if load_imdb().source.is_builtin:
        raise NotHere("本物の IMDb が必要です。")
    device, data, code = get_device(), load_data(summit.FINE), fingerprint("lstm_text.lessons")
    language = run_folder("language", code, summit.LANGUAGE)
    climb_pretraining(summit.LANGUAGE, language, data, device)
    lessons = summit.members(language, [settings.teacher_seed])
    teachers = summit.trained(lessons, data, device)
    group = _digest(teachers)
    answered = cache_folder() / "runs" / f"answers-{group}.safetensors"
    loaded = [load_reader(folder)[0].to(device) for folder in teachers]
    more = with_answers(data, answers(loaded, data, answered))

    courses = [student_course(lessons[-1], settings, seed) for seed in settings.seeds]
    students = [run_folder(f"student-{group}", code, course) for course in courses]
    if unit["rung"] == STUDENT:
        k = settings.seeds.index(unit["seed"])
        return climb(courses[k], students[k], more, device)
    for course, folder in zip(courses, students, strict=True):
        teach(course, folder, more, device)
    if unit["rung"] == STUDENTS:
        return climb_together(students, data, device)
    everyone = summit.trained(summit.members(language, settings.seeds), data, device)
    return climb_with_words([*students, *everyone], pair_scores(), data, device)


def student_course(teacher: Course, settings: Settings, seed: int) -> Course:
    """先生の設定から、回数とミニバッチの件数だけを変える。"""
    plan = replace(teacher.plan, epochs=settings.epochs, batch_size=settings.batch_size, seed=seed)
    return replace(teacher, plan=plan)


def _digest(folders: list[Path]) -> str:
    """先生が変われば、生徒も別のフォルダで訓練する。"""
    return hashlib.sha256(" ".join(folder.name for folder in folders).encode()).hexdigest()[:8]
