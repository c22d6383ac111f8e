"""IMDb の感情分析を、端末から訓練し、評価し、使う。

    python -m lstm_text.imdb train                     訓練する
    python -m lstm_text.imdb train --resume            止めた訓練の続き（設定は保存したもの）
    python -m lstm_text.imdb train --resume --epochs 9   エポックの数を増やして続ける
    python -m lstm_text.imdb evaluate                  テスト用のレビューで評価する
    python -m lstm_text.imdb predict "A great film."   文章の評価を当てる
    python -m lstm_text.imdb predict --file a.txt --json   1 行に 1 つの文章を、JSON で答える
    python -m lstm_text.imdb pretrain --out lm         評価のないレビューで事前学習する
    torchrun --nproc-per-node=2 -m lstm_text.imdb train   2 つのプロセスで訓練する

結果は ``--out`` のフォルダに残ります。計算する場所は環境変数 ``LSTM_TEXT_DEVICE`` で選びます。
CPU では 1 スレッドで計算します（環境変数 ``OMP_NUM_THREADS`` で変えられます）。
本物の IMDb がなければ、組み込みのレビューで動き、そのことを表示します。
"""

import argparse
import math
import os
import sys
import warnings
from collections.abc import Callable

import torch
from tqdm import tqdm

from lstm_text import replace_unprintable
from lstm_text.datasets.find import Lacking
from lstm_text.device import describe, get_device
from lstm_text.imdb.allocator import reuse_freed_memory
from lstm_text.imdb.answers import answer, as_json, read_texts
from lstm_text.imdb.arguments import parse, settings_of
from lstm_text.imdb.data import ImdbData, lacking_is_told, load_labelled
from lstm_text.imdb.distributed import own_device, workers
from lstm_text.imdb.evaluate import (
    LENGTH_EDGES,
    calibration,
    calibration_error,
    count_negations,
    group_accuracy,
    is_right,
)
from lstm_text.imdb.learn import pretrain, teach
from lstm_text.imdb.lessons import MixedSettings, with_lessons
from lstm_text.imdb.longer import add_epochs, require_same_words, words_of
from lstm_text.imdb.prediction import predict, probabilities
from lstm_text.imdb.ranges import check_precision
from lstm_text.imdb.recipe import VALIDATION, Settings, load_data
from lstm_text.imdb.saved import load_trained, require_room
from lstm_text.imdb.trainer import STATE, Plan, Progress
from lstm_text.models import count_parameters
from lstm_text.storage import require_writable, telling


def main(arguments: list[str] | None = None) -> int:
    """命令を実行し、終了コードを返す（できなければ 1）。

    Parameters
    ----------
    arguments : list of str, optional
        省くと、このプロセスの引数。

    Returns
    -------
    int

    Examples
    --------
    >>> main(["predict", "--out", "none", "A great film."])
    1
    """
    replace_unprintable()
    chosen = parse(arguments)
    # oneDNN は、行列の形ごとに計算の準備を 1,024 個まで取っておく。レビューの長さはまちまちなので、
    # 事前学習ではそれだけで数 GB になる。16 個でも速さは変わらない
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    run = {"train": _train, "pretrain": _pretrain, "evaluate": _evaluate, "predict": _predict}
    more = "--resume を付ければ、続きから始められます。" if hasattr(chosen, "resume") else ""
    return telling(lambda: _explained(run[chosen.command], chosen), more)


def _explained(run: Callable[[argparse.Namespace], int], chosen: argparse.Namespace) -> int:
    """torch のする断りと、足りないメモリと部品も、1 文の断りにする。"""
    try:
        return run(chosen)
    except (RuntimeError, MemoryError, FloatingPointError, ModuleNotFoundError, OSError) as error:
        full = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if full or "allocate memory" in str(error):
            raise ValueError(
                "メモリが足りません。モデル（--hidden-size など）か --batch-size を"
                "小さくしてください。"
            ) from error
        if isinstance(error, OSError):
            raise
        raise ValueError(str(error)) from error


def _train(chosen: argparse.Namespace) -> int:
    def study(wanted: MixedSettings, folder, data, device, group, report):
        mixed = with_lessons(data, wanted.mixture.lessons, wanted.plan.seed)
        more = len(mixed.train) - len(data.train)
        if more and group.is_first:
            print(f"否定を教える短い文を {more:,} 件混ぜます。", flush=True)
        return teach(wanted, folder, mixed, device, group, report)

    return _study(chosen, study)


def _pretrain(chosen: argparse.Namespace) -> int:
    return _study(chosen, pretrain)


def _study(chosen: argparse.Namespace, study) -> int:
    wanted, folder = settings_of(chosen), chosen.out
    require_room(folder, chosen.resume)
    require_writable(folder)
    goes_on = (folder / STATE).exists()
    words = words_of(folder, wanted) if goes_on else ""
    device = own_device(get_device())
    check_precision(wanted.plan.precision, device)
    with workers(device) as group, lacking_is_told(group.is_first):
        if group.is_first:
            if chosen.resume and not goes_on:
                print(f"{folder} に続ける訓練がないので、初めから訓練します。")
            print(f"デバイス：{describe(device)}", flush=True)
        data = _read(wanted, chosen.command == "pretrain")
        if goes_on:
            require_same_words(folder, words, data)
        if group.is_first:
            if goes_on and (told := add_epochs(folder, wanted.plan.epochs)):
                print(told)
            _announce(data)
        group.wait()  # ほかのプロセスは、増やしたエポックの数を見てから続ける
        with _Bar(wanted.plan, group.is_first) as bar:
            rows = study(wanted, folder, data, device, group, bar)
        if group.is_first:
            for row in rows:
                print("  ".join(f"{name} {_shown(name, value)}" for name, value in row.items()))
            print(f"{folder} に残しました。")
    return 0


