"""解答の関数を見張る。例外を読者の言葉に直し、してはならないことをしていないか確かめる。"""

import contextlib
import copy
import inspect
import io
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from .compare import same
from .effects import changed, models, tensors, traces
from .exercise import Exercise, Incorrect, Kind, Stage, Untouched
from .messages import call_text, describe, where
from .settings import SEEDED, default_dtype, untouched_globals, usual_dtype


class Watched:
    """解答の関数を包んだもの。包まれた関数と同じように呼べる。

    引数は写しを渡すので、解答が書き換えても確かめる側は傷まない。
    型や形の誤りより後に知らせるべき約束違反は、`complaints` にためておく。

    Parameters
    ----------
    f : callable
        解答の関数。
    exercise : Exercise
        その問。
    """

    def __init__(self, f: Callable, exercise: Exercise):
        self.f = f
        self.exercise = exercise
        self.name = exercise.name
        self.code = getattr(inspect.unwrap(f), "__code__", None) if callable(f) else None
        self.file = self.code.co_filename if self.code else ""
        self.calls: list[tuple] = []
        self.complaints: list[Incorrect] = []
        self.printed = FirstCharacters(2000)
        self.seconds = 0.0
        self.process = os.getpid()

    def __call__(self, *args):
        self.calls.append(frozen(args))
        given, disturbed = clone(args), []
        passed = given, list(tensors(args))  # 写しから逆伝播すると、.grad は元に残る
        before = traces(passed)
        with (
            contextlib.redirect_stdout(self.printed),
            contextlib.redirect_stderr(self.printed),
            warnings.catch_warnings(),
            default_dtype(self._dtype(args)),
            untouched_globals(disturbed),
        ):
            # torch.tensor(w) と float(w) への注意は「detach() を使え」と言い、勾配を切らせる。
            warnings.filterwarnings("ignore", "To copy construct from a tensor")
            warnings.filterwarnings("ignore", "Converting a tensor with requires_grad=True")
            start = time.perf_counter()
            result = self._call(given)
            self.seconds += time.perf_counter() - start
        explores = self.exercise.kind is Kind.EXPLORE  # 自分で測る問では、種を決めてよい
        self.complaints += (
            each for each in disturbed if not (explores and each.sentence in SEEDED)
        )
        if not same(_fixed(given), _fixed(args)):
            sentence = "引数を書き換えています（+= や x[...] = …）。新しく作って返してください。"
            self._complain(sentence)
        if told := changed(before, passed):
            for sentence in told:
                if sentence not in self._changed_by_the_solution():
                    self._complain(sentence)
        return result

    def _dtype(self, args) -> torch.dtype:
        return dtype_of(args) if args else usual_dtype(self.exercise)

    def _complain(self, sentence: str) -> None:
        self.complaints.append(Incorrect(Stage.ARGUMENTS, sentence))

    def _changed_by_the_solution(self) -> list[str]:
        """同じ呼び出しで、解答例がモデルやテンソルに残す跡。"""
        args = frozen(self.calls[-1])
        before = traces(args)
        with contextlib.suppress(Exception), untouched_globals([]):
            self.exercise.part("solution")(*args)
        return changed(before, args)

    def _call(self, given):
        if not callable(self.f):
            sentence = (
                f"{self.name} が関数ではありません（{type(self.f).__name__} です）。"
                f"関数を呼び出した結果でなく、括弧を付けない {self.name} そのものにします。"
            )
            raise Incorrect(Stage.RUN, sentence)
        self._require_parameters(len(given))
        try:
            return self.f(*given)
        except NotImplementedError as error:
            raise self._not_implemented(error) from None
        except SystemExit:
            sentence = f"{self.name} の中で exit() が呼ばれました。値は return で返してください。"
            raise Incorrect(Stage.RUN, sentence) from None
        except RecursionError as error:
            sentence = f"{where(error, self.file)}で、関数が自分を呼び続けています（再帰）。"
            raise Incorrect(Stage.RUN, sentence) from None
        except (Pressed, Incorrect):
            raise
        except BaseException as error:
            given = self.calls[-1]
            call = call_text(self.name, given) or call_text(self.name, outlined(given))
            raise Incorrect(Stage.RUN, describe(error, self.file, call)) from None
        finally:
            if os.getpid() != self.process:  # 解答の os.fork() でできた、もう 1 つの自分
                os._exit(0)

    def _require_parameters(self, count: int) -> None:
        try:
            signature = inspect.signature(self.f)
        except (TypeError, ValueError):
            return  # C で書かれた関数などは、引数の数を教えてくれない
        try:
            signature.bind(*range(count))
        except TypeError:
            definition = f"{self.name}{signature}"
            sentence = f"{self.name} は引数 {count} 個で呼びますが、定義は {definition} です。"
            raise Incorrect(Stage.RUN, sentence) from None

    def _not_implemented(self, error: NotImplementedError) -> Exception:
        """ひな形のままなら未着手。torch が出した NotImplementedError には説明がついている。"""
        last = list(traceback.walk_tb(error.__traceback__))[-1][0].f_code
        if error.args:
            return Incorrect(Stage.RUN, describe(error, self.file))
        if last is self.code:
            return Untouched()
        sentence = f"{self.name} が呼んでいる {last.co_name} が、まだ書かれていません。"
        return Incorrect(Stage.RUN, sentence)


