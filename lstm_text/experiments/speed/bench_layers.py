"""再帰層の速さとメモリ：torch.nn、手で書いた逆伝播、読みやすいセル、C の比べ

それぞれの層に同じ入力を交互に渡し、経過した時間の中央値を比べます。メモリは、層ごとに新しいプロセスを
起こして、2 度めの順伝播と逆伝播の間に増えた最大の量を測ります（Linux だけ）。床（これより速くは
ならない時間）を見積もるため、行列積の速さも同じプロセスの中で測ります。読みやすいセルに
torch.compile を使うとどうなるかは、いちばん小さい大きさでだけ測ります（時刻の繰り返しをほどくので、
系列が長いほど、コンパイルも長いからです）。
"""

import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from unittest.mock import patch

import torch

from lstm_text.device import get_device
from lstm_text.experiments.speed.layers_measured import build, libraries
from lstm_text.experiments.speed.matmul import matmul_rates
from lstm_text.experiments.speed.memory_use import (
    peak_memory,
    tell_memory,  # noqa: F401  （peak_memory の起こすプロセスが、ここから呼ぶ）
)
from lstm_text.fast import compiler
from lstm_text.records import Record


@dataclass(frozen=True)
class Settings:
    """記録の設定。大きさは (batch, length, input, hidden)。"""

    seeds: tuple[int, ...] = (0,)
    kinds: tuple[str, ...] = ("RNN", "LSTM", "GRU")
    sizes: tuple[tuple[int, int, int, int], ...] = (
        (32, 50, 10, 32),
        (128, 100, 2, 128),
        (64, 256, 100, 128),
        (64, 256, 100, 256),
    )
    # 系列が 1 本だけ
    alone: tuple[tuple[int, int, int, int], ...] = ((1, 256, 64, 64), (1, 256, 64, 512))
    # 1 つの大きさだけを変えていく。ほかは base のまま
    base: tuple[int, int, int, int] = (32, 64, 64, 64)
    lengths: tuple[int, ...] = (16, 64, 256, 1024)
    batches: tuple[int, ...] = (1, 4, 16, 64, 256)
    hiddens: tuple[int, ...] = (16, 64, 256, 512)
    seconds: float = 3.0  # 1 つの大きさに、およそこれだけの時間をかける
    least: int = 7  # 少なくともこの回数は測る


