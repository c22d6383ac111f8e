"""「主張と検証」の練習。"""

import itertools
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import fmean

import numpy as np

from lstm_text.records import Above, mean_interval, rate_difference
from tests.exercises.engine.compare import agree_closely, expect, same
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.findings import (
    NUMBER,
    RATIO,
    finite,
    finite_or_none,
    is_measured,
    numbers_told,
    only_keys,
    require_varied,
    seeds_of,
    text,
    without_names,
    without_references,
)


def usual(successes, n):
    """測った割合から幅を決める、ふつうの区間。"""
    p = successes / n
    half = 1.96 * math.sqrt(p * (1 - p) / n)
    return p - half, p + half


def around(successes, n):
    """成功率が割合に近いほど狭くなる、上下で幅の違う区間。"""
    p = successes / n
    return p - 0.5 * p / math.sqrt(n), p + 0.75 * (1 - p) / math.sqrt(n)


def point(successes, n):
    """幅のない区間。"""
    return successes / n, successes / n


def upper(successes, n):
    """割合から 1 までの区間。"""
    return successes / n, 1.0


def always(successes, n):
    """いつも 0.25 から 0.5 の区間。"""
    return 0.25, 0.5


def even(successes, n):
    """成功の回数が偶数なら 0 から 1 、奇数なら 0 だけの区間。"""
    return 0.0, float(successes % 2 == 0)


def odd(successes, n):
    """成功の回数が偶数なら 0 から 1 、奇数なら 1 だけの区間。"""
    return float(successes % 2), 1.0


def just_above(successes, n):
    """いつも 0.25 のわずかに上から 0.5 の区間。"""
    return 0.25 + 1e-12, 0.5


COVERED = (
    *((usual, 10, 0.9), (usual, 10, 0.5), (usual, 7, 0.25), (usual, 12, 1.0), (usual, 5, 0.0)),
    *((around, 9, 0.3), (around, 11, 0.85), (around, 1, 0.4)),
    *((point, 10, 0.5), (point, 8, 0.25), (point, 4, 0.3), (upper, 6, 0.5), (upper, 10, 0.75)),
    *((always, 3, 1.0), (always, 4, 0.0), (always, 2, 0.25), (even, 9, 0.6), (even, 1, 0.2)),
    *((odd, 9, 0.6), (just_above, 3, 0.25)),
)
MANY_COVERED = ((usual, 300, 0.01), (around, 1000, 0.5), (upper, 640, 0.25), (usual, 1000, 0.9))


def check_coverage(f):
    """成功と失敗の並び 2^n 通りを調べたものと一致する。回数が多いときは、分数で足したものと。"""
    cases = COVERED + MANY_COVERED
    names = [f"{each.__doc__[:-1]}の、n = {n}、chance = {p} の割合" for each, n, p in cases]
    got = [f(*case) for case in cases]
    want = [each_run(*case) for case in COVERED] + [in_fractions(*case) for case in MANY_COVERED]
    expect(got, want, names)


def each_run(interval, n, chance):
    """結果の並びを 1 つずつ調べる。"""
    inside = 0.0
    for run in itertools.product((1, 0), repeat=n):
        low, high = interval(sum(run), n)
        if low <= chance <= high:
            inside += math.prod(chance if success else 1 - chance for success in run)
    return inside


def in_fractions(interval, n, chance):
    """成功の回数ごとに、丸めのない分数で足す。"""
    p, inside = Fraction(chance), Fraction(0)
    for successes in range(n + 1):
        low, high = interval(successes, n)
        if low <= chance <= high:
            inside += math.comb(n, successes) * p**successes * (1 - p) ** (n - successes)
    return float(inside)


COUNTS = (
    # 8 勝 2 敗。勝ちは大きく、負けは小さい。逆に、勝ちが小さく、負けが大きい
    ([25, 31, 28, 40, 22, 36, 30, 27, 19, 33], [20, 26, 23, 35, 17, 31, 25, 22, 20, 34]),
    ([21, 27, 24, 36, 18, 32, 26, 23, 19, 33], [20, 26, 23, 35, 17, 31, 25, 22, 24, 38]),
    # 引き分けが 2 つ
    ([5, 7, 6, 9, 4, 8, 3, 6], [4, 7, 5, 8, 6, 1, 1, 6]),
    # 合計が 0、すべて引き分け、種が 1 つ、種がない
    ([1, 2, 3, 4], [4, 3, 2, 1]),
    ([5, 5, 5], [5, 5, 5]),
    ([1], [2]),
    ([], []),
    # 負けが多い。種の順を崩すと、合計は同じで割合が変わる
    ([200, 400, 900, 300, 500], [300, 500, 800, 600, 700]),
    # 1 件だけの差が 1 つ、とても大きな差が 1 つ
    ([22500, 22391, 22410, 22444], [22499, 22390, 22110, 22470]),
)