class FirstCharacters(io.TextIOBase):
    """初めの ``limit`` 文字だけを覚えておく出力先。"""

    def __init__(self, limit: int):
        self.limit = limit
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text[: self.limit - len(self.text)]
        return len(text)


class Pressed(KeyboardInterrupt):
    """本当に Ctrl-C が押された。解答が自分で投げた `KeyboardInterrupt` と区別する。"""


@contextlib.contextmanager
def telling_ctrl_c() -> Iterator[None]:
    """中で Ctrl-C が押されたら、`Pressed` を出す。"""

    def press(*_):
        raise Pressed

    try:
        before = signal.signal(signal.SIGINT, press)
    except ValueError:  # メインでないスレッドに、Ctrl-C は届かない
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def dtype_of(args) -> torch.dtype:
    """引数の小数がどれも float32 なら float32、そうでなければ float64。"""
    weights = [weight for model in models(args) for weight in model.parameters()]
    found = {each.dtype for each in [*tensors(args), *weights]}
    return torch.float32 if found == {torch.float32} else torch.float64


def clone(value):
    """入れ子の中のテンソルと配列を写す。勾配は元のテンソルへ流れる。"""

    def container(other):
        return copy.copy(other) if isinstance(other, set | list | dict) else other

    return _map(value, Tensor.clone, container)


def frozen(value):
    """あとで同じ呼び出しをやり直すための、計算グラフから切り離した写し。

    モデルと、その重みを持つ最適化器のように、互いを指すものは、写しどうしで指し合う。
    """
    memo = {}

    def leaf(tensor: Tensor) -> Tensor:
        memo[id(tensor)] = tensor.detach().clone().requires_grad_(tensor.requires_grad)
        return memo[id(tensor)]

    def other(each):
        made = copy.deepcopy(each, memo)
        for mine, theirs in zip(models(made), models(each), strict=True):
            for weight, source in zip(mine.parameters(), theirs.parameters(), strict=True):
                weight.grad = copy.deepcopy(source.grad)  # 重みの deepcopy は .grad を写さない
        return made

    return _map(value, leaf, other)


class Words(str):
    """引用符を付けずに書く言葉。"""

    __repr__ = str.__str__


def outlined(value):
    """入れ子の中のテンソルを、形を言う言葉にしたもの。

    >>> outlined(([torch.ones(2, 8), torch.zeros(3)], 0.5))
    ([形 (2, 8), すべて 0 で形 (3,)], 0.5)
    """

    def shape(tensor: Tensor) -> Words:
        return Words(f"{'' if tensor.any() else 'すべて 0 で'}形 {tuple(tensor.shape)}")

    return _map(value, shape, lambda other: other)


def _map(value, on_tensor: Callable, on_other: Callable):
    if isinstance(value, Tensor):
        return on_tensor(value)
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(_map(each, on_tensor, on_other) for each in value)
    if type(value) is dict:
        return {key: _map(each, on_tensor, on_other) for key, each in value.items()}
    return on_other(value)


def _fixed(args):
    """引数のうち、書き換えが分かるもの。モデルと乱数生成器は変わってよい。"""
    return [a for a in args if not (callable(a) or isinstance(a, np.random.Generator | nn.Module))]
