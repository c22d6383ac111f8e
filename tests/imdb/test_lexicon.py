"""lexicon：偏りのある評価の語と、偏りのない言葉が、試験の文のものを除いて集まる。"""

import pytest

from lstm_text.datasets import behaviour_tests
from lstm_text.imdb import neutral_filler, opinion_words
from lstm_text.text import tokenize


def reviews(**counts):
    """``語=(肯定の件数, 否定の件数)``。どの語も、so のすぐ後に出る。"""
    pairs = [
        (["it", "is", "so", word], label)
        for word, each in counts.items()
        for label, n in zip((1, 0), each, strict=True)
        for _ in range(n)
    ]
    return [tokens for tokens, _ in pairs], [label for _, label in pairs]


def test_only_words_that_lean_are_kept_and_the_strongest_come_first():
    token_lists, labels = reviews(
        crisp=(90, 10), zesty=(60, 40), plain=(50, 50), soggy=(5, 95), rare=(9, 0)
    )
    words = opinion_words(token_lists, labels)
    assert words.positive == ("crisp", "zesty")
    assert words.negative == ("soggy",)


def test_swapping_the_labels_swaps_the_words():
    token_lists, labels = reviews(crisp=(90, 10), soggy=(5, 95))
    words = opinion_words(token_lists, labels)
    other = opinion_words(token_lists, [1 - label for label in labels])
    assert (other.positive, other.negative) == (words.negative, words.positive)


def test_a_word_that_never_follows_so_or_very_is_left_out():
    token_lists, labels = reviews(crisp=(90, 10))
    token_lists += [["the", "waste"]] * 60
    words = opinion_words(token_lists, labels + [0] * 60)
    assert "waste" not in words.negative


def test_words_of_the_behaviour_tests_are_never_taught():
    asked = {w for each in behaviour_tests().values() for t in each.texts for w in tokenize(t)}
    assert "boring" in asked
    token_lists, labels = reviews(boring=(5, 95), soggy=(5, 95))
    assert opinion_words(token_lists, labels).negative == ("soggy",)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="レビューは 2 件、ラベルは 1 件でした"):
        opinion_words([["a"], ["b"]], [1])


def told(phrase, label, times):
    return [["it", ",", *phrase.split(), ",", "ended"]] * times, [label] * times


def gathered(*parts):
    token_lists = [tokens for each, _ in parts for tokens in each]
    return neutral_filler(token_lists, [label for _, labels in parts for label in labels])


def test_only_phrases_without_leaning_words_are_gathered():
    both = [told("by the way", label, 40) for label in (0, 1)]
    leaning = [told("so very crisp", 1, 60), told("so very plain", 0, 60)]
    assert gathered(*both, *leaning).phrases == ("by the way",)


def test_a_phrase_that_turns_the_meaning_is_left_out():
    parts = [told(each, label, 60) for label in (0, 1) for each in ("nor the way", "one didn't")]
    assert gathered(*parts, *(told("by it", label, 40) for label in (0, 1))).phrases == ("by it",)


def test_long_and_single_words_and_broken_phrases_are_left_out():
    seventeen = " ".join(["way"] * 17)
    parts = [
        told(each, label, 60) for label in (0, 1) for each in (seventeen, "way", "way . the way")
    ]
    assert gathered(*parts).phrases == ()


def test_phrases_and_words_of_the_behaviour_tests_are_never_gathered():
    parts = [told(each, label, 80) for label in (0, 1) for each in ("i think", "by the street")]
    found = gathered(*parts)
    assert found.phrases == ("by the street",)
    assert "street" in found.words and not {"think", "film", "i"} & set(found.words)


def test_swapping_the_labels_gathers_the_same():
    parts = [told("by the way", 1, 50), told("by the way", 0, 60), told("so odd", 0, 90)]
    assert gathered(*parts) == gathered(*((each, [1 - y for y in ys]) for each, ys in parts))


def test_lengths_of_the_filler_must_agree():
    with pytest.raises(ValueError, match="レビューは 2 件、ラベルは 1 件でした"):
        neutral_filler([["a"], ["b"]], [1])
