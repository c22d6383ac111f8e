"""あいだをレビューの言葉で埋めた、否定を教える文の性質。"""

import re

import pytest
import torch

from lstm_text.datasets import Filler, OpinionWords, filled_negation_lessons
from lstm_text.text import tokenize
from tests.datasets.test_behaviour import TAUGHT, generator, polar, signs
from tests.datasets.test_far_negation import NO, require_both_needed, require_kept_apart

FILLER = Filler(("by the way", "as the sun went down"), ("street", "camera", "window"))


@pytest.fixture(scope="module", params=[None, FILLER], ids=["grammar", "reviews"])
def lessons(request):
    return filled_negation_lessons(4_000, generator(), filler=request.param)


def test_shares_no_polar_word_and_no_template_with_the_tests(lessons):
    require_kept_apart(lessons)


def test_neither_the_word_nor_the_negation_gives_the_label(lessons):
    require_both_needed(lessons)


def test_without_a_negation_the_word_gives_the_label(lessons):
    plain = [
        (signs(text, TAUGHT) > 0) == label
        for text, label in zip(lessons.texts, lessons.labels, strict=True)
        if not NO & set(tokenize(text)) and len(polar(text, TAUGHT)) == 1
    ]
    assert len(plain) > 500 and all(plain)


def test_the_negation_reaches_over_what_is_filled_in():
    """「… not, 句, 評価の語.」では、何が挟まっても裏返る。"""
    phrase = " ".join(["street"] * 16)
    lessons = filled_negation_lessons(4_000, generator(), filler=Filler((phrase,), ()))
    over = re.compile(rf"(?:not|n't|never)[a-z ]*, {phrase}, (?:seem |felt )?(\w+)")
    found = [
        (signs(text, TAUGHT) > 0) != label
        for text, label in zip(lessons.texts, lessons.labels, strict=True)
        if (where := over.search(text)) and where[1] in TAUGHT and len(polar(text, TAUGHT)) == 1
    ]
    assert len(found) > 50 and all(found)


def test_balanced_tidy_and_from_the_generator_alone(lessons):
    assert sum(lessons.labels) == 2_000
    for text in lessons.texts:
        assert 2 <= len(text.split()) <= 45
        assert re.fullmatch(r"[A-Z][A-Za-z ,.!']+[.!]", text)
    torch.manual_seed(1)
    one, other = (filled_negation_lessons(40, generator(seed)) for seed in (0, 2))
    assert one == filled_negation_lessons(40, generator()) != other


def test_the_given_words_take_the_place_of_the_listed_ones():
    words = OpinionWords(("crisp", "zesty"), ("soggy",))
    found = filled_negation_lessons(2_000, generator(), words, FILLER)
    tokens = {token for text in found.texts for token in tokenize(text)}
    assert {"crisp", "zesty", "soggy", "street", "camera", "window", "sun"} <= tokens
    assert TAUGHT.keys() & tokens <= {"honest"}  # to be honest という決まり文句
    listed = {
        token
        for text in filled_negation_lessons(2_000, generator()).texts
        for token in text.split()
    }
    assert "character" in listed and "character" not in tokens


def test_an_empty_filler_leaves_the_listed_words():
    lessons = filled_negation_lessons(400, generator(), filler=Filler((), ()))
    assert lessons == filled_negation_lessons(400, generator())


def test_bad_counts_and_words_are_refused():
    with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0 でした"):
        filled_negation_lessons(0, generator())
    with pytest.raises(ValueError, match="それぞれ 1 つ以上必要ですが、0 語と 1 語でした"):
        filled_negation_lessons(4, generator(), OpinionWords((), ("soggy",)))
