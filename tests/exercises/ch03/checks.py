"""「長い記憶を試す」の練習。"""

from collections import defaultdict
from functools import cache
from itertools import combinations, product

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from tests.exercises.engine.by_hand import weights_by_hand
from tests.exercises.engine.cases import expect_single
from tests.exercises.engine.compare import agree_closely, expect
from tests.exercises.engine.examine import gradients
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.recurrent import normal


def adding_case(rng, steps, places, scale=1.0):
    """予測 (B, 1) と、印の場所を決めた入力 (B, T, 2)。"""
    values = scale * rng.random((len(places), steps))
    marks = np.zeros_like(values)
    for row, (first, second) in zip(marks, places, strict=True):
        row[first] = row[second] = 1
    x = torch.from_numpy(np.stack([values, marks], axis=2))
    return [scale * normal(rng, len(places), 1), x]


def torch_adding_loss(prediction, x):
    """印の場所の値を集めてから、F.mse_loss で求めた正解。"""
    places = x[..., 1].argsort(dim=1, descending=True)[:, :2]
    y = x[..., 0].gather(1, places).sum(dim=1, keepdim=True)
    return F.mse_loss(prediction, y)


def check_adding_loss(f):
    """正しい予測なら 0。F.mse_loss と値が一致し、予測についての勾配も一致する。"""
    rng = np.random.default_rng(31)
    cases = [
        adding_case(rng, 6, ((1, 2), (5, 0), (4, 3), (0, 3))),
        adding_case(rng, 2, ((0, 1),)),
        adding_case(rng, 300, ((3, 299), (1, 0), (150, 151))),
        adding_case(rng, 5, ((3, 4), (1, 0)), scale=1e4),
        adding_case(rng, 5, ((2, 4), (1, 3)), scale=1e-3),
    ]
    prediction, x = adding_case(rng, 4, ((0, 2), (1, 3)))
    x[0, 2, 0] = x[1, 1, 0] = 0  # 印の付いた値が、ちょうど 0
    cases.append([prediction, x])
    for args in cases:
        expect(f(*args), torch_adding_loss(*args), "損失")
    exact = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    x = torch.tensor([[[0.25, 1], [0.75, 1]], [[1, 1], [1, 1]]], dtype=torch.float64)
    found = float(f(exact, x))
    require(
        abs(found) < 1e-12,
        "答えが 1 と 2 の系列に、ちょうど 1 と 2 と予測しました。"
        f"損失は 0 のはずですが、{found:.5g} でした。",
    )
    expect_single(f, torch_adding_loss, cases[0], "損失")
    for prediction, x in cases:
        leaf = prediction.clone().requires_grad_()
        mine, theirs = (gradients(loss(leaf, x), [leaf]) for loss in (f, torch_adding_loss))
        try:
            expect(mine, theirs, ("prediction についての勾配 (B, 1)",))
        except Incorrect as incorrect:
            raise Incorrect(Stage.GRADIENT, incorrect.sentence) from None


# 値の分布。かたよったもの、負の値、大きな値の小さな差、1 つの値しか取らないもの。
COIN = ((0.0, 1.0), (0.5, 0.5))
SKEWED = ((-1.0, 0.5, 4.0), (0.2, 0.7, 0.1))
LARGE = ((1000.0, 1003.0), (0.25, 0.75))
SMALL = ((1e-3, 5e-3), (0.9, 0.1))
SURE = ((0.3,), (1.0,))
TWICE = ((1.0, 0.0, 1.0), (0.3, 0.2, 0.5))  # 同じ値が 2 度あり、小さい順でもない

WINDOWS = (
    (2, 0, COIN),
    (2, 1, SKEWED),
    (5, 0, SKEWED),
    (5, 2, SKEWED),
    (6, 5, COIN),
    (6, 6, SKEWED),
    (5, 3, LARGE),
    (4, 1, SMALL),
    (4, 1, SURE),
    (4, 1, TWICE),
    (120, 1, COIN),
    (120, 90, COIN),
)


