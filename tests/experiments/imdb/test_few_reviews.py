"""few_reviews、imdb_buckets、imdb_hidden：同じ分け方、同じ更新の数で、変えるのは 1 か所だけ。"""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
import torch

from lstm_text.datasets import Reviews
from lstm_text.device import generator
from lstm_text.experiments.imdb import few_reviews, imdb_buckets, imdb_hidden
from lstm_text.experiments.imdb.few_reviews import Recipe, classifier, divide, endless, right, train
from lstm_text.records import unpack
from lstm_text.text import LengthBuckets

RECIPE = Recipe(most=40, validation=10, test=24, vocab_size=50, max_length=9, embedding_dim=6,
                batch_size=4, updates=120)  # fmt: skip


def reviews(n, seed):
    """評価を決める語が 1 つずつ入った、長さのばらばらなレビュー。"""
    random = np.random.default_rng(seed)
    words = {0: "awful", 1: "superb"}
    labels = tuple(int(label) for label in random.permutation(n) % 2)
    texts = (
        f"review {i} {words[y]}" + " film" * int(random.integers(6)) for i, y in enumerate(labels)
    )
    return Reviews(tuple(texts), labels)


LEARNED, ASKED = reviews(60, 0), reviews(30, 1)


def sentences(encoded, vocabulary):
    names = vocabulary.tokens
    return [tuple(names[i] for i in encoded[k][0].tolist()) for k in range(len(encoded))]


def test_the_parts_of_one_seed_are_nested_and_do_not_meet():
    few, many = (divide(LEARNED, ASKED, n, 3, Recipe(most=40, validation=10, test=24))
                 for n in (20, 40))  # fmt: skip
    assert (len(few.train), len(many.train)) == (20, 40)
    assert few.train.labels == many.train.labels[:20]
    assert few.validation.labels == many.validation.labels
    assert few.test.labels == many.test.labels
    # 番号の語は 1 件に 1 つなので、訓練用と検証用が重ならなければ、検証用では語彙にない
    numbers = {token for token in many.vocabulary.tokens if token.isdigit()}
    assert len(numbers) == 40
    held_out = sentences(many.validation, many.vocabulary)
    assert all(not numbers & set(words) for words in held_out)


def test_the_test_part_is_the_same_for_every_seed():
    one, other = (divide(LEARNED, ASKED, 20, seed, RECIPE) for seed in (0, 1))
    assert one.test.labels == other.test.labels and one.train.labels != other.train.labels


def test_endless_batches_read_every_review_once_in_each_pass():
    parts = divide(LEARNED, ASKED, 20, 0, RECIPE)
    for pool in (1, 5):
        seen = list(islice(endless(parts.train, pool, 0, RECIPE), 15))  # 5 個で 1 周
        for start in (0, 5, 10):
            lengths = torch.cat([batch.lengths for batch in seen[start : start + 5]])
            assert Counter(lengths.tolist()) == Counter(parts.train.lengths)


def test_a_trained_classifier_answers_almost_all():
    parts = divide(LEARNED, ASKED, 40, 0, RECIPE)
    model = classifier(len(parts.vocabulary), 4, 0, RECIPE)
    counted = []
    batches = (counted.append(1) or batch for batch in endless(parts.train, 1, 0, RECIPE))
    seconds = train(model, batches, 0.05, RECIPE)
    assert seconds > 0 and len(counted) == RECIPE.updates
    answers = right(model, parts.test)
    assert answers.dtype == bool and answers.mean() > 0.9
    logits = [model(ids[None], torch.tensor([len(ids)])).item() for ids, _ in parts.test]
    slow = [(z > 0) == (y == 1) for z, y in zip(logits, parts.test.labels, strict=True)]
    assert answers.tolist() == slow


def test_padding_is_that_of_the_batches_read():
    lengths = [3, 1, 4, 1, 5, 9, 2, 6]
    recipe = Recipe(batch_size=3, updates=5)  # 3 個で 1 周
    for pool in (1, 2):
        buckets = LengthBuckets(lengths, 3, generator(7), pool)
        read = [batch for _ in range(2) for batch in buckets][:5]
        cells = padded = 0
        for batch in read:
            longest = max(lengths[i] for i in batch)
            for i in batch:
                cells += longest
                padded += longest - lengths[i]
        found = imdb_buckets.padding(lengths, pool, 7, recipe)
        assert found == pytest.approx(padded / cells, abs=1e-4)


def test_the_padding_told_is_that_of_the_training_batches():
    parts = divide(LEARNED, ASKED, 20, 0, RECIPE)
    for pool in (1, 5):
        batches = islice(endless(parts.train, pool, 0, RECIPE), RECIPE.updates)
        cells, tokens = 0, 0
        for ids, lengths, _ in batches:
            cells, tokens = cells + ids.numel(), tokens + int(lengths.sum())
        told = imdb_buckets.padding(parts.train.lengths, pool, 0, RECIPE)
        assert told == pytest.approx(1 - tokens / cells, abs=1e-4)


def test_the_two_ways_of_batching_share_everything_else():
    settings = imdb_buckets.Settings(
        seeds=(0, 1), sizes=(20, 40), hidden_size=4, lr=0.05, recipe=RECIPE
    )
    units = imdb_buckets.units(settings)
    assert len(units) == 4
    values = [imdb_buckets.compare(LEARNED, ASKED, unit, settings) for unit in units]
    for each in values:
        assert len(each["right"]) == len(each["training"]) == 2
        for packed, accuracy in zip(each["right"], each["accuracy"], strict=True):
            assert unpack(packed, 24).mean() == pytest.approx(accuracy, abs=1e-6)
        assert min(each["accuracy"]) > 0.8
    for mixed, near in (values[:2], values[2:]):
        assert sum(near["padding"]) < sum(mixed["padding"])


def test_the_rate_is_chosen_by_the_validation_part(monkeypatch):
    settings = imdb_hidden.Settings(
        seeds=(0, 1), sizes=(40,), hiddens=(3, 5), rates=(1e-6, 0.05), pool=1, recipe=RECIPE
    )
    sizes = []
    for unit in imdb_hidden.units(settings):
        values = imdb_hidden.compare(LEARNED, ASKED, unit, settings)
        assert values["rate"] == 0.05
        means = {rate: sum(scores) for rate, scores in values["validation"].items()}
        assert max(means, key=means.get) == "0.05"
        assert min(values["accuracy"]) > 0.8 and min(values["learned"]) > 0.8
        assert [unpack(packed, 24).mean() for packed in values["right"]] == pytest.approx(
            values["accuracy"], abs=1e-6
        )
        h, d = unit["hidden"], RECIPE.embedding_dim
        assert values["recurrent"] == 2 * 4 * h * (d + h + 2)
        sizes.append(values["parameters"] - values["recurrent"] - 2 * h)
    assert len(set(sizes)) == 1  # 埋め込みは、隠れ状態の次元によらない


def test_too_many_reviews_are_refused():
    with pytest.raises(ValueError, match="40 件以下"):
        few_reviews.divide(LEARNED, ASKED, 41, 0, RECIPE)
