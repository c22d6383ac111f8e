"""「時系列と生成」の練習。"""

import contextlib
import math
from itertools import permutations

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.cases import expect_single
from tests.exercises.engine.compare import ROUNDED, agree_closely, expect, require_kind, same
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.forbidden import without_autograd
from tests.exercises.engine.recurrent import agree_gradients, normal


def check_split_windows(f):
    """訓練の部分だけで目盛りを決め、境目をまたがずに切った窓と一致する。"""
    rng = np.random.default_rng(61)
    names = tuple(f"{name} (n, width, 1)" for name in ("train_x", "train_y", "test_x", "test_y"))
    for points, width, split, scale, shift in (
        (14, 3, 8, 1.0, 0.0),
        (9, 1, 7, 1e-6, 0.0),
        (300, 20, 200, 1e6, -3e5),
        (8, 3, 4, 2.0, 5.0),  # どちらの側にも、窓が 1 つだけ
        (6, 2, 3, 1e3, 1e3),
    ):
        series = scale * normal(rng, points) + shift
        got, want = f(series, width, split), split_by_hand(series, width, split)
        try:
            expect(got, want, names)
        except Incorrect as incorrect:
            if incorrect.stage > Stage.TYPE:
                require_order(got, want)
                require_unseen(f, series, width, split)
            raise
    expect_single(f, split_by_hand, [normal(rng, 12), 2, 7], names)


def require_order(got, want):
    """4 つとも正しいのに並べ方だけが違うなら、ほかの食い違いより先に、そのことを言う。"""
    require(
        not any(same(got, order) for order in permutations(want)),
        "4 つの中身は合っていますが、返す順が違います。"
        "順は (train_x, train_y, test_x, test_y) です。",
    )


def require_unseen(f, series, width, split):
    """訓練の窓がテストの部分に左右されるなら、形や値の食い違いより先に、そのことを言う。"""
    later = series.clone()
    later[split:] *= 2
    require(
        same(f(later, width, split)[:2], f(series, width, split)[:2]),
        "テストの部分の値だけを変えると、train_x か train_y も変わります。"
        "訓練のときに、テストの部分を見ています。",
    )


def split_by_hand(series, width, split):
    """値を 1 つずつ並べる正解。"""
    low, high = series[:split].min(), series[:split].max()
    parts = []
    for part in (series[:split], series[split:]):
        values = [(each - low) / (high - low) for each in part]
        for shift in (0, 1):
            rows = [values[i + shift : i + shift + width] for i in range(len(values) - width)]
            parts.append(torch.stack([torch.stack(row) for row in rows]).unsqueeze(-1))
    return tuple(parts)


def check_tipping_point(f):
    """式で求めた境目と、0.001 まで一致する。"""
    for cases in (QUICK, LONG):
        found = []
        for predict, *given, _ in cases:  # 先に全部を呼ぶと、誤りを見分けられる
            counted, calls = counting(predict)
            found.append((f(counted, *given), len(calls)))
        for (got, calls), (_, width, low, high, steps, want) in zip(found, cases, strict=True):
            place = f"width = {width}、low = {low}、high = {high}、steps = {steps} のとき、境目"
            agree_to_a_thousandth(got, want, place)
            require(
                calls <= 200 * steps,
                f"{place}は合っていますが、{calls // steps:,} 本も自由走行させました。"
                "区間を半分にしていけば、数十本で足ります。",
            )


def agree_to_a_thousandth(got, want, name):
    """数で、0.001 までの差で一致する。"""
    try:
        expect(got, want, name)
    except Incorrect as incorrect:
        if incorrect.stage < Stage.VALUE:
            raise
    require(
        abs(float(got) - want) <= 0.001 + 1e-9,
        f"{name}は {want:.4f} のはずですが、{float(got):.4f} でした（0.001 まで許します）。",
    )


SLOPE = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)


def cubed_last(window):
    return window[-1] ** 3


def cubed_first(window):
    return window[0] ** 3


def summed(window):
    return torch.tanh(window.sum() - 0.8)


def leaving(middle, below, above, all_of_it=False):
    """middle から離れ、下では below、上では above ほど先で止まる予測。

    訓練したモデルのように、答えに勾配が記録される。``all_of_it`` なら、窓の最後でなく平均を見る。
    """

    def predict(window):
        away = (window.mean() if all_of_it else window[-1]) - middle
        reach = below if away < 0 else above
        return middle + reach * torch.tanh(SLOPE * away / abs(reach))

    return predict


