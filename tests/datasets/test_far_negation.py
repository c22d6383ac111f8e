"""遠い否定と二重の打ち消しも教える文の性質。"""

import re

import pytest
import torch

from lstm_text.datasets import OpinionWords, far_negation_lessons
from lstm_text.text import tokenize
from tests.datasets.test_behaviour import (
    ALL,
    NEGATIONS,
    TAUGHT,
    TESTED,
    generator,
    polar,
    signs,
    templates,
)

NO = NEGATIONS | {"none", "neither", "nowhere", "cannot"}


@pytest.fixture(scope="module")
def lessons():
    return far_negation_lessons(4_000, generator())


def require_kept_apart(lessons):
    """試験の文と、評価の語も文型も共有しない。"""
    assert not TESTED.keys() & {token for text in lessons.texts for token in tokenize(text)}
    taught = templates(lessons)
    for reviews in ALL:
        assert not templates(reviews) & taught


def require_both_needed(lessons):
    """評価の語だけからも、否定の語があるかどうかだけからも、ラベルは決まらない。"""
    pairs = list(zip(lessons.texts, lessons.labels, strict=True))
    ones = [(text, label) for text, label in pairs if len(polar(text, TAUGHT)) == 1]
    right = sum((signs(text, TAUGHT) > 0) == label for text, label in ones)
    assert 0.4 < right / len(ones) < 0.6
    negated = [label for text, label in pairs if NO & set(tokenize(text))]
    assert 0.47 < sum(negated) / len(negated) < 0.53


def test_shares_no_polar_word_and_no_template_with_the_tests(lessons):
    require_kept_apart(lessons)


def test_neither_the_word_nor_the_negation_gives_the_label(lessons):
    require_both_needed(lessons)


def test_the_negation_is_up_to_sixteen_words_away(lessons):
    gaps = set()
    for text, label in zip(lessons.texts, lessons.labels, strict=True):
        places = [i for i, token in enumerate(tokenize(text)) if token in NO]
        (*_, end) = polar(text, TAUGHT) or (0,)
        if (
            len(places) == 1
            and len(polar(text, TAUGHT)) == 1
            and (signs(text, TAUGHT) > 0) != label
        ):
            gaps.add(end - places[0] - 1)
    assert set(range(12)) <= gaps and max(gaps) >= 15


def test_two_denials_leave_the_word_as_it_is(lessons):
    """「… didn't … isn't …」のように、2 つとも節の中で打ち消す文。"""
    twice = re.compile(
        r"(?:n't|not|never|nobody|no one|none) [^,]*that [^,]* (?:wasn't|isn't) ", re.I
    )
    found = [
        (signs(text, TAUGHT) > 0) == label
        for text, label in zip(lessons.texts, lessons.labels, strict=True)
        if twice.search(text) and len(polar(text, TAUGHT)) == 1
    ]
    assert len(found) > 50 and all(found)


def test_balanced_tidy_and_from_the_generator_alone(lessons):
    assert sum(lessons.labels) == 2_000
    for text in lessons.texts:
        assert 3 <= len(text.split()) <= 40
        assert re.fullmatch(r"[A-Z][A-Za-z ,.!']+[.!]", text)
    torch.manual_seed(1)
    assert far_negation_lessons(4_000, generator()) == lessons
    assert far_negation_lessons(20, generator(2)).texts != lessons.texts[:20]


def test_other_words_take_the_place_of_the_listed_ones():
    found = far_negation_lessons(400, generator(), OpinionWords(("crisp", "zesty"), ("soggy",)))
    tokens = {token for text in found.texts for token in tokenize(text)}
    assert {"crisp", "zesty", "soggy"} <= tokens
    assert TAUGHT.keys() & tokens <= {"honest"}  # to be honest という決まり文句


def test_bad_counts_and_words_are_refused():
    with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0 でした"):
        far_negation_lessons(0, generator())
    with pytest.raises(ValueError, match="それぞれ 1 つ以上必要ですが、0 語と 1 語でした"):
        far_negation_lessons(4, generator(), OpinionWords((), ("soggy",)))
