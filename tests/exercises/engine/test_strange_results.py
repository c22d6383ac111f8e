"""どんな値を返し、どんな例外を投げても、答え合わせは止まらず、一つの文になる。"""

import contextlib
import os
import signal
import sys
import threading

import numpy as np
import pytest
import torch

from tests.exercises import check, find
from tests.exercises.engine.compare import exp_may_overflow, expect
from tests.exercises.engine.examine import examine
from tests.exercises.engine.exercise import Exercise, Outcome
from tests.exercises.engine.recurrent import agree, cell_cases


class Angry:
    """何をしても怒るもの。"""

    def refuse(self, *args):
        raise RuntimeError("触るな")

    __str__ = __repr__ = __eq__ = __len__ = __bool__ = __iter__ = __hash__ = refuse
    shape = dtype = property(refuse)

    __getattr__ = refuse


class AngryTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError("触るな")


class AngryTuple(tuple):
    def __len__(self):
        raise KeyboardInterrupt

    __eq__ = __len__
    __hash__ = None


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError


def itself():
    loop = []
    loop.append(loop)
    return loop


def dictionary_in_itself():
    loop = {}
    loop["h"] = loop
    return loop


def deep():
    nest = []
    for _ in range(100_000):
        nest = [nest]
    return nest


def half(x):
    return x[:, :1].expand(4, 3) if x.shape[0] == 4 else x


RESULTS = {
    "object": lambda x: Angry(),
    "tuple": lambda x: AngryTuple([x]),
    "list": lambda x: itself(),
    "dict": lambda x: dictionary_in_itself(),
    "deep": lambda x: deep(),
    "generator": lambda x: (each for each in x),
    "sparse": lambda x: half(x).to_sparse(),
    "meta": lambda x: half(x).to("meta"),
    "quantized": lambda x: torch.quantize_per_tensor(half(x).float(), 0.1, 0, torch.qint8),
    "complex": lambda x: half(x) + 0j,
    "bool": lambda x: half(x) > 0,
    "empty": lambda x: x[:0],
    "strings": lambda x: np.array(["a"] * 12).reshape(4, 3),
    "objects": lambda x: np.array([None] * 12).reshape(4, 3),
    "int": lambda x: 10**5000,
    "surrogate": lambda x: "\ud800",
    "type": lambda x: int,
    "subclass": lambda x: torch.zeros(4, 3).double().as_subclass(AngryTensor),
}


def check_rnn_cell(f):
    """nn.RNNCell と、値も勾配も一致する。"""
    agree(f, torch.rnn_tanh_cell, cell_cases(gates=1, states=1), "h_new (B, H)")


@pytest.mark.parametrize("f", RESULTS.values(), ids=RESULTS.keys())
def test_strange_result_is_one_sentence(f):
    report = examine(exercise_about(check_rnn_cell), lambda *args: f(args[0]))
    assert report.outcome is Outcome.INCORRECT
    assert 0 < report.sentence.count("。") <= 2
    report.sentence.encode("utf-8")


def test_strange_parts_of_a_result():
    """組の中の一つだけがおかしくても。"""
    solution = find("2.1").part("solution")
    for f in RESULTS.values():
        report = examine(find("2.1"), lambda *args, f=f: (*solution(*args)[:3], f(args[0])))
        assert report.outcome is Outcome.INCORRECT


def raising(error):
    def f(*args):
        raise error

    return f


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        BaseException("わざと"),
        GeneratorExit(),
        StopIteration(),
        Unspeakable(),
        ValueError("\ud800😀\x1b[31m"),
        ValueError("長い" * 10_000),
        ExceptionGroup("いくつも", [ValueError("一"), KeyError("二")]),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_raised_error_is_one_sentence(error, capsys):
    check("1.1", raising(error))
    heading, sentence, *_ = capsys.readouterr().out.splitlines()
    assert heading.startswith("× 1.1 要修正")
    assert f"でエラーになりました。{type(error).__name__}" in sentence
    assert len(sentence) < 500


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="シグナルがない")
def test_ctrl_c_is_not_swallowed():
    def f(*args):
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        examine(find("1.1"), f)
    assert signal.getsignal(signal.SIGINT) is before


