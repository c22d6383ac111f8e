"""verdicts：区間と判定の規則。"""

import itertools
import math
import random

import pytest
from scipy.stats import binomtest, norm, ttest_1samp

from lstm_text.records import (
    Above,
    Below,
    RatioAbove,
    RatioBelow,
    RatioWithin,
    SetAside,
    Within,
    beyond_chance,
    mean_interval,
    median_interval,
    rate_difference,
    verdict,
    wilson,
)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 10), (3, 10), (10, 10), (17, 40)])
def test_wilson_equals_scipy(k, n):
    theirs = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="成功の回数"):
        wilson(k, n)


def test_the_mean_interval_equals_scipy():
    values = [0.3, 0.9, 0.4, 0.8, 0.1]
    theirs = ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((theirs.low, theirs.high))


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="2 つ以上"):
        mean_interval([1.0])
    with pytest.raises(ValueError, match="6 個以上"):
        median_interval([1.0] * 5)


@pytest.mark.parametrize("n", [6, 9, 10, 21, 50])
def test_the_median_interval_keeps_its_confidence_and_no_narrower_one_does(n):
    low, high = median_interval(list(range(1, n + 1)))

    def confidence(low, high):  # 中央値が low 番めと high 番めの間にある確率
        return sum(math.comb(n, k) for k in range(low, high)) / 2**n

    assert low + high == n + 1
    assert confidence(low, high) >= 0.95 > confidence(low + 1, high - 1)


def test_the_median_interval_does_not_depend_on_the_order():
    values = [5.0, 1.0, 4.0, 9.0, 2.0, 7.0, 3.0]
    shuffled = values.copy()
    random.Random(0).shuffle(shuffled)
    assert median_interval(values) == median_interval(shuffled) == (1.0, 9.0)


def test_the_difference_of_rates_is_antisymmetric_and_holds_the_difference():
    for first, second in itertools.product([(0, 10), (3, 10), (10, 10), (7, 12)], repeat=2):
        low, high = rate_difference(first, second)
        assert low <= first[0] / first[1] - second[0] / second[1] <= high
        assert rate_difference(second, first) == pytest.approx((-high, -low))


def test_the_difference_of_rates_in_the_paper():
    """Newcombe (1998) の表 II の例 (a)、方法 10。"""
    assert rate_difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


YES, NO, UNSURE = Above("", 4, 5, 1), Above("", -4, -3, 1), Above("", 0, 2, 1)
BARELY, BARELY_NOT = Above("", 1.1, 3, 1), Above("", -1, 0.9, 1)
TOP = SetAside("", "天井", "")


@pytest.mark.parametrize(
    ("findings", "word"),
    [
        ([], "判定なし"),
        ([YES], "成立"),
        ([YES, YES], "成立"),
        ([YES, NO], "条件つき"),
        ([YES, UNSURE], "条件つき"),
        ([YES, NO, UNSURE], "条件つき"),
        ([NO], "不成立"),
        ([NO, UNSURE], "不成立"),
        ([UNSURE, UNSURE], "保留"),
        # 弱い行は、1 つなら足り、2 行からは 1 つでは足りない
        ([BARELY], "成立"),
        ([BARELY_NOT], "不成立"),
        ([BARELY, UNSURE], "保留"),
        ([BARELY_NOT, UNSURE], "保留"),
        ([BARELY, NO], "不成立"),
        ([BARELY, BARELY, NO], "条件つき"),
        ([BARELY] * 15, "成立"),
        # 15 行からは、弱い行 2 つでも足りない
        ([BARELY] * 2 + [UNSURE] * 13, "保留"),
        ([BARELY] * 3 + [NO] * 12, "条件つき"),
        ([BARELY] * 2 + [BARELY_NOT] * 13, "不成立"),
        # 数えない条件は、あってもなくても同じ
        ([TOP], "判定なし"),
        ([YES, TOP, TOP], "成立"),
        ([BARELY, TOP, TOP], "成立"),
        ([NO, UNSURE, TOP], "不成立"),
    ],
)
def test_the_rule(findings, word):
    assert verdict(findings) == word
    assert verdict(reversed(findings)) == word


def test_an_interval_at_the_threshold_does_not_support():
    assert Above("", 1, 2, 1).judgement == "保留"
    assert Above("", 1, 1, 1).judgement == "反証"
    assert Below("", 0, 1, 1).judgement == "保留"
    assert Below("", 1, 1, 1).judgement == "反証"
    assert Within("", -1, 1, 1).judgement == "支持"
    assert Within("", 0, 2, 1).judgement == "保留"


def test_below_is_above_with_the_signs_changed():
    for low, high in [(-3, -2), (-2, 0), (-1, 1), (0, 2), (2, 3)]:
        assert Below("", low, high, 0.5).judgement == Above("", -high, -low, -0.5).judgement


def test_a_finding_tells_its_numbers():
    assert str(Below("T = 50", 0.1, 0.1, 0.2)) == (
        "支持◎　T = 50：0.1〜0.1（境目 0.2 より小さいか）"
    )
    assert str(Below("T = 50", 0.0, 0.3, 0.2)) == (
        "保留　T = 50：0〜0.3（境目 0.2 より小さいか）。見えるのは境目から 0.214 以上"
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 8, 15, 40])
def test_so_many_rows_are_beyond_chance_and_one_fewer_is_not(rows):
    def reached(count):  # 1 行が 2.5 % で外れるとき、count 行以上が外れる確率
        ways = range(count, rows + 1)
        return sum(math.comb(rows, k) * 0.025**k * 0.975 ** (rows - k) for k in ways)

    assert reached(beyond_chance(rows)) <= 0.04 < reached(beyond_chance(rows) - 1)


@pytest.mark.parametrize("form", [Above, Below, Within])
def test_a_firm_row_stays_on_its_side_when_its_interval_is_doubled(form):
    assert not form("", 0, 2, 1).firm  # またぐ
    near, far = form("", 1.1, 3.1, 1), form("", 2.1, 4.1, 1)
    assert near.judgement == far.judgement != "保留"
    assert far.firm and not near.firm
    assert form("", 5, 5, 1).firm  # ちょうど計算できる量


@pytest.mark.parametrize(("form", "names"), [(Above, "順±逆"), (Below, "逆±順"), (Within, "上±下")])
def test_the_direction_is_the_side_of_zero_the_interval_lies_on(form, names):
    assert "".join(form("", low, low + 2, 5).direction for low in (1, -1, -3)) == names


def test_an_effect_at_the_resolution_is_seen_eight_times_in_ten():
    """標準誤差 1 の量。本当の値が、境目から見える分だけ離れている。"""
    half = norm.ppf(0.975)
    away = Above("", -half, half, 0).resolution
    assert norm.sf(half - away) == pytest.approx(0.8, abs=0.002)


@pytest.mark.parametrize(
    ("ratio", "plain"), [(RatioAbove, Above), (RatioBelow, Below), (RatioWithin, Within)]
)
def test_a_ratio_is_judged_by_its_logarithm_and_told_as_a_ratio(ratio, plain):
    for low, high in [(-3.0, -2.0), (-2.0, 0.0), (-0.5, 0.5), (0.0, 2.0), (2.0, 3.0)]:
        one, other = (kind("", low, high, 1.0) for kind in (ratio, plain))
        assert one.judgement == other.judgement
        assert (one.firm, one.direction) == (other.firm, other.direction)
        assert f"{2**low:.3g} 倍〜{2**high:.3g} 倍（境目 2 倍 " in str(one)