def _read(settings: Settings, needs_all: bool) -> ImdbData:
    """データを読む。評価のないレビューがなければ、要るなら断り、要らないなら、ないと言う。"""
    lesson = settings.lesson
    try:
        return load_data(settings)
    except Lacking as lacking:
        if needs_all or lesson.objective == "virtual" or lesson.vectors == "word2vec":
            raise
        warnings.warn(Lacking(f"{lacking}評価のあるレビューだけを使います。"), stacklevel=2)
        return load_labelled(settings.reading, VALIDATION, seed=0)


def _announce(data: ImdbData) -> None:
    print(data.source)
    print(
        f"訓練 {len(data.train):,} 件、検証 {len(data.validation):,} 件、"
        f"テスト {len(data.test):,} 件、語彙 {len(data.vocabulary):,}",
        flush=True,
    )


def _shown(name: str, value: float) -> str:
    if name == "epoch":
        return str(value)
    return f"{100 * value:.2f}%" if name.endswith("accuracy") else f"{value:.4f}"


class _Bar:
    """エポックごとの進み具合を、標準エラー出力に描く。"""

    def __init__(self, plan: Plan, shown: bool):
        self.plan, self.shown, self.bar = plan, shown, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()

    def __call__(self, progress: Progress) -> None:
        if self.bar is None:  # 1 回も進まないうちは、何も描かない
            self.bar = tqdm(disable=not self.shown, unit="回", leave=False, mininterval=0.5)
        if progress.step == 1:
            self.bar.reset(progress.steps)
            self.bar.set_description(f"エポック {progress.epoch}/{self.plan.epochs}")
        self.bar.set_postfix_str(f"損失 {progress.loss:.4f}", refresh=False)
        self.bar.update()


def _evaluate(chosen: argparse.Namespace) -> int:
    classifier, vocabulary, settings = load_trained(chosen.out)
    device = get_device()
    print(f"デバイス：{describe(device)}")
    with lacking_is_told(True):
        data = _read(settings, False)
    _announce(data)
    if data.vocabulary != vocabulary:
        raise ValueError(
            "いまのデータから作った語彙が、訓練のときと違います。"
            "訓練に使ったデータ（IMDb か組み込みか）で評価してください。"
        )
    probability = probabilities(classifier.to(device), data.test)
    labels = torch.tensor(data.test.labels)
    correct = is_right(probability, labels)
    accuracy = correct.double().mean().item()
    error = math.sqrt(accuracy * (1 - accuracy) / len(correct))
    print(f"パラメータ {count_parameters(classifier):,} 個")
    print(f"テストの精度 {100 * accuracy:.2f} %（標準誤差 {100 * error:.2f}）")
    lengths = data.test.texts.lengths
    print("長さ（トークン）ごと")
    _table(group_accuracy(correct, lengths, LENGTH_EDGES))
    share = torch.tensor([count_negations(ids, vocabulary) for ids in data.test.texts])
    print("否定の語の割合（%）ごと")
    _table(group_accuracy(correct, 100 * share / lengths.clamp_min(1), (0, 1, 2, 3)))
    rows = calibration(probability, labels)
    print(f"確信度ごと（期待較正誤差 {100 * calibration_error(rows):.2f} ポイント）")
    _table(rows)
    return 0


def _table(rows: list[dict]) -> None:
    for row in rows:
        high = "" if row["to"] is None else row["to"]
        print(
            f"  {row['from']}〜{high}  {row['count']:,} 件  "
            f"精度 {100 * row['accuracy']:.2f} ± {200 * row['error']:.2f} %"
        )


def _predict(chosen: argparse.Namespace) -> int:
    asked = read_texts(chosen)
    classifier, vocabulary, trained = load_trained(chosen.out)
    limit, code = trained.reading.read_length, 0
    for place, text in asked:
        try:
            if chosen.json:
                found = predict(classifier, vocabulary, text, limit)
                print(as_json(text, found, limit), flush=True)
            else:
                print(answer(classifier, vocabulary, text, limit), flush=True)
        except ValueError as error:  # 語のない文章。ほかの文章には答える
            print(f"できません：{place}{error}", file=sys.stderr)
            if chosen.json:
                print(as_json(text, None, limit), flush=True)
            code = 1
    return code


def _one_thread_unless_told() -> None:
    """スレッドの数が決められていなければ 1 つにする。

    既定の大きさの LSTM は、2 スレッドにしても速くならない。1 スレッドなら、隣で別の計算が動いても
    待ち合いで遅くならず、足し算の順序も、CPU の数によらず同じになる（実験 ``busy_neighbour``）。
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)


if __name__ == "__main__":
    _one_thread_unless_told()
    reuse_freed_memory()
    sys.exit(main())