def counting(predict):
    """呼ばれるたびに、リストの要素が 1 つ増える predict。"""
    calls = []

    def counted(window):
        calls.append(1)
        return predict(window)

    return counted, calls


# predict、width、low、high、steps と、式で求めた境目
QUICK = (
    # 3 乗を重ねるだけなら、終わりの値も、両端の終わりの値のまん中も、式で書ける
    (cubed_last, 2, 0.0, 2.0, 1, 4 ** (1 / 3)),
    (cubed_last, 3, 0.0, 2.0, 2, 256 ** (1 / 9)),
    (cubed_first, 3, -1.0, 1.5, 4, ((1.5**9 - 1) / 2) ** (1 / 9)),
    (summed, 4, -0.75, 0.5, 1, (math.atanh((math.tanh(-3.8) + math.tanh(1.2)) / 2) + 0.8) / 4),
    # 点 m から離れていく写像なら、境目は m。1 回ごとに、m の上と下を行き来する
    (leaving(0.4, -1.0, -1.0), 1, -0.2, 1.0, 4, 0.4),
)
LONG = (
    (leaving(0.3, 1.0, 1.0, all_of_it=True), 6, -2.0, 5.0, 200, 0.3),
    (leaving(-0.6, 3.0, 0.01), 4, -3.0, -0.2, 60, -0.6),
    (leaving(-0.7812, 0.002, 0.002), 5, -3.0, 4.0, 60, -0.7812),  # 終わりの値の差は 0.004
    (leaving(0.4, -1.0, -1.0), 1, -1.0, 3.0, 31, 0.4),  # 上からは下へ、下からは上へ着く
    (leaving(1234.5678, 500.0, 800.0), 3, -1e4, 5e4, 60, 1234.5678),
    (leaving(0.003, 1.0, 2.0), 2, 0.0, 100.0, 50, 0.003),
    (leaving(99.996, 2.0, 1.0), 2, 0.0, 100.0, 50, 99.996),
    (leaving(0.5002, 1.0, 1.0), 2, 0.5, 0.5006, 50, 0.5002),
)


def check_sample_index(f):
    """確率を先に決めてロジットを作り、どの番号の区間に u が入るかを見る。"""
    probabilities = torch.tensor([0.1, 0.4, 0.2, 0.3])
    draws = ((0.35, 1), (0.05, 0), (0.15, 1), (0.45, 1), (0.55, 2), (0.69, 2), (0.71, 3), (0.99, 3))
    cases = [
        (temperature * probabilities.log() + shift, temperature, u, want)
        for temperature, shift in (
            (0.5, 3.0),
            (2.0, 0.0),
            (1.0, -1.0),
            (0.25, 2000.0),
            (1e-3, 0.0),
            (1e3, -5000.0),
        )
        for u, want in draws
    ]
    # 境目のちょうど上。どの計算の順でも丸めの出ない確率（1/2 と 1）にする。
    # 対数のまま比べる答えもあるので、確率 0 の文字は -inf で作る。exp(-1000) は、0 ではない。
    never = -torch.inf
    cases += [(torch.tensor([5.0, 5.0]), 3.0, u, want) for u, want in ((0.0, 0), (0.5, 1))]
    split = torch.tensor([never, 2.0, never, 2.0])
    cases += [(split, 0.5, u, want) for u, want in ((0.0, 1), (0.499, 1), (0.5, 3), (0.999, 3))]
    cases += [(torch.tensor([0.0, 10.0, 5.0]), 0.01, u, 1) for u in (1e-9, 0.5, 0.999)]
    cases += [(torch.tensor([-0.7]), 1.5, u, 0) for u in (0.0, 0.8)]
    cases += short_of_one()
    got = [f(logits, temperature, u) for logits, temperature, u, _ in cases]
    names = [
        f"ロジット {shown(logits)}、温度 {temperature}、u = {u} のとき、番号"
        for logits, temperature, u, _ in cases
    ]
    expect(got, [want for *_, want in cases], names)


