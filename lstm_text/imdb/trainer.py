"""いつ止められても続きから始められる訓練。

エポックが終わるたびに、重みと最適化の途中の状態を 1 つのファイルに置き換えます。途中で
（``kill -9`` や停電で）止められても、失うのは最後のエポックだけです。乱数はエポックごとに種から
作り直すので、乱数の状態を残す必要がありません。続きから始めた訓練は、止めなかった訓練と、
最後のビットまで一致します（CPU の場合）。
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from lstm_text.device import PRECISIONS, generator, precision, seeded
from lstm_text.imdb.distributed import Workers
from lstm_text.storage import load_tensors, save_tensors

STATE, MODEL = "state.safetensors", "model.safetensors"
STATE_KIND, MODEL_KIND = "訓練の途中", "訓練した重み"
_WARM_UP = 0.05


@dataclass(frozen=True)
class Plan:
    """訓練の進め方。

    Examples
    --------
    >>> plan = Plan(learning_rate=1.0)
    >>> [round(plan.rate(progress), 2) for progress in (0, 0.025, 0.05, 0.5, 1)]
    [0.0, 0.5, 1.0, 0.53, 0.0]
    """

    epochs: int = field(default=5, metadata={"help": "エポックの数"})
    batch_size: int = field(default=64, metadata={"help": "ミニバッチの件数"})
    learning_rate: float = field(default=2e-3, metadata={"help": "学習率の最大値"})
    clip: float = field(default=1.0, metadata={"help": "勾配のノルムの上限"})
    precision: str = field(default="float32", metadata={"help": f"{'、'.join(PRECISIONS)}"})
    seed: int = field(default=0, metadata={"help": "乱数の種"})

    def __post_init__(self):
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(
                "epochs と batch_size は 1 以上にしてください"
                f"（{self.epochs} と {self.batch_size} でした）。"
            )
        if self.precision not in PRECISIONS:
            raise ValueError(
                f"precision には {'、'.join(PRECISIONS)} が必要ですが、{self.precision!r} でした。"
            )

    def epoch_seed(self, epoch: int) -> int:
        """そのエポックの並べ替えとドロップアウトの種。"""
        seeds = torch.randint(2**62, (epoch,), generator=generator(self.seed))
        return int(seeds[-1])

    def rate(self, progress: float) -> float:
        """訓練の進み具合（0 から 1）での学習率。初めに上げ、その後は 0 までまっすぐ下げる。"""
        return self.learning_rate * min(progress / _WARM_UP, (1 - progress) / (1 - _WARM_UP))


@dataclass(frozen=True)
class Progress:
    """いまどこまで進んだか。:func:`train` が、ミニバッチごとに知らせる。

    Examples
    --------
    >>> now = Progress(epoch=1, step=5, steps=10, loss=0.5)
    >>> f"{now.step / now.steps:.0%}"
    '50%'
    """

    epoch: int
    step: int
    steps: int
    loss: float


def _nothing(progress: Progress) -> None:
    pass


def train(
    model: nn.Module,
    objective,
    batches: Callable[[int], Iterable],
    validate: Callable[[], dict[str, float]],
    plan: Plan,
    folder: Path,
    about: dict,
    workers: Workers = Workers(),  # noqa: B008 （変わらない値）
    report: Callable[[Progress], None] = _nothing,
) -> list[dict[str, float]]:
    """訓練する。フォルダに途中の状態があれば、続きから始める。

    Parameters
    ----------
    model : nn.Module
    objective : Supervised など
        ``count(*batch)`` と ``losses(model, *batch)`` を持つ、訓練の目的。
    batches : callable
        種を受け取り、1 エポック分の ``(ids, lengths, labels)`` を返す関数。
    validate : callable
        検証の数値を返す関数。``score`` が最大のエポックの重みを残す。
    plan : Plan
    folder : Path
        ``state.safetensors``（途中の状態）と ``model.safetensors``（最良の重み）を置くフォルダ。
    about : dict
        ファイルに添える、モデルの設定など。続きから始めるとき、同じでなければならない。
    workers : Workers
    report : callable
        ミニバッチごとに :class:`Progress` を受け取る関数。

    Returns
    -------
    list of dict
        エポックごとの数値。

    Raises
    ------
    ValueError
        途中の状態が壊れているとき、別の設定のとき。
    FloatingPointError
        損失が有限でなくなったとき。

    Examples
    --------
    >>> import tempfile
    >>> from lstm_text.imdb import Supervised
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> classifier = build_classifier(torch.ones(9), Shape(embedding_dim=3, hidden_size=2), seed=0)
    >>> batch = torch.tensor([[2, 3]]), torch.tensor([2]), torch.tensor([1.0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = train(classifier, Supervised(), lambda seed: [batch], lambda: {"score": 0.0},
    ...                  Plan(epochs=2), Path(folder), {})
    ...     [row["epoch"] for row in rows], sorted(path.name for path in Path(folder).iterdir())
    ([1, 2], ['model.safetensors', 'state.safetensors'])
    """
    about = {"plan": asdict(plan), **about}
    optimizer = torch.optim.Adam(model.parameters(), plan.learning_rate, betas=(0.9, 0.98))
    rows = _restore(folder / STATE, model, optimizer, about)
    workers.wait()
    for epoch in range(len(rows) + 1, plan.epochs + 1):
        start = time.perf_counter()
        seed = plan.epoch_seed(epoch)
        with seeded(seed + workers.rank):
            row = {"epoch": epoch}
            row |= _train_epoch(
                model, objective, batches(seed), optimizer, plan, epoch, workers, report
            )
        row |= validate() if workers.is_first else {}
        row["seconds"] = time.perf_counter() - start
        rows.append(row)
        if workers.is_first:
            if row["score"] > max((r["score"] for r in rows[:-1]), default=-math.inf):
                without_time = {name: row[name] for name in row if name != "seconds"}
                weights = model.state_dict()
                save_tensors(folder / MODEL, MODEL_KIND, weights, about | {"row": without_time})
            _save(folder / STATE, model, optimizer, about | {"rows": rows})
        workers.wait()
    return rows


def best_weights(folder: Path) -> tuple[dict[str, Tensor], dict]:
    """いちばん良かったエポックの重みと、添えた情報を読む。

    Parameters
    ----------
    folder : Path
        :func:`train` に渡したフォルダ。

    Returns
    -------
    weights : dict of str to Tensor
    about : dict
        ``train`` に渡したものに、``plan`` と、そのエポックの数値 ``row`` を加えたもの。

    Raises
    ------
    FileNotFoundError, ValueError
        :func:`lstm_text.storage.load_tensors` と同じ。

    Examples
    --------
    >>> best_weights(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/model.safetensors がありません。
    """
    return load_tensors(folder / MODEL, MODEL_KIND)


def _train_epoch(
    model, objective, batches, optimizer, plan, epoch, workers, report
) -> dict[str, float]:
    device = next(model.parameters()).device
    model.train()
    losses, counts = 0.0, 0
    for step, batch in enumerate(batches):
        count = objective.count(*batch)
        progress = (epoch - 1 + (step + 1) / len(batches)) / plan.epochs
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(progress)
        mine = [tensor.to(device) for tensor in workers.share(*batch)]
        optimizer.zero_grad()
        loss = 0.0
        if len(mine[0]):
            with precision(plan.precision, device):
                for part in objective.losses(model, *mine):
                    (part / count).backward()
                    loss += part.item()
        workers.add_up_gradients(model)
        nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        optimizer.step()
        loss = workers.add_up(loss)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"エポック {epoch} で損失が {loss} になりました。学習率を下げてください。"
            )
        losses, counts = losses + loss, counts + count
        report(Progress(epoch, step + 1, len(batches), loss / count))
    return {"loss": losses / counts}


def _save(path: Path, model, optimizer, about: dict) -> None:
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for i, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{i}.{name}": value for name, value in state.items()}
    save_tensors(path, STATE_KIND, tensors, about)


def _restore(path: Path, model, optimizer, about: dict) -> list[dict[str, float]]:
    """途中の状態をモデルに戻し、済んだエポックの数値を返す。なければ空。"""
    try:
        tensors, before = load_tensors(path, STATE_KIND)
    except FileNotFoundError:
        return []
    rows = before.pop("rows")
    if changed := differences(before, about):
        raise ValueError(f"{path.parent} の訓練とは設定が違うので、続けられません：{changed}。")
    weights, state = {}, {}
    for name, value in tensors.items():
        kind, _, rest = name.partition(".")
        if kind == "model":
            weights[rest] = value
        else:
            i, _, key = rest.partition(".")
            state.setdefault(int(i), {})[key] = value.clone()
    model.load_state_dict(weights)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    return rows


def differences(before: dict, now: dict, place: str = "") -> str:
    """2 つの設定の違いを「名前は前が A、今は B」と並べる。同じなら空。

    Parameters
    ----------
    before, now : dict
    place : str
        名前の前に付けるもの。

    Returns
    -------
    str

    Examples
    --------
    >>> differences({"plan": {"seed": 0}}, {"plan": {"seed": 1}})
    'plan.seed は前が 0、今は 1'
    """
    found = []
    for name in {**before, **now}:
        a, b = before.get(name), now.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            found.append(differences(a, b, f"{place}{name}."))
        elif a != b:
            found.append(f"{place}{name} は前が {a!s:.60}、今は {b!s:.60}")
    return "、".join(filter(None, found))
