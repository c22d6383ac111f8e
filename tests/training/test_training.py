"""training：手で回したループと一致すること、最良の重みが残ること。"""

import copy
import math

import pytest
import torch
from torch import nn

from lstm_text import IGNORE, training
from lstm_text.device import generator


@pytest.fixture
def line():
    x = torch.linspace(-1, 1, 20).unsqueeze(1)
    torch.manual_seed(0)
    return nn.Linear(1, 1), x, 2 * x + 1


def test_batches_cover_everything_once_in_a_new_order_each_epoch():
    x = torch.arange(10)
    loader = training.batches(x, x * 10, batch_size=3, generator=generator(0))
    epochs = [[(a.tolist(), b.tolist()) for a, b in loader] for _ in range(2)]
    assert [len(a) for a, _ in epochs[0]] == [3, 3, 3, 1]
    orders = [[index for a, _ in epoch for index in a] for epoch in epochs]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]
    assert all(b == [10 * v for v in a] for epoch in epochs for a, b in epoch)


def test_fit_equals_a_loop_written_out(line):
    model, x, y = line
    twin = copy.deepcopy(model)
    data = training.batches(x, y, batch_size=6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    history = training.fit(
        model, data, nn.functional.mse_loss, optimizer, epochs=3, validation=data, clip=0.5
    )
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(3):
        total = 0
        for start in range(0, 20, 6):
            xb, yb = x[start : start + 6], y[start : start + 6]
            loss = ((twin(xb) - yb) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            norm = math.sqrt(sum(p.grad.pow(2).sum().item() for p in twin.parameters()))
            for p in twin.parameters():
                p.grad *= min(1, 0.5 / (norm + 1e-6))
            optimizer.step()
            total += loss.item() * len(xb)
        assert history["loss"][epoch] == pytest.approx(total / 20, rel=1e-5)
    assert torch.allclose(model.weight, twin.weight) and torch.allclose(model.bias, twin.bias)
    validation = ((twin(x) - y) ** 2).mean().item()
    assert history["val_loss"][-1] == pytest.approx(validation, rel=1e-5)


def test_dropout_depends_on_the_seed_alone(line):
    _, x, y = line
    losses = []
    for seed in (0, 0, 1):
        torch.manual_seed(5)
        model = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        torch.rand(seed + 1)  # 外側の乱数が進んでいても、結果は変わらない
        data = training.batches(x, y, batch_size=5)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        history = training.fit(model, data, nn.functional.mse_loss, optimizer, epochs=2, seed=seed)
        losses.append(history["loss"])
    assert losses[0] == losses[1] != losses[2]


def test_evaluate_weighs_batches_by_size_and_leaves_the_mode(line):
    model, x, y = line
    model.train()
    data = training.batches(x, y, batch_size=7)
    got = training.evaluate(model, data, loss=nn.functional.mse_loss)
    assert got["loss"] == pytest.approx(((model(x) - y) ** 2).mean().item(), rel=1e-5)
    assert model.training and all(p.grad is None for p in model.parameters())


def test_tags_to_ignore_are_not_counted():
    logits = torch.randn(2, 3, 4, generator=generator(0))
    tags = torch.tensor([[0, 1, IGNORE], [2, IGNORE, IGNORE]])
    rows = [(0, 0, 0), (0, 1, 1), (1, 0, 2)]
    want = -sum(torch.log_softmax(logits[n, t], 0)[tag] for n, t, tag in rows) / 3
    assert training.tag_loss(logits, tags).item() == pytest.approx(want.item(), rel=1e-5)
    right = sum(int(logits[n, t].argmax()) == tag for n, t, tag in rows) / 3
    assert training.accuracy(logits, tags).item() == pytest.approx(right)
    one = training.evaluate(nn.Identity(), [(logits[:1], tags[:1]), (logits[1:], tags[1:])],
                            loss=training.tag_loss)  # fmt: skip
    assert one["loss"] == pytest.approx(want.item(), rel=1e-5)


def test_scheduler_is_stepped_once_an_epoch(line):
    model, x, y = line
    data = training.batches(x, y, batch_size=5)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    training.fit(model, data, nn.functional.mse_loss, optimizer, epochs=3, scheduler=scheduler)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.125)


def test_plateau_scheduler_sees_the_validation_loss(line):
    model, x, y = line
    data = training.batches(x, y, batch_size=5)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)  # ほとんど動かず、損失も下がらない
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=1)
    training.fit(model, data, nn.functional.mse_loss, optimizer, epochs=6, validation=data,
                 scheduler=scheduler)  # fmt: skip
    assert optimizer.param_groups[0]["lr"] < 1e-6