def test_check_works_outside_the_main_thread():
    reports = []
    solution = find("1.1").part("solution")
    thread = threading.Thread(target=lambda: reports.append(examine(find("1.1"), solution)))
    thread.start()
    thread.join()
    assert reports[0].outcome is Outcome.CORRECT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork がない")
def test_a_forked_answer_is_checked_once(capfd):
    def f(*args):
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        return find("1.1").part("solution")(*args)

    check("1.1", f)
    sys.stdout.flush()
    assert capfd.readouterr().out.count("1.1") == 1


@pytest.mark.parametrize("f", [None, "text", 3, torch.zeros(2)])
def test_what_is_not_a_function_is_named(f, capsys):
    check("1.1", f)
    sentence = capsys.readouterr().out.splitlines()[1]
    assert f"rnn_forward が関数ではありません（{type(f).__name__} です）。" in sentence
    assert "括弧を付けない rnn_forward そのもの" in sentence


def exercise_about(check):
    return Exercise("1.1", "rnn_forward", "", "節", 1, 1, ("一", "二"), check)


# --- 書き終えたのに残っている raise -------------------------------------------------------


def test_a_left_over_raise_is_told():
    def f(*args):
        """説明。"""
        raise NotImplementedError
        x, h, w_ih, w_hh, b_ih, b_hh = args
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    report = examine(find("1.5"), f)
    assert report.outcome is Outcome.INCORRECT
    assert report.sentence.startswith("raise NotImplementedError の行が残っています。")


def test_a_raise_left_below_the_code_is_told():
    def f(*args):
        _ = args[0] * 2
        raise NotImplementedError

    assert "行が残っています" in examine(find("1.5"), f).sentence


def test_a_changed_docstring_is_still_untouched():
    def f(*args):
        """自分の覚え書き。"""
        # 覚え書き
        raise NotImplementedError  # あとで

    exercise = find("1.5")
    assert examine(exercise, f).outcome is Outcome.UNTOUCHED
    assert examine(exercise, exercise.part("stub")).outcome is Outcome.UNTOUCHED


# --- 文 --------------------------------------------------------------------------------


def example(*shape):
    return torch.linspace(-1, 1, int(np.prod(shape)), dtype=torch.float64).reshape(shape)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: x.requires_grad_().numpy(), "torch の関数で計算してください"),
        (lambda x: x @ x, "掛けられません（2x3 と 2x3）"),
        (lambda x: x @ x.T.float(), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x @ x[0].float(), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x[0] @ x[0].float(), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x.lerp(x.float(), 0.5), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: torch.inner(x, x.float()), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x.float().index_add(0, torch.arange(2), x), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x.scatter(0, torch.zeros_like(x).long(), x.float()), "引数と同じ型（dtype="),
        (lambda x: torch.nn.LSTM(3, 2, dtype=torch.float32)(x), "引数と同じ型（dtype=x.dtype）"),
        (lambda x: x + x[:, :2], "軸 1 の大きさが 3 と 2 で合いません"),
        (lambda x: torch.cat([x, x[:, :2]]), "軸 0 でないほうの大きさが合いません"),
        (lambda x: x.view(4, 2), "要素が 6 個のテンソルは、[4, 2] の形にできません"),
        (lambda x: 1 if x > 0 else 2, "if や and の条件"),
        (lambda x: x.requires_grad_().add_(1), "そのままでは書き換えられません"),
        (lambda x: x.requires_grad_()[0].zero_(), "with torch.no_grad(): の中で書き換え"),
        (lambda x: [r.zero_() for r in x.clone().requires_grad_().clone()], "torch.stack して"),
        (lambda x: float(x), "1 つの数にしようとしています"),
        (lambda x: x[5], "軸 0 の大きさは 2 なので、添字 5 はありません"),
    ],
)
def test_errors_of_torch_are_told_in_japanese(f, words):
    sentence = examine(exercise_about(lambda f: f(example(2, 3))), f).sentence
    assert words in sentence
    for advice in ("detach", "numpy()", "Use "):
        assert advice not in sentence.split("でエラーになりました")[1]


