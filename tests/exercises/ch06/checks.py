"""「時系列と生成」の練習。"""

import numpy as np
import torch
from torch import Tensor

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise, Stage, require
from tests.exercises.engine.recurrent import normal


def check_make_windows(f):
    """窓 i の時刻 k は series[i + k]、目標は series[i + k + 1] である。"""
    rng = np.random.default_rng(61)
    for points, width in ((9, 4), (8, 1), (4, 3)):
        series = normal(rng, points)
        inputs = [[[series[i + k]] for k in range(width)] for i in range(points - width)]
        targets = [[[series[i + k + 1]] for k in range(width)] for i in range(points - width)]
        want = (torch.tensor(inputs), torch.tensor(targets))
        expect(f(series, width), want, ("inputs (n, width, 1)", "targets (n, width, 1)"))


def check_free_run(f):
    """Python のリストで、値を 1 つずつ足していった結果と一致する。"""
    rng = np.random.default_rng(62)
    for width, steps in ((4, 7), (5, 2), (1, 3), (3, 1)):
        start = normal(rng, width)
        values = start.tolist()
        for _ in range(steps):
            values.append(float(order_sensitive(torch.tensor(values[-width:]))))
        expect(f(order_sensitive, start, steps), torch.tensor(values[width:]), "戻り値 (steps,)")


def order_sensitive(window):
    """窓のどの値にも、その順序にも、長さにも左右される予測。"""
    return torch.sin(window @ torch.cos(1.0 + torch.arange(len(window)))) + 0.1 * len(window)


def check_sample_index(f):
    """確率を先に決めてロジットを作り、どの番号の区間に u が入るかを見る。"""
    probabilities = torch.tensor([0.1, 0.4, 0.2, 0.3])
    draws = ((0.35, 1), (0.05, 0), (0.15, 1), (0.45, 1), (0.55, 2), (0.69, 2), (0.71, 3), (0.99, 3))
    cases = [
        (temperature * probabilities.log() + shift, temperature, u, want)
        for temperature, shift in ((0.5, 3.0), (2.0, 0.0), (1.0, -1.0), (0.25, 2000.0))
        for u, want in draws
    ]
    # exp(-1000) は 0 になる。確率 0 の文字は、u が 0 でも引かれない。
    cases += [(torch.tensor([0.0, 10.0, 5.0]), 0.01, u, 1) for u in (0.0, 0.5, 0.999)]
    cases += [(torch.tensor([-0.7]), 1.5, 0.8, 0)]
    got = [f(logits, temperature, u) for logits, temperature, u, _ in cases]
    names = [
        f"ロジット {logits.numpy().round(2).tolist()}、温度 {temperature}、u = {u} のとき、番号"
        for logits, temperature, u, _ in cases
    ]
    expect(got, [want for *_, want in cases], names)


def check_one_hot_windows(f):
    """1 の立つ場所を、文字ごとに探した結果と一致する。"""
    names = ("x (n, width, V)", "t (n, V)", "chars")
    for text, width in (("Ab ba\nねこ Bねこ。", 3), ("😀ああ", 1), ("abcab", 4)):
        chars = sorted(set(text))
        x = [
            [[float(text[i + k] == char) for char in chars] for k in range(width)]
            for i in range(len(text) - width)
        ]
        t = [[float(after == char) for char in chars] for after in text[width:]]
        expect(in_float64(f(text, width)), (torch.tensor(x), torch.tensor(t), chars), names)


def in_float64(got):
    """小数のテンソルなら、どの型でも float64 にそろえる。整数と真偽値はここで断る。"""
    if not isinstance(got, tuple | list):
        return got
    for each, name in zip(got, ("x", "t"), strict=False):
        require(
            not isinstance(each, Tensor) or each.is_floating_point(),
            f"{name} は小数の型（float32 など）のはずですが、{getattr(each, 'dtype', '')} です。"
            "整数や真偽値のままでは nn.LSTM に渡せません。",
            Stage.TYPE,
        )
    return [each.double() if isinstance(each, Tensor) else each for each in got]


EXERCISES = (
    Exercise(
        id="6.1",
        name="make_windows",
        title="系列を窓に切る",
        section="窓に切り、どの時刻でも 1 つ先を当てる",
        difficulty=1,
        minutes=10,
        hints=(
            "窓 i の入力は series[i : i + width]、目標は始まりも終わりも 1 つ後ろです。",
            "目標も取れるのは i = 0, …, points - width - 1 です。全部で points - width 個。",
            "torch.stack で (n, width) にまとめ、unsqueeze(-1) で最後に長さ 1 の軸を足します。",
        ),
        check=check_make_windows,
    ),
    Exercise(
        id="6.2",
        name="free_run",
        title="自由走行で予測する",
        section="続けて書かせると、曲線を離れた",
        difficulty=2,
        minutes=15,
        hints=(
            "今の窓を変数に持ち、予測するたびに、その窓を新しい窓に取りかえます。",
            "新しい窓は、古い窓の 2 つめから後ろ（window[1:]）に、予測した値を足したものです。",
            "torch.cat は 1 次元以上のテンソルしかつなげないので、予測は reshape(1) してから。"
            "戻り値は、予測のリストを torch.stack したものです。",
        ),
        check=check_free_run,
    ),
    Exercise(
        id="6.3",
        name="sample_index",
        title="温度を付けて文字を引く",
        section="文字を 1 つずつ書く",
        difficulty=2,
        minutes=15,
        hints=(
            "温度で割るのは softmax の前のロジットです。大きなロジットの exp はあふれますが、"
            "torch.softmax は最大値を引いてから exp をとるので、あふれません。",
            "確率を長さとみて、0 から 1 の線分に番号の順に並べます。"
            "u の落ちた区間の番号が答えです。",
            "累積和（cumsum）が初めて u より大きくなる番号を返します。"
            "「以上」にすると、u = 0 のとき確率 0 の文字を引いてしまいます。",
        ),
        check=check_sample_index,
    ),
    Exercise(
        id="6.4",
        name="one_hot_windows",
        title="文章を one-hot の窓にする",
        section="文字を番号に、文章を窓に",
        difficulty=2,
        minutes=20,
        hints=(
            "chars は sorted(set(text)) です。文字から番号への辞書を作り、文章を番号の列にします。",
            "torch.nn.functional.one_hot(番号, V).float() で、文章全体が"
            " (len(text), V) になります。",
            "その i 行目から width 行が x[i]、その次の 1 行（i + width 行目）が t[i] です。",
        ),
        check=check_one_hot_windows,
    ),
)
