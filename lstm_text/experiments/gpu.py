"""GPU で測る実験の組。CPU の記録の隣に並べるものを、1 つの GPU で 8 分ほどで測れる大きさに選ぶ。

小さな再帰層を種ごとに訓練する実験は、GPU では計算より、演算を 1 つずつ頼む手間に時間がかかる。その
ため、``recall`` と ``adding`` は、一部のモデルと系列長だけを測る。設定は記録に残り、CPU の記録とは
単位（何を測ったか）で突き合わせられる。
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lstm_text.experiments.engine import NotHere, blank, find, make
from lstm_text.records import read

BUDGET = 420.0
"""新しい単位を始めてよい秒数。8 分から、いちばん長い単位の分を引いた。"""


@dataclass(frozen=True)
class Part:
    """GPU で測る実験の 1 つ。

    Attributes
    ----------
    name : str
        実験の名前。
    why : str
        CPU の記録の隣で、何を比べるか。
    changes : dict
        実験の設定の既定値と違うもの。
    chosen : callable
        単位を受け取り、測るなら真を返す関数。

    Examples
    --------
    >>> part = Part("adding", "加算問題", {"lengths": (10,), "models": ("LSTM", "RNN")},
    ...             lambda unit: unit["model"] == "LSTM")
    >>> part.units()
    [{'model': 'LSTM', 'length': 10}]
    """

    name: str
    why: str
    changes: dict = field(default_factory=dict)
    chosen: Callable[[dict], bool] = lambda unit: True

    def settings(self):
        """GPU で測るときの設定。"""
        return replace(find(self.name).Settings(), **self.changes)

    def units(self) -> list[dict]:
        """測る単位。"""
        return [unit for unit in find(self.name).units(self.settings()) if self.chosen(unit)]


PARTS = (
    Part("speed", "torch.nn の 3 つの層の、1 回の更新の時間"),
    Part("layer_devices", "torch.nn と、手で書いた逆伝播と、読みやすいセルの時間"),
    Part(
        "imdb_contenders",
        "IMDb のはしごの 1 段めと同じ大きさの LSTM と、GRU の訓練",
        {"seeds": (0,)},
        lambda unit: unit["model"] in ("LSTM", "GRU"),
    ),
    Part("adding", "加算問題が解けるまで", {"lengths": (10, 30)}),
    Part(
        "recall",
        "最初の記号を覚えていられるか",
        {"lengths": (5, 20), "models": ("RNN", "GRU", "LSTM")},
        lambda unit: unit["model"] != "双方向 LSTM",
    ),
    Part("imdb_language", "言語モデルを訓練する速さ", {"shares": (0.02, 0.25)}),
)
"""GPU で測る順。短く済んで、比べる値打ちの高いものから並べる。"""


def is_done(part: Part, folder: Path) -> bool:
    """いまの計算機とコードで、この部分のすべての単位を測った記録があるなら真。

    Parameters
    ----------
    part : Part
    folder : Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_done(PARTS[0], Path("ないフォルダ"))
    False
    """
    now = blank(find(part.name), part.settings())
    try:
        before = read(now.name, folder, now.kind)
    except (FileNotFoundError, ValueError):
        return False
    same = all(getattr(before, each) == getattr(now, each) for each in ("code", "machine"))
    measured = [result["unit"] for result in before.results]
    return same and before.versions == now.versions and all(u in measured for u in part.units())


def measure(
    parts: Sequence[Part], folder: Path, budget: float = BUDGET, clock=time.monotonic
) -> Iterator[str]:
    """部分を順に測り、1 つ済むごとに、知らせの 1 行を返す。終わりの 1 行は、測ったものと残り。

    ``budget`` 秒を過ぎたら、新しい単位を始めない。測った単位は残り、もう一度呼べば続きから測る。

    Parameters
    ----------
    parts : sequence of Part
    folder : Path
        記録を置くフォルダ。
    budget : float
        秒。
    clock : callable
        秒を返す時計。

    Yields
    ------
    str

    Examples
    --------
    >>> for line in measure(PARTS[:1], Path("records"), budget=0.0):
    ...     print(line)
    測り終えた記録：なし。まだ：speed（15 件中 0 件）。もう一度打てば、続きから測ります。
    """
    start = clock()
    done, left = [], []
    for part in parts:
        if is_done(part, folder):
            done.append(part.name)
            continue
        total = len(part.units())
        running = make(find(part.name), part.settings(), folder, part.units())
        try:
            count, _ = next(running)
            while count < total and clock() - start < budget:
                count, _ = next(running)
                yield f"{part.name} {count}/{total}（初めから {clock() - start:.0f} 秒）"
        except NotHere as reason:
            yield f"{part.name}：動かせません。{reason}"
            left.append(f"{part.name}（動かせない）")
            continue
        if count < total:
            left.append(f"{part.name}（{total} 件中 {count} 件）")
            continue
        for _ in running:  # 終わりまで進めると、記録が書かれる
            pass
        done.append(part.name)
    yield _summary(done, left)


def _summary(done: list[str], left: list[str]) -> str:
    told = f"測り終えた記録：{'、'.join(done) or 'なし'}。"
    if left:
        told += f"まだ：{'、'.join(left)}。もう一度打てば、続きから測ります。"
    return told
