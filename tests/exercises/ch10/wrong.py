"""「主張と検証」の誤答。"""

import math
import statistics
from collections import Counter

import numpy as np
import torch


def _seen(n, chance, k):
    """n 回のうち、ちょうど k 回成功する確率。"""
    return math.comb(n, k) * chance**k * (1 - chance) ** (n - k)


def _covered(interval, n, chance, inside=lambda low, p, high: low <= p <= high):
    """区間に含まれる、成功の回数。"""
    return [k for k in range(n + 1) if inside(interval(k, n)[0], chance, interval(k, n)[1])]


def _weighed(n, chance, kept):
    return math.fsum(_seen(n, chance, k) for k in kept)


class coverage:
    def certain_ends(interval, n, chance):
        """chance が 0 か 1 なら、区間を調べずに 1 を返している"""
        if chance in (0, 1):
            return 1.0
        return _weighed(n, chance, _covered(interval, n, chance))

    def underflows(interval, n, chance):
        """確率を次々に掛けて求め、n が大きいと 0 に丸められている"""
        if chance in (0, 1):
            return _weighed(n, chance, _covered(interval, n, chance))
        weights = [(1 - chance) ** n]
        for k in range(n):
            weights.append(weights[-1] * (n - k) / (k + 1) * chance / (1 - chance))
        return math.fsum(weights[k] for k in _covered(interval, n, chance))

    def from_first_to_last(interval, n, chance):
        """含む回数の初めから終わりまでを、間が抜けていても全部足している"""
        kept = _covered(interval, n, chance)
        return _weighed(n, chance, range(min(kept), max(kept) + 1)) if kept else 0.0

    def counts_unweighted(interval, n, chance):
        """どの回数も同じだけ起こるとみなしている（確率の重みがない）"""
        return len(_covered(interval, n, chance)) / (n + 1)

    def most_likely(interval, n, chance):
        """いちばん起こりやすい回数だけを調べている"""
        low, high = interval(round(n * chance), n)
        return float(low <= chance <= high)

    def missed(interval, n, chance):
        """含む割合でなく、外す割合を返している"""
        return 1.0 - _weighed(n, chance, _covered(interval, n, chance))

    def open_ends(interval, n, chance):
        """端とちょうど等しいときを、含まないとみなしている"""
        kept = _covered(interval, n, chance, lambda low, p, high: low < p < high)
        return _weighed(n, chance, kept)

    def lower_end_only(interval, n, chance):
        """下端だけを見ている"""
        kept = _covered(interval, n, chance, lambda low, p, high: low <= p)
        return _weighed(n, chance, kept)

    def upper_end_only(interval, n, chance):
        """上端だけを見ている"""
        kept = _covered(interval, n, chance, lambda low, p, high: p <= high)
        return _weighed(n, chance, kept)

    def all_succeed_left_out(interval, n, chance):
        """n 回とも成功した場合を入れていない（range(n) になっている）"""
        return _weighed(n, chance, [k for k in _covered(interval, n, chance) if k < n])

    def none_succeed_left_out(interval, n, chance):
        """1 回も成功しない場合を入れていない（1 から数えている）"""
        return _weighed(n, chance, [k for k in _covered(interval, n, chance) if k > 0])

    def failures_counted(interval, n, chance):
        """成功と失敗を取り違え、失敗の回数の確率を足している"""
        return _weighed(n, 1 - chance, _covered(interval, n, chance))

    def without_combinations(interval, n, chance):
        """並べ方の数 comb(n, k) を掛けていない"""
        kept = _covered(interval, n, chance)
        return math.fsum(chance**k * (1 - chance) ** (n - k) for k in kept)

    def contains_what_was_seen(interval, n, chance):
        """chance でなく、測った割合 k / n を含むかを調べている"""
        kept = [k for k in range(n + 1) if interval(k, n)[0] <= k / n <= interval(k, n)[1]]
        return _weighed(n, chance, kept)

    def stops_early(interval, n, chance):
        """下端が chance を超えたら、その先の回数を調べていない"""
        below = [k for k in range(n + 1) if interval(k, n)[0] > chance]
        kept = _covered(interval, n, chance)
        return _weighed(n, chance, [k for k in kept if k < min(below, default=n + 1)])

    def loose_ends(interval, n, chance):
        """端にわずかな遊びを持たせ、含まない区間も含むとみなしている"""
        kept = _covered(interval, n, chance, lambda low, p, high: low - 1e-9 <= p <= high + 1e-9)
        return _weighed(n, chance, kept)

    def percent(interval, n, chance):
        """割合でなく % で返している"""
        return 100 * _weighed(n, chance, _covered(interval, n, chance))

    def simulated(interval, n, chance):
        """乱数で 1 万回試している（決まった値にならない）"""
        draws = np.random.default_rng(0).binomial(n, chance, 10_000)
        return float(np.isin(draws, _covered(interval, n, chance)).mean())

    def half_even(interval, n, chance):
        """chance を使わず、五分五分として重みをつけている"""
        return _weighed(n, 0.5, _covered(interval, n, chance))


