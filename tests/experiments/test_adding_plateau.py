"""系列長 100 の加算問題の実験：小さな設定で、手で書いた訓練と同じ数字になること。"""

import pytest
import torch
from torch import nn

from lstm_text.experiments.races import adding_plateau
from lstm_text.experiments.races.adding_plateau import Settings, run, units
from lstm_text.training import batches

TINY = Settings(
    seeds=(0, 5),
    trials=(("LSTM（chrono）", 6, 0.02, 3), ("GRU", 4, 0.01, 2)),
    length=8,
    samples=10,
    validation=6,
    batch_size=4,
)


def draw(n, seed):
    """値と、一様に選んだ 2 か所の印と、その和。"""
    g = torch.Generator().manual_seed(seed)
    values, ranks = (torch.rand(n, TINY.length, generator=g) for _ in range(2))
    marks = (ranks >= ranks.sort(dim=1).values[:, [-2]]).float()
    return torch.stack([values, marks], dim=-1), (values * marks).sum(dim=1)


def trained_by_hand(kind, hidden, lr, epochs, seed, start):
    """``fit`` を使わずに訓練した、エポックごとの（訓練、検証）の平均二乗誤差。"""
    (x, y), (val_x, val_y) = draw(TINY.samples, 0), draw(TINY.validation, 1)
    torch.manual_seed(seed)
    layer, head = kind(2, hidden, batch_first=True), nn.Linear(hidden, 1)
    start(layer)

    def errors(x, y):
        return (head(layer(x)[0][:, -1])[:, 0] - y) ** 2

    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr)
    numbers = torch.arange(len(x))
    order = batches(
        numbers, batch_size=TINY.batch_size, generator=torch.Generator().manual_seed(seed)
    )
    rows = []
    for _ in range(epochs):
        seen = []
        for (chosen,) in order:
            squares = errors(x[chosen], y[chosen])
            optimizer.zero_grad()
            squares.mean().backward()
            optimizer.step()
            seen.append(squares.detach())
        with torch.no_grad():
            rows.append((torch.cat(seen).mean().item(), errors(val_x, val_y).mean().item()))
    return rows


def chrono_of(seed):
    """忘却ゲートのバイアスは log U(1, T-1)、入力ゲートはその符号違い。"""

    @torch.no_grad()
    def start(lstm):
        u = torch.rand(lstm.hidden_size, generator=torch.Generator().manual_seed(seed))
        forget = (1 + u * (TINY.length - 2)).log()
        lstm.bias_ih_l0[: 2 * lstm.hidden_size] = torch.cat([-forget, forget])
        lstm.bias_hh_l0[: 2 * lstm.hidden_size] = 0

    return start


@pytest.mark.parametrize("unit", units(TINY), ids=lambda unit: unit["model"])
def test_the_curves_are_those_of_a_loop_written_by_hand(unit):
    values = run(unit, TINY)
    kind = {"GRU": nn.GRU, "LSTM（chrono）": nn.LSTM}[unit["model"]]
    for k, seed in enumerate(TINY.seeds):
        start = chrono_of(seed) if "chrono" in unit["model"] else lambda layer: None
        with torch.random.fork_rng():
            rows = trained_by_hand(kind, unit["hidden"], unit["lr"], unit["epochs"], seed, start)
        curve = [(row["loss"][k], row["val_loss"][k]) for row in values["curve"]]
        assert [row["epoch"] for row in values["curve"]] == [*range(1, unit["epochs"] + 1)]
        assert curve == [pytest.approx(row, rel=1e-4) for row in rows]
        assert (values["loss"][k], values["val_loss"][k]) == curve[-1]


def test_the_seeds_share_the_data_and_differ_in_the_rest():
    one, other = run(units(TINY)[1], TINY)["curve"][0]["val_loss"]
    assert one != other


@pytest.mark.parametrize(("level", "epoch"), [(1 / 12, 2), (0.01, 4), (0.001, None)])
def test_the_epoch_is_the_first_one_below_the_level(level, epoch):
    assert adding_plateau._first_below([1 / 12, 0.08, 0.09, 0.009, 0.2], level) == epoch


def test_the_marks_of_the_run_are_read_off_the_validation_curve(monkeypatch):
    """訓練の損失だけが下がった種は、抜けたことにならない。"""
    rows = [{"loss": 0.001, "val_loss": 0.2}, {"loss": 0.001, "val_loss": 0.05}]
    monkeypatch.setattr(adding_plateau, "fit", lambda *_, **__: adding_plateau.History("", rows))
    values = run(units(TINY)[1], TINY)
    assert (values["left"], values["solved"]) == ([2, 2], [None, None])
