"""baselines：語の並びを見ない比べ相手。"""

import numpy as np
import pytest

from lstm_text.imdb import (
    NBSVM,
    bag_of_pairs,
    bag_of_triples,
    tfidf_logistic_regression,
    up_to_triples,
    words_and_pairs,
)

TOKENS = [["good", "film"], ["bad", "film"], ["not", "good"], ["not", "bad"]] * 5
LABELS = [1, 0, 0, 1] * 5


def test_pairs_are_neighbours_in_order():
    assert words_and_pairs(["a", "b", "c"]) == ["a", "b", "c", "a b", "b c"]
    assert words_and_pairs(["a"]) == ["a"]


@pytest.mark.parametrize("count", range(6))
def test_triples_are_every_run_of_one_to_three_words(count):
    tokens = list("abcab")[:count]
    runs = [tokens[i : i + n] for n in (1, 2, 3) for i in range(count - n + 1)]
    assert up_to_triples(tokens) == [" ".join(run) for run in runs]


def test_a_bag_of_triples_keeps_what_stands_in_two_reviews():
    bag = bag_of_triples().fit([["a", "b", "c"], ["a", "b", "c", "d"], ["a"]])
    assert {*bag.get_feature_names_out()} == {"a", "b", "c", "a b", "b c", "a b c"}
    assert bag.transform([["a", "a"]]).max() == 1  # 回数ではなく、ある・なし


@pytest.mark.parametrize("make", [NBSVM, tfidf_logistic_regression])
def test_pairs_learn_what_words_cannot(make):
    bag = bag_of_pairs()
    x = bag.fit_transform(TOKENS)
    assert (make().fit(x, LABELS).predict(x) == LABELS).all()
    words = [i for i, name in enumerate(bag.get_feature_names_out()) if " " not in name]
    assert (make().fit(x[:, words], LABELS).predict(x[:, words]) == LABELS).mean() < 1


def test_the_log_ratio_by_hand():
    # 肯定では a が 2 回、b が 0 回。否定では a が 0 回、b が 1 回。どれにも 1 を足す
    x = bag_of_pairs().fit([["a"], ["a"], ["b"], ["b"]]).transform([["a"], ["a"], ["b"]])
    model = NBSVM().fit(x, [1, 1, 0])
    p, q = np.array([3 / 4, 1 / 4]), np.array([1 / 3, 2 / 3])
    assert model.log_ratio_ == pytest.approx(np.log(p / q), abs=1e-6)


def test_interpolation_one_is_the_svm_alone():
    x = bag_of_pairs().fit_transform(TOKENS)
    half, whole = NBSVM(interpolation=0.5), NBSVM(interpolation=1.0)
    half.fit(x, LABELS)
    whole.fit(x, LABELS)
    assert half.bias_ == pytest.approx(whole.bias_ / 2)
