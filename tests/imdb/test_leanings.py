"""leanings：語の組の偏り。集合と辞書だけで書いた、遅い数え方と比べる。"""

import math
from collections import Counter

import pytest
import torch
from torch import nn

from lstm_text.device import seeded
from lstm_text.imdb import EncodedReviews, LeaningClassifier, Leanings, Recurrent
from lstm_text.text import Vocabulary

WORDS = list("abcdef")


def some_reviews(n=40, seed=0) -> EncodedReviews:
    source = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 9, (n,), generator=source).tolist()
    texts = [[WORDS[i] for i in torch.randint(6, (m,), generator=source)] for m in lengths]
    labels = torch.randint(2, (n,), generator=source).tolist()
    return EncodedReviews(texts, labels, Vocabulary(WORDS[:4]), 100)  # e と f は知らない語になる


def phrases(ids, longest):
    """時刻ごとの、そこで終わる組。足りなければ None。"""
    ids = ids.tolist()
    return [
        [tuple(ids[t - n + 1 : t + 1]) if t + 1 >= n else None for n in range(1, longest + 1)]
        for t in range(len(ids))
    ]


def slow(reviews, longest, least, ids, without=None):
    """辞書で数える。``without`` 番めのレビューは数えない（組を残すかどうかは、全部で決める）。"""
    found = [{p for row in phrases(x, longest) for p in row if p} for x in reviews.ids]
    kept = {p for p, n in Counter(p for each in found for p in each).items() if n >= least}
    sides = {0.0: Counter(), 1.0: Counter()}
    for i, each in enumerate(found):
        if i != without:
            sides[reviews.labels[i]].update(each)
    return [
        [math.log((sides[1.0][p] + 1) / (sides[0.0][p] + 1)) if p in kept else 0.0 for p in row]
        for row in phrases(ids, longest)
    ]


@pytest.mark.parametrize(("longest", "least"), [(1, 1), (2, 2), (3, 1), (3, 3)])
def test_leanings_equal_the_counts_of_a_dictionary(longest, least):
    reviews = some_reviews()
    leanings = Leanings(reviews, 6, longest, least)
    for ids in some_reviews(10, seed=1).ids:
        expected = torch.tensor(slow(reviews, longest, least, ids))
        torch.testing.assert_close(leanings(ids[None])[0], expected)


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_a_counted_review_does_not_count_itself(longest):
    reviews = some_reviews()
    leanings = Leanings(reviews, 6, longest, 2)
    for i, ids in enumerate(reviews.ids):
        found = leanings(ids[None], torch.tensor([reviews.labels[i]]))[0]
        torch.testing.assert_close(found, torch.tensor(slow(reviews, longest, 2, ids, without=i)))


def test_a_shuffled_label_cannot_be_read_from_the_leanings_once_oneself_is_removed():
    """正解がでたらめなら、自分を抜いた偏りは正解を教えない。抜かなければ、教えてしまう。"""
    source = torch.Generator().manual_seed(3)
    texts = [[f"w{i}" for i in torch.randint(400, (30,), generator=source)] for _ in range(300)]
    labels = torch.randint(2, (300,), generator=source)
    vocabulary = Vocabulary([f"w{i}" for i in range(400)])
    reviews = EncodedReviews(texts, labels.tolist(), vocabulary, 100)
    leanings = Leanings(reviews, len(vocabulary), longest=2)
    told = {}
    for name, own in (("抜く", True), ("抜かない", False)):
        sums = [
            leanings(ids[None], torch.tensor([label]) if own else None).sum().item()
            for ids, label in zip(reviews.ids, reviews.labels, strict=True)
        ]
        told[name] = ((torch.tensor(sums) > 0) == (labels == 1)).double().mean().item()
    assert told["抜かない"] > 0.8
    assert told["抜く"] < 0.6


def test_padding_leans_nowhere_and_does_not_change_the_rest():
    reviews = some_reviews()
    leanings = Leanings(reviews, 6)
    ids = reviews.ids[0][None]
    padded = torch.cat([ids, torch.zeros(1, 3, dtype=ids.dtype)], dim=1)
    found = leanings(padded)
    torch.testing.assert_close(found[:, : ids.shape[1]], leanings(ids))
    assert not found[:, ids.shape[1] :].any()


def test_the_answer_does_not_depend_on_padding():
    reviews = some_reviews()
    with seeded(0):
        layer = nn.LSTM(4 + 2, 3, batch_first=True, bidirectional=True)
        reader = LeaningClassifier(Leanings(reviews, 6, longest=2), 4, Recurrent(layer)).eval()
    short = reviews.ids[0][None]
    long = torch.cat([short, torch.zeros(1, 5, dtype=short.dtype)], dim=1)
    n = torch.tensor([short.shape[1]])
    torch.testing.assert_close(reader(short, n), reader(long, n))


def test_nothing_common_enough_is_not_an_error():
    reviews = EncodedReviews([["a"], ["b"]], [1, 0], Vocabulary(["a", "b"]), 9)
    assert not Leanings(reviews, 4, least=5)(torch.tensor([[2, 3]])).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"longest": 0}, "longest と least には 1 以上の整数が必要ですが、0 と 2"),
        ({"least": 0}, "longest と least には 1 以上の整数が必要ですが、3 と 0"),
        ({"vocab_size": 2_000_000, "longest": 3}, "64 ビットに収まりません"),
    ],
)
def test_settings_that_cannot_work_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Leanings(some_reviews(), **({"vocab_size": 6} | arguments))
