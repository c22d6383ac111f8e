"""torch の演算を、解答が何回使ったかを数える。"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .watch import Watched


class Calls(TorchFunctionMode):
    """torch の関数が呼ばれた回数。"""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.count += 1
        return function(*args, **(kwargs or {}))


def calls_in(f: Watched, *args) -> int:
    """``f(*args)`` が torch の関数を呼ぶ回数。

    引数を写すなど、見張りが呼ぶぶんは除く。何もしない関数を、同じように呼んで数える。
    """
    counts = []
    for each in (f, Watched(lambda *_: None, f.exercise)):
        with Calls() as calls:
            each(*args)
        counts.append(calls.count)
    return counts[0] - counts[1]


# 行列どうしの積の演算と、左の行列が何番めの引数か。
LEFT = {"mm": 0, "bmm": 0, "addmm": 1, "baddbmm": 1}


class Contractions(TorchDispatchMode):
    """行列どうしの積で、1 回にまとめて足した項の数の最大。(H, K) と (K, D) の積なら K。

    `Products` と同じく、分解された先の演算で見る。ベクトルとの積と、NumPy に移した計算は見ない。
    """

    def __init__(self):
        super().__init__()
        self.longest = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # 真だと、torch.compile の道具が読み込まれ、何秒もかかる

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function._schema.name.removeprefix("aten::").removesuffix("_")
        result = function(*args, **(kwargs or {}))
        if name in LEFT and min(result.shape[-2:]) > 1:
            self.longest = max(self.longest, args[LEFT[name]].shape[-1])
        return result


class Products(TorchDispatchMode):
    """行列の積で求めた要素の数。(H, H) どうしの積なら、1 回に H × H 個。

    関数の名前でなく、分解された先の演算で数えるので、F.linear や multi_dot でも分かる。
    要素ごとに掛けてから足す書き方は、sum で分かる。NumPy に移した計算は数えない。
    """

    NAMES = frozenset(
        {"mm", "bmm", "mv", "dot", "vdot", "addmm", "addmv", "addbmm", "baddbmm", "sum"}
    )

    def __init__(self):
        super().__init__()
        self.elements = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # 真だと、torch.compile の道具が読み込まれ、何秒もかかる

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():  # この中では、linear などが分解されずに届く
            with self:
                result = function.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = function(*args, **kwargs)
        name = function._schema.name.removeprefix("aten::").removesuffix("_")
        if name in self.NAMES and isinstance(result, torch.Tensor):
            self.elements += result.numel()
        return result