MANY_COUNTS = ((24, 9, 41), (40, 14, 41), (60, 0, 41), (60, 30, 41), (60, 25, 501))


def check_sign_flip_test(f):
    """符号の付け方を 1 つずつ調べたものと一致する。種が多いときは、多項式の係数を数えたものと。"""
    got = [f(list(first), list(second)) for first, second in COUNTS]
    names = [f"sign_flip_test({first}, {second})" for first, second in COUNTS]
    expect(got, [every_sign(first, second) for first, second in COUNTS], names)
    many = [many_counts(*case) for case in MANY_COUNTS]
    many += [([300] * 45 + [0] * 15, [0] * 45 + [300] * 15), ([300] * 60, [0] * 60)]
    got = [f(list(first), list(second)) for first, second in many]
    for each, (first, second) in zip(got, many, strict=True):
        name = f"種が {len(first)} 個で、差の合計が {sum(first) - sum(second)} のときの割合"
        agree_closely(each, coefficients(first, second), name, tolerance=1e-9)


def every_sign(first, second):
    """符号の付け方 2^n 通りを並べ、合計が実際と同じか、それより離れるものを数える。"""
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    sums = [
        abs(sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(gaps))
    ]
    return sum(each >= abs(sum(gaps)) for each in sums) / len(sums)


