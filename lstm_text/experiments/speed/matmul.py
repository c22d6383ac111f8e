"""行列積の速さ。再帰層の時間の床（これより速くはならない時間）を見積もるのに使う。"""

import time

import torch

from lstm_text.fast.products import chunks


def matmul_rates(settings) -> dict:
    """表の大きさでの、1 時刻ぶんの積 ``(B, H) @ (H, 4H)`` と、束 1 つぶんの積の速さ。

    Parameters
    ----------
    settings : Settings
        大きさ ``sizes`` と、かける時間 ``seconds`` を持つもの。

    Returns
    -------
    dict
        ``"B,H"`` ごとに、``"step"``（1 時刻ぶん）と ``"chunk"``（束 1 つぶん）の、1 秒あたりの
        浮動小数点演算の回数（GFLOP/s）。``"@"`` は PyTorch の既定の積、``"oneDNN"`` は
        :func:`lstm_text.fast.products.product` が大きな積に使うもの。

    Examples
    --------
    >>> from lstm_text.experiments.speed.bench_layers import Settings
    >>> rates = matmul_rates(Settings(sizes=((2, 3, 4, 5),), seconds=0))
    >>> sorted(rates["2,5"]), sorted(rates["2,5"]["step"])
    (['chunk', 'step'], ['@', 'oneDNN'])
    """
    seconds = settings.seconds / 12
    rates = {}
    for batch, length, _, hidden in settings.sizes:
        together = batch * chunks(length, 4 * batch * hidden)[0].stop
        rates[f"{batch},{hidden}"] = {
            "step": _matmul_rate(batch, hidden, seconds),
            "chunk": _matmul_rate(together, hidden, seconds),
        }
    return rates


def _matmul_rate(rows: int, hidden: int, seconds: float) -> dict:
    h, w = torch.ones(rows, hidden), torch.ones(4 * hidden, hidden)
    out = torch.empty(rows, 4 * hidden)
    products = {
        "@": lambda: torch.mm(h, w.t(), out=out),
        "oneDNN": lambda: torch.ops.mkldnn._linear_pointwise(h, w, None, "none", [], ""),
    }
    operations = 2 * rows * hidden * 4 * hidden
    return {
        name: float(f"{operations / _fastest(multiply, seconds) / 1e9:.4g}")
        for name, multiply in products.items()
    }


def _fastest(action, seconds: float) -> float:
    best, end = float("inf"), time.perf_counter() + seconds
    while best == float("inf") or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best
