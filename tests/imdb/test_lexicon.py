"""lexicon：偏りのある評価の語だけが、試験の語を除いて集まる。"""

import pytest

from lstm_text.datasets import behaviour_tests
from lstm_text.imdb import opinion_words
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
