"""命令の引数：選べるもの、既定の設定、値の範囲、保存した設定との照らし合わせ。"""

import argparse
import os
import re
import sys
from dataclasses import asdict, fields, replace
from itertools import islice
from pathlib import Path

from lstm_text.imdb.classifier import Shape
from lstm_text.imdb.command_parser import CommandParser
from lstm_text.imdb.learn import CONFIG
from lstm_text.imdb.lessons import MixedSettings
from lstm_text.imdb.ranges import PARSERS, check_value, check_values, quoted
from lstm_text.imdb.recipe import Settings
from lstm_text.imdb.saved import read_saved, read_settings, settings_in
from lstm_text.imdb.trainer import MODEL, MODEL_KIND, STATE, Plan, differences

DEFAULTS = {
    "train": MixedSettings(
        shape=Shape(embedding_dim=64, hidden_size=32, pooling="attention", locked_dropout=0.0),
        plan=Plan(epochs=2, batch_size=32, learning_rate=4e-3),
    ),
    "pretrain": Settings(),
}
"""訓練する命令の、既定の設定。``train`` は、IMDb の章のはしごの 1 段め。"""

_GROUPS = {
    "train": ("reading", "mixture", "shape", "lesson", "plan"),
    "pretrain": ("reading", "shape", "plan"),
}
_TITLES = {
    "reading": "文章の読み方",
    "mixture": "訓練用に混ぜるもの",
    "shape": "モデルの形",
    "lesson": "目的",
    "plan": "進め方",
}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """引数を読む。値が範囲の外なら、日本語で断って終わる（終了コード 2）。

    Parameters
    ----------
    arguments : list of str, optional
        省くと、このプロセスの引数。

    Returns
    -------
    argparse.Namespace
        訓練の設定は、打たれたものだけを持つ（:func:`settings_of` が既定の設定に重ねる）。

    Examples
    --------
    >>> parse(["predict", "-1/10", "--json"]).texts
    ['-1/10']
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["predict"]:
        arguments = ["predict", *_texts_last(arguments[1:])]
    return _parser().parse_args(arguments)


def settings_of(chosen: argparse.Namespace) -> Settings:
    """``train`` か ``pretrain`` の、訓練の設定。

    ``--resume`` なら保存した設定、そうでなければ既定の設定に、打たれたものを重ねます。
    保存した設定は、エポックの数を増やすほかには変えられません。

    Parameters
    ----------
    chosen : argparse.Namespace

    Returns
    -------
    Settings
        ``train`` なら ``MixedSettings``。

    Raises
    ------
    ValueError
        値が許されないとき、保存した設定から変えられないとき、保存した設定を読めないとき。
    FileNotFoundError
        ``--language-model`` のフォルダに言語モデルがないとき。

    Examples
    --------
    >>> settings_of(parse(["train", "--epochs", "3"])).plan.epochs
    3
    """
    saved = _saved(chosen) if chosen.resume else None
    wanted = _overlaid(saved or _start(chosen), chosen)
    if wanted.lesson.vectors == "glove" and wanted.shape.embedding_dim not in (50, 100):
        raise ValueError(
            "--vectors glove には --embedding-dim 50 か 100 が必要ですが、"
            f"{wanted.shape.embedding_dim} でした。"
        )
    if saved:
        epochs = max(saved.plan.epochs, wanted.plan.epochs)
        longer = replace(saved, plan=replace(saved.plan, epochs=epochs))
        if changed := differences(asdict(longer), asdict(wanted)):
            raise ValueError(
                f"{chosen.out} の訓練とは設定が違うので、続けられません：{changed}。"
                "変えられるのは、--epochs を増やすことだけです。"
            )
    return wanted


def _saved(chosen: argparse.Namespace) -> Settings | None:
    """止めた訓練の設定。まだなければ None。"""
    kind, path = type(DEFAULTS[chosen.command]), chosen.out / CONFIG
    if not path.is_file():
        if (chosen.out / STATE).exists():
            raise FileNotFoundError(f"{path} がないので、続けられません。")
        return None
    config = read_settings(path)
    if config.keys() != {f.name for f in fields(kind)}:
        raise ValueError(
            f"{path} は {chosen.command} の設定ではありません（別の命令か、別の版のものです）。"
        )
    check_values(config, kind, path)
    return settings_in(config, kind, path)


def _start(chosen: argparse.Namespace) -> Settings:
    """既定の設定。言語モデルから始めるなら、移す重みの大きさは、言語モデルのもの。"""
    default = DEFAULTS[chosen.command]
    if not getattr(chosen, "language_model", ""):
        return default
    path = Path(chosen.language_model) / MODEL
    _, about = read_saved(path, MODEL_KIND, "reading", "shape")
    check_value(about.get("vocabulary"), f"{path} の vocabulary", quoted)
    sizes = {
        "reading": ("vocab_size",),
        "shape": ("embedding_dim", "hidden_size", "num_layers"),
    }
    for group, names in sizes.items():
        for name in names:
            check_value(about[group].get(name), f"{path} の {group}.{name}", PARSERS[name])
    return replace(
        default,
        **{
            group: replace(getattr(default, group), **{name: about[group][name] for name in names})
            for group, names in sizes.items()
        },
    )


def _overlaid(start: Settings, chosen: argparse.Namespace) -> Settings:
    typed = vars(chosen)
    groups = {f.name: getattr(start, f.name) for f in fields(start)}
    return replace(
        start,
        **{
            name: replace(
                group, **{f.name: typed[f.name] for f in fields(group) if f.name in typed}
            )
            for name, group in groups.items()
        },
    )


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser("python -m lstm_text.imdb", description="IMDb の感情分析")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True, dest="command")
    for name, text in (
        ("train", "訓練する"),
        ("pretrain", "評価のないレビューで言語モデルを訓練する"),
        ("evaluate", "テスト用のレビューで評価する"),
        ("predict", "文章の評価を当てる"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.always.add_argument(
            "--out",
            type=_folder,
            default=Path("imdb_model"),
            metavar="フォルダ",
            help="結果の置き場所",
        )
        if name in DEFAULTS:
            _add_settings(command, name)
        elif name == "predict":
            _add_texts(command)
    return parser


def _add_settings(command: CommandParser, name: str) -> None:
    command.always.add_argument(
        "--resume", action="store_true", help="止めた訓練の続きをする（設定は保存したもの）"
    )
    for part in _GROUPS[name]:
        group, default = command.add_argument_group(_TITLES[part]), getattr(DEFAULTS[name], part)
        for f in fields(default):
            value = getattr(default, f.name)
            group.add_argument(
                f"--{f.name.replace('_', '-')}",
                type=_TYPES.get(f.name, str),
                default=argparse.SUPPRESS,
                metavar={int: "整数", float: "数"}.get(f.type, "名前"),
                help=f"{f.metadata['help']}（{value if value != '' else 'なし'}）",
            )


def _add_texts(command: CommandParser) -> None:
    asked = command.add_argument_group("文章と答え")
    asked.add_argument(
        "texts",
        nargs="*",
        metavar="文章",
        help="省くと、標準入力の全体を 1 つの文章として読む（-- の後は、- で始まっても文章）",
    )
    asked.add_argument(
        "--file",
        type=_file,
        metavar="ファイル",
        help="1 行に 1 つの文章を書いた UTF-8 のファイル（- なら標準入力）",
    )
    asked.add_argument("--json", action="store_true", help="答えを、1 行に 1 つの JSON で書く")


def _folder(text: str) -> Path:
    """打たれたフォルダ。``--out=~/a`` の ``~`` は、シェルが開かない。"""
    return _at_home(text, "フォルダの名前")


def _file(text: str) -> Path | str:
    return text if text == "-" else _at_home(text, "ファイルの名前")


def _at_home(text: str, needed: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError(f"{needed}が必要ですが、空でした。")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(
            f"{needed}が必要ですが、{text[:40]} の ~ がどこかわかりませんでした。"
            "~ を使わずに書いてください。"
        ) from error


def _language_model(text: str) -> str:
    return text and os.fspath(_folder(text))


_TYPES = PARSERS | {"language_model": _language_model}
_OF_PREDICT = ("-h", "--help", "--out", "--file", "--json")
_OPTION = re.compile(r"-[A-Za-z]\S*|--[A-Za-z][\w-]*(=.*)?", re.DOTALL)


def _texts_last(arguments: list[str]) -> list[str]:
    """``predict`` の引数を、文章が最後になるように並べる。``-1/10`` も文章として読める。"""
    options, texts, rest = [], [], iter(arguments)
    for argument in rest:
        if argument == "--":
            texts.extend(rest)
        elif not _OPTION.fullmatch(argument):
            texts.append(argument)
        else:
            name = argument.partition("=")[0]
            # argparse は、空白のある知らない引数を、文章とみなす
            options.append(argument if name in _OF_PREDICT else name)
            if argument in ("--out", "--file"):
                options.extend(islice(rest, 1))
    return [*options, "--", *texts] if texts else options
