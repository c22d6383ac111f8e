"""answers：1 件ごとの答えの組。区間は、答えのわかっている作りもので、当たる割合を確かめる。"""

import json
import math

import numpy as np
import pytest
from scipy.stats import chi2, norm, ttest_ind, ttest_rel

from lstm_text.records import (
    PairedDifference,
    SeedSpread,
    mcnemar,
    mean_interval,
    pack,
    paired_by_seed,
    paired_difference,
    seed_spread,
    unpack,
)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000, 25_000])
def test_packed_answers_survive_json(n):
    right = np.random.default_rng(n).random(n) < 0.9
    packed = json.loads(json.dumps(pack(right)))
    back = unpack(packed, n)
    assert back.dtype == bool
    assert back.tolist() == right.tolist()
    assert len(packed) <= n / 6 + 4


def test_packing_takes_a_plain_list_and_refuses_numbers():
    assert pack([True, False]) == pack(np.array([True, False]))
    for wrong in (np.array([1, 0]), np.ones((2, 2), dtype=bool)):
        with pytest.raises(ValueError, match="1 列の真偽値が必要"):
            pack(wrong)


@pytest.mark.parametrize("n", [15, 17, 24, 0])
def test_a_length_that_does_not_fit_is_refused(n):
    with pytest.raises(ValueError, match=f"{n} 件の当たり外れ"):
        unpack(pack(np.ones(16, dtype=bool)), n)


@pytest.mark.parametrize("broken", ["あ", "????", "oA="])
def test_broken_text_is_refused(broken):
    with pytest.raises(ValueError, match="base64 として読めません"):
        unpack(broken, 3)


def discordant(only_first: int, only_second: int, both: int) -> tuple[np.ndarray, np.ndarray]:
    first = [True] * only_first + [False] * only_second + [True] * both
    second = [False] * only_first + [True] * only_second + [True] * both
    return np.array(first), np.array(second)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (6, 0), (9, 3), (3, 9), (5, 5), (40, 61)])
def test_mcnemar_equals_the_binomial_sum(b, c):
    tail = sum(math.comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c)
    assert mcnemar(*discordant(b, c, both=20)) == pytest.approx(min(1.0, 2 * tail))


def test_mcnemar_for_many_reviews_nears_the_chi_squared_formula():
    b, c = 620, 540
    theirs = chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1)
    assert mcnemar(*discordant(b, c, both=20_000)) == pytest.approx(theirs, rel=0.01)


def test_one_seed_each_is_the_paired_t_interval():
    random = np.random.default_rng(0)
    first, second = random.random(300) < 0.9, random.random(300) < 0.8
    theirs = ttest_rel(first.astype(float), second.astype(float)).confidence_interval(0.95)
    found = paired_difference([first], [second])
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.mean == pytest.approx(first.mean() - second.mean())
    assert (found.low, found.high) == pytest.approx(
        mean_interval(list(first.astype(float) - second))
    )


def test_turning_the_sides_round_turns_the_interval_round():
    random = np.random.default_rng(1)
    first = [random.random(200) < 0.9 for _ in range(3)]
    second = [random.random(200) < 0.8 for _ in range(2)]
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_the_same_answers_do_not_differ():
    answers = [np.array([True, False, True, True])] * 2
    found = paired_difference(answers, answers)
    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert not found.distinguishable


def test_answers_that_do_not_fit_are_refused():
    one, two = np.ones(3, dtype=bool), np.ones(4, dtype=bool)
    with pytest.raises(ValueError, match="同じ数のレビュー"):
        paired_difference([one, two], [one])
    with pytest.raises(ValueError, match="同じ数のレビュー"):
        mcnemar(one, two)
    with pytest.raises(ValueError, match="1 つ以上の種"):
        paired_difference([], [one])
    with pytest.raises(ValueError, match="2 件以上のレビュー"):
        paired_difference([one[:1]], [one[:1]])


def residual(side: np.ndarray) -> float:
    """2 元配置の残りの平均平方。行と列の平均を引いて、素直に。"""
    k, n = side.shape
    left = side - side.mean(0) - side.mean(1, keepdims=True) + side.mean()
    return (left**2).sum() / ((k - 1) * (n - 1))


def test_the_rest_is_counted_once():
    """区間の半分の幅の 2 乗が、手で立てた分散と自由度から出るものに等しい。"""
    from scipy.stats import t

    random = np.random.default_rng(2)
    hard = random.normal(size=400)
    first = random.normal(size=(4, 400)) + hard + random.normal(size=400) > -2
    second = random.normal(size=(3, 400)) + hard > -1.5
    seeds = [side.mean(1).var(ddof=1) / len(side) for side in (first, second)]
    rest = [residual(side) / side.size for side in (first, second)]
    reviews = (first.mean(0) - second.mean(0)).var(ddof=1) / 400
    assert reviews > sum(rest)
    variance = reviews + sum(seeds) - sum(rest)
    freedom = variance**2 / (seeds[0] ** 2 / 3 + seeds[1] ** 2 / 2)
    found = paired_difference([*first], [*second])
    half = t.ppf(0.975, freedom) * math.sqrt(variance)
    assert (found.high - found.low) / 2 == pytest.approx(half)