def _tail(least, n):
    """n 個のうち least 個以上勝つ確率。"""
    return sum(math.comb(n, k) for k in range(least, n + 1)) / 2**n


def _gaps(first, second):
    return [a - b for a, b in zip(first, second, strict=True)]


def _ways(gaps):
    """差の合計ごとの、符号の付け方の数。"""
    ways = Counter({0: 1})
    for gap in gaps:
        following = Counter()
        for total, count in ways.items():
            following[total + gap] += count
            following[total - gap] += count
        ways = following
    return ways


def _flipped(gaps, far):
    """``far(合計)`` が真になる割合。"""
    return sum(count for total, count in _ways(gaps).items() if far(total)) / 2 ** len(gaps)


class sign_flip_test:
    def one_sided(first, second):
        """片側だけを数えている（合計が実際以上のもの）"""
        gaps = _gaps(first, second)
        return _flipped(gaps, lambda total: total >= sum(gaps))

    def first_side(first, second):
        """first が勝つ側だけを数えて 2 倍している"""
        gaps = _gaps(first, second)
        return min(1.0, 2 * _flipped(gaps, lambda total: total >= sum(gaps)))

    def not_capped(first, second):
        """片側を 2 倍し、1 で抑えていない（合計が 0 のとき、1 を超える）"""
        gaps = _gaps(first, second)
        return 2 * _flipped(gaps, lambda total: total >= abs(sum(gaps)))

    def strictly_more(first, second):
        """実際とちょうど同じ合計を数えていない"""
        gaps = _gaps(first, second)
        return _flipped(gaps, lambda total: abs(total) > abs(sum(gaps)))

    def only_observed(first, second):
        """実際とちょうど同じ合計だけを数えている"""
        gaps = _gaps(first, second)
        return _flipped(gaps, lambda total: abs(total) == abs(sum(gaps)))

    def wins_only(first, second):
        """差の大きさを使わず、勝敗の数だけで求めている"""
        signs = [(gap > 0) - (gap < 0) for gap in _gaps(first, second) if gap]
        return _flipped(signs, lambda total: abs(total) >= abs(sum(signs)))

    def ranks(first, second):
        """差そのものでなく、差の大きさの順位の和で比べている"""
        gaps = [gap for gap in _gaps(first, second) if gap]
        order = sorted(map(abs, gaps))
        ranked = [(1 if gap > 0 else -1) * (order.index(abs(gap)) + 1) for gap in gaps]
        return _flipped(ranked, lambda total: abs(total) >= abs(sum(ranked)))

    def unpaired(first, second):
        """種の組を崩し、件数を小さい順に並べてから引いている"""
        gaps = _gaps(sorted(first), sorted(second))
        return _flipped(gaps, lambda total: abs(total) >= abs(sum(gaps)))

    def at_random(first, second):
        """乱数で 1 万回付け替えている（決まった値にならない）"""
        gaps = np.array(_gaps(first, second))
        signs = np.random.default_rng(0).choice([-1, 1], (10_000, len(gaps)))
        return float((abs(signs @ gaps) >= abs(gaps.sum())).mean())

    def normal_approximation(first, second):
        """正規分布で近似している"""
        gaps = _gaps(first, second)
        size = math.sqrt(sum(gap**2 for gap in gaps))
        return math.erfc(abs(sum(gaps)) / size / math.sqrt(2)) if size else 1.0

    def approximated_when_many(first, second):
        """種が多いときだけ、正規分布で近似している"""
        gaps = _gaps(first, second)
        if len(gaps) > 20:
            return sign_flip_test.normal_approximation(first, second)
        return _flipped(gaps, lambda total: abs(total) >= abs(sum(gaps)))

    def digits_lost(first, second):
        """小さな割合の桁が失われている（1 から引く、途中で丸める、遠い合計を数えない、など）"""
        gaps = _gaps(first, second)
        return 1 - _flipped(gaps, lambda total: abs(total) < abs(sum(gaps)))

    def one_added(first, second):
        """分子と分母に 1 を足している（乱数で付け替えるときの数え方）"""
        gaps = _gaps(first, second)
        far = [n for total, n in _ways(gaps).items() if abs(total) >= abs(sum(gaps))]
        return (sum(far) + 1) / (2 ** len(gaps) + 1)

    def complement(first, second):
        """1 から引いた割合を返している"""
        gaps = _gaps(first, second)
        return 1 - _flipped(gaps, lambda total: abs(total) >= abs(sum(gaps)))

    def distinct_sums(first, second):
        """合計が同じになる付け方を、まとめて 1 通りと数えている"""
        gaps = _gaps(first, second)
        sums = list(_ways(gaps))
        return sum(abs(total) >= abs(sum(gaps)) for total in sums) / len(sums)

    def draws_halved(first, second):
        """差が 0 の種で、付け方が 1 通りしか増えないのに、2 倍の数で割っている"""
        gaps = _gaps(first, second)
        share = _flipped(gaps, lambda total: abs(total) >= abs(sum(gaps)))
        return share / 2 ** gaps.count(0)

    def count(first, second):
        """割合でなく、付け方の数を返している"""
        gaps = _gaps(first, second)
        far = [n for total, n in _ways(gaps).items() if abs(total) >= abs(sum(gaps))]
        return float(sum(far))


