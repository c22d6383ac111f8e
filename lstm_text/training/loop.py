"""訓練と評価のループ。ここでは何も表示しません。"""

import time
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from lstm_text import IGNORE
from lstm_text.device import describe, seeded
from lstm_text.training.history import Checkpoint, History
from lstm_text.training.metrics import Metric


def _to(batch: Iterable[Tensor], device: torch.device) -> tuple[list[Tensor], Tensor]:
    *inputs, target = (tensor.to(device) for tensor in batch)
    return inputs, target


def _weight(target: Tensor) -> int:
    return int((target != IGNORE).sum()) if target.dtype == torch.int64 else len(target)


def evaluate(model: nn.Module, data: Iterable, **metrics: Metric) -> dict[str, float]:
    """勾配を計算せずに、データ全体での平均を求める。

    Parameters
    ----------
    model : nn.Module
    data : iterable
        ``(入力, …, 目標)`` の組を返すもの。
    **metrics : callable
        名前を付けた指標。``(予測, 目標)`` から平均を返す関数。

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        データが空のとき。

    Examples
    --------
    >>> from lstm_text.training import batches
    >>> data = batches(torch.ones(4, 1), torch.ones(4, 1), batch_size=2)
    >>> evaluate(nn.Identity(), data, mse=nn.functional.mse_loss)
    {'mse': 0.0}
    """
    device = _device_of(model)
    was_training = model.training
    model.eval()
    totals, weight = dict.fromkeys(metrics, 0.0), 0
    with torch.no_grad():
        for batch in data:
            inputs, target = _to(batch, device)
            prediction, n = model(*inputs), _weight(target)
            weight += n
            for name, metric in metrics.items():
                totals[name] += metric(prediction, target).item() * n
    model.train(was_training)
    if weight == 0:
        raise ValueError("評価するデータが 1 件以上必要ですが、空でした。")
    return {name: total / weight for name, total in totals.items()}


def _device_of(model: nn.Module) -> torch.device:
    return next((p.device for p in model.parameters()), torch.device("cpu"))


def fit(
    model: nn.Module,
    data: Iterable,
    loss: Metric,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int,
    validation: Iterable | None = None,
    metric: Metric | None = None,
    clip: float | None = None,
    scheduler=None,
    checkpoint: Checkpoint | None = None,
    seed: int = 0,
) -> History:
    """モデルを訓練し、エポックごとの数値を返す。

    Parameters
    ----------
    model : nn.Module
    data : iterable
        エポックごとに ``(入力, …, 目標)`` の組を返すもの。
    loss : callable
        ``(予測, 目標)`` から損失を返す関数。
    optimizer : torch.optim.Optimizer
    epochs : int
    validation : iterable, optional
        毎エポックの終わりに評価するデータ。数値は ``val_loss`` などの名前で記録される。
    metric : callable, optional
        精度など、損失と一緒に記録する指標。``accuracy`` という名前で記録される。
    clip : float, optional
        勾配全体のノルムの上限。渡すと、クリップ前の最大のノルムも ``grad_norm`` に記録する。
    scheduler : torch.optim.lr_scheduler.LRScheduler, optional
        毎エポックの終わりに 1 歩進める。``ReduceLROnPlateau`` には検証の損失を渡す。
    checkpoint : Checkpoint, optional
        最良のエポックの重みを残す。
    seed : int
        ドロップアウトの乱数の種。

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        損失が有限でなくなったとき。
    ValueError
        データが空のとき。

    Examples
    --------
    >>> from lstm_text.training import batches
    >>> with seeded(0):
    ...     model = nn.Linear(1, 1)
    >>> x = torch.linspace(-1, 1, 16).unsqueeze(1)
    >>> data = batches(x, 3 * x, batch_size=4)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> history = fit(model, data, nn.functional.mse_loss, optimizer, epochs=20)
    >>> history["loss"][-1] < 1e-3
    True
    """
    device = _device_of(model)
    metrics = {"loss": loss} if metric is None else {"loss": loss, "accuracy": metric}
    history = History(describe(device), [])
    with seeded(seed):
        for epoch in range(1, epochs + 1):
            start = time.perf_counter()
            row = {"epoch": epoch, **_train_epoch(model, data, metrics, optimizer, clip, device)}
            if not torch.isfinite(torch.tensor(row["loss"])):
                raise FloatingPointError(
                    f"エポック {epoch} で損失が {row['loss']} になりました。"
                    "学習率を下げるか、clip で勾配のノルムを抑えてください。"
                )
            if validation is not None:
                scores = evaluate(model, validation, **metrics)
                row |= {f"val_{name}": value for name, value in scores.items()}
            if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
                scheduler.step(row["val_loss"])
            elif scheduler is not None:
                scheduler.step()
            row["seconds"] = time.perf_counter() - start
            history.rows.append(row)
            if checkpoint is not None:
                checkpoint.update(model, row)
    return history


def _train_epoch(model, data, metrics, optimizer, clip, device) -> dict[str, float]:
    model.train()
    totals, weight, largest_norm = dict.fromkeys(metrics, 0.0), 0, 0.0
    for batch in data:
        inputs, target = _to(batch, device)
        prediction = model(*inputs)
        loss = metrics["loss"](prediction, target)
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
            largest_norm = max(largest_norm, norm.item())
        optimizer.step()
        n = _weight(target)
        weight += n
        totals["loss"] += loss.item() * n
        for name in metrics.keys() - {"loss"}:
            totals[name] += metrics[name](prediction.detach(), target).item() * n
    if weight == 0:
        raise ValueError("訓練するデータが 1 件以上必要ですが、空でした。")
    means = {name: total / weight for name, total in totals.items()}
    return means if clip is None else means | {"grad_norm": largest_norm}