def test_without_differences_between_reviews_only_the_seeds_count():
    """どちらも同じ難しさのレビューに答えるなら、種ごとの正解率についての Welch の t になる。"""
    random = np.random.default_rng(5)
    first, second = (random.random((4, 500)) < chance for chance in (0.9, 0.87))
    each = first.mean(0) - second.mean(0)
    assert each.var(ddof=1) / 500 < sum(residual(side) / side.size for side in (first, second))
    theirs = ttest_ind(first.mean(1), second.mean(1), equal_var=False).confidence_interval(0.95)
    found = paired_difference([*first], [*second])
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def coverage(seeds: tuple[int, int], spread: float, own: float, gain: float) -> tuple[float, float]:
    """答えのわかっている作りものを 400 回作り、区間が本当の差を含んだ割合と、差ありと言った割合。

    当たり外れは、種（標準偏差 ``spread``）、どのモデルにも共通なレビューの易しさ、モデルごとの
    得手不得手（``own``）、そのときどきの揺れ 0.6 の和が、0 を超えるかで決まる。
    """
    random, n, repeats = np.random.default_rng(0), 500, 400
    scale = math.sqrt(spread**2 + 1 + own**2 + 0.6**2)
    true = norm.cdf((1.9 + gain) / scale) - norm.cdf(1.9 / scale)
    held = told = 0
    for _ in range(repeats):
        easy = random.normal(size=n)
        first, second = (
            base
            + random.normal(0, spread, (k, 1))
            + easy
            + random.normal(0, own, n)
            + random.normal(0, 0.6, (k, n))
            > 0
            for k, base in zip(seeds, (1.9 + gain, 1.9), strict=True)
        )
        found = paired_difference([*first], [*second])
        held += found.low <= true <= found.high
        told += found.distinguishable
    return held / repeats, told / repeats


@pytest.mark.parametrize(
    ("seeds", "spread", "own", "gain"),
    [
        ((1, 1), 0.0, 0.5, 0.3),
        ((3, 3), 0.0, 0.0, 0.0),  # 差なし、種の揺れも、得手不得手もない
        ((3, 3), 0.15, 0.0, 0.0),  # 差なし
        ((5, 5), 0.05, 0.5, 0.0),  # 差なし
        ((3, 5), 0.05, 0.5, 0.3),
        ((10, 2), 0.1, 0.5, 0.3),
        ((5, 5), 0.15, 0.5, 0.3),
    ],
)
def test_the_interval_holds_the_true_difference_as_often_as_it_says(seeds, spread, own, gain):
    held, told = coverage(seeds, spread, own, gain)
    assert 0.93 <= held <= 0.97
    if gain == 0:
        assert told == pytest.approx(1 - held)


def test_forgetting_the_seeds_would_be_wrong_too_often():
    """レビューの揺れだけの区間は、種で正解率が揺れるとき、本当の差を外しすぎる。"""
    held, _ = coverage((1, 1), 0.15, 0.0, 0.0)
    assert held < 0.8


def test_the_spread_of_seeds_is_the_pooled_variance():
    random = np.random.default_rng(3)
    models = [list(random.random((k, 50)) < 0.7) for k in (2, 4, 1)]
    means = [[answers.mean() for answers in seeds] for seeds in models]
    found = seed_spread(models)
    squares = sum((x - sum(each) / len(each)) ** 2 for each in means for x in each)
    assert found.freedom == 1 + 3
    assert found.variance == pytest.approx(squares / 4)


def coverage_pooled(models: int, spread: float) -> float:
    """種 2 つずつのモデルの、隣どうしの差を、区間が含んだ割合。"""
    random, n, repeats = np.random.default_rng(1), 200, 200
    easy_scale = math.sqrt(spread**2 + 1 + 0.3**2 + 0.6**2)
    bases = [1.9 + 0.1 * m for m in range(models)]
    true = [norm.cdf(base / easy_scale) for base in bases]
    held = []
    for _ in range(repeats):
        easy = random.normal(size=n)
        answers = [
            [*(base + random.normal(0, spread, (2, 1)) + easy + random.normal(0, 0.3, n)
               + random.normal(0, 0.6, (2, n)) > 0)]
            for base in bases
        ]  # fmt: skip
        known = seed_spread(answers)
        for m in range(models - 1):
            found = paired_difference(answers[m + 1], answers[m], known)
            held.append(found.low <= true[m + 1] - true[m] <= found.high)
    return float(np.mean(held))