def short_of_one():
    """丸めのため、和が 1 に届かず、u を超えないことのある組。答えは、引かれうる最後の文字。

    足し方によっては超えるが、そのときも同じ文字になるように、その文字の確率を大きくしておく。
    決して引かれない文字を、初めと終わりに置く。
    """
    rng = np.random.default_rng(63)
    # 1/10 を float64 で 10 回足しても、1/61 を float32 で 61 回足しても、1 にならない
    rows = [(torch.zeros(10), 0.7), (torch.zeros(61, dtype=torch.float32), 0.7)]
    for _ in range(2):  # 本文の文字の種類と同じほどの長さ
        row = normal(rng, 2997).float()
        row[-1] = 6.0
        rows.append((row, 1.0))
    for row, temperature in rows:
        logits = nn.functional.pad(row, (1, 2), value=-torch.inf)
        for u in (1 - 2**-24, 1 - 2**-53):  # float32 と float64 の、1 のすぐ下の数
            yield logits, temperature, u, len(row)


def shown(logits):
    """ロジットの並び。長ければ、初めの 3 つと終わりの 3 つ。"""
    if len(logits) <= 8:
        return logits.numpy().round(4).tolist()
    first, last = (", ".join(f"{z:.4g}" for z in part) for part in (logits[:3], logits[-3:]))
    return f"[{first}, …, {last}]（{len(logits)} 個、{str(logits.dtype).removeprefix('torch.')}）"


def check_entropy_and_slope(f):
    """エントロピーと、その温度についての微分が、丸めの少ない足し算で求めたものと一致する。"""
    rng = np.random.default_rng(65)
    cases = []
    for size, scale, temperature, shift in (
        (3, 2.0, 0.5, 0.0),
        (4, 1.0, 1.0, 0.0),
        (5, 1.0, 2.0, 0.0),
        (1, 1.0, 0.7, 0.0),
        (6, 1000.0, 1.0, 0.0),
        (6, 1000.0, 300.0, 0.0),
        (4, 0.1, 0.01, 0.0),
        (40, 3.0, 1.5, 0.0),
        (3, 1.0, 1000.0, 0.0),
        (5, 3.0, 2.0, 1e5),
    ):
        logits = (scale * normal(rng, size) + shift).round(decimals=2)  # 文に出す数そのもの
        cases.append((logits, temperature))
    # 微分がごく小さいとき、ほとんど 1 択のとき
    for values, temperature in (
        ((1.0, 2.0, 0.5), 1e4),
        ((0.1, 0.2, 0.05), 100.0),
        ((0.0, 25.0), 1.0),
        ((1e5, 1e5 + 30), 1.0),
    ):
        cases.append((torch.tensor(values), temperature))
    found = []
    for logits, temperature in cases:  # 先に全部を呼ぶと、誤りを見分けられる
        with without_autograd():
            found.append(f(logits, temperature))
    for got, (logits, temperature) in zip(found, cases, strict=True):
        case = f"ロジット {shown(logits)}、温度 {temperature} のとき、"
        names = (f"{case}エントロピー H", f"{case}微分 dH/dτ")
        want = entropy_and_slope_by_sums(logits, temperature)
        with telling_lost_digits(got, want):
            expect(got, want, names)
            if want[1] > 1e-20:
                agree_closely(got[1], want[1], names[1], 1e-9)  # 小さな微分も、桁まで


def entropy_and_slope_by_sums(logits, temperature):
    """平均を引いた分散を、丸めの少ない math.fsum で求める正解。"""
    z = [each - float(logits.max()) for each in logits.tolist()]
    weights = [math.exp(each / temperature) for each in z]
    total = math.fsum(weights)
    p = [each / total for each in weights]
    mean = math.fsum(a * b for a, b in zip(p, z, strict=True))
    variance = math.fsum(a * (b - mean) ** 2 for a, b in zip(p, z, strict=True))
    k = z.index(0.0)
    others = math.fsum(weights[:k] + weights[k + 1 :])
    return math.log1p(others) - mean / temperature, variance / temperature**3


@contextlib.contextmanager
def telling_lost_digits(got, want):
    """エントロピーは合い、微分がごくわずかに違うだけなら、桁を落とす式を疑う一言を添える。"""
    try:
        yield
    except Incorrect as incorrect:
        if (
            incorrect.stage is Stage.VALUE
            and same(float(got[0]), want[0])
            and math.isclose(float(got[1]), want[1], rel_tol=1e-3)
        ):
            # 引き算で桁が落ちた残りは、float32 に丸めた数と見分けがつかないことがある
            incorrect.sentence = incorrect.sentence.removesuffix(ROUNDED) + (
                "差はごくわずかです。2 乗の平均から平均の 2 乗を引くと、大きな数どうしの"
                "引き算で桁が落ちます。温度を少し動かした差も、桁が足りません。"
            )
        raise