def _run(bench, times):
    for _ in range(times):
        bench.a()
        bench.b()


def _seconds(bench, step):
    start = bench.clock()
    step()
    return bench.clock() - start


def _pairs(bench, warmup, rounds):
    """正しく測った時間の組。"""
    _run(bench, warmup)
    return [(_seconds(bench, bench.a), _seconds(bench, bench.b)) for _ in range(rounds)]


def _ratio_of_blocks(bench, rounds):
    """a を全部動かしてから b を全部動かした、合計の比。"""
    a = _seconds(bench, lambda: [bench.a() for _ in range(rounds)])
    return a / _seconds(bench, lambda: [bench.b() for _ in range(rounds)])


class time_ratio:
    def one_after_the_other(bench, warmup, rounds):
        """ひな形のまま（誤りが 3 つとも残っている）"""
        return _ratio_of_blocks(bench, rounds)

    def only_warmed(bench, warmup, rounds):
        """a を全部測ってから b を測り、合計どうしの比になっている（直したのは準備だけ）"""
        _run(bench, warmup)
        return _ratio_of_blocks(bench, rounds)

    def only_alternated(bench, warmup, rounds):
        """準備の時間も入れ、合計どうしの比になっている（直したのは、交互に測ることだけ）"""
        first, second = zip(*_pairs(bench, 0, rounds), strict=True)
        return sum(first) / sum(second)

    def only_paired(bench, warmup, rounds):
        """準備の時間も入れ、a を全部測ってから b を測っている（直したのは、組の中央値だけ）"""
        a = [_seconds(bench, bench.a) for _ in range(rounds)]
        b = [_seconds(bench, bench.b) for _ in range(rounds)]
        return statistics.median(x / y for x, y in zip(a, b, strict=True))

    def warmed_then_blocks(bench, warmup, rounds):
        """準備は除いているが、a を全部測ってから b を測っている"""
        _run(bench, warmup)
        a = [_seconds(bench, bench.a) for _ in range(rounds)]
        b = [_seconds(bench, bench.b) for _ in range(rounds)]
        return statistics.median(a) / statistics.median(b)

    def blocks_paired_later(bench, warmup, rounds):
        """a を全部測ってから b を測り、あとから組にしている"""
        _run(bench, warmup)
        a = [_seconds(bench, bench.a) for _ in range(rounds)]
        b = [_seconds(bench, bench.b) for _ in range(rounds)]
        return statistics.median(x / y for x, y in zip(a, b, strict=True))

    def warmup_ignored(bench, warmup, rounds):
        """交互に測っているが、準備の時間も入れている"""
        return statistics.median(a / b for a, b in _pairs(bench, 0, rounds))

    def warmup_taken_from_rounds(bench, warmup, rounds):
        """準備の分だけ、測る回数を減らしている"""
        pairs = _pairs(bench, 0, rounds)[warmup:] or _pairs(bench, 0, 1)
        return statistics.median(a / b for a, b in pairs)

    def only_a_warmed(bench, warmup, rounds):
        """a だけを準備し、b は冷えたまま測っている"""
        for _ in range(warmup):
            bench.a()
        return statistics.median(a / b for a, b in _pairs(bench, 0, rounds))

    def warmed_at_least_once(bench, warmup, rounds):
        """warmup が 0 でも、1 回は準備している"""
        return statistics.median(a / b for a, b in _pairs(bench, max(1, warmup), rounds))

    def warmup_shared(bench, warmup, rounds):
        """a と b を合わせて warmup 回しか準備していない（それぞれ warmup 回ずつ要る）"""
        for k in range(warmup):
            (bench.a, bench.b)[k % 2]()
        return statistics.median(a / b for a, b in _pairs(bench, 0, rounds))

    def warmed_once(bench, warmup, rounds):
        """準備を、warmup 回でなく 1 回しかしていない"""
        return statistics.median(a / b for a, b in _pairs(bench, 1, rounds))

    def clock_not_stopped(bench, warmup, rounds):
        """b の時間に、a の時間も入っている（時計を見直していない）"""
        _run(bench, warmup)
        ratios = []
        for _ in range(rounds):
            start = bench.clock()
            bench.a()
            a = bench.clock() - start
            bench.b()
            ratios.append(a / (bench.clock() - start))
        return statistics.median(ratios)

    def mean_of_ratios(bench, warmup, rounds):
        """中央値でなく平均をとっている"""
        return statistics.fmean(a / b for a, b in _pairs(bench, warmup, rounds))

    def ratio_of_medians(bench, warmup, rounds):
        """組ごとの比でなく、中央値どうしの比になっている"""
        first, second = zip(*_pairs(bench, warmup, rounds), strict=True)
        return statistics.median(first) / statistics.median(second)

    def ratio_of_sums(bench, warmup, rounds):
        """合計どうしの比になっている"""
        first, second = zip(*_pairs(bench, warmup, rounds), strict=True)
        return sum(first) / sum(second)

    def ratio_of_best(bench, warmup, rounds):
        """いちばん速い時間どうしの比になっている"""
        first, second = zip(*_pairs(bench, warmup, rounds), strict=True)
        return min(first) / min(second)

    def inverted(bench, warmup, rounds):
        """b / a になっている"""
        return statistics.median(b / a for a, b in _pairs(bench, warmup, rounds))

    def lower_middle(bench, warmup, rounds):
        """偶数個のとき、中央の 2 つを平均せず、小さいほうを返している"""
        return statistics.median_low(a / b for a, b in _pairs(bench, warmup, rounds))

    def upper_middle(bench, warmup, rounds):
        """偶数個のとき、中央の 2 つを平均せず、大きいほうを返している"""
        return statistics.median_high(a / b for a, b in _pairs(bench, warmup, rounds))

    def not_sorted(bench, warmup, rounds):
        """並べ替えずに、測った順の真ん中を返している"""
        ratios = [a / b for a, b in _pairs(bench, warmup, rounds)]
        half = len(ratios) // 2
        return (ratios[half] + ratios[-half - 1]) / 2

    def difference(bench, warmup, rounds):
        """比でなく差の中央値になっている"""
        return statistics.median(a - b for a, b in _pairs(bench, warmup, rounds))


