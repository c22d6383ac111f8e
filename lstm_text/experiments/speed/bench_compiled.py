"""C で書いた RNN と GRU の速さ：torch.nn、手で書いた逆伝播との比べ

どの層も順に 1 回ずつ動かすことを繰り返し、順伝播と、順伝播から逆伝播までに CPU を使った時間の
中央値を比べます。経過した時間ではないので、ほかの仕事が CPU を取り合っていても、その間待った分は
入りません。床（これより速くはならない時間）を見積もるため、大きな行列積の速さも測ります。
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import torch
from torch import nn

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.engine import NotHere
from lstm_text.fast import bptt, compiled, products, recurrent
from lstm_text.records import Record

LIBRARIES = {"torch.nn": nn, "手書き": bptt, "C": recurrent}
"""比べる層。比の分母は ``torch.nn``。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。"""

    seeds: tuple[int, ...] = (0,)
    kinds: tuple[str, ...] = ("RNN", "GRU")
    hiddens: tuple[int, ...] = (32, 64, 128, 512)
    batches: tuple[int, ...] = (1, 32, 64)
    lengths: tuple[int, ...] = (50, 256)
    features: int = 64  # 入力の次元
    seconds: float = 1.0  # 1 つの大きさに、およそこれだけの CPU 時間をかける
    least: int = 3  # 少なくともこの回数は測る


def units(settings: Settings) -> list[dict]:
    """C のコンパイラ、行列積の速さ、層の大きさ (batch, length, input, hidden) の順。"""
    sizes = product(settings.kinds, settings.hiddens, settings.batches, settings.lengths)
    return [
        {"what": "compiler"},
        {"what": "matmul"},
        *(
            {"what": "layer", "kind": kind, "size": [batch, length, settings.features, hidden]}
            for kind, hidden, batch, length in sizes
        ),
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの大きさを測る。時間はミリ秒。"""
    if not compiled.available():
        raise NotHere("C のコンパイラ（cc か、環境変数 CC）が必要です。")
    get_device("cpu")  # 非正規化数を 0 とみなす
    if unit["what"] == "compiler":
        return {"compiler": compiled.version(), "source": recurrent.digest()}
    if unit["what"] == "matmul":
        return {"gflops": round(fastest_product(settings), 1)}
    forward, both = interleaved(unit["kind"], tuple(unit["size"]), settings)
    return {
        name: {"forward": _summary(forward[name]), "both": _summary(both[name])}
        for name in LIBRARIES
    }


def _summary(milliseconds: list[float]) -> dict:
    low, middle, high = statistics.quantiles(milliseconds, n=4)
    return {"median": round(middle, 4), "quartiles": [round(low, 4), round(high, 4)]}


def interleaved(kind: str, size: tuple[int, int, int, int], settings: Settings) -> tuple:
    """どの層も順に 1 回ずつ動かすことを繰り返し、CPU を使った時間（ミリ秒）を測る。

    Parameters
    ----------
    kind : str
        ``"RNN"`` か ``"GRU"``。
    size : (int, int, int, int)
        batch、length、input、hidden。
    settings : Settings

    Returns
    -------
    forward, both : dict of str to list of float
        順伝播と、順伝播から逆伝播までの時間。損失は最後の時刻の出力だけから作る。

    Examples
    --------
    >>> forward, both = interleaved("GRU", (1, 2, 1, 1), Settings(seconds=0, least=3))
    >>> {name: len(each) for name, each in both.items()}
    {'torch.nn': 3, '手書き': 3, 'C': 3}
    """
    batch, length, features, hidden = size
    built = {}
    for name, library in LIBRARIES.items():
        with seeded(settings.seeds[0]):
            built[name] = getattr(library, kind)(features, hidden)
    x = torch.randn(length, batch, features, generator=generator(settings.seeds[0]))
    forward, both = ({name: [] for name in built} for _ in range(2))
    end = time.process_time() + settings.seconds
    rounds = -2  # 初めの 2 周は捨てる
    while rounds < settings.least or time.process_time() < end:
        for name, layer in built.items():
            start = time.process_time()
            output, state = layer(x)
            middle = time.process_time()
            output[-1].square().mean().backward()
            last = time.process_time()
            del output, state  # 計算グラフを片付ける時間が、次に測る層のものにならないように
            if rounds >= 0:
                forward[name].append(1000 * (middle - start))
                both[name].append(1000 * (last - start))
        rounds += 1
    return forward, both


def fastest_product(settings: Settings) -> float:
    """大きな行列積の速さ（GFLOP/s）。いくつかの大きさのうち、いちばん速いもの。

    Parameters
    ----------
    settings : Settings
        隠れ状態の次元 ``hiddens`` の正方行列を、2,048 行の行列に掛ける。

    Returns
    -------
    float

    Examples
    --------
    >>> fastest_product(Settings(hiddens=(8,), seconds=0)) > 0
    True
    """
    rates = []
    for hidden in settings.hiddens:
        h, w = torch.ones(2048, hidden), torch.ones(hidden, hidden)
        seconds = _shortest(lambda h=h, w=w: products.product(h, w), settings.seconds / 8)
        rates.append(2 * h.numel() * hidden / seconds / 1e9)
    return max(rates)


def _shortest(action: Callable[[], object], seconds: float) -> float:
    """CPU を使った時間（秒）のうち、いちばん短いもの。"""
    action()
    best, end = float("inf"), time.process_time() + seconds
    while best == float("inf") or time.process_time() < end:
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best


def ratio(values: dict, what: str, name: str) -> float:
    """``torch.nn`` を 1 としたときの時間（``forward``、``both``）。

    Examples
    --------
    >>> times = {"torch.nn": {"both": {"median": 2.0}}, "C": {"both": {"median": 1.0}}}
    >>> ratio(times, "both", "C")
    0.5
    """
    return values[name][what]["median"] / values["torch.nn"][what]["median"]


def floor(kind: str, size: list[int], gflops: float) -> float:
    """順伝播と逆伝播の行列積だけにかかる時間（ミリ秒）。入力の勾配は要らないとする。

    Examples
    --------
    >>> floor("RNN", [1, 1, 1, 1], 0.001)  # 積和 5 回、0.001 GFLOP/s
    0.01
    """
    batch, length, features, hidden = size
    rows = {"RNN": 1, "GRU": 3}[kind] * hidden
    # 入力側は順伝播と重みの勾配の 2 回、状態側はそれに dh を加えた 3 回
    return 2 * batch * length * rows * (2 * features + 3 * hidden) / gflops / 1e6


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    gflops = record.values(what="matmul")["gflops"]
    lines = [
        record.origin(),
        f"C のコンパイラ：{record.values(what='compiler')['compiler']}",
        f"大きな行列積：{gflops:.0f} GFLOP/s",
        "",
        "torch.nn を 1 としたときの比（順伝播 / 順伝播＋逆伝播）",
    ]
    for result in record.select(what="layer"):
        kind, size, values = result["unit"]["kind"], result["unit"]["size"], result["values"]
        row = f"  {kind:4} B={size[0]:<3} T={size[1]:<4} D={size[2]:<3} H={size[3]:<3}"
        row += f"  nn {values['torch.nn']['both']['median']:8.2f} ms"
        for name in list(values)[1:]:
            two = " / ".join(f"{ratio(values, what, name):4.2f}" for what in ("forward", "both"))
            row += f"  {name} {two}"
        lines.append(f"{row}  床 {floor(kind, size, gflops):7.2f} ms")
    return "\n".join(lines)