def enumerated_window_mse(length, window, values, probabilities):
    """印の場所と値のすべての組を数え上げ、見えるものごとの条件つき平均から測った誤差。"""
    seen = defaultdict(lambda: np.zeros(3))  # 見えるものごとの、確率と、答えの 1 次と 2 次の和
    places = list(combinations(range(length), 2))
    for marks in places:
        for pair in product(range(len(values)), repeat=2):
            chance = probabilities[pair[0]] * probabilities[pair[1]] / len(places)
            answer = values[pair[0]] + values[pair[1]] - 2 * values[0]  # ずらしても誤差は同じ
            key = tuple((t, k) for t, k in zip(marks, pair, strict=True) if t >= length - window)
            seen[key] += chance * np.array([1, answer, answer**2])
    return float(sum(square - first**2 / chance for chance, first, square in seen.values()))


def check_window_mse(f):
    """数え上げた誤差と一致する。"""
    cases = [(length, window, *map(list, values)) for length, window, values in WINDOWS]
    want = [enumerated_window_mse(*args) for args in cases]
    expect([f(*args) for args in cases], want, [f"window_mse{args}" for args in cases])


# f が 0 のときの誤差より小さい誤差。長さ 2 から、長い系列と小さな誤差まで。
KEPT = ((2, 0.02), (2, 1e-4), (5, 0.05), (30, 1e-3), (30, 0.3), (100, 1e-3), (300, 1e-7))
# b が負の組（f が 0.5 より小さい）。遠い組は -12.2 まで。上の終わりの組は、13 を超える
KEPT += ((2, 0.2), (2, 0.333), (2, 0.33333))


def enumerated_leak(length, b):
    """印の場所をすべて数え上げた、忘却ゲートのバイアスが b のときの誤差。

    U(0, 1) の代わりに、平均と分散が同じ 2 つの値を半々に取る。誤差は値の 2 次式なので、平均は同じ。
    """
    pairs = np.array(list(combinations(range(length), 2)))
    kept = np.exp(-np.log1p(np.exp(-b)) * pairs)  # 最後までの距離だけ、σ(b) を掛ける
    values = 0.5 + np.array(list(product((-1, 1), repeat=2))) / np.sqrt(12)
    return np.mean(((kept - 1) @ values.T) ** 2)


@cache
def enumerated_bias(length, error):
    """数え上げた誤差が ``error`` になる b。"""
    low, high = -20.0, 30.0
    for _ in range(36):  # 幅は 1e-9 より狭くなる
        middle = (low + high) / 2
        low, high = (middle, high) if enumerated_leak(length, middle) > error else (low, middle)
    return middle


def check_keeping_bias(f):
    """数え上げた誤差から求めたバイアスと、比にして 0.0001 まで一致する。"""
    found = [f(*args) for args in KEPT]
    for args, b in zip(KEPT, found, strict=True):
        agree_closely(b, float(enumerated_bias(*args)), f"keeping_bias{args}", 1e-4)


# 決まった数で縮めると、大きな limit では tanh が曲がるか、小さな limit では h が 0 に丸められる
LIMITS = (1.0, 1000.0, 0.01, 1e200, 1e-200)

LATCH = {"weight_ih": (4, 2), "weight_hh": (4, 1), "bias": (4,), "scale": ()}


def latch_cases(limit):
    """（何を試すか、入力 (1, T, 2)、最後に印の付いた値）。印のない所には、大きな値も混ぜる。"""
    rng = np.random.default_rng(34)
    for name, steps, marks in (
        ("書き込み", 1, (0,)),
        ("書き込み", 4, (3,)),
        ("守る", 6, (0,)),
        ("書き換え", 6, (0, 3, 4)),
        ("書き換え", 2, (0, 1)),
        ("長く守る", 500, (0,)),
        ("長く守る", 500, tuple(range(250))),
    ):
        flags = np.isin(np.arange(steps), marks)
        for values in latch_values(rng, flags, marks[-1]):
            x = torch.tensor(np.stack([limit * values, flags], 1)[None])
            yield name, x, limit * values[marks[-1]]