def _chance(wins, n):
    """検定の確率（両側）。"""
    return min(1.0, 2 * _tail(max(wins, n - wins), n))


def _power(n, win, found):
    return sum(_seen(n, win, wins) for wins in range(n + 1) if found(wins))


class sign_test_power:
    def strictly_less(n, win, alpha):
        """確率がちょうど alpha のとき、差があると言っていない（< になっている）"""
        return _power(n, win, lambda wins: _chance(wins, n) < alpha)

    def one_sided_test(n, win, alpha):
        """片側の検定で判定している"""
        return _power(n, win, lambda wins: _tail(max(wins, n - wins), n) <= alpha)

    def only_wins(n, win, alpha):
        """勝ち越した側だけを足している（負け越して「差がある」と言う分がない）"""
        return _power(n, win, lambda wins: _chance(wins, n) <= alpha and 2 * wins >= n)

    def missed(n, win, alpha):
        """検出力でなく、見逃す確率を返している"""
        return 1 - _power(n, win, lambda wins: _chance(wins, n) <= alpha)

    def even_odds(n, win, alpha):
        """win を使わず、五分五分のときに「差がある」と言う確率を返している"""
        return _power(n, 0.5, lambda wins: _chance(wins, n) <= alpha)

    def most_likely(n, win, alpha):
        """勝ちの数がいちばん起こりやすい n × win のときの判定だけを見ている"""
        return float(_chance(round(n * win), n) <= alpha)

    def all_wins(n, win, alpha):
        """全勝か全敗のときだけを数えている"""
        return win**n + (1 - win) ** n if 2 / 2**n <= alpha else 0.0

    def without_combinations(n, win, alpha):
        """並べ方の数 comb(n, k) を掛けていない"""
        return sum(win**k * (1 - win) ** (n - k) for k in range(n + 1) if _chance(k, n) <= alpha)

    def observed_only(n, win, alpha):
        """「それより偏った勝敗」を足さず、ちょうどその勝敗の確率の 2 倍で判定している"""
        return _power(n, win, lambda k: min(1.0, 2 * math.comb(n, k) / 2**n) <= alpha)

    def normal_approximation(n, win, alpha):
        """検定の確率を、正規分布で近似している"""
        return _power(n, win, lambda k: math.erfc(abs(2 * k - n) / math.sqrt(2 * n)) <= alpha)

    def not_capped(n, win, alpha):
        """検定の確率を 1 で抑えず、五分五分の勝敗を落としている"""
        return _power(n, win, lambda k: 2 * _tail(max(k, n - k), n) <= alpha)

    def alpha_fixed(n, win, alpha):
        """alpha を使わず、いつも 0.05 で判定している"""
        return _power(n, win, lambda wins: _chance(wins, n) <= 0.05)


