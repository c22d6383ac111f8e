"""判定の規則を、本当の値がわかっている主張で試す。"""

import numpy as np
import pytest

from lstm_text.records import Above, made_up, wrong_verdicts

CLAIMS = 2000
# 本当の割合が 5 % のとき、これを超えるのは 5 シグマの外（300 万回に 1 回もない）
LIMIT = 0.05 + 5 * (0.05 * 0.95 / CLAIMS) ** 0.5
KINDS = (
    made_up.solved_seeds,
    made_up.mean_gap,
    made_up.median_ratio,
    made_up.paired_answers,
    made_up.paired_seeds,
)


@pytest.mark.parametrize("draw", KINDS, ids=lambda draw: draw.__name__)
def test_no_more_than_one_verdict_in_twenty_is_wrong(draw):
    found = wrong_verdicts(draw, np.random.default_rng(0), rows=1, claims=CLAIMS)
    assert max(found["成立"], found["不成立"]) <= LIMIT
    assert min(found["成立"], found["不成立"]) > 0.002  # 境目から遠ければ、どちらかは起きない
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize("rows", [2, 3, 12, 15])
def test_more_rows_do_not_make_more_wrong_verdicts(rows):
    """95 % の区間が、どちらの側にも 2.5 % ずつ外れる行を並べる。"""

    def draw(rng):
        middle = rng.normal()
        return Above("", middle - 1.96, middle + 1.96, 0)

    found = wrong_verdicts(draw, np.random.default_rng(0), rows, CLAIMS)
    assert max(found["成立"] + found["条件つき"], found["不成立"]) <= LIMIT


def test_the_trial_finds_a_way_that_errs_too_often():
    """精度が満点か床のどちらかなら、全部の種が床になったとき、平均の区間は幅を失う。

    そうなる確率は (7 / 9) ** 10、およそ 8.1 %。
    """
    draw = made_up.mean_of_all_or_nothing
    found = wrong_verdicts(draw, np.random.default_rng(0), rows=1, claims=CLAIMS)
    assert found["不成立"] == pytest.approx((7 / 9) ** 10, abs=0.031)  # 5 シグマ
    assert found["不成立"] > 0.05
