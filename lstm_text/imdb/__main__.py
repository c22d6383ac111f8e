"""IMDb の感情分析を、端末から訓練し、評価し、使う。

    python -m lstm_text.imdb train                     訓練する
    python -m lstm_text.imdb train --resume            止めた訓練の続き
    python -m lstm_text.imdb evaluate                  テスト用のレビューで評価する
    python -m lstm_text.imdb predict "A great film."   文章の評価を当てる
    python -m lstm_text.imdb pretrain --out lm         評価のないレビューで事前学習する
    torchrun --nproc-per-node=2 -m lstm_text.imdb train   2 つのプロセスで訓練する

結果は ``--out`` のフォルダに残ります。計算する場所は環境変数 ``LSTM_TEXT_DEVICE`` で選びます。
本物の IMDb がなければ、組み込みのレビューで動き、そのことを表示します。
"""

import argparse
import math
import os
import re
import sys
from dataclasses import fields
from pathlib import Path

import torch
from tqdm import tqdm

from lstm_text.device import describe, get_device
from lstm_text.imdb.allocator import reuse_freed_memory
from lstm_text.imdb.classifier import Shape
from lstm_text.imdb.data import ImdbData, TextOptions
from lstm_text.imdb.distributed import own_device, workers
from lstm_text.imdb.evaluate import (
    LENGTH_EDGES,
    calibration,
    calibration_error,
    count_negations,
    group_accuracy,
    is_right,
)
from lstm_text.imdb.explain import gradient_times_input
from lstm_text.imdb.learn import load_classifier, pretrain, teach
from lstm_text.imdb.prediction import predict, probabilities
from lstm_text.imdb.recipe import Lesson, Settings, load_data
from lstm_text.imdb.trainer import STATE, Plan, Progress
from lstm_text.models import count_parameters
from lstm_text.text import tokenize

_GROUPS = {"reading": TextOptions, "shape": Shape, "lesson": Lesson, "plan": Plan}
_SHOWN_WORDS = 5
_TITLES = {"reading": "文章の読み方", "shape": "モデルの形", "lesson": "目的", "plan": "進め方"}


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
    chosen = _parser().parse_args(arguments)
    # oneDNN は、行列の形ごとに計算の準備を 1,024 個まで取っておく。レビューの長さはまちまちなので、
    # 事前学習ではそれだけで数 GB になる。16 個でも速さは変わらない
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    try:
        chosen.run(chosen)
    except (OSError, ValueError, RuntimeError, FloatingPointError, ModuleNotFoundError) as error:
        print(f"できません：{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("止めました。--resume を付ければ、続きから始められます。", file=sys.stderr)
        return 130
    return 0


class _Parser(argparse.ArgumentParser):
    """引数の誤りを日本語で言う。"""

    def error(self, message: str):
        for pattern, japanese in _ARGUMENT_ERRORS.items():
            message = re.sub(pattern, japanese, message)
        self.exit(2, f"引数が違います：{message}\n説明は {self.prog} --help\n")


_ARGUMENT_ERRORS = {
    r"unrecognized arguments: (.*)": r"\1 という引数はありません。",
    r"the following arguments are required: (.*)": r"\1 が必要です。",
    r"argument (\S+): expected one argument": r"\1 には値が必要です。",
    r"argument (\S+): invalid int value: (.*)": r"\1 には整数が必要ですが、\2 でした。",
    r"argument (\S+): invalid float value: (.*)": r"\1 には数が必要ですが、\2 でした。",
    r"argument (\S+): invalid choice: (\S+) .*": r"\1 に \2 というものはありません。",
    r"ambiguous option: (.*) could match (.*)": r"\1 は \2 のどれかわかりません。",
}


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("python -m lstm_text.imdb", description="IMDb の感情分析", add_help=False)
    _add_help(parser)
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    for name, run, text in (
        ("train", _train, "訓練する"),
        ("pretrain", _pretrain, "評価のないレビューで言語モデルを訓練する"),
        ("evaluate", _evaluate, "テスト用のレビューで評価する"),
        ("predict", _predict, "文章の評価を当てる"),
    ):
        command = commands.add_parser(name, help=text, description=text, add_help=False)
        _add_help(command)
        command.set_defaults(run=run)
        command.add_argument(
            "--out",
            type=Path,
            default=Path("imdb_model"),
            metavar="フォルダ",
            help="結果の置き場所",
        )
        if name in ("train", "pretrain"):
            command.add_argument("--resume", action="store_true", help="止めた訓練の続きをする")
            for group, kind in _GROUPS.items():
                _add_options(command.add_argument_group(_TITLES[group]), kind)
        elif name == "predict":
            command.add_argument("texts", nargs="*", metavar="文章", help="省くと標準入力から読む")
    return parser


def _add_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="help", help="この説明を出して終わる")


