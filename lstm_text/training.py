"""訓練と評価。結果は :class:`History` として返し、ここでは何も表示しません。"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    TensorDataset,
)

from lstm_text.device import describe, seeded
from lstm_text.files import replacing
from lstm_text.tasks import IGNORE

Metric = Callable[[Tensor, Tensor], Tensor]


def batches(
    *tensors: Tensor, batch_size: int, generator: torch.Generator | None = None
) -> DataLoader:
    """テンソルの組を、先頭の次元でミニバッチに分ける。

    Parameters
    ----------
    *tensors : Tensor, (n, ...)
        入力と目標。最後のものが目標。
    batch_size : int
    generator : torch.Generator, optional
        渡すと、毎エポック並べ替える。省くと元の順。

    Returns
    -------
    DataLoader
        ``(入力, …, 目標)`` の組を返す。

    Examples
    --------
    >>> loader = batches(torch.arange(5.0), torch.arange(5), batch_size=2)
    >>> [len(y) for x, y in loader]
    [2, 2, 1]
    """
    dataset = TensorDataset(*tensors)
    if generator is None:
        order = SequentialSampler(dataset)
    else:
        order = RandomSampler(dataset, generator=generator)
    # batch_size=None：番号の列をまとめて 1 回で取り出す。1 件ずつ取り出して積むより速い
    return DataLoader(dataset, sampler=BatchSampler(order, batch_size, False), batch_size=None)


def accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """多クラスの精度。目標が :data:`lstm_text.tasks.IGNORE` の位置は数えない。

    Parameters
    ----------
    logits : Tensor, (..., classes)
    target : Tensor of int64, (...)

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([0, 0]))
    tensor(0.5000)
    """
    counted = target != IGNORE
    return (logits.argmax(dim=-1) == target)[counted].float().mean()


def binary_accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """2 クラスの精度。ロジットが正なら 1 と答えたとみなす。

    Parameters
    ----------
    logits : Tensor, (n,)
    target : Tensor, (n,)
        0 か 1。

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> binary_accuracy(torch.tensor([1.5, -0.5]), torch.tensor([1.0, 1.0]))
    tensor(0.5000)
    """
    return ((logits > 0) == (target > 0.5)).float().mean()


def tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """全時刻の交差エントロピーの平均。:data:`lstm_text.tasks.IGNORE` の位置は数えない。

    Parameters
    ----------
    logits : Tensor, (batch, time, tags)
    tags : Tensor of int64, (batch, time)

    Returns
    -------
    Tensor, ()

    Examples
    --------
    >>> tag_loss(torch.zeros(1, 2, 4), torch.tensor([[3, IGNORE]]))  # log 4
    tensor(1.3863)
    """
    return nn.functional.cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORE)


class History:
    """訓練の記録。エポックごとの数値と、計算したデバイスを持つ。

    Parameters
    ----------
    device : str
        :func:`lstm_text.device.describe` の文字列。
    rows : list of dict
        エポックごとの数値。

    Examples
    --------
    >>> history = History("cpu", [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    [0.5, 0.25]
    >>> print(history.log(every=1))
    デバイス：cpu
    エポック   1  loss 0.5000
    エポック   2  loss 0.2500
    """

    def __init__(self, device: str, rows: list[dict[str, float]]):
        self.device, self.rows = device, rows

    def __getitem__(self, column: str) -> list[float]:
        if not self.rows or column not in self.rows[0]:
            known = "、".join(self.rows[0]) if self.rows else "なし"
            raise KeyError(f"{column} という列はありません。ある列：{known}")
        return [row[column] for row in self.rows]

    @property
    def seconds(self) -> float:
        """訓練にかかった時間（秒）。検証の時間も含む。"""
        return sum(self["seconds"])

    def log(self, every: int = 5) -> str:
        """1 行目にデバイス、続けて最初と最後、および ``every`` エポックごとの数値を並べる。"""
        lines = [f"デバイス：{self.device}"]
        for row in self.rows:
            epoch = row["epoch"]
            if epoch == 1 or epoch % every == 0 or row is self.rows[-1]:
                values = [_format(k, v) for k, v in row.items() if k not in ("epoch", "seconds")]
                lines.append(f"エポック {epoch:3d}  " + "  ".join(values))
        return "\n".join(lines)


def _format(name: str, value: float) -> str:
    if name.endswith("accuracy"):
        return f"{name} {100 * value:.2f}%"
    return f"{name} {value:.4f}" if abs(value) >= 0.01 else f"{name} {value:.2e}"


class Checkpoint:
    """検証でいちばん良かった重みをファイルに残す。

    Parameters
    ----------
    path : str or Path
        保存先。書きかけのファイルがこの名前で残ることはない。
    score : callable
        エポックの数値（dict）を受け取り、大きいほど良い値を返す関数。

    Examples
    --------
    >>> checkpoint = Checkpoint("best.pt", score=lambda row: -row["val_loss"])
    >>> checkpoint.best_row is None
    True
    """

    def __init__(self, path: str | Path, score: Callable[[dict[str, float]], float]):
        self.path, self.score = Path(path), score
        self.best_row: dict[str, float] | None = None

    def update(self, model: nn.Module, row: dict[str, float]) -> None:
        """今までで最良なら、重みを保存する。"""
        if self.best_row is not None and self.score(row) <= self.score(self.best_row):
            return
        self.best_row = dict(row)
        with replacing(self.path) as file:
            torch.save(model.state_dict(), file)

    def restore(self, model: nn.Module) -> None:
        """最良だった重みをモデルに戻す。

        Raises
        ------
        FileNotFoundError
            まだ何も保存されていないとき。
        ValueError
            ファイルが壊れているとき、モデルと合わないとき。
        """
        if not self.path.exists():
            raise FileNotFoundError(f"保存された重みが必要ですが、{self.path} がありません。")
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            model.load_state_dict(state)
        except Exception as error:
            raise ValueError(
                f"{self.path} から重みを読めませんでした。"
                f"壊れているか、別のモデルのものです：{error}"
            ) from error


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