def test_checkpoint_keeps_the_best_not_the_last(line, tmp_path):
    model, *_ = line
    path = tmp_path / "deep" / "best.pt"
    checkpoint = training.Checkpoint(path, score=lambda row: -row["val_loss"])
    for epoch, loss in enumerate([3.0, 1.0, 2.0], start=1):
        with torch.no_grad():
            model.weight.fill_(epoch)
        checkpoint.update(model, {"epoch": epoch, "val_loss": loss})
    checkpoint.restore(model)
    assert model.weight.item() == 2 and checkpoint.best_row["epoch"] == 2
    assert [p.name for p in path.parent.iterdir()] == ["best.pt"]


def test_a_failed_write_leaves_the_former_weights(line, tmp_path, monkeypatch):
    model, *_ = line
    checkpoint = training.Checkpoint(tmp_path / "best.pt", score=lambda row: row["epoch"])
    checkpoint.update(model, {"epoch": 1})
    kept = model.weight.item()

    def broken(state, file):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.update(model, {"epoch": 2})
    with torch.no_grad():
        model.weight.fill_(99)
    checkpoint.restore(model)
    assert model.weight.item() == kept
    assert [p.name for p in tmp_path.iterdir()] == ["best.pt"]


def test_broken_missing_and_foreign_checkpoints(line, tmp_path):
    model, *_ = line
    checkpoint = training.Checkpoint(tmp_path / "best.pt", score=lambda row: row["epoch"])
    with pytest.raises(FileNotFoundError, match=r"best\.pt がありません"):
        checkpoint.restore(model)
    checkpoint.update(model, {"epoch": 1})
    with pytest.raises(ValueError, match="別のモデル"):
        checkpoint.restore(nn.Linear(3, 3))
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:100])
    with pytest.raises(ValueError, match="壊れているか"):
        checkpoint.restore(model)


def test_a_loss_that_is_not_finite_stops_the_training(line):
    model, x, y = line
    optimizer = torch.optim.SGD(model.parameters(), lr=1e30)
    data = training.batches(x, y, batch_size=5)
    with pytest.raises(FloatingPointError, match="学習率を下げるか"):
        training.fit(model, data, nn.functional.mse_loss, optimizer, epochs=5)


def test_no_data_is_told_in_japanese(line):
    model, *_ = line
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="1 件以上"):
        training.fit(model, [], nn.functional.mse_loss, optimizer, epochs=1)
    with pytest.raises(ValueError, match="1 件以上"):
        training.evaluate(model, [], loss=nn.functional.mse_loss)


def test_log_starts_with_the_device_and_shows_every_fifth_epoch():
    rows = [{"epoch": k, "loss": 1 / k, "accuracy": 0.5, "seconds": 1.0} for k in range(1, 13)]
    history = training.History("cpu（試験）", rows)
    lines = history.log(every=5).splitlines()
    assert lines[0] == "デバイス：cpu（試験）"
    assert [line.split()[1] for line in lines[1:]] == ["1", "5", "10", "12"]
    assert "accuracy 50.00%" in lines[1]
    assert history.seconds == 12
    with pytest.raises(KeyError, match="ある列"):
        history["val_loss"]