def _add_options(group, kind: type) -> None:
    for f in fields(kind):
        group.add_argument(
            f"--{f.name.replace('_', '-')}",
            type=f.type,
            default=f.default,
            metavar={int: "整数", float: "数"}.get(f.type, "名前"),
            help=f"{f.metadata['help']}（{f.default if f.default != '' else 'なし'}）",
        )


def _settings(chosen: argparse.Namespace) -> Settings:
    return Settings(
        **{
            name: kind(**{f.name: getattr(chosen, f.name) for f in fields(kind)})
            for name, kind in _GROUPS.items()
        }
    )


def _train(chosen: argparse.Namespace) -> None:
    _study(chosen, teach)


def _pretrain(chosen: argparse.Namespace) -> None:
    _study(chosen, pretrain)


def _study(chosen: argparse.Namespace, study) -> None:
    settings, folder = _settings(chosen), chosen.out
    if (folder / STATE).exists() and not chosen.resume:
        raise ValueError(
            f"{folder} にはもう訓練があります。続きからなら --resume を、"
            "初めからなら別の --out を指定してください。"
        )
    device = own_device(get_device())
    with workers(device) as group:
        if group.is_first:
            print(f"デバイス：{describe(device)}", flush=True)
        data = load_data(settings)
        if group.is_first:
            _announce(data)
        with _Bar(settings.plan, group.is_first) as bar:
            rows = study(settings, folder, data, device, group, bar)
        if group.is_first:
            for row in rows:
                print("  ".join(f"{name} {_shown(name, value)}" for name, value in row.items()))
            print(f"{folder} に残しました。")


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
        self.plan = plan
        self.bar = tqdm(disable=not shown, unit="回", leave=False, mininterval=0.5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bar.close()

    def __call__(self, progress: Progress) -> None:
        if progress.step == 1:
            self.bar.reset(progress.steps)
            self.bar.set_description(f"エポック {progress.epoch}/{self.plan.epochs}")
        self.bar.set_postfix_str(f"損失 {progress.loss:.4f}", refresh=False)
        self.bar.update()


def _evaluate(chosen: argparse.Namespace) -> None:
    classifier, vocabulary, settings = load_classifier(chosen.out)
    device = get_device()
    print(f"デバイス：{describe(device)}")
    data = load_data(settings)
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


def _table(rows: list[dict]) -> None:
    for row in rows:
        high = "" if row["to"] is None else row["to"]
        print(
            f"  {row['from']}〜{high}  {row['count']:,} 件  "
            f"精度 {100 * row['accuracy']:.2f} ± {200 * row['error']:.2f} %"
        )


def _predict(chosen: argparse.Namespace) -> None:
    classifier, vocabulary, settings = load_classifier(chosen.out)
    limit = settings.reading.read_length
    # 端末の文字コードによらず、読めない所は置き換えて読む
    texts = chosen.texts or [sys.stdin.buffer.read().decode("utf-8", "replace")]
    for text in texts:
        answer = predict(classifier, vocabulary, text, limit)
        tokens = tokenize(text)
        n = len(tokens)
        print(answer, f"（{n:,} トークンのうち、先頭の {limit:,} だけ）" if n > limit else "")
        explanation = gradient_times_input(classifier, vocabulary, tokens[:limit])
        words = (f"{w} {value:+.2f}" for w, value in explanation.strongest(_SHOWN_WORDS))
        line = f"  ロジットを動かした語：{'、'.join(words)}"
        # 端末の文字コードで書けない文字は、? にする
        print(line.encode(_encoding(), "replace").decode(_encoding()))


def _encoding() -> str:
    return sys.stdout.encoding or "utf-8"


if __name__ == "__main__":
    reuse_freed_memory()
    sys.exit(main())
