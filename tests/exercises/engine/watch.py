"""解答の関数を見張る。例外を読者の言葉に直し、してはならないことをしていないか確かめる。"""

import contextlib
import copy
import inspect
import io
import random
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .compare import same
from .exercise import Incorrect, Stage, Untouched


class Watched:
    """解答の関数を包んだもの。包まれた関数と同じように呼べる。

    引数は写しを渡すので、解答が書き換えても確かめる側は傷まない。
    型や形の誤りより後に知らせるべき約束違反は、`complaints` にためておく。

    Parameters
    ----------
    f : callable
        解答の関数。
    """

    def __init__(self, f: Callable):
        self.f = f
        self.name = getattr(f, "__name__", "関数")
        self.code = getattr(inspect.unwrap(f), "__code__", None)
        self.file = self.code.co_filename if self.code else ""
        self.calls: list[tuple] = []
        self.complaints: list[Incorrect] = []
        self.printed = FirstCharacters(2000)

    def __call__(self, *args):
        self.calls.append(frozen(args))
        given = clone(args)
        with (
            contextlib.redirect_stdout(self.printed),
            contextlib.redirect_stderr(self.printed),
            untouched_globals(self.complaints),
        ):
            result = self._call(given)
        if not same(_fixed(given), _fixed(args)):
            self.complaints.append(
                Incorrect(
                    Stage.ARGUMENTS,
                    "引数を書き換えています（+= や x[...] = …）。新しく作って返してください。",
                )
            )
        return result

    def _call(self, given):
        if not callable(self.f):
            raise Incorrect(Stage.RUN, f"{self.name} が関数ではありません。")
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
        except (KeyboardInterrupt, Incorrect):
            raise
        except BaseException as error:
            raise Incorrect(Stage.RUN, describe(error, self.file)) from None

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


def where(error: BaseException, file: str) -> str:
    """例外が出た所を、読者のファイル ``file`` の最後の行で言う。"""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if frame.filename == file]
    if not theirs:
        return "解答"
    name = Path(file).name if Path(file).is_file() else "セル"
    line = f"`{theirs[-1].line}` " if theirs[-1].line else ""
    return f"{name} の {theirs[-1].lineno} 行目 {line}"


def describe(error: BaseException, file: str) -> str:
    """読者のコードが出した例外を一文にする。"""
    message = " ".join(str(error).split())
    if len(message) > 200:
        message = message[:200] + "…"
    kind = type(error).__name__
    return f"{where(error, file)}でエラーになりました。{kind}" + (f": {message}" if message else "")


@contextlib.contextmanager
def untouched_globals(complaints: list[Incorrect]) -> Iterator[None]:
    """中で torch の大域の設定が変わったら ``complaints`` に加え、乱数も含めて元に戻す。"""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    torch.default_generator.manual_seed(OUR_SEED)
    before = [read() for read, _, _ in SETTINGS]
    try:
        yield
    finally:
        for value, (read, restore, sentence) in zip(before, SETTINGS, strict=True):
            if read() != value:
                restore(value)
                complaints.append(Incorrect(Stage.ARGUMENTS, sentence))
        for restore, state in zip(
            (torch.set_rng_state, np.random.set_state, random.setstate), states, strict=True
        ):
            restore(state)


# 読者が選びそうにない種。変わっていれば、読者が manual_seed を呼んだと分かる。
OUR_SEED = 19971115

# （読む、戻す、変わっていたときの文）
SETTINGS = (
    (
        torch.get_default_dtype,
        torch.set_default_dtype,
        "torch.set_default_dtype で、ほかのコードの型まで変えています。dtype=x.dtype で足ります。",
    ),
    (
        torch.get_default_device,
        lambda _: torch.set_default_device(None),
        "torch.set_default_device で、ほかのコードのテンソルの置き場所まで変えています。",
    ),
    (
        torch.is_grad_enabled,
        torch.set_grad_enabled,
        "torch.set_grad_enabled で、勾配の記録の設定を変えたままにしています。",
    ),
    (
        torch.initial_seed,
        lambda _: None,
        "torch.manual_seed で、ほかのコードの乱数まで変えています。答えは引数だけで決まります。",
    ),
)


def clone(value):
    """入れ子の中のテンソルと配列を写す。勾配は元のテンソルへ流れる。"""
    return _map(value, Tensor.clone, lambda other: other)


def frozen(value):
    """あとで同じ呼び出しをやり直すための、計算グラフから切り離した写し。"""

    def leaf(tensor: Tensor) -> Tensor:
        return tensor.detach().clone().requires_grad_(tensor.requires_grad)

    return _map(value, leaf, copy.deepcopy)


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
    return [a for a in args if not (callable(a) or isinstance(a, np.random.Generator))]