def many_counts(n, lead, spread):
    """種が多いときの件数。差は ``lead`` の上下に ``spread`` の幅で散る。"""
    second = [22000 + 37 * i % 101 for i in range(n)]
    gaps = (lead + 23 * i % spread - spread // 2 for i in range(n))
    return [count + gap for count, gap in zip(second, gaps, strict=True)], second


def coefficients(first, second):
    """差 d の種ごとに x^d + x^-d を掛けた多項式の、離れた次数の係数の割合。"""
    gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
    reach = sum(gaps)
    row = [0] * reach + [1] + [0] * reach
    for gap in gaps:
        padded = [0] * gap + row + [0] * gap
        row = [
            below + above
            for below, above in zip(padded[: len(row)], padded[2 * gap :], strict=True)
        ]
    seen = abs(sum(first) - sum(second))
    far = sum(count for i, count in enumerate(row) if abs(i - reach) >= seen)
    return float(Fraction(far, 2 ** len(gaps)))


@dataclass
class Bench:
    """時間の進み方を決めてある計算機。

    1 回の時間は、層の速さ、準備の有無、計算機の遅さ（2 回ごとに同じ）、その 1 回の待ちの積。

    Parameters
    ----------
    speeds : tuple of float
        a と b の、邪魔のないときの秒数。
    cold : int
        はじめの何回に、準備の時間が混じるか。
    slow_from : int
        この組（0 から）より後は、計算機が 3 倍遅い。
    waits : tuple of int
        待たされて 50 倍かかる、a の回。
    """

    speeds: tuple[float, float]
    cold: int
    slow_from: int
    waits: tuple[int, ...]
    now: float = 0.0
    calls: list[int] = field(default_factory=lambda: [0, 0])

    def clock(self):
        """今の時刻（秒）。"""
        return self.now

    def a(self):
        """1 つめの層を 1 回動かす。"""
        self._run(0)

    def b(self):
        """2 つめの層を 1 回動かす。"""
        self._run(1)

    def _run(self, which):
        self.now += self.seconds(which, self.calls[which], sum(self.calls) // 2)
        self.calls[which] += 1

    def seconds(self, which, call, pair):
        """``call`` 回めで、全体では ``pair`` 組めの 1 回の時間。"""
        slow = 3.0 if pair >= self.slow_from else 1.0
        cold = 200.0 / (which + 1) if call < self.cold else 1.0
        wait = 50.0 if which == 0 and call in self.waits else 1.0
        uneven = 1 + 0.1 * math.sin(7.0 * call + which)
        return self.speeds[which] * slow * cold * wait * uneven


BENCHES = (
    ((0.003, 0.002), 2, 9, (5, 11), 2, 15),
    ((0.001, 0.004), 3, 6, (4,), 3, 8),
    ((2.0, 1.0), 1, 4, (), 1, 5),
    ((0.5, 0.25), 0, 3, (2,), 0, 7),
    ((0.02, 0.03), 2, 99, (), 4, 1),
)


def check_time_ratio(f):
    """時間の進み方を決めてある計算機で、組ごとの比の中央値と一致する。"""
    got, want, names, calls = [], [], [], []
    for *machine, warmup, rounds in BENCHES:
        bench = Bench(*machine)
        got.append(f(bench, warmup, rounds))
        want.append(middle(Bench(*machine), warmup, rounds))
        names.append(f"warmup = {warmup}、rounds = {rounds} の")
        calls.append((warmup + rounds, *bench.calls))
    expect(got, want, [f"{name}比" for name in names])
    for name, (times, a, b) in zip(names, calls, strict=True):
        require(
            a == b == times,
            f"{name}とき、a と b は準備と合わせて {times} 回ずつ動かすはずですが、"
            f"{a} 回と {b} 回でした。",
        )


def middle(bench, warmup, rounds):
    """測る組の比を直接計算し、両端から同じ数ずつ、1 つか 2 つになるまで除く。"""
    pairs = range(warmup, warmup + rounds)
    ratios = sorted(bench.seconds(0, k, k) / bench.seconds(1, k, k) for k in pairs)
    while len(ratios) > 2:
        ratios = ratios[1:-1]
    return sum(ratios) / len(ratios)


POWERS = (
    *(
        (6, 0.9, 0.05),
        (5, 0.9, 0.05),
        (10, 0.5, 0.05),
        (10, 0.8, 0.05),
        (10, 0.2, 0.05),
        (10, 0.8, 0.1),
    ),
    *((6, 0.7, 2 / 2**6), (9, 0.75, 20 / 2**9), (12, 0.6, 0.2), (1, 0.3, 1.0), (4, 0.9, 1.0)),
    *((7, 1.0, 0.05), (8, 0.0, 0.01), (3, 1.0, 0.05), (11, 0.65, 0.0)),
)


def check_sign_test_power(f):
    """勝敗の並び 2^n 通りを全部並べ、検定で差があると言うものの確率を足したものと一致する。"""
    got = [f(*case) for case in POWERS]
    got = [float(each) if isinstance(each, Fraction) else each for each in got]
    want = [listed(*case) for case in POWERS]
    names = ["sign_test_power({}, {}, {})".format(*case) for case in POWERS]
    try:
        expect(got, want, names)
    except Incorrect as incorrect:
        if incorrect.stage < Stage.VALUE:
            raise
        first = next(i for i, pair in enumerate(zip(got, want, strict=True)) if not same(*pair))
        if not same(got[first], listed(*POWERS[first], operator.lt)):
            raise
        raise Incorrect(incorrect.stage, incorrect.sentence + EXACTLY) from None
    for n, win, alpha in ((40, 0.7, 0.05), (200, 0.6, 0.01), (121, 0.35, 0.05)):
        name = f"sign_test_power({n}, {win}, {alpha})"
        expect(f(n, win, alpha), summed(n, Fraction(win), Fraction(alpha)), name)


EXACTLY = (
    "確率がちょうど alpha になる勝敗があります。<= で比べるか、"
    "確率を丸めのない整数か分数で比べてください。"
)


def listed(n, win, alpha, found=operator.le):
    """並びを 1 つずつ調べる。"""
    power = 0.0
    every = list(itertools.product((1, -1), repeat=n))
    far = np.abs(np.array(every).sum(axis=1))
    for one, distance in zip(every, far, strict=True):
        if found((far >= distance).mean(), alpha):
            power += math.prod(win if sign == 1 else 1 - win for sign in one)
    return power


def summed(n, win, alpha):
    """勝ちの数ごとに、丸めのない分数で足す。"""
    power = Fraction(0)
    for wins in range(n + 1):
        far = sum(math.comb(n, k) for k in range(n + 1) if abs(2 * k - n) >= abs(2 * wins - n))
        if Fraction(far, 2**n) <= alpha:
            power += math.comb(n, wins) * win**wins * (1 - win) ** (n - wins)
    return float(power)


KEYS = ("question", "fixed", "bound", "seeds", "values", "compared", "judgement", "answer")
JUDGEMENTS = ("支持", "反証", "保留")
LEAST_SEEDS = 6  # これより少ないと、全勝でも偶然と区別できない（問 10.3）


def check_my_question(f):
    """報告の形と、判断が規則のとおりかを確かめる。問いのよしあしは、読む人が決める。"""
    report = f()
    only_keys(report, KEYS)
    question, answer = (text(report, key) for key in ("question", "answer"))
    require(
        question.endswith(("か。", "か？", "か", "？", "?")),
        f"question が、問いの形（…か。）で終わっていません：{question[-20:]}",
    )
    fixed = report["fixed"]
    require(
        isinstance(fixed, Mapping) and len(fixed) > 0,
        "fixed に、そろえた条件を 1 つ以上、{'学習率': 0.01} のように書いてください。",
    )
    (bound,) = finite([report["bound"]], "bound", 1)
    require(bound >= 0, f"bound は 0 以上にしてください（{bound:g} でした）。")
    values = check_values(report["values"], len(seeds_of(report, LEAST_SEEDS)), answer)
    check_judgement(report, values, bound, answer)
    require(answer != question, "answer が、question と同じ文です。")
    measured = list(measured_numbers(values))
    told = numbers_told(without_references(without_names(answer, values, measured)))
    decided = [
        float(each) for each in re.findall(NUMBER, " ".join(map(str, (bound, *fixed.values()))))
    ]
    require(
        any(
            float(written) not in decided
            or re.match(RATIO, after)
            or is_measured(written, measured)
            for written, _, after in told
        ),
        "answer には、測った数を算用数字で（6 や 0.5 のように）1 つ以上書くはずですが、条件の名前、"
        "境目、そろえた条件、種の番号の中の数のほかに、数がありません。測った数が、名前の中の数と"
        f"同じなら、桁を足して（50 なら 50.0 と）書いてください：{answer}",
    )
    missing = [row.count(None) for row in values.values()]
    require(
        not any(missing) or bool({*missing, sum(missing)} - {0} & {float(n) for n, _, _ in told}),
        f"values に None が {sum(missing)} つありますが、その数（条件ごとでもよい）が、"
        f"answer に算用数字で書かれていません：{answer}",
    )


def measured_numbers(values):
    """測った数と、そこから求まる数：平均、割合、平均の差、勝った種の数、届かなかった種の数。"""
    rows = [[each for each in row if each is not None] for row in values.values()]
    for row in rows:
        yield from (*row, *(100 * each for each in row))
        if row:
            yield from (fmean(row), 100 * fmean(row), sum(row), min(row) - max(row))
    for (one, first), (two, second) in itertools.permutations(
        zip(rows, values.values(), strict=True), 2
    ):
        if one and two:
            yield fmean(one) - fmean(two)
        yield sum(
            None not in pair and pair[0] > pair[1] for pair in zip(first, second, strict=True)
        )
    yield from (row.count(None) for row in values.values())


def check_values(values, count, answer):
    """種ごとの結果が、2 つ以上の条件について、種の数だけある。"""
    require(
        isinstance(values, Mapping) and len(values) >= 2,
        "values に、比べた条件を 2 つ以上、{'LSTM': [...], 'GRU': [...]} のように書いてください。",
    )
    return {name: finite_or_none(row, f"values[{name!r}]", count) for name, row in values.items()}


def check_judgement(report, values, bound, answer):
    """判断が、95 % 区間を境目と比べたものになっている。"""
    compared, judgement = report["compared"], report["judgement"]
    names = list(values)  # 名前にできないもの（リストなど）が来ても、比べられるように
    require(
        isinstance(compared, Sequence)
        and not isinstance(compared, str)
        and len(compared) == 2
        and all(name in names for name in compared),
        f"compared には、values の名前を 2 つ書いてください（{compared!r} でした）。",
    )
    first, second = (values[name] for name in compared)
    require(first is not second, "compared の 2 つが、同じ条件です。")
    require(
        None not in first + second,
        "compared の 2 つに None があります。届いたかどうかを比べるなら、1 と 0 にしてください。",
    )
    require_varied((first, second), answer, "answer")
    require(
        judgement in JUDGEMENTS,
        f"judgement は、{'、'.join(JUDGEMENTS)} のどれかにしてください（{judgement!r} でした）。",
    )
    low, high, how = interval_of_difference(first, second)
    right = Above("", low, high, bound).judgement
    require(
        judgement == right,
        f"{compared[0]} − {compared[1]} の 95 % 区間は {low:.8g} から {high:.8g} で（{how}）、"
        f"境目は {bound:.8g} です。判断は「{right}」のはずですが、「{judgement}」でした。",
    )


def interval_of_difference(first, second):
    """種ごとの差の平均の区間。1 と 0 だけなら、割合の差の区間。どちらなのかも言う。"""
    if set(first + second) <= {0, 1}:
        solved = ((row.count(1), len(row)) for row in (first, second))
        return *rate_difference(*solved), "1 と 0 だけなので、割合の差の区間"
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    return *mean_interval(gaps), "種ごとの差の平均の区間"


EXERCISES = (
    Exercise(
        id="10.1",
        name="coverage",
        title="95 % の区間は、95 % 当たるか",
        section="公平な試し方",
        difficulty=2,
        minutes=15,
        hints=(
            "区間を決めるのは、成功の回数だけです。回数は 0 から n までの n + 1 通りしかないので、"
            "全部調べられます。",
            "成功の回数がちょうど k になる確率は "
            "math.comb(n, k) * chance**k * (1 - chance)**(n - k) です。",
            "interval(k, n) が chance を含む k についてだけ、その確率を足します。",
        ),
        check=check_coverage,
    ),
    Exercise(
        id="10.2",
        name="sign_flip_test",
        title="勝敗だけでなく、差の大きさも",
        section="公平な試し方",
        difficulty=2,
        minutes=25,
        hints=(
            "種が少なければ、itertools.product((1, -1), repeat=n) で全部を並べて数えられます。"
            "まず、それで例と合うことを確かめます。",
            "差の合計として現れる数は、整数なので、それほど多くありません。符号の付け方は違っても、"
            "合計が同じなら、まとめて数えられます。",
            "「合計 → その合計になる付け方の数」の辞書を、種を 1 つ足すたびに作り直します。"
            "合計が t で c 通りあれば、t + 差 と t - 差 に c 通りずつ加わります。"
            "割り算は、終わりに 1 度だけです。",
        ),
        check=check_sign_flip_test,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="10.3",
        name="time_ratio",
        title="時間の比の測り方",
        section="主張 6：GRU は速いか",
        difficulty=2,
        minutes=15,
        hints=(
            "直すコードの比が、何に左右されるかを考えます。"
            "はじめの準備の時間は、入っていないでしょうか。"
            "途中で計算機が遅くなったら、a と b に同じだけ効くでしょうか。",
            "準備の warmup 回では、時計を見ません。そのあとは a と b を交互に測り、"
            "動かす直前と直後に時計を見ます。途中で遅くなっても、1 組の 2 つには同じだけ効きます。",
            "だから、組ごとに割ります。1 回だけ待たされた組があるので、比は、平均でなく "
            "statistics.median でまとめます。",
        ),
        check=check_time_ratio,
        kind=Kind.MEND,
    ),
    Exercise(
        id="10.4",
        name="sign_test_power",
        title="種をいくつ使えば、差を見つけられるか",
        section="主張 13：クリッピングは必須か",
        difficulty=3,
        minutes=25,
        hints=(
            "勝った種の数 k が決まれば、検定の確率も決まります。k ごとに、差があると言うかどうかを"
            "先に調べます。",
            "勝った種の数が k になる確率は math.comb(n, k) * win**k * (1 - win)**(n - k) です。"
            "差があると言う k について足します。負けすぎた側も忘れずに。",
        ),
        check=check_sign_test_power,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="10.5",
        name="my_question",
        title="自分の問いを 1 つ、測って報告する",
        section="測り終えて",
        difficulty=3,
        minutes=120,
        hints=(
            "この本の「調べてみよう」の囲みの 1 つから始めて、比べる条件を 2 つ決めます。",
            "測る前に、どれだけ違えば意味があるかを決め、bound に書きます。",
            "values は {'LSTM': [0.91, 0.88, ...], 'GRU': [0.9, 0.92, ...]} のように、"
            "種と同じ順に並べます。",
            "種ごとの差のリストを gaps とし、low, high = mean_interval(gaps) とすると、判断は "
            "Above('', low, high, bound).judgement です（どちらも lstm_text.records にあります）。"
            "結果が 1 と 0 だけなら、mean_interval でなく rate_difference を使います。渡すのは、"
            "1 の数と種の数の組を、2 つです。",
        ),
        check=check_my_question,
        kind=Kind.EXPLORE,
    ),
)
