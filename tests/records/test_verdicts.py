"""verdicts：区間と判定の規則。"""

import itertools
import math
import random

import pytest
from scipy.stats import binomtest, ttest_1samp

from lstm_text.records import (
    Above,
    Below,
    Within,
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


YES, NO, UNSURE = Above("", 2, 3, 1), Above("", -1, 1, 1), Above("", 0, 2, 1)


@pytest.mark.parametrize(
    ("findings", "word"),
    [
        ([], "未測定"),
        ([YES], "成立"),
        ([YES, YES], "成立"),
        ([YES, NO], "条件つき"),
        ([YES, UNSURE], "条件つき"),
        ([YES, NO, UNSURE], "条件つき"),
        ([NO], "不成立"),
        ([NO, UNSURE], "不成立"),
        ([UNSURE, UNSURE], "保留"),
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
        "支持　T = 50：0.1〜0.1（境目 0.2 より小さいか）"
    )