def check_carried_losses(f):
    """1 本ずつ、初めから切らずに読んだ損失と一致し、勾配は区切りの前へ流れない。"""
    rng = np.random.default_rng(66)
    for points, rows, width in ((26, 2, 4), (9, 1, 8), (8, 3, 2), (65, 3, 2), (400, 1, 20)):
        agree_on_rows(f, reader(rng), normal(rng, points), rows, width)


def agree_on_rows(f, model, series, rows, width):
    """損失も、その series についての勾配も一致する。"""

    def answer(series):
        return f(model, series, rows, width)

    def oracle(series):
        return read_one_by_one(model, series, rows, width)

    series.requires_grad_()  # 値が違うときも、勾配の流れ方で誤りを見分けられる
    expect(answer(series), oracle(series), "戻り値 (K,)")
    agree_gradients(answer, oracle, [series])


def reader(rng):
    """(B, T, 1) と状態を読み、予測 (B, T, 1) と次の状態を返すモデル。"""
    lstm, head = nn.LSTM(1, 3, batch_first=True), nn.Linear(3, 1)
    with torch.no_grad():
        for parameter in [*lstm.parameters(), *head.parameters()]:
            parameter.copy_(normal(rng, *parameter.shape))

    def model(x, state=None):
        output, state = lstm(x, state)
        return head(output), state

    return model


def read_one_by_one(model, series, rows, width):
    """続きものを 1 本ずつ、区切りごとに、その手前を初めから読み直す正解。"""
    length = (len(series) - 1) // rows
    losses = []
    for start in range(0, length - width + 1, width):
        errors = []
        for row in range(rows):
            at = row * length
            state = None
            if start:
                with torch.no_grad():
                    _, state = model(series[at : at + start].view(1, -1, 1), None)
            x = series[at + start : at + start + width]
            y = series[at + start + 1 : at + start + width + 1]
            errors.append(model(x.view(1, -1, 1), state)[0].view(-1) - y)
        losses.append(torch.stack(errors).square().mean())
    return torch.stack(losses)


def check_brackets(f):
    """となり合う「」を消していって数えた組の数と一致する。"""
    rng = np.random.default_rng(67)
    texts = [
        "「そうか」と言う」と思った。",  # 初めの文から、誤りごとに違う数になる
        "「はい」と答えた。",
        "「吾輩は猫である」と言い、\n「名前はまだ無い」と言った。",
        "知らん」と言う。「そうか」",
        "「猫の「三毛」が来た」と言った。",
        "「それは『猫』か」「犬だ",
        "」」「「あ」「いい\nえ」」」",
        "吾輩は猫である。",
        "",
        "「ああ（笑）｢三毛｣【猫】(犬)〈〉",  # 見た目の似た、ほかの括弧
        "「" * 1500 + "」" * 1600,  # とても深い入れ子
        *("".join(rng.choice(list("「」『』猫。\n"), size)) for size in (20, 60, 300)),
    ]
    names = ("開いた数", "閉じた数", "開いているときに閉じた数")
    found = [f(text) for text in texts]  # 先に全部を呼ぶと、誤りを見分けられる
    for text, got in zip(texts, found, strict=True):
        case = f"{text if len(text) <= 40 else text[:40] + '…'!r} で、"
        require_kind(isinstance(got, tuple | list) and len(got) == 3, got, "戻り値", "3 個の組")
        expect(got, pairs_by_removal(text), tuple(case + name for name in names))


def pairs_by_removal(text):
    """となり合う「」を、なくなるまで消す正解。"""
    left = "".join(char for char in text if char in "「」")
    opened, closed, paired = left.count("「"), left.count("」"), 0
    while "「」" in left:
        paired += left.count("「」")
        left = left.replace("「」", "")
    return opened, closed, paired