LSTM, GRU = [226, 103, 399, 181, 240, 312], [55, 33, 37, 61, 48, 40]


def _report(**changes):
    """形の整った報告。"""
    report = {
        "question": "GRU は LSTM より速く覚えるか。",
        "fixed": {"学習率": 0.01},
        "bound": 20,
        "seeds": [0, 1, 2, 3, 4, 5],
        "values": {"LSTM": LSTM, "GRU": GRU},
        "compared": ("LSTM", "GRU"),
        "judgement": "支持",
        "answer": "6 つの種のすべてで GRU が先だった。",
    }
    return report | changes


class my_question:
    def five_seeds():
        """種が 5 つしかない"""
        return _report(seeds=[0, 1, 2, 3, 4], values={"LSTM": LSTM[:5], "GRU": GRU[:5]})

    def same_seed():
        """同じ種を 6 度使っている"""
        return _report(seeds=[0] * 6)

    def only_averages():
        """種ごとの結果でなく、平均だけを書いている"""
        return _report(values={"LSTM": [243.5], "GRU": [45.7]})

    def mean_and_deviation():
        """種ごとの結果でなく、平均と標準偏差の 2 つを書いている"""
        return _report(values={"LSTM": [243.5, 103.1], "GRU": [45.7, 10.9]})

    def nothing_to_compare():
        """比べる相手がない"""
        return _report(values={"GRU": GRU})

    def compared_with_itself():
        """同じ条件を 2 度挙げている"""
        return _report(compared=("GRU", "GRU"))

    def compared_with_an_unknown():
        """測っていない条件を挙げている"""
        return _report(compared=("LSTM", "RNN"))

    def rows_compared():
        """名前でなく、結果のリストそのものを挙げている"""
        return _report(compared=(LSTM, GRU))

    def nothing_fixed():
        """そろえた条件を書いていない"""
        return _report(fixed={})

    def no_bound():
        """境目を決めていない"""
        return _report(bound=None)

    def bound_below_zero():
        """境目が 0 より小さい"""
        return _report(bound=-20)

    def judged_by_the_mean():
        """区間を見ず、平均だけで「支持」と言っている"""
        return _report(bound=150)

    def judged_by_wins():
        """区間が境目より下なのに、全勝だから「支持」と言っている"""
        return _report(bound=400)

    def wrong_way_round():
        """引く順が、主張と逆になっている"""
        return _report(compared=("GRU", "LSTM"))

    def own_word():
        """決まった語でない判断を書いている"""
        return _report(judgement="成立")

    def solved_as_a_mean():
        """1 と 0 だけの結果を、平均の区間で判断している（幅が 0 になり、言いすぎる）"""
        values = {"LSTM": [1] * 6, "GRU": [0] * 6}
        return _report(values=values, bound=0.5, answer="6 と 0。どの種でも同じだった。")

    def unreached_compared():
        """届かなかった種のある条件を、そのまま比べている"""
        return _report(values={"LSTM": [*LSTM[:5], None], "GRU": GRU})

    def not_a_question():
        """問いでなく、言い切りの文を書いている"""
        return _report(question="GRU は LSTM より速く覚える。")

    def answer_without_numbers():
        """答えに数がない"""
        return _report(answer="すべての種で GRU が先だった。")

    def number_only_in_a_name():
        """測った数がなく、条件の名前の中の数しか書いていない"""
        values = {"2 層": LSTM, "1 層": GRU}
        answer = "２層のほうが遅かった。"
        return _report(values=values, compared=("2 層", "1 層"), answer=answer)

    def number_only_in_part_of_a_name():
        """測った数がなく、条件の名前を縮めた中の数しか書いていない"""
        values = {"2 層 LSTM": LSTM, "1 層 LSTM": GRU}
        answer = "2 層のほうが遅かった。"
        return _report(values=values, compared=("2 層 LSTM", "1 層 LSTM"), answer=answer)

    def only_the_seeds():
        """測った数がなく、種の番号しか書いていない"""
        return _report(answer="種 0 から 5 で測り、LSTM が上だった。")

    def only_the_bound():
        """測った数がなく、境目しか書いていない"""
        return _report(answer="境目にした 20 を超えて、LSTM が上だった。")

    def only_what_was_fixed():
        """測った数がなく、そろえた条件の数しか書いていない"""
        return _report(answer="学習率を 0.01 にそろえると、LSTM が上だった。")

    def only_a_claim():
        """測った数がなく、主張や節の番号しか書いていない"""
        return _report(answer="主張 3 のとおり、LSTM が上だった。")

    def unreached_not_told():
        """届かなかった種がいくつあったかを、答えに書いていない"""
        values = {"LSTM": LSTM, "GRU": GRU, "RNN": [None, None, 400, 380, None, 390]}
        return _report(values=values)

    def kanji_numerals():
        """測った数を、算用数字でなく漢数字で書いている"""
        return _report(answer="六つの種のすべてで GRU が先だった。")

    def answer_is_the_question():
        """答えに、問いをそのまま書いている"""
        return _report(question="6 つの種で GRU が先か。", answer="6 つの種で GRU が先か。")

    def only_another_condition_varies():
        """比べた 2 つはどちらも種によらず、別の条件だけが変わっている"""
        values = {"LSTM": [226] * 6, "GRU": [55] * 6, "RNN": [300, 310, 305, 290, 320, 330]}
        return _report(values=values)

    def never_varies():
        """種を変えても、結果がまったく変わっていない"""
        return _report(values={"LSTM": [226] * 6, "GRU": [55] * 6})

    def never_varies_in_tensors():
        """種を変えても、結果のテンソルがまったく変わっていない"""
        ones = [torch.tensor(1.0) for _ in range(6)]
        return _report(values={"LSTM": [2 * each for each in ones], "GRU": ones})

    def diverged():
        """発散した種の nan が残っている"""
        return _report(values={"LSTM": [*LSTM[:5], math.nan], "GRU": GRU})
