"""層を重ねるほど良くなるか：LSTM の 1・2・3 層

思い出す課題、2 つの長さの加算問題、先読みのタグ付け（双方向）、次の 1 文字で、層の数だけを変えて
比べます。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contenders import build
from lstm_text.experiments.races.contests import adam, compete
from lstm_text.experiments.races.next_character import TASKS
from lstm_text.models import count_parameters


@dataclass(frozen=True)
class Settings:
    """記録の設定。``contests`` は、課題・モデル・系列長・学習率・更新の回数。"""

    seeds: tuple[int, ...] = tuple(range(40))
    layers: tuple[int, ...] = (1, 2, 3)
    contests: tuple[tuple[str, str, int, float, int], ...] = (
        ("recall", "LSTM（b=1）", 10, 1e-2, 300),
        ("adding", "LSTM", 10, 1e-2, 500),
        ("adding", "LSTM", 20, 1e-2, 500),
        ("tagging", "双方向 LSTM", 10, 1e-2, 150),
        ("character", "LSTM", 20, 1e-2, 150),
    )
    hidden_size: int = 32
    batch_size: int = 32
    clip: float = 1.0


def units(settings: Settings) -> list[dict]:
    """測るもの：課題と層の数の組。"""
    return [
        {"contest": contest, "layers": layers}
        | {"model": model, "length": length, "lr": lr, "updates": updates}
        for contest, model, length, lr, updates in settings.contests
        for layers in settings.layers
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``score`` は更新の終わりの、種ごとの評価。"""
    contest = TASKS[unit["contest"]]
    curve = compete(
        contest,
        unit["model"],
        settings.seeds,
        adam(unit["lr"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
        clip=settings.clip,
        every=50,
        num_layers=unit["layers"],
    )
    model = build(
        contest.head, unit["model"], contest.input_size, settings.hidden_size,
        unit["length"], 0, unit["layers"],
    )  # fmt: skip
    return {
        "score": curve[-1]["score"],
        "parameters": count_parameters(model),
        "curve": curve,
    }