def latch_values(rng, flags, last):
    """印のない値がどれも 0、どれも 1、乱数の 3 通りと、最後の印の値とほかの値が 0 と 1 の 2 通り。

    後の 2 通りで、忘却ゲートと入力ゲートの漏れは、それぞれいちばん大きくなる。
    """
    for level in (0.0, 1.0, None):
        values = rng.random(len(flags))
        if level is not None:
            values[~flags] = level
        yield values
    for level in (0.0, 1.0):
        values = np.full(len(flags), level)
        values[last] = 1 - level
        yield values


def check_latch_lstm(f):
    """返った重みの nn.LSTM が、長さも印の数もいろいろな系列で、最後の印の値を答える。"""
    for limit in LIMITS:
        weights = weights_by_hand(f(limit), LATCH)
        values = {
            "weight_ih_l0": weights["weight_ih"],
            "weight_hh_l0": weights["weight_hh"],
            "bias_ih_l0": weights["bias"],
            "bias_hh_l0": torch.zeros(4, dtype=torch.float64),
        }
        lstm = nn.LSTM(2, 1, batch_first=True, dtype=torch.float64)
        for name, x, want in latch_cases(limit):
            output, _ = functional_call(lstm, values, (x,))
            require_near(name, limit, x, want, float(weights["scale"] * output[0, -1, 0]))


def require_near(name, limit, x, want, found):
    """ずれが limit の 1 % までであること。印の場所を添えて知らせる。"""
    (places,) = x[0, :, 1].nonzero(as_tuple=True)
    marks = "、".join(map(str, places[:3].tolist())) + "、…" * (len(places) > 3)
    require(
        abs(found - want) <= 0.01 * limit,  # nan も退ける
        f"「{name}」が{only_now(limit)}できていません。limit = {limit:g}、長さ {x.shape[1]}、"
        f"印が時刻 {marks}（添字）のとき、答えは {want:.4g} のはずですが、{found:.4g} でした"
        f"（許すずれは {0.01 * limit:g} まで）。",
    )


def only_now(limit):
    """limit が 1 ならできていたことを言う。ゲートは合っていて、縮め方か scale が合わない。"""
    return "" if limit == LIMITS[0] else f"、limit = {LIMITS[0]:g} ではできたのに、ここでは"


class Student(nn.Module):
    """訓練の代わりに count 個の乱数を引くモデル。何度訓練されたかを覚えている。

    重みは使わない。初期化し直されたら分かるように、乱数では出ない値にしておく。
    """

    def __init__(self, count: int):
        super().__init__()
        self.count, self.times = count, 0
        self.layer = nn.Linear(1, 1)
        nn.init.constant_(self.layer.weight, 2.0)


def drawing(model, generator):
    """訓練の代わりに、generator から乱数を引き、その和を返す。2 度めからは、訓練の続きになる。"""
    model.times += 1
    drawn = torch.rand(model.count, generator=generator, dtype=torch.float64)
    return drawn.sum().item() / model.times


def check_compare(f):
    """どのモデルの誤差も、新しい生成器で 1 つだけ訓練したときと同じ。訓練するのは写しでない。"""
    for models, seed in (
        ({"RNN": 3, "LSTM": 5, "GRU": 4}, 7),
        ({"GRU": 4, "RNN": 3, "LSTM": 5}, 11),
        ({"RNN": 2}, 0),
        ({"b": 6, "A": 6}, 2**40),
        ({}, 1),
    ):
        want = {
            name: drawing(Student(count), torch.Generator().manual_seed(seed))
            for name, count in models.items()
        }
        names = {name: f"モデル {name} の誤差" for name in models}
        students = {name: Student(count) for name, count in models.items()}
        expect(f(students, drawing, seed), want, names)
        for name, student in students.items():
            require(
                student.times == 1,
                f"誤差は合っていますが、渡したモデル {name} が訓練されていません。"
                "写しでなく、models のモデルそのものを fit に渡してください。",
            )


