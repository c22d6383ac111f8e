"""問が使わないと決めたものを、解答が使っていないか見る。

使った所では止めない。止める例外は、解答の try や別のスレッドの中で消えてしまう。
使ったことを覚えておき、中から出るときに要修正とする。出れば、すべて元に戻る。
"""

import contextlib
from collections.abc import Callable, Iterator
from unittest import mock

from torch import nn
from torch.autograd import forward_ad
from torch.autograd.variable import Variable
from torch.overrides import TorchFunctionMode

from .exercise import Incorrect, Stage


@contextlib.contextmanager
def without_autograd() -> Iterator[None]:
    """中で自動微分（逆向きも前向きも、torch.func も）に勾配を求めさせたら、要修正とする。

    前向きの計算だけなら、nn.RNN を使っても、計算グラフが記録されてもよい。
    """
    with _refusing("自動微分を使っています。この練習では、勾配の式を自分で書きます。") as used:
        engine = mock.patch.object(
            Variable, "_execution_engine", _Engine(Variable._execution_engine, used)
        )
        forward = mock.patch.object(
            forward_ad, "enter_dual_level", _noting(forward_ad.enter_dual_level, used)
        )
        with engine, forward:
            yield


@contextlib.contextmanager
def without_modules(*modules: type[nn.Module]) -> Iterator[None]:
    """中で ``modules`` のどれかを作ったり、写したり、走らせたりしたら、要修正とする。

    クラスそのものに印を付けるので、別名でも、継承したクラスでも分かる。
    """
    names = "、".join(f"nn.{module.__name__}" for module in modules)
    sentence = f"{names} を使っています。この練習では、使わずに答えてください。"
    with _refusing(sentence) as used, contextlib.ExitStack() as stack:
        for module in modules:
            for method in ("__init__", "__setstate__", "forward"):
                noting = _noting(getattr(module, method), used)
                stack.enter_context(mock.patch.object(module, method, noting))
        stack.enter_context(_Functions({_function(module) for module in modules}, used))
        yield


@contextlib.contextmanager
def runs_of(module: type[nn.Module]) -> Iterator[list]:
    """中で ``module`` の計算を走らせるたびに、要素が 1 つ増えるリスト。

    渡したモデルのほか、写しや、同じ重みで作り直したものを走らせても増える。
    """
    runs = []
    with _Functions({_function(module)}, runs):
        yield runs


@contextlib.contextmanager
def _refusing(sentence: str) -> Iterator[list]:
    """渡したリストが空でなくなっていたら、中で起きたほかの誤りより先に、この文を知らせる。"""
    used = []
    try:
        yield used
    except Exception:
        if not used:
            raise
    if used:
        raise Incorrect(Stage.RUN, sentence)


def _noting(function: Callable, used: list) -> Callable:
    """呼ばれたことを覚えてから、元の関数を呼ぶ。"""

    def noting(*args, **kwargs):
        used.append(function)
        return function(*args, **kwargs)

    return noting


class _Engine:
    """逆向きの自動微分を走らせる所。backward も torch.autograd も torch.func もここを通る。"""

    def __init__(self, engine, used: list):
        self.engine = engine
        self.run_backward = _noting(engine.run_backward, used)

    def __getattr__(self, name: str):
        return getattr(self.engine, name)


class _Functions(TorchFunctionMode):
    """モデルを通さずに呼ばれた torch.lstm などを覚えておく。"""

    def __init__(self, names: set[str], used: list):
        super().__init__()
        self.names = names
        self.used = used

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in self.names:
            self.used.append(function)
        return function(*args, **(kwargs or {}))


def _function(module: type[nn.Module]) -> str:
    """そのモデルが中で使う torch の関数の名前。

    >>> _function(nn.LSTM), _function(nn.GRUCell), _function(nn.RNN)
    ('lstm', 'gru_cell', 'rnn_tanh')
    """
    name = module.__name__.lower().replace("cell", "_cell")
    return name.replace("rnn", "rnn_tanh")