@pytest.mark.parametrize("spread", [0.0, 0.15, 0.3])
def test_with_the_spread_of_many_models_two_seeds_are_enough(spread):
    assert 0.93 <= coverage_pooled(9, spread) <= 0.975


def test_a_side_of_one_seed_counts_no_spread_of_seeds():
    """種によらない相手なら、種の揺れは片側だけ。"""
    random = np.random.default_rng(4)
    first, rival = list(random.random((2, 300)) < 0.9), [random.random(300) < 0.88]
    wide = SeedSpread(0.01, 9)
    found = paired_difference(first, rival, wide)
    assert (found.high - found.low) / 2 > 0.9 * 2.26 * math.sqrt(0.01 / 2)
    with pytest.raises(ValueError, match="種を 2 つ以上"):
        paired_difference(rival, rival, wide)
    with pytest.raises(ValueError, match="1 つもありません"):
        seed_spread([rival])


def test_by_seed_without_differences_between_reviews_is_the_paired_t_interval():
    """どのレビューも同じ難しさなら、種ごとの差についての t になる。"""
    random = np.random.default_rng(7)
    luck = np.array([[-0.04], [0.02], [0.0], [0.05], [-0.03]])
    first, second = random.random((5, 400)) < 0.9 + luck, random.random((5, 400)) < 0.87
    gaps = first.astype(float) - second
    rest = residual(gaps) / gaps.size
    assert gaps.mean(0).var(ddof=1) / 400 < rest < gaps.mean(1).var(ddof=1) / 5
    theirs = ttest_rel(first.mean(1), second.mean(1)).confidence_interval(0.95)
    found = paired_by_seed([*first], [*second])
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.mean == pytest.approx(first.mean() - second.mean())


def test_by_seed_counts_the_rest_once():
    from scipy.stats import t

    random = np.random.default_rng(8)
    easy, own = random.normal(size=600), random.normal(size=(2, 600))
    first, second = (easy + own[i] + random.normal(size=(4, 600)) > -1.5 - i for i in (0, 1))
    gaps = first.astype(float) - second
    rest = residual(gaps) / gaps.size
    seeds = max(gaps.mean(1).var(ddof=1) / 4, rest)
    variance = seeds + gaps.mean(0).var(ddof=1) / 600 - rest
    assert variance > seeds
    half = t.ppf(0.975, 3 * (variance / seeds) ** 2) * math.sqrt(variance)
    found = paired_by_seed([*first], [*second])
    assert (found.high - found.low) / 2 == pytest.approx(half)


def coverage_by_seed(k: int, shared: float, own: float, gain: float) -> tuple[float, float]:
    """同じ訓練データから学ぶ 2 つの側。

    区間が本当の差を含んだ割合と、幅の、種を組にしないときとの比。
    """
    random, n, repeats = np.random.default_rng(0), 500, 400
    scale = math.sqrt(shared**2 + 0.05**2 + 1 + own**2 + 0.6**2)
    true = norm.cdf((1.9 + gain) / scale) - norm.cdf(1.9 / scale)
    held, widths = 0, []
    for _ in range(repeats):
        easy, data = random.normal(size=n), random.normal(0, shared, (k, 1))
        first, second = (
            base + data + random.normal(0, 0.05, (k, 1)) + easy + random.normal(0, own, n)
            + random.normal(0, 0.6, (k, n)) > 0
            for base in (1.9 + gain, 1.9)
        )  # fmt: skip
        found, apart = (pair([*first], [*second]) for pair in (paired_by_seed, paired_difference))
        held += found.low <= true <= found.high
        widths.append((found.high - found.low) / (apart.high - apart.low))
    return held / repeats, float(np.median(widths))


@pytest.mark.parametrize(
    ("k", "shared", "own", "gain"), [(3, 0.3, 0.3, 0.0), (6, 0.3, 0.0, 0.2), (20, 0.3, 0.5, 0.2)]
)
def test_pairing_the_seeds_holds_the_truth_and_is_narrower(k, shared, own, gain):
    held, width = coverage_by_seed(k, shared, own, gain)
    assert held >= 0.93
    assert width < 0.9


@pytest.mark.parametrize(("k", "other"), [(1, 1), (2, 3), (3, 2)])
def test_by_seed_needs_the_same_seeds(k, other):
    one = np.array([True, False, True])
    with pytest.raises(ValueError, match=f"2 つ以上の種の答えが必要ですが、{k} と {other}"):
        paired_by_seed([one] * k, [one] * other)
    with pytest.raises(ValueError, match="2 件以上のレビュー"):
        paired_by_seed([one[:1]] * 2, [one[:1]] * 2)
    assert paired_by_seed([one] * 2, [one] * 2) == PairedDifference(0, 0, 0)