EXERCISES = (
    Exercise(
        id="3.1",
        name="adding_loss",
        title="加算問題の損失",
        section="印の付いた 2 つの数を足す",
        difficulty=1,
        minutes=10,
        hints=(
            "B = 2 の小さな入力で、y と prediction - y の形を印字してみましょう。",
            "(B, 1) から (B,) を引くと、形がそろうように広がって (B, B) になります。"
            "どの予測も、ほかの系列の答えとまで比べられています。",
            "sum に keepdim=True を渡すと、足した軸が長さ 1 で残ります。",
        ),
        check=check_adding_loss,
        kind=Kind.MEND,
    ),
    Exercise(
        id="3.2",
        name="window_mse",
        title="最後の数時刻しか覚えないときの誤差",
        section="何も覚えないと、誤差はいくつか",
        difficulty=2,
        minutes=20,
        hints=(
            "窓の中に印がいくつ見えるかで、場合を分けます。"
            "見えた値はそのまま足し、見えない値には平均を当てるのが最善です。",
            "見えない印が 1 つなら、誤差の 2 乗の平均は値の分散 1 つぶん、2 つなら 2 つぶんです。"
            "値は独立なので、分散は足し算になります。",
            "あとは、見えない印の数の平均です。1 つの印が窓の外にある確率は "
            "(length - window) / length で、印は 2 つあります。"
            "2 つの印の場所は独立ではありませんが、平均は足せます。",
        ),
        check=check_window_mse,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="3.3",
        name="keeping_bias",
        title="どれだけ守れば足りるか",
        section="解ける重みを手で書く",
        difficulty=2,
        minutes=30,
        hints=(
            "時刻 t の値は、最後には 1 - f ** (length - t) の割合だけ失われています。"
            "答えの誤差は、2 つの値の失われた量の和です。",
            "和の 2 乗を開くと、それぞれの 2 乗と、2 つの積が出ます。"
            "U(0, 1) の値の 2 乗の平均は 1/3、独立な 2 つの値の積の平均は 1/4 です。",
            "残るのは、失われる割合の 2 乗の平均と、違う 2 か所の割合の積の平均です。積の平均は、"
            "和の 2 乗から 2 乗の和を引き、組の数 length * (length - 1) で割れば求まります。",
            "b が大きいほど誤差は小さくなります。誤差が error より大きい b と小さい b を用意し、"
            "真ん中を試して、幅を半分ずつ狭めます。",
        ),
        check=check_keeping_bias,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="3.4",
        name="latch_lstm",
        title="最後の印の値を覚える LSTM",
        section="解ける重みを手で書く",
        difficulty=2,
        minutes=30,
        hints=(
            "本文の足し算との違いは 1 つです。新しい印が来たら、前の値を足さずに消します。"
            "消すのは、忘却ゲートの仕事です。",
            "i は印があれば 1、なければ 0。f はその逆で、印があれば 0、なければ 1 です。"
            "どちらも、印に掛ける重みとバイアスで作れます。",
            "500 時刻守るには、f が 1 にどれだけ近ければよいでしょうか。"
            "1 - f が 0.0001 でも、500 時刻で 5 % 減ります。閉じた i も、500 回ぶん漏れます。",
            "tanh がほぼ直線になるように、g には値を小さくして渡し、scale で戻します。"
            "どれだけ小さくするかは、limit によります。決まった数で縮めると、limit が大きければ"
            " tanh が曲がり、limit が小さければ h が 0 に丸められます。",
        ),
        check=check_latch_lstm,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="3.5",
        name="compare",
        title="同じデータで比べる",
        section="同じ条件で訓練する",
        difficulty=1,
        minutes=10,
        hints=(
            "fit の代わりに、generator から乱数を 1 つ引いて返す関数を渡してみましょう。"
            "どのモデルも、同じ数になるはずです。",
            "生成器は、引くたびに進みます。"
            "2 つめのモデルが引くデータは、1 つめのモデルが引いたデータの続きです。",
            "この章の train は、呼ばれるたびに generator(seed) を作り直しています。ここでも、"
            "torch.Generator().manual_seed(seed) を、繰り返しの中に移します。",
        ),
        check=check_compare,
        kind=Kind.MEND,
    ),
)
