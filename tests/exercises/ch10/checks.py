"""「主張と検証」の練習。"""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lstm_text.records import Above, mean_interval, rate_difference
from tests.exercises.engine.compare import agree_closely, expect
from tests.exercises.engine.exercise import Exercise, Kind, require
from tests.exercises.engine.findings import (
    finite,
    finite_or_none,
    only_keys,
    require_varied,
    seeds_of,
    text,
    without_names,
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


COVERED = (
    *((usual, 10, 0.9), (usual, 10, 0.5), (usual, 7, 0.25), (usual, 12, 1.0), (usual, 5, 0.0)),
    *((around, 9, 0.3), (around, 11, 0.85), (around, 1, 0.4)),
    *((point, 10, 0.5), (point, 8, 0.25), (point, 4, 0.3), (upper, 6, 0.5), (upper, 10, 0.75)),
    *((always, 3, 1.0), (always, 4, 0.0), (always, 2, 0.25), (even, 9, 0.6), (even, 1, 0.2)),
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


SCORES = (
    # 引き分けが 2 つ、勝ちが 6 つ、負けが 2 つ
    (
        [5.0, 7.0, 6.0, 9.0, 4.0, 8.0, 3.0, 6.5, 2.0, 7.5],
        [4.0, 7.0, 5.0, 8.5, 6.0, 7.0, 1.0, 6.5, 3.0, 7.0],
    ),
    ([0.2, 0.4, 0.9, 0.1, 0.5], [0.3, 0.5, 0.8, 0.6, 0.7]),
    ([0.9] * 8, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    ([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]),
    ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    ([0.1], [0.2]),
    ([], []),
    # ごくわずかな差も勝ち負け。引いて 0 に丸められる差ではない
    ([1e-300, 1.0, 1e300, -1.0], [2e-300, 1.0 - 1e-16, 1e300, -2.0]),
    ([0.7] * 6, [0.6] * 6),
    ([1.0] * 6, [1.0 - 1e-13] * 6),
)

# 勝ち、負け、引き分けの数。並べ尽くせないほど多い種
MANY = ((120, 80, 0), (40, 60, 100), (600, 500, 3), (300, 0, 0))


def check_sign_test(f):
    """ありうる勝敗をすべて並べて数えたものと一致する。種が多いときは、分数で足したものと。"""
    got = [f(first, second) for first, second in SCORES]
    names = [f"sign_test({first}, {second})" for first, second in SCORES]
    expect(got, [counted(first, second) for first, second in SCORES], names)
    for wins, losses, ties in MANY:
        first, second = [1.0] * wins + [0.0] * (losses + ties), [0.0] * wins + [1.0] * losses
        name = f"{wins} 勝 {losses} 敗 {ties} 分けの確率"
        agree_closely(f(first, second + [0.0] * ties), tail(wins, losses), name)


def counted(first, second):
    """勝敗の並び 2^n 通りのうち、実際と同じか、それより偏ったものの割合。"""
    signs = [(a > b) - (a < b) for a, b in zip(first, second, strict=True) if a != b]
    every = itertools.product((-1, 1), repeat=len(signs))
    return float(np.mean([abs(sum(one)) >= abs(sum(signs)) for one in every]))


def tail(wins, losses):
    """パスカルの三角形の段を作り、離れた所を分数で足す。"""
    row = [1]
    for _ in range(wins + losses):
        row = [a + b for a, b in zip([0, *row], [*row, 0], strict=True)]
    far = (count for k, count in enumerate(row) if abs(2 * k - len(row) + 1) >= abs(wins - losses))
    return float(Fraction(sum(far), sum(row)))


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
    got, want, names = [], [], []
    for *machine, warmup, rounds in BENCHES:
        bench = Bench(*machine)
        got.append(f(bench, warmup, rounds))
        want.append(middle(Bench(*machine), warmup, rounds))
        names.append(f"warmup = {warmup}、rounds = {rounds} の比")
    expect(got, want, names)


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
    names = ["sign_test_power({}, {}, {})".format(*case) for case in POWERS]
    expect(
        [float(each) if isinstance(each, Fraction) else each for each in got],
        [listed(*case) for case in POWERS],
        names,
    )
    for n, win, alpha in ((40, 0.7, 0.05), (150, 0.6, 0.01), (121, 0.35, 0.05)):
        name = f"sign_test_power({n}, {win}, {alpha})"
        expect(f(n, win, alpha), summed(n, Fraction(win), Fraction(alpha)), name)


def listed(n, win, alpha):
    """並びを 1 つずつ調べる。"""
    power = 0.0
    every = list(itertools.product((1, -1), repeat=n))
    far = np.abs(np.array(every).sum(axis=1))
    for one, distance in zip(every, far, strict=True):
        if (far >= distance).mean() <= alpha:
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
LEAST_SEEDS = 6  # これより少ないと、全勝でも偶然と区別できない（問 10.2）


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
    require(
        bool(re.search(r"\d", without_names(answer, values))),
        "answer には、測った数を算用数字で（6 や 0.5 のように）1 つ以上書くはずですが、"
        f"条件の名前のほかに、数がありません：{answer}",
    )


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
        name="sign_test",
        title="種ごとの差を検定する",
        section="公平な試し方",
        difficulty=1,
        minutes=10,
        hints=(
            "勝った種の数 w と負けた種の数 l だけが要ります。n = w + l です。",
            "五分五分なら、n 個のうち k 個勝つ確率は math.comb(n, k) / 2**n です。",
            "max(w, l) 個以上勝つ確率を足し、反対側も同じだけあるので 2 倍します。"
            "ちょうど五分五分のときは 1 を超えるので、1 で抑えます。",
        ),
        check=check_sign_test,
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