EXERCISES = (
    Exercise(
        id="6.1",
        name="split_windows",
        title="未来を覗かない窓",
        section="窓に切り、どの時刻でも 1 つ先を当てる",
        difficulty=2,
        minutes=15,
        hints=(
            "誤りは 2 つあります。1 つは目盛り、もう 1 つは境目です。"
            "訓練のときに、テストの部分の値を 1 つでも使っていないか、行ごとに確かめます。",
            "最小値と最大値は、series[:split] だけから求めます。"
            "テストの部分も、その同じ目盛りで割るので、0 から 1 に収まらなくてもかまいません。",
            "窓を作ってから分けると、境目をまたぐ窓ができます。"
            "series[:split] と series[split:] に分けてから、それぞれを窓に切ります。",
        ),
        check=check_split_windows,
        kind=Kind.MEND,
    ),
    Exercise(
        id="6.2",
        name="tipping_point",
        title="落ちるか戻るかの境目を探す",
        section="20 点から 180 点を書く",
        difficulty=2,
        minutes=20,
        hints=(
            "先に、c を 1 つ受け取って終わりの値を返す、小さな関数を書きます。窓から何を捨て、"
            "どこへ足すかは、本文の free_run と同じです。",
            "low と high の終わりの値は、1 度だけ求めて覚えておきます。区間のまん中の終わりの値が、"
            "覚えた 2 つのどちらに近いかで、境目がどちらの半分にあるかがわかります。",
            "low のほうに近ければ、境目はまん中より上なので、low をまん中に替えます。"
            "そうでなければ、high を替えます。区間の幅が 0.001 より大きいあいだ、続けます。",
        ),
        check=check_tipping_point,
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
            "「以上」にすると、u = 0 のとき、ロジットが -inf の文字を引いてしまいます。",
            "確率を足していくと、丸めのため、最後まで足しても 1 に届かないことがあります。"
            "そのとき u が 1 に近いと、超える番号が見つかりません。"
            "引くのは、確率が 0 でない最後の文字です。",
        ),
        check=check_sample_index,
    ),
    Exercise(
        id="6.4",
        name="entropy_and_slope",
        title="温度を変えるとエントロピーはどう動くか",
        section="温度を上げると、何択になるか",
        difficulty=3,
        minutes=30,
        hints=(
            "log p_k = z_k / tau - log(sum(exp(z / tau))) です。"
            "まず、これを tau で微分すると、どうなりますか。",
            "z の平均 m = sum(p * z) を使うと、log p_k の微分は -(z_k - m) / tau**2、"
            "p_k の微分はその p_k 倍です。エントロピーの微分では、"
            "p の微分をすべて足すと 0 になるので、log p_k のうち k によらない項は消えます。",
            "残るのは sum(p * (z - m)**2) / tau**3、つまり z の分散を tau の 3 乗で割ったものです。"
            "確率が 0 になる所は、torch.xlogy(p, p) が 0 にしてくれます。",
        ),
        check=check_entropy_and_slope,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="6.5",
        name="carried_losses",
        title="状態を持ち越して読む",
        section="状態は、続きの行へ持ち越す",
        difficulty=3,
        minutes=25,
        hints=(
            "誤りは 2 つあります。1 つは並べ方です。持ち越した状態の r 行めは、"
            "次に読む窓の r 行めへ続きます。ひな形の並べ方では、その 2 つは続きになっていません。",
            "「あいうえお」の表の文字の代わりに 0, 1, 2, … を読ませ、区切りの x を印字します。"
            "ひな形では、ある区切りの r 行めの続きが、次の区切りの何行めにありますか。",
            "もう 1 つは勾配です。状態は (h, c) の組なので、次に渡すのは"
            " tuple(s.detach() for s in state)。値は持ち越し、計算の記録だけを切ります。",
        ),
        check=check_carried_losses,
        kind=Kind.MEND,
    ),
    Exercise(
        id="6.6",
        name="brackets",
        title="閉じたのは、開いた括弧か",
        section="開いた括弧を、覚えているか",
        difficulty=1,
        minutes=10,
        hints=(
            "文章を左から 1 文字ずつ読みます。「「」」のように、開いていても、閉じてしまえば"
            "次は相手がいません。読みながら、何を覚えておけばよいでしょうか。",
            "いま開いている数を 1 つの変数に持ちます。「で 1 増え、」で 1 減ります。"
            "0 のときに」が来たら、減らしません。",
        ),
        check=check_brackets,
    ),
)