def units(settings: Settings) -> list[dict]:
    """行列積の速さ、C のコンパイラ、表の大きさ、曲線の大きさ、torch.compile の順。"""
    batch, length, features, hidden = settings.base
    curves = [
        *((batch, each, features, hidden) for each in settings.lengths),
        *((each, length, features, hidden) for each in settings.batches),
        *((batch, length, features, each) for each in settings.hiddens),
    ]
    sizes = dict.fromkeys([*settings.sizes, *settings.alone, *curves])
    measured = [(kind, size) for size in sizes for kind in settings.kinds]
    return [
        {"what": "matmul"},
        {"what": "compiler"},
        *({"what": "layer", "kind": kind, "size": list(size)} for kind, size in measured),
        {"what": "torch.compile", "kind": "LSTM", "size": list(settings.sizes[0])},
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの大きさを測る。時間はミリ秒、メモリは MiB。"""
    get_device("cpu")  # 非正規化数を 0 とみなす
    if unit["what"] == "matmul":
        return matmul_rates(settings)
    if unit["what"] == "compiler":
        return {"C": {"compiler": compiler.version(), "source": compiler.digest()}}
    kind, size = unit["kind"], tuple(unit["size"])
    if unit["what"] == "torch.compile":
        return with_torch_compile(kind, size, settings)
    forward, both = interleaved(kind, size, settings)
    return {
        name: {
            "forward": summary(forward[name]),
            "both": summary(both[name]),
            "memory": peak_memory(name, kind, size),
        }
        for name in libraries()
    }


def summary(milliseconds: list[float]) -> dict:
    """中央値と四分位数。

    Parameters
    ----------
    milliseconds : list of float

    Returns
    -------
    dict

    Examples
    --------
    >>> summary([3.0, 1.0, 2.0])
    {'median': 2.0, 'quartiles': [1.0, 3.0]}
    """
    low, middle, high = statistics.quantiles(milliseconds, n=4)
    return {"median": round(middle, 4), "quartiles": [round(low, 4), round(high, 4)]}


def interleaved(kind: str, size: tuple[int, int, int, int], settings: Settings) -> tuple:
    """どの層も順に 1 回ずつ動かすことを繰り返し、経過した時間（ミリ秒）を測る。

    Parameters
    ----------
    kind : str
    size : (int, int, int, int)
    settings : Settings

    Returns
    -------
    forward, both : dict of str to list of float
        順伝播と、順伝播から逆伝播までの時間。損失は最後の時刻の出力だけから作る。

    Examples
    --------
    >>> forward, both = interleaved("RNN", (1, 2, 1, 1), Settings(seconds=0, least=3))
    >>> {name: len(each) for name, each in both.items()}
    {'torch.nn': 3, '手書き': 3, '読みやすいセル': 3, 'C': 3}
    """
    return _alternate(
        {name: build(name, kind, size, settings.seeds[0]) for name in libraries()}, settings
    )


def _alternate(built: dict, settings: Settings) -> tuple:
    forward, both = ({name: [] for name in built} for _ in range(2))
    end = time.perf_counter() + settings.seconds
    rounds = -2  # 初めの 2 周は捨てる
    while rounds < settings.least or time.perf_counter() < end:
        for name, (layer, x) in built.items():
            start = time.perf_counter()
            output, state = layer(x)
            middle = time.perf_counter()
            output[-1].square().mean().backward()
            last = time.perf_counter()
            del output, state  # 計算グラフを片付ける時間が、次に測る層のものにならないように
            layer.zero_grad()  # 訓練と同じく、前の勾配に足さない
            if rounds >= 0:
                forward[name].append(1000 * (middle - start))
                both[name].append(1000 * (last - start))
        rounds += 1
    return forward, both


def with_torch_compile(kind: str, size: tuple[int, int, int, int], settings: Settings) -> dict:
    """読みやすいセルの層に torch.compile を使ったときの、時間（ミリ秒）とコンパイルの秒数。

    Parameters
    ----------
    kind : str
    size : (int, int, int, int)
    settings : Settings

    Returns
    -------
    dict
        C++ のコンパイラがなければ空。

    Examples
    --------
    >>> with_torch_compile("LSTM", (2, 3, 1, 1), Settings())  # doctest: +SKIP
    {'torch.nn': {'forward': {...}, 'both': {...}}, ...}
    """
    if shutil.which(os.environ.get("CXX") or "g++") is None:  # torch.compile が呼ぶもの
        return {}
    built = {
        name: build(name, kind, size, settings.seeds[0]) for name in ("torch.nn", "読みやすいセル")
    }
    layer, x = built["読みやすいセル"]
    # cpp_wrapper：計算の呼び出しも、Python ではなく C++ から
    made = torch.compile(layer, options={"cpp_wrapper": True})
    start = time.perf_counter()
    # 空のフォルダを渡し、前にコンパイルしたものを使わせない
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, TORCHINDUCTOR_CACHE_DIR=folder),
    ):
        made(x)[0][-1].square().mean().backward()
    seconds = time.perf_counter() - start
    forward, both = _alternate(built | {"torch.compile": (made, x)}, settings)
    times = {
        name: {"forward": summary(forward[name]), "both": summary(both[name])} for name in both
    }
    times["torch.compile"]["seconds_to_compile"] = round(seconds, 1)
    return times


BASE = "torch.nn"
"""比の分母。"""


def ratio(values: dict, what: str, name: str) -> float:
    """``torch.nn`` を 1 としたときの、時間（``forward``、``both``）かメモリ（``memory``）。

    Examples
    --------
    >>> times = {"torch.nn": {"both": {"median": 2.0}}, "手書き": {"both": {"median": 1.0}}}
    >>> ratio(times, "both", "手書き")
    0.5
    """
    mine, theirs = (values[each][what] for each in (name, BASE))
    if what == "memory":
        return mine / theirs if theirs > 0 else float("nan")
    return mine["median"] / theirs["median"]


def floor(kind: str, size: list[int], rates: dict) -> float:
    """順伝播と逆伝播の行列積だけにかかる時間（ミリ秒）。入力の勾配は要らないとする。

    Examples
    --------
    >>> rates = {"step": {"@": 0.001}, "chunk": {"@": 0.001}}
    >>> floor("RNN", [1, 1, 1, 1], rates)  # 積和 5 回、0.001 GFLOP/s
    0.01
    """
    batch, length, features, hidden = size
    step, chunk = (max(rates[what].values()) for what in ("step", "chunk"))
    each = 2 * batch * length * {"RNN": 1, "LSTM": 4, "GRU": 3}[kind] * hidden / 1e6
    # 入力側の 2 回と W_hh の勾配は束ごとに、状態側の順伝播と逆伝播は 1 時刻ずつ
    return each * ((2 * features + hidden) / max(step, chunk) + 2 * hidden / step)


def table(record: Record) -> str:
    """記録を、読むための表にする。

    Parameters
    ----------
    record : Record

    Returns
    -------
    str
    """
    rates = record.values(what="matmul")
    made_with = record.values(what="compiler")["C"]["compiler"] or "なし（C の層は測っていない）"
    lines = [
        record.origin(),
        f"C のコンパイラ：{made_with}",
        "",
        "行列積 (行, H) @ (H, 4H) の速さ（GFLOP/s、行は 1 時刻ぶん / 束 1 つぶん）",
    ]
    lines += [
        f"  B, H = {size:8}"
        + "".join(f"  {n} {each['step'][n]:6.1f} / {each['chunk'][n]:6.1f}" for n in each["step"])
        for size, each in rates.items()
    ]
    lines += ["", "torch.nn を 1 としたときの比（順伝播 / 順伝播＋逆伝播 / メモリ）"]
    for result in record.select(what="layer"):
        kind, size = result["unit"]["kind"], result["unit"]["size"]
        values = result["values"]
        row = f"  {kind:4} B={size[0]:<3} T={size[1]:<4} D={size[2]:<3} H={size[3]:<3}"
        row += f"  nn {values[BASE]['both']['median']:8.2f} ms"
        for name in list(values)[1:]:
            three = " / ".join(
                f"{ratio(values, w, name):4.2f}" for w in ("forward", "both", "memory")
            )
            row += f"  {name} {three}"
        if (own := rates.get(f"{size[0]},{size[3]}")) is not None:
            row += f"  床 {floor(kind, size, own):6.2f} ms"
        lines.append(row)
    for result in record.select(what="torch.compile"):
        values = result["values"]
        if values:
            once = values["torch.compile"]["seconds_to_compile"]
            lines.append(f"  大きさ {result['unit']['size']} の LSTM（コンパイル {once:.0f} 秒）")
            for name in list(values)[1:]:
                two = " / ".join(f"{ratio(values, w, name):4.2f}" for w in ("forward", "both"))
                lines.append(f"    {name} {two}")
    return "\n".join(lines)
