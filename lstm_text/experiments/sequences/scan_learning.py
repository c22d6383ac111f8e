"""並列に計算できる再帰は、何を得て何を失うか

最初の記号（``recall``、精度）、加算問題（``adding``、平均二乗誤差）、1 つから 4 つの印のうち最初の
印の値（``first_mark``、平均二乗誤差）を、minGRU、minLSTM と、GRU、LSTM で比べます。どの層も、入力が
0 のときに状態の σ(3) を残し、候補値の σ(-3) を書き込むところから始めます。``first_mark`` は本の中で
動かすので、記録にはとりません。
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.races.many_seeds import ManySeeds, fit_together
from lstm_text.fast import MinGRU, MinLSTM, ScanLayer, keep_bias_
from lstm_text.layers import GRU, LSTM, RecurrentLayer
from lstm_text.models import LastState
from lstm_text.tasks import adding, first_symbol
from lstm_text.training import accuracy

LAYERS = {"GRU": GRU, "LSTM": LSTM, "minGRU": MinGRU, "minLSTM": MinLSTM}
KEEP = 3.0
MARKS = 4
TEST_SEED = 10_000


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = tuple(range(10))
    recall_lengths: tuple[int, ...] = (20, 50, 100)
    adding_lengths: tuple[int, ...] = (20, 50)
    first_mark_lengths: tuple[int, ...] = ()
    models: tuple[tuple[str, int], ...] = (
        ("minGRU", 1), ("minGRU", 2), ("minLSTM", 1), ("GRU", 1), ("LSTM", 1)
    )  # fmt: skip
    hidden_size: int = 16
    batch_size: int = 16
    recall_updates: int = 200
    adding_updates: int = 400
    first_mark_updates: int = 600
    lr: float = 1e-2
    clip: float = 1.0
    test_size: int = 300


def units(settings: Settings) -> list[dict]:
    """測るもの：課題・系列長・再帰層・層の数の組。"""
    return [
        {"task": task, "length": length, "model": model, "layers": n}
        for task in TASKS
        for length in getattr(settings, task + "_lengths")
        for model, n in settings.models
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。``score`` は更新の終わりの、種ごとの評価。"""
    draw, inputs, outputs, loss, score = TASKS[unit["task"]]
    length = unit["length"]
    together = ManySeeds(
        [
            build(unit["model"], inputs, settings.hidden_size, unit["layers"], outputs, seed)
            for seed in settings.seeds
        ]
    ).to(get_device())
    rows = fit_together(
        together,
        settings.seeds,
        lambda g: draw(settings.batch_size, length, g),
        loss,
        torch.optim.Adam(together.parameters(), settings.lr),
        updates=getattr(settings, unit["task"] + "_updates"),
        clip=settings.clip,
        test=draw(settings.test_size, length, generator(TEST_SEED)),
        score=score,
    )
    return {"score": rows[-1]["score"], "curve": [row["score"] for row in rows]}


def build(model: str, inputs: int, hidden: int, layers: int, outputs: int, seed: int) -> LastState:
    """残す割合と書き込む割合をそろえた再帰層に、線形の出力層を付ける。"""
    with seeded(seed):
        layer = LAYERS[model](inputs, hidden, layers, batch_first=True)
        head = LastState(layer, outputs)
    start_remembering_(layer)
    return head


@torch.no_grad()
def start_remembering_(layer: RecurrentLayer) -> None:
    """入力が 0 のときに残す割合を σ(3)、書き込む割合を σ(-3) にする。"""
    if isinstance(layer, ScanLayer):
        keep_bias_(layer, KEEP)
        return
    for name, bias in layer.named_parameters():
        if name.startswith("bias"):
            gates = bias.view(layer.cell.gates, -1)
            here = name.startswith("bias_ih")  # 2 本のバイアスは足される。片方に入れ、片方は 0
            if isinstance(layer, LSTM):
                gates[0] = -KEEP if here else 0
            gates[1] = KEEP if here else 0


def first_mark(n: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """印の付いた値のうち、最初のものを答える課題。入力の形は加算問題と同じで、印は 1〜4 個。"""
    values = torch.rand(n, length, generator=generator)
    places = torch.rand(n, length, generator=generator).topk(MARKS, dim=1).indices
    count = torch.randint(1, MARKS + 1, (n, 1), generator=generator)
    used = torch.arange(MARKS) < count
    marks = torch.zeros(n, length).scatter_(1, places, used.float())
    first = places.masked_fill(~used, length).amin(dim=1, keepdim=True)
    return torch.stack([values, marks], dim=-1), values.gather(1, first)


TASKS = {
    "recall": (first_symbol, 10, 10, cross_entropy, accuracy),
    "adding": (adding, 2, 1, mse_loss, mse_loss),
    "first_mark": (first_mark, 2, 1, mse_loss, mse_loss),
}
"""課題の名前から ``(データ, 入力の次元, 出力の次元, 損失, 評価)``。"""
