"""練習 12.4 で試す再帰層。切っても同じものと、切ると変わるもの。"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from lstm_text.device import seeded
from lstm_text.fast import MinGRU

TIME = 9


def cases() -> Iterator[tuple]:
    """（層の説明、層、入力、最も小さい切れ目か None）を順に返す。"""
    x = torch.linspace(-3, 5, TIME * 6, dtype=torch.float64).sin().reshape(TIME, 3, 2)
    yield from ((what, layer, x, None) for what, layer in right_layers())
    yield "T = 1 の系列", decayed, x[:1], None
    for what, layer, want in WRONG:
        yield what, layer, x.abs(), want


def right_layers() -> Iterator[tuple]:
    """正しい層。状態が組のもの、丸めの誤差が切り方で変わるもの、差が 1e-9 に届かないものもある。"""
    with seeded(0):
        for kind in (nn.GRU, nn.LSTM):
            yield f"nn.{kind.__name__}", kind(2, 4).double()
        yield "2 層の MinGRU", MinGRU(2, 4, num_layers=2).double()
    yield "前の状態の 0.9 倍に入力を足す層", decayed
    yield "状態を渡すと、出力が 9e-10 だけ大きくなる層", barely_larger
    one = partial(one_element_larger, gap=9e-10)
    yield "状態を渡すと、出力の 1 つの要素だけが 9e-10 大きくなる層", one


def decayed(x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """前の状態の 0.9 倍に入力を足す。"""
    h, output = torch.zeros_like(x[0]) if state is None else state, []
    for x_t in x:
        h = 0.9 * h + x_t
        output.append(h)
    return torch.stack(output), h


def barely_larger(x, state=None):
    output, last = decayed(x, state)
    return output if state is None else output + 9e-10, last


def through_g(x, state=None):
    return decayed(x, None if state is None else state + 0.5)


def in_another_order(x, state=None):
    output, last = decayed(x, state)
    return output, last.roll(1, 0)


def two_swapped(x, state=None):
    output, last = decayed(x, state)
    return output, last[[0, 2, 1]]


def first_output_larger(x, state=None):
    output, last = decayed(x, state)
    if state is not None:
        output = torch.cat([output[:1] + 1e-3, output[1:]])
    return output, last


def second_output_larger(x, state=None):
    output, last = decayed(x, state)
    if state is not None and len(x) > 1:
        output = torch.cat([output[:1], output[1:2] + 1e-3, output[2:]])
    return output, last


def last_output_larger(x, state=None):
    output, last = decayed(x, state)
    if state is not None and len(x) > 5:
        output = torch.cat([output[:-1], output[-1:] + 1e-3])
    return output, last


def one_element_larger(x, state=None, gap=2e-9):
    output, last = decayed(1e-3 * x, state)
    if state is not None:
        step = torch.zeros_like(output)
        step[0, 1, 1] = gap
        output = output + step
    return output, last


def a_little_larger(x, state=None):
    output, last = decayed(1000 * x, state)
    return output if state is None else output + 5e-9, last


def _larger_state(x, state, element, step=0.5):
    if state is not None:
        state = state.clone()
        state[element] += step
    return decayed(x, state)


def larger_first_unit(x, state=None):
    return _larger_state(x, state, (slice(None), 0))


def larger_second_unit(x, state=None):
    return _larger_state(x, state, (slice(None), 1))


def units_apart(x, state=None):
    return _larger_state(x, state, ..., torch.tensor([0.5, -0.5], dtype=x.dtype))


def larger_first_row(x, state=None):
    return _larger_state(x, state, 0)


def larger_second_row(x, state=None):
    return _larger_state(x, state, 1)


def looking_ahead(x, state=None):
    output, last = decayed(x, state)
    return output + torch.cat([x[1:], torch.zeros_like(x[:1])]), last


def fading(x, state=None):
    return decayed(x, None if state is None else (1 - 1e-6) * state)


def remembering_three(x, state=None):
    output, last = decayed(x, state)
    return output, output[2] if len(x) > 3 else last


def forgetting_for_one(x, state=None):
    return decayed(x, None if len(x) == 1 else state)


def forgetting_one(x, state=None):
    output, last = decayed(x, state)
    return output, torch.zeros_like(last) if len(x) == 1 else last


def forgetting_at_six(x, state=None):
    output, last = decayed(x, state)
    return output, torch.zeros_like(last) if len(x) == 6 else last


def lost_when_long(x, state=None):
    output, last = decayed(x, state)
    return output * torch.nan if len(x) == TIME else output, last


def always_lost(x, state=None):
    output, last = decayed(x, state)
    return output * torch.nan, last


def in_logs(x, state=None):
    return decayed(x, None if state is None else (-state).log().exp())


WRONG = (
    ("渡された状態に 0.5 を足す層", through_g, 1),
    ("状態を、系列の順をずらして返す層", in_another_order, 1),
    ("2 本めと 3 本めの系列の状態を入れ替える層", two_swapped, 1),
    ("状態を渡すと、初めの 1 時刻の出力だけが大きくなる層", first_output_larger, 1),
    ("状態を渡すと、2 つめの時刻の出力だけが大きくなる層", second_output_larger, 1),
    ("状態を渡して 6 時刻以上を読むと、最後の出力だけが大きくなる層", last_output_larger, 1),
    ("状態を渡すと、小さな出力の 1 つの要素だけが 2e-9 大きくなる層", one_element_larger, 1),
    ("大きな出力が、状態を渡すと 5e-9 だけ大きくなる層", a_little_larger, 1),
    ("渡された状態の 1 つめの成分だけに 0.5 を足す層", larger_first_unit, 1),
    ("渡された状態の 2 つめの成分だけに 0.5 を足す層", larger_second_unit, 1),
    ("渡された状態の、成分どうしの差だけを大きくする層", units_apart, 1),
    ("1 本めの系列の状態だけに 0.5 を足す層", larger_first_row, 1),
    ("2 本めの系列の状態だけに 0.5 を足す層", larger_second_row, 1),
    ("次の時刻の入力も出力に足す層", looking_ahead, 1),
    ("渡された状態を 100 万分の 1 だけ小さくする層", fading, 1),
    ("長い系列では、3 時刻めの状態を返す層", remembering_three, 4),
    ("1 時刻だけの系列では、渡された状態を使わない層", forgetting_for_one, TIME - 1),
    ("1 時刻だけの系列では、0 の状態を返す層", forgetting_one, 1),
    ("6 時刻の系列でだけ、0 の状態を返す層", forgetting_at_six, 6),
    ("渡された状態の対数をとる層", in_logs, 1),
    ("切らない系列では、出力が nan になる層", lost_when_long, 1),
    ("いつも出力が nan になる層", always_lost, 1),
)
