"""1 つのモデルを、いくつかのプロセスで訓練する（データ並列）。

``torchrun --nproc-per-node=2 -m lstm_text.imdb train …`` のように起こすと、ミニバッチを分け合い、
勾配を足し合わせます。損失は和で計算し、全体の件数で割るので、分け方によらず、1 つのプロセスのときと
同じ勾配になります。
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Workers:
    """一緒に訓練するプロセスの中での、自分の番号と全体の数。

    Examples
    --------
    >>> alone = Workers()
    >>> alone.is_first, [row.tolist() for row in Workers(1, 2).share(torch.arange(5))]
    (True, [[1, 3]])
    """

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """画面に書いたり、ファイルに残したりする係か。"""
        return self.rank == 0

    def share(self, *tensors: Tensor) -> list[Tensor]:
        """ミニバッチのうち、自分の分の行を取り出す。1 行もないこともある。"""
        return [tensor[self.rank :: self.size] for tensor in tensors]

    def add_up_gradients(self, model: nn.Module) -> None:
        """全員の勾配を足し、全員が同じ和を持つようにする。"""
        parameters = [p for p in model.parameters() if p.requires_grad]
        for p in parameters:
            if p.grad is None:  # 自分の分の行では使われなかった
                p.grad = torch.zeros_like(p)
        if self.size == 1:
            return
        joined = torch.cat([p.grad.reshape(-1) for p in parameters])
        dist.all_reduce(joined)
        for p, part in zip(parameters, joined.split([p.numel() for p in parameters]), strict=True):
            p.grad.copy_(part.view_as(p))

    def add_up(self, value: float) -> float:
        """全員の数を足す。"""
        if self.size == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64)
        if dist.get_backend() == "nccl":
            total = total.cuda()
        dist.all_reduce(total)
        return total.item()

    def wait(self) -> None:
        """全員がここに来るまで待つ。"""
        if self.size > 1:
            dist.barrier()


@contextlib.contextmanager
def workers(device: torch.device) -> Iterator[Workers]:
    """``torchrun`` から起こされたなら仲間とつながり、そうでなければ 1 人で働く。

    Parameters
    ----------
    device : torch.device
        CPU なら gloo、CUDA なら nccl でつなぐ。

    Yields
    ------
    Workers

    Examples
    --------
    >>> with workers(torch.device("cpu")) as group:
    ...     group
    Workers(rank=0, size=1)
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Workers()
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Workers(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def own_device(device: torch.device) -> torch.device:
    """``torchrun`` から起こされ、GPU を番号なしで選んでいるなら、自分の番号の GPU にする。

    Parameters
    ----------
    device : torch.device

    Returns
    -------
    torch.device

    Examples
    --------
    >>> own_device(torch.device("cpu"))
    device(type='cpu')
    """
    if device.type == "cuda" and device.index is None and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return device