def test_an_error_is_told_with_its_short_input():
    def f(values, n):
        return sum(values) / n

    sentence = examine(exercise_about(lambda f: f([0.5, 1 / 3], 0)), f).sentence
    assert "（rnn_forward([0.5, 0.333333], 0) のとき）。ZeroDivisionError" in sentence
    long = examine(exercise_about(lambda f: f(list(range(1000)), 0)), f).sentence
    assert "のとき" not in long
    outlined = exercise_about(lambda f: f([example(4, 5), torch.zeros(9, 9)], 0))
    told = examine(outlined, lambda values, n: n // n).sentence
    assert "（rnn_forward([形 (4, 5), すべて 0 で形 (9, 9)], 0) のとき）" in told


@pytest.mark.parametrize(
    ("alter", "blamed"),
    [
        (lambda want: want.float().double(), True),
        (lambda want: want + 1e-8, False),
        (lambda want: want * (1 + 1e-7), False),
        (lambda want: want.float().double() + 1e-8, False),
    ],
)
def test_rounding_is_blamed_only_for_rounding(alter, blamed):
    """どれもわずかな差だが、float32 に丸めたものは 1 つしかない。"""
    want = example(3, 4).sin()
    exercise = exercise_about(lambda f: expect(f(), want, "y (A, B)"))
    sentence = examine(exercise, lambda: alter(want)).sentence
    assert "のはずですが" in sentence
    assert ("float32 に丸めた" in sentence) is blamed


def test_rounding_is_not_blamed_for_small_numbers():
    """どの数も小さければ、1 割違う数を、丸めのせいにはしない。"""
    want = 2.0**-30 * (1 + example(3, 4).round())
    exercise = exercise_about(lambda f: expect(f(), want, "y (A, B)"))
    assert "float32" not in examine(exercise, lambda: 1.125 * want).sentence


def test_a_single_constant_in_the_middle_is_asked_about():
    want = example(3, 4).sin()
    exercise = exercise_about(lambda f: expect(f(), want, "y (A, B)"))
    third = torch.tensor(1 / 3, dtype=torch.float32).double()
    assert "混ざっていませんか" in examine(exercise, lambda: want * 3 * third).sentence
    assert "混ざっていませんか" not in examine(exercise, lambda: want * 1.001).sentence


@pytest.mark.parametrize(("doubtful", "told"), [(True, True), (False, False)])
def test_overflow_of_exp_is_suspected_only_where_it_may_happen(doubtful, told):
    def check(f):
        with exp_may_overflow() if doubtful else contextlib.nullcontext():
            expect(f(), example(3), "y (A,)")

    sentence = examine(exercise_about(check), lambda: example(3) * torch.nan).sentence
    assert "nan は 0 / 0" in sentence
    assert ("大きな数の exp" in sentence) is told


def test_a_rounded_number_is_told():
    exercise = exercise_about(lambda f: expect(f(), 0.1, "割合"))
    assert "float32 に丸めた" in examine(exercise, lambda: float(np.float32(0.1))).sentence
    assert "float32 に丸めた" not in examine(exercise, lambda: 0.1 + 1e-8).sentence


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e30])
def test_small_values_are_compared_too(scale):
    want = scale * example(2, 3)
    exercise = exercise_about(lambda f: expect(f(), want, "y (A, B)"))
    assert examine(exercise, lambda: want * (1 + 1e-12)).outcome is Outcome.CORRECT
    wrong = examine(exercise, lambda: 1.001 * want).outcome
    assert wrong is (Outcome.CORRECT if scale < 1e-12 else Outcome.INCORRECT)
