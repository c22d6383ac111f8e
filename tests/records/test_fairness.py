"""fairness：比べても何も言えない条件。"""

import math

import pytest

from lstm_text.records import Above, Scale, SetAside, rate_difference, with_room

TENTHS = Scale(worst=0.1, best=1.0, margin=0.2)
ERROR = Scale(worst=1 / 6, best=-math.inf, margin=1 / 60)


@pytest.mark.parametrize(
    ("scale", "sides", "end"),
    [
        (TENTHS, ([1.0, 1.0], [1.0, 1.0]), "天井"),
        (TENTHS, ([1.0, 0.8], [0.9, 1.0]), "天井"),
        (TENTHS, ([1.0, 0.7], [1.0, 1.0]), None),  # 1 つの種だけが、端から離れている
        (TENTHS, ([1.0, 1.0], [0.1, 0.1]), None),  # 片方は満点、片方は床
        (TENTHS, ([0.1, 0.1], [0.1, 0.3]), "床"),
        (TENTHS, ([0.1, 0.1], [0.1, 0.4]), None),
        (ERROR, ([0.17, 0.25], [0.151, 0.16]), "床"),
        (ERROR, ([0.17, 0.25], [0.149, 0.16]), None),
        (ERROR, ([1e-9, 1e-9], [1e-8, 1e-9]), None),  # 比には天井がない
        (Scale(worst=10, best=0, margin=1), ([0.5, 1.0], [0.0, 0.2]), "天井"),
        (TENTHS, ([0.1] * 9 + [1.0], [0.1] * 10), "床"),  # 10 の種のうち 1 つは、まぐれかもしれない
        (TENTHS, ([0.1] * 8 + [1.0] * 2, [0.1] * 10), None),
        (TENTHS, ([1.0] * 57 + [0.1] * 3, [1.0] * 60), "天井"),
    ],
)
def test_an_end_is_where_most_seeds_of_every_side_are(scale, sides, end):
    assert scale.end(*sides) == end
    assert scale.end(*reversed(sides)) == end


def test_a_finding_with_room_is_returned_as_it_is():
    finding = Above("T = 20", 0.5, 0.9, 0.2)
    assert TENTHS.judged(finding, [1.0, 0.9], [0.1, 0.1]) is finding


def test_a_finding_at_an_end_is_set_aside_with_its_reason():
    aside = TENTHS.judged(Above("T = 20", 0.0, 0.0, 0.2), [0.1, 0.2], [0.1, 0.1])
    assert str(aside) == "床　T = 20：端にある種 2/2、2/2（学ばなければ 0.1）"


def test_a_scale_without_length_is_refused():
    with pytest.raises(ValueError, match="worst と違う best"):
        Scale(1.0, 1.0, 0.1)
    with pytest.raises(ValueError, match="0 以上の margin"):
        Scale(0.0, 1.0, -0.1)


def test_a_row_is_set_aside_only_for_a_known_reason():
    with pytest.raises(ValueError, match="天井、床、余地なし、対照"):
        SetAside("T = 20", "気に入らない", "")


@pytest.mark.parametrize("n", [5, 10, 20])
def test_a_row_has_room_exactly_where_some_outcome_would_support_it(n):
    for solved in range(n + 1):
        each = [Above("", *rate_difference((k, n), (solved, n)), 0.2) for k in range(n + 1)]
        possible = any(finding.judgement == "支持" for finding in each)
        for finding in each:
            kept = with_room(finding, (solved, n), n)
            assert (kept is finding) == possible
            assert possible or kept.judgement == "余地なし"
