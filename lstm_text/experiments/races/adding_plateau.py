"""系列長 100 の加算問題：60 エポックで停滞を抜けるか

決まった本数の訓練データを、毎エポック使い回す設定です。データはどの種も同じで、初期値とミニバッチの
並びが種ごとに違います。いつも 1 と答えたときの誤差は 1/6、印を片方だけ覚えたときは 1/12 です。
``left`` は、検証の誤差が初めて 1/12 を下回ったエポック、``solved`` は、初めて 0.01 を下回った
エポックで、最後まで下回らなければ空（None）になります。
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.races.many_seeds import numbers
from lstm_text.init import chrono_
from lstm_text.models import LastState
from lstm_text.tasks import adding
from lstm_text.training import History, batches, fit

LAYERS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU, "LSTM（chrono）": nn.LSTM}
TRAIN_SEED, VALIDATION_SEED = 0, 1


@dataclass(frozen=True)
class Settings:
    """記録の設定。``trials`` は、モデル・隠れ状態の次元・学習率・エポックの数。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    trials: tuple[tuple[str, int, float, int], ...] = (
        ("RNN", 128, 1e-3, 60),
        ("LSTM", 128, 1e-3, 60),
        ("LSTM（chrono）", 128, 1e-3, 60),
        ("RNN", 32, 3e-3, 60),
        ("LSTM", 32, 3e-3, 100),
        ("LSTM（chrono）", 32, 3e-3, 60),
    )
    length: int = 100
    samples: int = 4000
    validation: int = 1000
    batch_size: int = 128


def units(settings: Settings) -> list[dict]:
    """測るもの：モデルと、その大きさと訓練の長さの組。"""
    names = ("model", "hidden", "lr", "epochs")
    return [dict(zip(names, trial, strict=True)) for trial in settings.trials]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``loss`` と ``val_loss`` は、最後のエポックの値。"""
    train = adding(settings.samples, settings.length, generator(TRAIN_SEED))
    validation = adding(settings.validation, settings.length, generator(VALIDATION_SEED))
    histories = [_history(unit, settings, seed, train, validation) for seed in settings.seeds]
    curve = [
        {"epoch": epoch, "loss": _each(histories, "loss", epoch)}
        | {"val_loss": _each(histories, "val_loss", epoch)}
        for epoch in range(1, unit["epochs"] + 1)
    ]
    return {
        "loss": curve[-1]["loss"],
        "val_loss": curve[-1]["val_loss"],
        "left": [_first_below(history["val_loss"], 1 / 12) for history in histories],
        "solved": [_first_below(history["val_loss"], 0.01) for history in histories],
        "curve": curve,
    }


def _history(
    unit: dict,
    settings: Settings,
    seed: int,
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
) -> History:
    with seeded(seed):
        layer = LAYERS[unit["model"]](2, unit["hidden"], batch_first=True)
        model = LastState(layer, 1).to(get_device())
    if unit["model"] == "LSTM（chrono）":
        chrono_(model, settings.length, generator(seed))
    return fit(
        model,
        batches(*train, batch_size=settings.batch_size, generator=generator(seed)),
        mse_loss,
        torch.optim.Adam(model.parameters(), unit["lr"]),
        epochs=unit["epochs"],
        validation=batches(*validation, batch_size=250),
    )


def _each(histories: Sequence[History], column: str, epoch: int) -> list[float | None]:
    """そのエポックの、種ごとの値。"""
    return numbers(torch.tensor([history[column][epoch - 1] for history in histories]))


def _first_below(errors: Sequence[float], level: float) -> int | None:
    """誤差が ``level`` を初めて下回ったエポック。"""
    return next((epoch for epoch, error in enumerate(errors, 1) if error < level), None)
